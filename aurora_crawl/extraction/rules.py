"""Reading rules: where a theme or a system keeps an article's body, title, authors and dates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import cast

from lxml import etree
from lxml.cssselect import CSSSelector


@dataclass(frozen=True, slots=True)
class Rules:
    """CSS selectors for the parts of an article page; an empty tuple leaves a part to what the page declares.

    `container` selectors are tried in order; of several matches the one with the most text counts, or all of them where
    `joined`. `exclude` is cut out of it besides the general clutter; from the first `until` on, everything is.
    `title`, `authors`, `published`, `modified`, `section` and `tags` are elements whose text, or `datetime` or `content`
    attribute, is the value. `name` says in reports which rules read a page.

    >>> NEWSPAPER_TDB.but(exclude=(".quadro",)).container
    ('.tdb_single_content .tdb-block-inner', '.tdb_single_content', '.td-post-content')
    """

    name: str
    container: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    joined: bool = False

    def but(self, **changes: object) -> Rules:
        """These rules with some parts replaced, for a site that differs from its theme."""
        return replace(self, **changes)  # type: ignore[arg-type]


NEWSPAPER_TDB = Rules(
    name="newspaper-tdb",
    container=(".tdb_single_content .tdb-block-inner", ".tdb_single_content", ".td-post-content"),
    exclude=(".td-a-rec", ".td_block_wrap.td_block_related_posts", ".tdm_block", ".td-g-rec"),
    title=(".tdb_title h1", "h1.tdb-title-text", "h1.entry-title"),
    authors=(".tdb_single_author .tdb-author-name", ".tdb-author-name", ".td-post-author-name a"),
    published=(".tdb_single_date time", ".td-post-date time", "time.entry-date"),
    modified=(".tdb_single_modified_date time",),
    section=(".tdb_single_categories a", ".tdb-entry-category"),
    tags=(".tdb_single_tags a", ".td-tags a"),
)
"""Newspaper (tagDiv) with its Cloud Library templates."""

NEWSPAPER_CLASSIC = Rules(
    name="newspaper-classic",
    container=(".td-post-content",),
    exclude=(".td-a-rec", ".td-g-rec", ".td_block_wrap", ".td-post-featured-image"),
    title=("h1.entry-title", ".td-post-title h1"),
    authors=(".td-post-author-name a",),
    published=(".td-post-date time", "time.entry-date"),
    section=(".td-category a.entry-category", ".td-category a"),
    tags=(".td-tags a",),
)
"""Newspaper (tagDiv) with its classic templates."""

ELEMENTOR = Rules(
    name="elementor",
    container=(".elementor-widget-theme-post-content", ".elementor-widget-wp-post-content"),
    title=(".elementor-widget-theme-post-title h1", ".elementor-widget-theme-post-title .elementor-heading-title"),
    authors=(".elementor-post-info__item--type-author", ".elementor-author-box__name"),
    published=(".elementor-post-info__item--type-date time", ".elementor-post-info__item--type-date"),
    section=(".elementor-post-info__terms-list-item",),
)
"""Elementor Pro's single post template."""

BLOCKSY = Rules(
    name="blocksy",
    container=("article .entry-content", ".entry-content"),
    title=("h1.page-title", ".hero-section h1", "h1.entry-title"),
    authors=(".entry-meta .meta-author a", ".ct-meta-element-author"),
    published=(".entry-meta time.ct-meta-element-date", "time.published", ".meta-date time"),
    modified=("time.modified",),
    section=(".entry-meta .meta-categories a",),
    tags=(".entry-tags a",),
)
"""Blocksy (Creative Themes)."""

FOX = Rules(
    name="fox",
    container=(".single-body.single-section", ".single-body", ".entry-content.single-component", ".entry-content"),
    until=("span.share-label",),
    title=("h1.post-title", "h1.single-title", ".single-header h1"),
    authors=(".fox-meta .meta-author a", ".meta-author a", ".meta-author"),
    published=(".meta-date time.published", ".meta-date time", ".meta-date"),
    section=(".meta-category a",),
    tags=(".single-tags a", ".terms a"),
)
"""Fox (WiThemes)."""

GHOST_SOURCE = Rules(
    name="ghost-source",
    container=("section.gh-content", ".gh-content"),
    title=("h1.gh-article-title",),
    authors=(".gh-article-author-name a", ".gh-article-author-name", ".gh-author-name"),
    published=("time.gh-article-meta-date", "time.gh-article-date"),
    section=("a.gh-article-tag",),
    tags=("a.gh-article-tag",),
)
"""Ghost's theme Source, and Solo, Edition and others of its family, which share the `gh-` classes."""

GHOST_CASPER = Rules(
    name="ghost-casper",
    container=("section.gh-content", ".gh-content"),
    title=("h1.article-title",),
    authors=(".author-name a", ".author-name"),
    published=("time.byline-meta-date",),
    section=(".article-tag a",),
    tags=(".article-tag a",),
)
"""Ghost's theme Casper."""


@cache
def _compiled(css: str) -> CSSSelector:
    return CSSSelector(css)


def matches(tree: etree._Element, css: str) -> list[etree._Element]:
    """The elements that a selector finds; raises `cssselect.SelectorError` for one that is none."""
    return cast("list[etree._Element]", _compiled(css)(tree))


def select(tree: etree._Element, selectors: tuple[str, ...]) -> list[etree._Element]:
    """The elements that the first selector with any match finds."""
    return next((found for css in selectors if (found := matches(tree, css))), [])
