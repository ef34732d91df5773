"""A proposed site becomes files: its spider, the invented page that its rules read, what reading must give, and a test."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module, invalidate_caches
from pathlib import Path

from aurora_crawl.crawling.site_spider import SiteSpider
from aurora_crawl.files import write_whole
from aurora_crawl.inspection.proposal import Proposal
from aurora_crawl.inspection.spider_source import spider_source
from aurora_crawl.maintenance.fixtures import write_fixture
from aurora_crawl.platforms.site_table import site_pages

PAGES = Path("tests/aurora_crawl/spiders/pages")
"""Where this project's own sites have their pages; one test reads them all."""

_TEST = '''"""{title}: its invented page, read by its own rules."""

import json
from pathlib import Path

from {module}.{name} import {class_name}

from aurora_crawl.crawling.arguments import CrawlArguments
from aurora_crawl.crawling.article_page import read_article_page
from aurora_crawl.crawling.site_spider import reading_of
from aurora_crawl.items import split_paragraphs

PAGES = Path(__file__).parent / "pages"


def test_the_page_gives_what_its_author_wrote() -> None:
    expected = json.loads((PAGES / "{name}.json").read_text(encoding="utf-8"))
    html = (PAGES / "{name}.html").read_text(encoding="utf-8")
    article = read_article_page(html, expected["url"], reading_of({class_name}, CrawlArguments()), route="page")
    assert split_paragraphs(article.text) == expected["text"]
    assert article.title == expected["title"]
    assert article.published == expected["published"]
'''


@dataclass(slots=True, frozen=True)
class Written:
    """A site that was written: its spider's class, and the files."""

    site: type[SiteSpider]
    paths: list[Path]


def write_site(found: Proposal, module: str, folder: Path, *, is_own: bool) -> Written:
    """Write the files of a site into a package of spiders.

    Of this project's own package the pages stand with its tests, one of which reads them all; of another's, page and test stand
    in `tests/` beside the spiders. The page is invented: what a publisher wrote is not copied.
    """
    spider = folder / f"{found.name}.py"
    write_whole(spider, spider_source(found, datetime.now(UTC).date()))
    site = _imported(f"{module}.{found.name}", found.name)
    pages = PAGES if is_own and PAGES.is_dir() else folder / "tests" / "pages"
    write_fixture(pages, site)
    paths = [spider, pages / f"{found.name}.html", pages / f"{found.name}.json"]
    if pages != PAGES:
        test = pages.parent / f"test_{found.name}.py"
        write_whole(test, _TEST.format(title=found.name, module=module, name=found.name, class_name=site.__name__))
        paths.append(test)
    return Written(site, paths)


def renew_site_pages(sites: Iterable[type[SiteSpider]]) -> list[Path]:
    """Write the pages of all sites anew, those that this folder has; their paths."""
    pages = {page: text for page, text in site_pages(sites).items() if page.is_file()}
    for page, text in pages.items():
        write_whole(page, text)
    return list(pages)


def _imported(module: str, name: str) -> type[SiteSpider]:
    """The spider that was just written; a class that is wrong raises DeclarationError here."""
    invalidate_caches()
    sys.modules.pop(module, None)
    site: type[SiteSpider] = getattr(import_module(module), f"{name.capitalize()}Spider")
    return site
