"""`scrapy extract SITE FILE-or-URL`: one page as the Article that a crawl would store."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from aurora_crawl.command import AuroraCommand
from aurora_crawl.commands.article_view import article_view
from aurora_crawl.crawling.arguments import read_arguments
from aurora_crawl.crawling.single_page import SinglePage
from aurora_crawl.crawling.site_spider import reading_of, scope_of
from aurora_crawl.errors import FAILED, WrongCommand
from aurora_crawl.items import Article, as_record
from aurora_crawl.messages import N_, Message, _, harmless_json


class Command(AuroraCommand):
    """Reads a page, takes it through the steps of a crawl, prints what would be stored."""

    usage = "[options] SITE FILE-or-URL"
    short = N_("Print one page as the article that a crawl of SITE would store")
    long = N_(
        "Reads a saved page or fetches one, by the rules of SITE, takes it through every step except storing, and prints"
        " the article as JSON; in a terminal, or with --show, also as a person reads it, with what was cut struck through."
        " Exit status: 0 with an article, 1 where a crawl would keep none, 2 for a wrong command."
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        elsewhere = _("the site on another server")
        add("-a", dest="spargs", action="append", default=[], metavar="site_url=URL", help=elsewhere)
        add("--url", metavar="URL", default="", help=_("the address of a saved page, if it names none"))
        add("--show", action="store_true", help=_("no JSON: the article with what was cut struck through"))

    def follow(self, args: list[str], opts: argparse.Namespace) -> int:
        """Print; 1 where a crawl would store nothing of the page."""
        if len(args) != 2:
            raise WrongCommand(N_("name one site, and one file or address"))
        is_address = args[1].startswith(("http://", "https://"))
        source = None if is_address else Path(args[1])
        site = self.loader.site(args[0])
        arguments = read_arguments(dict(pair.partition("=")[::2] for pair in opts.spargs), site.route_names())
        if source is not None and not source.is_file():
            raise WrongCommand(N_("{path} is neither a file nor an address (https://…)"), path=source)
        found: list[Article] = []
        process = self.process(opts)
        process.crawl(
            SinglePage,
            scope=scope_of(site, arguments),
            reading=reading_of(site, arguments),
            source=source,
            url=args[1] if is_address else opts.url,
            done=found.append,
            failed=lambda line: self.say_wrong(Message("{why}", why=line)),
        )
        process.start()
        for article in found:
            if not opts.show:
                print(harmless_json(json.dumps(as_record(article), ensure_ascii=False, indent=2)))
            if opts.show or sys.stdout.isatty():
                print(article_view(article, sys.stdout))
        return 0 if found else FAILED
