"""A look at one site as a crawl that stores nothing: the project's manners hold for it, and a budget of requests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, ClassVar

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.settings import BaseSettings
from scrapy.utils.httpobj import urlparse_cached

from aurora_crawl.crawling.context import ContextSpider, CrawlContext
from aurora_crawl.crawling.site_reading import SiteReading
from aurora_crawl.inspection.answers import Asking
from aurora_crawl.inspection.checkup import MOST_REQUESTS as CHECKUP_REQUESTS
from aurora_crawl.inspection.look import MOST_REQUESTS
from aurora_crawl.inspection.opt_outs import said_in_robots
from aurora_crawl.messages import Message
from aurora_crawl.routes.fetch import engine_fetch
from aurora_crawl.routes.route import FetchFailed, Scope
from aurora_crawl.web.optout import HostSignals
from aurora_crawl.web.request_budget import RequestBudget
from aurora_crawl.web.robots import Robots

HOST_SIGNALS = "aurora_crawl.web.optout.HostSignals"
JOURNAL = "aurora_crawl.web.answer_journal.AnswerJournal"
BUDGET = "aurora_crawl.web.request_budget.RequestBudget"
ROBOTS = "/robots.txt"

Work = Callable[[Asking], Awaitable[None]]
"""What is to be asked of a site."""


class SiteLook(ContextSpider):
    """Hands `work` the means to ask the site at `url`, at most `most` requests in all, those for its rules included."""

    name = "look"
    most: ClassVar[int] = MOST_REQUESTS

    def __init__(self, *, url: str, work: Work) -> None:
        super().__init__()
        self.url, self.work = url, work
        self._robots: dict[str, Response] = {}
        self._rules: dict[str, RobotParser] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> SiteLook:
        """Made by Scrapy."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._note, signals.response_received)
        return spider

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Nothing is stored or archived, and nothing is asked twice."""
        super().update_settings(settings)
        middlewares = {**settings.getdict("DOWNLOADER_MIDDLEWARES"), BUDGET: 870}
        given = {"ITEM_PIPELINES": {}, "EXTENSIONS": {}, "ARCHIVE": False, "RETRY_TIMES": 0, "REQUEST_BUDGET": cls.most}
        settings.setdict({**given, "DOWNLOADER_MIDDLEWARES": middlewares}, priority="spider")

    def new_context(self) -> CrawlContext:
        """A crawl that stores nothing, of a site that a person named."""
        return CrawlContext(
            scope=Scope(self.name, self.url),
            reading=SiteReading(self.name, self.url, None),
            stats=self.crawler.stats,
            halt=lambda reason, message: None,
            fetch=engine_fetch(self.crawler),
            typed=(self.url,),
        )

    async def start(self) -> AsyncIterator[Request]:
        """Do the work."""
        budget = self.crawler.get_downloader_middleware(RequestBudget)
        hosts = self.crawler.get_downloader_middleware(HostSignals)
        asking = Asking(
            self._fetch,
            self.most,
            says=hosts.of if hosts is not None else self._says_in_robots,
            sent=(lambda: budget.sent) if budget is not None else None,
        )
        await self.work(asking)
        return
        yield

    async def _fetch(self, request: Request) -> Response:
        """The response to a request; that to robots.txt once, for the look and for the rules alike."""
        parts = urlparse_cached(request)
        if parts.path != ROBOTS:
            return await self.context.fetch(request)
        robots = self.crawler.get_downloader_middleware(Robots)
        if robots is not None and parts.netloc not in self._robots:
            self._rules[parts.netloc] = await robots.robot_parser(request)
        if parts.netloc in self._robots:
            return self._robots[parts.netloc]
        raise FetchFailed(Message("robots.txt of {host} cannot be had", host=parts.netloc))

    def _says_in_robots(self, url: str) -> list[str]:
        """What robots.txt alone says against machine learning."""
        rules = self._rules.get(urlparse_cached(Request(url)).netloc)
        return said_in_robots(rules, url) if rules is not None else []

    def _note(self, response: Response, request: Request) -> None:
        """Keep what a host's robots.txt is, whoever asked for it."""
        asked = urlparse_cached(Request(request.meta.get("redirect_urls", [request.url])[0]))
        if asked.path == ROBOTS:
            self._robots[asked.netloc] = response


class CensusLook(SiteLook):
    """The same with three requests, robots.txt among them; what was answered is kept until the outlet is counted.

    tdmrep.json is not asked for: a crawl asks for it before the first page.
    """

    name = "census"
    most = 3

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """See SiteLook."""
        super().update_settings(settings)
        given = {**settings.getdict("DOWNLOADER_MIDDLEWARES"), HOST_SIGNALS: None, JOURNAL: 865}
        settings.set("DOWNLOADER_MIDDLEWARES", given, priority="spider")


class CheckupLook(SiteLook):
    """The same with twenty-five requests, for a site that has a spider."""

    name = "checkup"
    most = CHECKUP_REQUESTS
