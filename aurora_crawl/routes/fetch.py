"""Requests outside the scheduler: a route asks, waits for the response, and is told in words when there is none."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached
from twisted.python.failure import Failure

from aurora_crawl.messages import Message
from aurora_crawl.routes.route import Fetch, FetchFailed, FetchStopped

_MOST_WORDS = 200
"""Letters of what a library says of a failure."""
_LESS_MAY_HELP = (DownloadTimeoutError, DownloadCancelledError, ResponseDataLossError)


def engine_fetch(crawler: Crawler) -> Fetch:
    """A `Fetch` through the crawler's downloader and its middlewares: robots.txt, delays and retries hold."""

    async def fetch(request: Request) -> Response:
        assert crawler.engine is not None
        try:
            return await crawler.engine.download_async(request)
        except Exception as error:
            if is_stopped(error):
                raise FetchStopped(str(error)) from error
            reason = failure_in_words(error, request)
            if reason is None:
                raise
            if urlparse_cached(request).netloc not in str(reason):
                reason = Message("{url}: {why}", url=request.url, why=reason)
            raise FetchFailed(reason, less_may_help=isinstance(error, _LESS_MAY_HELP)) from error

    return fetch


def is_of_host(error: BaseException | None) -> bool:
    """Whether a failure says nothing about the page: nobody answers on its host, or the host wants to be left alone."""
    return isinstance(error, CannotResolveHostError | DownloadConnectionRefusedError) or getattr(
        error, "of_host", False
    )


def is_stopped(error: BaseException | None) -> bool:
    """Whether a page was not fetched because a person stopped the crawl."""
    return bool(getattr(error, "stopped", False))


def leads_elsewhere(error: BaseException | None) -> bool:
    """Whether a page was not fetched because it leads to another site."""
    return bool(getattr(error, "leads_elsewhere", False))


def failure_in_words(error: BaseException | None, request: Request) -> str | None:
    """Why a request brought no response, for people; null for what is not a failure of the download."""
    host = urlparse_cached(request).netloc
    match error:
        case CannotResolveHostError():
            return Message("the name {host} does not resolve; check the address and the connection", host=host)
        case DownloadConnectionRefusedError():
            return Message("{host} refuses connections; is the server running?", host=host)
        case DownloadTimeoutError():
            return Message("{host} did not answer in time", host=host)
        case DownloadCancelledError():
            return Message("the answer of {host} is larger than DOWNLOAD_MAXSIZE", host=host)
        case ResponseDataLossError():
            return Message("the answer of {host} was cut short", host=host)
        case IgnoreRequest() if str(error) == "Forbidden by robots.txt":
            return Message("robots.txt of {host} forbids {path}", host=host, path=urlparse_cached(request).path)
        case IgnoreRequest() if str(error) == "max redirections reached":
            return Message("the address redirects without end")
        case IgnoreRequest() | UnsupportedURLSchemeError():
            return error.args[0] if error.args and isinstance(error.args[0], Message) else str(error)
        case DownloadFailedError():
            return Message("the connection to {host} failed ({why})", host=host, why=_cause_of(error))
    return None


def _cause_of(error: BaseException) -> str:
    """Why a connection failed, without Twisted's account of its own objects, which differs from one address to the next."""
    for one in (error, error.__cause__):
        reasons = getattr(one, "reasons", None) or (one.args[0] if one is not None and one.args else None)
        if isinstance(reasons, list) and reasons and isinstance(reasons[-1], Failure):
            return str(reasons[-1].getErrorMessage())[:_MOST_WORDS]
    return str(error)[:_MOST_WORDS]
