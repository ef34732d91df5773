"""`scrapy fixtures [SITE …]`: write each site's invented page, and what reading it must give."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from scrapy.commands import ScrapyCommand

from aurora_crawl.commands.sites import UnknownSite, complain, site_class
from aurora_crawl.demo.invented_page import expected_of, invented_page, story_for

PAGES = Path("tests/aurora_crawl/spiders/pages")


class Command(ScrapyCommand):
    """Makes the pages that the tests of the spiders read."""

    requires_project = True

    def syntax(self) -> str:
        """Shown by --help."""
        return "[options] [SITE …]"

    def short_desc(self) -> str:
        """Shown by `scrapy`."""
        return f"Write the invented page of each site, and what reading it must give, into {PAGES}"

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write the files, of all sites where none is named."""
        assert self.crawler_process is not None
        loader = self.crawler_process.spider_loader
        names = sorted(loader.list())
        PAGES.mkdir(parents=True, exist_ok=True)
        for name in args or names:
            try:
                site = site_class(loader, name)
            except UnknownSite as error:
                self.exitcode = complain(f"fixtures: {error}")
                return
            story = story_for(site)
            (PAGES / f"{name}.html").write_text(invented_page(site, story), encoding="utf-8")
            expected = json.dumps(expected_of(site, story), ensure_ascii=False, indent=1)
            (PAGES / f"{name}.json").write_text(expected + "\n", encoding="utf-8")
