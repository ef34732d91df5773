"""A stand-in for the archives of the web on this machine: index files and ranges as Common Crawl has them, the Wayback Machine's index and
pages; with the failures that the real ones have.
"""

from __future__ import annotations

import json
import random
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from aurora_crawl.demo.warc_files import record
from aurora_crawl.routes.capture_index import surt

BLOCK_LINES = 50
"""Of an index; the real ones have 3,000."""


@dataclass(slots=True)
class Held:
    """A capture that the archive holds; `moment` has fourteen digits."""

    url: str
    moment: str
    body: bytes
    status: int = 200
    mime: str = "text/html"
    headers: tuple[str, ...] = ()
    truncated: bool = False
    redirect: str = ""

    @property
    def digest(self) -> str:
        """Stands for the body."""
        return f"{zlib.crc32(self.body):08X}"


@dataclass
class WebArchive:
    """Files by their paths, and what goes wrong. `cut` and `busy`: shares of answers that are cut short, or 503. `forbids_after`: so many
    answers, and the rest is 403.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    crawls: list[str] = field(default_factory=list)
    cut: float = 0.0
    busy: float = 0.0
    forbids_after: int = 1 << 30
    asked: Counter[str] = field(default_factory=Counter)
    """How often each thing was handed out whole: path and range."""
    sent: int = 0
    answers: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(11))

    def add_crawl(self, crawl: str, captures: list[Held], neighbours: int = 3000) -> None:
        """Make a crawl of these, beside captures of other hosts."""
        self.crawls.insert(0, crawl)
        lines: list[str] = []
        parts: dict[str, bytearray] = {}
        for number, one in enumerate(captures):
            kind = "warc" if one.status == 200 else "crawldiagnostics"
            kind = "robotstxt" if one.url.endswith("/robots.txt") else kind
            name = f"crawl-data/{crawl}/segments/1/{kind}/CC-MAIN-{number % 7:05d}.warc.gz"
            date = f"{one.moment[:4]}-{one.moment[4:6]}-{one.moment[6:8]}T{one.moment[8:10]}:{one.moment[10:12]}:{one.moment[12:]}Z"
            head = [f"HTTP/1.1 {one.status} X", f"Content-Type: {one.mime}", *one.headers]
            block = "\r\n".join(head).encode() + b"\r\n\r\n" + one.body
            extra = ("WARC-Truncated: length",) if one.truncated else ()
            packed = zlib.compress(record(one.url, block, date=date, extra=extra), 6, 31)
            file = parts.setdefault(name, bytearray())
            told = {
                "url": one.url,
                "mime": one.mime,
                "mime-detected": one.mime,
                "status": str(one.status),
                "digest": one.digest,
                "length": str(len(packed)),
                "offset": str(len(file)),
                "filename": name,
            }
            told |= {"redirect": one.redirect} if one.redirect else {}
            told |= {"truncated": "length"} if one.truncated else {}
            file += packed
            place = urlsplit(one.url)
            lines.append(f"{surt(place.netloc)[:-1]}{place.path} {one.moment} {json.dumps(told)}")
        for number in range(neighbours):
            host = f"vizinho{number % 97:03d}.{'com' if number % 2 else 'net'}.br"
            lines.append(
                f"{surt(host)}{number} 20240101000000 "
                + json.dumps({"url": f"https://{host}/{number}", "status": "200"})
            )
        self.files |= {f"/{name}": bytes(file) for name, file in parts.items()}
        lines.sort()
        self._write_index(crawl, lines)

    def _write_index(self, crawl: str, lines: list[str]) -> None:
        blocks, cluster = bytearray(), list[str]()
        for start in range(0, len(lines), BLOCK_LINES):
            part = lines[start : start + BLOCK_LINES]
            packed = zlib.compress(("\n".join(part) + "\n").encode(), 6, 31)
            key = " ".join(part[0].split(" ", 2)[:2])
            cluster.append(f"{key}\tcdx-00000.gz\t{len(blocks)}\t{len(packed)}\t{len(cluster) + 1}\n")
            blocks += packed
        folder = f"/cc-index/collections/{crawl}/indexes"
        self.files |= {f"{folder}/cdx-00000.gz": bytes(blocks), f"{folder}/cluster.idx": "".join(cluster).encode()}

    def answer(self, path: str, span: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of an answer."""
        self.answers += 1
        if self.answers > self.forbids_after:
            return 403, {}, b"rate limited"
        if self.chance.random() < self.busy:
            return 503, {}, b"<Error><Code>SlowDown</Code></Error>"
        place = urlsplit(path)
        if place.path == "/collinfo.json":
            rows = [{"id": one, "from": "2024-01-01T00:00:00", "to": "2024-12-31T00:00:00"} for one in self.crawls]
            return 200, {"Content-Type": "application/json"}, json.dumps(rows).encode()
        if place.path == "/cdx/search/cdx":
            return 200, {"Content-Type": "application/json"}, self._cdx(parse_qs(place.query))
        if at := re.match(r"/web/(\d{14})id_/(.+)", path):
            return self._replayed(at[1], at[2])
        body = self.files.get(place.path)
        if body is None:
            return 404, {}, b"NoSuchKey"
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", span)
        if asked is None:
            return 200, {}, body
        first, last = int(asked[1]), min(int(asked[2]), len(body) - 1)
        if first >= len(body):
            return 416, {}, b""
        return 206, {"Content-Range": f"bytes {first}-{last}/{len(body)}"}, body[first : last + 1]

    def _cdx(self, asked: dict[str, list[str]]) -> bytes:
        host = asked["url"][0].removeprefix("www.")
        rows = [
            [one.moment, one.url, one.mime, str(one.status), one.digest, str(len(one.body))]
            for one in sorted(self.held, key=lambda one: (one.url, one.moment))
            if urlsplit(one.url).netloc.removeprefix("www.") == host and one.moment >= asked.get("from", [""])[0]
        ]
        start, size = int(asked.get("resumeKey", ["0"])[0]), min(int(asked["limit"][0]), 40)
        out: list[object] = [
            ["timestamp", "original", "mimetype", "statuscode", "digest", "length"],
            *rows[start : start + size],
        ]
        if start + size < len(rows):
            out += [[], [str(start + size)]]
        return json.dumps(out).encode()

    def _replayed(self, moment: str, url: str) -> tuple[int, dict[str, str], bytes]:
        every = [one for one in self.held if one.url == url]
        one = next((one for one in every if one.moment == moment), None)
        if one is None:
            near = min(every, key=lambda one: abs(int(one.moment) - int(moment)), default=None)
            return (302, {"Location": f"/web/{near.moment}id_/{near.url}"}, b"") if near else (404, {}, b"")
        headers = {"Content-Type": one.mime, "x-archive-orig-content-type": one.mime}
        headers |= {
            f"x-archive-orig-{pair.partition(':')[0].lower()}": pair.partition(":")[2].strip() for pair in one.headers
        }
        return one.status, headers, one.body


@contextmanager
def served(archive: WebArchive) -> Iterator[str]:
    """The archive on a port of this machine; its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            span = self.headers.get("Range") or ""
            status, headers, body = archive.answer(self.path, span)
            is_cut = bool(body) and status in (200, 206) and archive.chance.random() < archive.cut
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            # Counted before the asker has it all, who may look at the figures then.
            archive.sent += len(body)
            if is_cut:
                self.close_connection = True
            elif status in (200, 206):
                archive.asked[f"{self.path} {span}"] += 1
            # Who asks may be killed while it listens.
            with suppress(ConnectionError):
                self.wfile.write(body[: len(body) // 2] if is_cut else body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
