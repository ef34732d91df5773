"""`scrapy sitedocs`: write docs/sites.md anew from the spiders, or say whether it is up to date."""

from __future__ import annotations

import argparse
from pathlib import Path

from scrapy.commands import ScrapyCommand

from aurora_crawl.commands.sites import complain
from aurora_crawl.platforms.site_table import site_table

PAGE = Path("docs/sites.md")


class Command(ScrapyCommand):
    """Makes the page of all sites."""

    requires_project = True
    requires_crawler_process = True

    def short_desc(self) -> str:
        """Shown by `scrapy`."""
        return f"Write {PAGE} from the docstrings of the spiders"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        parser.add_argument("--check", action="store_true", help="write nothing; exit 2 where the page is out of date")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write or compare."""
        assert self.crawler_process is not None
        loader = self.crawler_process.spider_loader
        text = site_table(loader.load(name) for name in loader.list())  # type: ignore[misc]
        if not opts.check:
            PAGE.parent.mkdir(exist_ok=True)
            PAGE.write_text(text, encoding="utf-8")
        elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            self.exitcode = complain(f"sitedocs: {PAGE} is out of date; run `scrapy sitedocs`")
