"""A site's article pages, read by its rules, beside the general reading and what is stored of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aurora_crawl.crawling.site_reading import SiteReading
from aurora_crawl.extraction.containers import shows_text
from aurora_crawl.extraction.error_page import CONSENT
from aurora_crawl.extraction.rules import Rules, select
from aurora_crawl.inspection.answers import WALL, Got
from aurora_crawl.inspection.findings import Finding
from aurora_crawl.inspection.learned_rules import learn_rules
from aurora_crawl.inspection.samples import Sample
from aurora_crawl.inspection.stored import Stored
from aurora_crawl.items import Article
from aurora_crawl.messages import N_
from aurora_crawl.text.language import detect_mostly, is_mostly

SUBSCRIBERS = re.compile(
    r"(?:exclusiv\w+|s[oó]|apenas|somente|conte[uú]do) (?:\w+ ){0,3}assinantes?|j[aá] [eé] assinante|assine (?:\w+ ){0,4}(?:para|e) (?:continu|ler|leia|acess|tenha)"
    r"|continue lendo (?:\w+ ){0,4}assin|para continuar lendo|voc[eê] atingiu o limite|paywall",
    re.IGNORECASE,
)
_CUT = 0.6
"""The share of a stored text below which a page's is a piece of it."""
_MUCH_SHORTER = 0.35
_LEAST_DATED = 0.5
_HALF = 0.5
_LEAST_LETTERS = 60
_BROKEN = re.compile("Ã[§£¡©³ºª\xad]|\ufffd")
_MOST_BROKEN = 0.002


@dataclass(slots=True)
class CheckedPage:
    """A page: its answer, the sample where one came, and the stored article of its address, if there is one."""

    got: Got
    url: str
    sample: Sample | None
    rules: Rules | None
    stored: Article | None

    @property
    def text(self) -> str:
        """As the rules read it."""
        return self.sample.by(self.rules).text if self.sample is not None else ""

    @property
    def is_by_rules(self) -> bool:
        """Whether the rules' container was found; always where there are no rules."""
        return self.rules is None or self.sample is None or self.sample.by(self.rules).read_by == self.rules.name


def check_page(got: Got, url: str, rules: Rules | None, stored: Article | None) -> CheckedPage:
    """An answer as a page to be looked at."""
    sample = Sample(got.url, got.text) if got.is_there and got.text else None
    return CheckedPage(got, url, sample, rules, stored)


def findings_of_pages(
    pages: Sequence[CheckedPage], in_rest: Sequence[Article], reading: SiteReading, stored: Stored
) -> list[Finding]:
    """What is wrong with the pages, or with the texts that the interface brings in their place: one cause for each of them."""
    if in_rest:
        return _of_texts([article.text for article in in_rest], stored) or _dates(
            [article.published for article in in_rest], stored
        )
    if not pages:
        return []
    there = [page for page in pages if page.sample is not None]
    if not there:
        return [_not_there(pages)]
    for look in (_scripts_only, _walls, _subscribers, _containers, _empty, _garbled):
        if finding := look(there):
            return [finding]
    # A page without its heading hides its day too: places are told from it.
    texts = [page.text for page in there]
    return _of_texts(texts, stored) or _titles(there) or _dates([_published(page) for page in there], stored)


def _mostly(pages: Sequence[CheckedPage], are: Sequence[bool]) -> bool:
    """Whether it holds for more than half of the pages."""
    return sum(are) > _HALF * len(pages)


def _published(page: CheckedPage) -> str | None:
    return page.sample.by(page.rules).published if page.sample is not None else None


def _not_there(pages: Sequence[CheckedPage]) -> Finding:
    values: dict[str, object] = {"url": pages[0].url, "why": pages[0].got.why_not}
    if any(page.got.kind == WALL for page in pages):
        return Finding(
            "bot wall",
            N_("a bot wall stands in the place of its articles"),
            N_("try another day and slower; read it from an archive"),
            values,
        )
    if all(page.got.status in (401, 402, 403) for page in pages):
        return Finding(
            "locked",
            N_("its articles are locked ({why})"),
            N_("try another day and slower; else read it from an archive"),
            values,
        )
    return Finding(
        "pages gone",
        N_("its articles are not where the routes say ({url}: {why})"),
        N_("see in a browser where they are now"),
        values,
    )


def _scripts_only(pages: Sequence[CheckedPage]) -> Finding | None:
    are = [
        not page.text
        and page.sample is not None
        and not shows_text(page.sample.tree)
        and bool(page.sample.tree.find(".//script") is not None)
        for page in pages
    ]
    if not _mostly(pages, are) or any(_has_rules_container(page) for page in pages):
        return None
    return Finding(
        "needs scripts",
        N_("its pages show their text only after their scripts ran"),
        N_("look for an interface that the scripts ask; else read it from an archive"),
    )


def _has_rules_container(page: CheckedPage) -> bool:
    return page.rules is not None and page.sample is not None and bool(select(page.sample.tree, page.rules.container))


def _walls(pages: Sequence[CheckedPage]) -> Finding | None:
    said = [page.sample.by(page.rules).no_article for page in pages if page.sample is not None]
    if not _mostly(pages, [bool(one) for one in said]):
        return None
    kind = next(one for one in said if one)
    if kind == CONSENT:
        return Finding(
            "consent wall",
            N_("a page that asks for consent stands in the place of its articles"),
            N_("read it from an archive, or by another route"),
        )
    return Finding(
        "error pages",
        N_("error pages with status 200 stand in the place of its articles"),
        N_("see in a browser where the articles are now"),
    )


def _subscribers(pages: Sequence[CheckedPage]) -> Finding | None:
    def is_cut(page: CheckedPage) -> bool:
        assert page.sample is not None
        words = len(page.text.split())
        is_short = page.stored is None or words < _CUT * page.stored.words
        return is_short and (page.sample.is_behind_wall or bool(SUBSCRIBERS.search(page.sample.plain)))

    if not _mostly(pages, [is_cut(page) for page in pages]):
        return None
    return Finding(
        "paywall",
        N_("its articles are cut for those who do not subscribe"),
        N_("leave what is new; what is stored stays, and archives may hold the rest"),
    )


def _containers(pages: Sequence[CheckedPage]) -> Finding | None:
    rules = pages[0].rules
    if (
        rules is None
        or not rules.container
        or not _mostly(pages, [not page.is_by_rules and not _has_rules_container(page) for page in pages])
    ):
        return None
    samples = [page.sample for page in pages if page.sample is not None and page.sample.general.paragraphs]
    if not samples:
        return None
    learned = learn_rules(samples, rules.name)
    values: dict[str, object] = {
        "container": ", ".join(rules.container),
        "now": learned.container[0] if learned else "",
    }
    to_do = (
        N_("change `rules`: the text stands in {now} now")
        if learned
        else N_("look at a page, and change `rules`; until then the general reading reads them")
    )
    return Finding("container renamed", N_("{container} is not on its pages any more"), to_do, values)


def _empty(pages: Sequence[CheckedPage]) -> Finding | None:
    if not _mostly(
        pages,
        [
            len(page.text) < _LEAST_LETTERS and (page.stored is None or page.stored.words > 2 * len(page.text.split()))
            for page in pages
        ],
    ):
        return None
    return Finding(
        "empty bodies",
        N_("its pages come without a text"),
        N_("see a page in a browser; look for the text's new place, and change `rules`"),
    )


def _garbled(pages: Sequence[CheckedPage]) -> Finding | None:
    def is_garbled(text: str) -> bool:
        return len(_BROKEN.findall(text)) > _MOST_BROKEN * max(1, len(text))

    if not _mostly(pages, [is_garbled(page.text) for page in pages]):
        return None
    return Finding(
        "broken letters",
        N_("the letters of its pages are broken"),
        N_("the publisher wrote them so; wait, or read it from an archive"),
    )


def _of_texts(texts: Sequence[str], stored: Stored) -> list[Finding]:
    """What is wrong with texts, wherever they come from, beside what is stored."""
    read = [text for text in texts if text]
    mean = sum(len(text.split()) for text in read) / len(read) if read else 0.0
    if read and all(SUBSCRIBERS.search(text[-400:]) for text in read):
        return [
            Finding(
                "paywall",
                N_("its articles are cut for those who do not subscribe"),
                N_("leave what is new; what is stored stays, and archives may hold the rest"),
            )
        ]
    if read and stored.words and mean < _MUCH_SHORTER * stored.words:
        values: dict[str, object] = {"now": round(mean), "before": round(stored.words)}
        return [
            Finding(
                "shorter texts",
                N_("its articles have {now} words on average, and had {before}"),
                N_("see a page in a browser: teasers, a paywall, or a new container?"),
                values,
            )
        ]
    if read and not any(is_mostly(detect_mostly(text.split("\n\n"))) for text in read):
        return [
            Finding(
                "language",
                N_("its texts are not Portuguese any more"),
                N_("look for the Portuguese part, and name it with `only`"),
            )
        ]
    return []


def _dates(published: Sequence[str | None], stored: Stored) -> list[Finding]:
    dated = sum(bool(one) for one in published) / len(published) if published else 1.0
    if stored.share_dated > _LEAST_DATED and dated < _LEAST_DATED:
        return [
            Finding(
                "date form",
                N_("its articles show no day that is understood"),
                N_("look how a page writes its day, and name the place: rules.but(published=(…,))"),
            )
        ]
    return []


def _titles(pages: Sequence[CheckedPage]) -> list[Finding]:
    titles = [page.sample.by(page.rules).title for page in pages if page.sample is not None]
    if len(titles) > 1 and (not any(titles) or len(set(titles)) == 1):
        return [
            Finding(
                "titles",
                N_("its articles have no titles of their own any more"),
                N_("look where a page has its title, and name the place: rules.but(title=(…,))"),
            )
        ]
    return []
