"""JSON of REST answers behind notices, in wrappings, with wrong bytes and odd numbers."""

from __future__ import annotations

import json

import pytest

from aurora_crawl.extraction.rest_answer import NotRows, error_code, numbers, read_rows

ROWS = [{"id": n, "link": f"https://exemplo.invalid/{n}/", "title": {"rendered": f"[{n}] {{á}}"}} for n in (3, 5, 9)]
PLAIN = json.dumps(ROWS).encode()
BOM = b"\xef\xbb\xbf"


def ids(body: bytes) -> list[int]:
    return [row["id"] for row in read_rows(body).rows]


@pytest.mark.parametrize(
    "body",
    [
        PLAIN,
        BOM + PLAIN,
        BOM + BOM + b"\n" + PLAIN,
        b"<!-- cache -->\n" + PLAIN + b"\n<!-- [0.4 s] {} -->",
        b"<br />\n<b>Notice</b>: Undefined offset: [0] in <b>/a.php</b>\n" + PLAIN,
        b'Array [] {"debug": true}\n' + PLAIN + b"0",
        json.dumps({str(n): row for n, row in enumerate(ROWS, 10)}).encode(),
        json.dumps({"success": True, "data": {"total": 3, "posts": ROWS}}).encode(),
        json.dumps({"a": ROWS[0], "b": ROWS[1], "c": ROWS[2]}).encode(),
        json.dumps([ROWS]).encode(),
        json.dumps(PLAIN.decode()).encode(),
        json.dumps([{**row, "id": str(row["id"])} for row in ROWS]).encode(),
        PLAIN.decode().encode("utf-16"),
        PLAIN.replace(b'"link"', b'"n": ' + b"9" * 5000 + b', "link"', 1),
        PLAIN.replace(b"[3]", b"[3]\n\t\x01"),
        PLAIN.replace(b"\\u00e1", "á".encode("latin-1"), 1),
    ],
)
def test_rows_are_found_however_they_are_dressed(body: bytes) -> None:
    assert ids(body) == [3, 5, 9]


@pytest.mark.parametrize("body", [b"[]", b"{}", BOM + b"[]\n<!-- x -->", b'{"posts": []}'])
def test_no_posts_are_none(body: bytes) -> None:
    assert ids(body) == []


@pytest.mark.parametrize("body", [PLAIN[:-40], b"<!-- x -->" + PLAIN[:-40], b"Notice [0]\n" + PLAIN[:-1]])
def test_what_breaks_off_may_come_in_smaller_pieces(body: bytes) -> None:
    with pytest.raises(NotRows) as raised:
        read_rows(body)
    assert raised.value.is_cut


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>[]</html> x", b"[" * 100_000, b'{"code": "rest_forbidden", "message": "x"}', b"null"],
)
def test_what_is_no_list_is_none(body: bytes) -> None:
    with pytest.raises(NotRows) as raised:
        read_rows(body)
    assert not raised.value.is_cut


def test_a_row_that_is_none_costs_itself() -> None:
    rows = [None, ROWS[0], {"id": "x"}, {"id": True}, {"id": -4}, {"id": 10**30}, [], ROWS[1] | {"id": 5.0}]
    found = read_rows(json.dumps(rows).encode())
    assert ([row["id"] for row in found.rows], found.unusable, found.size) == ([3, 5], 6, 8)


def test_lone_surrogates_do_not_come_through() -> None:
    body = json.dumps([{"id": 1, "title": {"rendered": "a\ud83d b \ud83d\ude00"}}]).encode()
    assert read_rows(body).rows[0]["title"]["rendered"] == "a\ufffd b 😀"


def test_ids_in_fields_of_any_type() -> None:
    assert [numbers(value) for value in (5, "5", [1, "2", [3], None], {"id": 4}, None, 1.5, True)] == [
        *([5], [5], [1, 2], [4], [], [], []),
    ]
    assert error_code(b'{"code": "rest_no_route"}') == "rest_no_route"
    assert error_code(b'{"code": "a\\u001b[2J"}') == ""
