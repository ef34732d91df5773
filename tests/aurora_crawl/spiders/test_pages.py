"""Each site's saved page, read by the site's own rules."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from aurora_crawl.crawling.arguments import CrawlArguments
from aurora_crawl.crawling.article_page import read_article_page
from aurora_crawl.crawling.site_spider import SiteSpider, reading_of
from aurora_crawl.demo.invented_page import expected_of, invented_page, story_for
from aurora_crawl.items import split_paragraphs

PAGES = Path(__file__).parent / "pages"
LOADER = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["aurora_crawl.spiders"]}))
NAMES = sorted(name for name in LOADER.list() if issubclass(LOADER.load(name), SiteSpider))


@pytest.mark.parametrize("name", NAMES)
def test_a_sites_page_gives_what_its_author_wrote(name: str) -> None:
    site = LOADER.load(name)
    expected = json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8"))
    html = (PAGES / f"{name}.html").read_text(encoding="utf-8")
    article = read_article_page(html, expected["url"], reading_of(site, CrawlArguments()), route="page")
    assert split_paragraphs(article.text) == expected["text"]
    assert article.title == expected["title"]
    assert article.published == expected["published"]
    # Not every theme's rules know where authors and sections stand.
    rules = site.rules
    if rules is not None and rules.authors:
        assert article.authors == expected["authors"]
    if rules is not None and rules.section:
        assert article.section == expected["section"]


@pytest.mark.parametrize("name", NAMES)
def test_saved_pages_are_those_that_the_command_writes(name: str) -> None:
    site = LOADER.load(name)
    story = story_for(site)
    saved = (PAGES / f"{name}.html").read_text(encoding="utf-8")
    assert saved == invented_page(site, story), f"run `scrapy fixtures {name}`"
    assert json.loads((PAGES / f"{name}.json").read_text(encoding="utf-8")) == expected_of(site, story)
