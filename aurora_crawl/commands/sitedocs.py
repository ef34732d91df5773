"""`scrapy sitedocs`: write docs/sites.md anew from the spiders, or say whether it is up to date."""

from __future__ import annotations

import argparse
from pathlib import Path

from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import WrongCommand
from aurora_crawl.messages import N_, _

PAGE = Path("docs/sites.md")


class Command(AuroraCommand):
    """Makes the page of all sites."""

    example = "scrapy sitedocs"
    short = N_("Write docs/sites.md from the docstrings of the spiders")

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        parser.add_argument(
            "--check", action="store_true", help=_("write nothing; exit 2 where the page is out of date")
        )

    def follow(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write or compare."""
        from aurora_crawl.platforms.site_table import site_table

        self.options_only(args)
        text = site_table(self.loader.sites())
        if not opts.check:
            PAGE.parent.mkdir(exist_ok=True)
            PAGE.write_text(text, encoding="utf-8")
        elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
            raise WrongCommand(N_("{page} is out of date; run `scrapy sitedocs`"), page=PAGE)
