"""The last look at an article's passages: what can only be judged once all of them are there."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aurora_crawl.extraction.leftovers import is_code, is_label
from aurora_crawl.extraction.passages import BY_CLASS, BY_LINKS, CODE, LABEL, REPEATED, TITLE, Passage
from aurora_crawl.text.unicode import letters_of

_PROSE_LONGER = 60
_SENTENCE_ENDS = (".", "!", "?", "…", "”", '"', "»", ":")
_LEAST_TWIN = 40
"""Letters of a paragraph that may be a twin of another; shorter ones are refrains."""
_LEAST_TWINS = 200
"""Letters of a run of paragraphs that says again what an earlier run said."""
_QUOTATIONS_LOOKED_AT = 60
_OF_LINKS = frozenset({BY_LINKS})
"""The rule that cuts lists of other articles: their heading goes with them. A heading over a picture or a film stays."""
_OF_BOXES = frozenset({BY_CLASS, BY_LINKS, LABEL})
_LABEL_LONGEST = 40
_MOST_LAST_HEADINGS = 2
_TITLE_WITHIN = 5
"""A page may set a label and a lead before its title, inside the container."""


def trimmed(passages: Sequence[Passage], title: str | None, *, is_fragment: bool = False) -> list[Passage]:
    """The passages with a rule for each that is no part of the article; what shows no letter at all is left out.

    In this order: labels, leaked code; the title at the beginning; dates at the edges; headings of nothing; quotations that only repeat the
    text; runs of paragraphs that stand twice, as pages write them for wide and for narrow screens. In a fragment that holds
    nothing but the article, headings stay.
    """
    every = []
    for passage in passages:
        # Nearly all begin with a letter.
        if passage.text[:1].isalnum() or any(map(str.isalnum, passage.text)):
            every.append(passage)
        else:
            every.extend(Passage(text, rule) for text, rule in passage.inside)
    for passage in every:
        if not passage.rule and not passage.is_preformatted:
            if is_label(passage.text):
                passage.rule = LABEL
            elif is_code(passage.text):
                passage.rule = CODE
    _cut_title(every, title)
    _cut_dates(every)
    if not is_fragment:
        _cut_label_of_last_box(every)
        _cut_headings_of_nothing(every)
    _cut_repeated_quotations(every)
    _cut_twins(every)
    return every


def _cut_title(passages: Sequence[Passage], title: str | None) -> None:
    bare = letters_of(title or "")
    if not bare:
        return
    for passage in [passage for passage in passages if not (passage.rule or passage.doubt)][:_TITLE_WITHIN]:
        first = passage.text[:1]
        # Most begin with another letter.
        if (not first.isalnum() or first.lower()[:1] == bare[0]) and letters_of(passage.text) == bare:
            passage.rule = TITLE


def _cut_dates(passages: Sequence[Passage]) -> None:
    """Cuts what is doubted and stands before the first sentence of the article, or after its last."""
    if not any([passage.doubt for passage in passages]):  # noqa: C419 - in half the time
        return
    prose = [
        position
        for position, passage in enumerate(passages)
        if not (passage.rule or passage.doubt) and _is_prose(passage)
    ]
    for position, passage in enumerate(passages):
        if passage.doubt and not passage.rule and (not prose or position < prose[0] or position > prose[-1]):
            passage.rule = passage.doubt


def _cut_label_of_last_box(passages: Sequence[Passage]) -> None:
    """The article's last line, where it is short, no sentence, and stands right before a box that was cut."""
    last = next((position for position in range(len(passages) - 1, 0, -1) if not passages[position].rule), None)
    if last is None or last + 1 == len(passages):
        return
    passage, box = passages[last], passages[last + 1]
    text = passage.text
    is_label = len(text) <= _LABEL_LONGEST and "\n" not in text and not text.endswith(_SENTENCE_ENDS[:-1])
    if is_label and box.rule in _OF_BOXES and not passage.is_preformatted:
        passage.rule = LABEL


def _cut_headings_of_nothing(passages: Sequence[Passage]) -> None:
    """Headings behind the article's last paragraph, and those of lists of links that were cut ("Leia também").

    Of headings at the end that are no links only two go: an article may be a row of headings and pictures.
    """
    if all(passage.is_heading or passage.rule for passage in passages):
        return
    follows, is_last, allowed = "", True, _MOST_LAST_HEADINGS
    for passage in reversed(passages):
        if passage.rule:
            follows = passage.rule
        elif not passage.is_heading or _is_prose(passage):
            follows, is_last = "", False
        elif follows in _OF_LINKS or (is_last and (passage.is_link or allowed > 0)):
            allowed -= not passage.is_link
            passage.rule = LABEL
            follows = ""
        else:
            follows, is_last = "", False


def _is_prose(passage: Passage) -> bool:
    return len(passage.text) >= _PROSE_LONGER and passage.text.endswith(_SENTENCE_ENDS)


def _cut_repeated_quotations(passages: Sequence[Passage]) -> None:
    """Pull quotes: quotations whose words stand in the text too."""
    quotations = [passage for passage in passages if passage.is_quotation and not passage.rule]
    if not quotations:
        return
    plain = [passage for passage in passages if not passage.is_quotation and not passage.rule]
    text = "\n".join(_words(passage.text) for passage in plain)
    for passage in quotations[:_QUOTATIONS_LOOKED_AT]:
        words = _words(passage.text)
        if words and words in text and (passage.is_pull_quote or len(words) >= _LEAST_TWIN):
            passage.rule = REPEATED


def _cut_twins(passages: Sequence[Passage]) -> None:
    """Runs that say word for word what an earlier run said; of two equal neighbours the second."""
    kept = [passage for passage in passages if not passage.rule and not passage.is_preformatted]
    first: dict[str, int] = {}
    run: list[Passage] = []
    last = -2
    for position, passage in enumerate(kept):
        earlier = first.setdefault(passage.text, position)
        is_twin = earlier < position
        if is_twin and run and earlier == last + 1:
            run.append(passage)
        elif is_twin or run:
            _cut_run(run)
            run = [passage] if is_twin else []
            if is_twin and earlier == position - 1 and len(passage.text) >= _LEAST_TWIN:
                passage.rule = REPEATED
        last = earlier if is_twin else -2
    _cut_run(run)


def _cut_run(run: Sequence[Passage]) -> None:
    if len(run) > 1 and sum(len(passage.text) for passage in run) >= _LEAST_TWINS:
        for passage in run:
            passage.rule = REPEATED


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
