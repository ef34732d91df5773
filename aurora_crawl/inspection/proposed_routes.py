"""Which routes a spider for a site would take, and why."""

from __future__ import annotations

from aurora_crawl.inspection.article_paths import learn_paths
from aurora_crawl.inspection.look import Look
from aurora_crawl.inspection.proposal import Proposal
from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.feed import Feed
from aurora_crawl.routes.route import RouteSettings

_MOST_DECLARED_LISTINGS = 3


def choose_routes(found: Proposal) -> None:
    """Put routes, kinds of content and the pattern of addresses into a proposal, each with its reason."""
    look, say = found.look, found.reasons.append
    rest, maps, feed = look.rest, look.sitemaps, look.feed
    if rest is not None and rest.is_open:
        found.post_types = ("posts", *rest.types)
        if rest.total is not None:
            say(Message(N_("rest: {count} posts, a hundred whole ones a request; so it comes first"), count=rest.total))
            found.archive = f"{rest.total + sum(filter(None, rest.types.values()))} matérias anunciadas pela API"
        else:
            say(Message(N_("rest: open, and tells no total; a hundred whole posts a request, so it comes first")))
    elif found.platform == "WordPress":
        say(Message(N_("rest: closed ({why}); left out"), why=rest.failure if rest else N_("not asked")))
    if maps.count is not None and maps.entries:
        if not (rest and rest.is_open):
            found.archive = f"cerca de {maps.count.value:.0f} endereços no sitemap"
        say(
            Message(
                N_("sitemap: {count} addresses in {files} files ({url})"),
                count=_shown(maps.count.value, maps.count.is_exact),
                files=maps.files,
                url=maps.url,
            )
        )
    else:
        say(Message(N_("sitemap: none ({why})"), why=maps.failure))
    if feed.items:
        whole = N_("with whole texts") if feed.texts else N_("teasers only")
        say(
            Message(
                N_("feed: the {count} newest, {kind} ({path})"),
                count=len(feed.items),
                kind=Message(whole),
                path=feed.path,
            )
        )
    else:
        say(Message(N_("feed: none ({why})"), why=feed.failure))
    for one in look.listings:
        say(Message(N_("listing: {count} cards on {path}"), count=one.cards, path=one.listing.pages))
    if found.platform == "WordPress" and not (rest and rest.is_open):
        found.routes = ("sitemap", "feed", "listing") if maps.entries else ("feed", "listing")
    elif found.platform == "Ghost":
        found.routes = None if maps.entries else ("listing", "feed")
    elif found.platform == "Static":
        found.routes = _routes_of_unknown(look)
        samples = [one.url for one in look.samples if one.is_article]
        listed = [entry.url for entry in maps.entries] or list(look.front.articles if look.front else ())
        found.articles = learn_paths([*samples, *look.addresses], listed, look.front.places if look.front else ())
        if found.articles:
            say(Message(N_("articles' addresses: {pattern}"), pattern=found.articles))


def _routes_of_unknown(look: Look) -> tuple[str | RouteSettings, ...]:
    """The routes of a site of unknown make, in the order in which they bring most."""
    routes: list[str | RouteSettings] = []
    maps = look.sitemaps
    if maps.entries:
        # robots.txt or a usual place led to it, and leads a crawl there too.
        routes.append("sitemap")
    routes += [one.listing for one in look.listings[:_MOST_DECLARED_LISTINGS]]
    if look.feed.items:
        routes.append(Feed(look.feed.path))
    return tuple(routes)


def _shown(count: float, is_exact: bool) -> str:
    return f"{count:.0f}" if is_exact else f"≈{count:.0f}"
