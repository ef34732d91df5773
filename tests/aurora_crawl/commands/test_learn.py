"""`scrapy learn` as a person runs it."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aurora_crawl.items import Article, Removal, article_id
from aurora_crawl.storage.shards import encode

Run = Callable[..., Any]
SITE = "averdade"
PLEA = "Gostou desta história? Venha à nossa roda de leitura na praça."
WORDS = (
    "água pão terra rua casa livro festa chuva barco vento milho pedra sol noite feira rio ponte praça horta".split()
)


@pytest.fixture
def learn(command: Run) -> Run:
    return lambda data, *words: command(data, "learn", *words)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Twenty stored articles, half of them with a plea; one in a second revision."""
    folder = tmp_path / "articles" / SITE
    folder.mkdir(parents=True)
    lines, rng = [], random.Random(3)
    for number in range(20):
        text = [f"{' '.join(rng.sample(WORDS, 9))}.".capitalize() for _ in range(5)]
        if number % 2:
            text.append(PLEA)
        url = f"https://averdade.org.br/2023/01/{number}/"
        removed = [Removal(0, "head", "Por Ana Lima", "byline")]
        article = Article(article_id(url), url, SITE, f"Feira {number}", "\n\n".join(text), removed, route="rest")
        lines.append(encode(article))
    (folder / "averdade-000001.jsonl.part").write_bytes(b"".join(lines))
    return tmp_path


def test_blocks_are_written_with_their_counts_and_a_second_run_changes_nothing(learn: Run, data: Path) -> None:
    done = learn(data, SITE)
    assert done.returncode == 0, done.stderr
    path = data / "boilerplate" / f"{SITE}.txt"
    first = path.read_text("utf-8")
    assert f"whole | 10/20 | {PLEA}" in first.splitlines()
    assert "20 articles read: 1 new block, 0 already known (0 struck out)" in done.stdout
    again = learn(data, SITE)
    assert "0 new blocks" in again.stdout
    assert path.read_text("utf-8") == first


def test_a_block_struck_out_by_hand_stays_out(learn: Run, data: Path) -> None:
    learn(data, SITE)
    path = data / "boilerplate" / f"{SITE}.txt"
    path.write_text(path.read_text("utf-8").replace("whole |", "- whole |"), "utf-8")
    assert "0 new blocks, 1 already known (1 struck out)" in learn(data, SITE).stdout
    assert f"- whole | 10/20 | {PLEA}" in path.read_text("utf-8").splitlines()


def test_show_strikes_through_and_writes_nothing(learn: Run, data: Path) -> None:
    learn(data, SITE)
    before = (data / "boilerplate" / f"{SITE}.txt").read_bytes()
    shown = learn(data, "--show", "--limit", "2", SITE)
    assert f"[-{PLEA}-] (site)" in shown.stdout
    assert "Feira 5\nhttps://averdade.org.br/2023/01/5/ · 1 cut\n" in shown.stdout
    assert (data / "boilerplate" / f"{SITE}.txt").read_bytes() == before


def test_what_cannot_be_learned_from_is_one_clear_line(learn: Run, data: Path, tmp_path: Path) -> None:
    for words, complaint in (
        ((SITE,), "no articles of averdade"),
        (("averdad",), "did you mean averdade?"),
        ((), "name one site"),
    ):
        done = learn(tmp_path / "empty", *words)
        assert done.returncode == 2
        assert complaint in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    (data / "boilerplate").mkdir()
    (data / "boilerplate" / f"{SITE}.txt").write_text("tudo depois disto\n", "utf-8")
    done = learn(data, SITE)
    assert done.returncode == 1
    assert "averdade.txt, line 1: expected" in done.stderr
