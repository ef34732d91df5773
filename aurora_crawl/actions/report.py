"""`scrapy report`: one HTML page about everything that is stored."""

from __future__ import annotations

import argparse

from aurora_crawl.actions.progress_bars import Bars
from aurora_crawl.command import AuroraCommand
from aurora_crawl.maintenance.report_page import write_report


def run(command: AuroraCommand, args: list[str], opts: argparse.Namespace) -> None:
    """Look, and write the page."""
    target = opts.output or command.data_dir / "report.html"
    with Bars() as bars:
        write_report(
            target,
            command.data_dir,
            corpus=opts.corpus,
            totals=opts.totals,
            goal=opts.goal,
            samples=opts.articles,
            progress=bars.show,
        )
    print(target.absolute().as_uri())
