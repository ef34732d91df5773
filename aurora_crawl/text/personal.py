"""Personal data in a text: e-mail addresses, CPF numbers and telephone numbers, masked where a setting asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable

EMAIL = "[e-mail]"
CPF = "[CPF]"
TELEPHONE = "[telefone]"

_EMAIL = re.compile(r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}(?<![.-])")
_CPF = re.compile(r"(?<![\d./-])(\d{3})\.(\d{3})\.(\d{3})-(\d{2})(?![\d-])|(?i:\bCPF\b[^\d\n]{0,12})(\d{11})(?!\d)")
_TELEPHONE = re.compile(
    r"(?<![\d.,/-])(?:\+?55[ .-]?)?(?:\(0?[1-9]\d\)|\b0?[1-9]\d)[ .-]?(?:9[ .-]?\d{4}|[2-5]\d{3})[ .-]?\d{4}(?![\d.,/-]*\d)"
    r"|(?<![\d.,/-])0800[ .-]?\d{3}[ .-]?\d{4}(?!\d)"
    r"|(?i:\b(?:tel(?:efone)?|fone|celular|whats?app|zap)\b\.?:?\s{0,2})(?:9[ .-]?)?[2-9]\d{3}[ .-]\d{4}(?!\d)"
)

MASKS = {EMAIL: _EMAIL.pattern, CPF: r"(?:\d{3}\.\d{3}\.\d{3}-\d{2}|\d{11})", TELEPHONE: _TELEPHONE.pattern}
"""Each word that stands for personal data, and the pattern of what it stands for."""

_MASK = re.compile("|".join(map(re.escape, MASKS)))


def without_personal_data(text: str) -> tuple[str, int]:
    """The text with personal data replaced by what it was ("[e-mail]", "[CPF]", "[telefone]"), and how many there were.

    A CPF counts only with right check digits, a telephone number only in a Brazilian form with area code, or after a
    word that announces it; dates, sums, law and case numbers stay.
    """
    masked = 0

    def mask(name: str) -> Callable[[re.Match[str]], str]:
        def replace(_match: re.Match[str]) -> str:
            nonlocal masked
            masked += 1
            return name

        return replace

    def cpf(match: re.Match[str]) -> str:
        digits = match[5] or f"{match[1]}{match[2]}{match[3]}{match[4]}"
        if not is_cpf(digits):
            return match[0]
        return match[0].replace(match[5], mask(CPF)(match)) if match[5] else mask(CPF)(match)

    if "@" in text:
        text = _EMAIL.sub(mask(EMAIL), text)
    text = _CPF.sub(cpf, text)
    return _TELEPHONE.sub(mask(TELEPHONE), text), masked


def masked(text: str) -> str:
    """The text with personal data replaced by what it was."""
    return without_personal_data(text)[0]


def masks_in(text: str) -> int:
    """How many of the words that stand for personal data are in a text."""
    return len(_MASK.findall(text)) if "[" in text else 0


def is_cpf(digits: str) -> bool:
    """Whether eleven digits are a CPF: the last two are check digits modulo 11 (Receita Federal)."""
    if len(digits) != 11 or not digits.isdigit() or len(set(digits)) == 1:
        return False
    for length in (9, 10):
        weighted = sum(int(digit) * weight for digit, weight in zip(digits, range(length + 1, 1, -1), strict=False))
        if int(digits[length]) != weighted * 10 % 11 % 10:
            return False
    return True
