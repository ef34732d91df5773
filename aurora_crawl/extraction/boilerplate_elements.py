"""What stands inside an article's container and is not the article: which elements go, by tag, class and state."""

from __future__ import annotations

import re
from functools import lru_cache

from lxml import etree

SKIPPED_TAGS = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "frame",
        "frameset",
        "object",
        "embed",
        "applet",
        "param",
        "svg",
        "canvas",
        "map",
        "area",
        "audio",
        "video",
        "source",
        "track",
        "picture",
        "img",
        "form",
        "button",
        "input",
        "select",
        "option",
        "optgroup",
        "textarea",
        "label",
        "datalist",
        "output",
        "progress",
        "meter",
        "dialog",
        "nav",
        "aside",
        "footer",
        "head",
        "title",
        "meta",
        "link",
        "base",
        "rp",
        "rt",
        "menu",
        "figcaption",
    ]
)
"""Elements that hold no text of an article. A `footer` inside a quotation names its author and stays."""

EXACT_CLASSES = frozenset(
    # WordPress: captions, galleries, embeds, and blocks that list other posts or ask for something
    "wp-caption wp-caption-text wp-block-image wp-block-gallery gallery gallery-caption wp-block-embed wp-embedded-content "
    "wp-block-audio wp-block-video wp-block-file wp-block-button wp-block-buttons wp-block-search wp-block-query "
    "wp-block-latest-posts wp-block-latest-comments wp-block-archives wp-block-categories wp-block-tag-cloud wp-block-rss "
    "wp-block-calendar wp-block-social-links wp-block-navigation wp-block-comments wp-block-post-author wp-block-post-date "
    "wp-block-post-terms wp-block-post-navigation-link wp-block-read-more wp-playlist wp-audio-shortcode wp-video "
    "post-navigation nav-links nav-previous nav-next post-nav-links page-links comments-area comment-respond comments "
    "comment-list comments-link comment-form screen-reader-text sr-only visually-hidden entry-footer "
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
    "pp-author-boxes-wrapper molongui-author-box vcard-box td-author-box abh_box tdb-author-box toc ez-toc-container "
    "lwptoc rank-math-toc table-of-contents toc_container wp-block-yoast-seo-table-of-contents breadcrumb breadcrumbs "
    "yoast-breadcrumbs rank-math-breadcrumb td-crumb-container tdb-breadcrumbs twitter-tweet twitter-video "
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

_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_STATES = frozenset({"style", "hidden", "aria-hidden"})
_LOWER_EXACT = frozenset(name.lower() for name in EXACT_CLASSES)


@lru_cache(maxsize=20_000)
def is_clutter_name(names: str) -> bool:
    """Whether a string of classes and ids has one that stands for clutter."""
    return any(name in _LOWER_EXACT or name.startswith(CLASS_BEGINNINGS) for name in names.lower().split())


def is_hidden(element: etree._Element) -> bool:
    """Whether a reader never sees the element: by attribute, by its own style, or for screen readers' decoration."""
    style = element.get("style")
    if style and _HIDDEN_STYLE.search(style):
        return True
    return element.get("hidden") is not None or element.get("aria-hidden") == "true"


def is_clutter(element: etree._Element) -> bool:
    """Whether the element, by its class, id or state, is not part of the article. Tags are the walker's matter."""
    keys = element.keys()
    if not keys:
        return False
    # Not both at once: classes recur and their answers are remembered, ids do not.
    classes, identifier = element.get("class"), element.get("id")
    if (classes and is_clutter_name(classes)) or (identifier and is_clutter_name(identifier)):
        return True
    return not _STATES.isdisjoint(keys) and is_hidden(element)
