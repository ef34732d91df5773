"""What a host answered, kept on disk until its work is done: after a kill nothing that was answered is asked for again."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.responsetypes import responsetypes
from scrapy.utils.httpobj import urlparse_cached

_MOST_BODY = 20 << 20


class AnswerJournal:
    """Answers from the journal what stands in it, and writes what comes. It stands next to the downloader: bodies are as they came.

    A file a crawl's host below `DATA_DIR/census/answers`; `forget` removes it.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._folder = answers_folder(Path(crawler.settings["DATA_DIR"]))
        self._known: dict[str, Response] = {}
        self._path: Path | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> AnswerJournal:
        """Made by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request) -> Response | None:
        """The answer that an earlier run was given."""
        if self._path is None:
            self._path = journal_path(self._folder, urlparse_cached(request).netloc)
            self._known = _read(self._path)
        known = self._known.get(request.url)
        # Scrapy notes on the response which request it is for.
        return known.replace() if known is not None else None

    def process_response(self, request: Request, response: Response) -> Response:
        """Write the answer down."""
        if self._path is not None and request.url not in self._known and len(response.body) <= _MOST_BODY:
            self._known[request.url] = response.replace()
            headers = [
                [name.decode("latin-1"), value.decode("latin-1")]
                for name in response.headers
                for value in response.headers.getlist(name)
            ]
            body = base64.b64encode(response.body).decode("ascii")
            line = json.dumps({"url": request.url, "status": response.status, "headers": headers, "body": body})
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="ascii") as file:
                file.write(line + "\n")
        return response


def answers_folder(data_dir: Path) -> Path:
    """Where journals lie."""
    return data_dir / "census" / "answers"


def journal_path(folder: Path, netloc: str) -> Path:
    """The journal of a host; with and without `www.` the same."""
    return folder / f"{re.sub(r'[^a-z0-9.-]', '_', netloc.lower().removeprefix('www.'))}.jsonl"


def _read(path: Path) -> dict[str, Response]:
    """The answers in a journal; a line that was cut by a kill is none."""
    known: dict[str, Response] = {}
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return known
    for line in lines:
        try:
            row = json.loads(line)
            body = base64.b64decode(row["body"])
            headers: dict[str, list[str]] = {}
            for name, value in row["headers"]:
                headers.setdefault(name, []).append(value)
            kind = responsetypes.from_args(headers=None, url=row["url"], body=body)
            kind = responsetypes.from_content_type(headers["Content-Type"][0]) if "Content-Type" in headers else kind
            known[row["url"]] = kind(row["url"], status=int(row["status"]), headers=headers, body=body)
        except (ValueError, KeyError, TypeError):
            continue
    return known
