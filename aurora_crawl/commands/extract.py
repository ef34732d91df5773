"""`scrapy extract SITE FILE-or-URL`: one page as the Article that a crawl would store."""

from __future__ import annotations

import argparse

from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import WrongCommand
from aurora_crawl.messages import N_, _


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

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """See AuroraCommand."""
        if len(args) != 2:
            raise WrongCommand(N_("name one site, and one file or address"))
