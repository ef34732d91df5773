"""RSS and Atom: the items of a feed, each with one oddity or another, and the address of the feed's next page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from aurora_crawl.addresses import joined, resolved
from aurora_crawl.budget import OverBudget, bounded
from aurora_crawl.extraction.dates import parse_date
from aurora_crawl.extraction.plain_title import text_of_title
from aurora_crawl.routes.route import Found
from aurora_crawl.routes.xmltree import Element, Markup, NotXml

_ZONES = {
    "UT": "+0000", "EST": "-0500", "EDT": "-0400", "CST": "-0600", "CDT": "-0500", "MST": "-0700", "MDT": "-0600",
    "PST": "-0800", "PDT": "-0700",
}  # fmt: skip
"""The zones that RFC 822 names, beside those that `parse_date` knows."""
_ZONE = re.compile(rf"(:\d\d)\s*({'|'.join(_ZONES)})$")
_PLUS_LOST = re.compile(r"(T\d\d:\d\d(?::\d\d)?(?:\.\d{1,9})?) (\d\d:?\d\d)$")
"""A plus sign in an address stands for a space; some programs take it for one in a date."""
_SHORT_YEAR = re.compile(r"\b(\d{1,2} [^\W\d_]{3,9}\.?) (\d\d) (?=\d{1,2}:)")
_SECONDS_SINCE_1970 = re.compile(r"\d{9,10}", re.ASCII)
_MAIL_AND_NAME = re.compile(r"(?<![^\s()@])[^\s()@]+@[^\s()@]+\s*\(([^()]+)\)|(?<![^<>])([^<>]+)<[^<>\s]+@[^<>\s]+>")


@dataclass(slots=True, frozen=True)
class FeedPage:
    """What stands in a feed: its items, each address once, how many had none, and the address of the next page."""

    items: list[Found]
    without_address: int = 0
    next: str | None = None


def read_feed(body: bytes, url: str) -> FeedPage:
    """The items of the feed at `url`. Raises NotXml; also for one that takes longer to read than an answer may."""
    try:
        return _read_feed(body, url)
    except OverBudget as error:
        raise NotXml(str(error)) from error


@bounded
def _read_feed(body: bytes, url: str) -> FeedPage:
    items: dict[str, Found] = {}
    without, following = 0, None
    for node in Markup(body).elements({"item", "entry"}, leaves={"link"}):
        if node.name == "link":
            if node.get("rel").lower() == "next" and node.get("href"):
                following = resolved(url, node.get("href"))
            continue
        found = _found(node, url)
        if found is None:
            without += 1
        else:
            items.setdefault(found.url, found)
    return FeedPage(list(items.values()), without, following)


def _found(node: Element, base: str) -> Found | None:
    """An item of RSS or an entry of Atom; None where it has no address. One that may not be asked for is refused later, with its reason."""
    written = [address for address in _addresses(node) if address]
    if not written:
        return None
    url = next(filter(None, (resolved(base, address) for address in written)), None) or joined(base, written[0])
    title = node.child_text("title")
    moments = (
        text
        for name in ("pubdate", "published", "issued", "date", "created", "updated")
        if (text := node.child_text(name))
    )
    sections = (text_of_title(child.get("term") or child.text) for child in node.children("category"))
    return Found(
        url,
        title=text_of_title(title) if title else None,
        published=next(filter(None, map(read_moment, moments)), None),
        authors=_authors(node),
        section=next(filter(None, sections), None),
    )


def _addresses(node: Element) -> list[str]:
    """What may be the item's address, the likeliest first."""
    links = [child for child in node.children("link") if child.get("rel").lower() in ("", "alternate")]
    # A page before other forms of the same text.
    links.sort(key=lambda link: link.get("type").lower() not in ("", "text/html"))
    permanent = [child.text for child in node.children("guid") if child.get("ispermalink").lower() != "false"]
    return [
        *(child.text for child in node.children("origlink")),
        *(link.get("href") or link.text for link in links),
        # What is no permanent link may be a number, `tag:`, or the address of something else.
        *(text for text in permanent if text.startswith(("http://", "https://"))),
        node.get("about"),
    ]


def _authors(node: Element) -> list[str]:
    names = [child.text for child in node.children("creator")]
    if not any(names):
        names = [child.child_text("name") or child.text for child in node.children("author")]
    written = (_MAIL_AND_NAME.sub(lambda match: match[1] or match[2], text_of_title(name)).strip() for name in names)
    return list(dict.fromkeys(name for name in written if name and "@" not in name))


def read_moment(text: str) -> str | None:
    """The moment that a feed writes, as ISO 8601; None for none."""
    text = text.strip()
    if _SECONDS_SINCE_1970.fullmatch(text):
        return datetime.fromtimestamp(int(text), UTC).isoformat()
    text = _ZONE.sub(lambda match: f"{match[1]} {_ZONES[match[2]]}", text)
    return parse_date(_SHORT_YEAR.sub(_with_century, _PLUS_LOST.sub(r"\1+\2", text)))


def _with_century(match: re.Match[str]) -> str:
    return f"{match[1]} {'19' if match[2] >= '70' else '20'}{match[2]} "
