"""`scrapy status`: a line a site."""

from __future__ import annotations

import argparse
import shutil
import sys
from datetime import datetime
from typing import TYPE_CHECKING

from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import FAILED
from aurora_crawl.messages import N_, _, harmless, told

if TYPE_CHECKING:
    from aurora_crawl.maintenance.status import SiteStatus


class Command(AuroraCommand):
    """Says of every site what is stored, and how its last crawl went."""

    usage = "[options] [SITE …]"
    example = "scrapy status outraspalavras"
    short = N_("A line a site: stored, new, due, last crawl, health")
    long = N_(
        "Prints of every site, or of those that are named: articles that are stored, those that the last crawl stored, those"
        " that are found and not fetched yet, when the last crawl ended, and whether somebody should look."
        " Exit status: 0 when all is well, 1 when a site needs somebody, 2 for a wrong command."
    )

    def follow(self, args: list[str], opts: argparse.Namespace) -> int:
        """Print; 1 where a site is not well."""
        from aurora_crawl.maintenance.status import status_of

        rows = [row for row in status_of(self.data_dir, self.loader.list()) if not args or row.site in args]
        for name in {*args} - {row.site for row in rows}:
            self.loader.site(name)
        width = max([len(_("site")), *(len(row.site) for row in rows)])
        head = (_("site"), _("stored"), _("new"), _("due"), _("last crawl"), _("health"))
        print(_line(width, *head))
        for row in rows:
            counts = str(row.stored), str(row.new), str(row.due)
            print(_line(width, row.site, *counts, _day(row), str(told(row.health))))
        return 0 if all(row.is_well for row in rows) else FAILED


def _line(width: int, site: str, stored: str, new: str, due: str, last: str, health: str) -> str:
    """A row; in a terminal no longer than a line."""
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    line = f"{site:{width}} {stored:>8} {new:>6} {due:>6}  {last:10}  {harmless(health)}"
    return line if not columns or len(line) <= columns else line[: columns - 1] + "…"


def _day(row: SiteStatus) -> str:
    return datetime.fromisoformat(row.last.ended_at).astimezone().date().isoformat() if row.last else "-"
