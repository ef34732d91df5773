"""`scrapy forget`: afterwards the text is nowhere under DATA_DIR, and no crawl brings it back."""

import json
import re
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import processes
import pytest
from unpacked import unpacked

from aurora_crawl.addresses import canonical_address
from aurora_crawl.corpus.output_folder import held
from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.items import article_id
from aurora_crawl.storage.archive import Capture, archives_of, captures
from aurora_crawl.storage.ledger import Ledger
from aurora_crawl.storage.recording import SiteArchive
from aurora_crawl.storage.shards import read_shard
from aurora_crawl.storage.verify import verify_site

ROOT = Path(__file__).resolve().parents[3]
SITE = "ofaroldovale"
Run = Callable[..., Any]


def run_scrapy(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [*processes.SCRAPY, *words, *_settings(data)]
    return processes.run(command, cwd=ROOT)


@pytest.fixture
def scrapy(command: Run) -> Run:
    return command


def _settings(data: Path) -> list[str]:
    settings = {
        "SPIDER_MODULES": "aurora_crawl.spiders,aurora_crawl.demo.spiders",
        "DATA_DIR": data,
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": 0,
        "RETRY_BACKOFF": 0.01,
        "ARCHIVE": True,
    }
    return [part for key, value in settings.items() for part in ("-s", f"{key}={value}")]


def stored(data: Path) -> dict[str, dict[str, Any]]:
    rows = (row for path in data.glob(f"articles/{SITE}/*.jsonl.gz") for row in read_shard(path))
    return {row["url"]: row for row in rows}


def sentences(text: str) -> list[bytes]:
    """A piece from the middle of each paragraph, long enough to stand in no other article."""
    parts = (paragraph.split() for paragraph in text.split("\n\n"))
    return [" ".join(words[2:10]).encode() for words in parts if len(words) > 14]


@pytest.mark.parametrize("via", ["rest", "sitemap"])
def test_a_forgotten_article_is_nowhere_and_never_comes_back(tmp_path: Path, via: str) -> None:
    with serve(Site.generated(30)) as address:
        crawl = ("crawl", SITE, "-a", f"site_url={address}", "-a", f"via={via}")
        assert run_scrapy(tmp_path, *crawl).returncode == 0
        built = run_scrapy(tmp_path, "corpus", "--tokenizer", "none", "--jobs", "1", "--validation", "0.1")
        assert built.returncode == 0, built.stderr
        assert run_scrapy(tmp_path, "report", "--articles", "100").returncode == 0
        before = stored(tmp_path)
        corpus = {row["url"]: row for path in tmp_path.glob("corpus/*.gz") for row in read_shard(path)}
        url = sorted(corpus)[3]
        probes = sentences(before[url]["text"])
        assert len(probes) >= 2
        for place in ("articles", "corpus", "warc"):
            assert all(probe in unpacked(tmp_path / place) for probe in probes), place

        done = run_scrapy(tmp_path, "forget", url)
        assert done.returncode == 0, done.stderr
        assert f"{url} is never fetched again" in done.stdout
        assert "1 document taken out" in done.stdout
        assert not (tmp_path / "report.html").exists()
        left = unpacked(tmp_path)
        assert [probe for probe in probes if probe in left] == []
        assert stored(tmp_path).keys() == before.keys() - {url}
        assert verify_site(tmp_path, SITE).problems == []

        again = run_scrapy(tmp_path, *crawl)
        assert again.returncode == 0, again.stderr
        assert stored(tmp_path).keys() == before.keys() - {url}
        if via == "rest":
            # Lists of posts still bring it; the archive does not take it in again.
            left = unpacked(tmp_path)
            assert [probe for probe in probes if probe in left] == []
        reread = run_scrapy(tmp_path, "reparse", SITE, "--jobs", "1")
        assert reread.returncode == 0, reread.stderr
        assert stored(tmp_path).keys() == before.keys() - {url}


def test_a_corpus_stays_in_step_with_its_manifest(tmp_path: Path) -> None:
    with serve(Site.generated(30)) as address:
        assert run_scrapy(tmp_path, "crawl", SITE, "-a", f"site_url={address}", "-a", "via=rest").returncode == 0
    run_scrapy(tmp_path, "corpus", "--tokenizer", "mistral-v1", "--jobs", "1", "--validation", "0.2")
    old = json.loads((tmp_path / "corpus" / "manifest.json").read_text())
    lines = {row["url"]: row for path in tmp_path.glob("corpus/*.gz") for row in read_shard(path)}
    going = sorted(lines)[:2]
    assert run_scrapy(tmp_path, "forget", *going).returncode == 0
    new = json.loads((tmp_path / "corpus" / "manifest.json").read_text())
    assert new["total"]["documents"] == old["total"]["documents"] - 2
    assert new["total"]["words"] == old["total"]["words"] - sum(lines[url]["words"] for url in going)
    assert 0 < new["total"]["tokens"] < old["total"]["tokens"]
    assert new["steps"][-1]["dropped"] == {"forgotten": 2}
    for row in new["files"]:
        path = tmp_path / "corpus" / row["name"]
        assert path.stat().st_size == row["bytes"]
        assert sum(1 for _ in read_shard(path)) == row["documents"]
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("corpus.")]


def test_adapters_that_were_trained_on_it_are_named(
    scrapy: Run, tmp_path: Path, shards: Any, invent: Callable[..., str]
) -> None:
    id = shards.add("mst", invent(200, 1), address="https://mst.org.br/2020/01/nota")
    shards.write()
    adapter = tmp_path / "out" / "run1"
    adapter.mkdir(parents=True)
    (adapter / "documents.jsonl").write_text(json.dumps({"id": id, "url": "…", "part": "train"}) + "\n")
    other = tmp_path / "out" / "run2"
    other.mkdir()
    (other / "documents.jsonl").write_text(json.dumps({"id": "0" * 16}) + "\n")
    done = scrapy(
        tmp_path, "forget", "https://www.mst.org.br/2020/01/nota/?utm_source=x", "--adapters", str(tmp_path / "out")
    )
    assert done.returncode == 0, done.stderr
    assert f"adapter {adapter}" in done.stdout
    assert str(other) not in done.stdout
    assert verify_site(tmp_path, "mst").problems == []


def test_killed_at_any_moment_the_same_command_goes_on(tmp_path: Path, shards: Any, invent: Callable[..., str]) -> None:
    texts = {}
    for number in range(400):
        url = f"https://mst.org.br/2020/{number}"
        texts[url] = invent(150, number)
        shards.add("mst", texts[url], address=url, shard=f"{number // 100 + 1:06}")
    shards.write()
    assert run_scrapy(tmp_path, "verify", "mst", "--repair").returncode == 0
    url = "https://mst.org.br/2020/250"
    probe = sentences(texts[url])[0]
    command = [*processes.SCRAPY, "forget", url, *_settings(tmp_path)]
    for moment in (0.9, 1.1, 1.3, 1.5):
        process = processes.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = run_scrapy(tmp_path, "forget", url)
    assert done.returncode == 0, done.stderr
    assert probe not in unpacked(tmp_path)
    assert verify_site(tmp_path, "mst").problems == []
    assert sum(1 for path in tmp_path.glob("articles/mst/*.gz") for _ in read_shard(path)) == 399


def test_learned_lines_prepared_tokens_and_what_builds_left_go_too(
    tmp_path: Path, shards: Any, invent: Callable[..., str]
) -> None:
    plea, private = "Assine o jornal e receba a edição de domingo.", "Escreva para Ana Prado, rua das Acácias, 9."
    url = "https://mst.org.br/2020/nota"
    id = shards.add("mst", f"{invent(150, 1)}\n\n{private}\n\n{plea}", address=url)
    shards.add("mst", f"{invent(150, 2)}\n\n{plea}")
    data = shards.write()
    learned = data / "boilerplate" / "mst.txt"
    learned.parent.mkdir()
    learned.write_text(
        f"# Blocos\nwhole | 2/2 | {plea}\n\n# {private}\nwhole | 2/2 | Escreva para {{name}}, rua das {{any}}.\n"
        f"- whole | 1/2 | {private}\n",
        encoding="utf-8",
    )
    prepared = data / "prepared" / "0123456789"
    other = data / "prepared" / "abcdefabcd"
    for folder, row in ((prepared, id), (other, "0" * 16)):
        folder.mkdir(parents=True)
        (folder / "train.npy").write_bytes(b"tokens")
        (folder / "train.jsonl").write_text(json.dumps({"id": row}) + "\n")
    # A build into a folder of its own that was killed before it had one.
    building = [*processes.SCRAPY, "corpus", "--output", str(data / "mine"), "--jobs", "1"]
    process = processes.Popen([*building, *_settings(data)], cwd=ROOT, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 900
    while not list((data / "mine.work").glob("*.jsonl")) and time.monotonic() < end:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert list((data / "mine.work").glob("*.jsonl"))

    done = run_scrapy(data, "forget", url)
    assert done.returncode == 0, done.stderr
    text = learned.read_text("utf-8")
    assert "Acácias" not in text
    assert f"whole | 2/2 | {plea}" in text
    assert not prepared.exists()
    assert other.exists()
    assert not (data / "mine.work").exists()
    left = unpacked(data)
    assert [probe for probe in (*sentences(invent(150, 1)), "rua das Acácias".encode()) if probe in left] == []
    assert run_scrapy(data, "corpus", "--tokenizer", "none", "--jobs", "1").returncode == 0


def test_copies_at_other_addresses_are_named_and_stay(
    scrapy: Run, tmp_path: Path, shards: Any, invent: Callable[..., str]
) -> None:
    text = invent(200, 1)
    url, copy = "https://mst.org.br/2020/nota", "https://averdade.org.br/2020/01/nota"
    shards.add("mst", text, address=url)
    shards.add("averdade", f"Do MST\n\n{text}", address=copy)
    shards.add("averdade", invent(200, 2))
    done = scrapy(shards.write(), "forget", url)
    assert done.returncode == 0, done.stderr
    assert f"{copy} prints the same text and stays; `scrapy forget {copy}` takes it out too" in done.stdout
    assert done.stdout.count("prints the same text") == 1


def test_a_corpus_that_is_being_built_is_not_forgotten_in(
    scrapy: Run, tmp_path: Path, shards: Any, invent: Callable[..., str]
) -> None:
    url = "https://mst.org.br/2020/nota"
    shards.add("mst", invent(150, 1), address=url)
    shards.add("mst", invent(150, 2))
    data = shards.write()
    with held(data / "corpus"):
        done = scrapy(data, "forget", url)
        assert done.returncode == 1
        assert "another process is writing this corpus" in done.stderr
    assert scrapy(data, "forget", url).returncode == 0
    assert sentences(invent(150, 1))[0] not in unpacked(data)


def test_a_corpus_whose_manifest_is_broken_is_not_passed_over(
    scrapy: Run, tmp_path: Path, shards: Any, invent: Callable[..., str]
) -> None:
    url = "https://mst.org.br/2020/nota"
    shards.add("mst", invent(150, 1), address=url)
    data = shards.write()
    assert scrapy(data, "corpus", "--tokenizer", "none", "--jobs", "1").returncode == 0
    (data / "corpus" / "manifest.json").write_text('{"version": 1')
    done = scrapy(data, "forget", url)
    assert done.returncode == 1
    assert re.fullmatch(r"scrapy forget: .*manifest\.json: cannot be read .*make the corpus anew\n", done.stderr)


def test_an_adapter_that_only_measured_on_it_is_told_apart(
    scrapy: Run, tmp_path: Path, shards: Any, invent: Callable[..., str]
) -> None:
    id = shards.add("mst", invent(200, 1), address="https://mst.org.br/2020/nota")
    data = shards.write()
    adapter = tmp_path / "out" / "run1"
    adapter.mkdir(parents=True)
    (adapter / "documents.jsonl").write_text(json.dumps({"id": id, "part": "held_out"}) + "\n")
    words = ("forget", "https://mst.org.br/2020/nota", "--adapters", str(tmp_path / "out"))
    done = scrapy(data, *words)
    assert f"adapter {adapter}: was measured on 1 of them" in done.stdout
    (adapter / "documents.jsonl").write_text("{broken\n")
    broken = scrapy(data, *words)
    assert broken.returncode == 1
    assert re.fullmatch(r"scrapy forget: .*documents\.jsonl: cannot be read .*\n", broken.stderr)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ([], 2, "name at least one address"),
        (["nota"], 2, "nota: not an address like"),
        (["https://example.org/nota"], 1, "on no site's host; nothing was changed"),
        (["https://mst.org.br/x", "--adapters", "/nowhere-at-all"], 2, "/nowhere-at-all: no such folder"),
    ],
)
def test_what_cannot_be_forgotten_is_one_line(
    scrapy: Run, tmp_path: Path, words: list[str], status: int, said: str
) -> None:
    done = scrapy(tmp_path, "forget", *words)
    assert done.returncode == status
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_what_was_never_stored_is_still_never_fetched(tmp_path: Path) -> None:
    with serve(Site.generated(12)) as address:
        crawl = ("crawl", SITE, "-a", f"site_url={address}", "-a", "via=rest")
        assert run_scrapy(tmp_path / "other", *crawl).returncode == 0
        url = sorted(stored(tmp_path / "other"))[5]
        # Known by its listing, and not yet stored: the crawl ends after one article.
        assert run_scrapy(tmp_path / "mine", *crawl, "-a", "limit=1").returncode == 0
        assert url not in stored(tmp_path / "mine")
        ledger = Ledger(tmp_path / "mine" / "ledger" / f"{SITE}.sqlite")
        ledger.find(article_id(canonical_address(url, address)), url, "rest")
        ledger.close()
        done = run_scrapy(tmp_path / "mine", "forget", url)
        assert done.returncode == 0, done.stderr
        assert run_scrapy(tmp_path / "mine", *crawl).returncode == 0
        assert stored(tmp_path / "mine").keys() == stored(tmp_path / "other").keys() - {url}


def test_teasers_of_it_go_from_archived_pages_lists_and_feeds_of_others(
    scrapy: Run, tmp_path: Path, shards: Any, invent: Callable[..., str]
) -> None:
    site, day = "https://mst.org.br", datetime(2020, 3, 4, tzinfo=UTC)
    text, other = invent(200, 1), invent(200, 2)
    title = "O mutirão plantou trezentas mudas na nascente do rio"
    shards.add("mst", text, address=f"{site}/nota", title=title)
    shards.add("mst", other, address=f"{site}/outra")
    data = shards.write()
    assert scrapy(data, "verify", "mst", "--repair").returncode == 0
    teaser = text[:180]
    page = f"<html><title>Outra</title><body><p>{other}</p><a title='{title}'>{teaser}</a></body></html>"
    row = {"id": 2, "link": f"{site}/outra", "content": {"rendered": f"<p>{other}</p>"}, "related": teaser}
    gone = {"id": 1, "link": f"{site}/nota", "content": {"rendered": f"<p>{text}</p>"}}
    feed = f"<rss><item><link>{site}/outra</link><description><![CDATA[{teaser}]]></description></item></rss>"
    bodies = {
        "/outra": page.encode(),
        "/outra?amp=1": page.encode("cp1252"),
        "/": f"<html><a href='/nota'>{title}</a></html>".encode(),
        "/feed": feed.encode(),
        "/wp-json/wp/v2/posts": json.dumps([gone, row]).encode(),
        "/nota": f"<html>{text}</html>".encode(),
    }
    archive = SiteArchive(data, "mst", site)
    for path, body in bodies.items():
        archive.add(Capture(site + path, 200, [("Content-Type", "text/html")], body, day))
    archive.close()
    assert scrapy(data, "forget", f"{site}/nota").returncode == 0
    left = unpacked(data)
    assert [probe for probe in (*sentences(text), title.encode(), title.encode("cp1252")) if probe in left] == []
    stay = {one.url.removeprefix(site): one.body for path in archives_of(data, "mst") for one in captures(path)}
    assert set(stay) >= {"/outra", "/wp-json/wp/v2/posts"}
    assert other.encode() in stay["/outra"]
    (post,) = json.loads(stay["/wp-json/wp/v2/posts"])
    assert post["content"]["rendered"] == f"<p>{other}</p>"
