"""A crawl fetches again what files of its store were lost with, on any route."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from scrapy.crawler import Crawler
from scrapy.settings import Settings

from aurora_crawl.demo.server import serve
from aurora_crawl.demo.spiders.ofaroldovale import OfaroldovaleSpider
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.storage.shards import read_shard

NAME = OfaroldovaleSpider.name


@pytest.mark.parametrize("ledger", ["todays", "gone"])
@pytest.mark.parametrize("first", ["rest", "sitemap"])
@pytest.mark.parametrize("then", ["rest", "sitemap"])
def test_articles_of_a_shard_that_is_gone_come_back(
    crawl: Callable[..., Crawler], settings: Settings, ledger: str, first: str, then: str
) -> None:
    site, data = Site.generated(12), Path(settings["DATA_DIR"])

    def titles() -> list[str]:
        paths = sorted(data.glob(f"articles/{NAME}/*.jsonl.gz"))
        return sorted(row["title"] for path in paths for row in read_shard(path))

    with serve(site) as address:
        for limit in ("5", "20"):
            crawl(OfaroldovaleSpider, site_url=address, via=first, limit=limit)
        (whole := titles())
        shards = sorted(data.glob(f"articles/{NAME}/*.jsonl.gz"))
        assert (len(whole), len(shards)) == (12, 2)
        shards[0].unlink()
        if ledger == "gone":
            (data / "ledger" / f"{NAME}.sqlite").unlink()
        crawl(OfaroldovaleSpider, site_url=address, via=then)
    assert titles() == whole
