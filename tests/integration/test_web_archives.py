"""Whole crawls through stand-ins of the archives: nothing twice, nothing lost, and the publisher never asked."""

import os
import random
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from aurora_crawl.demo.web_archive import Held, WebArchive, served
from aurora_crawl.storage.shards import read_shard
from aurora_crawl.storage.verify import verify_site

ROOT = Path(__file__).resolve().parents[2]
SITE = "ofaroldovale"
SENTENCES = [
    "A prefeitura anunciou ontem que a ponte velha será reformada até o fim do ano.",
    "Os moradores do bairro pediram mais ônibus para as crianças que estudam à noite.",
    "Segundo a diretora, a escola recebeu novos livros e uma sala de leitura.",
    "O rio subiu dois metros durante a semana e deixou várias famílias desabrigadas.",
    "A cooperativa de catadores vendeu três toneladas de papel em apenas um mês.",
    "Não havia médicos no posto de saúde quando a reportagem esteve no local.",
]


def page(number: int, paragraphs: int = 10, head: str = "") -> bytes:
    chance = random.Random(number)
    text = "".join(
        f"<p>{' '.join(f'{one[:-1]}, {chance.randrange(10**6)}.' for one in chance.sample(SENTENCES, 4))}</p>"
        for _ in range(10)[:paragraphs]
    )
    return (
        f'<html lang="pt-BR"><head><title>Matéria {number}</title><meta property="og:type" content="article"><meta property="article:published_time" content="2015-03-01T10:00:00-03:00">{head}'
        f'<meta charset="utf-8"></head><body><article><h1 class="entry-title">Matéria {number}</h1>'
        f'<div class="entry-content">{text}</div></article></body></html>'
    ).encode()


def url(host: str, number: int) -> str:
    return f"{host}/materia-{number}/"


def crawled(data_dir: Path, archive: str, publisher: str, via: str, *more: str) -> subprocess.CompletedProcess[str]:
    settings = {
        "SPIDER_MODULES": "aurora_crawl.demo.spiders",
        "DATA_DIR": data_dir,
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": 0,
        "RETRY_BACKOFF": 0.01,
        "RETRY_TIMES": 8,
        "WAYBACK_DELAY": 0,
        "WAYBACK_URL": archive,
        "COMMONCRAWL_URL": archive,
        "COMMONCRAWL_INDEX_URL": archive,
        "AURORA_LANG": "en",
    }
    given = [part for key, value in settings.items() for part in ("-s", f"{key}={value}")]
    command = [
        sys.executable,
        "-m",
        "scrapy",
        "crawl",
        SITE,
        "-a",
        f"site_url={publisher}",
        "-a",
        f"via={via}",
        *given,
        *more,
    ]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=900, env=os.environ)


def stored(data_dir: Path) -> dict[str, dict]:
    found = [row for path in data_dir.glob(f"articles/{SITE}/*.jsonl.gz") for row in read_shard(path)]
    assert len({row["id"] for row in found}) == len(found)
    return {row["url"]: row for row in found}


class Publisher:
    """Listens, and counts whoever comes."""

    def __enter__(self) -> "Publisher":
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                self.send_error(404)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        return self

    def __exit__(self, *given: object) -> None:
        self.server.shutdown()
        self.server.server_close()


def records(archive: WebArchive) -> int:
    return sum(count for asked, count in archive.asked.items() if asked.startswith(("/crawl-data", "/web/")))


@pytest.mark.parametrize(("cut", "busy"), [(0.0, 0.0), (0.3, 0.15)])
def test_three_crawls_through_common_crawl(tmp_path: Path, cut: float, busy: float) -> None:
    with Publisher() as publisher:
        host = publisher.address
        archive = WebArchive(cut=cut, busy=busy)
        first = [Held(url(host, n), f"202401{n % 28 + 1:02d}000000", page(n)) for n in range(60)]
        first += [Held(f"{host}/muro/{n}/", "20240101000000", page(999, 3)) for n in range(5)]
        first.append(
            Held(
                f"{host}/robots.txt", "20240101000000", b"User-agent: CCBot\nDisallow: /materia-7/\n", mime="text/plain"
            )
        )
        first.append(Held(f"{host}/velha-1.html", "20240101000000", b"", status=301, redirect=url(host, 1)))
        first.append(Held(url(host, 3), "20240301000000", page(3, 2)))
        first.append(Held(url(host, 4), "20240302000000", page(4, 3), truncated=True))
        archive.add_crawl("CC-MAIN-2024-10", first)
        with served(archive) as address:
            done = crawled(tmp_path, address, host, "commoncrawl")
            assert done.returncode == 0, done.stdout + done.stderr
            rows = stored(tmp_path)
            wanted = {url(host, n) for n in range(60) if n != 7}
            assert rows.keys() == wanted
            assert len(rows[url(host, 3)]["text"].split()) > 300
            assert rows[url(host, 4)]["capture"]["truncated"] is False
            assert rows[url(host, 5)]["capture"]["archive"] == "CC-MAIN-2024-10"
            assert records(archive) <= 1.05 * 60 + 2
            index = sum(count for asked, count in archive.asked.items() if asked.startswith("/cc-index"))
            assert index <= 15
            archive.add_crawl("CC-MAIN-2024-20", [Held(url(host, n), "20240601000000", page(n)) for n in range(50, 80)])
            assert crawled(tmp_path, address, host, "commoncrawl").returncode == 0
            assert len(stored(tmp_path)) == 79
            before = archive.asked.copy()
            assert crawled(tmp_path, address, host, "commoncrawl").returncode == 0
            again = archive.asked - before
            assert {
                asked
                for asked in again
                if not asked.startswith(("/collinfo", "/crawl-data/CC-MAIN-2024-10/segments/1/robotstxt"))
            } == set()
            if not cut:
                assert max(count for asked, count in archive.asked.items() if "/warc/" in asked) == 1
        assert publisher.asked == []
        assert verify_site(tmp_path, SITE).problems == []


@pytest.mark.parametrize(("cut", "busy"), [(0.0, 0.0), (0.3, 0.15)])
def test_three_crawls_through_the_wayback_machine(tmp_path: Path, cut: float, busy: float) -> None:
    with Publisher() as publisher:
        host = publisher.address
        archive = WebArchive(cut=cut, busy=busy)
        archive.held = [Held(url(host, n), f"201601{n % 28 + 1:02d}000000", page(n)) for n in range(60)]
        archive.held.append(
            Held(
                f"{host}/robots.txt",
                "20240101000000",
                b"User-agent: GPTBot\nDisallow: /materia-7/\n",
                mime="text/plain",
            )
        )
        archive.held.append(Held(url(host, 8), "20200101000000", page(8, head='<meta name="robots" content="noai">')))
        with served(archive) as address:
            done = crawled(tmp_path, address, host, "wayback")
            assert done.returncode == 0, done.stdout + done.stderr
            rows = stored(tmp_path)
            assert rows.keys() == {url(host, n) for n in range(60) if n not in (7, 8)}
            assert rows[url(host, 5)]["capture"] == {
                "archive": "wayback",
                "moment": "2016-01-06T00:00:00+00:00",
                "truncated": False,
            }
            archive.held += [Held(url(host, n), "20240601000000", page(n)) for n in range(60, 70)]
            assert crawled(tmp_path, address, host, "wayback").returncode == 0
            assert len(stored(tmp_path)) == 68
            before = archive.asked.copy()
            assert crawled(tmp_path, address, host, "wayback").returncode == 0
            pages = {
                asked for asked in archive.asked - before if asked.startswith("/web/") and "robots.txt" not in asked
            }
            assert pages == set()
        assert publisher.asked == []


NOAI, TDM = '<meta name="robots" content="noai">', '<meta name="tdm-reservation" content="1">'


def words_against(host: str) -> list[Held]:
    """Captures 0 to 8 of which the publisher says no, each in a form of its own; 9 to 11 of which it says nothing."""
    day, later = "20200101000000", "20240101000000"
    held = [
        Held(url(host, 0), day, page(0), headers=("X-Robots-Tag: noai",)),
        Held(url(host, 1), day, page(1), headers=("TDM-Reservation: 1",)),
        Held(url(host, 2), day, page(2, head=NOAI)),
        Held(url(host, 3), day, page(3, head=TDM)),
        # Rules that came before the capture, and others that came after it.
        Held(url(host, 4), "20250101000000", page(4)),
        Held(url(host, 5), day, page(5)),
        Held(url(host, 6), "20250101000000", page(6)),
        Held(url(host, 7), day, page(7)),
        Held(url(host, 8), day, page(8)),
        Held(url(host, 8), later, page(8, head=NOAI)),
    ]
    for path, before, after in (
        ("robots.txt", b"", b"User-agent: GPTBot\nDisallow: /materia-4/\nDisallow: /materia-5/\n"),
        (
            ".well-known/tdmrep.json",
            b'[{"location": "/*", "tdm-reservation": 0}]',
            b'[{"location": "/materia-6/", "tdm-reservation": 1}, {"location": "/materia-7/", "tdm-reservation": 1}]',
        ),
    ):
        mime = "text/plain" if path == "robots.txt" else "application/json"
        held += [
            Held(f"{host}/{path}", "20190101000000", before, mime=mime),
            Held(f"{host}/{path}", later, after, mime=mime),
        ]
    return held + [Held(url(host, n), day, page(n)) for n in range(9, 12)]


@pytest.mark.parametrize("via", ["commoncrawl", "wayback"])
def test_nine_forms_of_a_publishers_no_are_obeyed_and_counted(tmp_path: Path, via: str) -> None:
    with Publisher() as publisher:
        archive = WebArchive(held=words_against(publisher.address))
        archive.add_crawl("CC-MAIN-2024-10", archive.held)
        with served(archive) as address:
            done = crawled(tmp_path, address, publisher.address, via)
        assert done.returncode == 0, done.stdout + done.stderr
        assert stored(tmp_path).keys() == {url(publisher.address, n) for n in range(9, 12)}
        assert "9 opted out" in done.stdout + done.stderr
        assert publisher.asked == []


def test_an_archive_that_asks_for_rest_or_is_gone_stops_the_crawl_and_nothing_is_lost(tmp_path: Path) -> None:
    with Publisher() as publisher:
        host = publisher.address
        archive = WebArchive(forbids_after=25)
        archive.add_crawl("CC-MAIN-2024-10", [Held(url(host, n), "20240101000000", page(n)) for n in range(40)])
        with served(archive) as address:
            done = crawled(tmp_path, address, host, "commoncrawl")
            assert done.returncode == 1
            assert "HTTP 403, which asks for rest" in done.stderr
            assert archive.answers == 26
        done = crawled(tmp_path, address, host, "commoncrawl")
        assert done.returncode == 1
        assert "refuses connections" in done.stderr
        some = len(stored(tmp_path))
        assert 0 < some < 40
        archive.forbids_after = 1 << 30
        with served(archive) as address:
            assert crawled(tmp_path, address, host, "commoncrawl").returncode == 0
        assert len(stored(tmp_path)) == 40
        assert max(count for asked, count in archive.asked.items() if "/warc/" in asked) == 1
        assert publisher.asked == []
