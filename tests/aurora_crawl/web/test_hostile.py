"""A test for every way in which a server harms a crawl: on a real socket, with a real crawl."""

import gzip
import time
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from aurora_crawl.demo.server import answer

LETTERS = "A prefeitura não explicou à população por que a água faltou três dias na região. "


def article_page(server: Any, number: int = 3) -> str:
    return server.site.posts()[number].story.path


def lie_at_articles(server: Any, answers: dict[str, Any]) -> dict[str, str]:
    """Put each answer in the place of another article; the paths by the answers' names."""
    paths = {name: post.story.path for name, post in zip(answers, server.site.posts(), strict=False)}
    by_path = {path: answers[name] for name, path in paths.items()}
    server.lie = lambda asked: by_path.get(asked)
    return paths


def page(text: str = LETTERS * 12, title: str = "A água que faltou", head: str = "") -> str:
    return (
        f"<!doctype html><html lang=pt-BR><head><title>{title}</title>{head}</head><body><article><h1 class=entry-title>"
        f"{title}</h1><div class=entry-content><p>{text}</p><p>{text[::-1][::-1]} E mais.</p></div></article></body></html>"
    )


def others_are_kept(result: Any, count: int = 7) -> None:
    assert len(result.kept) == count, result.said


def test_retry_after_is_waited_for(server: Any, crawl: Any) -> None:
    path, answers = (
        article_page(server),
        [server.http(b"", "429 Too Many", "Retry-After: 2"), server.http(b"", "503 X", "Retry-After: 1")],
    )
    server.lie = lambda asked: answers.pop(0) if asked == path and answers else None
    result = crawl("-s", "DOWNLOAD_DELAY=0.1", "-s", "DOWNLOAD_DELAY_JITTER=0")
    assert result.status == 0, result.said
    others_are_kept(result, 8)
    times = [when for when, asked, _ in server.asked if asked == path]
    assert len(times) == 3
    assert times[1] - times[0] >= 2
    assert times[2] - times[1] >= 1
    between = [when for when, _, _ in server.asked if times[0] < when < times[0] + 2]
    # One may have been on its way; who has the answer waits from then on, so later.
    assert len(between) <= 1, "others asked the host while it wanted to be left alone"


def test_retry_after_beyond_the_bound_ends_the_crawl_and_holds_for_the_next(server: Any, crawl: Any) -> None:
    path = article_page(server)
    server.lie = lambda asked: server.http(b"", "429 X", "Retry-After: 4000") if asked == path else None
    result = crawl()
    assert result.entries[path].due
    assert "asks to be left alone for 67 min" in (result.entries[path].reason or "")
    server.lie = lambda asked: None
    before = len(server.asked)
    again = crawl()
    assert len(server.asked) == before, "the next crawl did not keep to it"
    assert "asks to be left alone for" in again.said
    assert again.status == 1


PACKED = gzip.compress(page().encode())


BROKEN = {
    "cut": PACKED[: len(PACKED) // 2],
    "garbage after": PACKED + b"<html>garbage behind</html>",
    "garbled": PACKED[:200] + b"\0" * 50 + PACKED[250:],
    "wrong checksum": PACKED[:-8] + b"\0" * 8,
    "not gzip": b"not packed at all " * 20,
}


def test_broken_gzip_is_tried_again_and_never_an_article(server: Any, crawl: Any) -> None:
    answers = {name: server.http(body, "200 OK", "Content-Encoding: gzip") for name, body in BROKEN.items()}
    paths = lie_at_articles(server, answers)
    result = crawl()
    others_are_kept(result, 8 - len(BROKEN))
    for path in paths.values():
        assert len(server.paths(path)) == 3
        assert (result.entries[path].state, result.entries[path].due) == ("failed", True)
        assert "the answer of 127.0.0.1" in (result.entries[path].reason or "")


def test_body_shorter_than_its_length_is_no_article(server: Any, crawl: Any) -> None:
    path = article_page(server)
    whole = server.http(page().encode())
    server.lie = lambda asked: whole[:-300] if asked == path else None
    result = crawl()
    others_are_kept(result)
    assert "cut short" in (result.entries[path].reason or "")


@pytest.mark.parametrize(("status", "via"), [("503 Unavailable", "rest"), ("429 Too Many", "sitemap")])
def test_site_whose_robots_txt_fails_is_left_alone(server: Any, crawl: Any, status: str, via: str) -> None:
    server.lie = lambda asked: server.http(b"", status) if asked == "/robots.txt" else None
    result = crawl(via=via)
    assert set(server.paths()) == {"/robots.txt"}
    assert result.kept == []
    assert result.status == 1
    assert f"answers HTTP {status[:3]}; the site is left alone" in result.said


def test_missing_robots_txt_allows(server: Any, crawl: Any) -> None:
    server.lie = lambda asked: (
        server.http(b"User-agent: *\nDisallow: /", "404 Not Found") if asked == "/robots.txt" else None
    )
    others_are_kept(crawl(), 8)


def test_redirects_that_lead_nowhere_are_reported(server: Any, crawl: Any) -> None:
    posts = [post.story.path for post in server.site.posts()]
    selves, endless = posts[:3], posts[3]

    def lie(asked: str) -> bytes | None:
        if asked in selves:
            return server.http(b"", f"{[301, 302, 307][selves.index(asked)]} X", f"Location: {asked}")
        if asked.startswith(endless):
            return server.http(b"", "302 X", f"Location: {endless}?n={len(server.asked)}")
        return None

    server.lie = lie
    result = crawl()
    others_are_kept(result, 4)
    for path in selves:
        assert result.entries[path].reason == "the address redirects to itself"
        assert len(server.paths(path)) == 1
    assert result.entries[endless].reason == "the address redirects without end"


def test_private_addresses_are_never_asked(server: Any, crawl: Any) -> None:
    inside = type(server)(server.site)
    server.site.address = server.address
    targets = [f"http://{host}:{inside.port}/" for host in ("127.0.0.1", "localhost", "[::1]", "2130706433", "127.1")]
    targets += ["http://169.254.169.254/latest/", "http://10.0.0.1/"]
    answers = {target: server.http(b"", "302 X", f"Location: {target}") for target in targets[:5]}
    for target in targets[4:]:
        refresh = page(head=f'<meta http-equiv="refresh" content="0;url={target}">')
        answers[f"refresh {target}"] = server.http(refresh.encode())
    paths = lie_at_articles(server, answers)
    result = crawl()
    inside.close()
    others_are_kept(result, 0)
    assert inside.asked == []
    for name, path in paths.items():
        # Numbers in odd forms are no addresses, whatever they stand for.
        said = "no address" if "2130706433" in name or "127.1" in name else "leads into a private network"
        assert said in (result.entries[path].reason or "")


def bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(b"<p>" + b"a" * (1 << 20)) for _ in range(1200)) + packer.flush()


def test_gzip_bomb_is_refused(server: Any, crawl: Any) -> None:
    path, body = article_page(server), bomb()
    server.lie = lambda asked: server.http(body, "200 OK", "Content-Encoding: gzip") if asked == path else None
    result = crawl()
    others_are_kept(result)
    assert "larger than DOWNLOAD_MAXSIZE" in (result.entries[path].reason or "")


def test_endless_pages_are_refused(server: Any, crawl: Any) -> None:
    def pour(length: str) -> Iterator[bytes]:
        yield f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{length}Connection: close\r\n\r\n".encode()
        for _ in range(500):
            yield b"<p>" + b"a" * (1 << 20)

    paths = lie_at_articles(server, {"told": pour("Content-Length: 500000000\r\n"), "untold": pour("")})
    result = crawl("-s", "RETRY_TIMES=0")
    others_are_kept(result, 6)
    for path in paths.values():
        assert "larger than DOWNLOAD_MAXSIZE" in (result.entries[path].reason or "")


WALLS = {
    "cloudflare": "<html><head><title>Just a moment...</title></head><body><div class=cf-turnstile></div><script>window._cf_chl_opt={}</script></body></html>",
    "sucuri": "<html><title>You are being redirected...</title><noscript>Javascript is required.</noscript><script>var s={},u,c;sucuri_cloudproxy_js='';</script></html>",
    "imperva": '<html><head><META NAME="robots" CONTENT="noindex"></head><body><iframe src="/_Incapsula_Resource?CWUDNSAI=9"></iframe></body></html>',
    "cookie": "<html><body><script>document.cookie='t=1;path=/';location.reload();</script></body></html>",
    "captcha": "<html><head><title>Verificando seu navegador</title></head><body><h1>Um instante</h1><div class=g-recaptcha></div></body></html>",
    "anubis": "<html><head><title>Making sure you&#39;re not a bot!</title></head><body><script id=anubis_challenge>{}</script></body></html>",
}


def test_bot_walls_are_no_articles(server: Any, crawl: Any) -> None:
    paths = lie_at_articles(server, {name: server.http(wall.encode()) for name, wall in WALLS.items()})
    result = crawl()
    others_are_kept(result, 8 - len(WALLS))
    for path in paths.values():
        assert (result.entries[path].state, result.entries[path].due) == ("failed", True)
        assert "shows a bot wall" in (result.entries[path].reason or "")


def test_article_about_bot_walls_is_an_article(server: Any, crawl: Any) -> None:
    path = article_page(server)
    body = page(title="Just a moment, diz a tela", head='<script src="/cdn-cgi/challenge-platform/x.js"></script>')
    server.lie = lambda asked: server.http(body.encode()) if asked == path else None
    others_are_kept(crawl(), 8)


def test_nothing_but_walls_ends_the_crawl(server: Any, crawl: Any) -> None:
    server.site = type(server.site).generated(60)
    server.site.address = server.address
    server.lie = lambda asked: server.http(WALLS["cloudflare"].encode()) if asked.startswith("/20") else None
    result = crawl()
    assert result.status == 1
    assert "10 bot walls in a row; the crawl stops" in result.said
    assert len(server.paths("/20")) < 60


def test_letters_are_right_whatever_is_declared(server: Any, crawl: Any) -> None:
    cases = [
        ("UTF-8", "cp1252"),
        ("ISO-8859-1", "utf-8"),
        ("windows-1252", "utf-8"),
        ("UTF-8", "utf-8"),
        ("ISO-8859-1", "cp1252"),
    ]
    answers = {}
    for number, (declared, written) in enumerate(cases):
        body = page(f"{number} {LETTERS * 12}", head=f'<meta charset="{declared}">').encode(written)
        answers[str(number)] = server.http(body, kind=f"text/html; charset={declared}")
    paths = lie_at_articles(server, answers)
    result = crawl()
    kept = {record["url"].removeprefix(server.address): record for record in result.kept}
    for path in paths.values():
        assert kept[path]["title"] == "A água que faltou"
        assert LETTERS.strip() in kept[path]["text"]


def test_slow_server_costs_one_time_out(server: Any, crawl: Any) -> None:
    path = article_page(server)

    def drip() -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n"
        for _ in range(30_000):
            time.sleep(0.2)
            yield b"a"

    server.lie = lambda asked: drip() if asked == path else None
    result = crawl("-s", "DOWNLOAD_TIMEOUT=2", "-s", "RETRY_TIMES=1")
    others_are_kept(result)
    assert "did not answer in time" in (result.entries[path].reason or "")


def test_sitemaps_that_name_each_other_end(server: Any, crawl: Any) -> None:
    def lie(asked: str) -> bytes | None:
        if asked == "/wp-sitemap.xml":
            names = ["/wp-sitemap.xml", "/wp-sitemap-posts-post-1.xml", "/loop.xml"]
        elif asked == "/loop.xml":
            names = ["/wp-sitemap.xml", "/loop.xml"]
        else:
            return None
        rows = "".join(f"<sitemap><loc>{server.address}{name}</loc></sitemap>" for name in names)
        body = f'<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'
        return server.http(body.encode(), kind="application/xml")

    server.lie = lie
    result = crawl()
    others_are_kept(result, 8)
    assert len(server.paths("/loop.xml")) <= 2


def test_listing_that_begins_again_ends(server: Any, crawl: Any) -> None:
    first = server.site

    def lie(asked: str) -> bytes | None:

        if asked.startswith("/page/"):
            return server.http(answer(first, "/page/1/").body)
        return None

    server.lie = lie
    result = crawl(via="listing")
    assert len(server.paths("/page/")) <= 4
    others_are_kept(result, 8)


def test_a_thousand_calendar_pages_are_not_asked_for(server: Any, crawl: Any) -> None:
    path = article_page(server)
    days = "".join(f'<a href="/agenda/2026/{n // 31 % 12 + 1}/{n % 31 + 1}/?mes={n}">{n}</a>' for n in range(1000))
    server.lie = lambda asked: (
        server.http(page(head="").replace("</body>", days + "</body>").encode()) if asked == path else None
    )
    result = crawl()
    others_are_kept(result, 8)
    assert server.paths("/agenda/") == []
