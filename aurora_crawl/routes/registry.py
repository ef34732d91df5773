"""The routes by their names, and the settings that a site's class declares for them."""

from __future__ import annotations

from collections.abc import Mapping

from aurora_crawl.messages import Message
from aurora_crawl.routes.commoncrawl import CommonCrawlRoute
from aurora_crawl.routes.feed import FeedRoute
from aurora_crawl.routes.indexes import IndexesRoute
from aurora_crawl.routes.listing import ListingRoute
from aurora_crawl.routes.loadmore import LoadMoreRoute
from aurora_crawl.routes.rest import RestRoute
from aurora_crawl.routes.route import Route, RouteSettings
from aurora_crawl.routes.sitemap import SitemapRoute
from aurora_crawl.routes.wayback import WaybackRoute

ROUTES: dict[str, type[Route]] = {
    route.settings.name: route
    for route in (RestRoute, SitemapRoute, FeedRoute, ListingRoute, LoadMoreRoute, IndexesRoute)
}

ARCHIVES: dict[str, type[Route]] = {route.settings.name: route for route in (CommonCrawlRoute, WaybackRoute)}
"""Ways to every site's articles that ask others than the site; read only where a crawl names one."""

Declared = Mapping[str, tuple[RouteSettings, ...]]
"""The settings of each of a site's routes, by its name, in the order in which they are tried."""


def declared_routes(own: Mapping[str, object], inherited: Declared) -> tuple[Declared, list[str]]:
    """The routes of a class, from its `own` attributes and what its base declares, and what is wrong with them.

    `routes` holds settings, or names for what the base declares or is usual. Several settings of one kind make one route. A
    short attribute (`feed`, `listings`, …) takes the place of the settings of its route.
    """
    faults: list[str] = []
    declared = dict(inherited)
    if "routes" in own:
        declared = {}
        listed = own["routes"]
        for entry in listed if isinstance(listed, tuple) else (listed,):
            if isinstance(entry, RouteSettings):
                declared[entry.name] = (*declared.get(entry.name, ()), entry)
            elif isinstance(entry, str) and entry in ROUTES:
                declared.setdefault(entry, inherited.get(entry) or ROUTES[entry].settings.usual())
            else:
                faults.append(
                    Message("unknown route {entry}; known are {list}", entry=repr(entry), list=", ".join(ROUTES))
                )
    for name, route in ROUTES.items():
        attribute = route.settings.attribute
        if attribute in own and name in declared:
            declared[name] = route.settings.shortened(own[attribute])
        elif attribute in own:
            faults.append(Message("{attribute} is given, and routes has no {name}", attribute=attribute, name=name))
    return declared, faults


def faults_of(declared: Declared) -> list[str]:
    """What is wrong with the settings of routes, each looked at by itself."""
    empty = Message("routes is empty; it holds the ways to the articles, the best first")
    faults: list[str] = [] if declared else [empty]
    for name, values in declared.items():
        kind = ROUTES[name].settings
        if not values:
            faults.append(Message("routes has {name}, and {attribute} is empty", name=name, attribute=kind.attribute))
        for value in values:
            faults += (
                value.faults()
                if isinstance(value, kind)
                else [
                    Message(
                        "{attribute}: {value} is no {name}",
                        attribute=kind.attribute,
                        value=repr(value),
                        name=kind.__name__,
                    )
                ]
            )
    return faults
