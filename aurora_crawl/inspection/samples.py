"""Article pages of a site as a look has them: what the page, the feed or the interface says the text is, and how readings agree with it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from aurora_crawl.budget import OverBudget, bounded
from aurora_crawl.extraction.article import LEAST_BODY, Extracted, extract_article
from aurora_crawl.extraction.jsonld import objects
from aurora_crawl.extraction.metadata import read_metadata
from aurora_crawl.extraction.rules import Rules
from aurora_crawl.extraction.tree import descendants, parse, text_of

WORD = re.compile(r"\w+")
_TAG = re.compile(r"<[^<>]*>")


@dataclass(slots=True)
class Judgement:
    """How near a reading comes to what is declared: mean F1 over words, and over how many pages."""

    score: float
    pages: int


class Sample:
    """An article page.

    `declared`: its text as another source says it (REST, feed, JSON-LD's articleBody), empty for none; `source` names it.
    """

    def __init__(self, url: str, html: str, told: str = "", source: str = "") -> None:
        self.url, self.html = url, html
        body = bounded(read_metadata)(parse(html), url).body or ""
        self.declared, self.source = (told, source) if told else ("", "")
        if not told and len(body) >= LEAST_BODY:
            self.declared, self.source = _TAG.sub(" ", body), "JSON-LD"

    @cached_property
    def general(self) -> Extracted:
        """As a page of an unknown site is read; empty where that takes longer than a page may."""
        return _within_budget(self.html, self.url)

    def by(self, rules: Rules | None) -> Extracted:
        """As these rules read it; empty where that takes longer than a page may."""
        return self.general if rules is None else _within_budget(self.html, self.url, rules)

    @cached_property
    def tree(self) -> etree._Element:
        """The page, parsed; for reading alone."""
        return parse(self.html)

    @cached_property
    def plain(self) -> str:
        """All text of the page's body."""
        body = self.tree.find("body")
        return text_of(body) if body is not None else ""

    @property
    def wanted(self) -> str:
        """The text that a reading should bring: what is declared, else what the general reading finds."""
        return self.declared or self.general.text

    @cached_property
    def is_article(self) -> bool:
        """Whether the page says that it is an article, or reads like one."""
        kinds = {
            (one.get("content") or "").lower() for one in self.tree.iter("meta") if one.get("property") == "og:type"
        }
        return bool(self.general.paragraphs) and (
            "article" in kinds or bool(self.general.published) or len(self.general.text) >= LEAST_BODY
        )

    @cached_property
    def is_behind_wall(self) -> bool:
        """Whether the page declares that its text is for subscribers (schema.org's isAccessibleForFree)."""
        for one in objects(descendants(self.tree, "script")):
            if str(one.get("isAccessibleForFree", "")).lower() in ("false", "http://schema.org/false"):
                return True
        return False


def _within_budget(html: str, url: str, rules: Rules | None = None) -> Extracted:
    try:
        return bounded(extract_article)(html, url, rules)
    except OverBudget:
        return Extracted()


def judge(samples: Sequence[Sample], rules: Rules | None) -> Judgement:
    """How near a reading by `rules` comes to what is declared, over the pages that declare something."""
    scores = [agreement(sample.by(rules).text, sample.declared) for sample in samples if sample.declared]
    return Judgement(sum(scores) / len(scores) if scores else 0.0, len(scores))


def agreement(found: str, wanted: str) -> float:
    """F1 over words, each as often as it stands there."""
    ours, theirs = words_in(found), words_in(wanted)
    common = (ours & theirs).total()
    return 2 * common / (ours.total() + theirs.total()) if common else 0.0


def words_in(text: str) -> Counter[str]:
    """A text's words, each as often as it stands there."""
    return Counter(WORD.findall(text.lower()))
