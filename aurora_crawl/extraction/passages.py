"""What is read of an article, passage by passage: kept, or cut by a rule that is named; and both as records hold them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from aurora_crawl.items import READING_RULES, Removal

BY_CLASS = f"{READING_RULES}class"
BY_TAG = f"{READING_RULES}tag"
BY_STATE = f"{READING_RULES}hidden"
BY_LINKS = f"{READING_RULES}links"
BY_DATE = f"{READING_RULES}date"
BY_SITE = f"{READING_RULES}excluded"
FIGURE = f"{READING_RULES}figure"
ADDRESS = f"{READING_RULES}address"
EMBED = f"{READING_RULES}embed"
CODE = f"{READING_RULES}code"
LABEL = f"{READING_RULES}label"
NOTE = f"{READING_RULES}note"
STRUCK = f"{READING_RULES}struck"
REPEATED = f"{READING_RULES}repeated"
TITLE = f"{READING_RULES}title"
OTHER_ARTICLE = f"{READING_RULES}other-article"
UNSURE = f"{READING_RULES}unsure"


@dataclass(slots=True)
class Passage:
    """A paragraph as it stands on the page. Without a `rule` it is kept.

    `doubt` names the rule by which it goes if it stands at the article's beginning or end. A quotation goes if the text says
    the same, a pull quote even if it is short. `inside` holds what was cut from its midst, each piece with its rule.
    """

    text: str
    rule: str = ""
    doubt: str = ""
    is_heading: bool = False
    is_link: bool = False
    is_quotation: bool = False
    is_pull_quote: bool = False
    is_preformatted: bool = False
    inside: list[tuple[str, str]] = field(default_factory=list)


def kept(passages: Iterable[Passage]) -> list[str]:
    """The paragraphs of the article."""
    return [passage.text for passage in passages if not passage.rule]


def removals(passages: Sequence[Passage]) -> list[Removal]:
    """What was cut, with positions counted in the page's passages before any cut."""
    found: list[Removal] = []
    for position, passage in enumerate(passages):
        if passage.rule:
            found.append(Removal(position, "whole", passage.text, passage.rule))
        for text, rule in passage.inside:
            found.append(Removal(position, "inside", text, rule))
    return found
