"""The invented newspaper over real HTTP on the loopback: keep-alive, gzip, validators, a log of what was asked for.

`python -m aurora_crawl.demo.server --port 0` prints its address and serves until it is interrupted.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from aurora_crawl.demo import feeds, html, wp_json
from aurora_crawl.demo.clutter import plant
from aurora_crawl.demo.newspaper import read_newspaper
from aurora_crawl.demo.wordpress_site import Answer, Site
from aurora_crawl.messages import _

HOST = "127.0.0.1"
GZIP_LEVEL = 1
"""nginx' default: what most sites send."""

IDLE_SECONDS = 30
SMALLEST_GZIP = 200


class SiteServer(ThreadingHTTPServer):
    """Serves one site; every connection has a thread."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, site: Site, port: int = 0) -> None:
        super().__init__((HOST, port), SiteRequest)
        self.site = site
        site.address = f"http://{HOST}:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is nothing to report; anything else is."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class SiteRequest(BaseHTTPRequestHandler):
    """One connection's requests, answered one after the other."""

    protocol_version = "HTTP/1.1"
    server_version = "Farol"
    # One packet an answer: headers and body in two make the other side wait for its delayed acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    server: SiteServer

    def do_GET(self) -> None:
        """Answer with headers and body."""
        site = self.server.site
        site.requests.append(self.path)
        if site.delay:
            time.sleep(site.delay)
        self._send(answer(site, self.path))

    def do_HEAD(self) -> None:
        """Answer with the headers that GET would have."""
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: `Site.requests` is the log."""

    def _send(self, found: Answer) -> None:
        headers = {"Content-Type": found.content_type, **(found.headers or {})}
        if found.etag:
            headers["ETag"] = found.etag
        if found.modified:
            headers["Last-Modified"] = format_datetime(found.modified.astimezone(UTC), usegmt=True)
        status, body = found.status, found.body
        if status == 200 and self._known(found):
            status, body = 304, b""
        elif "Content-Encoding" in headers:
            headers["Vary"] = "Accept-Encoding"
        elif len(body) >= SMALLEST_GZIP and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, GZIP_LEVEL, mtime=0)
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD" and status != 304:
            self.wfile.write(body)

    def _known(self, found: Answer) -> bool:
        """Whether the client holds this answer; its ETag counts before its date (RFC 9110, 13.2.2)."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            held = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
            return bool(found.etag) and (found.etag or "").removeprefix("W/") in held
        since = self.headers.get("If-Modified-Since")
        if since is None or found.modified is None:
            return False
        try:
            return found.modified <= parsedate_to_datetime(since)
        except (TypeError, ValueError):
            return False


def answer(site: Site, target: str) -> Answer:
    """What the site answers to a path with its query."""
    if site.on_request:
        found = site.on_request(target)
        if found:
            return found
    path, _, query = target.partition("?")
    if path == wp_json.ROOT or path.startswith(wp_json.ROOT + "/"):
        return wp_json.answer(site, path, query)
    return feeds.answer(site, path, query) or html.answer(site, path, query)


@contextmanager
def serve(site: Site, port: int = 0) -> Iterator[str]:
    """Serve a site in the background; yields its address. Raises OSError where the port is taken."""
    with SiteServer(site, port) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield site.address
        finally:
            server.shutdown()
            thread.join()


def main(arguments: list[str] | None = None) -> int:
    """Serve the newspaper, or a generated site, until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m aurora_crawl.demo.server", description=__doc__.split("\n")[0])
    parser.add_argument("--port", type=int, default=0, help=_("0, the default, takes a free one"))
    parser.add_argument("--generated", type=int, metavar="N", help=_("N generated stories instead of the newspaper's"))
    parser.add_argument("--seed", type=int, default=1, help=_("of the generated stories"))
    parser.add_argument("--words", type=int, default=120, help=_("of each generated story"))
    options = parser.parse_args(arguments)
    if options.generated is None:
        site = Site(plant(read_newspaper()))
    else:
        site = Site.generated(options.generated, options.seed, options.words)
    try:
        server = SiteServer(site, options.port)
    except OSError as error:
        taken = _("port {port} cannot be used ({why}); name another with --port")
        print(taken.format(port=options.port, why=error.strerror), file=sys.stderr)
        return 1
    with server:
        print(site.address, flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
