"""The route through Common Crawl: the files of its index, found by binary search, and one range of a file for each article."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.archive_route import ArchiveRoute, FromArchive
from aurora_crawl.routes.capture_index import CaptureRow, IndexFile, surt
from aurora_crawl.routes.route import RouteFailed
from aurora_crawl.storage.archive import BrokenRecord, Capture, capture_at

PROBE = 8 << 10
"""Bytes of a look into the index of the index; a line has some 80."""
WINDOW = 128 << 10
"""Bytes of it that are read at once, when no more than these can hold the site's lines."""
MOST_BLOCKS = 400
"""Of 3,000 captures each."""
MOST_BLOCK = 32 << 20
_MOST_RECORD = 80 << 20
_NAME = re.compile(r"cdx-\d{5}\.gz")
_TOTAL = re.compile(r"bytes \d+-\d+/(\d+)")
_CRAWL = re.compile(r"CC-MAIN-[\w-]{4,30}")


@dataclass(slots=True, frozen=True)
class CommonCrawl(FromArchive):
    """Common Crawl, of whose crawls every month or two each has an index of its own."""

    name: ClassVar[str] = "commoncrawl"


class CommonCrawlRoute(ArchiveRoute):
    """See the module."""

    settings = CommonCrawl

    async def index(self, known: IndexFile) -> AsyncIterator[None]:
        """See `ArchiveRoute.index`: a part is a crawl, the newest first."""
        done = known.done()
        for crawl in await self._crawls():
            if crawl not in done:
                known.add(crawl, [row async for row in self._rows(crawl)])
                yield

    async def record(self, row: CaptureRow) -> Capture | None:
        """See `ArchiveRoute.record`."""
        name, offset, length = row.place.rsplit(" ", 2)
        for _ in range(2):
            packed = await self.ask_whole(f"{self.places.commoncrawl}/{name}", int(offset), int(length))
            if packed is None:
                return None
            try:
                capture = capture_at(packed)
            except BrokenRecord:
                capture = None
            if capture is not None:
                archive = _CRAWL.search(name)
                return Capture(
                    row.url,
                    capture.status,
                    capture.headers,
                    capture.body,
                    capture.date,
                    capture.truncated or row.truncated,
                    archive[0] if archive else self.name,
                )
        return None

    async def _crawls(self) -> list[str]:
        """The crawls whose days are asked for, the newest first."""
        url = f"{self.places.commoncrawl_index}/collinfo.json"
        response = await self.ask(url)
        try:
            listed = json.loads(response.body) if response.status == 200 else None
        except ValueError:
            listed = None
        if not isinstance(listed, list):
            raise RouteFailed(N_("{url}: HTTP {status}, and no list of crawls"), url=url, status=response.status)
        since = self.scope.window.since
        found = []
        for one in listed:
            id, to = (one.get("id"), one.get("to")) if isinstance(one, dict) else (None, None)
            # A page is captured after it is published.
            is_late = since is None or not isinstance(to, str) or to[:10] >= since.isoformat()
            if is_late and isinstance(id, str) and _CRAWL.fullmatch(id):
                found.append(id)
        return found

    async def _rows(self, crawl: str) -> AsyncIterator[CaptureRow]:
        begin = surt(urlsplit(self.scope.site_url).netloc)
        for name, offset, length in await self._blocks(crawl, begin):
            url = f"{self.places.commoncrawl}/cc-index/collections/{crawl}/indexes/{name}"
            packed = await self.ask_whole(url, offset, length)
            try:
                plain = _unpacked(packed) if packed is not None else b""
            except (OSError, EOFError, zlib.error) as error:
                raise RouteFailed(
                    N_("{url}: a block of the index is garbled; run the same command again"), url=url
                ) from error
            for line in plain.decode("utf-8", "replace").splitlines():
                if line.startswith(begin) and (row := _row(line)) is not None:
                    yield row

    async def _blocks(self, crawl: str, begin: str) -> list[tuple[str, int, int]]:
        """The blocks that can hold the site's lines: file, offset, length."""
        url = f"{self.places.commoncrawl}/cc-index/collections/{crawl}/indexes/cluster.idx"
        low, high, end = 0, await self._size(url), begin[:-1] + "0"
        if high is None:
            return []
        total = high
        while high - low > WINDOW:
            middle = (low + high) // 2
            lines = await self._lines(url, middle, PROBE, total, skip=True)
            if not lines:
                break
            if lines[0].split("\t", 1)[0] < begin:
                low = middle
            else:
                high = middle
        start, found, before = low, list[tuple[str, int, int]](), None
        rest = ""
        while start < total and len(found) < MOST_BLOCKS:
            length = min(WINDOW + PROBE, total - start)
            data = await self.ask_whole(url, start, length)
            if data is None:
                raise RouteFailed(
                    N_("{url}: bytes {first} on cannot be had; run the same command again"), url=url, first=start
                )
            text = rest + data.decode("utf-8", "replace")
            lines, rest = text.split("\n")[:-1], text.rpartition("\n")[2]
            # The first line of a window that begins within the file may be cut.
            for line in lines[1 if start == low and low else 0 :]:
                block = _block(line)
                if block is None:
                    continue
                key = line.split("\t", 1)[0]
                if key >= end:
                    return found or ([before] if before else [])
                if key >= begin:
                    found = found or ([before] if before else [])
                    found.append(block)
                before = block
            start += length
        return found or ([before] if before else [])

    async def _size(self, url: str) -> int | None:
        """The bytes of an index of the index; None for a crawl that has none (any more)."""
        response = await self.ask(url, Range="bytes=0-0")
        if response.status in (404, 410):
            self.tell(Message("{url}: not there; passed over", url=url))
            return None
        total = _TOTAL.match((response.headers.get("Content-Range") or b"").decode("latin-1"))
        if response.status != 206 or total is None:
            raise RouteFailed(
                N_("{url}: HTTP {status}, and no range; run the same command again later"),
                url=url,
                status=response.status,
            )
        return int(total[1])

    async def _lines(self, url: str, first: int, length: int, total: int, *, skip: bool) -> list[str]:
        data = await self.ask_whole(url, first, min(length, total - first))
        if data is None:
            raise RouteFailed(
                N_("{url}: bytes {first} on cannot be had; run the same command again"), url=url, first=first
            )
        lines = data.decode("utf-8", "replace").split("\n")
        return [line for line in lines[1 if skip else 0 : -1] if line]


def _unpacked(packed: bytes) -> bytes:
    unpacker = zlib.decompressobj(31)
    plain = unpacker.decompress(packed, MOST_BLOCK)
    if not unpacker.eof and len(plain) < MOST_BLOCK:
        raise EOFError
    return plain if not unpacker.unused_data else gzip.decompress(packed)[:MOST_BLOCK]


def _block(line: str) -> tuple[str, int, int] | None:
    parts = line.split("\t")
    if len(parts) < 4 or not _NAME.fullmatch(parts[1]) or not (parts[2].isdecimal() and parts[3].isdecimal()):
        return None
    offset, length = int(parts[2]), int(parts[3])
    return (parts[1], offset, length) if 0 < length <= MOST_BLOCK else None


def _row(line: str) -> CaptureRow | None:
    """A line of the index; None for what is none, or tells of no record."""
    parts = line.split(" ", 2)
    try:
        told: Any = json.loads(parts[2])
        offset, length, status = int(told["offset"]), int(told["length"]), int(told["status"])
        url, name, moment = told["url"], told["filename"], parts[1]
        datetime.strptime(moment, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except (IndexError, KeyError, TypeError, ValueError):
        return None
    if (
        not (isinstance(url, str) and isinstance(name, str))
        or not 0 < length <= _MOST_RECORD
        or offset < 0
        or ".." in name
    ):
        return None
    return CaptureRow(
        url,
        moment,
        status,
        str(told.get("mime-detected") or told.get("mime") or ""),
        str(told.get("digest") or ""),
        length,
        f"{name} {offset} {length}",
        str(told.get("redirect") or ""),
        bool(told.get("truncated")),
    )
