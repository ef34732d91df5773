"""What stands around a work and is not the work: contents, index, colophon, catalogue card, prefaces by others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from aurora_crawl.text.books.document import Block, without_marks
from aurora_crawl.text.books.headings import is_division
from aurora_crawl.text.books.numerals import number

_CONTENTS = re.compile(
    r"(?:sum[áa]rio|[íi]ndice(?: geral| remissivo| onom[áa]stico| de nomes| anal[íi]tico)?|conte[úu]do|table of contents|contents"
    r"|lista de (?:tabelas|figuras|ilustra[cç][õo]es|quadros|abreviaturas|siglas))\W*",
    re.IGNORECASE,
)
_BY_OTHERS = re.compile(
    r"(?:pref[áa]cio|apresenta[cç][ãa]o|posf[áa]cio|orelhas?|quarta capa|sobre (?:o|a|os|as|este|esta) (?:autora?s?|livro|obra|edi[cç][ãa]o|cole[cç][ãa]o)"
    r"|notas? (?:d[aeo]s?|à|a|desta|sobre|pr[ée]via|editorial)\b.{0,40}|cronologia(?: .{0,40})?|estudo cr[íi]tico|vida e obra"
    r"|agradecimentos d[aeo].*|introdu[cç][ãa]o d[aeo]s? (?:editora?|tradutora?|organizadora?)(?:es)?|fortuna cr[íi]tica"
    r"|biografia(?: .{0,40})?|(?:outros )?livros d[aeo] .*|outras obras.*|cat[áa]logo.*|cr[ée]ditos.*|ficha t[ée]cnica.*)",
    re.IGNORECASE,
)
_OF_THE_WORK = re.compile(
    r"(?:ao?s? leitor(?:es|a|as)?|pr[óo]logo|pre[âa]mbulo|dedicat[óo]ria|advert[êe]ncia|introdu[cç][ãa]o|ep[íi]grafe|proêmio|exórdio"
    r"|pref[áa]cio (?:do autor|da autora|à|a|da) .{0,40}|pref[áa]cio d[ao] autora?|nota d[ao] autora?|duas palavras)\b",
    re.IGNORECASE,
)
_MAYBE_OTHERS = re.compile(r"introdu[cç][ãa]o\b", re.IGNORECASE)
_AUTHORS_OWN = re.compile(r"\bd[ao] autora?\b", re.IGNORECASE)
_NOTES = re.compile(r"notas?(?: de rodap[ée]| e refer[êe]ncias| d[oa] (?:texto|cap[íi]tulo))?\W*", re.IGNORECASE)
_COLOPHON = re.compile(
    r"\bISBN\b|\bISSN\b|\bCDU\b|\bCDD\b|\bCIP\b|cataloga[cç][ãa]o.na.(?:publica[cç][ãa]o|fonte)|ficha catalogr[áa]fica|copyright|©"
    r"|(?:todos os )?direitos (?:desta edi[cç][ãa]o )?reservados|nenhuma parte desta (?:publica[cç][ãa]o|obra)|proibida a reprodu[cç][ãa]o"
    r"|\brevis[ãa]o\s*:|projeto gr[áa]fico|diagrama[cç][ãa]o|editora[cç][ãa]o eletr[ôo]nica|impresso no brasil|capa\s*:|\bLtda\b"
    r"|texto proveniente|digitalizado por|redistribu[íi]do livremente|texto-base|Project Gutenberg|fonte\s*:",
    re.IGNORECASE,
)
_DOT_LEADERS = re.compile(r"(?:\.\s?){4,}\s*\w{1,6}\s*$|…{2,}\s*\d{1,4}\s*$", re.MULTILINE)
_LEADERS_ANYWHERE = re.compile(r"(?:\.\s){5,}|\.{6,}|…{3,}")
_ENDS_IN_NUMBER = re.compile(r"\D\d{1,4}$")

_LONGEST_SIGNATURE = 80
_FEWEST_WORDS = 120
"""A part before the first chapter that is shorter, and has no name of a prologue, is a title page, not a text."""


@dataclass(slots=True)
class Section:
    """A heading (None before the first) and what stands below it; `start` is the index of its first block."""

    heading: Block | None
    start: int
    blocks: list[Block] = field(default_factory=list)

    @property
    def title(self) -> str:
        return self.heading.text if self.heading else ""

    @property
    def words(self) -> int:
        return sum(len(block.text.split()) for block in self.blocks)


def sections_of(blocks: Sequence[Block]) -> list[Section]:
    """Blocks by their headings, in order; nothing is lost."""
    sections: list[Section] = []
    for index, block in enumerate(blocks):
        if block.kind == "heading":
            sections.append(Section(block, index))
        else:
            if not sections:
                sections.append(Section(None, index))
            sections[-1].blocks.append(block)
    return sections


def numbered(sections: list[Section]) -> list[int]:
    """Indices of the sections that are numbered chapters: those that count on from 1, anew in each part."""
    found: list[int] = []
    expected = 1
    for index, section in enumerate(sections):
        if section.heading is None or not section.heading.label:
            continue
        value = number(section.heading.label)
        if value is None or value == 1 or expected <= value <= expected + 3:
            found.append(index)
            expected = (value or expected) + 1
    return found if len(found) > 1 else []


def judge(sections: list[Section], authors: Sequence[str], title: str) -> dict[int, str]:
    """Which sections are not the work, by index, and the rule that says so."""
    chapters = numbered(sections)
    first = chapters[0] if chapters else None
    while first and is_division(sections[first - 1].title) and not sections[first - 1].blocks:
        first -= 1
    last = chapters[-1] if chapters else None
    rules: dict[int, str] = {}
    for members in _parts(sections, first):
        part = Section(
            sections[members[0]].heading, 0, [block for index in members for block in sections[index].blocks]
        )
        rule = _rule(part, authors)
        if first is not None and not rule and not _belongs(part, authors, title):
            rule = "front-matter"
        elif first is None and not rule and members[0] == len(rules) and _is_title_page(part, authors, title):
            rule = "title-page"
        if rule:
            rules.update(dict.fromkeys(members, rule))
    for index in range(last + 1 if last is not None else len(sections), len(sections)):
        if rule := _rule(sections[index], authors):
            rules[index] = "back-matter" if rule == "preface" else rule
    kept = [section for index, section in enumerate(sections) if index not in rules]
    if not any(section.blocks for section in kept):
        return {}
    return rules


def _parts(sections: list[Section], first: int | None) -> list[list[int]]:
    """The sections before the first chapter, or all of a book without numbered ones, each with those of lower headings in it."""
    parts: list[list[int]] = []
    for index, section in enumerate(sections[:first]):
        above = sections[parts[-1][0]].heading if parts else None
        if above and section.heading and section.heading.level > above.level and sections[parts[-1][-1]].blocks:
            parts[-1].append(index)
        else:
            parts.append([index])
    return parts


def _rule(section: Section, authors: Sequence[str]) -> str:
    """What a section is by its own words alone: contents, notes' list, colophon, a preface by somebody else."""
    title = section.title.strip()
    if section.heading and _CONTENTS.fullmatch(title):
        return "contents"
    if section.blocks and _is_contents(section):
        return "contents"
    if section.heading and _NOTES.fullmatch(title) and all(block.kind == "note" for block in section.blocks):
        return "notes-heading"
    if section.heading and _BY_OTHERS.fullmatch(title) and not _AUTHORS_OWN.search(title):
        return "" if _is_signed_by(section, authors) else "preface"
    text = "\n".join(block.text for block in section.blocks)
    marks = len({match[0].lower() for match in _COLOPHON.finditer(text[:20_000])})
    if marks >= 3 or (marks >= 2 and section.words < 400):
        return "colophon"
    return ""


def _is_contents(section: Section) -> bool:
    lines = [line for block in section.blocks if block.kind != "note" for line in block.text.split("\n")]
    text = "\n".join(lines)
    if len(_LEADERS_ANYWHERE.findall(text)) >= max(3, len(lines) // 2):
        return True
    numbers = sum(bool(_ENDS_IN_NUMBER.search(line)) and len(line) < 110 for line in lines)
    return len(lines) >= 6 and numbers >= 0.8 * len(lines)


def _belongs(section: Section, authors: Sequence[str], title: str) -> bool:
    """Whether a part before the first chapter is the author's: a prologue by name, or a text that no other has signed."""
    name = section.title.strip()
    if _AUTHORS_OWN.search(name) or _OF_THE_WORK.match(name):
        # A prologue may be signed by a person of the novel; only an introduction may be somebody else's.
        return not (_MAYBE_OTHERS.match(name) and authors and _is_signed_by_other(section, authors))
    if _is_title_page(section, authors, title) or section.words < _FEWEST_WORDS:
        return (is_division(name) and not section.blocks) or (section.heading is None and _is_prose(section))
    if any(author.lower() in name.lower() for author in authors if author):
        # "Machado de Assis: …" speaks of the author, and is by somebody else.
        return False
    return not _is_signed_by_other(section, authors)


def _is_title_page(section: Section, authors: Sequence[str], title: str) -> bool:
    if section.words >= _FEWEST_WORDS:
        return False
    if section.heading is None or not section.blocks:
        return not _is_prose(section)
    bare = _bare(section.title)
    return bool(bare) and (bare in _bare(title) or any(bare == _bare(author) for author in authors))


def _is_prose(section: Section) -> bool:
    """Whether most of a part's words stand in sentences."""
    sentences = [
        block for block in section.blocks if len(block.text.split()) >= 8 and block.text.rstrip('”"»)')[-1:] in ".!?…"
    ]
    return 2 * sum(len(block.text.split()) for block in sentences) > section.words


def _signature(section: Section) -> str:
    """The short last line of a text that names who wrote it; empty where there is none."""
    texts = [block for block in section.blocks if block.kind != "note"]
    for block in reversed(texts[-3:]):
        line = without_marks(block.text).split("\n")[0].strip()
        if len(line) <= _LONGEST_SIGNATURE and line and not line.endswith((".", ":", "!", "?", "…")):
            words = [word for word in line.split() if word[:1].isalpha()]
            capitals = sum(word[:1].isupper() for word in words)
            if 1 < len(words) <= 10 and capitals >= 2 and capitals >= 0.5 * len(words):
                return line
    return ""


def _is_signed_by(section: Section, authors: Sequence[str]) -> bool:
    signature = _bare(_signature(section))
    return bool(signature) and any(_bare(author) in signature for author in authors if author)


def _is_signed_by_other(section: Section, authors: Sequence[str]) -> bool:
    return bool(_signature(section)) and not _is_signed_by(section, authors)


def _bare(text: str) -> str:
    return "".join(filter(str.isalpha, text.lower()))
