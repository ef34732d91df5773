"""What `-a` of a crawl takes, checked before anything starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches

from aurora_crawl.addresses import refusal
from aurora_crawl.errors import WrongCommand
from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.route import Window

NAMES = ("since", "until", "limit", "via", "site_url", "again")
LONGEST_NUMBER = 12
"""Digits of a number of articles; Python refuses to read thousands of them."""


class ArgumentError(WrongCommand):
    """An argument that a crawl cannot follow; the message is one line."""


@dataclass(slots=True, frozen=True)
class CrawlArguments:
    """The arguments of one crawl: a window of days, a number of articles, one route, another server.

    `again`: what alone is asked for, once more: an address, a reason of the ledger such as "no text", or `kept`.
    """

    window: Window = field(default_factory=Window)
    limit: int | None = None
    via: str | None = None
    site_url: str | None = None
    again: str | None = None


def typed(given: Mapping[str, object]) -> dict[str, str]:
    """The arguments that a person gave, as `-a` would give them.

    A scheduler adds names that begin with an underscore (scrapyd: `_job`, `_version`), which say nothing to a crawl. A script
    gives numbers and days as what they are, and None for what it leaves open.
    """
    return {name: str(value) for name, value in given.items() if not name.startswith("_") and value is not None}


def read_arguments(every: Mapping[str, object], routes: tuple[str, ...]) -> CrawlArguments:
    """The arguments as given with `-a NAME=VALUE`, or by a script. Raises ArgumentError, naming the argument and what it takes."""
    given = typed(every)
    for name in given.keys() - set(NAMES):
        near = get_close_matches(name, NAMES, 1)
        hint = (
            Message(N_("did you mean {name}?"), name=near[0])
            if near
            else Message(N_("known are {names}"), names=", ".join(NAMES))
        )
        raise ArgumentError(N_("-a {name}={value}: unknown argument; {hint}"), name=name, value=given[name], hint=hint)
    window = Window(_day(given, "since"), _day(given, "until"))
    if window.since and window.until and window.since > window.until:
        raise ArgumentError(N_("-a since={since} lies after until={until}"), since=window.since, until=window.until)
    limit = read_limit(given)
    via = given.get("via")
    if via is not None and via not in routes:
        raise ArgumentError(N_("-a via={value}: this site's routes are {routes}"), value=via, routes=", ".join(routes))
    again = given.get("again")
    if again is not None and not again.strip():
        raise ArgumentError(N_("-a again={value}: wants an address, a reason of the ledger, or kept"), value=again)
    return CrawlArguments(window, limit, via, _site_url(given.get("site_url")), again)


def read_limit(given: Mapping[str, str]) -> int | None:
    """How many articles are asked for at most; None for all. Raises ArgumentError."""
    limit = given.get("limit")
    if limit is None:
        return None
    if not (limit.isascii() and limit.isdecimal() and 0 < len(limit) <= LONGEST_NUMBER and int(limit) > 0):
        raise ArgumentError(N_("-a limit={value}: not a number above 0"), value=limit)
    return int(limit)


def _day(given: dict[str, str], name: str) -> date | None:
    value = given.get(name)
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ArgumentError(N_("-a {name}={value}: not a day like 2023-01-31"), name=name, value=value) from error


def _site_url(value: str | None) -> str | None:
    if value is None:
        return None
    if refusal(value) is not None:
        raise ArgumentError(N_("-a site_url={value}: not an address like https://example.org"), value=value)
    return value.rstrip("/")
