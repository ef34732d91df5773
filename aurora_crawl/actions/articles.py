"""`scrapy articles SITE`: what is stored, for people."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from aurora_crawl.actions.article_view import article_view
from aurora_crawl.command import AuroraCommand
from aurora_crawl.commands.articles import SHOWN
from aurora_crawl.items import Article
from aurora_crawl.maintenance.stored_articles import (
    Shown,
    matching,
    newest_first,
    stored_articles,
    the_article,
    write_csv,
    write_parquet,
)
from aurora_crawl.messages import _, harmless, ngettext


def run(command: AuroraCommand, args: list[str], opts: argparse.Namespace) -> None:
    """List, show or write."""
    articles = stored_articles(command.data_dir, args[0])
    if len(args) == 2:
        print(article_view(the_article(articles, args[1], args[0], _address_of(command, args[0])), sys.stdout))
        return
    found = matching(articles, opts.search)
    if opts.csv or opts.parquet:
        every = found if not (opts.csv and opts.parquet) else list(found)
        for path, write in ((opts.csv, write_csv), (opts.parquet, write_parquet)):
            if path:
                _written(path, write(every, path))
    elif opts.show:
        _show(found, opts.limit)
    else:
        _list(newest_first(found), opts.limit)


def _address_of(command: AuroraCommand, site: str) -> str:
    """The site's address, for one that may be stored and unknown by now."""
    known = command.loader.list()
    return getattr(command.loader.load(site), "site_url", "") if site in known else ""


def _written(path: Path, count: int) -> None:
    words = ngettext("{count} article in {path}", "{count} articles in {path}", count)
    print(words.format(count=count, path=path))


def _show(found: Iterable[Article], limit: int | None) -> None:
    for number, article in enumerate(found):
        if limit is not None and number >= limit:
            return
        print(article_view(article, sys.stdout), end="\n\n\n")


def _list(lines: list[Shown], limit: int | None) -> None:
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
