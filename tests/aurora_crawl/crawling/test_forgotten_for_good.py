"""A forgotten article stays forgotten: its ledger deleted, its shards repaired, its site crawled and archived again by every route."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

from scrapy.crawler import Crawler
from scrapy.settings import Settings
from unpacked import unpacked

from aurora_crawl.demo.server import answer, serve
from aurora_crawl.demo.spiders.ofaroldovale import OfaroldovaleSpider
from aurora_crawl.demo.wordpress_site import Answer, Site
from aurora_crawl.extraction.answer import readable_body
from aurora_crawl.maintenance.forget import Addresses, forget, removals
from aurora_crawl.storage.archive import archives_of, captures
from aurora_crawl.storage.fingerprints import Fingerprints, hashes_of
from aurora_crawl.storage.forgotten import forgotten_pieces
from aurora_crawl.storage.redaction import Holding, Prints, letters
from aurora_crawl.storage.repair import repair_site
from aurora_crawl.storage.shards import read_shard

NAME = OfaroldovaleSpider.name
TITLE = "A ponte de madeira que a vila inteira reergueu em mutirão"


def everything(data: Path) -> str:
    """All letters under a folder, with what entities stand for."""
    return letters(unescape(unpacked(data).decode("utf-8", "replace")))


def with_teasers(site: Site, number: int) -> Callable[[str], Answer | None]:
    """Every page shows the article's title and beginning in another way: as it is, in an attribute, in JSON-LD, with entities."""
    story = site.post(number).story
    teaser = re.sub(r"<[^<>]*>", "", story.body)[:160]

    def shown(path: str) -> Answer | None:
        switch, site.on_request = site.on_request, None
        found = answer(site, path)
        site.on_request = switch
        if b"</body>" in found.body and story.path not in path:
            escaped = json.dumps({"headline": TITLE, "description": teaser})
            entities = "".join(f"&#{ord(letter)};" for letter in teaser)
            more = (
                f'<aside><a href="{story.path}" title="{TITLE}">{TITLE}</a><p>{teaser}…</p><img alt="{teaser}"></aside>'
                f'<script type="application/ld+json">{escaped}</script><p>{entities}</p>'
            )
            found.body = found.body.replace(b"</body>", f"{more}</body>".encode())
        return found

    return shown


def test_nothing_of_it_comes_back_by_any_route(
    tmp_path: Path, settings: Settings, crawl: Callable[..., Crawler]
) -> None:
    site, data = Site.generated(4), Path(settings["DATA_DIR"])
    number = site.posts()[1].id
    site.edit(number, title=TITLE)
    site.on_request = with_teasers(site, number)
    settings.set("ARCHIVE", True, priority="cmdline")
    with serve(site) as address:
        crawl(OfaroldovaleSpider, site_url=address, via="sitemap")
        rows = [row for path in data.glob(f"articles/{NAME}/*.gz") for row in read_shard(path)]
        (row,) = [one for one in rows if one["title"] == TITLE]
        probes = [letters(TITLE), *(letters(part)[4:44] for part in row["text"].split("\n\n") if len(part) > 60)]
        assert len(probes) > 1
        assert all(probe in everything(data) for probe in probes)
        (removal,) = removals([row["url"]], data, addresses := Addresses([OfaroldovaleSpider]))
        forget(data, removal, addresses, [])
        assert [probe for probe in probes if probe in everything(data)] == []
        (data / "ledger" / f"{NAME}.sqlite").unlink()
        repair_site(data, NAME)
        for via in ("rest", "feed", "listing", "sitemap"):
            crawl(OfaroldovaleSpider, site_url=address, via=via)
    assert [probe for probe in probes if probe in everything(data)] == []
    stored = {one["url"] for path in data.glob(f"articles/{NAME}/*.gz") for one in read_shard(path)}
    assert stored == {one["url"] for one in rows} - {row["url"]}
    # What is beside the teasers stays in the archive.
    bodies = [readable_body(one.headers, one.body) for path in archives_of(data, NAME) for one in captures(path)]
    assert sum(b"entry-content" in body for body in bodies) >= 3


def test_fingerprints_find_pieces_wherever_they_stand_and_tell_nothing_else() -> None:
    text = "Um parágrafo da matéria sobre a água, com letras bastantes para dois pedaços inteiros de quarenta letras cada um."
    prints = Prints([text], ["Um título de vinte letras e mais"])
    known = Fingerprints(hashes_of(prints.pieces))
    assert known.held_by(f"<p>Antes. {text[3:95]}…</p>".encode()) is Holding.SOME
    assert known.held_by("<b>um TÍTULO</b> de vinte letras e mais".encode()) is Holding.SOME
    assert known.held_by("<p>Um parágrafo da matéria sobre a luz, com outras palavras.</p>".encode()) is Holding.NOTHING
    assert known.held_by(b"") is Holding.NOTHING
    assert not Fingerprints({})
    assert list(known.places_in("x" * 7 + letters(text)[:40])) == [(7, 47)]


def test_a_damaged_line_of_the_notes_costs_itself(tmp_path: Path) -> None:
    good = json.dumps({"site": NAME, "id": "1", "pieces": {"40": ["00ff"]}})
    bad = [
        '{"site": "ofaroldovale", "id": "2", "pieces": 5}',
        '{"site": "ofaroldovale", "id": "2", "pieces": {"a": 5, "40": [null], "20": ["xyz"]}}',
        "[" * 5000,
        "\x00",
    ]
    (tmp_path / "forgotten.jsonl").write_text("\n".join([*bad, good, "{"]), encoding="utf-8")
    assert forgotten_pieces(tmp_path, NAME)
