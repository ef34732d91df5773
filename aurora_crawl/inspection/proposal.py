"""From what was seen of a site to how it would be crawled: platform, routes, rules, licence; why, and how sure that is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from unicodedata import normalize
from urllib.parse import urlsplit

from aurora_crawl.extraction.article import Extracted
from aurora_crawl.extraction.rules import (
    Rules,
)
from aurora_crawl.inspection.census import Counted
from aurora_crawl.inspection.look import Look
from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.route import RouteSettings

SURE, LIKELY, UNSURE = N_("sure"), N_("likely"), N_("not sure")

_NO_LETTERS = re.compile(r"[^a-z0-9]")


@dataclass(slots=True)
class Proposal:
    """How a site would be crawled.

    `platform`: the base class's name without "Spider". `routes`: names and settings as a class declares them, None for the
    platform's own. `rules_name`: of a constant of `extraction/rules.py`, where they are known ones. `refusal`: why not at all.
    """

    look: Look
    name: str
    title: str = ""
    platform: str = "Static"
    license: str | None = None
    license_words: str = "não informada"
    routes: tuple[str | RouteSettings, ...] | None = None
    post_types: tuple[str, ...] = ("posts",)
    articles: str = ""
    rules: Rules | None = None
    rules_name: str = ""
    archive: str = "extensão não conhecida"
    proofs: list[Extracted] = field(default_factory=list)
    reasons: list[Message] = field(default_factory=list)
    seen: str = ""
    """What was seen of the site, for its docstring, with `{day}` in it."""
    sureness: str = UNSURE
    refusal: Message | None = None


def site_name(url: str, title: str = "") -> str:
    """A name for a site's spider: of its host, else of what it calls itself; empty where neither has letters."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    labels = host.split(".")
    first = labels[0] if not labels[-1].isdigit() else ""
    for text in (first, title):
        name = _NO_LETTERS.sub("", _without_accents(text).lower()).lstrip("0123456789")
        if len(name) > 1 and name != "localhost":
            return name[:40]
    return ""


def _without_accents(text: str) -> str:
    return normalize("NFKD", text).encode("ascii", "ignore").decode()


def proposal_of_census(row: Counted, name: str) -> Proposal:
    """The proposal for an outlet of which a census alone is known: its interface is open."""
    count = f"{row.articles.value:.0f} matérias anunciadas pela API" if row.articles else "extensão não conhecida"
    return Proposal(
        Look(row.site_url, requests=row.asked),
        name,
        title=row.name,
        platform="WordPress",
        license_words="não verificada",
        archive=count,
        seen="a API REST respondeu em {day} a `scrapy census`; as páginas não foram vistas",
        sureness=SURE,
    )
