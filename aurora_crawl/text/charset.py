"""Which encoding bytes are really in, and how those that are in two can be read."""

from __future__ import annotations

import codecs
from codecs import register_error

_WESTERN = "cp1252"
_STRAY = "aurora_stray_western"
_OTHER_LATIN = frozenset(
    "cp1250 cp1254 cp1257 iso8859-2 iso8859-3 iso8859-4 iso8859-9 iso8859-10 iso8859-13 iso8859-14 iso8859-16".split()
)
"""Latin sets without ã or õ, or with them where the western one has them: what a Portuguese page that names none is taken for."""


def true_encoding(body: bytes, declared: str) -> str:
    """The encoding that a body is in, as far as its bytes tell, else the declared one.

    Text that decodes as UTF-8 by chance does not exist in practice: where more letters do than do not, it is UTF-8,
    whatever single-byte encoding is declared. A body that says UTF-8 and mostly fails is Windows-1252, and so is one in
    another of the Latin sets, which stand on Portuguese pages by mistake only.
    """
    name = _canonical_name(declared)
    if body.isascii() or not (name == "utf-8" or _is_single_byte(name)):
        return declared
    good, broken = _utf8_letters(body)
    if name == "utf-8":
        return _WESTERN if broken > good else declared
    if good > broken:
        return "utf-8"
    return _WESTERN if name in _OTHER_LATIN else declared


def readable(body: bytes, declared: str) -> tuple[bytes, str]:
    """The body and the encoding in which it can be read whole.

    The bytes come back as they are, except where a UTF-8 page has single bytes of Windows-1252 in it, such as a quotation
    that was pasted: these are brought to UTF-8, so that no letter is lost.
    """
    encoding = true_encoding(body, declared)
    if _canonical_name(encoding) != "utf-8":
        return body, encoding
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("utf-8", _STRAY).encode("utf-8"), "utf-8"
    return body, encoding


def _canonical_name(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return ""


def _is_single_byte(name: str) -> bool:
    return name.startswith(("iso8859", "cp125", "latin", "mac", "koi8")) or name in ("ascii", "cp437", "cp850")


def _utf8_letters(body: bytes) -> tuple[int, int]:
    """How many letters outside ASCII are sound UTF-8, and how many bytes are not."""
    text = body.decode("utf-8", "replace")
    # What the page itself writes as U+FFFD counts as broken: it was, before.
    broken = text.count("\ufffd")
    return len(text) - len(text.encode("ascii", "ignore")) - broken, broken


def _stray_byte(error: UnicodeError) -> tuple[str, int]:
    """A byte that is no UTF-8, as Windows-1252; a longer piece is a cut letter, and lost."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    stray = error.object[error.start : error.end]
    if len(stray) > 1:
        return "\ufffd", error.end
    return stray.decode(_WESTERN, "ignore") or "\ufffd", error.end


register_error(_STRAY, _stray_byte)
