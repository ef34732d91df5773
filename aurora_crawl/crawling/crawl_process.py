"""The process that crawls run in: what Ctrl-C, a service manager or a closed terminal ends, ends in order, and at once when asked twice."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys
from types import FrameType

from scrapy.crawler import AsyncCrawlerProcess

from aurora_crawl.crawling.context import STOPPING
from aurora_crawl.errors import INTERRUPTED
from aurora_crawl.messages import N_, _

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
"""Signals that ask a process to end, as far as the system has them."""
STOPS = N_("stopping: what was asked for is finished and stored; Ctrl-C again ends it now")
_ENDED = N_("ended; the same command goes on where it was")


class CrawlProcess(AsyncCrawlerProcess):
    """Scrapy's own, which is silent on the first signal and finishes all that waits for its turn, however slow the site's pace."""

    def start(self, stop_after_crawl: bool = True, install_signal_handlers: bool = True) -> None:
        """Run the crawls until they end."""
        from twisted.internet import reactor

        self._asked_to_stop = False
        if install_signal_handlers:
            reactor.callWhenRunning(self._listen)
        super().start(stop_after_crawl, install_signal_handlers=False)

    def _listen(self) -> None:
        for name in _ENDING:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._interrupted)

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        from twisted.internet import reactor

        if self._asked_to_stop:
            _say(_(_ENDED))
            for child in multiprocessing.active_children():
                child.kill()
            # Everything that is kept survives a killed process.
            os._exit(INTERRUPTED)
        self._asked_to_stop = True
        _say(_(STOPS))
        reactor.callFromThread(self._stop)

    def _stop(self) -> None:
        for crawler in self.crawlers:
            crawler.signals.send_catch_log(STOPPING)
        # The loop itself holds tasks weakly.
        self._ending = asyncio.ensure_future(self.stop())


def _say(line: str) -> None:
    """Write without Python's buffers: a signal may have come in the middle of a line that they hold."""
    # In a terminal the line would stand behind ^C, or behind the bar.
    begin = "\n" if sys.stderr.isatty() else ""
    os.write(2, f"{begin}{line}\n".encode(errors="replace"))
