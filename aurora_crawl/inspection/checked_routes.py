"""A site's routes at their first pages: which of them work, what they announce, where they lead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from aurora_crawl.budget import bounded
from aurora_crawl.crawling.site_spider import SiteSpider
from aurora_crawl.inspection.answers import FORBIDDEN, Asking, Got
from aurora_crawl.inspection.findings import Finding
from aurora_crawl.inspection.front_page import FrontPage, looks_like_article
from aurora_crawl.inspection.learned_listing import learn_listing
from aurora_crawl.inspection.rest_interface import look_at_rest
from aurora_crawl.inspection.sitemaps import look_at_sitemaps
from aurora_crawl.inspection.stored import Stored
from aurora_crawl.items import Article
from aurora_crawl.messages import N_
from aurora_crawl.routes.cards import read_listing
from aurora_crawl.routes.feed import Feed
from aurora_crawl.routes.feed_items import read_feed
from aurora_crawl.routes.listing import Listing, found_on
from aurora_crawl.routes.route import Scope
from aurora_crawl.routes.sitemap import WELL_KNOWN, Sitemap
from aurora_crawl.routes.xmltree import NotXml

_POSTS = 5
_LEAST_OF_ANNOUNCED = 0.8
"""Of what was announced before; a site rarely takes back a fifth of its archive."""
_FEW = 10
_MOST_LISTINGS = 2


@dataclass(slots=True)
class CheckedRoute:
    """A route's first page. `why`: why it does not work; `hint`: what was seen in its stead; `dropped`: addresses that are not wanted."""

    name: str
    works: bool = False
    is_forbidden: bool = False
    announced: int | None = None
    addresses: list[str] = field(default_factory=list)
    articles: list[Article] = field(default_factory=list)
    empty_posts: int = 0
    dropped: list[str] = field(default_factory=list)
    why: str = ""
    hint: str = ""


async def check_route(asking: Asking, name: str, scope: Scope, front: FrontPage, page: Got) -> CheckedRoute:
    """Look at a route as a crawl would begin it."""
    found = CheckedRoute(name)
    match name:
        case "rest":
            await _check_rest(asking, found, scope)
        case "sitemap":
            await _check_sitemap(asking, found, scope)
        case "feed":
            await _check_feed(asking, found, scope, front)
        case "listing":
            await _check_listings(asking, found, scope)
        case _:
            found.why = "it needs a browser; not looked at"
    return found


async def _check_rest(asking: Asking, found: CheckedRoute, scope: Scope) -> None:
    rest = await look_at_rest(asking, scope.site_url, _POSTS, may_be_plain=True)
    found.works, found.why, found.is_forbidden = (
        rest.is_open and bool(rest.rows),
        rest.failure or "it is empty",
        "forbids" in rest.failure,
    )
    found.announced = rest.total
    found.articles = rest.articles()
    found.empty_posts = len(rest.rows) - len(found.articles)
    found.addresses = [str(row["link"]) for row in rest.rows]


async def _check_sitemap(asking: Asking, found: CheckedRoute, scope: Scope) -> None:
    paths = tuple(one.path for one in scope.of(Sitemap) if one.path)
    robots = None if paths else await asking.get(f"{scope.site_url}/robots.txt")
    every = Scope(scope.site, scope.site_url, post_types=scope.post_types)
    maps = await look_at_sitemaps(asking, every, robots, 4, (*paths, *WELL_KNOWN) if paths else WELL_KNOWN)
    wanted = [one.url for one in maps.entries if scope.has_article(one.url)]
    found.works, found.why = bool(wanted), maps.failure or "it names no articles"
    found.is_forbidden = " forbids " in maps.failure
    share = len(wanted) / len(maps.entries) if maps.entries else 0.0
    found.announced = round(maps.count.value * share) if maps.count is not None and wanted else None
    found.addresses = wanted[::-1]
    likely = [one.url for one in maps.entries if looks_like_article(one.url)]
    found.dropped = [] if wanted else likely
    if maps.count is not None and not maps.entries:
        found.why = f"{maps.url} names no articles"


async def _check_feed(asking: Asking, found: CheckedRoute, scope: Scope, front: FrontPage) -> None:
    url = scope.site_url + scope.of(Feed)[0].path.replace("{page}", "1")
    answer = await asking.get(url)
    found.is_forbidden = answer.kind == FORBIDDEN
    try:
        items = read_feed(answer.body, answer.url).items if answer.is_there else []
        found.why = "" if answer.is_there else answer.why_not
    except NotXml as error:
        items, found.why = [], str(error)
    found.addresses = [one.url for one in items if scope.has_article(one.url)]
    found.works = bool(found.addresses)
    found.dropped = [] if found.works else [one.url for one in items]
    found.why = f"{url}: {found.why or 'no articles in it'}"
    found.hint = next((one for one in front.feeds if one.partition("?")[0] != url.partition("?")[0]), "")


async def _check_listings(asking: Asking, found: CheckedRoute, scope: Scope) -> None:
    reasons = []
    for listing in scope.of(Listing)[:_MOST_LISTINGS]:
        url = listing.address(scope.site_url, 1)
        answer = await asking.get(url)
        if not answer.is_there:
            reasons.append(f"{url}: {answer.why_not}")
            found.is_forbidden |= answer.kind == FORBIDDEN
            continue
        cards = bounded(read_listing)(answer.text, answer.url, listing.cards, listing.next)
        articles = [one.url for one in found_on(cards, scope.has_article)]
        found.addresses += articles
        if not articles:
            reasons.append(f"{url}: no card by {listing.cards.card!r}")
            found.dropped += [card.url for card in cards.cards]
            seen = learn_listing(
                answer.text, answer.url, scope.site_url, lambda one: scope.has_article(one) and looks_like_article(one)
            )
            found.hint = found.hint or (
                f"Cards(card={seen.listing.cards.card!r}, title={seen.listing.cards.title!r})" if seen else ""
            )
    found.works, found.why = bool(found.addresses), "; ".join(reasons)


def findings_of_routes(routes: Sequence[CheckedRoute], site: type[SiteSpider], stored: Stored) -> list[Finding]:
    """What is wrong with the routes.

    A route that does not work is one alarm where the site's own class declares it, where it brought what is stored, or where none
    works; of a platform's routes some never work on some sites.
    """
    findings: list[Finding] = []
    works = any(route.works for route in routes)
    for route in routes:
        if route.works:
            findings += _of_working(route, stored)
        elif "browser" in route.why:
            continue
        elif _matters(route, site, stored) or not works:
            findings.append(_broken(route, works=works))
    if not works and len(findings) > 1:
        # The first cause is the best known one; the others follow from it, or never worked.
        ranked = sorted(findings, key=lambda one: (one.values.get("route") != stored.route, findings.index(one)))
        own = [
            one
            for one in findings
            if any(route.name == one.values.get("route") and _matters(route, site, stored) for route in routes)
        ]
        findings = own or ranked[:1]
    return findings


def _matters(route: CheckedRoute, site: type[SiteSpider], stored: Stored) -> bool:
    short = {value.attribute for value in site.declared[route.name] if value.attribute}
    is_own = bool(short & site.__dict__.keys()) or (
        "routes" in site.__dict__
        and any(getattr(one, "name", one) == route.name for one in site.routes)
        and not stored.route
    )
    return is_own or route.name == stored.route


def _of_working(route: CheckedRoute, stored: Stored) -> list[Finding]:
    """A route that works, and announces fewer articles, or posts without their texts."""
    findings = []
    if (
        route.announced is not None
        and stored.announced >= _FEW
        and route.announced < _LEAST_OF_ANNOUNCED * stored.announced
    ):
        findings.append(
            Finding(
                "fewer articles",
                N_("route {route} announces {now} articles, and announced {before} before"),
                N_(
                    "look whether a section moved away or a kind of posts was renamed: post_types, sitemaps; what is stored stays"
                ),
                {"route": route.name, "now": route.announced, "before": stored.announced},
            )
        )
    if route.empty_posts and route.empty_posts > len(route.articles):
        findings.append(
            Finding(
                "empty bodies",
                N_("route {route}: {count} of {all} posts come without a text"),
                N_('leave rest out of `routes`, so that pages are read: routes = ("sitemap", "feed", "listing")'),
                {"route": route.name, "count": route.empty_posts, "all": route.empty_posts + len(route.articles)},
            )
        )
    return findings


def _broken(route: CheckedRoute, *, works: bool) -> Finding:
    values: dict[str, object] = {"route": route.name, "why": route.why, "hint": route.hint}
    if route.is_forbidden:
        return Finding(
            "robots.txt",
            N_("robots.txt forbids what route {route} reads ({why})"),
            N_("leave it out of `routes`, or leave the site"),
            values,
        )
    if route.dropped:
        values["example"] = route.dropped[0]
        return Finding(
            "new addresses",
            N_("route {route} leads to addresses that `articles` or `only` do not know, like {example}"),
            N_("change `articles`; old and new form may both stand in it: (?:old|new)"),
            values,
        )
    match route.name:
        case "rest":
            to_do = (
                N_('name the others alone: routes = ("sitemap", "feed", "listing")')
                if works
                else N_("run `scrapy newsite URL --dry-run`")
            )
            return Finding("interface closed", N_("the REST interface does not answer any more ({why})"), to_do, values)
        case "sitemap":
            return Finding(
                "sitemap moved",
                N_("the sitemap is not there any more ({why})"),
                N_("see robots.txt, and change `sitemaps`"),
                values,
            )
        case "feed":
            to_do = (
                N_("change `feed`: the front page names {hint}")
                if route.hint
                else N_("see the front page's head, and change `feed`")
            )
            return Finding("feed moved", N_("the feed is not there any more ({why})"), to_do, values)
    if "no card by" in route.why:
        to_do = (
            N_("change `listings`: {hint} finds cards now")
            if route.hint
            else N_("look at the page, and change the cards in `listings`")
        )
        return Finding("cards renamed", N_("the listing pages show no cards any more ({why})"), to_do, values)
    return Finding(
        "listing moved",
        N_("the listing page is not there any more ({why})"),
        N_("look for its new place, and change `listings`"),
        values,
    )
