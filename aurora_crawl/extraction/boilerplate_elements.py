"""What stands inside an article's container and is not the article: which elements go, by tag, class and state."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree

EXACT_CLASSES = frozenset(
    # WordPress: captions, galleries, embeds, and blocks that list other posts or ask for something
    "wp-caption wp-caption-text wp-block-image wp-block-gallery gallery gallery-caption wp-block-embed wp-embedded-content "
    "wp-block-audio wp-block-video wp-block-file wp-block-button wp-block-buttons wp-block-search wp-block-query "
    "wp-block-latest-posts wp-block-latest-comments wp-block-archives wp-block-categories wp-block-tag-cloud wp-block-rss "
    "wp-block-calendar wp-block-social-links wp-block-navigation wp-block-comments wp-block-post-author wp-block-post-date "
    "wp-block-post-terms wp-block-post-navigation-link wp-block-read-more wp-playlist wp-audio-shortcode wp-video "
    "post-navigation nav-links nav-previous nav-next post-nav-links page-links comments-area comment-respond comments "
    "comment-list comments-link comment-form entry-footer "
    # sharing and likes
    "sharedaddy jetpack-likes-widget-wrapper jp-carousel-wrap addtoany_share_save_container addtoany_content a2a_kit "
    "heateor_sss_sharing_container essb_links share-buttons share-bar social-share social-sharing social-icons "
    "sassy-social-share post-share entry-share share-this sharethis-inline-share-buttons st-inline-share-buttons "
    "shareaholic-canvas swp_social_panel td-post-sharing td-post-sharing-bottom td-post-sharing-top tdb_single_post_share "
    "td_social_sharing_buttons tdb_social_share share-label ssba ssbp-wrap simplesocialbuttons dpsp-content-wrapper "
    "monarch et_social_inline ct-share-box mashsb-container fb-like fb-share-button fb-comments twitter-share-button "
    # other posts
    "jp-relatedposts yarpp yarpp-related related-posts related_posts relatedposts related-articles related-news "
    "related-content related-post related-stories more-stories crp_related rp4wp-related-posts wp_rp_content "
    "post-related read-more-posts inline-related-posts inline-related leia-tambem leia-mais leiatambem veja-tambem "
    "saiba-mais td-related-title td_block_related_posts td-a-rec td_block_inline single-related ct-related-posts "
    "eael-post-grid elementor-posts elementor-posts-container elementor-post__card elementor-widget-posts "
    "elementor-widget-share-buttons elementor-widget-post-navigation elementor-widget-author-box "
    "elementor-widget-post-comments elementor-widget-form elementor-widget-table-of-contents gh-post-upgrade-cta "
    "taboola outbrain OUTBRAIN OUTBRAIN-widget trc_related_container mgbox irpp "
    # newsletters, donations, pop-ups, players, advertising, authors' boxes, tables of contents
    "newsletter newsletter-form newsletter-signup newsletter-box mc_embed_signup mc4wp-form mailpoet_form "
    "wp-block-jetpack-subscriptions jetpack_subscription_widget tnp tnp-subscription kg-signup-card kg-cta-card "
    "kg-product-card kg-bookmark-card kg-button-card kg-embed-card kg-image-card kg-gallery-card kg-file-card "
    "kg-audio-card kg-video-card donation-box doacao doe-agora popup pum pum-overlay modal cookie-notice cookie-banner "
    "adsbygoogle advertisement advertising publicidade ad-container ad-slot ad-wrapper code-block td-a-ad "
    "td-adspot-title author-box author-bio about-author post-author-box saboxplugin-wrap pp-multiple-authors-wrapper "
    "pp-author-boxes-wrapper pp-multiple-authors-boxes-wrapper author-info author-card autor-box box-autor sobre-o-autor molongui-author-box vcard-box td-author-box abh_box tdb-author-box toc ez-toc-container "
    "lwptoc rank-math-toc table-of-contents toc_container wp-block-yoast-seo-table-of-contents breadcrumb breadcrumbs "
    "yoast-breadcrumbs rank-math-breadcrumb td-crumb-container tdb-breadcrumbs twitter-tweet twitter-video mastodon-embed bluesky-embed text-post-media threads-embed imgur-embed-pub embedly-card tumblr-post "
    "instagram-media tiktok-embed fb-post fb-video fb-xfbml-parse-ignore reddit-embed-bq telegram-post "
    "responsivevoice-button gspeech elevenlabs-player trinity-player beyondwords-player wp-polls post-ratings kk-star-ratings "
    "post-views wpulike tptn_counter tags-links cat-links post-tags td-post-source-tags tdb-tags entry-tags edit-link "
    "tdb-block-inner-related printfriendly pf-button".split()
)
"""Classes (or ids) of WordPress, its common plugins and themes, Ghost and embed codes. Facts of those systems."""

CLASS_BEGINNINGS = (
    "jp-relatedposts",
    "addtoany_",
    "sharedaddy",
    "sd-sharing",
    "yarpp-",
    "taboola-",
    "google-auto-placed",
    "div-gpt-ad",
    "ezoic-",
    "ai-viewport",
    "wp-block-jetpack-subscri",
    "wp-block-newspack-blocks-homepage",
    "wp-block-newspack-ads",
    "heateor_sss",
    "molongui-author",
    "m-a-box",
    "wpd-",
    "dsq-",
    "disqus_",
    "elementor-share-",
    "mc4wp-",
)
"""How generated class names of the same plugins begin."""

UNSEEN_CLASSES = frozenset(
    "screen-reader-text sr-only sr-only-focusable visually-hidden visuallyhidden u-visually-hidden is-visually-hidden assistive-text "
    "elementor-screen-only show-for-sr hidden-accessible modern-footnotes-footnote__note footnote_tooltip footnote_tooltip_text "
    "material-icons material-icons-outlined material-symbols-outlined material-symbols-rounded".split()
)
"""Classes of text that no reader sees: for screen readers, for a note's window, names of an icon."""

_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_STRUCK_STYLE = re.compile(r"text-decoration[\w-]*\s*:[^;]{0,40}line-through", re.IGNORECASE)
STATES = frozenset({"style", "hidden", "aria-hidden", "role"})
"""Attributes that say whether an element is seen, or what it is for."""
_TELLING = STATES | {"class", "id"}
_PANEL = re.compile(
    r"accordion|acordeao|toggle|collaps|(?:^|[\s_-])tabs?(?:$|[\s_-])|tab-?(?:content|pane|panel)|faq|expand|spoiler|panel|pergunta|resposta|"
    r"read-?more|leia-?mais|ver-?mais|continua|paywall|premium|piano|subscriber|assinante",
    re.IGNORECASE,
)
_PANEL_ROLES = frozenset({"tabpanel", "region"})
_PANEL_ANCESTORS = 3
_CLUTTER = frozenset(name.lower() for name in EXACT_CLASSES) | UNSEEN_CLASSES
_FIRST_LETTERS = 2
_BEGINNINGS_OF_BEGINNINGS = frozenset(beginning[:_FIRST_LETTERS] for beginning in CLASS_BEGINNINGS)
_EMBED_ATTRIBUTE = re.compile(
    r"data-[\w-]*(?:permalink|embed-?url|tweet-?id|video-?id|post-?id|instgrm[\w-]*|bluesky[\w-]*)$"
)
_OUTSIDE_ROLES = frozenset({"navigation", "search", "dialog", "alertdialog", "banner"})


@lru_cache(maxsize=20_000)
def is_clutter_name(names: str) -> bool:
    """Whether a string of classes and ids has one that stands for clutter."""
    # Each page has some forty such strings that were not seen before.
    words = names.lower().split()
    if not _CLUTTER.isdisjoint(words):
        return True
    for word in words:
        if word[:_FIRST_LETTERS] in _BEGINNINGS_OF_BEGINNINGS and word.startswith(CLASS_BEGINNINGS):
            return True
    return False


@lru_cache(maxsize=20_000)
def _is_unseen_name(names: str) -> bool:
    return not UNSEEN_CLASSES.isdisjoint(names.lower().split())


def state_of(element: etree._Element, *, in_line: bool = False) -> bool:
    """Whether a reader never sees the element: by attribute, by its own style, or because it is for screen readers only.

    What a click opens (panels of accordions and tabs, `hidden="until-found"`) is seen, and so is what a line of text hides
    from screen readers (`aria-hidden`), such as a dropped capital.
    """
    classes = element.get("class")
    if classes and _is_unseen_name(classes):
        return True
    if STATES.isdisjoint(element.keys()):
        return False
    style = element.get("style")
    if in_line and style and _STRUCK_STYLE.search(style):
        return True
    hidden = element.get("hidden")
    is_hidden = bool(style and _HIDDEN_STYLE.search(style)) or (hidden is not None and hidden.lower() != "until-found")
    if not is_hidden and (in_line or element.get("aria-hidden") != "true"):
        return False
    return not _is_panel(element)


def _is_panel(element: etree._Element) -> bool:
    """Whether a hidden block is one that a click opens: by its role, or by what it and the elements around it are called."""
    if element.get("role") in _PANEL_ROLES or element.get("aria-labelledby"):
        return True
    step: etree._Element | None = element
    for _ in range(_PANEL_ANCESTORS):
        if step is None or step.tag == "body":
            return False
        names = f"{step.get('class', '')} {step.get('id', '')}"
        if step.tag == "amp-accordion" or (len(names) > 1 and _PANEL.search(names)):
            return True
        step = step.getparent()
    return False


def is_embed(element: etree._Element) -> bool:
    """Whether a quotation is what an embed code of another network leaves in a text."""
    if element.tag != "blockquote":
        return False
    classes = (element.get("class") or "").lower()
    return "embed" in classes or any(map(_EMBED_ATTRIBUTE.match, map(str, element.keys())))


def is_clutter(element: etree._Element) -> bool:
    """Whether the element, by its class, id, role or state, is not part of the article. Tags are the walker's matter."""
    keys = element.keys()
    if not keys or _TELLING.isdisjoint(keys):
        return False
    # Not both at once: classes recur and their answers are remembered, ids do not.
    classes, identifier = element.get("class"), element.get("id")
    if (classes and is_clutter_name(classes)) or (identifier and is_clutter_name(identifier)):
        return True
    return is_beside_or_hidden(element)


def is_beside_or_hidden(element: etree._Element) -> bool:
    """Whether an element is for finding one's way on the page, or is not seen."""
    return element.get("role") in _OUTSIDE_ROLES or state_of(element)
