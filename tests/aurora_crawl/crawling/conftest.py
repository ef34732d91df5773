"""Crawls in the tests' own process: one reactor in a thread of its own serves them all."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.utils.reactor import install_reactor

SECONDS = 60


class Reactor:
    """Twisted's reactor on an asyncio loop, in a thread."""

    def __init__(self) -> None:
        install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
        from twisted.internet import reactor

        self._reactor: Any = reactor
        self.loop: asyncio.AbstractEventLoop = self._reactor._asyncioEventloop
        threading.Thread(target=self._reactor.run, kwargs={"installSignalHandlers": False}, daemon=True).start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """What a coroutine returns that runs in the loop."""
        waiting: Future[Any] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return waiting.result(SECONDS)


@pytest.fixture(scope="session")
def reactor() -> Reactor:
    """The one reactor of the tests' process; it ends with the process."""
    return Reactor()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The project's settings, without delays and with data in a folder of the test."""
    settings = Settings()
    settings.setmodule("aurora_crawl.settings", priority="project")
    settings.setdict(
        {
            "DATA_DIR": str(tmp_path / "data"),
            "DOWNLOAD_DELAY": 0,
            "AUTOTHROTTLE_ENABLED": False,
            "RETRY_TIMES": 0,
            "RETRY_BACKOFF": 0.01,
        },
        priority="cmdline",
    )
    return settings


@pytest.fixture
def crawl(reactor: Reactor, settings: Settings) -> Callable[..., Crawler]:
    """Runs a spider to its end, `crawl(spider_class, **arguments)`; the crawler, whose statistics say how it went."""

    def run(cls: type[Spider], **given: Any) -> Crawler:
        async def whole() -> Crawler:
            crawler = Crawler(cls, settings)
            await crawler.crawl(**given).asFuture(reactor.loop)
            return crawler

        crawler: Crawler = reactor.run(whole())
        return crawler

    return run
