"""Which pages of a site a person asks for once more: `-a again=`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from aurora_crawl.errors import WrongCommand
from aurora_crawl.items import article_id
from aurora_crawl.messages import N_
from aurora_crawl.storage.ledger import Ledger, State

KEPT = "kept"
"""Asks for everything that is stored."""


def asked_again(ledger: Ledger, again: str, canonical: Callable[[str], str]) -> list[str]:
    """The ids that `again` means: of an address, of everything that has a reason, or of everything that is kept.

    What was forgotten is never among them. Raises WrongCommand, with the reasons that there are, where it means nothing.
    """
    if again.startswith(("http://", "https://")):
        entry = ledger.get(article_id(canonical(again)))
        if entry is None or entry.state is State.FORGOTTEN:
            raise WrongCommand(N_("-a again={url}: the ledger does not know this address"), url=again)
        return [entry.id]
    reasons: Counter[str] = Counter()
    ids = []
    for entry in ledger.entries():
        if entry.state is State.FORGOTTEN:
            continue
        if (entry.state is State.KEPT and again == KEPT) or (entry.reason == again and entry.state is not State.KEPT):
            ids.append(entry.id)
        if entry.state is State.KEPT:
            reasons[KEPT] += 1
        elif entry.reason:
            reasons[entry.reason] += 1
    if not ids:
        there = ", ".join(f"{reason} ({count})" for reason, count in reasons.most_common()) or "-"
        raise WrongCommand(
            N_("-a again={reason}: nothing in the ledger has this reason; there are: {there}"),
            reason=again,
            there=there,
        )
    return ids
