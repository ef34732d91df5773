"""The one chain of cleaning: what a crawl, a reparse and a corpus make of an article, in one order, by the same steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from aurora_crawl.items import Article, Chapter, Removal, join_paragraphs
from aurora_crawl.text.boilerplate.cut import Boilerplate
from aurora_crawl.text.boilerplate.recut import recut
from aurora_crawl.text.books.ocr import noise
from aurora_crawl.text.language import Detection, detect_mostly, is_mostly
from aurora_crawl.text.personal import masked, masks_in
from aurora_crawl.text.quality import Thresholds, measure, words_of
from aurora_crawl.text.unicode import normalise


@dataclass(frozen=True, slots=True)
class Rules:
    """By what a site's articles are cleaned; `language` is the one that is wanted, as ISO 639-1 code."""

    boilerplate: Boilerplate = field(default_factory=Boilerplate.general)
    thresholds: Thresholds = field(default_factory=Thresholds)
    mask_personal_data: bool = False
    language: str = "pt"


@dataclass(frozen=True, slots=True)
class Dropped:
    """An article that is not wanted: why, in one or two words as they are counted, and the article as far as it was cleaned.

    `rules` is the version of the rules that say so: when they change, the article may be looked at again.
    """

    reason: str
    article: Article
    detail: str = ""
    rules: str | None = None


NOTHING_LEFT = ("no text", "only boilerplate")
"""The reasons for which an article is dropped that has no text to speak of."""

MARKS_OF_NEWS = frozenset({"newlines", "punctuated_lines", "duplicate_lines"})
"""The marks that are for running prose alone."""

Step = Callable[[Article, Rules], Article | Dropped]
"""A step gives another article or drops it, and leaves the one that it was given as it is."""


def in_one_spelling(article: Article, _rules: Rules) -> Article | Dropped:
    """Encoding damage mended, one form of letters, spaces and paragraphs. Drops `no text` where nothing legible is left."""
    spelled = _changed(
        article,
        title=normalise(article.title),
        text=normalise(article.text),
        section=(normalise(article.section) or None) if article.section else None,
        authors=[name for name in dict.fromkeys(map(normalise, article.authors)) if name],
        tags=[name for name in dict.fromkeys(map(normalise, article.tags)) if name],
    )
    return spelled if spelled.title and spelled.text else Dropped("no text", spelled, "nothing legible is left")


def without_boilerplate(article: Article, rules: Rules) -> Article | Dropped:
    """What is not the article cut, each cut in `removed`; what no rule cuts any more put back. Drops `only boilerplate`."""
    if article.kind == "book":
        # The phrases and blocks are those of newspapers' pages.
        return article
    kept, removed = recut(article.paragraphs, article.removed, article.title, rules.boilerplate)
    left = _changed(article, text=join_paragraphs(kept), removed=removed)
    return left if kept else Dropped("only boilerplate", left, rules=rules.boilerplate.version)


def without_personal_data(article: Article, rules: Rules) -> Article:
    """Where it is asked for, e-mail addresses, CPF and telephone numbers masked, in what was cut too.

    After boilerplate: learned blocks hold such data, and cut the same whether it is masked or not.
    """
    if not rules.mask_personal_data:
        return article
    removed = [Removal(one.position, one.part, masked(one.text), one.rule) for one in article.removed]
    return replace(article, title=masked(article.title), text=masked(article.text), removed=removed)


def in_wanted_language(article: Article, rules: Rules) -> Article | Dropped:
    """The language and its score, found where they are not known yet. Drops `language CODE`.

    A quotation in another language does no harm. Raises OSError where the model, which is unpacked into a temporary file
    when it is first asked, finds no room.
    """
    if article.language is None or article.quality.language_score is None:
        found = detect_mostly(article.paragraphs, rules.language)
        article = replace(
            article, language=found.language, quality=replace(article.quality, language_score=found.score)
        )
    if not is_in(article, rules.language):
        return Dropped(f"language {article.language}", article, f"score {article.quality.language_score}")
    return article


def measured(article: Article, rules: Rules) -> Article:
    """`quality` and `words`. Nothing is dropped for a mark: a corpus decides what is done about it."""
    quality = measure(article.text, article.quality.language_score, rules.thresholds)
    if article.kind == "book":
        # Verse and dialogue are short lines by nature.
        quality.marks = [mark for mark in quality.marks if mark not in MARKS_OF_NEWS]
        quality.noise = noise(article.text)
        article = _changed(article, chapters=chapters_in(article.text, article.chapters))
    return _changed(article, quality=quality, words=len(words_of(article.text)))


def chapters_in(text: str, chapters: list[Chapter]) -> list[Chapter]:
    """The chapters at the places where their titles stand in a text that steps may have changed."""
    found: list[Chapter] = []
    end = 0
    for chapter in chapters:
        if text.startswith(chapter.title, chapter.offset):
            offset = chapter.offset
        else:
            offset = text.find(f"\n\n{chapter.title}\n\n", max(0, end - 2)) + 2
            if offset < 2:
                continue
        found.append(Chapter(chapter.title, offset))
        end = offset + len(chapter.title)
    return found


def _changed(article: Article, **fields: object) -> Article:
    """The article with these fields; itself where they are as they were, which most of a stored one's are."""
    if all(getattr(article, name) == value for name, value in fields.items()):
        return article
    return replace(article, **fields)  # type: ignore[arg-type]


STEPS: tuple[Step, ...] = (
    in_one_spelling,
    without_boilerplate,
    without_personal_data,
    in_wanted_language,
    measured,
)
"""The order of cleaning; it stands here and nowhere else."""


def clean(article: Article, rules: Rules) -> Article | Dropped:
    """The article as it is to be stored or trained on, or why it is not; the one that was given stays as it is.

    An article that was cleaned before comes out as its page would by these rules: cleaning twice is cleaning once.
    """
    for step in STEPS:
        outcome = step(article, rules)
        if isinstance(outcome, Dropped):
            return outcome
        article = outcome
    return article


def is_in(article: Article, language: str) -> bool:
    """Whether an article was found to be mostly in a language."""
    score = article.quality.language_score
    return (
        article.language is not None and score is not None and is_mostly(Detection(article.language, score), language)
    )


def masks_of(article: Article) -> int:
    """How many pieces of personal data are masked in an article, in what was cut from it too."""
    return sum(map(masks_in, (article.title, article.text, *(one.text for one in article.removed))))
