"""Spidermon's monitors: what a person should look at when a crawl ends. A failed one makes the exit status 1.

Spidermon's notifiers (mail, Slack, Telegram, Sentry …) are switched on by their own settings, as actions of a suite that
inherits from `CrawlSuite` and is named in SPIDERMON_SPIDER_CLOSE_MONITORS.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from spidermon import Monitor, MonitorSuite, monitors
from spidermon.core.actions import Action

from aurora_crawl.files import write_whole
from aurora_crawl.messages import _
from aurora_crawl.monitoring.outcome import Outcome
from aurora_crawl.stat_names import MONITORS_FAILED

logger = logging.getLogger(__name__)

ENOUGH = 20
"""Fewer articles say nothing about shares."""
MOST_WITHOUT_DATE = 0.5
MOST_FAILED = 0.2
MOST_BLOCKED = 0.05
LEAST_OF_LAST = 0.8
"""A site rarely takes back a fifth of its archive; a route that announces so much less has usually been broken."""


@monitors.name("crawl")
class CrawlMonitor(Monitor):  # type: ignore[misc] # Spidermon has no types
    """Each method is a monitor, and its assertion's message is what a person reads."""

    def test_fields(self) -> None:
        """Most articles have a date."""
        items, without = self._crawl.items, self._crawl.without.get("published", 0)
        if items >= ENOUGH:
            dateless = _("{count} of {items} articles have no date").format(count=without, items=items)
            assert without / items <= MOST_WITHOUT_DATE, dateless

    def test_schema(self) -> None:
        """Every line is what the schema says."""
        errors = self._crawl.schema_errors
        assert errors == 0, _("{count} articles are not what article.schema.json says").format(count=errors)

    def test_blocks(self) -> None:
        """The server shows pages, not walls."""
        blocks, requests = self._crawl.blocks, self._crawl.requests
        walls = _("{count} bot walls in {requests} requests").format(count=blocks, requests=requests)
        assert blocks <= MOST_BLOCKED * requests, walls

    def test_failures(self) -> None:
        """Most of what was asked for could be read."""
        failed = sum(self._crawl.failed.values())
        done = failed + self._crawl.items
        if done >= ENOUGH:
            assert failed / done <= MOST_FAILED, _("{count} of {done} articles failed").format(count=failed, done=done)

    def test_not_fewer_than_last_time(self) -> None:
        """The routes announce about as much as last time, or more."""
        now = self._crawl.expected
        path = Path(self.data.crawler.settings["DATA_DIR"]) / "monitor" / f"{self.data.spider.name}.json"
        try:
            last = int(json.loads(path.read_text(encoding="utf-8"))["announced"])
        except (OSError, ValueError, KeyError, TypeError):
            last = 0
        window = getattr(self.data.spider, "arguments", None)
        if not now or (window is not None and str(window.window) != ".."):
            return
        if self._crawl.is_update or self._crawl.reason == "store":
            # A crawl that could not store what it found says so itself, and has no room for a note.
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps({"announced": now}) + "\n")
        fewer = _("the site announces {now} articles; last time it was {last}").format(now=now, last=last)
        assert now >= LEAST_OF_LAST * last, fewer

    @property
    def _crawl(self) -> Outcome:
        return Outcome.of(self.data.crawler.stats.get_stats())


class SayWhatFailed(Action):  # type: ignore[misc] # Spidermon has no types
    """A line for each monitor that failed, and a note for the exit status."""

    def run_action(self) -> None:
        """Say it."""
        # The last line of the traceback is the assertion's message.
        failed = [
            str(result.error).strip().splitlines()[-1].removeprefix("AssertionError: ")
            for result in self.result.monitors_failed_results
        ]
        stats = self.data.crawler.stats
        stats.set_value(MONITORS_FAILED, failed)
        for line in failed:
            logger.error("%s: monitor: %s", self.data.spider.name, line)


class CrawlSuite(MonitorSuite):  # type: ignore[misc] # Spidermon has no types
    """What runs when a crawl ends."""

    monitors: list[Any] = [CrawlMonitor]
    monitors_failed_actions: list[Any] = [SayWhatFailed]
