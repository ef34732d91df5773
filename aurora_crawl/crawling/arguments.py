"""What `-a` of a crawl takes, checked before anything starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches

from aurora_crawl.addresses import refusal
from aurora_crawl.errors import WrongCommand
from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.route import Window

NAMES = ("since", "until", "limit", "via", "site_url")


class ArgumentError(WrongCommand):
    """An argument that a crawl cannot follow; the message is one line."""


@dataclass(slots=True, frozen=True)
class CrawlArguments:
    """The arguments of one crawl: a window of days, a number of articles, one route, another server."""

    window: Window = field(default_factory=Window)
    limit: int | None = None
    via: str | None = None
    site_url: str | None = None


def read_arguments(given: dict[str, str], routes: tuple[str, ...]) -> CrawlArguments:
    """The arguments as given with `-a NAME=VALUE`. Raises ArgumentError, naming the argument and what it takes."""
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
    limit = given.get("limit")
    if limit is not None and not (limit.isdecimal() and int(limit) > 0):
        raise ArgumentError(N_("-a limit={value}: not a number above 0"), value=limit)
    via = given.get("via")
    if via is not None and via not in routes:
        raise ArgumentError(N_("-a via={value}: this site's routes are {routes}"), value=via, routes=", ".join(routes))
    return CrawlArguments(window, int(limit) if limit else None, via, _site_url(given.get("site_url")))


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
