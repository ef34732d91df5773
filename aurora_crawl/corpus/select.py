"""The second stage: which documents are in, by step and with the reason; which of them are for validation."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from aurora_crawl.corpus.containment import CONTAINED, RELATED, of_documents, shares_of
from aurora_crawl.corpus.dedup import (
    REMOVAL_ROWS,
    SPLIT_ROWS,
    SPLIT_SIMILARITY,
    Groups,
    equal_pairs,
    join_editions,
    join_similar,
)
from aurora_crawl.corpus.manifest import Step
from aurora_crawl.corpus.options import Selection
from aurora_crawl.storage.articles import newest
from aurora_crawl.text.quality import MARKS


@dataclass(frozen=True, slots=True)
class Decision:
    """The documents that are in, as indices in their order, and which of them are for validation."""

    kept: np.ndarray
    is_validation: np.ndarray
    steps: list[Step]


def decide(facts: np.ndarray, paragraphs: np.ndarray, licenses: list[str], selection: Selection) -> Decision:
    """Select documents. The same facts in the same order give the same decision.

    In FineWeb-2's order: duplicates go before the quality is judged. Of a group of duplicates one survives: not one that
    names another site of the group as its source, then one whose site others so name, then the better edition of a book,
    then one of which is known where it is from, then the earliest, then the longest, then the one with the smallest id. What stands in a longer document that is in goes next.
    """
    steps: list[Step] = []
    by_quality = _by_quality(facts, selection)
    inside = np.ones(len(facts), dtype=bool)

    def step(name: str, reasons: dict[str, np.ndarray]) -> None:
        dropped: dict[str, int] = {}
        for reason, is_out in reasons.items():
            going = inside & is_out
            dropped[reason] = int(going.sum())
            inside[going] = False
        steps.append(Step(name, int(inside.sum()), int(facts["words"][inside].sum()), dropped))

    step("read", {})
    step("revision", {"older revision": ~_is_newest(facts)})
    step("license", _by_license(facts, licenses, selection))
    step("language", {f"not {selection.language}": ~facts["is_wanted_language"]})
    step("empty", {"no text": facts["words"] == 0})
    if not selection.keep_duplicates:
        same, nearly_same, survivor = _repeats(facts, inside, selection)
        is_poor = np.logical_or.reduce([*by_quality.values(), np.zeros(len(facts), dtype=bool)])
        contained = _contained(facts, paragraphs, survivor, ~is_poor)
        step("exact duplicates", {"same text": same})
        step("near-duplicates", {"nearly the same text": nearly_same})
        step("contained", {"stands in another document": contained})
    step("quality", by_quality)
    if selection.most_per_site:
        step("cap", {"more than a site may have": _beyond_cap(facts, inside, selection.most_per_site)})
    kept = np.flatnonzero(inside)
    return Decision(kept, _validation(facts[kept], of_documents(paragraphs, kept, len(facts)), selection), steps)


def _is_newest(facts: np.ndarray) -> np.ndarray:
    """Whether a document is the revision of its id that holds."""
    _, group, count = np.unique(facts["id"], return_inverse=True, return_counts=True)
    is_holding: np.ndarray = count[group] == 1
    # Few ids have several lines: only these are looked at one by one.
    several = np.flatnonzero(~is_holding)
    lines = zip(facts["id"][several].tolist(), facts["revision"][several].tolist(), strict=True)
    is_holding[several[list(newest(lines).values())]] = True
    return is_holding


def _by_license(facts: np.ndarray, licenses: list[str], selection: Selection) -> dict[str, np.ndarray]:
    out = [
        name
        for name in licenses
        if name in selection.exclude_licenses or (selection.licenses and name not in selection.licenses)
    ]
    there = {name: facts["license"] == licenses.index(name) for name in sorted(out)}
    # Counted as none, so that a name that is written wrong shows.
    return there | {name: np.zeros(len(facts), dtype=bool) for name in selection.exclude_licenses if name not in there}


def _by_quality(facts: np.ndarray, selection: Selection) -> dict[str, np.ndarray]:
    return {
        mark: (facts["marks"] >> bit) & 1 == 1 for bit, mark in enumerate(MARKS) if mark not in selection.ignored_marks
    }


def _repeats(facts: np.ndarray, inside: np.ndarray, selection: Selection) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The documents in whose place another with the same text stays, and those in whose place one with nearly the same does.

    Third, the index of the document that stays for each; -1 for those that were out before.

    The survivor of a whole group is chosen before either goes: a near copy may name the publisher of which an exact copy is
    older.
    """
    members = np.flatnonzero(inside)
    some = facts[members]
    same = Groups(len(members))
    same.join(equal_pairs(some["hash"]))
    texts, text_of = np.unique(same.names(), return_inverse=True)
    near = Groups(len(texts))
    join_similar(near, some["signature"][texts], REMOVAL_ROWS, selection.similarity)
    join_editions(near, some["signature"][texts], some["words"][texts], np.flatnonzero(some["is_book"][texts]))
    names = near.names()[text_of]
    # The best of each group comes first, and so does the best of each text.
    repeats, is_source = _origins(some, names)
    order = np.lexsort(
        (
            some["id"],
            -some["words"],
            some["published"],
            some["is_untold"],
            some["noise"],
            some["edition"],
            ~is_source,
            repeats,
            names,
        )
    )
    losers = []
    survivor = np.full(len(facts), -1, dtype=np.int64)
    for kinds in (text_of, names):
        is_first = np.zeros(len(members), dtype=bool)
        firsts = order[np.unique(kinds[order], return_index=True)[1]]
        is_first[firsts] = True
        out = np.zeros(len(facts), dtype=bool)
        out[members[~is_first]] = True
        losers.append(out)
    # `kinds` and `firsts` are those of the groups of near-duplicates: the last that were looked at.
    survivor[members] = members[firsts][np.unique(names, return_inverse=True)[1]]
    return losers[0], losers[1], survivor


def _contained(facts: np.ndarray, paragraphs: np.ndarray, survivor: np.ndarray, is_good: np.ndarray) -> np.ndarray:
    """The documents that stand in a larger one which stays. `survivor` is of which document another stays in its place.

    What stands in any edition of a book stands in the one that stays, and so does what another edition of stands there. What quality
    will keep out contains nothing, and no copy of unknown origin takes the place of a text whose origin is known.
    """
    out = np.zeros(len(facts), dtype=bool)
    is_survivor = survivor == np.arange(len(facts))
    members = np.flatnonzero(is_survivor | (facts["is_book"] & (survivor >= 0)))
    pairs = shares_of(of_documents(paragraphs, members, len(facts)), facts[members]).of(CONTAINED)
    inner, outer = survivor[members[pairs.inner]], survivor[members[pairs.outer]]
    is_pair = is_good[outer] & (facts["words"][outer] >= facts["words"][inner]) & (inner != outer)
    is_pair &= facts["is_book"][outer] | ~facts["is_untold"][outer] | facts["is_untold"][inner]
    inner, outer = inner[is_pair], outer[is_pair]
    # The largest first: what holds others is looked at before they are, and goes for nothing that goes itself.
    for one in np.lexsort((facts["id"][inner], -facts["words"][inner])):
        if not out[outer[one]]:
            out[inner[one]] = True
    return out


def _origins(facts: np.ndarray, names: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Whether a document names as its source a site of its own group, and whether its own site is so named by another."""
    there = set(zip(names.tolist(), facts["site"].tolist(), strict=True))
    crediting = [one for one in np.flatnonzero(facts["credits"] >= 0) if (names[one], facts["credits"][one]) in there]
    sources = {(int(names[one]), int(facts["credits"][one])) for one in crediting}
    repeats = np.zeros(len(facts), dtype=bool)
    repeats[crediting] = True
    is_source = np.zeros(len(facts), dtype=bool)
    if sources:
        places = zip(names.tolist(), facts["site"].tolist(), strict=True)
        is_source[:] = [place in sources for place in places]
    return repeats, is_source


def _beyond_cap(facts: np.ndarray, inside: np.ndarray, most: int) -> np.ndarray:
    """All but `most` documents of each site, chosen by the hash of their ids: a sample that does not depend on dates."""
    beyond = np.zeros(len(facts), dtype=bool)
    for site in np.unique(facts["site"]):
        members = np.flatnonzero(inside & (facts["site"] == site))
        if len(members) > most:
            drawn = sorted(members.tolist(), key=lambda one: sha256(bytes(facts["id"][one])).digest())
            beyond[drawn[most:]] = True
    return beyond


def _validation(facts: np.ndarray, paragraphs: np.ndarray, selection: Selection) -> np.ndarray:
    """Whether a document is for validation: whole groups of related documents, chosen by the hash of their smallest id."""
    groups = Groups(len(facts))
    groups.join(equal_pairs(facts["hash"]))
    join_similar(groups, facts["signature"], SPLIT_ROWS, SPLIT_SIMILARITY)
    related = shares_of(paragraphs, facts).of(RELATED)
    groups.join(zip(related.inner.tolist(), related.outer.tolist(), strict=True))
    names = groups.names()
    order = np.lexsort((facts["id"], names))
    firsts = {int(names[one]): facts["id"][one] for one in order[::-1]}
    salt = str(selection.seed).encode()
    chosen = {
        name: int.from_bytes(sha256(salt + b" " + smallest).digest()[:8]) < selection.validation * 2**64
        for name, smallest in firsts.items()
    }
    return np.array([chosen[int(name)] for name in names], dtype=bool)
