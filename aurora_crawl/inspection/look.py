"""The look at a site, in at most fifteen requests: what is asked, in which order, and what is seen.

robots.txt and tdmrep.json; the front page; WordPress' interface and its kinds of content; a sitemap, of an index the first and
last file; the feed; three articles; a listing page where nothing else leads to the articles. What an earlier answer makes
needless is not asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aurora_crawl.addresses import canonical_address, same_site
from aurora_crawl.budget import OverBudget
from aurora_crawl.inspection.answers import Asking, Got
from aurora_crawl.inspection.feeds import FeedSeen, look_at_feed
from aurora_crawl.inspection.front_page import GHOST, OTHER, WORDPRESS, FrontPage, looks_like_article, read_front_page
from aurora_crawl.inspection.learned_listing import ListingSeen, learn_listing
from aurora_crawl.inspection.opt_outs import said_with
from aurora_crawl.inspection.rest_interface import RestInterface, look_at_rest, look_at_types
from aurora_crawl.inspection.samples import Sample
from aurora_crawl.inspection.sitemaps import Sitemaps, look_at_sitemaps
from aurora_crawl.messages import Message
from aurora_crawl.routes.route import Scope

MOST_REQUESTS = 15
"""What a look may cost a server."""
ARTICLES = 3
_POSTS = 5
_FEWEST_ADDRESSES = 3


@dataclass(slots=True)
class Look:
    """What was seen of a site. `refusal` says why it is not to be crawled, in words; empty where nothing forbids it.

    `site_url` is where the site really is, after redirects, without a slash at the end.
    """

    site_url: str
    refusal: str = ""
    opt_out: list[str] = field(default_factory=list)
    front: FrontPage | None = None
    rest: RestInterface | None = None
    sitemaps: Sitemaps = field(default_factory=Sitemaps)
    feed: FeedSeen = field(default_factory=FeedSeen)
    listings: list[ListingSeen] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    requests: int = 0

    @property
    def addresses(self) -> list[str]:
        """The addresses of articles that are known, the surest first."""
        sources: Iterable[str] = (
            *(str(row["link"]) for row in (self.rest.rows if self.rest else ())),
            *(one.url for one in self.feed.items),
        )
        return list(dict.fromkeys(sources))


async def look_at(asking: Asking, url: str) -> Look:
    """Look at the site whose front page is at `url`."""
    look = Look(url.rstrip("/"))
    try:
        await _look(asking, look)
    except OverBudget as error:
        look.refusal = Message("an answer of {url} {why}", url=look.site_url, why=error)
    finally:
        look.requests = asking.spent
    return look


async def _look(asking: Asking, look: Look) -> None:
    front = await asking.get(f"{look.site_url}/")
    if not front.is_there:
        look.refusal = _why_closed(front)
        return
    look.site_url = _site_url(look.site_url, front.url)
    look.front = page = read_front_page(front, look.site_url)
    _note_opt_outs(look, asking, front)
    if page.api and not page.api.startswith(f"{look.site_url}/wp-json") and same_site(page.api, look.site_url):
        look.site_url = page.api.partition("/wp-json")[0].partition("/?")[0].rstrip("/")
    robots = await asking.get(f"{look.site_url}/robots.txt")
    if page.platform == WORDPRESS or (page.platform == OTHER and not page.generator):
        look.rest = await look_at_rest(asking, look.site_url, _POSTS, may_be_plain=page.platform == WORDPRESS)
        if look.rest.is_open:
            await look_at_types(asking, look.rest, 1)
            _note_opt_outs(look, asking, asking.known(look.rest.url))
        elif page.platform != WORDPRESS:
            look.rest = None
    scope = Scope("site", look.site_url)
    is_wordpress = look.rest is not None
    places = (
        ("/sitemap-posts.xml",)
        if page.platform == GHOST
        else ("/wp-sitemap.xml", "/sitemap_index.xml")
        if is_wordpress
        else ("/sitemap.xml", "/sitemap_index.xml")
    )
    named = Got(robots.url) if page.platform == GHOST else robots
    look.sitemaps = await look_at_sitemaps(asking, scope, named, 3, places)
    usual = ("/rss/",) if page.platform == GHOST else ("/feed/",) if is_wordpress or not look.sitemaps.entries else ()
    look.feed = await look_at_feed(asking, scope, page.feeds, usual)
    if not look.sitemaps.entries and look.rest is None:
        await _look_at_listings(asking, look, front, page, scope)
    await _read_samples(asking, look, page, scope)
    if not look.listings and not look.sitemaps.entries and not (look.rest and look.rest.is_open):
        _learn_front(look, front, scope)


def _why_closed(front: Got) -> str:
    if front.status in (401, 403, 407):
        return f"the site is locked: HTTP {front.status} for its front page"
    return front.failure or f"HTTP {front.status} for the front page"


def _site_url(asked: str, came_from: str) -> str:
    """Where the site is: the server that answered, and the path where one was asked for."""
    parts = urlsplit(came_from)
    path = urlsplit(asked).path.rstrip("/") or (parts.path.rstrip("/") if urlsplit(asked).path else "")
    return f"{parts.scheme}://{parts.netloc}{path}"


def _note_opt_outs(look: Look, asking: Asking, answer: Got | None) -> None:
    """What the host, an answer's headers, and the page in it say against machine learning."""
    if answer is None:
        return
    look.opt_out = list(dict.fromkeys([*look.opt_out, *said_with(asking, answer)]))


async def _look_at_listings(asking: Asking, look: Look, front: Got, page: FrontPage, scope: Scope) -> None:
    """The front page, and a page that its links name as the place of articles, as listings."""
    is_article = _article_test(look, page, scope)
    seen = [learn_listing(front.text, front.url, look.site_url, is_article)]
    for place in page.places[:2]:
        if asking.left <= ARTICLES:
            break
        answer = await asking.get(place)
        if answer.is_there:
            seen.append(learn_listing(answer.text, answer.url, look.site_url, is_article))
    found = [one for one in seen if one is not None]
    turning = [one for one in found if one.turns]
    # A listing that turns its pages leads to all that one without leads to.
    look.listings = turning[:1] or found[:2]
    if page.places and not turning:
        look.listings = found


def _article_test(look: Look, page: FrontPage, scope: Scope):  # type: ignore[no-untyped-def]
    known = set(look.addresses)
    places = set(page.places)

    def is_article(url: str) -> bool:
        return scope.has_article(url) and url not in places and (url in known or looks_like_article(url))

    return is_article


def _learn_front(look: Look, front: Got, scope: Scope) -> None:
    """A front page whose links nothing told for articles', once pages behind it have shown that they are."""
    shapes = {sample.url for sample in look.samples if sample.is_article}
    if len(shapes) >= _FEWEST_ADDRESSES and (
        seen := learn_listing(front.text, front.url, look.site_url, scope.has_article)
    ):
        look.listings.append(seen)


async def _read_samples(asking: Asking, look: Look, page: FrontPage, scope: Scope) -> None:
    """Three articles, with what interface and feed say that their texts are."""
    told: dict[str, tuple[str, str]] = {}
    for address, paragraphs in look.feed.texts.items():
        told[canonical_address(address, look.site_url)] = ("\n\n".join(paragraphs), "the feed")
    for article in look.rest.articles() if look.rest else ():
        told[canonical_address(article.url, look.site_url)] = (article.text, "the REST interface")
    for url in _candidates(look, page, scope):
        if len(look.samples) == ARTICLES or not asking.left:
            return
        answer = await asking.get(url)
        _note_opt_outs(look, asking, answer)
        if not answer.is_there:
            look.unread.append(f"{url}: {answer.why_not}")
            continue
        text, source = told.get(canonical_address(url, look.site_url), ("", ""))
        sample = Sample(answer.url, answer.text, text, source)
        if sample.is_article or sample.declared or asking.left <= 1:
            look.samples.append(sample)
        else:
            look.unread.append(f"{url}: no article's text on it")


def _candidates(look: Look, page: FrontPage, scope: Scope) -> list[str]:
    """Addresses of articles to read, from each source in turn: the newest, and of a sitemap some of all ages."""
    in_sitemap = [one.url for one in look.sitemaps.entries]
    likely = [url for url in in_sitemap if looks_like_article(url)] or in_sitemap
    step = max(1, len(likely) // ARTICLES)
    spread = likely[step // 2 :: step][:ARTICLES]
    known = look.addresses[:ARTICLES]
    listed = list(page.articles[:ARTICLES])
    mixed = [*known[:2], *spread[:2], *known[2:], *spread[2:], *listed]
    if not mixed:
        mixed = [url for url in page.places if scope.has_article(url)]
    return list(dict.fromkeys(url for url in mixed if scope.has_article(url)))[: 2 * ARTICLES]
