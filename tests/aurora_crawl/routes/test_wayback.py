"""Wayback's index and its captures, asked for by a fetch that answers by itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from scrapy import Request
from scrapy.http import Response

from aurora_crawl.routes.route import ArchivePlaces, Page, RouteFailed, Scope
from aurora_crawl.routes.wayback import WaybackRoute

WAYBACK = "https://wayback.example"
HEAD = ["timestamp", "original", "mimetype", "statuscode", "digest", "length"]
Answers = Callable[[Request], Response]


def row(moment: str, path: str, digest: str) -> list[str]:
    return [moment, f"http://jornal.example{path}", "text/html", "200", digest, "9000"]


def rows(request: Request, *found: list[str], resume: str = "") -> Response:
    body = [HEAD, *found, *([[], [resume]] if resume else [])]
    return Response(request.url, 200, body=json.dumps(body).encode())


def pages(tmp_path: Path, answers: Answers) -> tuple[list[Page], list[Request]]:
    """The route's pages, and what it asked for."""
    asked: list[Request] = []

    async def fetch(request: Request) -> Response:
        asked.append(request)
        return answers(request)

    scope = Scope(
        "jornal",
        "http://jornal.example",
        archives=ArchivePlaces(wayback=WAYBACK, wayback_delay=2.6, folder=tmp_path),
    )

    async def read() -> list[Page]:
        return [page async for page in WaybackRoute(scope, fetch, lambda line: None).pages(None, None)]

    return asyncio.run(read()), asked


def test_the_index_is_read_part_by_part_and_asked_at_leisure(tmp_path: Path) -> None:
    def answers(request: Request) -> Response:
        if "resumeKey" in parse_qs(urlsplit(request.url).query):
            return rows(request, row("20200102000000", "/2020/segunda/", "B"))
        return rows(request, row("20200101000000", "/2020/primeira/", "A"), resume="aqui")

    read, asked = pages(tmp_path, answers)
    assert [found.url for page in read for found in page.found] == [
        "http://jornal.example/2020/segunda/",
        "http://jornal.example/2020/primeira/",
    ]
    assert [request.meta["aurora_rest"] for request in asked] == [2.6, 2.6]


def test_an_index_that_was_read_is_asked_only_for_what_came_since(tmp_path: Path) -> None:
    pages(tmp_path, lambda request: rows(request, row("20200101000000", "/2020/primeira/", "A")))
    _read, asked = pages(tmp_path, lambda request: rows(request))
    assert [parse_qs(urlsplit(request.url).query)["from"] for request in asked] == [["20200101000000"]]


@pytest.mark.parametrize(
    ("status", "body", "said"), [(200, b"<html>", "no rows"), (500, b"", "asks for rest"), (429, b"", "asks for rest")]
)
def test_an_archive_that_does_not_answer_with_rows_is_left_alone(
    tmp_path: Path, status: int, body: bytes, said: str
) -> None:
    with pytest.raises(RouteFailed, match=said):
        pages(tmp_path, lambda request: Response(request.url, status, body=body))


def test_the_captures_of_an_article_come_without_a_rest(tmp_path: Path) -> None:
    def answers(request: Request) -> Response:
        if "/cdx/" in request.url:
            return rows(request, row("20200101000000", "/2020/primeira/", "A"))
        return Response(request.url, 200, {"Content-Type": "text/html"}, b"<p>texto</p>")

    (page,), asked = pages(tmp_path, answers)
    load = page.found[0].load
    assert load is not None
    (capture,) = asyncio.run(load())  # type: ignore[arg-type]
    assert (capture.url, capture.body) == ("http://jornal.example/2020/primeira/", b"<p>texto</p>")
    assert asked[-1].url == f"{WAYBACK}/web/20200101000000id_/http://jornal.example/2020/primeira/"
    assert not asked[-1].meta["aurora_rest"]
