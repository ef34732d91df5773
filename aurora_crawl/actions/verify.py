"""`scrapy verify`: whether what is stored is whole, and mending what is not."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from aurora_crawl.command import AuroraCommand, os_error
from aurora_crawl.errors import FAILED, AuroraError, WrongCommand
from aurora_crawl.maintenance.verify import looked_after
from aurora_crawl.messages import N_, Message, _, harmless, ngettext, told
from aurora_crawl.storage.verify import sites_in

MOST_SHOWN = 20


def run(command: AuroraCommand, args: list[str], opts: argparse.Namespace) -> int:
    """Check and print; 1 where something is wrong, and was not mended. A site that cannot be read costs itself."""
    known = sites_in(command.data_dir)
    if args and args[0] not in known:
        raise WrongCommand(N_("nothing of {site} is in {folder}"), site=args[0], folder=command.data_dir)
    if not known:
        print(_("nothing is stored in {folder}").format(folder=command.data_dir))
    are_whole = True
    for site in args or known:
        try:
            are_whole &= _is_whole(command, site, opts)
        except AuroraError as error:
            print(f"{site}: {error.told()}", file=sys.stderr)
            are_whole = False
        except OSError as error:
            print(f"{site}: {os_error(error).told()}", file=sys.stderr)
            are_whole = False
    return 0 if are_whole else FAILED


def _is_whole(command: AuroraCommand, site: str, opts: argparse.Namespace) -> bool:
    found = looked_after(command.data_dir, site, repair=opts.repair, compact=opts.compact)
    if found.mended is not None:
        _show(found.problems, site)
        lost: list[str] = [Message(N_("could not be mended: {what}"), what=line) for line in found.lost]
        _show([*found.mended, *lost], site)
    _show(found.left, site)
    if found.left:
        if not opts.repair:
            count = len(found.left)
            words = ngettext(
                "{site}: {count} problem; `scrapy verify {site} --repair` mends what can be mended",
                "{site}: {count} problems; `scrapy verify {site} --repair` mends what can be mended",
                count,
            )
            print(words.format(site=site, count=count))
        return False
    words = _("{site}: all is well: {articles} articles, {lines} lines, {shards} shards")
    print(words.format(site=site, articles=found.articles, lines=found.lines, shards=found.shards))
    if found.waiting:
        waiting = ngettext(
            "{site}: the last crawl ended suddenly; the next one takes over {count} article by itself",
            "{site}: the last crawl ended suddenly; the next one takes over {count} articles by itself",
            found.waiting,
        )
        print(waiting.format(site=site, count=found.waiting))
    if found.merged is not None:
        before, after = found.merged
        merged = _("{site}: {before} closed shards, now {after}") if before != after else _("{site}: nothing to merge")
        print(merged.format(site=site, before=before, after=after))
    return True


def _show(lines: Sequence[str], site: str) -> None:
    for line in lines[:MOST_SHOWN]:
        print(f"{site}: {harmless(str(told(line)))}")
    if len(lines) > MOST_SHOWN:
        print(_("{site}: … and {count} more").format(site=site, count=len(lines) - MOST_SHOWN))
