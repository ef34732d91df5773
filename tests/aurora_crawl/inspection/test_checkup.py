"""A checkup names each breakage by its cause and nothing beside it, and leaves healthy sites in peace."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aurora_crawl.crawling.arguments import CrawlArguments
from aurora_crawl.demo.outlets.broken import Spidered, broken_sites, healthy_sites
from aurora_crawl.demo.server import serve
from aurora_crawl.inspection.answers import Asking
from aurora_crawl.inspection.checkup import MOST_REQUESTS, Checkup, check_site
from aurora_crawl.inspection.site_look import CheckupLook
from aurora_crawl.inspection.stored import stored_of
from aurora_crawl.storage.crawl_history import CrawlRecord, note_crawl

Check = Callable[..., Checkup]
BROKEN = list(broken_sites(16))
HEALTHY = list(healthy_sites(1))


@pytest.fixture
def check(crawl: Callable[..., Any]) -> Check:
    """Looks at a site of which so many articles are stored."""

    def checked(one: Spidered, count: int) -> Checkup:
        checkup = Checkup(one.name)
        with serve(one.outlet.site) as address:
            stored = one.stored(count)

            async def work(asking: Asking) -> None:
                await check_site(asking, one.site, CrawlArguments(site_url=address), stored, checkup)

            crawl(CheckupLook, url=address, work=work)
        assert len(one.outlet.site.requests) <= MOST_REQUESTS
        return checkup

    return checked


@pytest.mark.parametrize("one", BROKEN, ids=lambda one: one.name)
def test_a_breakage_is_named_by_its_cause(check: Check, one: Spidered) -> None:
    found = check(one, 12)
    assert [finding.kind for finding in found.findings] == [one.cause]
    assert not found.is_well
    what, to_do = found.findings[0].told()
    assert what
    assert to_do


@pytest.mark.parametrize("one", HEALTHY, ids=lambda one: one.name)
def test_a_healthy_site_is_well(check: Check, one: Spidered) -> None:
    assert check(one, 12).findings == []


def test_what_is_stored_is_read_from_shards_and_history(shards: Any, tmp_path: Path) -> None:
    for number in range(3):
        shards.add("jornal", f"Texto {number} de dez palavras que não dizem nada de novo.")
    data = shards.write()
    note_crawl(data, "jornal", CrawlRecord("2024-01-01T00:00:00", "finished", expected=70))
    note_crawl(data, "jornal", CrawlRecord("2024-02-01T00:00:00", "finished"))
    found = stored_of(data, "jornal")
    assert (len(found.articles), found.announced, found.route, found.share_dated) == (3, 70, "rest", 1.0)
    assert stored_of(data, "outro").articles == []
