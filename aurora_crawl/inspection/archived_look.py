"""The look at a site that answers from WARC files: what is not in them is not there."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

from scrapy import Request
from scrapy.http import HtmlResponse, Response

from aurora_crawl.addresses import canonical_address, same_site
from aurora_crawl.crawling.archived_words import HostWords, word_in
from aurora_crawl.extraction.answer import archived_page, readable_body
from aurora_crawl.inspection.answers import Asking
from aurora_crawl.inspection.look import Look, look_at
from aurora_crawl.messages import N_
from aurora_crawl.storage.archive import ArchiveError, Capture, CutShort, captures

_MOST = 1000
"""Answers from memory; the look itself asks for far fewer."""


def archived_look(files: list[Path], url: str) -> Look:
    """Look at a site in WARC files, page by page at its newest answer. Raises ArchiveError where they hold nothing of it."""
    held: dict[str, Capture] = {}
    words = HostWords()
    for file in files:
        try:
            for capture in captures(file, lambda address: same_site(address, url)):
                if (word := word_in(capture)) is not None:
                    words.hear(word)
                key = _key(capture.url, url)
                if key not in held or _standing(held[key]) <= _standing(capture):
                    held[key] = capture
        except CutShort:
            continue
        except OSError as error:
            raise ArchiveError(
                N_("{path}: {why}"), path=file, why=error.strerror or "not a WARC file that can be read"
            ) from error
    if not held:
        raise ArchiveError(N_("no page of {site} in {files}"), site=url, files=", ".join(map(str, files)))

    async def fetch(request: Request) -> Response:
        capture = held.get(_key(request.url, url))
        return Response(request.url, 404) if capture is None else _response(capture)

    look = asyncio.run(look_at(Asking(fetch, _MOST, words.of), url))
    look.requests = 0
    return look


def _standing(capture: Capture) -> tuple[bool, datetime]:
    """Of two answers at one address the greater counts: what is there before what is not, then the newer."""
    return capture.status == 200, capture.date


def _key(address: str, site_url: str) -> str:
    """Under which an answer is found, whatever the scheme, the slash at the end, or `www.`."""
    return canonical_address(address, site_url)


def _response(capture: Capture) -> Response:
    headers = {name: value for name, value in capture.headers if name.lower() != "content-encoding"}
    page = archived_page(capture.headers, capture.body)
    if page is not None:
        return HtmlResponse(capture.url, capture.status, headers, page.encode("utf-8", "replace"), encoding="utf-8")
    return Response(capture.url, capture.status, headers, readable_body(capture.headers, capture.body))
