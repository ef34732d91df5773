"""Cutting once more: a stored article as it would be if today's rules had cut it, what they no longer cut put back."""

from __future__ import annotations

from collections.abc import Sequence

from aurora_crawl.items import Removal
from aurora_crawl.text.boilerplate.cut import RULES, SITE_RULE, Boilerplate
from aurora_crawl.text.boilerplate.restore import Place, counted_after, counted_from_before, places


def recut(
    kept: Sequence[str], removed: Sequence[Removal], title: str | None, rules: Boilerplate
) -> tuple[list[str], list[Removal]]:
    """The paragraphs that `rules` leave of an article from which others have cut before, and all that is cut from it now.

    What a rule of cleaning cut is put back first, so the result is that of cutting the page itself: a block that was
    struck out since, or a pattern that was mended, gives its text back, and a new one cuts. What was cut while the page was
    read is no text of it and stays out. `removed` does not tell the white space beside a cut: where a paragraph loses the
    same as before, it stays as it is stored.
    """
    ours = [removal for removal in removed if removal.rule in RULES]
    theirs = [removal for removal in removed if removal.rule not in RULES]
    if not ours:
        left, cut = rules.strip(list(kept), title)
        return left, [*theirs, *counted_from_before(cut, theirs)]
    ours = counted_after(ours, theirs)
    before = [place for place in places(kept, ours) if place.kept or place.whole(_text)]
    left, cut = rules.strip([place.whole(_text) for place in before], title)
    if cut == ours:
        return list(kept), [*theirs, *counted_from_before(cut, theirs)]
    now = places(left, cut)
    if lost := _lost(before, now):
        # A pattern that asks for the end of a line does not match where the line break came back as a space.
        left, cut_again = rules.strip([place.whole(_text, _line_break) for place in before], title)
        again = places(left, cut_again)
        if _lost(before, again) < lost:
            cut, now = cut_again, again
    return _as_stored(before, now), [*theirs, *counted_from_before(cut, theirs)]


def _text(removal: Removal) -> str:
    return removal.text


def _line_break(removal: Removal) -> str:
    return " " if removal.rule == SITE_RULE else "\n"


def _lost(before: Sequence[Place], now: Sequence[Place]) -> int:
    """From how many places a general rule has cut a beginning or an end that is not cut now."""
    return sum(
        bool({one for one in _cuts(old) if one[0] != "whole" and one[2] != SITE_RULE} - {*_cuts(new)})
        for old, new in zip(before, now, strict=True)
        if old.cuts
    )


def _as_stored(before: Sequence[Place], now: Sequence[Place]) -> list[str]:
    """What is left of each place; as it is stored where the same was cut from it."""
    paragraphs = (old.kept if _cuts(old) == _cuts(new) else new.kept for old, new in zip(before, now, strict=True))
    return [paragraph for paragraph in paragraphs if paragraph]


def _cuts(place: Place) -> list[tuple[str, str, str]]:
    return [(cut.part, cut.text, cut.rule) for cut in place.cuts]
