"""What people read, in their language: messages stand in English in the code, and are looked up where they are shown.

`_` and `ngettext` are for what is shown at once; `Message` is for words that travel first, in an error or a line of a log.
Logs, ledgers and files keep English. The catalogues lie in `locale/`; `make messages` brings them up to date.
"""

from __future__ import annotations

import io
import locale
import logging
import os
import re
import shutil
import string
import sys
import textwrap
from collections.abc import Iterable
from copy import copy
from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path
from typing import Any, Self, TextIO

DOMAIN = "aurora"
CATALOGUES = Path(__file__).resolve().parent / "locale"
PORTUGUESE, ENGLISH = "pt_BR", "en"
LANGUAGES = (PORTUGUESE, ENGLISH)
VARIABLE = "AURORA_LANG"

_chosen: list[str] = []


def speak(language: str | None) -> None:
    """Speak a language from now on: one of LANGUAGES, or what `asked_for` finds where it is empty. Raises ValueError."""
    if language and language not in LANGUAGES:
        raise ValueError(f"{language} is none of {', '.join(LANGUAGES)}")
    _chosen[:] = [language or asked_for()]


def asked_for() -> str:
    """The language of the environment: AURORA_LANG, else the locale's; English where that is neither of the two."""
    if (named := os.environ.get(VARIABLE)) in LANGUAGES:
        return str(named)
    spoken = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), None)
    return PORTUGUESE if (spoken or locale.getlocale()[0] or "").lower().startswith(("pt", "portuguese")) else ENGLISH


def print_any_letter() -> None:
    """From now on letters that standard output lacks are printed as a sign, instead of ending the program.

    A pipe of Windows, or an old locale, has 256 letters at most.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def spoken() -> str:
    """The language that is spoken now."""
    if not _chosen:
        speak(None)
    return _chosen[0]


@cache
def _catalogue(language: str) -> NullTranslations:
    # The messages themselves are the English ones.
    return NullTranslations() if language == ENGLISH else translation(DOMAIN, CATALOGUES, [language], fallback=True)


_SWAPPED = str.maketrans(",.", ".,")


def number(value: float, spec: str = ",") -> str:
    """A number as the language that is spoken writes it: 1,234.5 in English, 1.234,5 in Portuguese. `spec` is Python's."""
    text = format(value, spec)
    return text.translate(_SWAPPED) if spoken() == PORTUGUESE else text


class _Numbers(string.Formatter):
    """Fills values in as `str.format` does, numbers with a form of their own as the language writes them."""

    def format_field(self, value: Any, format_spec: str) -> str:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and ("," in format_spec or (isinstance(value, float) and format_spec)):
            return number(value, format_spec)
        return format(value, format_spec)


_NUMBERS = _Numbers()
_PLACE = re.compile(r"%(?:\((\w+)\))?([-#0 +]*\d*(?:\.\d+)?)([a-zA-Z%])")


class _Words(str):
    """Words of another language than English, into which numbers come as that language writes them."""

    __slots__ = ()

    def __str__(self) -> str:
        """Itself, for logging, which makes text of what it is given before it fills values in."""
        return self

    def format(self, /, *args: Any, **values: Any) -> str:
        """See `str.format`."""
        return _NUMBERS.vformat(self, args, values)

    def __mod__(self, values: Any) -> str:
        """See str: for lines of a log."""
        in_turn = iter(values if isinstance(values, tuple) else (values,))

        def filled(place: re.Match[str]) -> str:
            name, flags, kind = place.groups()
            if kind == "%":
                return "%"
            value = values[name] if name else next(in_turn)
            text: str = f"%{flags}{kind}" % value
            return text.translate(_SWAPPED) if kind in "feg" else text

        return _PLACE.sub(filled, self)


def _(text: str) -> str:
    """A message in the language that is spoken."""
    return _spoken_words(_catalogue(spoken()).gettext(text)) if text else ""


def _spoken_words(text: str) -> str:
    return text if spoken() == ENGLISH else _Words(text)


def ngettext(one: str, many: str, count: int) -> str:
    """The form of a message that fits a number."""
    return _spoken_words(_catalogue(spoken()).ngettext(one, many, count))


def N_(text: str) -> str:  # noqa: N802 - the name that gettext's tools know
    """Marks a message that is looked up later, under another name."""
    return text


_STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""What steers a terminal or the order of letters: control characters (C0, C1), ends of lines, marks of direction."""


def harmless(text: str) -> str:
    """A stranger's words as a line for people or a log may hold them: what steers a terminal is U+FFFD, and a line stays one."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", text)


def harmless_json(text: str) -> str:
    """JSON for a terminal: it says the same, and what steers is escaped; the ends of its own lines stay."""
    return _STEERING.sub(lambda found: found[0] if found[0] == "\n" else f"\\u{ord(found[0]):04x}", text)


def _harmless_value(value: object) -> object:
    """A value to be filled in; only what is or becomes text can do harm."""
    if isinstance(value, int | float) or value is None:
        return value
    text = str(value)
    return harmless(text) if _STEERING.search(text) else value


def fitted(text: str, out: TextIO, indent: str = "") -> str:
    """The text as a terminal shows it: its lines end between words, and go on behind `indent`. For anything else, as it is.

    A word that is longer than a line, such as an address, stays whole: it is for copying.
    """
    if not out.isatty():
        return text
    columns = max(shutil.get_terminal_size().columns - 1, len(indent) + 10)
    wrap = textwrap.TextWrapper(
        columns, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
    )
    return "\n".join(wrap.fill(line) if len(line) > columns else line for line in text.split("\n"))


class HarmlessRecord(logging.LogRecord):
    """A line of a log, of ours or of a library, whose values came from anywhere. Its own words may have several lines."""

    def getMessage(self) -> str:  # noqa: N802 - logging's name
        """The line with harmless values in it."""
        if isinstance(self.args, tuple):
            safe = copy(self)
            safe.args = tuple(_harmless_value(value) for value in self.args)
            text = logging.LogRecord.getMessage(safe)
        elif isinstance(self.args, dict):
            safe = copy(self)
            safe.args = {name: _harmless_value(value) for name, value in self.args.items()}
            text = logging.LogRecord.getMessage(safe)
        else:
            text = logging.LogRecord.getMessage(self)
        return "\n".join(harmless(line) for line in text.split("\n"))


def log_harmlessly() -> None:
    """Let no log of this process hold what steers a terminal, whoever writes it."""
    logging.setLogRecordFactory(HarmlessRecord)


class Message(str):
    """Words with values in them (`str.format`) for a person who reads them later. As text they are English, for logs, ledgers and
    programs; `told()` is in the person's language.
    """

    __slots__ = ("text", "values")
    text: str
    values: dict[str, object]

    def __new__(cls, text: str, /, **values: object) -> Self:
        """The words in English. Without values nothing is meant to be filled in, and braces are braces."""
        safe = {name: _harmless_value(value) for name, value in values.items()}
        self = super().__new__(cls, text.format(**safe) if safe else text)
        self.text, self.values = text, values
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return _made_again, (self.text, self.values)

    def __repr__(self) -> str:
        return f"Message({str(self)!r})"

    def told(self) -> str:
        """The words as a person reads them."""
        words = _(self.text)
        safe = {name: _harmless_value(told(value)) for name, value in self.values.items()}
        return words.format(**safe) if safe else words


def _made_again(text: str, values: dict[str, object]) -> Message:
    return Message(text, **values)


class Several(Message):
    """Some words after one another, separated by semicolons."""

    __slots__ = ("parts",)
    parts: tuple[str, ...]

    def __new__(cls, parts: Iterable[str]) -> Self:
        """The words in English."""
        every = tuple(parts)
        self = super().__new__(cls, "; ".join(harmless(part) for part in every))
        self.parts = every
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return Several, (self.parts,)

    def told(self) -> str:
        """The words as a person reads them."""
        return "; ".join(harmless(str(told(part))) for part in self.parts)


def told(value: object) -> object:
    """A value as a person reads it: messages, and errors that hold one, are translated; everything else stays."""
    message = value.args[0] if isinstance(value, BaseException) and value.args else value
    message = getattr(value, "message", message)
    return message.told() if isinstance(message, Message) else value


def listed(values: Iterable[object]) -> str:
    """Values, separated by commas."""
    return ", ".join(str(told(value)) for value in values)
