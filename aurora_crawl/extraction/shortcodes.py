"""WordPress shortcodes that were stored but not rendered: `[caption]…[/caption]`, `[vc_row]` and their like."""

from __future__ import annotations

import re

CONTENT_GOES = (
    "caption",
    "wp_caption",
    "gallery",
    "embed",
    "audio",
    "video",
    "playlist",
    "youtube",
    "vimeo",
    "soundcloud",
    "twitter",
    "tweet",
    "instagram",
    "facebook",
    "googlemaps",
    "contact-form-7",
    "gravityform",
    "newsletter",
    "mc4wp_form",
    "button",
    "vc_btn",
    "vc_single_image",
    "vc_gallery",
    "vc_raw_html",
    "vc_raw_js",
    "vc_video",
    "et_pb_image",
    "et_pb_button",
    "et_pb_video",
    "et_pb_code",
    "fusion_imageframe",
    "fusion_button",
    "fusion_code",
    "su_button",
    "su_youtube",
)
"""Shortcodes whose content is a picture, a player, a form or an address."""

WRAPPERS = (
    "vc_",
    "et_pb_",
    "fusion_",
    "su_",
    "av_",
    "cs_",
    "tdc_",
    "td_block",
    "elementor",
    "fl_",
    "mk_",
    "ux_",
    "kc_",
)
"""How the shortcodes of page builders begin: the tag goes, its content is text."""

_LONGEST_CONTENT = 20_000
"""How far a closing tag is looked for; a gallery's description never is as long, and search time stays linear."""

_QUOTED = r"""\s*=\s*(?:["'`”“″‘’«]|&(?:quot|\#0?39|\#8220|\#8221|\#8243|\#8216|\#8217|\#8242|rdquo|ldquo|Prime);|\d)"""
_NAME = r"[a-z][a-z0-9_-]*"
_WITH_CONTENT = re.compile(
    rf"\[({'|'.join(map(re.escape, CONTENT_GOES))})\b[^\[\]]{{0,2000}}(?<!/)\](?:(?!\[\1\b).){{0,{_LONGEST_CONTENT}}}?\[/\1\]",
    re.DOTALL | re.IGNORECASE,
)
_KNOWN_TAG = re.compile(
    rf"\[/?(?:{'|'.join(map(re.escape, CONTENT_GOES))}|(?:{'|'.join(WRAPPERS)})[a-z0-9_-]*)(?:[\s/=][^\[\]]{{0,4000}})?\]",
    re.IGNORECASE,
)
_TAG_WITH_ATTRIBUTES = re.compile(rf"\[{_NAME}\s[^\[\]<>]{{0,200}}?[\w-]{_QUOTED}[^\[\]<>]{{0,4000}}\]")
_CLOSING = re.compile(rf"\[/({_NAME})\]")


def has_end_of_shortcode(page: bytes) -> bool:
    """Whether an encoded page has the end of a shortcode; where none is closed, none is looked for."""
    # Brackets are few and quickly found: in a quarter of the time that the pair of signs takes.
    at = page.find(b"[")
    while at >= 0:
        if page.startswith(b"/", at + 1):
            return True
        at = page.find(b"[", at + 1)
    return False


def without_shortcodes(html: str) -> str:
    """The HTML without shortcodes. Square brackets of prose ("[sic]", "[...]", "[1]", "[o presidente]") stay.

    A shortcode is a known one, or a tag that has `name="value"` attributes, or one that is closed by `[/name]`.
    """
    if "[" not in html:
        return html
    if "[/" in html:
        html = _WITH_CONTENT.sub(" ", html)
    html = _KNOWN_TAG.sub(" ", html)
    html = _TAG_WITH_ATTRIBUTES.sub(" ", html)
    closed = set(_CLOSING.findall(html))
    if closed:
        html = re.sub(rf"\[/?(?:{'|'.join(map(re.escape, sorted(closed)))})\]", " ", html)
    return html
