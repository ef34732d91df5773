"""Pages that grow, in the real Chromium: by a button, and as they are scrolled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from aurora_crawl.routes.browser import what_is_missing

ROOT = Path(__file__).resolve().parents[2]
ARTICLES, A_LOAD = 100, 10

_PAGE = """<!doctype html><html lang="pt-BR"><head><meta charset="utf-8"><title>Análise</title></head><body>
<h1>Análise</h1><div id="lista"></div><img src="/imagem.png">%s
<script>
let next = 0, busy = false;
async function load() {
  if (busy) return; busy = true;
  const rows = await (await fetch('/rows?from=' + next)).json();
  for (const n of rows) {
    const card = document.createElement('article');
    card.className = 'card'; card.style.height = '300px';
    card.innerHTML = `<h2><a href="/analise/${n}-texto/">Texto ${n}</a></h2><time datetime="2023-01-${String(1 + n %% 28).padStart(2, '0')}">x</time>`;
    document.getElementById('lista').append(card);
  }
  next += rows.length; busy = false;
  if (next >= 100) { const b = document.querySelector('button'); if (b) b.style.display = 'none'; }
}
%s
load();
</script></body></html>"""
_BUTTON = _PAGE % ('<button data-action="load-more" onclick="load()">Carregar mais</button>', "")
_SCROLL = _PAGE % (
    "",
    "addEventListener('scroll', () => { if (scrollY + innerHeight > document.body.scrollHeight - 200) load(); });",
)

_SPIDER = '''
from aurora_crawl.platforms.static import StaticSpider
from aurora_crawl.routes.cards import Cards
from aurora_crawl.routes.loadmore import LoadMore


class CresceSpider(StaticSpider):
    """
    Site: Cresce, inventado
    Acervo: 100 textos
    Licença: nenhuma
    Verificado: neste teste
    """

    name = "cresce"
    site_url = "https://cresce.example"
    license = None
    routes = ("loadmore",)
    growing = (LoadMore("PATH", Cards(card="article.card", title="h2"), BUTTON),)
'''


class _Growing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked: list[str] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        path, _, query = self.path.partition("?")
        status, kind = 200, "text/html; charset=utf-8"
        if path in ("/button/", "/scroll/"):
            body = (_BUTTON if path == "/button/" else _SCROLL).encode()
        elif path == "/rows":
            start = int(query.removeprefix("from="))
            body, kind = json.dumps(list(range(start, min(start + A_LOAD, ARTICLES)))).encode(), "application/json"
        else:
            body, status = b"", 404
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    _Growing.asked = []
    with ThreadingHTTPServer(("127.0.0.1", 0), _Growing) as running:
        thread = Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join()


@pytest.mark.skipif(what_is_missing() is not None, reason=f"loadmore: {what_is_missing()}")
@pytest.mark.parametrize(("path", "button"), [("/button/", "button[data-action='load-more']"), ("/scroll/", "")])
def test_a_growing_page_is_found_whole(server: str, path: str, button: str, tmp_path: Path) -> None:
    package = tmp_path / "grow"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "cresce.py").write_text(_SPIDER.replace("PATH", path).replace("BUTTON", repr(button)), encoding="utf-8")
    command = [sys.executable, "-m", "scrapy", "discover", "cresce", "-a", f"site_url={server}"]
    options = ["-s", "SPIDER_MODULES=grow", "-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False"]
    done = subprocess.run(
        [*command, *options],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(row["url"] for row in rows) == sorted(f"{server}/analise/{n}-texto/" for n in range(ARTICLES))
    assert all(row["title"].startswith("Texto ") and row["published"].startswith("2023-01-") for row in rows)
    assert "/imagem.png" not in _Growing.asked
