"""Files of an archive's server, piece by piece: broken connections are taken up where they broke, and a server that asks for rest gets it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from aurora_crawl.errors import AuroraError
from aurora_crawl.messages import N_

PIECE = 1 << 18
TIMEOUT = 60
MOST_TRIES = 12
"""In a row, of which none brought a byte."""
LONGEST_REST = 60.0
_ASKS_FOR_REST = {429, 500, 502, 503, 504}
_GONE = {404, 410}


class HarvestError(AuroraError):
    """A harvest cannot go on; the message says why. What is there stays."""


class NotThere(HarvestError):  # noqa: N818 - it names what was met
    """The server does not have the file."""


@dataclass(frozen=True, slots=True)
class Server:
    """How a server is asked: the name that we give, and the first rest in seconds, twice as long each time."""

    user_agent: str
    rest: float


def size_of(url: str, server: Server) -> int:
    """The bytes of a file; 0 where the server does not tell. Raises HarvestError."""
    with _opened(url, server, 0, 1) as response:
        total = (response.headers.get("Content-Range") or "").rpartition("/")[2]
        return int(total) if total.isdecimal() else 0


def read_whole(url: str, server: Server, first: int = 0, length: int | None = None) -> bytes:
    """A file, or a range of it. Raises HarvestError."""
    return b"".join(pieces(url, server, first, length))


def pieces(url: str, server: Server, first: int = 0, length: int | None = None) -> Iterator[bytes]:
    """A file from a byte on, or a range of it, however often the connection breaks. Raises HarvestError."""
    place, end, vain = first, None if length is None else first + length, 0
    while end is None or place < end:
        try:
            with _opened(url, server, place, end) as response:
                left = response.length
                if end is None and left is not None:
                    end = place + left
                while piece := response.read(PIECE if end is None else min(PIECE, end - place)):
                    place += len(piece)
                    vain = 0
                    yield piece
            if end is None:
                return
        except (HTTPException, OSError) as error:
            if isinstance(error, ConnectionRefusedError):
                raise _refused(url) from error
        if end is not None and place >= end:
            return
        vain += 1
        if vain == MOST_TRIES:
            raise HarvestError(N_("{url}: breaks off at byte {place} again and again"), url=url, place=place)
        time.sleep(min(server.rest * 2 ** (vain - 1), LONGEST_REST))


def _opened(url: str, server: Server, first: int, end: int | None) -> HTTPResponse:
    headers = {"User-Agent": server.user_agent, "Accept-Encoding": "identity"}
    if first or end is not None:
        headers["Range"] = f"bytes={first}-{'' if end is None else end - 1}"
    for attempt in range(MOST_TRIES):
        try:
            asked = Request(url, headers=headers)  # noqa: S310 - the address is a setting, and was looked at
            response = urlopen(asked, timeout=TIMEOUT)  # noqa: S310
        except HTTPError as error:
            error.close()
            if error.code in _GONE:
                raise NotThere(N_("{url}: not there"), url=url) from error
            if error.code not in _ASKS_FOR_REST:
                said = N_("{url}: HTTP {status}, which asks for rest; run the same command again later")
                raise HarvestError(said, url=url, status=error.code) from error
        except URLError as error:
            if isinstance(error.reason, ConnectionRefusedError):
                raise _refused(url) from error
        except (HTTPException, OSError):
            pass
        else:
            assert isinstance(response, HTTPResponse)
            if "Range" not in headers or response.status == 206:
                return response
            response.close()
        time.sleep(min(server.rest * 2**attempt, LONGEST_REST))
    raise HarvestError(N_("{url}: no answer; run the same command again later"), url=url)


def _refused(url: str) -> HarvestError:
    return HarvestError(N_("{url}: the connection is refused; run the same command again later"), url=url)
