"""Every spider, walked: what it declares, how short it is, and that a crawl with it starts."""

from __future__ import annotations

import ast
import json
import re
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from aurora_crawl.addresses import canonical_address
from aurora_crawl.crawling.arguments import CrawlArguments
from aurora_crawl.crawling.site_spider import SiteSpider, scope_of
from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Site
from aurora_crawl.platforms.site_table import doc_fields, site_pages
from aurora_crawl.platforms.static import StaticSpider
from aurora_crawl.routes.listing import Listing
from aurora_crawl.routes.sitemap import Sitemap

ROOT = Path(__file__).resolve().parents[3]
LOADER = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["aurora_crawl.spiders"]}))
NAMES = sorted(name for name in LOADER.list() if issubclass(LOADER.load(name), SiteSpider))
WISHED = (
    "anovademocracia averdade brasildefato icleconomia iclnoticias mst operamundi revistaopera outraspalavras tricontinental"
    " emdefesadocomunismo lavrapalavra"
).split()
CANNOT_BE_SHORT: dict[str, str] = {}
"""Sites over 15 lines, each with its reason."""


def spider(name: str) -> type[SiteSpider]:
    cls = LOADER.load(name)
    assert issubclass(cls, SiteSpider)
    return cls


def code_lines(name: str) -> int:
    """Lines of the class without its docstring; imports stand outside of it."""
    source = (ROOT / "aurora_crawl" / "spiders" / f"{name}.py").read_text(encoding="utf-8")
    (cls,) = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    assert cls.end_lineno is not None
    docstring = cls.body[0]
    assert docstring.end_lineno is not None
    inside = range(docstring.lineno, docstring.end_lineno + 1)
    lines = source.splitlines()
    return sum(
        1 for number in range(cls.lineno, cls.end_lineno + 1) if number not in inside and lines[number - 1].strip()
    )


def test_every_wished_site_is_there_and_six_more() -> None:
    assert set(WISHED) <= set(NAMES)
    assert len(NAMES) >= len(WISHED) + 6


def test_spiders_are_short() -> None:
    lengths = {name: code_lines(name) for name in NAMES}
    assert statistics.median(lengths.values()) <= 8
    assert {name for name, length in lengths.items() if length > 15} <= set(CANNOT_BE_SHORT)


@pytest.mark.parametrize("name", NAMES)
def test_a_spider_declares_and_does_nothing_itself(name: str) -> None:
    cls = spider(name)
    methods = [
        key for key, value in cls.__dict__.items() if callable(value) or isinstance(value, (classmethod, property))
    ]
    assert methods == [], "an attribute does; a method belongs to the platform"


@pytest.mark.parametrize("name", NAMES)
def test_a_docstring_tells_the_site_and_claims_no_more_than_was_seen(name: str) -> None:
    cls = spider(name)
    told = doc_fields(cls)
    assert cls.site_url in told["Site"]
    seen = told["Verificado"].casefold()
    assert "não" in seen or "nada" in seen, "no article page of a real site was seen: it must say what was not"
    unknown = {"não informada", "não verificada"}
    assert (cls.license is None) == (told["Licença"] in unknown)


@pytest.mark.parametrize("name", NAMES)
def test_a_spider_is_no_less_polite_than_the_project(name: str) -> None:
    own = spider(name).custom_settings or {}
    assert own.get("DOWNLOAD_DELAY", 1.0) >= 1.0
    assert own.get("CONCURRENT_REQUESTS_PER_DOMAIN", 1) == 1
    assert own.get("ROBOTSTXT_OBEY", True) is True


@pytest.mark.parametrize("name", NAMES)
def test_a_spiders_addresses_and_patterns_hold_together(name: str) -> None:
    cls = spider(name)
    assert canonical_address(f"{cls.site_url}/um-texto/", cls.site_url, cls.rewrites).endswith("/um-texto")
    assert cls.only.startswith("/")
    for listing in scope_of(cls, CrawlArguments()).of(Listing):
        assert listing.covers(listing.address(cls.site_url, 3)), "an archive's listing page must be known again"


_START_ALL = """
import json, sys
from scrapy.crawler import CrawlerProcess
from scrapy.utils.project import get_project_settings
settings = get_project_settings()
settings.setdict({"DATA_DIR": sys.argv[2], "DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False, "LOG_LEVEL": "ERROR"})
process = CrawlerProcess(settings)
crawlers = {}
for site in process.spider_loader.sites():
    name = site.name
    crawlers[name] = process.create_crawler(name)
    process.crawl(crawlers[name], site_url=sys.argv[1], limit="2")
process.start()
print(json.dumps({name: [c.stats.get_value("aurora/kept", 0), c.stats.get_value("finish_reason")] for name, c in crawlers.items()}))
"""


def test_every_spider_starts_and_yields_articles(tmp_path: Path) -> None:
    with serve(Site.generated(20)) as address:
        done = subprocess.run(
            [sys.executable, "-c", _START_ALL, address, tmp_path],
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
            timeout=900,
        )
    assert done.returncode == 0, done.stderr
    ends = json.loads(done.stdout.splitlines()[-1])
    served = {name for name in NAMES if _is_served(spider(name))}
    assert {name: ends[name] for name in served} == {name: [2, "finished"] for name in served}
    # The served newspaper has nothing in the part of the site that they ask for, or not in the way that they ask.
    assert all(ends[name][0] == 0 for name in NAMES if name not in served)
    assert len(served) >= len(WISHED) - 1


def _is_served(site: type[SiteSpider]) -> bool:
    """Whether the newspaper, a WordPress, has a way to the site's articles, at addresses of their form."""
    has_way = bool({"rest", "sitemap"} & set(site.route_names())) and not any(
        one.path
        for one in site.declared.get("sitemap", ())
        if isinstance(one, Sitemap) and "rest" not in site.declared and site.__bases__[0] is StaticSpider
    )
    return has_way and site.only == "/" and re.search(site.articles, "/2012/03/01/edicao-1-1/") is not None


def test_the_pages_of_sites_are_up_to_date() -> None:
    pages = site_pages(spider(name) for name in NAMES)
    written = {page: (ROOT / page).read_text(encoding="utf-8") for page in pages}
    assert written == pages, "run `scrapy sitedocs`"
