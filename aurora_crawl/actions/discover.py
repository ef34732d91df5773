"""`scrapy discover SITE`: the addresses of a site's articles, without fetching the articles."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Iterable

from scrapy.crawler import Crawler
from tqdm import tqdm

from aurora_crawl.command import AuroraCommand
from aurora_crawl.crawling.arguments import read_arguments
from aurora_crawl.crawling.discovery import Discovery, archived_findings
from aurora_crawl.errors import FAILED, WrongCommand
from aurora_crawl.messages import N_, _, harmless_json
from aurora_crawl.routes.route import Found
from aurora_crawl.storage.totals import Announced

logger = logging.getLogger(__name__)


def run(command: AuroraCommand, args: list[str], opts: argparse.Namespace) -> int:
    """Print; 1 where no route was read to its end."""
    site = command.one_site(args)
    given = dict(pair.partition("=")[::2] for pair in opts.spargs)
    given |= {name: value for name in ("via", "limit") if (value := getattr(opts, name)) is not None}
    arguments = read_arguments(given, site.route_names())
    if opts.every_route and not opts.count:
        raise WrongCommand(N_("--every-route goes with --count"))
    if opts.archive:
        print_found(archived_findings(site, arguments, opts.archive))
        return 0
    process = command.process()
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
