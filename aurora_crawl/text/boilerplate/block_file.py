"""A site's repeated blocks: templates with slots, and the text file in which a person reads and strikes them.

The file, `DATA_DIR/boilerplate/SITE.txt`, is plain UTF-8. A line is a block, its fields parted by " | ":

    whole | 480/500 | Apoie o jornal com {number} reais por mês.
    head  |  60/500 | Da sucursal de {name} –
    - tail | 31/500 | Leia a íntegra em {any}

They are: which part of a paragraph the block is (`whole`, `head`, `tail`); on how many of how many pages it stood; its
text. A line that begins with "-" is struck out: it cuts nothing, and learning leaves it so. "#" begins a comment.
In the text `{number}`, `{date}`, `{month}`, `{name}` and `{any}` stand for what varies, `{break}` for a line break inside the
paragraph, `{{` for a brace. `[e-mail]`, `[CPF]` and `[telefone]`, which learning finds in texts without personal data, stand for
such data too: blocks are cut before it is masked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, cast, get_args

from aurora_crawl.errors import AuroraError
from aurora_crawl.messages import N_
from aurora_crawl.text.personal import MASKS

Part = Literal["whole", "head", "tail"]

LEAST_LETTERS = 8
"""Letters that a block's fixed text must have: with fewer, a slot would decide what is cut."""

MONTH = "janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro"
DATE = (
    rf"(?:\d{{1,2}}º? de (?:{MONTH})(?: de \d{{4}})?|\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}|\d{{4}}-\d{{2}}-\d{{2}}"
    rf"|(?:{MONTH}) \d{{1,2}}, \d{{4}})"
)
NUMBER = r"\d(?:[\d.,:/hº%]*[\dhº%])?"
NAME_WORD = r"[A-ZÀ-ÖØ-Þ](?:\w?\.(?:[A-ZÀ-ÖØ-Þ]\.)*|[\w'’-]{0,40}(?:\.\w[\w'’-]{0,40}){0,9})"
"""A word of a name: with a stop only inside, or where it is abbreviated, so that no sentence's end is taken for one."""

NAME = rf"{NAME_WORD}(?:[ /](?:(?:d[aeo]s?|e|y) )?{NAME_WORD}){{0,6}}"
ANY_LONGEST = 200

SLOTS = {
    "number": NUMBER,
    "date": rf"(?i:{DATE})",
    "month": rf"(?i:{MONTH})",
    "name": NAME,
    "any": rf"(?:(?![.!?…][\s”\"])[^\n]){{1,{ANY_LONGEST}}}?",
    "break": r"\s*\n\s*",
}
"""What each slot matches. `{any}` is bounded, and ends where its line or its sentence does."""

_MASK = re.compile(f"({'|'.join(map(re.escape, MASKS))})")
_SLOT = re.compile(r"\{\{|\}\}|\{(\w*)\}")
_LINE = re.compile(r"(?P<struck>-\s*)?(?P<part>\w+)\s*\|\s*(?P<pages>\d+)\s*/\s*(?P<of>\d+)\s*\|\s?(?P<template>.*)")


class BlockFileError(AuroraError):
    """A line of a site's file cannot be read; the message names file, line and what is expected."""


@dataclass(frozen=True)
class Block:
    """One repeated block of a site: a template, the part of a paragraph it is, and on how many pages it stood."""

    part: Part
    template: str
    pages: int = 0
    of: int = 0
    struck: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What makes two blocks the same, whatever their counts."""
        return self.part, self.template

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What the block matches: a whole paragraph, or its beginning or end with the white space beside it."""
        body = _pattern_of(self.template)
        if self.part == "head":
            return re.compile(rf"{body}(?:\s+|(?<=\W)|$)")
        if self.part == "tail":
            return re.compile(rf"(?:^|(?<=\s)|(?<=[^\w\s])){body}$")
        return re.compile(body)

    @cached_property
    def fixed(self) -> str:
        """The longest piece of fixed text on one line: where it is absent the block cannot match."""
        pieces = (piece.strip() for fixed in _fixed_pieces(self.template) for piece in _MASK.split(fixed)[::2])
        return max(pieces, key=len, default="")

    @property
    def line(self) -> str:
        """The block as a line of the file."""
        return f"{'- ' if self.struck else ''}{self.part:5} | {self.pages}/{self.of} | {self.template}"


def escaped(text: str) -> str:
    """Fixed text as a template writes it."""
    return text.replace("{", "{{").replace("}", "}}").replace("\n", "{break}")


def in_order(blocks: Iterable[Block]) -> list[Block]:
    """The blocks in the order in which they are tried: whole paragraphs, beginnings, ends; of each the longest first."""
    return sorted(blocks, key=lambda block: (get_args(Part).index(block.part), -len(block.template), block.template))


def read_blocks(text: str, name: str) -> list[Block]:
    """The blocks of a file's text, struck ones too; `name` names the file in an error.

    Raises BlockFileError for a line that is none, an unknown part or slot, or a block without enough fixed text.
    """
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if not match or match["part"] not in get_args(Part):
            raise BlockFileError(
                N_(
                    "{name}, line {number}: expected 'whole|head|tail | PAGES/OF | TEXT' ('-' before it strikes it out), found {first}"
                ),
                name=name,
                number=number,
                first=repr(line.strip()[:60]),
            )
        block = Block(
            cast("Part", match["part"]), match["template"], int(match["pages"]), int(match["of"]), bool(match["struck"])
        )
        unknown = [slot for slot in _SLOT.findall(block.template) if slot and slot not in SLOTS]
        if unknown:
            known = ", ".join(f"{{{slot}}}" for slot in SLOTS)
            raise BlockFileError(
                N_("{name}, line {number}: unknown slot {{{first}}}; there are {known}"),
                name=name,
                number=number,
                first=unknown[0],
                known=known,
            )
        if letters_of(block.template) < LEAST_LETTERS:
            raise BlockFileError(
                N_("{name}, line {number}: a block needs at least {least_letters} letters of fixed text"),
                name=name,
                number=number,
                least_letters=LEAST_LETTERS,
            )
        found.append(block)
    return found


def with_blocks_added(
    text: str, known: Iterable[Block], new: Iterable[Block], examples: dict[tuple[str, str], str] | None = None
) -> str:
    """A file's text with the counts of its known blocks renewed, and new ones at its end, each with its example above it.

    Every other line, comments too, stays as a person left it.
    """
    by_key = {block.key: block for block in known}
    lines = []
    for line in text.splitlines():
        match = _LINE.fullmatch(line.strip())
        block = by_key.get((match["part"], match["template"])) if match else None
        lines.append(block.line if block else line)
    for block in new:
        example = (examples or {}).get(block.key, "")
        lines.extend(["", f"# ex.: {' ⏎ '.join(example.splitlines())}"] if example else [""])
        lines.append(block.line)
    return "\n".join(lines) + "\n"


def letters_of(template: str) -> int:
    """How many letters of a template are fixed text."""
    return sum(sum(map(str.isalpha, piece)) for piece in _fixed_pieces(template))


def _fixed_pieces(template: str) -> list[str]:
    pieces, start, current = [], 0, ""
    for match in _SLOT.finditer(template):
        current += template[start : match.start()]
        if match[0] in {"{{", "}}"}:
            current += match[0][0]
        else:
            pieces.append(current)
            current = ""
        start = match.end()
    pieces.append(current + template[start:])
    return [piece.strip() for piece in pieces]


def _pattern_of(template: str) -> str:
    pieces, start = [], 0
    for match in _SLOT.finditer(template):
        pieces.append(_literal(template[start : match.start()]))
        pieces.append(re.escape(match[0][0]) if match[0] in {"{{", "}}"} else SLOTS[match[1]])
        start = match.end()
    pieces.append(_literal(template[start:]))
    return "".join(pieces)


def _literal(text: str) -> str:
    fixed, *rest = (re.sub(r"(?:\\?\s)+", r"\\s+", re.escape(piece)) for piece in _MASK.split(text)[::2])
    masks = _MASK.split(text)[1::2]
    return fixed + "".join(f"(?:{re.escape(m)}|{MASKS[m]}){piece}" for m, piece in zip(masks, rest, strict=True))
