"""Numbers that say how good a Portuguese text is, and the marks for those beyond FineWeb-2's thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import filterfalse

from aurora_crawl.items import Quality

MARKS = (
    "language_score",
    "duplicate_lines",
    "punctuated_lines",
    "newlines",
    "word_length",
    "nonalphabetic_words",
    "stop_words",
)
"""The marks that a text may have, each named after the number that is beyond its threshold."""

STOP_WORDS = frozenset("de a e o em do da que um no uma com para na é foi".split())
"""FineWeb-2's stop words for Portuguese (`por_Latn`)."""

_STOP_WORDS = STOP_WORDS | set(map(str.capitalize, STOP_WORDS)) | set(map(str.upper, STOP_WORDS))
_ENDS = frozenset(".!?…:;\"'”’»)]")
_MARKS = ".,;:!?…\"'“”‘’«»()[]{}<>–—-*/|#•·%&=+_~^´`$@§ºª°\\"
"""What is taken off a word's ends, and counted as marks."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """FineWeb-2's thresholds for Portuguese (`por_Latn.yml` of huggingface/fineweb-2), each a setting here.

    Its `max_non_alpha_words_ratio: 0.814` is, in datatrove's code, the least fraction of words **with** a letter;
    hence 1 - .814 here. It was made for Gopher's rule (Rae et al. 2021, table A1), which looks at words; datatrove's
    tokenizer makes words of punctuation marks too, and then one in ten news articles, and most of those with much direct
    speech, would be refused for their commas and dashes. So here marks are no words without a letter.
    """

    language_score: float = 0.799
    duplicate_lines: float = 0.287
    punctuated_lines: float = 0.077
    newlines: float = 0.186
    shortest_words: float = 3
    longest_words: float = 13
    nonalphabetic_words: float = 0.186
    stop_words: float = 2


@lru_cache(maxsize=1)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, marks on their ends and all. Those of the last text stay at hand: a corpus asks for them twice."""
    return tuple(text.split())


def measure(
    text: str,
    language_score: float | None = None,
    thresholds: Thresholds | None = None,
) -> Quality:
    """The numbers of a text and a mark for each that lies beyond its threshold.

    Fractions lie between 0 and 1: lines that repeat an earlier line; lines that end in punctuation; line ends per
    word or mark, where a blank line between paragraphs counts once; words without a letter. `word_length` is in characters,
    without punctuation marks. An empty text has every mark that nothing can earn it.
    """
    limits = thresholds or Thresholds()
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    pieces = words_of(text)
    # Most pieces are letters and nothing else; only the others need a closer look. Joined, their lengths are summed in C.
    marked = list(filterfalse(str.isalpha, pieces))
    stripped = [piece.strip(_MARKS) for piece in marked]
    marks = len("".join(marked)) - len("".join(stripped))
    letters = len("".join(pieces)) - marks
    words = len(pieces) - stripped.count("")
    without_letter = sum(not any(map(str.isalpha, word)) for word in filterfalse(str.isalpha, stripped) if word)
    found = Quality(
        marks=[],
        language_score=language_score,
        duplicate_lines=_share(len(lines) - len(set(lines)), len(lines)),
        punctuated_lines=_share(sum(line[-1] in _ENDS for line in lines), len(lines)),
        newlines=round(max(len(lines) - 1, 0) / (words + marks or 1), 4),
        word_length=round(letters / (words or 1), 2),
        nonalphabetic_words=_share(without_letter, words),
        stop_words=sum(len(list(filter(_STOP_WORDS.__contains__, some))) for some in (pieces, stripped)),
    )
    found.marks.extend(_marks(found, limits))
    return found


def _marks(found: Quality, limits: Thresholds) -> list[str]:
    assert found.duplicate_lines is not None
    assert found.punctuated_lines is not None
    assert found.newlines is not None
    assert found.word_length is not None
    assert found.nonalphabetic_words is not None
    assert found.stop_words is not None
    beyond = {
        "language_score": found.language_score is not None and found.language_score < limits.language_score,
        "duplicate_lines": found.duplicate_lines > limits.duplicate_lines,
        "punctuated_lines": found.punctuated_lines < limits.punctuated_lines,
        "newlines": found.newlines > limits.newlines,
        "word_length": not limits.shortest_words <= found.word_length <= limits.longest_words,
        "nonalphabetic_words": found.nonalphabetic_words > limits.nonalphabetic_words,
        "stop_words": found.stop_words < limits.stop_words,
    }
    return [name for name, is_beyond in beyond.items() if is_beyond]


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
