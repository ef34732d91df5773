"""Hostile bytes are looked at in bounded time: what is written badly on purpose costs no more than its length."""

from __future__ import annotations

import gzip
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from protego import Protego

from aurora_crawl.extraction.answer import TooLarge, unpacked
from aurora_crawl.extraction.bot_wall import is_challenge
from aurora_crawl.extraction.optout import MOST_ROBOTS, bounded_robots, covers, meta_signals, reservations_in

CPU_SECONDS = 5.0
"""Of this process; each of these took minutes where time grew with the square of the length, and takes milliseconds."""


@contextmanager
def bounded() -> Iterator[None]:
    began = time.process_time()
    yield
    assert time.process_time() - began < CPU_SECONDS


@pytest.mark.parametrize(
    "piece", ["<script ", "<!-- ", "<", "<title", "<style>", "document.cookie=", "<title>   ", "</script "]
)
def test_a_page_that_seems_a_wall(piece: str) -> None:
    with bounded():
        is_challenge("<title>Just a moment" + piece * 40_000)


def test_walls_are_still_seen() -> None:
    assert is_challenge("<title>Just a moment...</title><script>" + "x" * 5000 + "</script><p>Wait</p>")
    assert is_challenge("<script>document.cookie = 'a=1'; location.reload()</script>")
    assert not is_challenge("<script>location.reload(); document.cookie = 'a=1'</script>")
    assert not is_challenge(f"<title>Just a moment</title><p>{'palavra ' * 500}</p>")


@pytest.mark.parametrize(
    "html", ["<meta " + "a" * 190_000, "<meta " * 33_000, "<meta " + "a=" * 90_000, "<meta a" + " " * 190_000]
)
def test_meta_elements_without_an_end(html: str) -> None:
    with bounded():
        assert meta_signals(html) == []


def test_locations_with_many_stars() -> None:
    with bounded():
        assert not covers("*a" * 20 + "$", "/" + "a" * 2000 + "b")
        assert not covers("*a" * 200 + "*b", "/" + "a" * 2000)


@pytest.mark.parametrize(
    ("location", "path", "fits"),
    [
        ("/", "/x", True),
        ("/a", "/ab", True),
        ("/a$", "/ab", False),
        ("/a$", "/a", True),
        ("/a*c", "/abbcd", True),
        ("/a*c$", "/abcbc", True),
        ("/a*c$", "/abcb", False),
        ("*", "/x", True),
        ("*$", "/x", True),
        ("/a.b", "/axb", False),
        ("/x*x$", "/x", False),
    ],
)
def test_locations_fit_as_in_robots_txt(location: str, path: str, fits: bool) -> None:
    assert covers(location, path) is fits


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"a":' * 100_000, b"[" + b'{"location":"/"},' * 100_000, b"\xff"])
def test_reservations_that_no_parser_ends(body: bytes) -> None:
    with bounded():
        assert reservations_in(body) == []


@pytest.mark.parametrize("count", [1, 900])
def test_members_of_a_packed_answer_are_put_together(count: int) -> None:
    assert unpacked(gzip.compress(b"abc") * count, "gzip", 1 << 20) == b"abc" * count


def test_a_packed_answer_of_very_many_members_is_refused() -> None:
    body = gzip.compress(b"") * 200_000
    with bounded(), pytest.raises(TooLarge):
        unpacked(body, "gzip", 1 << 20)


@pytest.mark.parametrize("line", [b"\n", b"\r", b" \n", b"a\n", b"Disallow: /*a*a*a*a\n"])
def test_rules_are_cut_before_they_are_parsed(line: bytes) -> None:
    rules = bounded_robots(line * 400_000)
    assert len(rules) <= MOST_ROBOTS
    assert not line.strip() or rules


def test_rules_of_many_stars_cost_no_time_and_forbid_no_less() -> None:
    many = b"User-agent: *\nDisallow: /" + b"*a" * 40 + b"$\nAllow: /" + b"*b" * 40 + b"\nDisallow: /*?p=\n"
    rules = Protego.parse(bounded_robots(many).decode())
    with bounded():
        assert not rules.can_fetch("https://exemplo.invalid/" + "a" * 2000, "aurora-br")
        assert rules.can_fetch("https://exemplo.invalid/" + "b" * 2000, "aurora-br")
        assert not rules.can_fetch("https://exemplo.invalid/x?p=3", "aurora-br")
