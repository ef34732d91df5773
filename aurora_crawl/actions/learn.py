"""`scrapy learn SITE`: the site's repeated blocks, learned from its shards, in a file that a person reads and corrects."""

from __future__ import annotations

import argparse
import sys

from aurora_crawl.actions.article_view import text_view
from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import WrongCommand
from aurora_crawl.maintenance.learn import SiteBlocks, block_path
from aurora_crawl.messages import N_, _, fitted, ngettext
from aurora_crawl.storage.verify import sites_in


def run(command: AuroraCommand, args: list[str], opts: argparse.Namespace) -> None:
    """Learn or show."""
    # An outlet that only archives brought is named by its host, and has no spider.
    is_outlet = len(args) == 1 and "." in args[0] and args[0] in sites_in(command.data_dir)
    site = args[0] if is_outlet else command.one_site(args).name
    blocks = SiteBlocks(command.data_dir, site)
    if not blocks.articles:
        folder = command.data_dir / "articles"
        none = N_("no articles of {site} in {folder}; run `scrapy crawl {site}` first")
        raise WrongCommand(none, site=site, folder=folder)
    if opts.show:
        for one, kept, removed in blocks.as_cut_now(opts.limit):
            print(text_view(one.title, [one.url], kept, removed, sys.stdout), end="\n\n\n")
        return
    done = blocks.learn()
    for line in done.new:
        print(fitted(line, sys.stdout, indent="    "))
    words = _("{read}: {new}, {known} ({struck}). Look through it and correct it: {path}")
    told = words.format(
        read=ngettext("{n} article read", "{n} articles read", done.pages).format(n=done.pages),
        new=ngettext("{n} new block", "{n} new blocks", len(done.new)).format(n=len(done.new)),
        known=ngettext("{n} already known", "{n} already known", done.known).format(n=done.known),
        struck=ngettext("{n} struck out", "{n} struck out", done.struck).format(n=done.struck),
        path=block_path(command.data_dir, site),
    )
    print(fitted(told, sys.stdout))
