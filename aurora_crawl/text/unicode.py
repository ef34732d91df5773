"""Text in one spelling: encoding damage mended where there is some, NFC, plain spaces, nothing invisible."""

from __future__ import annotations

import re
import unicodedata

_EMOJI = "\u2190-\u2bff\U0001f000-\U0001faff"
_NEVER_SEEN = (
    "\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ufeff\ufff9-\ufffc"
    # private use: icon fonts and symbols of Word, which show as an empty box elsewhere; the first three are marks of ours
    "\ue003-\uf8ff\U000f0000-\U0010ffff"
)
_SOFT_HYPHEN = "\u00ad"
_MAYBE_INVISIBLE = re.compile(f"[{_NEVER_SEEN}{_SOFT_HYPHEN}\u200d\ufe0f]")
_INVISIBLE_YET_PRINTABLE = "\u034f\u115f\u1160\u17b4\u17b5\ufe0f\ufffc"
"""What of the above Python's `isprintable` takes for visible."""
_INVISIBLE = re.compile(
    f"[{_NEVER_SEEN}]"
    # after Ã it is half of an í that was decoded wrongly, and not yet mended
    f"|(?<!Ã){_SOFT_HYPHEN}"
    # the joiner and the variation selector belong to emoji, and to nothing else in Portuguese
    f"|(?<![\ufe0f{_EMOJI}])\u200d|\u200d(?![{_EMOJI}])"
    f"|(?<![#*0-9\u00a9\u00ae\u203c\u2049\u2122\u2139\u3030\u303d\u3297\u3299{_EMOJI}])\ufe0f"
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029\x0b\x0c]")
_OTHER_SPACE = re.compile(r"[^\S\n ]")
_SPACES_INSIDE = re.compile(r"(?<=[^ \n])  +")
_SPACES_AT_END = re.compile(r"  *\n")
_BLANK_LINES = re.compile(r"\n\n+ *")

_HINTS = "ÂÃâÅÄðï&"
_C1_CONTROL = re.compile("[\u0080-\u0084\u0086-\u009f]")
_SUSPICIOUS = re.compile(
    # UTF-8 read as Latin-1 or Windows-1252: a lead byte's letter, and then what no Portuguese word has there
    "[ÂÃ](?:[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u201a\u201e"
    "\u2020-\u2022\u2030\u2039\u203a\u20ac\u2122]|[\u2013\u2014\u2018-\u201d\u2026])"
    "|[âÅÄ][\u0080-\u009f€™‚„…†‡ˆ‰Š‹ŒŽ]|ðŸ|ï¿½|ï»¿"
    # the no-break space and "à", whose second half was folded into a plain space since
    "|(?<![A-ZÀ-Ý])Â(?=[ \n]|$)|(?<!\\w)Ã(?= )"
    # C1 controls: Windows-1252 read as Latin-1
    "|[\u0080-\u0084\u0086-\u009f]"
    # entities that were escaped twice
    "|&(?:#\\d{2,6}|#x[0-9a-fA-F]{2,5}|amp|quot|nbsp|lt|gt|[a-zA-Z](?:acute|grave|circ|tilde|cedil|uml|dash|dquo|squo));"
)
_HONEST_END = re.compile("(?<=[A-ZÀ-Ý][ÂÃ])(?=[\u2013\u2014\u2018-\u201d\u2026](?![A-ZÀ-Ý]))")
"""After "MANHÃ”" or "AMANHÃ…": capitals that end a word, and the mark after it, which ftfy would take for one letter."""
_SEAM = "\ue000"
_HALF_A_SPACE = re.compile("(?<![A-ZÀ-Ý])Â(?= |$)")
_HALF_AN_A = re.compile(r"(?<!\w)Ã(?: (?=s\b)|(?= ))")
_AMPERSANDS = re.compile(r"&(?:(?:amp|AMP|#0{0,9}38|#[xX]0{0,9}26);)+")
_MOST_ESCAPED = 8
"""So many times an entity may be escaped, its ampersands apart, of which any number counts as one."""


def without_invisible(text: str) -> str:
    """The text without soft hyphens, zero-width characters and direction marks; emoji stay whole."""
    if text.isascii() or (text.isprintable() and not has_printable_invisible(text)):
        return text
    return _INVISIBLE.sub("", text) if _MAYBE_INVISIBLE.search(text) else text


def letters_of(text: str) -> str:
    """The letters and digits of a text in lower case, by which two spellings are compared."""
    return "".join(filter(str.isalnum, text.lower()))


def has_printable_invisible(text: str) -> bool:
    """Whether a text has an invisible letter that Python's `isprintable` takes for visible."""
    # A search for one character is so quick that seven of them take a tenth of a pattern's time.
    return any([mark in text for mark in _INVISIBLE_YET_PRINTABLE])  # noqa: C419


def without_surrogates(text: str) -> str:
    """The text with pairs of surrogates as the letters they stand for, and lone ones as U+FFFD: these cannot be stored."""
    if text.isascii() or _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def is_suspicious(text: str) -> bool:
    """Whether a text bears signs of a wrong decoding, so that ftfy is worth its time.

    ftfy takes some 5 ms a page; this takes a hundredth of it (`benchmarks/text.py`).
    """
    return _is_suspicious(text, is_plain=False)


def _is_suspicious(text: str, *, is_plain: bool) -> bool:
    """`is_plain` says that the text has no control characters but line feeds."""
    if not is_plain and _C1_CONTROL.search(text):
        return True
    if "Ã" in text or "Â" in text:
        text = _HONEST_END.sub(_SEAM, text)
    for hint in _HINTS:
        start = text.find(hint)
        while start >= 0:
            if _SUSPICIOUS.match(text, start):
                return True
            start = text.find(hint, start + 1)
    return False


def normalise(text: str) -> str:
    """The text mended and in one spelling; paragraphs are separated by exactly one blank line.

    Mends encoding damage (ftfy, only where `is_suspicious`), composes letters (NFC), turns every kind of space into a
    plain one and folds runs of them, drops control and invisible characters. Lines inside a paragraph stay lines, with
    their indents from the second on. Quotation marks, dashes, emoji, ligatures and repeated punctuation stay as they are.
    """
    # Control characters, other spaces and other line ends are not printable: one quick look instead of four searches.
    is_plain = text.replace("\n", "").isprintable()
    if _is_suspicious(text, is_plain=is_plain):
        text = "\n".join(_mended(line) if is_suspicious(line) else line for line in text.split("\n"))
        is_plain = text.replace("\n", "").isprintable()
    if not is_plain:
        text = _LINE_ENDS.sub("\n", text)
    if not text.isascii():
        if not is_plain or has_printable_invisible(text):
            text = without_invisible(text).replace(_SOFT_HYPHEN, "")
        text = unicodedata.normalize("NFC", text)
    if not is_plain:
        text = _OTHER_SPACE.sub(" ", _CONTROL.sub("", text))
    if "  " in text:
        text = _SPACES_INSIDE.sub(" ", text)
    if " \n" in text:
        text = _SPACES_AT_END.sub("\n", text)
    if "\n\n\n" in text or "\n\n " in text:
        text = _BLANK_LINES.sub("\n\n", text)
    return text.strip()


def _mended(line: str) -> str:
    """What ftfy makes of a line, with everything switched off that changes sound text."""
    from ftfy import TextFixerConfig, fix_text

    line = _unescaped(line)
    config = TextFixerConfig(
        unescape_html=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        remove_control_chars=False,
        normalization=None,
        explain=False,
    )
    line = _HALF_AN_A.sub("à", _HALF_A_SPACE.sub("", line))
    return fix_text(_HONEST_END.sub(_SEAM, line), config).replace(_SEAM, "")


def _unescaped(line: str) -> str:
    """The line without entities, however often they were escaped.

    ftfy takes off one layer of the whole line a round, so that a line of `&amp;amp;…` costs it the square of its length.
    """
    from ftfy.fixes import unescape_html

    for _ in range(_MOST_ESCAPED):
        before, line = line, unescape_html(_AMPERSANDS.sub("&", line))
        if line == before:
            break
    return line
