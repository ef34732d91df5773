"""`scrapy discover SITE`: the addresses of a site's articles, without fetching the articles."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.crawler import Crawler

from aurora_crawl.command import AuroraCommand
from aurora_crawl.crawling.arguments import read_arguments
from aurora_crawl.errors import FAILED, WrongCommand
from aurora_crawl.messages import N_, _, harmless_json

if TYPE_CHECKING:
    from aurora_crawl.routes.route import Found
    from aurora_crawl.storage.totals import Announced

logger = logging.getLogger(__name__)


class Command(AuroraCommand):
    """Prints what the routes find, as JSON Lines."""

    usage = "[options] SITE"
    example = "scrapy discover outraspalavras --count"
    short = N_("Print the addresses of a site's articles as JSON Lines")
    long = N_(
        "Prints one JSON object a line: url, and title, published, authors, section where the listing shows them."
        " Articles are not fetched, and nothing is stored. The first of the site's routes that works is used."
        " --count reads only what tells the number in a few requests, --every-route all."
        " Exit status: 0 when a route was read to its end, 1 otherwise, 2 for a wrong command."
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        add("-a", dest="spargs", action="append", default=[], metavar="NAME=VALUE", help=_("as for crawl"))
        add("--via", metavar="ROUTE", help=_("one of the site's routes only"))
        add("--limit", metavar="N", help=_("at most N addresses"))
        add("--count", action="store_true", help=_("print how many articles the site has, as JSON, in a few requests"))
        add("--every-route", action="store_true", help=_("count by every route of the site, also page by page"))
        archive = _("read the site's listing pages from a WARC file; nothing is fetched")
        add("--archive", metavar="FILE", type=Path, action="append", help=archive)

    def follow(self, args: list[str], opts: argparse.Namespace) -> int:
        """Print; 1 where no route was read to its end."""
        from tqdm import tqdm

        from aurora_crawl.crawling.discovery import Discovery, archived_findings

        site = self.one_site(args)
        given = dict(pair.partition("=")[::2] for pair in opts.spargs)
        given |= {name: value for name in ("via", "limit") if (value := getattr(opts, name)) is not None}
        arguments = read_arguments(given, site.route_names())
        if opts.every_route and not opts.count:
            raise WrongCommand(N_("--every-route goes with --count"))
        if opts.archive:
            print_found(archived_findings(site, arguments, opts.archive))
            return 0
        process = self.process()
        settings = process.settings.copy()
        site.update_settings(settings)
        crawler = Crawler(Discovery, settings)
        with tqdm(desc=site.name, unit=" " + _("articles"), leave=False, disable=None, dynamic_ncols=True) as bar:

            def show(route: str, count: int, expected: int | None) -> None:
                bar.set_description_str(f"{site.name}, {route}", refresh=False)
                bar.total, bar.n = expected and max(expected, count), count
                bar.refresh()

            process.crawl(
                crawler,
                site=site,
                arguments=arguments,
                out=print_found,
                counted=print_count if opts.count else None,
                every_route=opts.every_route,
                show=show,
            )
            process.start()
        reason = crawler.stats.get_value("finish_reason") if crawler.stats else None
        return 0 if reason == "finished" else FAILED


def print_count(count: Announced, requests: int) -> None:
    """A line of JSON on standard output, and one for people on standard error."""
    words = (
        N_("%s: route %s: the site announces %d articles (requests: %d)")
        if count.how == "announced"
        else N_("%s: route %s: counted %d articles (requests: %d)")
    )
    logger.info(words, count.site, count.route, count.announced, requests)
    print(count.as_line(), flush=True)


def print_found(findings: Iterable[Found]) -> None:
    """A line for each finding, on standard output."""
    for found in findings:
        shown = {
            "url": found.url,
            "title": found.title,
            "published": found.published,
            "authors": found.authors,
            "section": found.section,
        }
        line = json.dumps({key: value for key, value in shown.items() if value}, ensure_ascii=False)
        sys.stdout.write(harmless_json(line) + "\n")
