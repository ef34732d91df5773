"""`scrapy extract SITE FILE-or-URL`: one page as the Article that a crawl would store."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from aurora_crawl.command import AuroraCommand
from aurora_crawl.crawling.arguments import read_arguments
from aurora_crawl.errors import FAILED, WrongCommand
from aurora_crawl.items import Article, as_record
from aurora_crawl.messages import N_, Message, _, harmless_json


class Command(AuroraCommand):
    """Reads a page, takes it through the steps of a crawl, prints what would be stored."""

    usage = "[options] SITE FILE-or-URL"
    example = "scrapy extract outraspalavras page.html --show"
    short = N_("Print one page as the article that a crawl of SITE would store")
    long = N_(
        "Reads a saved page or fetches one, by the rules of SITE, takes it through every step except storing, and prints"
        " the article as JSON; in a terminal, or with --show, also as a person reads it, with what was cut struck through."
        " `scrapy extract livros FILE` reads a book at hand: PDF, EPUB, HTML (a file or a folder), DOCX, TXT."
        " Exit status: 0 with an article, 1 where a crawl would keep none, 2 for a wrong command."
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        elsewhere = _("the site on another server")
        add("-a", dest="spargs", action="append", default=[], metavar="site_url=URL", help=elsewhere)
        add("--url", metavar="URL", default="", help=_("the address of a saved page, if it names none"))
        add("--ocr", action="store_true", help=_("livros: read a PDF's pictures of pages by Tesseract"))
        add(
            "--notes",
            choices=("away", "chapter"),
            default="away",
            help=_("livros: notes away, or at their chapter's end"),
        )
        add("--whole", action="store_true", help=_("livros: keep prefaces and notes by others than the author"))
        add("--show", action="store_true", help=_("no JSON: the article with what was cut struck through"))

    def follow(self, args: list[str], opts: argparse.Namespace) -> int:
        """Print; 1 where a crawl would store nothing of the page."""
        from aurora_crawl.crawling.single_page import SinglePage
        from aurora_crawl.crawling.site_spider import reading_of, scope_of
        from aurora_crawl.platforms.folder import FolderSpider

        if len(args) != 2:
            raise WrongCommand(N_("name one site, and one file or address"))
        is_address = args[1].startswith(("http://", "https://"))
        source = None if is_address else Path(args[1])
        spider = self.loader.spider(args[0])
        if issubclass(spider, FolderSpider):
            return self._book(spider.name, args[1], opts)
        if opts.ocr or opts.notes != "away" or opts.whole:
            raise WrongCommand(N_("--ocr, --notes and --whole are for files: scrapy extract livros FILE"))
        site = self.loader.site(args[0])
        arguments = read_arguments(dict(pair.partition("=")[::2] for pair in opts.spargs), site.route_names())
        if source is not None and not source.is_file():
            raise WrongCommand(N_("{path} is neither a file nor an address (https://…)"), path=source)
        found: list[Article] = []
        process = self.process()
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
            self._print(article, opts)
        return 0 if found else FAILED

    def _book(self, site: str, name: str, opts: argparse.Namespace) -> int:
        """Print a file's book as a crawl would store it."""
        from tqdm import tqdm

        from aurora_crawl.crawling.book_files import BookOptions, Sidecar, file_id, read_book_file, read_sidecar
        from aurora_crawl.pipelines.clean import rules_in
        from aurora_crawl.text.clean import Dropped, clean

        path = Path(name)
        if not path.exists():
            raise WrongCommand(N_("{path}: no such file"), path=path)
        ocr = Path(self.given["DATA_DIR"]) / "ocr" / file_id(path) if opts.ocr else None
        sidecar = read_sidecar(path) or Sidecar()
        if opts.whole:
            sidecar = replace(sidecar, keep_prefaces=True)
        with tqdm(desc=path.name, unit="p", leave=False, disable=None) as bar:

            def progress(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            article = read_book_file(path, BookOptions(opts.notes, ocr, site, sidecar), progress)
        outcome = clean(article, rules_in(self.given, site))
        if isinstance(outcome, Dropped):
            self.say_wrong(Message(N_("a crawl would not keep it: {why}"), why=outcome.reason))
            return FAILED
        self._print(outcome, opts)
        return 0

    def _print(self, article: Article, opts: argparse.Namespace) -> None:
        from aurora_crawl.actions.article_view import article_view

        if not opts.show:
            print(harmless_json(json.dumps(as_record(article), ensure_ascii=False, indent=2)))
        if opts.show or sys.stdout.isatty():
            print(article_view(article, sys.stdout))
