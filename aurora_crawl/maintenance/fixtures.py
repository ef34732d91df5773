"""The pages that the tests of the spiders read: a site's invented page, and what reading it must give."""

from __future__ import annotations

import json
from pathlib import Path

from aurora_crawl.crawling.site_spider import SiteSpider
from aurora_crawl.demo.invented_page import expected_of, invented_page, story_for


def write_fixture(folder: Path, site: type[SiteSpider]) -> None:
    """Write SITE.html and SITE.json."""
    folder.mkdir(parents=True, exist_ok=True)
    story = story_for(site)
    (folder / f"{site.name}.html").write_text(invented_page(site, story), encoding="utf-8")
    expected = json.dumps(expected_of(site, story), ensure_ascii=False, indent=1)
    (folder / f"{site.name}.json").write_text(expected + "\n", encoding="utf-8")
