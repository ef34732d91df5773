"""One HTML page that opens without a network: how far it is to the goal, and what was cut and dropped on the way."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from aurora_crawl.addresses import refusal
from aurora_crawl.corpus.manifest import Manifest, Step
from aurora_crawl.corpus.survey import SiteSurvey
from aurora_crawl.corpus.token_budget import TOKENS_A_WORD, articles_for, outlook, share, tokens_of
from aurora_crawl.items import Article, Removal, split_paragraphs
from aurora_crawl.text.boilerplate.restore import rebuilt

SHOWN_CRAWLS = 5
LONGEST_SHOWN = 60_000
"""Characters of an article that are shown; a book would make the page slow."""

IN_PORTUGUESE = {
    "read": "lidos",
    "revision": "última revisão",
    "license": "licença",
    "language": "língua",
    "empty": "com texto",
    "exact duplicates": "sem repetidos",
    "near-duplicates": "sem quase repetidos",
    "contained": "não contidos em outros",
    "quality": "qualidade",
    "cap": "teto por site",
    "chapters": "por capítulo",
    "forgotten": "esquecidos a pedido",
    "older revision": "revisão anterior",
    "not pt": "não é português",
    "no text": "sem texto",
    "same text": "mesmo texto",
    "nearly the same text": "quase o mesmo texto",
    "stands in another document": "está em outro documento",
    "more than a site may have": "além do teto",
    "finished": "chegou ao fim",
    "shutdown": "interrompido",
    "limit": "limite pedido",
    "language_score": "língua incerta",
    "duplicate_lines": "linhas repetidas",
    "punctuated_lines": "poucas linhas com ponto",
    "newlines": "linhas demais",
    "word_length": "palavras curtas ou longas demais",
    "nonalphabetic_words": "muitas palavras sem letras",
    "stop_words": "poucas palavras comuns",
    "read-also": "leia também",
    "photo-credit": "crédito de foto",
    "newsletter": "boletim",
    "share": "compartilhamento",
    "licence": "licença de reprodução",
    "dateline": "lugar e agência",
    "editor": "edição",
    "plea": "pedido de apoio",
    "title": "título repetido",
    "site": "bloco do site",
    "duplicate": "repetido",
    "page-folio": "número de página",
    "page-running-head": "cabeçalho de página",
    "page-contents": "sumário ou índice",
    "page-colophon": "ficha ou colofão",
    "page-title-page": "folha de rosto",
    "page-cover": "capa",
    "page-preface": "prefácio de outros",
    "page-front-matter": "textos iniciais de outros",
    "page-back-matter": "textos finais de outros",
    "page-note": "nota",
    "page-information": "quadro de informações",
    "rights reserved": "direitos reservados",
    "no file": "sem arquivo",
    "unreadable": "ilegível",
    "part of a work": "parte de uma obra",
}
"""What steps, reasons and ends of crawls are called on the Portuguese side; other words stay as they are."""


@dataclass(frozen=True, slots=True)
class SiteRow:
    """A site in numbers: tokens in hand and, where the site said how much it holds, tokens in all."""

    survey: SiteSurvey
    tokens: int
    in_corpus: int | None
    announced: int | None
    expected: int | None

    @property
    def share(self) -> float | None:
        """How much of what the site announces is stored."""
        return self.survey.articles / self.announced if self.announced else None

    @property
    def health(self) -> str:
        """`good`, `bad`, or `unknown`: what the last crawl's monitors and end say."""
        if not self.survey.crawls:
            return "unknown"
        last = self.survey.crawls[-1]
        return "good" if last.reason == "finished" and not last.complaints else "bad"


def render(
    surveys: list[SiteSurvey], manifest: Manifest | None, totals: Mapping[str, int], goal: int, made_at: datetime
) -> str:
    """The page. Whatever comes from a site is text in it, never markup, and no address is loaded by it."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"number": _number, "address": _address, "struck": _article}
    environment.filters |= {"short_pt": _short_pt, "short_en": _short_en, "in_portuguese": _in_portuguese}
    environment.filters |= {"share_pt": _share_pt, "share_en": share}
    folder = files("aurora_crawl.corpus")
    style = folder.joinpath("report.css").read_text(encoding="utf-8")
    script = folder.joinpath("report.js").read_text(encoding="utf-8")
    rows = sorted((_row(one, manifest, totals) for one in surveys), key=lambda row: -row.tokens)
    tokens = sum(row.tokens for row in rows)
    done, expected = _done_and_expected(rows, manifest)
    missing = max(0, goal - expected)
    articles = sum(one.articles for one in surveys)
    template = environment.from_string(folder.joinpath("report.html.j2").read_text(encoding="utf-8"))
    return template.render(
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
        rows=rows,
        manifest=manifest,
        steps=_steps(manifest),
        years=_years(surveys),
        tokens=tokens,
        done=done,
        expected=expected,
        missing=missing,
        articles_missing=articles_for(missing, manifest) if manifest else round(missing * articles / (tokens or 1)),
        unknown=sum(row.announced is None for row in rows),
        articles=articles,
        books=sum(one.books for one in surveys),
        books_in_corpus=manifest.by("kind").get("book") if manifest else None,
        words=sum(one.words for one in surveys),
        rules=sum((one.rules for one in surveys), Counter()).most_common(),
        dropped=_together(one.dropped for one in surveys),
        failed=_together(one.failed for one in surveys),
        goal=goal,
        made_at=made_at,
        shown_crawls=SHOWN_CRAWLS,
    )


def _row(one: SiteSurvey, manifest: Manifest | None, totals: Mapping[str, int]) -> SiteRow:
    counts = manifest.by("site").get(one.site) if manifest else None
    # Tokens a word as counted in the corpus, else as they commonly are.
    rate = counts.tokens / counts.words if counts and counts.tokens and counts.words else TOKENS_A_WORD
    tokens = round(one.words * rate)
    announced = totals.get(one.site, one.announced)
    known = announced is not None and one.articles > 0
    expected = max(tokens, round(announced * tokens / one.articles)) if known and announced else None
    return SiteRow(one, tokens, counts.documents if counts else None, announced, expected)


def _done_and_expected(rows: Sequence[SiteRow], manifest: Manifest | None) -> tuple[int, int]:
    """Tokens towards the goal, and what the sites in hand hold: of the corpus as `scrapy corpus` counts, else of what is stored."""
    if manifest is None:
        return sum(row.tokens for row in rows), sum(
            row.tokens if row.expected is None else row.expected for row in rows
        )
    totals = {row.survey.site: row.announced for row in rows if row.announced is not None}
    return tokens_of(manifest.sum()), sum(one.hoped for one in outlook(manifest, totals))


def _steps(manifest: Manifest | None) -> list[tuple[Step, float]]:
    """The steps of the corpus with the share of the first that is left."""
    steps = manifest.steps if manifest else []
    first = max((step.documents for step in steps), default=0) or 1
    return [(step, step.documents / first) for step in steps]


def _years(surveys: list[SiteSurvey]) -> list[tuple[str, int, float]]:
    """Year, words and their share of the fullest year; gaps between years are years without words."""
    words = sum((one.by_year for one in surveys), Counter())
    known = sorted(int(year) for year in words if year.isdigit())
    most = max(words.values(), default=0) or 1
    span = range(known[0], known[-1] + 1) if known and known[-1] - known[0] < 200 else known
    return [(str(year), words[str(year)], words[str(year)] / most) for year in span]


def _together(counts: Iterable[Mapping[str, int]]) -> list[tuple[str, int]]:
    return sum((Counter(one) for one in counts), Counter()).most_common()


def _article(article: Article) -> list[Markup]:
    """The paragraphs with what is cut struck through, the rule beside it."""

    def shown(removal: Removal) -> str:
        return Markup('<del title="{}">{}</del>').format(removal.rule, removal.text)

    paragraphs = [escape(paragraph) for paragraph in split_paragraphs(article.text[:LONGEST_SHOWN])]
    removed = article.removed if len(article.text) <= LONGEST_SHOWN else _within(article.removed, len(paragraphs))
    # Every piece is escaped, or built from escaped ones.
    return [Markup(one) for one in rebuilt(paragraphs, removed, shown)]  # noqa: S704


def _within(removed: Iterable[Removal], paragraphs: int) -> list[Removal]:
    """What was cut from so many first paragraphs; of a book there may be a thousand pieces more."""
    kept: list[Removal] = []
    for one in sorted(removed, key=lambda removal: removal.position):
        if one.position >= paragraphs + len(kept):
            break
        kept.append(one)
    return kept


def _address(url: str) -> str:
    """The address, where it is one that a click may open; else nothing."""
    return url if refusal(url) is None else ""


def _number(value: int) -> str:
    """With a thin space between thousands, which both languages read."""
    return f"{value:,}".replace(",", "\u202f")


def _short(value: int, names: Sequence[str], point: str) -> str:
    """At most one digit after the point, and the name of the size."""
    for size, name in zip((10**9, 10**6, 10**3), names, strict=True):
        if value >= size:
            return f"{value / size:.1f}".removesuffix(".0").replace(".", point) + f"\u202f{name}"
    return str(value)


def _short_pt(value: int) -> str:
    return _short(value, ("bi", "mi", "mil"), ",")


def _short_en(value: int) -> str:
    return _short(value, ("B", "M", "k"), ".")


def _share_pt(part: float) -> str:
    return share(part).replace("less than", "menos de").replace(".", ",")


def _in_portuguese(words: str) -> str:
    if words.startswith("language "):
        return words.replace("language", "língua", 1)
    return IN_PORTUGUESE.get(words, words)


def _hash(text: str) -> str:
    return base64.b64encode(sha256(text.encode()).digest()).decode()
