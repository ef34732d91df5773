"""`scrapy verify`: whether what is stored is whole, and mending what is not."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from scrapy.commands import ScrapyCommand

from aurora_crawl.commands.sites import complain
from aurora_crawl.storage.ledger import LedgerError
from aurora_crawl.storage.repair import compact_site, repair_site
from aurora_crawl.storage.shards import ShardError
from aurora_crawl.storage.store import StoreError
from aurora_crawl.storage.verify import sites_in, verify_site

PROBLEMS = 1
"""The exit status where something is wrong, and was not mended."""
MOST_SHOWN = 20


class Command(ScrapyCommand):
    """Checks shards, manifest and ledger against each other."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Shown by --help."""
        return "[options] [SITE]"

    def short_desc(self) -> str:
        """Shown by `scrapy`."""
        return "Check what is stored; mend it; merge small shards"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Reads every line, and checks shards, manifest and ledger of SITE, or of all sites, against each other."
            " Exit status: 0 when all is well, 1 when something is wrong, 2 for a wrong command."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        parser.add_argument("--repair", action="store_true", help="rebuild what is damaged from what is whole")
        parser.add_argument("--compact", action="store_true", help="merge the small shards of many short crawls")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Check, print, and set the exit status."""
        assert self.settings is not None
        data_dir = Path(self.settings["DATA_DIR"])
        known = sites_in(data_dir)
        if len(args) > 1 or (args and args[0] not in known):
            what = "name one site, or none for all" if len(args) > 1 else f"nothing of {args[0]} is in {data_dir}"
            self.exitcode = complain(f"verify: {what}")
            return
        if not known:
            print(f"nothing is stored in {data_dir}")
        for site in args or known:
            try:
                self._one(data_dir, site, opts)
            except (StoreError, LedgerError, ShardError, OSError) as error:
                print(f"{site}: {error}", file=sys.stderr)
                self.exitcode = PROBLEMS

    def _one(self, data_dir: Path, site: str, opts: argparse.Namespace) -> None:
        verdict = verify_site(data_dir, site)
        if verdict.problems and opts.repair:
            _show(verdict.problems, site)
            mended = repair_site(data_dir, site)
            _show([*mended.mended, *(f"could not be mended: {line}" for line in mended.lost)], site)
            verdict = verify_site(data_dir, site)
        if verdict.problems:
            _show(verdict.problems, site)
            self.exitcode = PROBLEMS
            if not opts.repair:
                print(
                    f"{site}: {len(verdict.problems)} problems; `scrapy verify {site} --repair` mends what can be mended"
                )
            return
        print(f"{site}: all is well: {verdict.articles} articles, {verdict.lines} lines, {verdict.shards} shards")
        if opts.compact:
            before, after = compact_site(data_dir, site)
            print(f"{site}: {before} closed shards, now {after}" if before != after else f"{site}: nothing to merge")


def _show(lines: list[str], site: str) -> None:
    for line in lines[:MOST_SHOWN]:
        print(f"{site}: {line}")
    if len(lines) > MOST_SHOWN:
        print(f"{site}: … and {len(lines) - MOST_SHOWN} more")
