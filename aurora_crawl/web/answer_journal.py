"""What a host answered, kept on disk until its work is done: after a kill nothing that was answered is asked for again."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Headers, Response
from scrapy.responsetypes import responsetypes
from scrapy.utils.httpobj import urlparse_cached

from aurora_crawl.web.request_budget import RequestBudget

_MOST_BODY = 20 << 20
MOST_LOST = 3
"""Requests that kills have cut off from their answers, and that do not count: they brought nothing. More do, so that a host whose answers end the
process is let alone."""


class AnswerJournal:
    """Answers from the journal what stands in it, and writes what comes. It stands next to the downloader: bodies are as they came.

    A file a host below `DATA_DIR/census/answers`, which whoever is done with the host removes. A request that was under way at a kill
    is sent once more; beyond MOST_LOST, such count as those that REQUEST_BUDGET grants.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._folder = answers_folder(Path(crawler.settings["DATA_DIR"]))
        self._known: dict[str, Response] = {}
        self._path: Path | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AnswerJournal:
        """Made by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request) -> Response | None:
        """The answer that an earlier run was given; else a note that this is asked for, before it is."""
        if self._path is None:
            self._path = journal_path(self._folder, urlparse_cached(request).netloc)
            self._known, lost = _read(self._path)
            self._count(max(0, lost - MOST_LOST))
        known = self._known.get(request.url)
        if known is not None:
            self._count(1)
            return known.replace()
        self._note({"asked": request.url})
        return None

    def process_response(self, request: Request, response: Response) -> Response:
        """Write the answer down."""
        if request.url not in self._known and len(response.body) <= _MOST_BODY:
            self._known[request.url] = response.replace()
            headers = [
                [name.decode("latin-1"), value.decode("latin-1")]
                for name in response.headers
                for value in response.headers.getlist(name)
            ]
            body = base64.b64encode(response.body).decode("ascii")
            self._note({"url": request.url, "status": response.status, "headers": headers, "body": body})
        return response

    def _count(self, requests: int) -> None:
        """Requests of an earlier run, of those that this one may make."""
        budget = self.crawler.get_downloader_middleware(RequestBudget)
        if budget is not None:
            budget.sent += requests

    def _note(self, row: dict[str, object]) -> None:
        """Add a line; a process that is killed leaves it behind."""
        assert self._path is not None, "requests pass before answers"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="ascii") as file:
            file.write(json.dumps(row) + "\n")


def answers_folder(data_dir: Path) -> Path:
    """Where journals lie."""
    return data_dir / "census" / "answers"


def journal_path(folder: Path, netloc: str) -> Path:
    """The journal of a host; with and without `www.` the same."""
    return folder / f"{re.sub(r'[^a-z0-9.-]', '_', netloc.lower().removeprefix('www.'))}.jsonl"


def _read(path: Path) -> tuple[dict[str, Response], int]:
    """The answers in a journal, and how many requests it notes that have none; a line that was cut by a kill is none."""
    known: dict[str, Response] = {}
    asked = 0
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return known, 0
    for line in lines:
        try:
            row = json.loads(line)
            if "asked" in row:
                asked += 1
                continue
            headers: dict[str, list[str]] = {}
            for name, value in row["headers"]:
                headers.setdefault(name, []).append(value)
            body = base64.b64decode(row["body"])
            kind = responsetypes.from_args(headers=Headers(headers), url=row["url"], body=body)
            known[row["url"]] = kind(row["url"], status=int(row["status"]), headers=headers, body=body)
        except (ValueError, KeyError, TypeError):
            continue
    return known, max(0, asked - len(known))
