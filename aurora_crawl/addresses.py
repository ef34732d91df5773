"""One article, one address: the canonical form of addresses, and which of those that come from outside may be asked for.

Nothing here raises for any text: what is no address is no address of the site, and its canonical form is itself.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url, safe_url_string

from aurora_crawl.messages import Message

# Parameters that say where a reader came from or how the page is shown, never which article it is.
_TRACKING = re.compile(
    r"utm_\w+|fbclid|fb_(?:action|source|ref|comment)\w*|mibextid|gclid|gclsrc|dclid|gbraid|wbraid|gad_\w+|srsltid|msclkid|yclid"
    r"|ysclid|twclid|ttclid|li_fat_id|igshid|igsh|mc_[ce]id|mkt_tok|_g[al]|_hs\w+|ref|ref_src|ref_url|__twitter_impression|__tn__|hsa_\w+"
    r"|(?:mtm|pk|piwik|matomo)_\w+|ml_subscriber\w*|vero_(?:conv|id)|oly_(?:anon|enc)_id|wickedid|epik|rdid|share_?id|s_cid|wt_mc"
    r"|xtor|at_(?:medium|campaign)|guccounter|guce_\w+|usqp|amp_(?:js_v|gsa)|_branch_\w+|__hs\w+|hsctatracking|trk|trkcampaign|ncid|cmpid"
    r"|amp|outputtype|print|replytocom|share|nb|noamp|unapproved|moderation-hash|swcfpc|doing_wp_cron"
)
_PLAIN = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?(?:/(?!\.)[\w.~-]*)+", re.ASCII)
_VERSION_SUFFIX = re.compile(r"/(amp|print|imprimir)/?$", re.IGNORECASE)
_LETTERS = re.compile(r"[A-Za-z]?(?:%[89A-F][0-9A-F])+", re.IGNORECASE)
"""Letters beyond ASCII as addresses write them; an accent may stand apart, behind its letter."""

MOST_LETTERS = 2083
"""Of an address as it is asked for. What old browsers bore, and Scrapy's bound: beyond it a request is dropped without a word."""
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LABEL = re.compile(r"[a-z0-9_-]{1,63}\Z")
"""A part of a host's name."""
_NUMBER = re.compile(r"(?:\d+|0x[0-9a-f]*)\Z")
"""The last part of a host that is a number in some form, by WHATWG's rule."""
_PORTS = {"http": 80, "https": 443}
_FRONT = {"", "/", "/index.php", "/index.html"}
_ARTICLE_NUMBER = re.compile(r"(?:^|&)p=\d{1,12}(?:&|$)", re.ASCII)
_SHOWN = 120
"""Letters of a stranger's address that a line for people shows."""

NO_ADDRESS = Message("no address")
ANOTHER_SCHEME = Message("an address that is neither http nor https")
USER_NAME = Message("an address with a user name")
BAD_PORT = Message("an address with an impossible port")
TOO_LONG = Message("an address of more than {most} letters", most=MOST_LETTERS)
CONTROL_CHARACTERS = Message("an address with control characters")
ANOTHER_SITE = Message("an address on another site")

_NO_BREAKS = {ord(letter): None for letter in "\t\r\n"}

Rewrites = tuple[tuple[str, str], ...]
"""Regular expressions and what replaces them, for a site that has had several addresses for one article."""


def canonical_address(url: str, site_url: str, rewrites: Rewrites = ()) -> str:
    """The one form of an article's address, from which its id is made. It is not meant to be fetched.

    The scheme of the site where `url` is on it, the host in lower case without `www.`, no fragment, no tracking
    parameters, no suffix of AMP and print versions, single slashes, none at the end, letters composed. The path then goes
    through `rewrites`.
    """
    try:
        return _canonical(url, site_url, rewrites)
    except ValueError:
        return url.encode("utf-8", "replace").decode()


@lru_cache(maxsize=4096)
def _canonical(url: str, site_url: str, rewrites: Rewrites) -> str:
    url = url.strip()
    # Most addresses have nothing to put in order, and putting in order is most of the work.
    parts = urlsplit(url if _PLAIN.fullmatch(url) else canonicalize_url(url))
    scheme = urlsplit(site_url).scheme if same_site(url, site_url) else parts.scheme
    path = _VERSION_SUFFIX.sub("", re.sub(r"/{2,}", "/", parts.path)).rstrip("/")
    path = _LETTERS.sub(_composed, path) if "%" in path else path
    for pattern, replacement in rewrites:
        path = re.sub(pattern, replacement, path)
    kept = (
        [(k, v) for k, v in parse_qsl(parts.query, True) if not _TRACKING.fullmatch(k.lower())] if parts.query else []
    )
    if path == "/index.php" and any(name == "p" for name, _ in kept):
        path = ""
    query = urlencode(kept)
    return urlunsplit((scheme, _bare_host(parts.netloc), path, query, ""))


def _composed(letters: re.Match[str]) -> str:
    """Percent-encoded letters with their accents in them; as they are where they are not UTF-8."""
    try:
        return quote(unicodedata.normalize("NFC", unquote(letters[0], errors="strict")))
    except UnicodeDecodeError:
        return letters[0]


def resolved(base: str, written: str) -> str | None:
    """The address that stands in a page, feed or file at `base`, as browsers read it; None where it is refused."""
    url = joined(base, written.translate(_NO_BREAKS))
    return url if refusal(url) is None else None


def is_permalink(url: str) -> bool:
    """Whether an address is a post's number on the front page's path: the page's own address is where it leads to."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.path in _FRONT and bool(_ARTICLE_NUMBER.search(parts.query))


def _bare_host(netloc: str) -> str:
    host = netloc.rpartition("@")[2].lower().removeprefix("www.")
    host, colon, port = host.removesuffix(":80").removesuffix(":443").partition(":")
    return f"{host.removesuffix('.')}{colon}{port}"


def joined(base: str, written: str) -> str:
    """An address as it is written in a document at `base`, made whole; what cannot be made whole comes back as written."""
    try:
        return urljoin(base, written.strip())
    except ValueError:
        return written.strip()


@lru_cache(maxsize=4096)
def is_address(url: str) -> bool:
    """Whether this is an address like https://example.org/article."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def is_file(url: str) -> bool:
    """Whether an address is that of a file at hand, file:///NAME."""
    return url.startswith("file:///") and len(url) > len("file:///")


def refusal(url: str, site_url: str | None = None) -> str | None:
    """Why an address that came from outside is not asked for; null where it may be.

    It may be where it is http or https, has a host in its plain form and no user name, a possible port, no control
    characters, at most `MOST_LETTERS` as it is asked for, and lies on the site, if one is named. What the host stands for is
    not looked up here: see `web/ssrf.py`.
    """
    url = url.strip()
    if len(url) > MOST_LETTERS:
        return TOO_LONG
    if _CONTROLS.search(url):
        return CONTROL_CHARACTERS
    if site_url is not None and _PLAIN.fullmatch(url) and same_site(url, site_url):
        # Nearly all.
        return None
    try:
        asked = safe_url_string(url)
        parts = urlsplit(asked)
        host = parts.hostname or ""
    except ValueError:
        return NO_ADDRESS
    if parts.scheme not in _PORTS:
        return ANOTHER_SCHEME if parts.scheme else NO_ADDRESS
    if "@" in parts.netloc:
        return USER_NAME
    if not _is_plain_host(host):
        return NO_ADDRESS
    try:
        if parts.port == 0:
            return BAD_PORT
    except ValueError:
        return BAD_PORT
    if len(asked) > MOST_LETTERS:
        return TOO_LONG
    return None if site_url is None or same_site(url, site_url) else ANOTHER_SITE


def _is_plain_host(host: str) -> bool:
    """Whether a host is a name, or a number in its usual form: not octal, hexadecimal, shortened, or with a zone."""
    if ":" in host:
        try:
            return "%" not in host and bool(ipaddress.IPv6Address(host))
        except ValueError:
            return False
    name = host.removesuffix(".")
    if _NUMBER.match(name.rpartition(".")[2]):
        try:
            return bool(ipaddress.IPv4Address(name))
        except ValueError:
            return False
    return len(name) <= 253 and not name.startswith("-") and all(map(_LABEL.match, name.split(".")))


def same_site(url: str, site_url: str) -> bool:
    """Whether an address is on the site's server: the host, with or without `www.`, and the port."""
    server = _server(url)
    return server is not None and server == _server(site_url)


@lru_cache(maxsize=4096)
def _server(url: str) -> tuple[str, int | None] | None:
    """Host and port of an address; the port null where it is the scheme's own."""
    try:
        parts = urlsplit(url if _PLAIN.fullmatch(url) else safe_url_string(url))
        host = (parts.hostname or "").removesuffix(".").removeprefix("www.")
        return (host, None if parts.port == _PORTS.get(parts.scheme) else parts.port) if host else None
    except ValueError:
        return None


def path_of(url: str) -> str:
    """The path of an address; empty where it has none, and for what is no address."""
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def host_of(url: str) -> str:
    """The host of an address, without `www.`; empty for what is no address."""
    try:
        return (urlsplit(url).hostname or "").removesuffix(".").removeprefix("www.")
    except ValueError:
        return ""


def is_front_page(url: str) -> bool:
    """Whether an address of a site is its front page's; `/?p=12` is that of an article."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.path in _FRONT and not _ARTICLE_NUMBER.search(parts.query)


def shown(url: str) -> str:
    """A stranger's address as a line for people can show it: cut, and without what steers a terminal."""
    text = "".join(letter if letter.isprintable() else "\ufffd" for letter in url[:_SHOWN])
    return f"{text}…" if len(url) > _SHOWN else text
