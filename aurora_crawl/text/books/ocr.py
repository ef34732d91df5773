"""How much of a text was misread from a picture of it, and the few corrections that are safe."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from aurora_crawl.text.books.vocabulary import vocabulary_of_text

_WORD = re.compile(r"[^\W_]+(?:[-’'][^\W_]+)*")
_PIECE = re.compile(r"\S+")
_INSIDE = re.compile(r"[^\W\d_](?:[.:;!|»«*~^°<>=\\{}]|[\d])[^\W\d_]")
_MIXED = re.compile(r"(?:[^\W\d_]\d|\d[^\W\d_])")
_STRAY = re.compile(r"^[^\w\s\"“”‘’'«»()\[\]—–\-.,;:!?…*/%$§&]+$")
_CASE = re.compile(r"[a-zà-ÿ][A-ZÀ-Þ]")
_NO_VOWEL = re.compile(r"^[b-df-hj-np-tv-xzç]{3,}$", re.IGNORECASE)
_ONE_LETTER = frozenset("aeoàéóAEOÀÉÓÁáyYeE")
_OLD = (("ph", "f"), ("th", "t"), ("rh", "r"), ("ch", "c"), ("mm", "m"), ("nn", "n"), ("ll", "l"), ("pp", "p"), ("tt", "t"),
        ("ff", "f"), ("cc", "c"), ("bb", "b"), ("dd", "d"), ("gg", "g"), ("y", "i"), ("k", "c"), ("w", "v"))  # fmt: skip
_TRIGRAMS_FROM = 2


def noise(text: str) -> float:
    """The share of a text's pieces that look misread, from 0 to 1.

    Pieces with marks or digits inside words, capitals after small letters, words of consonants alone, letters that stand
    alone and are no Portuguese word, stray signs, and rare words whose letters never stand together elsewhere in the
    text. Old spelling is folded first. It orders editions of one work; it is no measure across works.
    """
    pieces = _PIECE.findall(text)
    if not pieces:
        return 0.0
    words = [word.lower() for word in _WORD.findall(text)]
    counts = Counter(map(_folded, words))
    known: Counter[str] = Counter()
    for word, count in counts.items():
        for trigram in _trigrams(word):
            known[trigram] += count
    bad = sum(_is_damaged(piece) for piece in pieces)
    for word, count in counts.items():
        if (
            count == 1
            and len(word) > 3
            and word.isalpha()
            and min(known[one] for one in _trigrams(word)) < _TRIGRAMS_FROM
        ):
            bad += 1
    return round(min(1.0, bad / len(pieces)), 5)


def _trigrams(word: str) -> list[str]:
    padded = f"^{word}$"
    return [padded[start : start + 3] for start in range(len(padded) - 2)] or [padded]


def _folded(word: str) -> str:
    for old, new in _OLD:
        if old in word:
            word = word.replace(old, new)
    return word


def _is_damaged(piece: str) -> bool:
    if piece.startswith(("http", "www.")) or "@" in piece:
        return False
    if _STRAY.match(piece):
        return True
    bare = piece.strip("\"“”‘’'«»()[]—–-.,;:!?…*")
    if not bare:
        return False
    if len(bare) == 1:
        return bare.isalpha() and bare not in _ONE_LETTER and not bare.isupper()
    return bool(
        _INSIDE.search(bare)
        or _MIXED.search(bare)
        or (_CASE.search(bare) and not bare.isupper())
        or _NO_VOWEL.match(bare)
    )


_MARK_FOR_HYPHEN = re.compile(r"(?<=[^\W\d_]{2})[»>~=¬](?=\n[^\W\d_])")
_HYPHEN_BETWEEN = re.compile(r"(?<![\w-])([^\W\d_]+)-([^\W\d_]+)(?![\w-])")
_STRAY_COLON = re.compile(r"(?<=[^\W\d_]{2}) ?[:;.](?= [a-zà-ÿ])")
_ONE_FOR_I = re.compile(r"(?<![\w])[1l](?=[a-zà-ÿ]{2,})")
_SPACED_HYPHEN = re.compile(r"(?<=[^\W\d_])- (?=[a-zà-ÿ])")
_DASHES = re.compile(r"(?m)^(?:—-|-—|--|——|—–|_—|—_)\s?(?=\S)")
_QUOTE_IN_WORD = re.compile(r"(?<=[.,;!?])['’](?=[^\W\d_]{2})")


def correct(text: str, words: Mapping[str, int] | None = None) -> tuple[str, int]:
    """A text with what was surely misread put right, and how many changes; lines stay lines.

    Safe are: a dash of dialogue read double; a sign at a line's end that stands for its hyphen; a hyphen between two words
    that the text never writes together, nor as one with a hyphen elsewhere, and of which the first is no verb before
    a pronoun; an apostrophe between a full stop and the next word. Nothing else: confusions of letters gained nothing.
    """
    words = vocabulary_of_text(text) if words is None else words
    changes = 0

    def counted(replacement: str) -> str:
        nonlocal changes
        changes += 1
        return replacement

    text = _DASHES.sub(lambda match: counted("— " if match[0][-1].isspace() else "—"), text)
    text = _MARK_FOR_HYPHEN.sub(lambda _match: counted("-"), text)
    text = _QUOTE_IN_WORD.sub(lambda _match: counted(" "), text)

    def parted(match: re.Match[str]) -> str:
        first, second = match[1].lower(), match[2].lower()
        if _is_false_compound(first, second, words):
            return counted(f"{match[1]} {match[2]}")
        return match[0]

    return _HYPHEN_BETWEEN.sub(parted, text), changes


_LITTLE = frozenset(
    "a o as os e de do da dos das em no na nos nas um uma que se com por para ao à aos às não mais mas ou como seu sua "
    "meu minha ele ela já só até nem foi era tão muito sem me lhe".split()
)
_PRONOUNS = frozenset("me te se lhe lhes nos vos o a os as lo la los las no na nas mo ma lho lha".split())


def _is_false_compound(first: str, second: str, words: Mapping[str, int]) -> bool:
    """Whether a hyphen joins two words that only stand beside each other: "do-bairro", "de-mim", "para-a"."""
    if words.get(f"{first}-{second}", 0) > 1 or words.get(first + second, 0):
        return False
    if second in _PRONOUNS:
        return first in _LITTLE
    return first in _LITTLE and words.get(second, 0) > 0
