"""The cards of known themes, as listing pages really showed them (or as the theme's public code makes them)."""

from __future__ import annotations

from aurora_crawl.routes.cards import Cards

WORDPRESS_CARDS = Cards(
    card="article, .hentry, .type-post, .wp-block-post",
    title=".entry-title, .wp-block-post-title, .post-title, h1, h2, h3",
    date="time[datetime], .entry-date, .post-date, .date",
    author=".author .fn, .author a, .byline a",
    section=".cat-links a, [rel~=category], .wp-block-post-terms a",
)
"""What most themes share, since WordPress' own classes and theme guidelines name it."""

NEWSPAPER_CARDS = Cards(
    card=".td-ss-main-content .td_module_wrap, .tdb_loop .tdb_module_loop",
    title=".td-module-title",
    author=".td-post-author-name a",
    section=".td-post-category",
)
"""Newspaper (tagDiv), in its classic form and as built with its composer (tdb): the main column, not side bars or menus."""

BLOCKSY_CARDS = Cards(card="article.entry-card", title=".entry-title", section=".meta-categories a")
"""Blocksy (Creative Themes)."""

ELEMENTOR_LOOP_CARDS = Cards(
    card=".e-loop-item",
    title=".elementor-widget-theme-post-title .elementor-heading-title",
    date="[itemprop=datePublished], .elementor-post-info__item--type-date",
    author=".elementor-post-info__item--type-author",
)
"""Elementor's loop grid."""

GHOST_CARDS = Cards(
    card=".gh-feed article.gh-card, .post-feed article.post-card",
    title=".gh-card-title, .post-card-title",
    date="time.gh-card-date, time.gh-card-meta-date, .post-card-meta time, time",
    author=".gh-card-author",
    section=".gh-card-tag, .post-card-primary-tag",
)
"""Ghost's themes Source and Casper, and those that follow their class names."""

DOWNLOAD_CARDS = Cards(
    card=".wpdm-link-tpl, .wpdm-archive-item, .w3eden .card, article, .hentry",
    title=".package-title, .entry-title, h2, h3, h4",
)
"""The plugin Download Manager's lists of files, and themes' own cards around them."""
