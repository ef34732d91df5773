"""`scrapy extract` as a person runs it: one page, and the article that a crawl would store."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import processes
import pytest

from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.text.boilerplate.restore import NOT_STRUCK, STRUCK

ROOT = Path(__file__).resolve().parents[3]
PAGES = ROOT / "tests" / "aurora_crawl" / "spiders" / "pages"
SCHEMA = jsonschema.Draft202012Validator(
    json.loads(files("aurora_crawl.storage").joinpath("article.schema.json").read_text(encoding="utf-8"))
)


def extract(*options: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*processes.SCRAPY, "extract", "-s", "DOWNLOAD_DELAY=0", "-s", "RETRY_TIMES=0"]
    return processes.run([*command, *options], cwd=ROOT)


def test_a_saved_page_is_the_article_that_a_crawl_would_store() -> None:
    done = extract("averdade", PAGES / "averdade.html")
    assert done.returncode == 0, done.stderr
    article = json.loads(done.stdout)
    SCHEMA.validate(article)
    expected = json.loads((PAGES / "averdade.json").read_text(encoding="utf-8"))
    assert article["title"] == expected["title"]
    assert article["url"].rstrip("/") == expected["url"].rstrip("/")
    assert (article["license"], article["language"]) == ("LicenseRef-attribution", "pt")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page with a telephone number, an address, and what is cut."""
    said = "A assembleia dos moradores decidiu manter a praça aberta e pedir à prefeitura que conserte os bancos quebrados."
    path = tmp_path / "praca.html"
    path.write_text(
        "<html lang='pt-BR'><head><title>A praça</title></head><body><h1>A praça fica</h1><div class='td-post-content'>"
        f"<p>{said} O telefone é (11) 98765-4321.</p><p>Leia também: Outra praça</p><p>{said} Escreva a praca@bairro.example.</p>"
        "</div></body></html>",
        encoding="utf-8",
    )
    return path


def test_personal_data_is_masked_and_thresholds_are_moved_by_settings(page: Path) -> None:
    plain = json.loads(extract("averdade", page).stdout)
    assert "98765-4321" in plain["text"]
    assert plain["quality"]["marks"] == []
    asked = json.loads(
        extract("averdade", page, "-s", "MASK_PERSONAL_DATA=True", "-s", "QUALITY_STOP_WORDS=900").stdout
    )
    assert "O telefone é [telefone]." in asked["text"]
    assert "Escreva a [e-mail]." in asked["text"]
    assert asked["quality"]["marks"] == ["stop_words"]


def test_a_person_sees_what_was_cut_struck_through(page: Path) -> None:
    shown = extract("averdade", page, "--show")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("A praça fica\n")
    assert "1 cut\n\nA assembleia" in shown.stdout
    assert "\n\n[-Leia também: Outra praça-] (read-also)\n\n" in shown.stdout


def test_in_a_terminal_the_json_is_followed_by_the_article_with_a_line_through_what_was_cut(page: Path) -> None:
    master, slave = pty.openpty()
    command = [*processes.SCRAPY, "extract", "averdade", page]
    with processes.Popen(command, cwd=ROOT, stdout=slave, stderr=subprocess.DEVNULL) as running:
        os.close(slave)
        screen = _everything_from(master)
    assert running.returncode == 0
    written, _, seen = screen.replace("\r\n", "\n").partition("\n}\n")
    assert json.loads(f"{written}\n}}")["title"] == "A praça fica"
    assert f"{STRUCK}Leia também: Outra praça{NOT_STRUCK} (read-also)" in seen


def _everything_from(terminal: int) -> str:
    pieces = []
    with contextlib.suppress(OSError):  # a terminal whose last writer is gone says so with an error
        while piece := os.read(terminal, 65536):
            pieces.append(piece)
    os.close(terminal)
    return b"".join(pieces).decode()


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ("QUALITY_NEWLINES=few", "QUALITY_NEWLINES=few is no number"),
        ("OPT_OUT=maybe", "OPT_OUT=maybe is not one of obey, mark"),
        ("MASK_PERSONAL_DATA=maybe", "MASK_PERSONAL_DATA=maybe is neither True nor False"),
    ],
)
def test_a_setting_that_cannot_be_read_is_one_clear_line(
    command: Callable[..., Any], tmp_path: Path, page: Path, setting: str, complaint: str
) -> None:
    done = command(tmp_path, "extract", "averdade", page, "-s", setting)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_page_is_fetched() -> None:
    site = Site.generated(3)
    post = site.posts()[1]
    with serve(site) as address:
        done = extract("outraspalavras", address + post.story.path, "-a", f"site_url={address}")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["title"] == post.story.title


def test_a_page_that_is_gone_and_one_that_is_no_article_end_with_1(tmp_path: Path) -> None:
    with serve(Site.generated(3)) as address:
        gone = extract("outraspalavras", f"{address}/nada/", "-a", f"site_url={address}")
    assert gone.returncode == 1
    assert "HTTP 404" in gone.stderr
    english = tmp_path / "page.html"
    english.write_text(
        f"<h1>A title</h1><article>{'<p>The river rose again and nobody asked why. </p>' * 20}</article>"
    )
    other = extract("outraspalavras", english)
    assert other.returncode == 1
    assert "language en" in other.stderr


def test_what_is_neither_file_nor_address_is_named(command: Callable[..., Any], tmp_path: Path) -> None:
    done = command(tmp_path, "extract", "averdade", "nada.html")
    assert done.returncode == 2
    assert "nada.html is neither a file nor an address" in done.stderr
