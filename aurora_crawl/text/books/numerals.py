"""Numbers as books print them: Arabic, Roman, and in words."""

from __future__ import annotations

import re

ROMAN = r"M{0,3}(?:CM|CD|D?C{0,4})(?:XC|XL|L?X{0,4})(?:IX|IV|V?I{0,4})"
_ROMAN = re.compile(rf"(?=[MDCLXVI]){ROMAN}", re.IGNORECASE)
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}

ORDINALS = (
    "primeir segund terceir quart quint sext sétim oitav non décim "
    "un dois três quatro cinco seis sete oito nove dez onze doze treze quatorze quinze dezesseis dezessete dezoito dezenove vinte"
).split()


def number(text: str) -> int | None:
    """The value of an Arabic number of up to four digits or of a Roman one; None for anything else, "²" included."""
    if text.isascii() and text.isdigit():
        return int(text) if len(text) <= 4 else None
    if not text or not _ROMAN.fullmatch(text):
        return None
    total = 0
    values = [_VALUES[letter] for letter in text.upper()]
    for value, following in zip(values, [*values[1:], 0], strict=True):
        total += -value if value < following else value
    return total
