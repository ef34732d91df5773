"""One article, one address: the canonical form of addresses, and which of them belong to a site."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

# Parameters that say where a reader came from or how the page is shown, never which article it is.
_TRACKING = re.compile(
    r"utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|li_fat_id|igshid|igsh|mc_[ce]id|_g[al]|_hs\w+|ref|ref_src"
    r"|ref_url|gad_\w+|gclsrc|srsltid|mibextid|fb_(?:action_ids|action_types|source|ref|comment_id)|__twitter_impression|__tn__|hsa_\w+"
    r"|(?:mtm|pk|piwik|matomo)_\w+|mkt_tok|ml_subscriber\w*|vero_(?:conv|id)|oly_(?:anon|enc)_id|wickedid|epik|rdid|share_?id|s_cid|wt_mc"
    r"|xtor|at_(?:medium|campaign)|guccounter|guce_\w+|usqp|amp_(?:js_v|gsa)|_branch_\w+|__hs\w+|hsctatracking|trk|trkcampaign|ncid|cmpid"
    r"|amp|outputtype|print|replytocom|share|nb|noamp|unapproved|moderation-hash|swcfpc|doing_wp_cron"
)
_LONGEST = 2083
"""Letters of an address that Scrapy asks for."""
_PLAIN = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?(?:/(?!\.)[\w.~-]*)+", re.ASCII)
_MARKS = re.compile(r"%CC%[89AB][0-9A-F]|%CD%[89A][0-9A-F]")
"""Combining marks, U+0300 to U+036F, in UTF-8."""
_IN_PATHS = "/:@!$&'()*+,;=~"
_FRONTS = ("", "/", "/index.php")
_PERMALINK = re.compile(r"(?:^|&)p=\d{1,12}(?:&|$)", re.ASCII)
_VERSION_SUFFIX = re.compile(r"/(amp|print|imprimir)/?$", re.IGNORECASE)


_NO_BREAKS = {ord(letter): None for letter in "\t\r\n"}

Rewrites = tuple[tuple[str, str], ...]
"""Regular expressions and what replaces them, for a site that has had several addresses for one article."""


def canonical_address(url: str, site_url: str, rewrites: Rewrites = ()) -> str:
    """The one form of an article's address, from which its id is made. It is not meant to be fetched.

    The scheme of the site where `url` is on it, the host in lower case without `www.`, no fragment, no tracking
    parameters, no suffix of AMP and print versions, single slashes, none at the end. The path then goes through
    `rewrites`.
    """
    return _canonical(url, site_url, rewrites)


@lru_cache(maxsize=4096)
def _canonical(url: str, site_url: str, rewrites: Rewrites) -> str:
    url = url.strip()
    # Most addresses have nothing to put in order, and putting in order is most of the work.
    parts = urlsplit(url if _PLAIN.fullmatch(url) else canonicalize_url(url))
    scheme = urlsplit(site_url).scheme if same_site(url, site_url) else parts.scheme
    path = _VERSION_SUFFIX.sub("", re.sub(r"/{2,}", "/", parts.path)).rstrip("/")
    for pattern, replacement in rewrites:
        path = re.sub(pattern, replacement, path)
    kept = (
        [(k, v) for k, v in parse_qsl(parts.query, True) if not _TRACKING.fullmatch(k.lower())] if parts.query else []
    )
    if path == "/index.php" and any(name == "p" for name, _ in kept):
        path = ""
    if _MARKS.search(path):
        # One slug, written by another machine: a letter and its accent apart.
        path = quote(
            unicodedata.normalize("NFC", unquote(path, errors="surrogateescape")), _IN_PATHS, errors="surrogateescape"
        )
    query = urlencode(kept)
    return urlunsplit((scheme, _bare_host(parts.netloc), path, query, ""))


def resolved(base: str, written: str) -> str | None:
    """The address that stands in a page, feed or file at `base`; None for what is no address of http or https."""
    try:
        url = urljoin(base, written.strip().translate(_NO_BREAKS))
        parts = urlsplit(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return url if is_address and len(url) <= _LONGEST else None


def is_front(url: str) -> bool:
    """Whether an address is that of a site's front page, and not of an article under it, `/?p=12`."""
    return urlsplit(url).path in _FRONTS and not is_permalink(url)


def is_permalink(url: str) -> bool:
    """Whether an address is a post's number on the front page's path: the page's own address is where it leads to."""
    parts = urlsplit(url)
    return parts.path in _FRONTS and bool(_PERMALINK.search(parts.query))


def same_site(url: str, site_url: str) -> bool:
    """Whether an address is on the site's host, with or without `www.`."""
    return _bare_host(urlsplit(url).netloc) == _bare_host(urlsplit(site_url).netloc)


def _bare_host(netloc: str) -> str:
    host = netloc.rpartition("@")[2].lower().removeprefix("www.")
    return host.removesuffix(":80").removesuffix(":443")
