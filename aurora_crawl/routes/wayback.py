"""The route through the Wayback Machine: its index of a host, and the pages as they were captured."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar
from urllib.parse import quote, urlencode, urlsplit

from aurora_crawl.addresses import joined, same_site
from aurora_crawl.messages import N_
from aurora_crawl.routes.archive_route import ArchiveRoute, FromArchive
from aurora_crawl.routes.capture_index import CaptureRow, IndexFile
from aurora_crawl.routes.route import RouteFailed
from aurora_crawl.storage.archive import Capture

ROWS = 5000
"""Of one answer of the index."""
MOST_PARTS = 2000
MOST_HOPS = 4
"""From one moment to another, where the archive has none of the first."""
_NEXT, _END = "next ", "end"
_FIELDS = ("timestamp", "original", "mimetype", "statuscode", "digest", "length")
_AT = re.compile(r"/web/(\d{14})id_/(.+)", re.DOTALL)


@dataclass(slots=True, frozen=True)
class Wayback(FromArchive):
    """The Internet Archive's Wayback Machine."""

    name: ClassVar[str] = "wayback"


class WaybackRoute(ArchiveRoute):
    """See the module."""

    settings = Wayback

    async def index(self, known: IndexFile) -> AsyncIterator[None]:
        """See `ArchiveRoute.index`: a part is an answer, named by where it began. What was captured since is asked for alone."""
        host = urlsplit(self.scope.site_url).netloc
        newest = max((row.moment for row in known.rows()), default="")
        parts = known.done()
        last = parts[-1] if parts else ""
        asked = {
            "url": host,
            "matchType": "host",
            "output": "json",
            "fl": ",".join(_FIELDS),
            "filter": "statuscode:(200|30[1278]|404)",
            "collapse": "digest",
            "showResumeKey": "true",
            "limit": str(ROWS),
        }
        if last == _END and newest:
            # The last second again: captures of it may have been added.
            asked["from"] = newest
        resume = last.removeprefix(_NEXT) if last.startswith(_NEXT) else ""
        for _ in range(MOST_PARTS):
            rows, resume = await self._part(asked | ({"resumeKey": resume} if resume else {}))
            known.add(f"{_NEXT}{resume}" if resume else _END, rows)
            yield
            if not resume:
                return
        raise RouteFailed(N_("the index of {host} has no end; what is read is kept"), host=host)

    async def _part(self, asked: dict[str, str]) -> tuple[list[CaptureRow], str]:
        url = f"{self.places.wayback}/cdx/search/cdx?{urlencode(asked)}"
        response = await self.ask(url, rest=self.places.wayback_delay)
        if response.status == 404:
            return [], ""
        try:
            listed = json.loads(response.body or b"[]") if response.status == 200 else None
        except ValueError:
            listed = None
        if not isinstance(listed, list):
            raise RouteFailed(
                N_("{url}: HTTP {status}, and no rows; run the same command again later"),
                url=url,
                status=response.status,
            )
        resume = ""
        if len(listed) > 1 and listed[-2] == [] and isinstance(listed[-1], list) and len(listed[-1]) == 1:
            resume, listed = str(listed[-1][0]), listed[:-2]
        return [row for one in listed[1:] if (row := _row(one)) is not None], resume

    async def record(self, row: CaptureRow) -> Capture | None:
        """See `ArchiveRoute.record`."""
        url = f"{self.places.wayback}/web/{row.place}id_/{quote(row.url, safe=_SAFE)}"
        for _ in range(MOST_HOPS):
            response = await self.ask(url)
            if not 300 <= response.status < 400:
                break
            target = joined(url, (response.headers.get("Location") or b"").decode("utf-8", "replace"))
            at = _AT.search(target)
            if at is None or not same_site(target, self.places.wayback) or target == url:
                return None
            url = target
        else:
            return None
        at = _AT.search(url)
        if response.status != row.status or at is None:
            return None
        headers = [
            (name.decode("latin-1").lower().removeprefix("x-archive-orig-"), value.decode("latin-1"))
            for name, values in response.headers.items()
            for value in values
            if name.lower().startswith(b"x-archive-orig-") or name.lower() == b"content-type"
        ]
        headers = [
            pair for pair in headers if pair[0] not in ("content-encoding", "content-length", "transfer-encoding")
        ]
        moment = datetime.strptime(at[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        return Capture(row.url, response.status, headers, response.body, moment, False, self.name)


_SAFE = ":/?#[]@!$&'()*+,;=%~"


def _row(one: object) -> CaptureRow | None:
    """A row of the index; None for revisits, whose answer another row has, and for what is none."""
    if not isinstance(one, list) or len(one) != len(_FIELDS) or not all(isinstance(value, str) for value in one):
        return None
    moment, url, mime, status, digest, length = one
    if not (status.isdecimal() and re.fullmatch(r"\d{14}", moment)) or mime == "warc/revisit":
        return None
    return CaptureRow(url, moment, int(status), mime, digest, int(length) if length.isdecimal() else 0, moment)
