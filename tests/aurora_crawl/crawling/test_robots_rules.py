"""robots.txt holds for every page of a crawl that goes on, and no longer than it says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from scrapy.crawler import Crawler
from scrapy.settings import Settings

from aurora_crawl.demo.server import serve
from aurora_crawl.demo.spiders.ofaroldovale import OfaroldovaleSpider
from aurora_crawl.demo.wordpress_site import Answer, Site
from aurora_crawl.items import article_id
from aurora_crawl.storage.ledger import Entry, Ledger

NAME = OfaroldovaleSpider.name


class Resumed:
    """A site whose pages an earlier crawl found and did not fetch, and what crawls of it ask for."""

    def __init__(self, crawl: Callable[..., Crawler], settings: Settings, address: str, site: Site) -> None:
        self.site, self.address, self._crawl = site, address, crawl
        self.path = Path(settings["DATA_DIR"]) / "ledger" / f"{NAME}.sqlite"
        self.pages = [post.story.path for post in site.posts()]
        self.asked: list[str] = []
        self.answers: dict[str, Answer] = {}
        site.on_request = self._answer
        ledger = Ledger(self.path)
        for path in self.pages:
            ledger.find(article_id(address + path.rstrip("/")), address + path, "sitemap")
        ledger.close()

    def _answer(self, path: str) -> Answer | None:
        self.asked.append(path)
        return self.answers.get(path)

    def rules(self, text: str, status: int = 200) -> None:
        self.answers["/robots.txt"] = Answer(text.encode(), "text/plain", status=status)

    def crawl(self, via: str = "sitemap", **given: str) -> list[str]:
        """The article pages that a crawl asks for."""
        self.asked.clear()
        self._crawl(OfaroldovaleSpider, site_url=self.address, via=via, **given)
        assert self.asked.count("/robots.txt") <= 2, "robots.txt is asked for once, and once again where it failed"
        return sorted(path for path in self.asked if path in self.pages)

    @property
    def entries(self) -> dict[str, Entry]:
        ledger = Ledger(self.path)
        try:
            return {entry.url.removeprefix(self.address): entry for entry in ledger.entries()}
        finally:
            ledger.close()


@pytest.fixture
def resumed(crawl: Callable[..., Crawler], settings: Settings) -> Iterator[Resumed]:
    site = Site.generated(12)
    with serve(site) as address:
        yield Resumed(crawl, settings, address, site)


def test_no_forbidden_page_is_asked_for_when_many_wait_for_the_rules(resumed: Resumed) -> None:
    resumed.rules("User-agent: *\nDisallow: /\n")
    assert resumed.crawl() == []
    assert {entry.reason for entry in resumed.entries.values()} == {"robots.txt"}


@pytest.mark.parametrize("status", [429, 503])
def test_no_page_is_asked_for_while_the_rules_cannot_be_had(resumed: Resumed, status: int) -> None:
    resumed.rules("", status)
    assert resumed.crawl() == []
    assert {(entry.due, entry.tries) for entry in resumed.entries.values()} == {(True, 0)}
    resumed.rules("User-agent: *\nDisallow:\n")
    assert resumed.crawl() == sorted(resumed.pages)


def test_the_rules_of_some_pages_hold_for_those(resumed: Resumed) -> None:
    resumed.rules("User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in resumed.pages[::2]))
    assert resumed.crawl() == sorted(resumed.pages[1::2])


@pytest.mark.parametrize("via", ["sitemap", "rest"])
def test_what_was_forbidden_is_asked_for_when_it_is_allowed(resumed: Resumed, via: str) -> None:
    banned = resumed.pages[:6]
    resumed.rules("User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in banned))
    assert resumed.crawl() == sorted(resumed.pages[6:])
    resumed.rules("User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in banned[:2]))
    assert resumed.crawl(via) == sorted(banned[2:]), "also on a route that names none of them again"
    assert {resumed.entries[path].reason for path in banned[:2]} == {"robots.txt"}
    assert all(resumed.entries[path].state == "kept" for path in resumed.pages[2:])


def test_a_lifted_ban_keeps_to_the_limit_and_the_rest_comes_later(resumed: Resumed) -> None:
    resumed.rules("User-agent: *\nDisallow: /20\n")
    assert resumed.crawl() == []
    resumed.rules("")
    first = resumed.crawl(limit="5")
    assert len(first) == 5
    assert sorted(first + resumed.crawl()) == sorted(resumed.pages)
