"""Which capture of an article counts, where archives hold several: pure rules over what is known of each.

An archive holds a page as often as somebody came by: whole, cut, as an error with status 200, behind a wall, edited. The last one in the
file is none of that by itself.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Protocol, TypeVar

from aurora_crawl.addresses import host_of

MOST_ADDRESSES = 3
"""One text under more addresses of a host than these is a wall or an error page."""
LEAST_OF_LONGEST = 0.6
"""Share of the longest text's words that a capture's text has, if it is to count: a paywall left .12 of an article, a cut one .41, an
error page .07; an edit takes less."""


class Known(Protocol):
    """What is to be known of a capture: `moment` in UTC, `body_hash` of its text alone, `truncated` by the archive itself."""

    @property
    def id(self) -> str: ...
    @property
    def url(self) -> str: ...
    @property
    def moment(self) -> str: ...
    @property
    def words(self) -> int: ...
    @property
    def text_hash(self) -> str: ...
    @property
    def body_hash(self) -> str: ...
    @property
    def truncated(self) -> bool: ...


K = TypeVar("K", bound=Known)


def walls(captures: Iterable[Known]) -> set[str]:
    """The hashes of texts that stand under more than `MOST_ADDRESSES` articles of one host."""
    ids: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in captures:
        ids[one.body_hash, host_of(one.url)].add(one.id)
    return {body for (body, _host), found in ids.items() if body and len(found) > MOST_ADDRESSES}


def good(captures: Sequence[K], no_articles: Collection[str] = ()) -> list[K]:
    """The captures of one article that may count, the newest last: those of walls are out, cut ones where others are, short ones where
    longer ones are.
    """
    left = [one for one in captures if one.body_hash not in no_articles]
    left = [one for one in left if not one.truncated] or left
    longest = max((one.words for one in left), default=0)
    return sorted((one for one in left if one.words >= LEAST_OF_LONGEST * longest), key=_age)


def _age(one: Known) -> tuple[str, int, str]:
    # Of one second: the longer one, then any, but the same in any order of files.
    return one.moment, one.words, one.text_hash


def latest_word(captures: Sequence[K], counting: Sequence[K], signals: dict[int, Sequence[str]]) -> Sequence[str]:
    """What the newest page of an article says against machine learning; `signals` by the captures' places in `captures`.

    That a page says nothing counts where it is one of those that may count: a wall or a cut page need not repeat what the article's page
    says.
    """
    may_count = {id(one) for one in counting}
    said: Sequence[str] = ()
    for number, one in sorted(enumerate(captures), key=lambda pair: (_age(pair[1]), bool(signals.get(pair[0])))):
        if signals.get(number):
            said = signals[number]
        elif id(one) in may_count:
            said = ()
    return said


def most_led_to(targets: Iterable[str], most: int = MOST_ADDRESSES) -> set[str]:
    """The ids to which more than `most` addresses lead: a front page, a section; no article of them all."""
    return {target for target, count in Counter(targets).items() if count > most}
