"""What a site's feed tells: its newest articles, and their texts where it holds them whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aurora_crawl.budget import bounded
from aurora_crawl.extraction.fragment import paragraphs
from aurora_crawl.inspection.answers import Asking, Got
from aurora_crawl.routes.feed_items import read_feed
from aurora_crawl.routes.route import Found, Scope
from aurora_crawl.routes.xmltree import Markup, NotXml

PATHS = ("/feed/", "/rss/", "/rss.xml", "/feed.xml")
_WHOLE = 800
"""Letters of an item's text from which it is the article and no teaser."""
_MOST_ITEMS = 50


@dataclass(slots=True)
class FeedSeen:
    """A feed: its path, its items, and the whole texts that it holds, by address."""

    path: str = ""
    items: list[Found] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)
    failure: str = ""


async def look_at_feed(
    asking: Asking, scope: Scope, named: tuple[str, ...], usual: tuple[str, ...] = ("/feed/",)
) -> FeedSeen:
    """Read the first feed of those that the front page names, else of the usual ones."""
    found = FeedSeen()
    reasons = []
    for url in named[:1] or [scope.site_url + path for path in usual]:
        answer = await asking.get(url)
        if not answer.is_there:
            reasons.append(f"{url}: {answer.why_not}")
            continue
        try:
            items, texts = _read(answer, scope)
        except NotXml as error:
            reasons.append(f"{url}: {error}")
            continue
        if items:
            parts = urlsplit(url.removeprefix(scope.site_url))
            found.path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            found.items, found.texts = items, texts
            return found
        reasons.append(f"{url}: no articles in it")
    found.failure = "; ".join(reasons) or "none is named"
    return found


@bounded
def _read(answer: Got, scope: Scope) -> tuple[list[Found], dict[str, list[str]]]:
    items = [one for one in read_feed(answer.body, answer.url).items if scope.has_article(one.url)]
    return items, dict(_texts(answer.body)) if items else {}


def _texts(body: bytes) -> list[tuple[str, list[str]]]:
    """The addresses of a feed's items with their texts, where these are whole."""
    found = []
    for node in list(Markup(body).elements({"item", "entry"}))[:_MOST_ITEMS]:
        written = node.child_text("encoded", "content", "description") or ""
        if len(written) < _WHOLE:
            continue
        text = paragraphs(written)
        if sum(map(len, text)) >= _WHOLE:
            for link in (
                node.child_text("origlink"),
                node.child_text("link"),
                *(one.get("href") for one in node.children("link")),
            ):
                if link:
                    found.append((link.strip(), text))
                    break
    return found
