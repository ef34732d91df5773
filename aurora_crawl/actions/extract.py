"""`scrapy extract SITE FILE-or-URL`: one page as the Article that a crawl would store."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from aurora_crawl.actions.article_view import article_view
from aurora_crawl.command import AuroraCommand
from aurora_crawl.crawling.arguments import read_arguments
from aurora_crawl.crawling.book_files import BookOptions, Sidecar, file_id, read_book_file, read_sidecar
from aurora_crawl.crawling.single_page import SinglePage
from aurora_crawl.crawling.site_spider import reading_of, scope_of
from aurora_crawl.errors import FAILED, WrongCommand
from aurora_crawl.items import Article, as_record
from aurora_crawl.messages import N_, Message, harmless_json
from aurora_crawl.pipelines.clean import rules_in
from aurora_crawl.platforms.folder import FolderSpider
from aurora_crawl.text.clean import Dropped, clean


def run(command: AuroraCommand, args: list[str], opts: argparse.Namespace) -> int:
    """Print; 1 where a crawl would store nothing of the page."""
    is_address = args[1].startswith(("http://", "https://"))
    source = None if is_address else Path(args[1])
    spider = command.loader.spider(args[0])
    if issubclass(spider, FolderSpider):
        return _book(command, spider.name, args[1], opts)
    if opts.ocr or opts.notes != "away" or opts.whole:
        raise WrongCommand(N_("--ocr, --notes and --whole are for files: scrapy extract livros FILE"))
    site = command.loader.site(args[0])
    arguments = read_arguments(dict(pair.partition("=")[::2] for pair in opts.spargs), site.route_names())
    if source is not None and not source.is_file():
        raise WrongCommand(N_("{path} is neither a file nor an address (https://…)"), path=source)
    found: list[Article] = []
    process = command.process()
    process.crawl(
        SinglePage,
        scope=scope_of(site, arguments),
        reading=reading_of(site, arguments),
        source=source,
        url=args[1] if is_address else opts.url,
        done=found.append,
        failed=lambda line: command.say_wrong(Message("{why}", why=line)),
    )
    process.start()
    for article in found:
        _print(article, opts)
    return 0 if found else FAILED


def _book(command: AuroraCommand, site: str, name: str, opts: argparse.Namespace) -> int:
    """Print a file's book as a crawl would store it."""
    path = Path(name)
    if not path.exists():
        raise WrongCommand(N_("{path}: no such file"), path=path)
    ocr = Path(command.given["DATA_DIR"]) / "ocr" / file_id(path) if opts.ocr else None
    sidecar = read_sidecar(path) or Sidecar()
    if opts.whole:
        sidecar = replace(sidecar, keep_prefaces=True)
    with tqdm(desc=path.name, unit="p", leave=False, disable=None) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        article = read_book_file(path, BookOptions(opts.notes, ocr, site, sidecar), progress)
    outcome = clean(article, rules_in(command.given, site))
    if isinstance(outcome, Dropped):
        command.say_wrong(Message(N_("a crawl would not keep it: {why}"), why=outcome.reason))
        return FAILED
    _print(outcome, opts)
    return 0


def _print(article: Article, opts: argparse.Namespace) -> None:
    if not opts.show:
        print(harmless_json(json.dumps(as_record(article), ensure_ascii=False, indent=2)))
    if opts.show or sys.stdout.isatty():
        print(article_view(article, sys.stdout))
