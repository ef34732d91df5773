"""What servers answered, kept as WARC 1.1 (ISO 28500), written by a thread of its own so that the crawl does not wait.

`DATA_DIR/warc/SITE/SITE-000001.warc.gz`, beside it `….json` with how many records it holds: a WARC file that is cut short ends
without an error in every reader, and only the count tells.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import responses
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

from aurora_crawl.storage.shards import write_whole

SUFFIX = ".warc.gz"
FILE_BYTES = 1 << 30
"""After which a new file begins: what archives commonly use."""
COUNT_EVERY = 100
WAITING = 256
"""Answers that may wait for the thread; then the crawl waits too, so that memory stays bounded."""
_NOT_KEPT = {"transfer-encoding", "content-length", "connection"}


@dataclass(slots=True, frozen=True)
class Capture:
    """One answer: `headers` are pairs as the server sent them, `body` is as packed as it came."""

    url: str
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    date: datetime


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
        try:
            while (capture := self._queue.get()) is not None:
                self._write_files(capture)
                return
        except OSError as error:
            self.failed = error
            while self._queue.get() is not None:
                pass

    def _write_files(self, first: Capture) -> None:
        """Write one file after another, beginning with this answer, until there are no more."""
        from fastwarc.stream_io import GzipWriter
        from fastwarc.warc import WarcRecord, WarcRecordType

        capture: Capture | None = first
        while capture is not None:
            path = self._next_path()
            count = 0
            with path.open("wb") as file:
                out = GzipWriter(file)
                info = WarcRecord()
                info.init_headers(WarcRecordType.warcinfo)
                info.set_bytes_content(
                    f"software: aurora-br\r\nformat: WARC file version 1.1\r\nisPartOf: {self._site}\r\n".encode()
                )
                info.write(out)
                while capture is not None:
                    record_of(capture).write(out, checksum_data=True)
                    count += 1
                    self.records += 1
                    if count % COUNT_EVERY == 0:
                        file.flush()
                        self._note(path, count)
                        if file.tell() >= self._file_bytes:
                            break
                    capture = self._queue.get()
                else:
                    out.close()
                    self._note(path, count)
                    return
                out.close()
            self._note(path, count)
            capture = self._queue.get()

    def _next_path(self) -> Path:
        numbers = [int(path.name.removesuffix(SUFFIX).rpartition("-")[2]) for path in self.folder.glob(f"*{SUFFIX}")]
        return self.folder / f"{self._site}-{max(numbers, default=0) + 1:06d}{SUFFIX}"

    def _note(self, path: Path, count: int) -> None:
        write_note(path, {"records": count, "site_url": self._site_url})


def archives_of(data_dir: Path, site: str) -> list[Path]:
    """The archive's files of a site, in their order."""
    return sorted((data_dir / "warc" / site).glob(f"*{SUFFIX}"))


def noted(path: Path) -> dict[str, Any]:
    """What stands beside an archive's file: `records` and `site_url`; empty for files from elsewhere."""
    try:
        found = json.loads(_note_path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_note(path: Path, note: Mapping[str, object]) -> None:
    """Put what is noted of an archive's file beside it."""
    write_whole(_note_path(path), json.dumps(dict(note)) + "\n")


def record_of(capture: Capture) -> Any:
    """An answer as a record of a WARC file."""
    from fastwarc.warc import WarcRecord, WarcRecordType

    record = WarcRecord()
    record.init_headers(WarcRecordType.response)
    record.headers["WARC-Target-URI"] = capture.url
    record.headers["WARC-Date"] = capture.date.strftime("%Y-%m-%dT%H:%M:%SZ")
    record.headers["Content-Type"] = "application/http; msgtype=response"
    record.set_bytes_content(_message(capture))
    return record


def captures(path: Path) -> Iterator[Capture]:
    """The answers in an archive's file, their bodies as they came. It ends, without an error, where the file is cut.

    Raises OSError for what is no archive.
    """
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    with path.open("rb") as file:
        for record in ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=True):
            http = record.http_headers
            if http is None:
                continue
            date = record.record_date or datetime.now(UTC)
            headers = [(str(name), str(value)) for name, value in http.astuples()]
            url = str(record.headers.get("WARC-Target-URI") or "").strip("<>")
            yield Capture(url, http.status_code or 0, headers, record.reader.read(), date)


def _message(capture: Capture) -> bytes:
    lines = [f"HTTP/1.1 {capture.status} {responses.get(capture.status, '')}".rstrip()]
    lines += [f"{name}: {value}" for name, value in capture.headers if name.lower() not in _NOT_KEPT]
    lines.append(f"Content-Length: {len(capture.body)}")
    return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + capture.body


def _note_path(path: Path) -> Path:
    return path.with_name(path.name + ".json")
