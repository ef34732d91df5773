"""What `scrapy corpus` says of a corpus: how far it is to the goal, and what may have been chosen wrongly."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import processes
import pytest

from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.storage.crawl_history import CrawlRecord, note_crawl
from aurora_crawl.storage.shards import read_shard
from aurora_crawl.storage.totals import Announced, TotalsError, read_totals

ROOT = Path(__file__).resolve().parents[3]
Invent = Callable[[int, int], str]
Run = Callable[..., Any]


@pytest.fixture
def corpus(command: Run) -> Run:
    return lambda data, *words: command(data, "corpus", "--tokenizer", "none", *words)


def forty(shards: Any, invent: Invent) -> Path:
    """Forty articles of two sites; some of what the one has is in the other too."""
    for number in range(40):
        shards.add(("mst", "averdade")[number % 2], invent(220, number - 1 if number % 10 == 1 else number))
    data: Path = shards.write()
    return data


def test_totals_tell_what_is_missing_to_the_goal(corpus: Run, shards: Any, invent: Invent) -> None:
    data = forty(shards, invent)
    totals = data / "totals.jsonl"
    totals.write_text(
        '{"site": "mst", "route": "rest", "announced": 20000}\n{"site": "iclnoticias", "route": "rest", "announced": 9}\n'
    )
    done = corpus(data, "--totals", str(totals), "--goal", "100000000", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    # Twenty of its articles are in hand; those that were left out as duplicates will be so of the others too.
    documents, tokens, holds = re.search(r"^mst +(\d+) +([\d,]+) +([\d,]+)$", done.stdout, re.MULTILINE).groups()
    assert int(documents) <= 20
    assert _number(holds) == pytest.approx(20_000 * _number(tokens) / 20, abs=1)
    assert re.search(r"^averdade .*not known$", done.stdout, re.MULTILINE)
    hoped, missing = re.search(r"hold some ([\d,]+) .*; ([\d,]+) are missing to the goal", done.stdout).groups()
    assert _number(hoped) > _number(holds)
    assert _number(hoped) + _number(missing) == 100_000_000


def test_what_discover_counts_is_read_as_it_is(corpus: Run, shards: Any, invent: Invent, tmp_path: Path) -> None:
    for number in range(10):
        shards.add("ofaroldovale", invent(220, number))
    data = shards.write()
    totals = tmp_path / "totals.jsonl"
    with serve(Site.generated(42)) as address:
        count = [*processes.SCRAPY, "discover", "ofaroldovale", "--count", "-a", f"site_url={address}"]
        fast = (
            "-s",
            "SPIDER_MODULES=aurora_crawl.demo.spiders",
            "-s",
            "DOWNLOAD_DELAY=0",
            "-s",
            "AUTOTHROTTLE_ENABLED=0",
        )
        with totals.open("ab") as file:
            assert processes.run([*count, *fast], cwd=ROOT, stdout=file).returncode == 0
    assert read_totals(totals) == {"ofaroldovale": 42}
    done = corpus(data, "--totals", str(totals), "--jobs", "1")
    assert done.returncode == 0, done.stderr
    tokens, holds = re.search(r"^ofaroldovale +10 +([\d,]+) +([\d,]+)$", done.stdout, re.MULTILINE).groups()
    assert _number(holds) == pytest.approx(4.2 * _number(tokens), abs=1)


@pytest.mark.parametrize(
    "line",
    ["mst 12", "[]", '{"site": "mst"}', '{"site": "mst", "route": "rest", "announced": -1}', '{"url": "https://x"}'],
)
def test_a_line_that_is_none_of_totals_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "totals.jsonl"
    path.write_text(f"{Announced('mst', 'rest', 7).as_line()}\n\n{line}\n")
    with pytest.raises(TotalsError, match=r"totals.jsonl, line 3: not a line of `scrapy discover SITE --count`"):
        read_totals(path)


def _number(shown: str) -> int:
    return int(shown.replace(",", ""))


def test_what_crawls_were_told_is_what_sites_hold(corpus: Run, shards: Any, invent: Invent) -> None:
    data = forty(shards, invent)
    for expected in (300, 5000, None, 12):
        note_crawl(data, "mst", CrawlRecord("2024-01-01T00:00:00+00:00", "finished", expected=expected))
    done = corpus(data, "--jobs", "1")
    tokens, holds = re.search(r"^mst +\d+ +([\d,]+) +([\d,]+)$", done.stdout, re.MULTILINE).groups()
    assert _number(holds) == pytest.approx(5000 * _number(tokens) / 20, abs=1)


def test_personal_data_is_masked_in_a_corpus_and_stays_in_the_shards(corpus: Run, shards: Any, invent: Invent) -> None:
    shards.add(
        "mst", f"{invent(200, 1)}\n\nQuem quiser ajudar escreve para maria@exemplo.org.br ou liga para (11) 98765-4321."
    )
    data = shards.write()
    done = corpus(data, "--mask-personal-data", "--validation", "0", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    (line,) = _lines(data / "corpus")
    assert "escreve para [e-mail] ou liga para [telefone]." in line["text"]
    assert "mask_personal_data" in (data / "corpus" / "manifest.json").read_text(encoding="utf-8")
    assert any("maria@exemplo.org.br" in line["text"] for line in _lines(data / "articles" / "mst"))


def _lines(folder: Path) -> list[dict[str, Any]]:
    return [record for path in sorted(folder.glob("*.jsonl.gz")) for record in read_shard(path)]


def test_a_licence_that_nobody_has_and_a_mark_that_takes_much_are_said(
    corpus: Run, shards: Any, invent: Invent
) -> None:
    for number in range(6):
        shards.add("mst", invent(200, number), license="CC-BY-4.0")
    for number in range(4):
        shards.add("mst", f"{invent(60, number)}\n\n{' '.join(str(n) for n in range(number, 400, 7))}.")
    done = corpus(shards.write(), "--exclude-licenses", "CC-BY-NC-4.0", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    assert "no document has the licence 'CC-BY-NC-4.0'; there are CC-BY-4.0" in done.stdout
    assert re.search(r"nonalphabetic_words keeps out 40% of them; `--ignore-marks nonalphabetic_words`", done.stdout)
