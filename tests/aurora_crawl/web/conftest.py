"""A server on a bare socket that can lie, and a crawl against it as a process with bounded time and measured memory."""

import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import processes
import pytest

from aurora_crawl.demo.server import answer
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.storage.ledger import Entry, Ledger
from aurora_crawl.storage.shards import read_shard
from aurora_crawl.storage.verify import verify_site

ROOT = Path(__file__).resolve().parents[3]
SITE = "ofaroldovale"
MOST_MEMORY = 400 << 20

Raw = Callable[[str], bytes | Iterator[bytes] | None]


def http(body: bytes = b"", status: str = "200 OK", *headers: str, kind: str = "text/html; charset=UTF-8") -> bytes:
    """A whole answer with a true length."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class RawServer:
    """Answers with bytes: those that `lie` gives for a path, else what the demo's site says."""

    def __init__(self, site: Site, port: int = 0) -> None:
        self.site = site
        self.lie: Raw = lambda path: None
        self.asked: list[tuple[float, str, str]] = []
        self._socket = socket.create_server(("127.0.0.1", port))
        self.port = self._socket.getsockname()[1]
        self.address = site.address = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    http = staticmethod(http)

    def paths(self, start: str = "/") -> list[str]:
        return [path for _, path, _ in self.asked if path.startswith(start)]

    def close(self) -> None:
        with suppress(OSError):
            # Without this a thread that waits in `accept` would keep the port open.
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            try:
                connection.settimeout(30)
                head = b""
                while b"\r\n\r\n" not in head:
                    piece = connection.recv(65536)
                    if not piece:
                        return
                    head += piece
                path = head.split(b" ", 2)[1].decode()
                self.asked.append((time.monotonic(), path, head.decode("latin-1")))
                said = self.lie(path)
                if said is None:
                    found = answer(self.site, path)
                    extra = [f"{name}: {value}" for name, value in (found.headers or {}).items()]
                    said = http(found.body, f"{found.status} X", *extra, kind=found.content_type)
                for piece in [said] if isinstance(said, bytes) else said:
                    connection.sendall(piece)
            except OSError:
                return


@dataclass
class Crawled:
    """How a crawl ended, and what it left."""

    status: int
    said: str
    memory: int
    data_dir: Path
    kept: list[dict] = field(default_factory=list)
    entries: dict[str, Entry] = field(default_factory=dict)


@pytest.fixture
def server() -> Iterator[RawServer]:
    server = RawServer(Site.generated(8))
    yield server
    server.close()


@pytest.fixture
def crawl(tmp_path: Path, server: RawServer) -> Callable[..., Crawled]:
    """Crawl the server by its sitemap; afterwards shards and ledger must agree, and memory must have stayed small."""

    def run(*options: str, via: str = "sitemap", address: str = "", timeout: float = 900) -> Crawled:
        settings = {
            "SPIDER_MODULES": "aurora_crawl.spiders,aurora_crawl.demo.spiders",
            "DATA_DIR": tmp_path,
            "DOWNLOAD_DELAY": 0,
            "AUTOTHROTTLE_ENABLED": 0,
            "RETRY_BACKOFF": 0.05,
        }
        given = [part for key, value in settings.items() for part in ("-s", f"{key}={value}")]
        command = [*processes.SCRAPY, "crawl", SITE, *given, "-a", f"via={via}"]
        command += ["-a", f"site_url={address or server.address}", *options]
        log = tmp_path / "said.txt"
        with log.open("wb") as file:
            process = processes.Popen(command, cwd=ROOT, stdout=file, stderr=file)
            status, memory = wait(process, timeout)
        folder = tmp_path / "articles" / SITE
        result = Crawled(status, log.read_text(), memory, tmp_path)
        assert verify_site(tmp_path, SITE).problems == [], result.said
        assert result.memory < MOST_MEMORY, f"{result.memory >> 20} MB"
        assert "Traceback" not in result.said, result.said
        result.kept = [record for path in sorted(folder.glob("*.jsonl.gz")) for record in read_shard(path)]
        ledger = Ledger(tmp_path / "ledger" / f"{SITE}.sqlite")
        result.entries = {entry.url.removeprefix(server.address): entry for entry in ledger.entries()}
        ledger.close()
        return result

    return run


def wait(process: processes.Popen, timeout: float) -> tuple[int, int]:
    """The exit status of a process and the most memory that it had, in bytes; it is killed after `timeout` seconds.

    The kernel's own account of an ended process (`ru_maxrss`) would count what the tests' process had when it forked.
    """
    end, most = time.monotonic() + timeout, 0
    while process.poll() is None:
        most = max(most, peak_memory(process.pid))
        if time.monotonic() > end:
            process.send_signal(signal.SIGKILL)
            process.wait()
            pytest.fail(f"the crawl did not end within {timeout} s")
        time.sleep(0.05)
    return process.returncode, most


def peak_memory(pid: int) -> int:
    """The most memory that a running process had since it began its program, in bytes; 0 when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmHWM:")), 0)
