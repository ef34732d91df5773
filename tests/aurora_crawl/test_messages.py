"""No stranger's word steers a terminal or makes a line of its own, in logs and in what people read."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest

from aurora_crawl.actions.article_view import text_view
from aurora_crawl.errors import AuroraError
from aurora_crawl.items import Removal
from aurora_crawl.messages import Message, fitted, harmless, harmless_json, log_harmlessly

STEERING = [
    *map(chr, range(0x20)),
    *map(chr, range(0x7F, 0xA0)),
    "\u061c",
    *"\u200e\u200f\u2028\u2029",
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2066, 0x206A)),
]
HOSTILE = "início" + "x".join(STEERING) + "fim \x1b]0;título\x07 \x1b[2J\r\n12:00:00 ERROR outra linha"


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """What a handler of any kind writes."""
    out, factory = io.StringIO(), logging.getLogRecordFactory()
    handler = logging.StreamHandler(out)
    logger = logging.getLogger("scrapy.strangers")
    logger.addHandler(handler)
    log_harmlessly()
    yield out
    logger.removeHandler(handler)
    logging.setLogRecordFactory(factory)


def is_harmless(text: str) -> bool:
    return not [letter for letter in text if letter in STEERING and letter != "\n"]


def test_a_log_holds_nothing_that_steers_and_one_line_a_word(said: io.StringIO) -> None:
    logger = logging.getLogger("scrapy.strangers")
    logger.error("route %s: %s: %d of %.1f", "rest", HOSTILE, 3, 2.5)
    logger.error("a dictionary: %(code)s", {"code": HOSTILE})
    logger.error("an error: %s", ValueError(HOSTILE))
    logger.error("an error: %s", AuroraError("{url}: no", url=HOSTILE))
    logger.error("no values: \x1b[2J 100 % sure")
    lines = said.getvalue().splitlines()
    assert len(lines) == 5
    assert is_harmless(said.getvalue())
    assert "início" in lines[0]
    assert lines[0].endswith("3 of 2.5")


@pytest.mark.parametrize("value", [HOSTILE, ValueError(HOSTILE), Message("{x}", x=HOSTILE)])
def test_messages_hold_only_harmless_values(value: object) -> None:
    for line in (Message("{url}: no", url=value).told(), str(Message("{url}: no", url=value))):
        assert is_harmless(line)
        assert "\n" not in line


def test_an_article_in_a_terminal_is_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    seen = text_view(HOSTILE, [HOSTILE], [HOSTILE], [Removal(0, "whole", HOSTILE, "rule")], io.StringIO())
    assert is_harmless(seen)


def test_json_says_the_same_without_raw_characters() -> None:
    record = {"title": HOSTILE, "text": "São João\u00a0— 100 %"}
    shown = harmless_json(json.dumps(record, ensure_ascii=False, indent=2))
    assert is_harmless(shown)
    assert json.loads(shown) == record
    assert "São João\u00a0—" in shown


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_terminal_s_lines_end_between_words(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    address = "https://jornal.example/2023/05/04/" + "uma-materia-muito-longa-" * 8
    text = f"12:00:00 INFO mst: a redação respondeu às perguntas da prefeitura em {address} na quinta-feira passada.\n\nOutro."
    shown = fitted(text, Terminal(), "    ")
    assert shown.split() == text.split()
    assert all(len(line) < columns or address in line for line in shown.split("\n"))
    assert len(shown.split("\n")) > 3
    assert fitted(text, io.StringIO()) == text


def test_an_article_in_a_terminal_is_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    words = "A prefeitura reabriu a ponte velha depois de três anos de obras no rio. " * 9
    shown = text_view("Título", ["fato"], [words], [Removal(1, "whole", words, "site")], Terminal())
    plain = re.sub(r"\x1b\[\d+m", "", shown)
    assert max(map(len, plain.split("\n"))) < 80
    assert plain.split().count("prefeitura") == 18


def test_letters_stay() -> None:
    text = "São João\u00a0—\u200b “à noite” \U0001f468\u200d\U0001f469 العربية"
    assert harmless(text) == text
