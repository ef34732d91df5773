"""The section of a post and of a page: the first that is one."""

import pytest

from aurora_crawl.extraction.metadata import read_metadata
from aurora_crawl.extraction.tree import parse
from aurora_crawl.extraction.wordpress_post import read_post


def of_post(*names: str) -> str | None:
    terms = [[{"taxonomy": "category", "name": name} for name in names]]
    post = {"id": 1, "link": "https://grotao.example/a/", "_embedded": {"wp:term": terms}}
    return read_post(post, site="grotao", site_url="https://grotao.example", license=None).section


def of_page(*names: str) -> str | None:
    links = "".join(f'<a rel="category tag" href="/{name}">{name}</a>' for name in names)
    return read_metadata(parse(f"<body>{links}</body>"), "https://grotao.example/a/").section


@pytest.mark.parametrize(
    ("names", "section"),
    [
        (("Cidade", "Política", "Opinião"), "Cidade"),
        (("Sem categoria", "Política"), "Política"),
        (("Uncategorized",), None),
        ((), None),
    ],
)
def test_the_first_section_counts_for_posts_and_pages_alike(names: tuple[str, ...], section: str | None) -> None:
    assert of_post(*names) == section
    assert of_page(*names) == section


def test_categories_in_one_text_are_parted() -> None:
    script = '<script type="application/ld+json">{"@type": "Article", "headline": "x", "articleSection": "Brasil,Notícias"}</script>'
    assert read_metadata(parse(f"<head>{script}</head>")).section == "Brasil"
