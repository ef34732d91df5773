"""Whether a page is a bot wall that came with status 200; for middlewares and archives alike."""

from __future__ import annotations

import re

MOST_TEXT = 1500
"""Letters of visible text; a wall has little, an article that speaks of walls has more."""

_TITLES = re.compile(
    r"<title[^<>]{0,200}>\s{0,200}(?:just a moment|um momento|attention required!|please wait|ddos-guard|access denied|acesso negado"
    r"|making sure you(?:'|&#0?39;|’)re not a bot|vercel security checkpoint|client challenge|verifying you are human"
    r"|verificando (?:seu|o) navegador|checking your browser|you are being redirected|one moment, please|robot or human"
    r"|você é (?:um )?rob[oô]|bot verification|security check|human verification|pardon our interruption)",
    re.IGNORECASE,
)
_MARKS = (
    "/cdn-cgi/challenge-platform/",
    "cf-turnstile",
    "cf-chl-",
    "_Incapsula_Resource",
    "sucuri_cloudproxy_js",
    "px-captcha",
    "captcha-delivery.com",
    "awsWafCookieDomainList",
    "anubis_challenge",
    "within.website/x/cmd/anubis",
    "g-recaptcha",
    "h-captcha",
    "ddos-guard.net",
    "slowAES.decrypt",
    "wsidchk",
    "/.well-known/sgcaptcha/",
)
_NOT_SEEN = re.compile(
    r"<(script|style|noscript|template)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<[^>]*(?:>|\Z)", re.IGNORECASE | re.DOTALL
)
"""What is not closed goes to the end, as in browsers; else each that is not would be looked for to the end, in vain."""
_COOKIE = re.compile(r"document\.cookie\s{0,20}=")
_RELOAD = re.compile(r"location\.(?:reload|href|replace)")
_LOOKED_AT = 50_000
"""Characters from the beginning in which a wall shows itself: its marks stand in its head and first script."""


def is_challenge(html: str) -> bool:
    """Whether a page is a bot wall: it says so in its title or its scripts, and has next to no text of its own."""
    beginning = html[:_LOOKED_AT]
    if not (
        _TITLES.search(beginning) or any(mark in beginning for mark in _MARKS) or _sets_cookie_and_reloads(beginning)
    ):
        return False
    return len(" ".join(_NOT_SEEN.sub(" ", html).split())) < MOST_TEXT


def _sets_cookie_and_reloads(beginning: str) -> bool:
    cookie = _COOKIE.search(beginning)
    return cookie is not None and _RELOAD.search(beginning, cookie.end()) is not None
