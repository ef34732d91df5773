"""A bound on the head of an answer, which DOWNLOAD_MAXSIZE does not count: some servers send headers, or hints of an answer, without end."""

from __future__ import annotations

from typing import Any

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from twisted.python.failure import Failure
from twisted.web._newclient import HEADER, STATUS

from aurora_crawl.messages import Message

MOST_HEAD = 256 << 10
"""Bytes before an answer's body, as Chromium has it; honest servers send some thousand."""


class HeadTooLong(ValueError):  # noqa: N818 - it says what is wrong with the answer
    """An answer whose head goes on and on."""

    def __init__(self) -> None:
        super().__init__(Message("a head of more than {size} KB", size=MOST_HEAD >> 10))


class BoundedHeads(HTTP11DownloadHandler):
    """Scrapy's own, whose connections end where the head of an answer goes on and on."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        factory: Any = self._pool._factory

        class Bounded(factory):  # type: ignore[misc]
            """Connections that count what comes before a body."""

            def buildProtocol(self, addr: object) -> Any:  # noqa: N802 - Twisted's name
                """Made by Twisted."""
                connection = super().buildProtocol(addr)
                connection.dataReceived = _Counted(connection)
                return connection

        self._pool._factory = Bounded


class _Counted:
    """Hands a connection what comes, and gives up on an answer with too long a head."""

    def __init__(self, connection: Any) -> None:
        self._connection, self._receive = connection, connection.dataReceived
        self._parser: object = None
        self._head = 0

    def __call__(self, data: bytes) -> None:
        parser = self._connection._parser
        if parser is not self._parser:
            self._parser, self._head = parser, 0
        if parser is not None and parser.state in (STATUS, HEADER):
            self._head += len(data)
            if self._head > MOST_HEAD:
                self._connection._giveUp(Failure(HeadTooLong()))  # type: ignore[no-untyped-call]
                return
        self._receive(data)
