"""Pages of a WARC file, which may come from anybody: bounded, and never trusted to be whole."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from w3lib.encoding import html_to_unicode

from aurora_crawl.errors import WrongCommand

if TYPE_CHECKING:
    from fastwarc.warc import WarcRecord

MAX_PAGE_BYTES = 10 << 20
"""Longer pages are passed over, as the crawl refuses them."""


class ArchiveError(WrongCommand):
    """The file cannot be read as an archive; the message says why."""


def archived_pages(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, str]]:
    """Address and text of each archived HTML page of status 200 whose address is `wanted`.

    A record that is broken or too long is passed over; a file that is cut short ends where it was cut. Raises ArchiveError.
    """
    # Only who reads archives needs it: a crawl starts without.
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    try:
        with path.open("rb") as file:
            records = ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=True)
            for record in records:
                url = str(record.headers.get("WARC-Target-URI") or "").strip("<>")
                if not wanted(url):
                    continue
                text = _page(record)
                if text is not None:
                    yield url, text
    except OSError as error:
        # FastWARC raises OSError, without a number, for what is no archive.
        reason = error.strerror or f"not a WARC file that can be read ({error})"
        raise ArchiveError(f"{path}: {reason}") from error


def _page(record: WarcRecord) -> str | None:
    """The text of a record's page; null where it holds none that can be read."""
    http = record.http_headers
    if http is None or http.status_code != 200 or "html" not in (record.http_content_type or "html"):
        return None
    body: bytes = record.reader.read(MAX_PAGE_BYTES + 1)
    if len(body) > MAX_PAGE_BYTES:
        return None
    coding = str(http.get("Content-Encoding") or "").lower()
    if coding in ("gzip", "x-gzip", "deflate"):
        unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        try:
            body = unpacker.decompress(body, MAX_PAGE_BYTES)
        except zlib.error:
            return None
        if unpacker.unconsumed_tail:
            return None
    elif coding not in ("", "identity"):
        return None
    return html_to_unicode(http.get("Content-Type"), body)[1]
