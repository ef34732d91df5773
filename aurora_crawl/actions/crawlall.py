"""`scrapy crawlall`: all sites side by side, a process and a line each."""

from __future__ import annotations

import argparse
import sys

from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import FAILED, INTERRUPTED
from aurora_crawl.maintenance.side_by_side import LIVE_SECONDS, SideBySide
from aurora_crawl.monitoring.live_lines import LiveLines


def run(command: AuroraCommand, args: list[str], opts: argparse.Namespace) -> int:
    """Crawl; 1 where one crawl did not end well."""
    sites = [site.name for site in command.some_sites(args)]
    given = [part for pair in opts.set for part in ("-s", pair)]
    given += [part for pair in opts.spargs for part in ("-a", pair)]
    if sys.stdout.isatty():
        given += ["-s", f"PROGRESS_SECONDS={LIVE_SECONDS}"]
    with LiveLines(opts.jobs) as lines:
        done = SideBySide(command.data_dir, opts.jobs, given).run(sites, lines.say, lines.show)
    return INTERRUPTED if done.interrupted else FAILED if done.failed else 0
