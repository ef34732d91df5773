"""`scrapy report` as a person runs it; how the page looks is judged in a browser, in tests/integration."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import processes
import pytest

from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.items import Chapter, Removal
from aurora_crawl.storage.crawl_history import MOST, CrawlRecord, crawls_of, note_crawl

ROOT = Path(__file__).resolve().parents[3]
Invent = Callable[[int, int], str]
Run = Callable[..., Any]


def process(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [*processes.SCRAPY, *words, "-s", f"DATA_DIR={data}"]
    return processes.run(command, cwd=ROOT)


@pytest.fixture
def scrapy(command: Run) -> Run:
    return command


def test_what_was_cut_is_struck_through_where_it_stood(scrapy: Run, shards: Any, invent: Invent) -> None:
    removed = [
        Removal(0, "head", "Direto da Rádio Vale:", "site"),
        Removal(2, "whole", "Leia também: A <b> & o B", "read-also"),
    ]
    shards.add("mst", "Primeiro parágrafo.\n\nSegundo.\n\nQuarto.", removed=removed, published="2021")
    data = shards.write()
    (data / "boilerplate").mkdir()
    (data / "boilerplate" / "mst.txt").write_text("head | 9/9 | Direto da Rádio Vale:\n", "utf-8")
    done = scrapy(data, "report")
    assert done.returncode == 0, done.stderr
    page = (data / "report.html").read_text("utf-8")
    shown = re.search(r"<article[^>]*>(.*?)</article>", page, re.DOTALL)
    assert shown is not None
    assert shown[1] == (
        '<p><del title="site">Direto da Rádio Vale:</del> Primeiro parágrafo.</p><p>Segundo.</p>'
        '<p><del title="read-also">Leia também: A &lt;b&gt; &amp; o B</del></p><p>Quarto.</p>'
    )
    assert "Ainda não há corpus" in page


def test_books_are_counted_and_shown_as_such(scrapy: Run, shards: Any, invent: Invent) -> None:
    text = "\n\n".join(f"Capítulo {n}\n\n{invent(900, n)}" for n in range(30))
    chapters = [Chapter(f"Capítulo {n}", text.index(f"Capítulo {n}\n")) for n in range(30)]
    heads = [Removal(4 * n, "whole", f"Cabeçalho {n}", "page-running-head") for n in range(400)]
    book = {"kind": "book", "format": "epub", "chapters": chapters, "removed": heads, "authors": ["Ana Inventada"]}
    shards.add("livros", text, **book, provenance="unknown", published="1899")
    shards.add("livros", invent(100, 77), provenance="unknown")
    data = shards.write()
    assert scrapy(data, "corpus", "--tokenizer", "none", "--jobs", "1").returncode == 0
    assert scrapy(data, "report").returncode == 0
    page = (data / "report.html").read_text("utf-8")
    assert re.search(r"<b>1</b><span[^>]*>livros entre eles</span>.*; 1 ", page)
    assert "epub 1; 30 " in page
    assert re.search(r"of unknown origin</span>: 2;", page)
    assert "Ana Inventada; epub; 30" in page
    assert "cabeçalho de página" in page
    assert 20 < page.count('<del title="page-running-head">') < 100


def test_what_was_learned_since_the_crawl_is_struck_through_too(scrapy: Run, shards: Any, invent: Invent) -> None:
    removed = [Removal(1, "whole", "Foto: Ana", "photo-credit")]
    shards.add("mst", "Primeiro parágrafo.\n\nA redação do jornal fica na rua Direita, 9.\n\nÚltimo.", removed=removed)
    data = shards.write()
    (data / "boilerplate").mkdir()
    (data / "boilerplate" / "mst.txt").write_text(
        "whole | 9/9 | A redação do jornal fica na rua Direita, 9.\n", "utf-8"
    )
    done = scrapy(data, "report")
    assert done.returncode == 0, done.stderr
    shown = re.search(r"<article[^>]*>(.*?)</article>", (data / "report.html").read_text("utf-8"), re.DOTALL)
    assert shown is not None
    assert shown[1] == (
        '<p>Primeiro parágrafo.</p><p><del title="photo-credit">Foto: Ana</del></p>'
        '<p><del title="site">A redação do jornal fica na rua Direita, 9.</del></p><p>Último.</p>'
    )


def test_the_headline_is_what_the_corpus_counts(scrapy: Run, shards: Any, invent: Invent) -> None:
    for number in range(10):
        shards.add("mst", invent(100, number // 2))
    data = shards.write()
    built = scrapy(data, "corpus", "--tokenizer", "none", "--jobs", "1", "--goal", "10000")
    (share,) = re.findall(r"^([\d.]+) % of the goal", built.stdout, re.MULTILINE)
    assert scrapy(data, "report", "--goal", "10000").returncode == 0
    page = (data / "report.html").read_text("utf-8")
    assert f"tokens: {share} %" in page
    assert f"tokens: {share.replace('.', ',')} %" in page


def test_only_the_newest_revision_counts(scrapy: Run, shards: Any, invent: Invent) -> None:
    address = "https://mst.org.br/nota"
    shards.add("mst", invent(100, 1), address=address)
    shards.add("mst", invent(300, 2), address=address, revision=1, shard="000002")
    data = shards.write()
    assert scrapy(data, "report", "--output", str(data / "page.html")).returncode == 0
    page = (data / "page.html").read_text("utf-8")
    assert re.search(r"<b>1</b>", page)
    assert "2021" not in page


def test_a_crawl_leaves_a_line_and_the_report_shows_it(tmp_path: Path) -> None:
    with serve(Site.generated(25)) as address:
        done = process(tmp_path, "crawl", "averdade", "-a", f"site_url={address}", "-s", "DOWNLOAD_DELAY=0")
        assert done.returncode == 0, done.stderr
    failed = process(tmp_path, "crawl", "averdade", "-a", f"site_url={address}", "-s", "RETRY_TIMES=0")
    assert failed.returncode != 0
    first, second = crawls_of(tmp_path, "averdade")
    assert (first.kept, first.reason, first.expected) == (25, "finished", 25)
    assert second.kept == 0
    assert process(tmp_path, "report").returncode == 0
    page = (tmp_path / "report.html").read_text("utf-8")
    assert first.ended_at[:16].replace("T", " ") in page
    assert 'class="bad"' in page


def test_totals_and_goal_make_the_outlook(scrapy: Run, shards: Any, invent: Invent) -> None:
    for number in range(10):
        shards.add("mst", invent(100, number))
    data = shards.write()
    totals = data / "totals.jsonl"
    totals.write_text('{"site": "mst", "route": "rest", "announced": 1000}\n')
    done = scrapy(data, "report", "--totals", str(totals), "--goal", "1000000")
    assert done.returncode == 0, done.stderr
    page = (data / "report.html").read_text("utf-8").replace("\u202f", "")
    expected = re.search(r"têm cerca de (\d+) ", page)
    assert expected is not None
    assert 180_000 < int(expected[1]) < 260_000


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ([], 1, "nothing is stored in"),
        (["now"], 2, "takes options only"),
        (["--goal", "0"], 2, "--goal is 1 or more"),
        (["--corpus", "/nowhere-at-all"], 1, "/nowhere-at-all/manifest.json: no such file"),
    ],
)
def test_what_cannot_be_reported_is_one_line(
    scrapy: Run, tmp_path: Path, words: list[str], status: int, said: str
) -> None:
    done = scrapy(tmp_path, "report", *words)
    assert done.returncode == status
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "report.html").exists()


def test_the_history_is_bounded_and_survives_a_broken_line(tmp_path: Path) -> None:
    for number in range(MOST + 5):
        note_crawl(tmp_path, "mst", CrawlRecord(f"2024-01-01T00:{number % 60:02}:00+00:00", "finished", kept=number))
    assert len(crawls_of(tmp_path, "mst")) == MOST
    path = tmp_path / "monitor" / "mst.jsonl"
    path.write_text("{broken\n" + path.read_text())
    note_crawl(tmp_path, "mst", CrawlRecord("2024-02-01T00:00:00+00:00", "finished", complaints=("few dates",)))
    assert crawls_of(tmp_path, "mst")[-1].complaints == ("few dates",)
