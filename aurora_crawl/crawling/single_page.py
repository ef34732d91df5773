"""One page of a site as the Article that a crawl would store: read, and taken through the same steps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response, TextResponse
from scrapy.settings import BaseSettings
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from aurora_crawl.budget import OverBudget
from aurora_crawl.crawling.article_page import read_article_page
from aurora_crawl.crawling.context import ContextSpider, CrawlContext
from aurora_crawl.crawling.documents import Documents, Incomplete, NotWanted, template_of
from aurora_crawl.crawling.page_requests import WHOLE
from aurora_crawl.crawling.site_reading import PAGES, SiteReading
from aurora_crawl.extraction.answer import page_text
from aurora_crawl.extraction.article import extract_article
from aurora_crawl.items import Article
from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.fetch import engine_fetch, failure_in_words
from aurora_crawl.routes.route import Fetch, Found, RouteFailed, Scope

ROUTE = "page"
"""What stands as `route` in an article that no route found."""
_STORING = ("DuplicatesPipeline", "ExportPipeline")


async def _alone(request: Request) -> Response:
    """A saved page has nothing around it."""
    raise RouteFailed(N_("leads to {url}; give the page's address, so that it is asked for"), url=request.url)


class SinglePage(ContextSpider):
    """Reads one page of a site: the file `source` where there is one, else the address `url`.

    `done` is called with the finished Article, `failed` with one line that says why there is none.
    """

    name = "page"

    def __init__(
        self,
        *,
        scope: Scope,
        reading: SiteReading,
        source: Path | None,
        url: str,
        done: Callable[[Article], None],
        failed: Callable[[str], None],
    ) -> None:
        super().__init__(reading.site)
        self.scope = scope
        self.reading = reading
        self.source = source
        self.url = url
        self.done = done
        self._said = failed
        self._has_failed = False

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> SinglePage:
        """Made by Scrapy."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._kept, signals.item_scraped)
        crawler.signals.connect(spider._dropped, signals.item_dropped)
        crawler.signals.connect(spider._broke, signals.item_error)
        return spider

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Every step of a crawl except those that store."""
        super().update_settings(settings)
        steps = {path: order for path, order in settings["ITEM_PIPELINES"].items() if not path.endswith(_STORING)}
        settings.set("ITEM_PIPELINES", steps, priority="spider")
        settings.set("EXTENSIONS", {}, priority="spider")

    def new_context(self) -> CrawlContext:
        """A crawl of one page, which stores nothing."""
        return CrawlContext(
            scope=self.scope,
            reading=self.reading,
            stats=self.crawler.stats,
            halt=self._halt,
            fetch=engine_fetch(self.crawler),
            typed=(self.scope.site_url, self.url) if self.source is None else (),
        )

    def _halt(self, reason: str, message: str) -> None:
        """The page cannot be had, for a reason that a person must see to."""
        self.failed(message)

    def failed(self, message: str) -> None:
        """There is no Article; the first reason counts, what follows from it is not said."""
        if not self._has_failed:
            self._has_failed = True
            self._said(message)

    async def start(self) -> AsyncIterator[Article | Request]:
        """The page's Article, or the request for the page."""
        if self.source is None:
            yield Request(self.url, callback=self._read, errback=self._unread, dont_filter=True)
        elif self.reading.reads != PAGES:
            body = self.source.read_bytes()
            url = self.url or f"{self.reading.site_url}/{self.source.name}"
            is_file = body.startswith(b"%PDF")
            response = Response(url, body=body) if is_file else HtmlResponse(url, body=body)
            async for article in self._document(response, _alone):
                yield article
        else:
            html = page_text(self.source.read_bytes())
            url = self.url or extract_article(html, "").canonical or f"{self.reading.site_url}/{self.source.stem}"
            for article in self._page(html, url):
                yield article

    def _page(self, html: str, url: str) -> Iterator[Article]:
        try:
            yield read_article_page(html, url, self.reading, route=ROUTE)
        except OverBudget as error:
            self.failed(f"{url} {error}")

    async def _read(self, response: Response) -> AsyncIterator[Article]:
        if response.status not in WHOLE:
            self.failed(Message("HTTP {status} at {url}", status=response.status, url=response.url))
        elif self.reading.reads != PAGES:
            async for article in self._document(response, self.context.fetch):
                yield article
        elif isinstance(response, TextResponse):
            for article in self._page(response.text, response.url):
                yield article
        else:
            self.failed(Message("{url} is no page of text", url=response.url))

    async def _document(self, response: Response, fetch: Fetch) -> AsyncIterator[Article]:
        """A document that is more than the page: with its chapters, or the file that the page leads to."""
        documents = Documents(self.reading, fetch, template_of(self.scope))
        try:
            yield await documents.read(response, Found(response.url), ROUTE)
        except (NotWanted, Incomplete, RouteFailed) as error:
            self.failed(f"{response.url}: {error}")

    def _unread(self, failure: Failure) -> None:
        error = failure.value
        if isinstance(error, HttpError):
            self.failed(Message("HTTP {status} at {url}", status=error.response.status, url=error.response.url))
        else:
            request: Request = failure.request  # type: ignore[attr-defined]
            self.failed(failure_in_words(error, request) or str(error))

    def _kept(self, item: Article) -> None:
        self.done(item)

    def _dropped(self, item: Article, exception: Exception) -> None:
        self.failed(Message("a crawl would not keep {url}: {exception}", url=item.url, exception=exception))

    def _broke(self, item: Article, failure: Failure) -> None:
        self.failed(f"{item.url}: {failure.getErrorMessage()}")
