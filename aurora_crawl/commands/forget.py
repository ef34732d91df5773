"""`scrapy forget URL`: an article out of everything that is stored, for good."""

from __future__ import annotations

import argparse
from pathlib import Path

from aurora_crawl.addresses import is_address, is_file
from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import WrongCommand
from aurora_crawl.messages import N_, _


class Command(AuroraCommand):
    """Forgets, and says what that was."""

    usage = "[options] URL [URL …]"
    example = "scrapy forget https://example.org/2020/article/"
    short = N_("Take articles out of everything that is stored, and never fetch them again")
    long = N_(
        "Takes the articles at these addresses out of everything under DATA_DIR: shards, archives, corpora, learned blocks,"
        " tokens prepared for training, the report; the ledger remembers that they are never to be fetched again. Other"
        " articles that print the same text are named and stay. An adapter cannot unlearn: those in the folders given with --adapters that were"
        " trained on the articles are named, to be trained anew or taken out of use. Nothing comes back: make a copy first if"
        " in doubt. Exit status: 0 when all is done, 1 where something failed (the same command goes on), 2 for a wrong"
        " command, 130 after Ctrl-C (the same command goes on)."
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        corpora = _("a corpus outside DATA_DIR, or a folder of some; may be given more than once")
        add("--corpora", type=Path, action="append", default=[], metavar="DIR", help=corpora)
        adapters = _("where adapters are looked for, at any depth; may be given more than once")
        add("--adapters", type=Path, action="append", default=[], metavar="DIR", help=adapters)

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """See AuroraCommand."""
        if not args:
            raise WrongCommand(N_("name at least one address"))
        for url in args:
            if not is_address(url) and not is_file(url):
                raise WrongCommand(N_("{url}: not an address like https://example.org/article"), url=url)
        for folder in (*opts.corpora, *opts.adapters):
            if not folder.is_dir():
                raise WrongCommand(N_("{folder}: no such folder"), folder=folder)
