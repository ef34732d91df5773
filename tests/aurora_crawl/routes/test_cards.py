"""Cards of listing pages: what they show, in the forms that themes have."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import processes
import pytest

from aurora_crawl.routes.cards import Cards, ListingPage, read_listing
from aurora_crawl.routes.listing import Listing
from aurora_crawl.routes.theme_cards import ELEMENTOR_LOOP_CARDS, GHOST_CARDS, NEWSPAPER_CARDS

ROOT = Path(__file__).resolve().parents[3]
ADDRESS = "https://jornal.example/page/2/"
PLAIN = Listing("/page/{page}/", Cards(card=".c", title="h2", author=".a", section=".s"))


def read(html: str, url: str, listing: Listing) -> ListingPage:
    return read_listing(html, url, listing.cards, listing.next)


def test_a_card_shows_title_day_author_and_section() -> None:
    page = read(
        '<div class="c"><h2><a href="/x/#topo"> Um\n título </a></h2><time datetime="2022-02-09T11:33:47 -03">ontem</time>'
        '<b class="a">Por Ana Lima</b><i class="s">Rio</i></div>',
        ADDRESS,
        PLAIN,
    )
    (card,) = page.cards
    assert (card.url, card.title, card.author, card.section) == (
        "https://jornal.example/x/",
        "Um título",
        "Ana Lima",
        "Rio",
    )
    assert card.published == "2022-02-09T11:33:47-03:00"


def test_a_card_that_is_itself_the_link_and_one_inside_a_link() -> None:
    inside = '<a class="c" href="/um"><h2>Um</h2></a><a href="/dois"><div class="c"><h2>Dois</h2></div></a>'
    assert [card.url for card in read(inside, ADDRESS, PLAIN).cards] == [
        "https://jornal.example/um",
        "https://jornal.example/dois",
    ]


def test_a_card_that_stands_twice_counts_once_and_whole() -> None:
    twice = (
        '<div class="e-loop-item"><div class="elementor-widget-theme-post-title"><h1 class="elementor-heading-title">'
        '<a href="/x/">Título</a></h1></div></div><div class="e-loop-item"><div class="elementor-widget-theme-post-title">'
        '<h1 class="elementor-heading-title"><a href="/x/">Título</a></h1></div><li itemprop="datePublished">30/12/2007</li></div>'
    )
    (card,) = read(twice, ADDRESS, Listing("/", ELEMENTOR_LOOP_CARDS)).cards
    assert (card.title, card.published) == ("Título", "2007-12-30")


def test_menus_and_side_bars_hold_no_cards() -> None:
    menu = (
        '<div class="menu"><div class="td_module_wrap"><h3 class="td-module-title"><a href="/m/">M</a></h3></div></div>'
    )
    main = f'<div class="td-ss-main-content">{menu.replace("/m/", "/x/")}</div>'
    cards = read(menu + main, ADDRESS, Listing("/", NEWSPAPER_CARDS)).cards
    assert [card.url for card in cards] == ["https://jornal.example/x/"]


def test_the_next_page_is_the_one_that_the_head_names() -> None:
    html = (
        '<head><link rel="next" href="/page/3/"></head><main class="gh-feed"><article class="gh-card"><a class="gh-card-link" '
        'href="/x/"><h3 class="gh-card-title">T</h3></a></article></main><a href="/page/2/">See all</a>'
    )
    page = read(html, ADDRESS, Listing("/", GHOST_CARDS, next="link[rel=next]"))
    assert page.next == "https://jornal.example/page/3/"
    assert [card.title for card in page.cards] == ["T"]


@pytest.mark.parametrize(
    "html", ["", "<", "\x00" * 50, "<a class=c href='http://[::1'>x</a>", "<a class=c href='javascript:x'>x</a>"]
)
def test_garbage_holds_no_cards(html: str) -> None:
    assert read(html, ADDRESS, PLAIN).cards == []


@pytest.mark.parametrize(
    ("pages", "url", "covered"),
    [
        ("/page/{page}/?s", "https://x.br/page/12/?s", True),
        ("/page/{page}/?s", "https://x.br/?s", True),
        ("/page/{page}/?s", "https://x.br/um-texto/", False),
        ("/?s=&_paged={page}", "https://x.br/?s=&_paged=1867", True),
        ("/ultimas-noticias?pagina={page}", "https://x.br/ultimas-noticias", True),
        ("/conteudo/noticias/page/{page}/", "https://x.br/conteudo/noticias/page/3/", True),
        ("/conteudo/noticias/page/{page}/", "https://x.br/conteudo/videos/page/3/", False),
    ],
)
def test_which_addresses_are_pages_of_a_listing(pages: str, url: str, covered: bool) -> None:
    assert Listing(pages, PLAIN.cards).covers(url) is covered


@pytest.mark.parametrize("site", ["anovademocracia", "averdade", "brasildefato", "icleconomia", "mst", "revistaopera"])
def test_real_listing_pages_are_read_whole(shared: Path, tmp_path: Path, site: str) -> None:
    archive = tmp_path / "pages.warc.gz"
    subprocess.run([sys.executable, shared / "tools/pack_listings.py", site, archive], check=True, capture_output=True)
    command = [*processes.SCRAPY, "discover", site, "--archive", archive]
    found = processes.run(command, cwd=ROOT, check=True).stdout
    assert all(json.loads(line)["url"] for line in found.splitlines())
    score = [sys.executable, shared / "tools/score_discovery.py", site, "--cards"]
    done = subprocess.run(score, input=found, check=False, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
