"""`scrapy articles SITE`: what is stored, for people."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import WrongCommand
from aurora_crawl.items import Article
from aurora_crawl.messages import N_, _, harmless, ngettext

if TYPE_CHECKING:
    from aurora_crawl.maintenance.stored_articles import Shown

SHOWN = 20
"""Lines of a list in a terminal, where --limit does not say another number."""


class Command(AuroraCommand):
    """Lists, searches, shows and hands out the articles of a site, as today's rules cut them."""

    usage = "[options] SITE [ID-or-URL]"
    example = "scrapy articles outraspalavras --search greve --limit 5"
    short = N_("List, search and read the stored articles of a site; write them as CSV or Parquet")
    long = N_(
        "Lists the articles of SITE, the newest first: id, day, words, title; with an id or an address it shows that article,"
        " what was cut struck through. What the file of learned blocks says today holds: a block that was struck out of it"
        " gives its text back."
        " Exit status: 0, 1 where something cannot be read, 2 for a wrong command."
    )
    kept = N_("nothing was written")

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        add("--search", metavar="WORDS", default="", help=_("only articles that hold all of these words"))
        many = _("lines of the list; in a terminal {default} where not given, else all").format(default=SHOWN)
        add("--limit", type=int, metavar="N", help=many)
        add("--show", action="store_true", help=_("the articles themselves instead of a list"))
        add("--csv", type=Path, metavar="FILE", help=_("write a table for spreadsheets"))
        add("--parquet", type=Path, metavar="FILE", help=_("write a table for programs"))

    def follow(self, args: list[str], opts: argparse.Namespace) -> None:
        """List, show or write."""
        from aurora_crawl.actions.article_view import article_view
        from aurora_crawl.maintenance.stored_articles import (
            matching,
            newest_first,
            stored_articles,
            the_article,
            write_csv,
            write_parquet,
        )

        if len(args) not in (1, 2):
            raise WrongCommand(N_("name one site; `scrapy status` prints what is stored of each"))
        if opts.limit is not None and opts.limit < 1:
            raise WrongCommand(N_("--limit is 1 or more"))
        articles = stored_articles(self.data_dir, args[0])
        if len(args) == 2:
            print(article_view(the_article(articles, args[1], args[0], self._address_of(args[0])), sys.stdout))
            return
        found = matching(articles, opts.search)
        if opts.csv or opts.parquet:
            every = found if not (opts.csv and opts.parquet) else list(found)
            for path, write in ((opts.csv, write_csv), (opts.parquet, write_parquet)):
                if path:
                    self._written(path, write(every, path))
        elif opts.show:
            self._show(found, opts.limit)
        else:
            self._list(newest_first(found), opts.limit)

    def _address_of(self, site: str) -> str:
        """The site's address, for one that may be stored and unknown by now."""
        known = self.loader.list()
        return getattr(self.loader.load(site), "site_url", "") if site in known else ""

    def _written(self, path: Path, count: int) -> None:
        words = ngettext("{count} article in {path}", "{count} articles in {path}", count)
        print(words.format(count=count, path=path))

    def _show(self, found: Iterable[Article], limit: int | None) -> None:
        from aurora_crawl.actions.article_view import article_view

        for number, article in enumerate(found):
            if limit is not None and number >= limit:
                return
            print(article_view(article, sys.stdout), end="\n\n\n")

    def _list(self, lines: list[Shown], limit: int | None) -> None:
        is_terminal = sys.stdout.isatty()
        most = limit or (SHOWN if is_terminal else len(lines))
        width = shutil.get_terminal_size().columns if is_terminal else 0
        for line in lines[:most]:
            shown = f"{line.id}  {line.published or '-':10}  {line.words:6}  {harmless(line.title)}"
            print(shown if not width or len(shown) <= width else shown[: width - 1] + "…")
        if len(lines) > most:
            print(_("… and {count} more: --limit N, --search WORDS").format(count=len(lines) - most), file=sys.stderr)
        elif not lines:
            print(_("no article holds these words"), file=sys.stderr)
