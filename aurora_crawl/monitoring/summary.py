"""What a crawl did, in a few lines at its end."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler

from aurora_crawl.crawling.context import of_site, site_context
from aurora_crawl.monitoring.nothing import why_nothing

logger = logging.getLogger(__name__)


class Summary:
    """Found, kept, dropped and failed by reason; cuts and marks; requests and bytes; where the articles are."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Summary:
        """Made by Scrapy."""
        return cls(of_site(crawler))

    def spider_closed(self, reason: str) -> None:
        """Print the lines."""
        context = site_context(self.crawler)
        if context.is_by_hand:
            # A page that a person looked at is no crawl.
            return
        reason = self.crawler.stats.get_value("aurora/halted", reason)
        site = context.site
        for line in summary_lines(
            site, self.crawler.stats.get_stats(), self.crawler.stats.get_value("aurora/halted", reason)
        ):
            logger.info("%s", line)
        kept = self.crawler.stats.get_value("aurora/kept_in_all")
        if kept is not None:
            logger.info(
                "%s: %d articles in %s", site, kept, Path(self.crawler.settings["DATA_DIR"]) / "articles" / site
            )


def summary_lines(site: str, stats: dict[str, Any], reason: str) -> list[str]:
    """The summary of a crawl's statistics."""
    found = _under(stats, "aurora/found/")
    requests = stats.get("downloader/request_count", 0)
    kept, edited, unchanged = (stats.get(f"aurora/{fate}", 0) for fate in ("kept", "edited", "unchanged"))
    new, changed = found.get("new", 0), found.get("edited", 0)
    fates = f"kept {kept}, new revisions {edited}, unchanged {unchanged}"
    lines = [f"{site}: {reason}; found {sum(found.values())} ({new} new, {changed} edited), {fates}"]
    for fate in ("dropped", "failed"):
        reasons = _under(stats, f"aurora/{fate}/")
        if reasons:
            told = ", ".join(f"{count} {name}" for name, count in sorted(reasons.items(), key=lambda pair: -pair[1]))
            lines.append(f"{site}: {fate} {sum(reasons.values())}: {told}")
    for what, told_as in (("removed", "cut {} pieces of text"), ("marked", "{} marks of quality")):
        names = _under(stats, f"aurora/{what}/")
        if names:
            told = ", ".join(f"{count} {name}" for name, count in sorted(names.items(), key=lambda pair: -pair[1]))
            lines.append(f"{site}: {told_as.format(sum(names.values()))}: {told}")
    if masked := stats.get("aurora/masked"):
        lines.append(f"{site}: masked {masked} pieces of personal data")
    megabytes = stats.get("downloader/response_bytes", 0) / 1e6
    each = f", {requests / (kept + edited):.2f} a stored article" if kept + edited else ""
    refused = _under(stats, "aurora/refused/")
    if refused:
        told = ", ".join(f"{count} {name}" for name, count in sorted(refused.items(), key=lambda pair: -pair[1]))
        lines.append(f"{site}: refused {sum(refused.values())} requests or answers: {told}")
    waited = (stats.get("aurora/waited_ms", 0) + stats.get("aurora/turn_ms", 0)) / 1000
    waits = f", waited {waited:.0f} s as servers ask" if waited >= 1 else ""
    nothing = why_nothing(stats)
    if nothing:
        lines.append(f"{site}: nothing was found: {nothing}")
    lines.append(
        f"{site}: {requests} requests{each}, {megabytes:.1f} MB, {stats.get('elapsed_time_seconds', 0):.0f} s{waits}"
    )
    return lines


def _under(stats: dict[str, Any], prefix: str) -> dict[str, int]:
    return {key.removeprefix(prefix): value for key, value in stats.items() if key.startswith(prefix)}
