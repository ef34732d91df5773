"""Why a crawl found nothing, in words."""

from __future__ import annotations

from aurora_crawl.messages import N_, Message
from aurora_crawl.monitoring.outcome import FINISHED, STOPPED, Outcome
from aurora_crawl.monitoring.reasons import fate_in_words


def why_nothing(crawl: Outcome) -> Message | None:
    """The likeliest reason why a crawl has no article; None where it has some, where nothing was due, or a person ended it."""
    if crawl.stored or crawl.unchanged or crawl.found.get("known") or crawl.reason == STOPPED or nothing_new(crawl):
        return None
    if crawl.left_alone:
        return Message("{why}", why=next(iter(crawl.left_alone.values())))
    if crawl.halted_because:
        return Message("{why}", why=crawl.halted_because)
    if crawl.reason == "store":
        return Message(N_("the articles could not be stored; the line above says why"))
    if crawl.blocks:
        return Message(N_("the server showed bot walls ({count}) in the place of pages"), count=crawl.blocks)
    if crawl.robots_forbidden:
        forbids = N_("robots.txt forbids what was asked for ({count} requests)")
        return Message(forbids, count=crawl.robots_forbidden)
    if crawl.dropped:
        dropped = N_("everything that was found was dropped, most of it for: {reason}")
        return Message(dropped, reason=fate_in_words(_most(crawl.dropped)))
    if crawl.failed:
        failed = N_("everything that was found failed, most of it for: {reason}")
        return Message(failed, reason=fate_in_words(_most(crawl.failed)))
    if crawl.route_failed:
        return Message(N_("none of the routes could be read; the lines above say why for each"))
    if not crawl.responses:
        return Message(N_("no server answered"))
    return Message(
        N_("the routes could be read, and name no article in the part of the site and the days that were asked for")
    )


def nothing_new(crawl: Outcome) -> bool:
    """Whether a crawl of what is new came to its end and found that nothing is."""
    is_idle = not (crawl.decided or crawl.route_failed or crawl.left_alone)
    return crawl.is_update and crawl.reason == FINISHED and is_idle


def _most(counts: object) -> str:
    assert isinstance(counts, dict)
    return str(max(counts, key=lambda reason: counts[reason]))
