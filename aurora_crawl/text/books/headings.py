"""Headings of chapters: which lines are some, and their one normal form."""

from __future__ import annotations

import re

from aurora_crawl.text.books.document import Block
from aurora_crawl.text.books.numerals import ROMAN, number

_WORD = r"(?:cap[íi]tulo|cap\.)"
_PART = r"(?:parte|livro|tomo|volume|canto|ato|cena|se[cç][ãa]o|quadro|jornada)"
_ORDINAL = (
    r"(?:primeir|segund|terceir|quart|quint|sext|s[ée]tim|oitav|non|d[ée]cim)[oa](?:\s+(?:primeir|segund|terceir|quart|quint)[oa])?"
    r"|um|dois|duas|tr[êe]s|quatro|cinco|seis|sete|oito|nove|dez|onze|doze|treze|quatorze|catorze|quinze|dezesseis|dezessete"
    r"|dezoito|dezenove|vinte|[úu]ltim[oa]"
)
_NUMERAL = rf"(?:\d{{1,3}}|(?=[MDCLXVI]){ROMAN})"
_CHAPTER = re.compile(
    rf"(?P<word>{_WORD})\s+(?P<number>{_NUMERAL}|{_ORDINAL})(?:\s*[.:–—-]\s*|\s+|$)(?P<title>.*)",
    re.IGNORECASE | re.DOTALL,
)
_DIVISION = re.compile(
    rf"(?:{_PART}\s+(?:{_NUMERAL}|{_ORDINAL})|(?:{_ORDINAL})\s+{_PART})\b(?:\s*[.:–—-]\s*|\s+|$).*",
    re.IGNORECASE | re.DOTALL,
)
_NUMBERED = re.compile(
    rf"(?P<number>\d{{1,3}}|(?![MDCL]\.)(?=[MDCLXVI]){ROMAN})(?:\s*[.:–—-]\s+|\s*[.]?$|\s+)(?P<title>.*)", re.DOTALL
)
_NUMBER_ALONE = re.compile(rf"(?P<number>\d{{1,3}}|(?=[MDCLXVI]){ROMAN})\s*[.:–—-]?")
_SPACED = re.compile(rf"(CAP[ÍI]TULO)(\d{{1,3}}|(?=[MDCLXVI]){ROMAN})")
_SPACES = re.compile(r"\s+")
NAMED = re.compile(
    r"(?:ao?s? leitor(?:es|a|as)?|pr[óo]logo|ep[íi]logo|pre[âa]mbulo|dedicat[óo]ria|advert[êe]ncia|introdu[cç][ãa]o|conclus[ãa]o"
    r"|pref[áa]cio|posf[áa]cio|apresenta[cç][ãa]o|nota|notas|ap[êe]ndice|anexo|bibliografia|refer[êe]ncias|[íi]ndice|sum[áa]rio"
    r"|conte[úu]do|gloss[áa]rio|agradecimentos?|ep[íi]grafe|cr[ée]ditos|fim)\b",
    re.IGNORECASE,
)


def respaced(line: str) -> str:
    """A chapter's line whose letters are set apart, as "C A PÍ T U LO I", without those spaces; any other as it is."""
    match = _SPACED.fullmatch(line.replace(" ", "").replace("\t", "")) if line.count(" ") > 2 else None
    return f"{match[1]} {match[2]}" if match and not line.lstrip().startswith(match[1]) else line


def is_chapter_line(line: str) -> bool:
    """Whether a line is a chapter's beginning by its words: "CAPÍTULO I", "XII", "Parte II", "I A LIÇÃO DE VIOLÃO"."""
    text = line.strip()
    if not text or len(text) > 120:
        return False
    if (match := _CHAPTER.fullmatch(text)) or _DIVISION.fullmatch(text):
        title = match["title"] if match else ""
        return not title[:1].islower() and not text.endswith((",", ";"))
    if _NUMBER_ALONE.fullmatch(text):
        return not text[:1].isdigit() and text.rstrip(" .:–—-").isupper()
    numbered = _NUMBERED.fullmatch(text)
    if numbered and not numbered["number"].isdigit() and number(numbered["number"]) is not None:
        title = numbered["title"]
        return title.isupper() and sum(map(str.isalpha, title)) > 2
    return False


def parted(text: str) -> tuple[str, str] | None:
    r"""A chapter heading's number as printed and its title; None for a heading without a number.

    >>> parted("CAPÍTULO II\nDo livro")
    ('II', 'Do livro')
    """
    line = _SPACES.sub(" ", text).strip()
    match = _CHAPTER.fullmatch(line)
    if not match:
        match = _NUMBERED.fullmatch(line)
        if match and number(match["number"]) is None:
            return None
        if match and match["title"][:1].islower():
            return None
    if not match:
        return None
    found = match["number"]
    title = match["title"].strip(" :–—-")
    return (found.upper() if number(found) is not None else found), "" if title == "." else title


def is_number_alone(text: str) -> bool:
    """Whether a heading is only a chapter's number, so that the next one is its title."""
    found = parted(text)
    return found is not None and not found[1]


def is_division(text: str) -> bool:
    """Whether a heading begins a part, book or act, which holds chapters."""
    return bool(_DIVISION.fullmatch(_SPACES.sub(" ", text).strip()))


def normal_form(text: str) -> str:
    """A heading in the one form that all chapters have: "II. Do livro", "II", or the heading as it is.

    The word "Capítulo" goes, since books of one work differ in it; the case of letters stays, since names would lose it.
    """
    line = _SPACES.sub(" ", text).strip()
    found = parted(line)
    if not found:
        return line
    numeral, title = found
    return f"{numeral}. {title}" if title else numeral


def with_joined_headings(blocks: list[Block]) -> list[Block]:
    """Blocks in which a number and the title below it are one heading, each in the normal form, its numeral as label."""
    found: list[Block] = []
    for block in blocks:
        last = found[-1] if found else None
        if block.kind != "heading":
            found.append(block)
        elif last and last.kind == "heading" and is_number_alone(last.text) and parted(block.text) is None:
            if not is_division(block.text):
                last.text = f"{last.text}\n{block.text}"
                last.level = min(last.level, block.level)
                continue
            found.append(block)
        else:
            found.append(block)
    for block in found:
        if block.kind == "heading":
            numeral = parted(block.text)
            block.label = numeral[0] if numeral else ""
            block.text = normal_form(block.text)
    return found
