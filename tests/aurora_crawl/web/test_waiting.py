"""A crawl that waits says on whom, why and until when; who stops it waits no longer."""

import asyncio
import logging
import time

import pytest
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.utils.test import get_crawler

from aurora_crawl import stat_names as names
from aurora_crawl.crawling.context import STOPPING
from aurora_crawl.messages import Message
from aurora_crawl.web.waiting import AGAIN_AFTER, Stopped, Waiting

WHY = Message("it asks to be left alone")


@pytest.fixture
def crawler() -> Crawler:
    return get_crawler(settings_dict={"DOWNLOADER_MIDDLEWARES": {}})


async def wait_and_stop(crawler: Crawler, waiting: Waiting, seconds: float) -> None:
    task = asyncio.ensure_future(waiting.wait("exemplo.invalid", seconds, WHY))
    await asyncio.sleep(0)
    crawler.signals.send_catch_log(STOPPING)
    await task


def test_a_long_wait_is_said_with_whom_why_and_until_when(crawler: Crawler, caplog: pytest.LogCaptureFixture) -> None:
    waiting = Waiting(crawler)
    caplog.set_level(logging.INFO)
    with pytest.raises(Stopped):
        asyncio.run(wait_and_stop(crawler, waiting, 7200.0))
    (line,) = [record.getMessage() for record in caplog.records if "waiting" in record.getMessage()]
    until = time.strftime("%H:", time.localtime(time.time() + 7200.0))
    assert "waiting for exemplo.invalid until " in line
    assert until in line
    assert line.endswith(": it asks to be left alone")
    # What was not waited is not counted.
    assert crawler.stats.get_value(names.WAITED_MS) < 3_600_000


def test_no_request_passes_once_the_crawl_is_stopped(crawler: Crawler) -> None:
    waiting = Waiting(crawler)
    asyncio.run(waiting.process_request(Request("https://exemplo.invalid/")))
    crawler.signals.send_catch_log(STOPPING)
    with pytest.raises(Stopped):
        asyncio.run(waiting.process_request(Request("https://exemplo.invalid/")))


def test_a_rest_before_a_question_to_an_archive_is_said_and_ends_when_the_crawl_is_stopped(
    crawler: Crawler, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    waiting = Waiting(crawler)
    asked = Request("https://exemplo.invalid/cdx", meta={"aurora_rest": 7200.0})

    async def ask_and_stop() -> None:
        task = asyncio.ensure_future(waiting.process_request(asked))
        await asyncio.sleep(0)
        crawler.signals.send_catch_log(STOPPING)
        await task

    with pytest.raises(Stopped):
        asyncio.run(ask_and_stop())
    (line,) = [record.getMessage() for record in caplog.records if "waiting" in record.getMessage()]
    assert "waiting for exemplo.invalid until " in line


@pytest.mark.parametrize(("seconds", "lines"), [((9.0, 10.0, 12.0), 1), ((9.0, 10.0 + AGAIN_AFTER), 2)])
def test_a_wait_that_ends_about_then_is_said_once(
    crawler: Crawler, caplog: pytest.LogCaptureFixture, seconds: tuple[float, ...], lines: int
) -> None:
    waiting = Waiting(crawler)
    caplog.set_level(logging.INFO)
    for one in seconds:
        waiting.say("exemplo.invalid", one, WHY)
    assert len([record for record in caplog.records if "waiting" in record.getMessage()]) == lines
