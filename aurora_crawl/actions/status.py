"""`scrapy status`: a line a site."""

from __future__ import annotations

import argparse
import shutil
import sys
from datetime import datetime

from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import FAILED
from aurora_crawl.maintenance.status import SiteStatus, status_of
from aurora_crawl.messages import _, harmless, told


def run(command: AuroraCommand, args: list[str], opts: argparse.Namespace) -> int:
    """Print; 1 where a site is not well."""
    rows = [row for row in status_of(command.data_dir, command.loader.list()) if not args or row.site in args]
    for name in {*args} - {row.site for row in rows}:
        command.loader.site(name)
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
