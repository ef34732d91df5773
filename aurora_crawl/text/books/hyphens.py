"""Words that a line end has broken: joined, or kept with their hyphen, by the book's own vocabulary and by grammar."""

from __future__ import annotations

import re
from collections.abc import Mapping

_CLITICS = frozenset(
    "me te se lhe lhes nos vos o a os as lo la los las no na nas mo ma mos mas to ta lho lha lhos lhas".split()
)
_FUTURE = frozenset("ei ás á emos eis ão ia ias íamos íeis iam".split())
"""What follows a pronoun that stands inside a verb: "dir-me-ia"."""

_ACCENTED_INFINITIVE = re.compile(r"(?:[aeiou]í|[áâêéíôó])$")
_VERB_END = re.compile(r"(?:[aeiou]|[aeiou]r|[aeo]m|ão|õe|[aeiou]s|z|ou|eu|iu|[áâêéíôó])$")
_ALWAYS_HYPHENED = frozenset("recém além aquém vice".split())
_LAST_WORD = re.compile(r"(?:[^\W_]+[-\u2010\u2011’'])*[^\W_]+$")
_FIRST_WORD = re.compile(r"[^\W_]+(?:[-\u2010\u2011’'][^\W_]+)*")
_IN_LINE = re.compile(r"(?<![\w-])((?:[^\W\d_]+-)*[^\W\d_]+)- ((?:[^\W\d_]+)(?:-[^\W\d_]+)*)")
_SUSPENDED = frozenset("e ou nem como a à até".split())
"""What follows a hyphen that waits for its other half: "pré- e pós-guerra"."""


def join(before: str, after: str, words: Mapping[str, int]) -> str:
    """Two lines as one, the first of which ended in a hyphen that its text does not hold any more."""
    last, first = _LAST_WORD.search(before), _FIRST_WORD.match(after)
    if after.startswith(("-", "\u2010", "\u2011")):
        # Portuguese repeats a hyphen that belongs to the word on the next line.
        return f"{before}-{after[1:]}"
    if not last:
        return f"{before}- {after}"
    if not first:
        return f"{before}-{after}" if after[:1].isalnum() else f"{before}- {after}"
    hyphen = "-" if keeps_hyphen(last[0], first[0], words) else ""
    return f"{before}{hyphen}{after}"


def keeps_hyphen(first: str, second: str, words: Mapping[str, int]) -> bool:
    """Whether the hyphen between two halves belongs to the word: "lembrou-me", and not "come-çar".

    The book's own spelling decides where it has the word elsewhere; else a hyphen stands only before a pronoun after a
    verb, between a verb and what follows its pronoun, between numbers, and before a capital. Two halves that are words
    themselves say nothing: "distinta-mente".
    """
    if first[-1:].isdigit() or second[:1].isdigit():
        return True
    if second[:1].isupper() and not first.isupper():
        return True
    first, second = first.lower(), second.lower()
    joined, hyphened = words.get(first + second, 0), words.get(f"{first}-{second}", 0)
    if joined or hyphened:
        return hyphened > joined
    begin, _, end = first.rpartition("-")
    pronoun, _, rest = second.partition("-")
    if end in _CLITICS and begin and (pronoun in _FUTURE or pronoun in _CLITICS):
        return True
    if first in _ALWAYS_HYPHENED:
        return len(second) > 3
    if pronoun not in _CLITICS or (rest and rest not in _FUTURE and rest not in _CLITICS):
        return False
    if words.get(end + pronoun, 0):
        return False
    return _is_verb_before(end, pronoun, words)


def _is_verb_before(verb: str, pronoun: str, words: Mapping[str, int]) -> bool:
    if pronoun in {"lo", "la", "los", "las"}:
        # The infinitive lost its r, and bears an accent unless it ends in i: "amá-lo", "fazê-la", "pedi-lo".
        if _ACCENTED_INFINITIVE.search(verb):
            return True
        return any(words.get(verb + ending, 0) for ending in ("r", "s", "z")) and len(verb) > 2
    if not _VERB_END.search(verb) or len(verb) < 2:
        return False
    return words.get(verb, 0) > 0 or any(
        words.get(f"{verb}-{other}", 0) for other in ("me", "se", "lhe", "o", "a", "te")
    )


def mend_line(text: str, words: Mapping[str, int]) -> str:
    """A text whose source kept the hyphens of another edition's line ends inside its lines: "subsecretá- rio"."""
    if "- " not in text:
        return text
    return _IN_LINE.sub(lambda match: _mended(match, words), text)


def _mended(match: re.Match[str], words: Mapping[str, int]) -> str:
    first, second = match[1], match[2]
    if second.lower() in _SUSPENDED and not words.get((first + second).lower(), 0):
        if keeps_hyphen(first, second, words):
            return f"{first}-{second}"
        return match[0]
    return f"{first}-{second}" if keeps_hyphen(first, second, words) else first + second
