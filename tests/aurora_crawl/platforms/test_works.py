"""A library of works, invented after what is known of marxists.org's template, crawled over a loopback."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import processes
import pytest
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import HtmlResponse, Response

from aurora_crawl.crawling.documents import Documents, Incomplete, NotWanted, files_on
from aurora_crawl.crawling.site_reading import SiteReading
from aurora_crawl.demo.newspaper import Story
from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Answer, Site
from aurora_crawl.extraction.books.rights import rights_of
from aurora_crawl.extraction.books.work_page import WorkTemplate, joined, read_work_page
from aurora_crawl.items import Article
from aurora_crawl.routes.indexes import Indexes, IndexesRoute, work_at
from aurora_crawl.routes.route import Found, Scope
from aurora_crawl.spiders.tricontinentaldossies import TricontinentaldossiesSpider
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
        self.headers: dict[str, tuple[str, str]] = {}
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
                if self.path in library.headers:
                    self.send_header(*library.headers[self.path])
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def crawl(self, data: Path, site: str = "marxists", *options: str) -> processes.Popen:
        settings = {"DATA_DIR": data, "DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": 0, "RETRY_BACKOFF": 0.05}
        given = [part for key, value in settings.items() for part in ("-s", f"{key}={value}")]
        command = [*processes.SCRAPY, "crawl", site, *given, "-a", f"site_url={self.address}", *options]
        return processes.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


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
    said = crawl.communicate(timeout=900)[0]
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
    assert [found["title"] for found in work["chapters"]] == ["1", "2", "3", "4"]
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


def test_a_crawl_killed_between_chapters_begins_the_work_again(served: Library, tmp_path: Path) -> None:
    served.hold = "cap03.htm"
    crawl = served.crawl(tmp_path)
    assert served.held.wait(60)
    os.kill(crawl.pid, signal.SIGKILL)
    crawl.communicate(timeout=900)
    served.hold = ""
    served.released.set()
    again = served.crawl(tmp_path)
    said = again.communicate(timeout=900)[0]
    assert again.returncode == 0, said
    rows = kept(tmp_path)
    (work,) = [row for row in rows if row["title"] == "A ponte e o rio"]
    assert len({row["id"] for row in rows}) == len(rows) == 2
    assert [found["title"] for found in work["chapters"]] == ["1", "2", "3", "4"]
    assert all(work["text"].count(f"Sobre o capítulo {number}") == 5 for number in NUMBERS)
    # The work that was stored before the kill is not asked for again.
    assert served.asked.count("/portugues/inventada/1917/04/faisca.htm") == 1


def documents(pages: dict[str, str]) -> Documents:
    """A reader of documents whose server has these pages."""

    async def fetch(request: Request) -> Response:
        found = pages.get(urlsplit(request.url).path)
        status = 404 if found is None else 200
        return HtmlResponse(request.url, status=status, body=(found or "").encode(), encoding="utf-8")

    reading = SiteReading("marxists", "https://a.org", None, reads=("works",))
    return Documents(reading, fetch, WorkTemplate())


def read(documents: Documents, path: str) -> Article:
    response = asyncio.run(documents.fetch(Request(f"https://a.org{path}")))
    return asyncio.run(documents.read(response, Found(response.url), "indexes"))


def test_a_work_with_a_lost_chapter_is_not_stored() -> None:
    pages = library()
    work = "/portugues/inventada/1921/ponte/"
    assert len(read(documents(pages), f"{work}index.htm").chapters) == 4
    del pages[f"{work}cap02.htm"]
    with pytest.raises(Incomplete, match="HTTP 404"):
        read(documents(pages), f"{work}index.htm")


def test_a_chapter_with_reserved_rights_reserves_the_work() -> None:
    pages = library()
    pages["/portugues/inventada/1921/ponte/cap02.htm"] = page(f"<h1>A ponte</h1>{RESERVED}{prose('x')}")
    with pytest.raises(NotWanted, match="rights reserved"):
        read(documents(pages), "/portugues/inventada/1921/ponte/index.htm")


def test_a_chapter_that_is_linked_alone_is_no_work() -> None:
    with pytest.raises(NotWanted, match="part of a work"):
        read(documents(library()), "/portugues/inventada/1921/ponte/cap02.htm")


def test_chapters_that_lead_to_pages_of_their_own_are_joined_in_order() -> None:
    top = "/portugues/a/1867/obra/"
    pages = {
        f"{top}index.htm": page(
            f"<h1>Obra</h1><h2>Ana</h2><h3>1867</h3>{GFDL}<p><a href='p1/index.htm'>Parte 1</a></p><p><a href='p2/01.htm'>Parte 2</a></p>"
        ),
        f"{top}p1/index.htm": page(
            "<h1>Obra</h1><h3>Parte 1</h3><a href='b.htm'>B</a> <a href='a.htm'>A</a> <a href='../index.htm'>volta</a>"
        ),
        f"{top}p1/b.htm": page(f"<h3>Seção B</h3>{prose('b')}"),
        f"{top}p1/a.htm": page(f"<h3>Seção A</h3>{prose('a')}<a href='../p2/01.htm'>próxima</a>"),
        f"{top}p2/01.htm": page(f"<h3>Seção C</h3>{prose('c')}"),
    }
    text = read(documents(pages), f"{top}index.htm").text
    places = [text.index(one) for one in ("Seção B", "Sobre b,", "Seção A", "Sobre a,", "Seção C", "Sobre c,")]
    assert places == sorted(places)
    assert all(text.count(f"Sobre {one},") == 5 for one in "abc")


def found_in(pages: dict[str, str]) -> list[str]:
    """The paths of the works that a library's indexes lead to."""
    scope = Scope("marxists", "https://a.org", only="/portugues/", settings=(Indexes("/portugues/index.htm"),))
    route = IndexesRoute(scope, documents(pages).fetch, lambda line: None)

    async def read() -> list[str]:
        return [urlsplit(one.url).path async for page in route.pages(None, None) for one in page.found]

    return asyncio.run(read())


def test_works_are_known_by_their_pages_where_addresses_do_not_tell() -> None:
    chapters = "".join(f"<a href='cap{n}.htm'>Capítulo {n}</a> " for n in (1, 2, 3))
    pages = {
        "/portugues/": page(
            "<h1>Arquivo</h1><a href='ana/'>Ana</a> <a href='ana/bio.htm'>Vida</a> <a href='x.pdf'>x</a>"
        ),
        "/portugues/ana/": page(
            "<h1>Ana</h1><a href='obra/index.htm'>Obra</a> <a href='outra/index.htm'>Outra</a> <a href='obra/cap2.htm'>cap. 2</a>"
            " <a href='carta.htm'>Carta</a> <a href='1900/texto.htm'>Texto</a> <a href='../../english/ana/x.htm'>x</a>"
        ),
        "/portugues/ana/bio.htm": page("<h1>Vida de Ana</h1><p>Nasceu na vila.</p>"),
        "/portugues/ana/carta.htm": page(f"<h1>Carta</h1>{GFDL}{prose('a carta')}"),
        "/portugues/ana/obra/index.htm": page(f"<h1>Obra</h1>{GFDL}{chapters}"),
        "/portugues/ana/outra/index.htm": page(f"<h1>Outra</h1>{chapters}"),
        **{f"/portugues/ana/{work}/cap{n}.htm": page(f"{prose('x')}") for work in ("obra", "outra") for n in (1, 2, 3)},
    }
    assert sorted(found_in(pages)) == [
        f"/portugues/ana/{name}" for name in ("1900/texto.htm", "carta.htm", "obra/index.htm", "outra/index.htm")
    ]


def test_headings_may_stand_above_the_text_and_the_author_first() -> None:
    html = f"<h2>Ana Lima</h2><h1>Obra</h1><nav><h1>Menu</h1></nav><main><p>{GFDL}</p><h2>Primeira parte</h2>{prose('x')}</main>"
    found = read_work_page(html, "https://a.org/portugues/ana/1900/05/obra.htm", WorkTemplate())
    assert (found.title, found.authors, found.published) == ("Obra", ["Ana Lima"], "1900-05")
    assert [block.text for block in found.blocks if block.kind == "heading"] == ["Primeira parte"]


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


@pytest.mark.parametrize(
    ("name", "site", "status", "said"),
    [
        ("faisca.htm", "marxists", 0, '"title": "A faísca"'),
        ("cartilha.pdf", "mstbiblioteca", 0, '"format": "pdf"'),
    ],
)
def test_extract_reads_a_saved_work_and_a_saved_file(
    tmp_path: Path, name: str, site: str, status: int, said: str
) -> None:
    author = "/portugues/inventada"
    saved = {"faisca.htm": f"{author}/1917/04/faisca.htm"}
    body = library()[saved[name]].encode("latin-1") if name in saved else printed_pdf()
    (tmp_path / name).write_bytes(body)
    url = f"https://www.marxists.org{saved[name]}" if name in saved else ""
    command = [*processes.SCRAPY, "extract", site, str(tmp_path / name), "--url", url]
    done = processes.run(command, cwd=ROOT)
    assert done.returncode == status, done.stderr
    assert said in done.stdout + done.stderr


def printed_pdf(pages: int = 3) -> bytes:
    """A small PDF of pages of prose, made by hand."""
    line = "O relato da terra diz que a gente da vila plantou milho e colheu palavra"
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for number in range(pages):
        lines = "".join(f"0 -14 Td ({line} {number} {row}.) Tj " for row in range(30))
        stream = f"BT /F1 11 Tf 72 760 Td {lines} ET".encode()
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects) + 2} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n" % len(stream) + stream + b"\nendstream")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {pages} >>".encode()
    body = b"%PDF-1.4\n"
    places = []
    for index, one in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n" % index + one + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return (
        body
        + b"xref\n0 %d\n0000000000 65535 f \n" % size
        + table
        + (b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(body)))
    )


def card(address: str, title: str) -> str:
    return f"<article class='post'><h2 class='entry-title'><a href='{address}'>{title}</a></h2></article>"


def test_a_librarys_files_are_read_behind_cards(tmp_path: Path) -> None:
    listing = "/biblioteca-da-questao-agraria/page/1/"
    about = (
        "<article class='post'><h1 class='entry-title'>Cartilha da terra</h1><div class='entry-content'><p>Baixe a cartilha.</p>"
        "<a class='wpdm-download-link' href='#' data-downloadurl='/download/cartilha/?wpdmdl=7'>Baixar</a></div></article>"
    )
    served = Library(
        {
            "/robots.txt": "User-agent: *\nDisallow:\n",
            listing: "<html><body>"
            + card("/download/cartilha/", "Cartilha da terra")
            + card("/download/sumida/", "Sem arquivo")
            + card("/wp-content/uploads/2019/05/relato.pdf", "Relato da terra")
            + card("/download/negada/", "Não para máquinas")
            + card("/noticia/", "Uma notícia")
            + "</body></html>",
            "/download/cartilha/": f"<html><body>{about}</body></html>",
            "/download/cartilha/?wpdmdl=7": printed_pdf(3),
            "/download/sumida/": "<html><body><article class='post'><h1>Sem arquivo</h1><p>Em breve.</p></article></body></html>",
            "/wp-content/uploads/2019/05/relato.pdf": printed_pdf(4),
            "/download/negada/": about.replace("cartilha/?", "negada/?").replace(
                "Cartilha da terra", "Não para máquinas"
            ),
            "/download/negada/?wpdmdl=7": printed_pdf(2),
        }
    )
    served.headers["/download/negada/?wpdmdl=7"] = ("X-Robots-Tag", "noai")
    crawl = served.crawl(tmp_path, "mstbiblioteca", "-a", "via=listing")
    said = crawl.communicate(timeout=900)[0]
    served.server.shutdown()
    served.server.server_close()
    assert crawl.returncode == 0, said
    rows = {row["title"]: row for row in kept(tmp_path, "mstbiblioteca")}
    assert set(rows) == {"Cartilha da terra", "Relato da terra"}, said
    assert {(row["kind"], row["format"]) for row in rows.values()} == {("book", "pdf")}
    assert rows["Cartilha da terra"]["url"].endswith("/download/cartilha/")
    assert all("plantou milho e colheu palavra" in row["text"] for row in rows.values())
    assert "no file" in said
    assert "opted out" in said


class Dossier(Story):
    """A post whose address says what it is."""

    @property
    def path(self) -> str:
        return f"/pt-pt/{self.slug}/"


def test_dossiers_are_found_by_the_interface_and_read_as_the_files_they_lead_to(
    crawl: Callable[..., Crawler], tmp_path: Path
) -> None:
    when = datetime(2023, 5, 4, tzinfo=UTC)
    link = "<p>Leia em nosso dossiê.</p><p><a href='/wp-content/uploads/{name}.pdf'>Baixe o PDF</a></p>"
    names = ("dossie-61-a-terra", "dossie-62-o-grao", "noticia-da-semana")
    site = Site(
        [
            Dossier(name, name, ("Ana Lima",), when, "Dossiês", link.format(name=name) + "<p>Resumo curto.</p>")
            for name in names
        ]
    )
    site.on_request = lambda path: Answer(printed_pdf(3), "application/pdf") if path.endswith(".pdf") else None
    with serve(site) as address:
        done = crawl(TricontinentaldossiesSpider, site_url=address, via="rest")
    rows = {row["title"]: row for row in kept(tmp_path / "data", "tricontinentaldossies")}
    assert set(rows) == set(names[:2])
    assert {(row["kind"], row["format"]) for row in rows.values()} == {("book", "pdf")}
    assert all("plantou milho e colheu palavra" in row["text"] for row in rows.values())
    assert rows[names[0]]["url"].endswith("/pt-pt/dossie-61-a-terra/")
    assert done.stats is not None
