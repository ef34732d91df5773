"""Routes as a site's class declares them: values, names, and short attributes."""

from __future__ import annotations

from typing import Any

import pytest

from aurora_crawl.routes.cards import Cards
from aurora_crawl.routes.feed import Feed
from aurora_crawl.routes.listing import Listing
from aurora_crawl.routes.loadmore import LoadMore
from aurora_crawl.routes.registry import ROUTES, declared_routes, faults_of
from aurora_crawl.routes.rest import Rest
from aurora_crawl.routes.sitemap import Sitemap

CARDS = Cards("article", "h2")
PLATFORM = {"rest": (Rest(),), "listing": (Listing("/page/{page}/", CARDS),)}


@pytest.mark.parametrize(
    ("own", "declared"),
    [
        ({}, PLATFORM),
        ({"routes": (Feed("/rss/"), Rest())}, {"feed": (Feed("/rss/"),), "rest": (Rest(),)}),
        ({"routes": ("listing", "sitemap")}, {"listing": PLATFORM["listing"], "sitemap": (Sitemap(),)}),
        (
            {"routes": (Listing("/a/{page}", CARDS), Rest(), Listing("/b/{page}", CARDS))},
            {"listing": (Listing("/a/{page}", CARDS), Listing("/b/{page}", CARDS)), "rest": (Rest(),)},
        ),
        ({"listings": (Listing("/so/", CARDS),)}, PLATFORM | {"listing": (Listing("/so/", CARDS),)}),
        (
            {"routes": ("feed", "sitemap"), "feed": "/rss", "sitemaps": ("/a.xml", "/b.xml")},
            {"feed": (Feed("/rss"),), "sitemap": (Sitemap("/a.xml"), Sitemap("/b.xml"))},
        ),
        ({"routes": (LoadMore("/mais/", CARDS),)}, {"loadmore": (LoadMore("/mais/", CARDS),)}),
    ],
)
def test_values_names_and_short_attributes_say_the_same(own: dict[str, Any], declared: dict[str, Any]) -> None:
    got, faults = declared_routes(own, PLATFORM)
    assert faults == []
    assert list(got.items()) == list(declared.items())
    assert faults_of(got) == []


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"routes": ("telepatia",)}, "unknown route 'telepatia'; known are rest"),
        ({"routes": "rest", "feed": "/rss/"}, "routes has no feed"),
        ({"routes": ()}, "routes is empty"),
        ({"routes": ("loadmore",)}, "routes has loadmore, and growing is empty"),
        ({"routes": (Feed("rss"),)}, "'rss' is no path"),
        ({"routes": (Listing("/{pagina}", CARDS),)}, "is no path"),
        ({"routes": (LoadMore("mais", CARDS),)}, "is no path"),
        ({"routes": (Listing("/", Cards("a[", "b")),)}, "is no CSS selector"),
        ({"listings": (Feed(),)}, "is no Listing"),
        ({"listings": (3,)}, "is no Listing"),
    ],
)
def test_each_value_is_checked_by_itself(own: dict[str, Any], words: str) -> None:
    got, faults = declared_routes(own, PLATFORM)
    assert words in "; ".join(faults + faults_of(got))


def test_every_route_has_a_name_of_its_own() -> None:
    assert list(ROUTES) == ["rest", "sitemap", "feed", "listing", "loadmore", "indexes"]
