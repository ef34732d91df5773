"""A crawl's archive being written, by a thread of its own, so that the crawl does not wait."""

from __future__ import annotations

import zlib
from io import BytesIO, FileIO
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

from fastwarc.warc import WarcRecord, WarcRecordType

from aurora_crawl.storage.archive import SUFFIX, Capture, record_of, write_note

FILE_BYTES = 1 << 30
"""After which a new file begins: what archives commonly use."""
COUNT_EVERY = 100
WAITING = 16
"""Answers that may wait for the thread; then the crawl waits too. Of 10 MB each, they still leave memory bounded."""
_PACKING_LEVEL = 6
_GZIP = 31
"""zlib's number for the largest window with gzip's frame around it."""


class SiteArchive:
    """The archive of one crawl of `site`. `failed` holds what went wrong in the thread, for the crawl to say."""

    def __init__(self, data_dir: Path, site: str, site_url: str, *, file_bytes: int = FILE_BYTES) -> None:
        self.folder = data_dir / "warc" / site
        self.folder.mkdir(parents=True, exist_ok=True)
        self.records = 0
        self.failed: OSError | None = None
        self._site, self._site_url, self._file_bytes = site, site_url, file_bytes
        self._queue: Queue[Capture | None] = Queue(WAITING)
        self._thread = Thread(target=self._write_all, name=f"archive of {site}", daemon=True)
        self._thread.start()

    def add(self, capture: Capture) -> None:
        """Hand an answer over."""
        if self.failed is None:
            self._queue.put(capture)

    def close(self) -> None:
        """Return when everything is written."""
        self._queue.put(None)
        self._thread.join()

    def _write_all(self) -> None:
        """One file after another, until there are no more answers."""
        try:
            capture = self._queue.get()
            while capture is not None:
                capture = self._write_file(capture)
        except OSError as error:
            self.failed = error
            while self._queue.get() is not None:
                pass

    def _write_file(self, first: Capture) -> Capture | None:
        """Fill one file; the answer that the next one begins with, or null when there are no more."""
        path, count = self._next_path(), 0
        capture: Capture | None = first
        # Unbuffered: a killed process leaves whole records, but for the last one.
        with path.open("wb", buffering=0) as file:
            _write(file, _packed(_info(self._site), _PACKING_LEVEL))
            while capture is not None and file.tell() < self._file_bytes:
                _write(file, _packed(record_of(capture), 0 if _is_packed(capture) else _PACKING_LEVEL))
                count += 1
                self.records += 1
                if count % COUNT_EVERY == 0:
                    self._note(path, count)
                capture = self._queue.get()
        self._note(path, count)
        return capture

    def _next_path(self) -> Path:
        numbers = [int(path.name.removesuffix(SUFFIX).rpartition("-")[2]) for path in self.folder.glob(f"*{SUFFIX}")]
        return self.folder / f"{self._site}-{max(numbers, default=0) + 1:06d}{SUFFIX}"

    def _note(self, path: Path, count: int) -> None:
        write_note(path, {"records": count, "site_url": self._site_url})


def _info(site: str) -> Any:
    info = WarcRecord()
    info.init_headers(WarcRecordType.warcinfo)
    info.headers["Content-Type"] = "application/warc-fields"
    info.set_bytes_content(f"software: aurora-br\r\nformat: WARC file version 1.1\r\nisPartOf: {site}\r\n".encode())
    return info


def _packed(record: Any, level: int) -> bytes:
    """A record as a gzip member of its own, as WARC files have it.

    FastWARC makes the record; its own packing would hold the interpreter meanwhile, 2 ms a page, and zlib's lets the crawl go
    on. Level 0 is for what servers packed: packing it again costs as much and saves nothing.
    """
    plain = BytesIO()
    record.write(plain, checksum_data=True)
    return zlib.compress(plain.getbuffer(), level, _GZIP)


def _is_packed(capture: Capture) -> bool:
    return any(name.lower() == "content-encoding" for name, _ in capture.headers)


def _write(file: FileIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]
