"""Codes that ledger and stats count by, in words for people."""

from __future__ import annotations

from aurora_crawl.messages import N_, _

ENDS = {
    "finished": N_("finished"),
    "shutdown": N_("interrupted"),
    "no_route": N_("no route could be read"),
    "store": N_("the articles could not be stored"),
    "no answer": N_("the server no longer answers"),
    "asked to wait": N_("the server asks to wait"),
    "blocked": N_("the server shows bot walls"),
    "settings": N_("a setting cannot be read"),
    "arguments": N_("an argument is wrong"),
    "boilerplate": N_("the file of learned blocks cannot be read"),
}
"""Why a crawl ended."""
FATES = (
    N_("duplicate"),
    N_("no text"),
    N_("no title"),
    N_("other site"),
    N_("only boilerplate"),
    N_("opted out"),
    N_("not a page"),
    N_("no file"),
    N_("unreadable"),
    N_("rights reserved"),
    N_("part of a work"),
    N_("a listing"),
    N_("bot wall"),
    N_("broken answer"),
    N_("gone"),
    N_("known"),
    N_("no address"),
    N_("not in the archive"),
    N_("led elsewhere"),
    N_("other address"),
    N_("outside the window"),
    N_("robots.txt"),
    N_("an error while reading"),
    N_("too slow to read"),
    N_("too slow to clean"),
    N_("private address"),
    N_("robots.txt unreachable"),
    N_("too large"),
    N_("asked to wait"),
    N_("self-redirect"),
)
"""Why an article was not kept, and a request or an answer refused; most are the ledger's own words."""


def end_in_words(reason: str) -> str:
    """Why a crawl ended."""
    return _(ENDS.get(reason, reason))


def fate_in_words(reason: str) -> str:
    """Why an article was not kept, or a request refused."""
    kind, _space, code = reason.partition(" ")
    return _("language {code}").format(code=code) if kind == "language" else _(reason)
