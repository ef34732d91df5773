"""Taking articles out of archived answers: their own pages go, lists of posts lose them, other pages that print them go."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, replace
from enum import StrEnum
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from fastwarc.stream_io import GzipWriter
from fastwarc.warc import ArchiveIterator, WarcRecordType

from aurora_crawl.files import whole_file
from aurora_crawl.storage.archive import Capture, capture_in, noted, record_of, write_note

Judge = Callable[[Capture], Capture | None]
"""Gives an answer as it is to stay in the archive: itself, another in its place, or null for none."""

SHORTEST = 40
"""Letters of a paragraph from which it is told from chance."""
SHORTEST_TITLE = 20
"""Letters of a title from which it is told from chance."""
LONGEST = 200
"""Letters of it that are looked for."""

_TAGS = re.compile(r"<[^<>]*>")
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_NOT_LETTERS = re.compile(r"[\W_]+")
_PACKED = {"content-encoding", "content-length", "transfer-encoding"}


class Holding(StrEnum):
    """How much of a text an answer prints."""

    NOTHING = "nothing"
    SOME = "some"
    MOST = "most"


class Prints:
    """The paragraphs and titles of texts, by which answers that print them are recognised, however they are marked up.

    Most of a text is printed where half of its paragraphs begin in an answer; some of it where a whole piece does, as in an excerpt,
    or its title.
    """

    def __init__(self, texts: Iterable[str], titles: Iterable[str] = ()) -> None:
        texts = list(texts)
        every = [[part for one in text.split("\n\n") if len(part := letters(one)) >= SHORTEST] for text in texts]
        self._texts = [[part[:LONGEST] for part in paragraphs] for paragraphs in every if paragraphs]
        self._pieces = {
            part[start : start + SHORTEST]
            for paragraphs in every
            for part in paragraphs
            for start in range(0, len(part) - SHORTEST + 1, SHORTEST // 2)
        }
        self._letters = ["".join(map(letters, text.split("\n\n"))) for text in texts]
        self._pieces |= {part for title in titles if len(part := letters(title)) >= SHORTEST_TITLE}

    def apart_from(self, others: Iterable[str]) -> Prints:
        """The same without what other texts print too: it is theirs, or the site's."""
        apart = copy(self)
        apart._pieces = set(self._pieces)
        for other in others:
            plain = letters(other)
            apart._pieces -= {piece for piece in apart._pieces if piece in plain}
        apart._texts = [
            [part for part in parts if any(piece in part for piece in apart._pieces)] for parts in self._texts
        ]
        apart._texts = [parts for parts in apart._texts if parts]
        return apart

    @property
    def pieces(self) -> frozenset[str]:
        """The `letters` of the pieces by which the texts and titles are recognised."""
        return frozenset(self._pieces)

    def places_in(self, plain: str) -> Iterator[tuple[int, int]]:
        """Where pieces of the texts begin and end in a text's `letters`."""
        for piece in self._pieces:
            start = plain.find(piece)
            while start >= 0:
                yield start, start + len(piece)
                start = plain.find(piece, start + 1)

    def has_letters(self, plain: str) -> bool:
        """Whether these `letters` stand in one of the texts."""
        return any(plain in text for text in self._letters)

    def held_by(self, body: bytes) -> Holding:
        """How much an unpacked answer prints of the text of which it prints most."""
        return self.held_in(plain_of(body) if self._pieces else "")

    def held_in(self, plain: str) -> Holding:
        """The same of a text's `letters`."""
        most = max((sum(part in plain for part in parts) / len(parts) for parts in self._texts), default=0.0)
        if most >= 0.5:
            return Holding.MOST
        return Holding.SOME if most or any(piece in plain for piece in self._pieces) else Holding.NOTHING


@dataclass(frozen=True, slots=True)
class Redacted:
    """What was done to an archive's file: how many answers went, and how many lost a part."""

    removed: int = 0
    changed: int = 0


def redact(path: Path, judge: Judge) -> Redacted:
    """Rewrite an archive's file where an answer is to go; one in which none is stays as it is, byte for byte.

    The new file takes the old one's place in one step. Raises OSError.
    """
    verdicts: dict[int, Capture | None] = {}
    for number, (_, capture) in enumerate(_records(path)):
        if capture is not None and (stays := judge(capture)) is not capture:
            verdicts[number] = stays
    if not verdicts:
        return Redacted()
    _rewrite(path, verdicts)
    removed = sum(stays is None for stays in verdicts.values())
    if note := noted(path):
        # The count keeps telling how many records a cut took away.
        write_note(path, note | {"records": max(0, int(note.get("records", 0)) - removed)})
    return Redacted(removed, len(verdicts) - removed)


def with_posts(capture: Capture, posts: list[dict[str, Any]]) -> Capture:
    """The answer with these posts only, unpacked."""
    return with_body(capture, json.dumps(posts, ensure_ascii=False).encode("utf-8", "replace"))


def with_body(capture: Capture, body: bytes) -> Capture:
    """The answer with another body, which is not packed."""
    headers = [(name, value) for name, value in capture.headers if name.lower() not in _PACKED]
    return replace(capture, headers=headers, body=body)


def _rewrite(path: Path, verdicts: dict[int, Capture | None]) -> None:
    with whole_file(path) as file:
        out = GzipWriter(file)
        for number, (record, _) in enumerate(_records(path)):
            stays = verdicts.get(number)
            if number not in verdicts:
                record.write(out, checksum_data=True)
            elif stays is not None:
                record_of(stays).write(out, checksum_data=True)
        out.close()


def _records(path: Path) -> Iterator[tuple[Any, Capture | None]]:
    """Every record of an archive's file, ready to be written again, and the answer in it where it is one."""
    with path.open("rb") as file:
        for record in ArchiveIterator(file, parse_http=False):
            content = record.reader.read()
            record.set_bytes_content(content)
            url = str(record.headers.get("WARC-Target-URI") or "").strip("<>")
            is_answer = record.record_type == WarcRecordType.response
            yield record, capture_in(url, content, record.record_date) if is_answer else None


def decoded(body: bytes) -> tuple[str, str]:
    """An answer's letters, by whatever they say they are, and the encoding that writes them as they were."""
    if body[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        encoding = "utf-16-le" if body[:2] == codecs.BOM_UTF16_LE else "utf-16-be"
        return body.decode(encoding, "replace"), encoding
    try:
        return body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        # A page of Latin-1, or of UTF-8 with some bytes of others: read as that which has more letters in it.
        replaced = body.decode("utf-8", "replace").count("\ufffd")
        as_utf8 = replaced <= len(body.decode("utf-8", "ignore").encode()) / 1000
        return (body.decode("utf-8", "surrogateescape"), "utf-8") if as_utf8 else (body.decode("latin-1"), "latin-1")


def plain_of(body: bytes) -> str:
    """The letters and digits of an answer, in each way in which somebody may read it, one after the other.

    As a reader sees it, with what stands in CDATA; as it is written, so that attributes count; and both once more with what
    JSON, addresses and entities escape written out. A feed holds its articles as escaped HTML, a page its text in JSON-LD.
    """
    text = _CDATA.sub(" ", decoded(body)[0])
    if text.lstrip()[:1] in ("[", "{"):
        with suppress(ValueError, RecursionError):
            text = "\n".join(_strings(json.loads(text)))
    readings = dict.fromkeys([text, written_out(text), written_out(unquote_plus(text))])
    found = []
    for one in readings:
        whole = unescape(unescape(one))
        found += [
            letters(_TAGS.sub("", unescape(_TAGS.sub("", unescape(one))))),
            letters(whole),
            letters(_TAGS.sub("", whole)),
        ]
    return " ".join(dict.fromkeys(found))


def written_out(text: str) -> str:
    """A text without the escapes of JSON strings, also where one stands in another."""
    for _ in range(2):
        text = _ESCAPED.sub(
            lambda found: chr(int(found[1], 16)) if found[1] else found[2] if found[2] in '\\/"' else " ", text
        )
    return text


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _strings(one)


def letters(text: str) -> str:
    """The small letters and the digits of a text alone, by which it is found whatever stands between them."""
    return _NOT_LETTERS.sub("", text).lower()
