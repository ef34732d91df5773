"""`scrapy newsite URL`: looks at a site, says what it found, and writes its spider, test and page."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from aurora_crawl.addresses import refusal
from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import WrongCommand
from aurora_crawl.messages import N_, _


class Command(AuroraCommand):
    """Looks, chooses, proves, writes."""

    usage = "[options] URL"
    example = "scrapy newsite https://jornal.example"
    short = N_("Look at a site, say what it is, and write its spider")
    long = N_(
        "Asks the site at most 15 times, politely, and says what it found: system, theme, routes with their numbers, licence, what its"
        " publisher says about machine learning; which route and rules a spider would take and why; three articles as proof; and how"
        " sure that is. Then it writes the spider, its test and its invented page. Nothing is written where robots.txt or the"
        " publisher forbids it, or no article could be read. With --archive nothing is asked: WARC files answer."
        " Exit status: 0 when the spider was written, 1 where there is a reason not to, 2 for a wrong command."
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        add("--name", metavar="NAME", help=_("of the spider; by default the host's"))
        add("--dry-run", action="store_true", help=_("write nothing"))
        add("--force", action="store_true", help=_("write over a spider that is there"))
        add(
            "--archive",
            metavar="FILE",
            type=Path,
            action="append",
            help=_("read the site from a WARC file; nothing is fetched"),
        )

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """See AuroraCommand."""
        if len(args) != 1:
            raise WrongCommand(N_("it wants one address, like: https://jornal.example"))
        if refusal(address(args[0])) is not None:
            raise WrongCommand(N_("{url} is not an address like https://jornal.example"), url=args[0])
        if opts.name is not None and not re.fullmatch(r"[a-z][a-z0-9]*", opts.name):
            raise WrongCommand(N_("'{name}' is no name for a site: small letters and digits"), name=opts.name)


def address(word: str) -> str:
    """The address that a word means: one without a scheme is of https."""
    return word if "://" in word else f"https://{word}"
