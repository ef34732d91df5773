"""What a crawl did, in a few lines at its end."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from scrapy import signals
from scrapy.crawler import Crawler

from aurora_crawl.crawling.context import of_site, site_context
from aurora_crawl.messages import _, ngettext, number
from aurora_crawl.monitoring.nothing import nothing_new, why_nothing
from aurora_crawl.monitoring.outcome import Outcome
from aurora_crawl.monitoring.reasons import end_in_words, fate_in_words
from aurora_crawl.storage.crawl_history import CrawlRecord

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
        site = context.site
        crawl = Outcome.of(context.stats.get_stats(), reason)
        for line in summary_lines(site, crawl):
            logger.info("%s", line)
        if crawl.kept_in_all is not None:
            folder = Path(self.crawler.settings["DATA_DIR"]) / "articles" / site
            words = ngettext("{count} article in {folder}", "{count} articles in {folder}", crawl.kept_in_all)
            logger.info("%s: %s", site, words.format(count=crawl.kept_in_all, folder=folder))


def headline(crawl: Outcome | CrawlRecord) -> str:
    """How a crawl ended, what it found, and what became of it."""
    words = _(
        "{end}; found {found} ({new} new, {changed} edited), kept {kept}, new revisions {edited}, unchanged {unchanged}"
    )
    return words.format(
        end=end_in_words(crawl.reason),
        found=sum(crawl.found.values()),
        new=crawl.found.get("new", 0),
        changed=crawl.found.get("edited", 0),
        kept=crawl.kept,
        edited=crawl.edited,
        unchanged=crawl.unchanged,
    )


def summary_lines(site: str, crawl: Outcome) -> list[str]:
    """The summary of a crawl, each line with the site's name before it."""
    lines = [headline(crawl)]
    for counts, words, named in (
        (crawl.dropped, _("dropped {count}: {told}"), fate_in_words),
        (crawl.failed, _("failed {count}: {told}"), fate_in_words),
        (crawl.removed, _("cut {count} pieces of text: {told}"), str),
        (crawl.marked, _("{count} marks of quality: {told}"), str),
        (crawl.refused, _("refused {count} requests or answers: {told}"), fate_in_words),
    ):
        if counts:
            lines.append(words.format(count=sum(counts.values()), told=_by_name(counts, named)))
    if crawl.masked:
        lines.append(_("masked {count} pieces of personal data").format(count=crawl.masked))
    if nothing := why_nothing(crawl):
        lines.append(_("nothing was found: {why}").format(why=nothing.told()))
    elif nothing_new(crawl):
        lines.append(_("nothing new; {count} stored").format(count=crawl.kept_in_all or 0))
    if crawl.limit_reached:
        holds = max(crawl.expected or 0, crawl.expected_before or 0)
        ended = _("limit={limit} ended it; without it, the same command goes on").format(limit=crawl.limit)
        lines.append(ended + (" " + _("(the site announces {count})").format(count=holds) if holds else ""))
    lines.append(_traffic(crawl))
    return [f"{site}: {line}" for line in lines]


def _traffic(crawl: Outcome) -> str:
    parts = [ngettext("{count} request", "{count} requests", crawl.requests).format(count=crawl.requests)]
    if crawl.stored:
        parts.append(_("{each:.2f} a stored article").format(each=crawl.requests / crawl.stored))
    parts += [f"{number(crawl.bytes / 1e6, '.1f')}\u00a0MB", f"{crawl.seconds:.0f}\u00a0s"]
    if crawl.waited >= 1:
        parts.append(_("waited {seconds:.0f} s as servers ask").format(seconds=crawl.waited))
    return ", ".join(parts)


def _by_name(counts: Mapping[str, int], named: Callable[[str], str]) -> str:
    return ", ".join(f"{count} {named(name)}" for name, count in sorted(counts.items(), key=lambda pair: -pair[1]))
