"""What a look makes of a site: the right make, routes and rules; a spider as a person would write it; or a refusal with its reason."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aurora_crawl.demo.outlets import others
from aurora_crawl.demo.outlets.outlet import Outlet
from aurora_crawl.demo.outlets.wordpress import wordpress_outlets
from aurora_crawl.inspection.look import MOST_REQUESTS
from aurora_crawl.inspection.proposal import SURE, site_name
from aurora_crawl.inspection.spider_source import spider_source
from aurora_crawl.maintenance.new_site import write_site
from aurora_crawl.messages import Message

Look = Callable[[Outlet], Any]
FEW = 12
"""Articles of each outlet; its listing turns a page still."""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty package of spiders."""
    folder = tmp_path / "escritos"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "escritos"]:
        del sys.modules[name]


@pytest.mark.parametrize(
    ("make", "platform", "routes", "holds"),
    [
        (lambda: wordpress_outlets(FEW)[0], "WordPress", None, ()),
        (lambda: wordpress_outlets(FEW)[1], "WordPress", None, ()),
        (lambda: wordpress_outlets(FEW)[3], "WordPress", ("sitemap", "feed", "listing"), ()),
        (lambda: others.ghost(FEW), "Ghost", None, ()),
        (
            lambda: others.flat_sitemap(FEW),
            "Static",
            ("sitemap",),
            ('articles = r"^/(?!(?:contato|quem-somos)/?$)."',),
        ),
        (lambda: others.yearly_sitemaps(FEW), "Static", ("sitemap",), ('container=("td.materia",)',)),
        (
            lambda: others.numbered_listing(FEW),
            "Static",
            ("listing", "feed"),
            ('Listing("/ultimas?pagina={page}"', '"li.chamada"'),
        ),
        (
            lambda: others.atom_and_older(FEW),
            "Static",
            ("listing", "feed"),
            ('next="a.mais-antigas"', 'feed = "/atom.xml"'),
        ),
        (
            lambda: others.sections(FEW),
            "Static",
            ("sitemap",),
            (r'articles = r"/\d{4}/\d{2}/\d{2}/."',),
        ),
    ],
)
def test_a_site_is_seen_for_what_it_is_and_its_spider_is_written(
    look: Look,
    package: Path,
    make: Callable[[], Outlet],
    platform: str,
    routes: tuple[str, ...] | None,
    holds: tuple[str, ...],
) -> None:
    looked = look(make())
    found = looked.found
    assert found.refusal is None
    assert (found.platform, found.sureness) == (platform, SURE)
    names = None if found.routes is None else tuple(one if isinstance(one, str) else one.name for one in found.routes)
    assert names == routes
    assert looked.requests == found.look.requests <= MOST_REQUESTS
    source = spider_source(found, date(2026, 11, 25))
    assert [one for one in holds if one not in source] == []
    written = write_site(found, "escritos", package, is_own=False)
    assert written.site.site_url == found.look.site_url
    assert {path.name for path in written.paths} == {f"{found.name}{end}" for end in (".py", ".html", ".json")} | {
        f"test_{found.name}.py"
    }
    # As the project's own formatter would leave it; and the test that was written holds.
    formatted = subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--check", "--line-length", "120", package],
        check=False,
        capture_output=True,
    )
    assert formatted.returncode == 0, formatted.stdout.decode()
    test: dict[str, Any] = {"__file__": str(written.paths[-1])}
    exec(written.paths[-1].read_text(encoding="utf-8"), test)  # noqa: S102
    test["test_the_page_gives_what_its_author_wrote"]()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (others.scripts_only, "after their scripts ran"),
        (others.locked, "the site is locked: HTTP 401"),
        (others.forbidden, "robots.txt of {host} forbids /"),
        (lambda: others.opted_out(FEW), "does not want its texts in training data: robots.txt: GPTBot"),
    ],
)
def test_a_site_that_may_not_or_cannot_be_read_is_refused_with_the_reason(
    look: Look, make: Callable[[], Outlet], said: str
) -> None:
    outlet = make()
    looked = look(outlet)
    assert isinstance(looked.found.refusal, Message)
    host = outlet.site.address.removeprefix("http://")
    assert said.format(host=host) in str(looked.found.refusal)
    assert looked.requests <= MOST_REQUESTS


def test_a_site_that_answers_errors_is_refused(look: Look) -> None:
    outlet = others.locked()
    outlet.site.on_request = lambda target: others.Answer(b"", status=503)
    looked = look(outlet)
    assert "503" in str(looked.found.refusal)


def test_names_come_from_the_host_or_from_what_the_site_calls_itself() -> None:
    assert site_name("https://www.jornal-do-vale.com.br") == "jornaldovale"
    assert site_name("http://127.0.0.1:8000", "O Farol do Vale!") == "ofarolodovale".replace("olo", "ol")
    assert site_name("https://247noticias.com") == "noticias"
    assert site_name("http://127.0.0.1:8000") == ""
