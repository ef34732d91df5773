"""A library of works, invented after what is known of marxists.org's template, crawled over a loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from aurora_crawl.crawling.documents import files_on
from aurora_crawl.extraction.books.rights import rights_of
from aurora_crawl.extraction.books.work_page import WorkTemplate, joined, read_work_page
from aurora_crawl.routes.indexes import work_at
from aurora_crawl.storage.ledger import Ledger
from aurora_crawl.storage.shards import read_shard

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = jsonschema.Draft202012Validator(
    json.loads(files("aurora_crawl.storage").joinpath("article.schema.json").read_text(encoding="utf-8"))
)
GFDL = (
    "<p class='info'><b>Primeira Edição:</b> jornal A Faísca, nº 3.<br><b>Tradução:</b> Rui Inventado.<br>"
    "<b>Direitos de Reprodução:</b> A cópia ou distribuição deste documento é livre e indefinidamente garantida nos termos da "
    "<a href='https://www.gnu.org/licenses/fdl.html'>GNU Free Documentation License</a>.</p>"
)
RESERVED = "<p class='info'><b>Direitos de Reprodução:</b> © Editora Inventada, 2004. Todos os direitos reservados.</p>"
NUMBERS = ("um", "dois", "três", "quatro")


def prose(about: str) -> str:
    return "".join(
        f"<p>Sobre {about}, disse a velha na {place}, não há palavra que baste, e quem a escuta de longe pensa que é do tempo que se fala.</p>"
        for place in ("praça", "ponte", "rua", "igreja", "fábrica")
    )


def page(main: str, title: str = "") -> str:
    return (
        f"<html><head><meta charset='iso-8859-1'><title>{title}</title></head><body><nav class='interna'><a href='index.htm'>Índice</a> | "
        f"<a href='/portugues/index.htm'>Arquivo</a></nav><main>{main}</main><footer><p>Este texto foi uma contribuição.</p></footer></body></html>"
    )


def chapter(number: int) -> str:
    note = f"<p class='note' id='n{number}'>({number}) Nota do tradutor sobre o rio. (<a href='#t{number}'>retornar ao texto</a>)</p>"
    return page(
        f"<h1>A ponte e o rio</h1><h2>Rosa Inventada</h2><hr><h3>Capítulo {number}</h3>{prose(f'o capítulo {NUMBERS[number - 1]}')}"
        f"<p>E veio o fim<a href='#n{number}' name='t{number}'><sup>({number})</sup></a>, como sempre vem.</p><hr>{note}",
        "A ponte e o rio",
    )


def library() -> dict[str, str]:
    """Three works: one page, chapters, and reserved rights; an author's index, and one by dates."""
    author = "/portugues/inventada"
    works = (
        f"<ul><li><a href='{author}/1917/04/faisca.htm'>A faísca</a></li><li><a href='{author}/1921/ponte/index.htm'>A ponte e o rio</a></li>"
        f"<li><a href='{author}/1930/carta.htm#topo'>Carta</a></li></ul>"
    )
    return {
        "/robots.txt": "User-agent: *\nDisallow:\n",
        "/portugues/index.htm": page(
            "<h1>Arquivo</h1><a href='inventada/index.htm'>Rosa Inventada</a> <a href='admin/datas.htm'>Por data</a>"
            " <a href='/espanol/index.htm'>Español</a> <a href='https://example.org/portugues/x.htm'>fora</a>"
        ),
        f"{author}/index.htm": page(f"<h1>Rosa Inventada</h1>{works}"),
        "/portugues/admin/datas.htm": page(
            f"<h1>Por data</h1>{works}<a href='{author}/1921/ponte/cap02.htm'>cap. 2</a> <a href='sumiu.htm'>?</a>"
        ),
        f"{author}/1917/04/faisca.htm": page(
            f"<h1>A faísca</h1><h2>Rosa Inventada</h2><h3>Abril de 1917</h3><hr>{GFDL}<hr>{prose('a faísca')}",
            "A faísca",
        ),
        f"{author}/1930/carta.htm": page(
            f"<h1>Carta</h1><h2>Rosa Inventada</h2><h3>1930</h3>{RESERVED}{prose('a carta')}"
        ),
        f"{author}/1921/ponte/index.htm": page(
            f"<h1>A ponte e o rio</h1><h2>Rosa Inventada</h2><h3>1921</h3>{GFDL}<h4>Índice</h4><ul>"
            + "".join(f"<li><a href='cap{n:02}.htm'>Capítulo {n}</a></li>" for n in (1, 2, 3, 4))
            + "</ul>"
        ),
        **{f"{author}/1921/ponte/cap{n:02}.htm": chapter(n) for n in (1, 2, 3, 4)},
    }


class Library:
    """The library on a loopback; `hold` names a page that is not answered until `released`."""

    def __init__(self, pages: dict[str, str | bytes]) -> None:
        self.pages = pages
        self.asked: list[str] = []
        self.hold = ""
        self.held, self.released = threading.Event(), threading.Event()
        library = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                library.asked.append(self.path)
                if library.hold and self.path.endswith(library.hold):
                    library.held.set()
                    library.released.wait(60)
                found = library.pages.get(self.path)
                body = found.encode("latin-1") if isinstance(found, str) else found or b""
                kind = "application/pdf" if body.startswith(b"%PDF") else "text/html"
                self.send_response(200 if found is not None else 404)
                self.send_header("Content-Type", "text/plain" if self.path == "/robots.txt" else kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def crawl(self, data: Path, site: str = "marxists", *options: str) -> subprocess.Popen[str]:
        settings = {"DATA_DIR": data, "DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": 0, "RETRY_BACKOFF": 0.05}
        given = [part for key, value in settings.items() for part in ("-s", f"{key}={value}")]
        command = [sys.executable, "-m", "scrapy", "crawl", site, *given, "-a", f"site_url={self.address}", *options]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.fixture
def served() -> Iterator[Library]:
    served = Library(dict(library()))
    yield served
    served.released.set()
    served.server.shutdown()
    served.server.server_close()


def kept(data: Path, site: str = "marxists") -> list[dict[str, Any]]:
    rows = [row for path in sorted((data / "articles" / site).glob("*.jsonl.gz")) for row in read_shard(path)]
    for row in rows:
        SCHEMA.validate(row)
    return rows


def test_works_are_found_joined_and_left_out_as_their_rights_say(served: Library, tmp_path: Path) -> None:
    crawl = served.crawl(tmp_path)
    said = crawl.communicate(timeout=120)[0]
    assert crawl.returncode == 0, said
    rows = {row["title"]: row for row in kept(tmp_path)}
    assert set(rows) == {"A faísca", "A ponte e o rio"}, said
    one, work = rows["A faísca"], rows["A ponte e o rio"]
    assert (one["authors"], one["published"], one["license"], one["kind"], one["format"]) == (
        ["Rosa Inventada"],
        "1917",
        "GFDL-1.1-or-later",
        "book",
        "html",
    )
    assert one["text"].count("Sobre a faísca") == 5
    assert "contribuição" not in one["text"]
    assert "Primeira Edição" not in one["text"]
    assert [cut["rule"] for cut in one["removed"]] == ["page-information"]
    assert [found["title"] for found in work["chapters"]] == [f"Capítulo {n}" for n in (1, 2, 3, 4)]
    places = [work["text"].index(f"o capítulo {number},") for number in NUMBERS]
    assert places == sorted(places)
    assert all(work["text"].count(f"Sobre o capítulo {number}") == 5 for number in NUMBERS)
    assert "Nota do tradutor" not in work["text"]
    assert sum(cut["rule"] == "page-note" for cut in work["removed"]) == 4
    assert work["url"].endswith("/1921/ponte/index.htm")
    ledger = Ledger(tmp_path / "ledger" / "marxists.sqlite")
    reasons = [entry.reason for entry in ledger.entries() if entry.url.endswith("carta.htm")]
    ledger.close()
    assert reasons == ["rights reserved"]
    assert "rights reserved" in said
    assert not [path for path in served.asked if path.startswith("/espanol")]
    # Known works are not asked for again.
    served.asked.clear()
    crawl = served.crawl(tmp_path)
    crawl.communicate(timeout=120)
    assert crawl.returncode == 0
    assert len(kept(tmp_path)) == 2
    assert not [path for path in served.asked if "/19" in path]


def test_a_crawl_killed_between_chapters_begins_the_work_again(served: Library, tmp_path: Path) -> None:
    served.hold = "cap03.htm"
    crawl = served.crawl(tmp_path)
    assert served.held.wait(60)
    os.kill(crawl.pid, signal.SIGKILL)
    crawl.communicate(timeout=30)
    served.hold = ""
    served.released.set()
    again = served.crawl(tmp_path)
    said = again.communicate(timeout=120)[0]
    assert again.returncode == 0, said
    rows = kept(tmp_path)
    (work,) = [row for row in rows if row["title"] == "A ponte e o rio"]
    assert len({row["id"] for row in rows}) == len(rows) == 2
    assert [found["title"] for found in work["chapters"]] == [f"Capítulo {n}" for n in (1, 2, 3, 4)]
    assert all(work["text"].count(f"Sobre o capítulo {number}") == 5 for number in NUMBERS)


def test_a_work_with_a_lost_chapter_waits(served: Library, tmp_path: Path) -> None:
    lost = "/portugues/inventada/1921/ponte/cap02.htm"
    text = served.pages.pop(lost)
    served.crawl(tmp_path).communicate(timeout=120)
    assert [row["title"] for row in kept(tmp_path)] == ["A faísca"]
    served.pages[lost] = text
    served.crawl(tmp_path).communicate(timeout=120)
    assert len(kept(tmp_path)) == 2


@pytest.mark.parametrize(
    ("path", "work"),
    [
        ("/portugues/a/1917/04/slug.htm", "/portugues/a/1917/04/slug.htm"),
        ("/portugues/a/1917/slug.htm", "/portugues/a/1917/slug.htm"),
        ("/portugues/a/1917/abril/slug.htm", "/portugues/a/1917/abril/slug.htm"),
        ("/portugues/a/1867/capital/index.htm", "/portugues/a/1867/capital/index.htm"),
        ("/portugues/a/1867/capital/", "/portugues/a/1867/capital/"),
        ("/portugues/a/1867/capital/cap01.htm", "/portugues/a/1867/capital/index.htm"),
        ("/portugues/a/1867/capital/cap01/02.htm", "/portugues/a/1867/capital/index.htm"),
        ("/portugues/a/1867/05/capital/prefacio.htm", "/portugues/a/1867/05/capital/index.htm"),
        ("/portugues/a/1917/index.htm", None),
        ("/portugues/a/1917/", None),
        ("/portugues/a/1917/04/index.htm", None),
        ("/portugues/a/index.htm", None),
        ("/portugues/slug/cap01.htm", None),
    ],
)
def test_what_an_address_tells(path: str, work: str | None) -> None:
    assert work_at(f"https://a.org{path}") == (work and f"https://a.org{work}")


@pytest.mark.parametrize(
    ("text", "address", "license", "is_reserved"),
    [
        (
            "A cópia deste documento é livre nos termos da GNU Free Documentation License",
            "",
            "GFDL-1.1-or-later",
            False,
        ),
        ("© Fulano. Licenciado sob CC BY-SA 4.0", "", "CC-BY-SA-4.0", False),
        ("Licença Creative Commons", "https://creativecommons.org/licenses/by-nc-sa/3.0/", "CC-BY-NC-SA-3.0", False),
        ("Creative Commons Atribuição-CompartilhaIgual", "", "LicenseRef-CC-BY-SA", False),
        ("Obra em domínio público", "", "LicenseRef-public-domain", False),
        ("A reprodução é livre, citada a fonte", "", "LicenseRef-free-copying", False),
        ("Todos os direitos reservados à Editora", "", None, True),
        ("(c) Editora Boa Vista, 1999", "", None, True),
        ("Direitos autorais gentilmente cedidos pela Editora", "", None, True),
        ("Publicado com a permissão da editora", "", None, True),
        ("© Editora. Proibida a reprodução. CC BY 4.0 só nas imagens", "", None, True),
        ("Primeira edição: 1917. Fonte: jornal. Tradução: Rui", "", None, False),
    ],
)
def test_rights_are_read_from_words_and_links(text: str, address: str, license: str | None, is_reserved: bool) -> None:
    rights = rights_of(text, [address])
    assert (rights.license, rights.is_reserved) == (license, is_reserved)


def test_a_chapter_without_a_heading_has_its_links_words() -> None:
    template = WorkTemplate()
    first = read_work_page(
        f"<main><h1>Obra</h1>{GFDL}<p><a href='a.htm'>I. O começo</a></p></main>", "https://a.org/o/", template
    )
    part = read_work_page(f"<main><h1>OBRA</h1>{prose('x')}</main>", "https://a.org/o/a.htm", template, is_part=True)
    assert first.parts == {"https://a.org/o/a.htm": "I. O começo"}
    blocks = joined(first, [("I. O começo", part)]).blocks
    assert [block.text for block in blocks if block.kind == "heading"] == ["I. O começo"]
    assert len(blocks) == 6


def test_the_likeliest_file_of_a_page_comes_first() -> None:
    html = (
        "<a href='/politica.pdf'>Política</a><a href='/livro.pdf'>Baixar o livro</a><a href='https://b.org/x.pdf'>fora</a>"
        "<a class='wpdm-download-link' href='#' data-downloadurl='/download/livro/?wpdmdl=3'>Baixar</a><a href='/outra/'>x</a>"
    )
    assert files_on(html, "https://a.org/p/") == [
        "https://a.org/livro.pdf",
        "https://a.org/politica.pdf",
        "https://a.org/download/livro/?wpdmdl=3",
    ]
