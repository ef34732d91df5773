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
    # Counted as they come: the words of a long book as a list would take more memory than the book.
    pieces = Counter(match[0] for match in _PIECE.finditer(text))
    if not pieces:
        return 0.0
    counts = Counter(_folded(match[0].lower()) for match in _WORD.finditer(text))
    known: Counter[str] = Counter()
    for word, count in counts.items():
        for trigram in _trigrams(word):
            known[trigram] += count
    bad = sum(count for piece, count in pieces.items() if _is_damaged(piece))
    for word, count in counts.items():
        if (
            count == 1
            and len(word) > 3
            and word.isalpha()
            and min(known[one] for one in _trigrams(word)) < _TRIGRAMS_FROM
        ):
            bad += 1
    return round(min(1.0, bad / pieces.total()), 5)


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
_STOP_AFTER_HYPHEN = re.compile(r"(?<=[a-zà-ÿ]{2}-) ?[.,]?(?=\n+[a-zà-ÿ])")
_HYPHEN_BETWEEN = re.compile(r"(?<![\w-])([^\W\d_]+)-([^\W\d_]+)(?![\w-])")
_AFTER_PRONOUN = re.compile(r"(?<![\w-])([^\W\d_]+-(?:lo|la|los|las|no|na|me|se|te|lhe|lhes|nos))-([^\W\d_]+)(?![\w-])")
_DASHES = re.compile(r"(?m)^(?:—-|-—|--|——|—–|_—|—_)\s?(?=\S)")
_QUOTE_IN_WORD = re.compile(r"(?<=[.,;!?])['’](?=[^\W\d_]{2})")
_ZERO = re.compile(r"(?<=[a-zà-ÿ,;] )0(?= [a-zà-ÿ]{2})(?! grau)")
_ACUTE = {"á": "a", "é": "e", "ó": "o"}
_WRONG_ACUTE = re.compile(
    r"\b(?:[^\W\d_áéíóúâêôãõ]*[bcdfghjklmnpqrstvxzç]?[áéó](?:[bcdfgjlmpqrstvxzç]|rr|ss|ch|lh|nh|nd|nt|st|tr|rt|rd|rn)[aeo]s?"
    r"|[^\W\d_áéíóúâêôãõ]{2,}[éó]s?|[bcdfghjklmnpqrstvxz]{0,2}[áéó]m|dé)\b"
)
"""Acute accents where no Portuguese word has them: on the last vowel but one of a word in -a, -e, -o; in "com", "em"."""
_HAS_ACUTE = frozenset("pára páras pólo pólos péla pélas péra fóra qué".split())
_LITTLE = frozenset(
    "a o as os e ou de do da dos das em no na nos nas um uma num numa que com por para ao à aos às não mais mas como seu sua "
    "meu minha ele ela já até nem foi era é tão muito lhe me ainda ali aqui então depois quando onde porque também sempre "
    "nunca qualquer tinha havia estava fez pela pelo".split()
)
_PRONOUNS = frozenset(
    "me te se lhe lhes nos vos o a os as lo la los las no na nas mo ma mos mas to ta lho lha lhos lhas".split()
)
_NEVER_BEFORE_PRONOUN = frozenset("de do da dos das em um uma com por para ao à e ou mas mais muito tão até".split())
_ARTICLES = frozenset("o a os as no na nos nas".split())
_FEWEST_TIMES = 3


def correct(text: str, words: Mapping[str, int] | None = None) -> tuple[str, int]:
    """A text with what was surely misread put right, and how many changes; lines stay lines.

    Safe are: a dash of dialogue read double; a sign at a line's end that stands for its hyphen; a hyphen between a little
    word and another one ("do-bairro"), which no compound has; an apostrophe between a full stop and the next word; a zero
    alone before a word; an acute accent where no word bears one, if the text has the word without it three times. Nothing
    else: a table of letters that are taken for each other gained nothing.
    """
    words = vocabulary_of_text(text) if words is None else words
    changes = 0

    def counted(replacement: str) -> str:
        nonlocal changes
        changes += 1
        return replacement

    def parted(match: re.Match[str]) -> str:
        first, second = match[1].lower(), match[2].lower()
        return counted(f"{match[1]} {match[2]}") if _is_false_compound(first, second, words) else match[0]

    def after_pronoun(match: re.Match[str]) -> str:
        return counted(f"{match[1]} {match[2]}") if match[2].lower() in _LITTLE - _PRONOUNS else match[0]

    def plain(match: re.Match[str]) -> str:
        word = match[0]
        bare = "".join(_ACUTE.get(letter, letter) for letter in word)
        frequent = words.get(bare, 0) >= _FEWEST_TIMES * max(1, words.get(word, 0))
        return counted(bare) if frequent and word not in _HAS_ACUTE else word

    text = _DASHES.sub(lambda match: counted("— " if match[0][-1].isspace() else "—"), text)
    text = _MARK_FOR_HYPHEN.sub(lambda _match: counted("-"), text)
    text = _STOP_AFTER_HYPHEN.sub(lambda match: counted("") if match[0] else "", text)
    text = _QUOTE_IN_WORD.sub(lambda _match: counted(" "), text)
    text = _ZERO.sub(lambda _match: counted("o"), text)
    text = _HYPHEN_BETWEEN.sub(parted, _AFTER_PRONOUN.sub(after_pronoun, text))
    return _WRONG_ACUTE.sub(plain, text), changes


def _is_false_compound(first: str, second: str, words: Mapping[str, int]) -> bool:
    """Whether a hyphen joins two words that only stand beside each other: "do-bairro", "de-mim", "depois-da"."""
    if words.get(f"{first}-{second}", 0) > 1 or words.get(first + second, 0):
        return False
    if second in _PRONOUNS:
        return first in _NEVER_BEFORE_PRONOUN and second in _ARTICLES
    return first in _LITTLE or second in _LITTLE
