"""HTML and XHTML of books to blocks: headings, paragraphs, verse, quotations, lists, tables; notes apart."""

from __future__ import annotations

import re

from lxml import etree

from aurora_crawl.extraction.blocks import passages
from aurora_crawl.extraction.passages import ADDRESS
from aurora_crawl.extraction.tree import MAX_DEPTH, text_of
from aurora_crawl.text.books.document import MARK_END, MARK_START, Block, Kind

_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_CONTAINERS = frozenset(
    "html body div section article main header hgroup center span font form fieldset details dir dl dd aside footer".split()
)
_SKIPPED = frozenset(
    "script style head title meta link nav img svg object embed iframe audio video noscript template map".split()
)
_NOTE_TYPES = frozenset(["footnote", "rearnote", "endnote", "doc-footnote", "doc-endnote"])
_NOTE_LISTS = frozenset(["footnotes", "rearnotes", "endnotes", "doc-endnotes"])
_SKIPPED_TYPES = frozenset(
    "toc landmarks page-list loi lot index doc-toc doc-pagelist doc-index pagebreak doc-pagebreak".split()
)
_NOTE_CLASS = re.compile(r"\b(?:note|nota|notas|footnote|endnote|rodape|msofootnotetext)\b", re.IGNORECASE)
_NOTE_NAME = re.compile(
    r"(?:_?ftn|_?edn|sdfootnote|sdendnote|fn|n|nota?|note|footnote|endnote)[-_.]?\d{1,4}(?:sym)?$", re.IGNORECASE
)
_REFERENCE = re.compile(r"[\[(]?(\d{1,4}|[ivx]{1,5}|[a-z]|\*{1,4}|†{1,2})[\])]?")
_LABEL = re.compile(r"(?<!\s)\s*[\[(]?(\d{1,4}|\*{1,4}|†{1,2})[\])]?\s*[.)\-–:]?\s+")
_BACK = re.compile(r"(?<!\s)\s*(?:\(?retornar ao texto\)?|\(?voltar\)?|↩\ufe0e?|↑|☛|\^)\s*", re.IGNORECASE)
_VERSE_CLASS = re.compile(r"\b(?:verse|verso|versos|poem|poema|poetry|stanza|estrofe|linegroup|lg)\b", re.IGNORECASE)
_CENTRED = re.compile(r"text-align\s*:\s*center", re.IGNORECASE)
_CENTRED_CLASS = re.compile(
    r"\b(?:center|centro|centrado|centralizado|titulo|title|capitulo|chapter)\w*\b", re.IGNORECASE
)
_TYPE = "{http://www.idpf.org/2007/ops}type"
_LONGEST_HEADING = 160


def to_blocks(root: etree._Element) -> list[Block]:
    """The blocks of a page of a book, in its order; notes bear their label."""
    _mark_references(root)
    reader = _Reader()
    reader.inside(root, 0)
    reader.flush()
    return reader.blocks


def types_of(element: etree._Element) -> frozenset[str]:
    """What an element says that it is, by `epub:type` or `role`."""
    found = element.get(_TYPE) or element.get("epub:type") or ""
    return frozenset(f"{found} {element.get('role') or ''}".lower().split())


def _mark_references(root: etree._Element) -> None:
    """Turns links to notes into marks; a word that is a link stays a word."""
    for link in list(root.iter("a")):
        target = link.get("href") or ""
        if "#" not in target and not types_of(link) & {"noteref", "doc-noteref"}:
            continue
        text = text_of(link)
        match = _REFERENCE.fullmatch(text)
        raised = any(parent.tag == "sup" for parent in link.iterancestors()) or link.find(".//sup") is not None
        is_reference = bool(types_of(link) & {"noteref", "doc-noteref"}) or raised or text.startswith("[")
        if not match or not (is_reference or _NOTE_NAME.search(target.rpartition("#")[2])):
            continue
        if _in_note(link):
            continue
        for child in list(link):
            link.remove(child)
        link.text = f"{MARK_START}{match[1]}{MARK_END}"


def _in_note(element: etree._Element) -> bool:
    return (
        any(_is_note(parent) for parent in element.iterancestors())
        and not "".join(sibling.text or "" for sibling in element.itersiblings(preceding=True)).strip()
    )


def _is_note(element: etree._Element) -> bool:
    if not isinstance(element.tag, str):
        return False
    if types_of(element) & _NOTE_TYPES:
        return True
    if element.tag in {"p", "div", "li", "dd", "aside"}:
        return bool(_NOTE_CLASS.search(element.get("class") or "")) and bool(
            element.get("id") or element.find(".//a[@name]") is not None or element.find(".//a[@id]") is not None
        )
    return False


class _Reader:
    """Collects blocks while it walks down a page."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.loose: etree._Element = etree.Element("p")

    def flush(self) -> None:
        """Ends the paragraph of text and inline elements that stand outside any block."""
        if self.loose.text or len(self.loose):
            for text in texts_of(self.loose):
                self._add("paragraph", text)
        self.loose = etree.Element("p")

    def inside(self, element: etree._Element, depth: int) -> None:
        if depth > MAX_DEPTH:
            self._add("paragraph", text_of(element))
            return
        self._loose_text(element.text)
        for child in element:
            tail, child.tail = child.tail, None
            self.child(child, depth + 1)
            self._loose_text(tail)

    def _loose_text(self, text: str | None) -> None:
        if not text:
            return
        if len(self.loose):
            last = self.loose[-1]
            last.tail = (last.tail or "") + text
        elif text.strip() or self.loose.text:
            self.loose.text = (self.loose.text or "") + text

    def child(self, element: etree._Element, depth: int) -> None:
        tag = element.tag
        if not isinstance(tag, str) or tag in _SKIPPED or types_of(element) & _SKIPPED_TYPES:
            return
        if _is_note(element):
            self.flush()
            self._note(element)
        elif tag in _HEADINGS:
            self.flush()
            self._heading(element, int(tag[1]))
        elif tag == "p":
            self.flush()
            if _holds_blocks(element):
                self.inside(element, depth)
                self.flush()
            else:
                self._paragraph(element)
        elif tag in {"blockquote", "pre", "ul", "ol", "table", "figure", "dt"}:
            self.flush()
            self._whole(element, depth)
        elif tag in {"hr", "br"}:
            if tag == "hr" or not len(self.loose):
                self.flush()
            else:
                self.loose.append(etree.Element("br"))
        elif tag in _CONTAINERS and (tag not in {"span", "font"} or _holds_blocks(element)):
            self.flush()
            if _VERSE_CLASS.search(element.get("class") or ""):
                self._add_all("verse", ["\n".join(texts_of(element))])
            else:
                self.inside(element, depth)
                self.flush()
        else:
            self.loose.append(element)

    def _paragraph(self, element: etree._Element) -> None:
        found = texts_of(element)
        if len(found) == 1 and _looks_like_heading(element, found[0]):
            self._add("heading", " ".join(found[0].split()), 3)
            return
        kind: Kind = "verse" if _VERSE_CLASS.search(element.get("class") or "") else "paragraph"
        self._add_all(kind, found)

    def _heading(self, element: etree._Element, level: int) -> None:
        self._add("heading", " ".join(" ".join(texts_of(element)).split()), level)

    def _whole(self, element: etree._Element, depth: int) -> None:
        kinds: dict[str, Kind] = {
            "blockquote": "quotation",
            "pre": "code",
            "ul": "list",
            "ol": "list",
            "table": "table",
        }
        if element.tag in {"ul", "ol"} and any(_is_note(item) for item in element):
            self.inside(element, depth)
            return
        if element.tag == "table" and _is_layout(element):
            self._add_all("paragraph", texts_of(element))
            return
        holder = etree.Element("div")
        holder.append(element)
        self._add_all(kinds.get(str(element.tag), "paragraph"), texts_of(holder))

    def _note(self, element: etree._Element) -> None:
        label = element.get("id") or ""
        text = _BACK.sub(" ", " ".join("\n".join(texts_of(element)).split()))
        text = text.replace(MARK_START, "").replace(MARK_END, " ").strip()
        if match := _LABEL.match(f"{text} "):
            label, text = match[1], text[match.end() :].strip()
        self._add("note", text, label=label)

    def _add_all(self, kind: Kind, texts: list[str]) -> None:
        for text in texts:
            self._add(kind, text)

    def _add(self, kind: Kind, text: str, level: int = 0, label: str = "") -> None:
        if any(map(str.isalnum, text)):
            self.blocks.append(Block(kind, text.strip("\n"), level, label))


class _NothingCut:
    """A book has no furniture of a page: its elements all stay."""

    def of_block(self, element: etree._Element) -> str:
        """No rule."""
        return ""

    def of_inline(self, element: etree._Element) -> str:
        """No rule."""
        return ""

    def is_small(self, element: etree._Element) -> bool:
        """Never so small that it may go."""
        return False


_NOTHING_CUT = _NothingCut()


def texts_of(element: etree._Element) -> list[str]:
    """The paragraphs inside an element; a line that is only an address is one too."""
    return [found.text for found in passages(element, _NOTHING_CUT) if not found.rule or found.rule == ADDRESS]


def _holds_blocks(element: etree._Element) -> bool:
    return any(element.find(f".//{tag}") is not None for tag in ("p", "h1", "h2", "h3", "div", "table", "blockquote"))


def _is_layout(table: etree._Element) -> bool:
    """Whether a table only places text on the page: every row has one cell with text."""
    rows = [[cell for cell in row if cell.tag in {"td", "th"} and text_of(cell)] for row in table.iter("tr")]
    return all(len(row) <= 1 for row in rows)


def _looks_like_heading(element: etree._Element, text: str) -> bool:
    """Whether a paragraph is a heading by its look: short, in the middle, wholly bold or in capitals."""
    line = " ".join(text.split())
    if len(line) > _LONGEST_HEADING or not line or line[-1] in ".,;:":
        return False
    centred = (
        (element.get("align") or "").lower() == "center"
        or bool(_CENTRED.search(element.get("style") or ""))
        or bool(_CENTRED_CLASS.search(element.get("class") or ""))
        or any(parent.tag == "center" for parent in element.iterancestors())
    )
    if not centred:
        return False
    bold = sum(len(text_of(found)) for tag in ("b", "strong") for found in element.iter(tag) if _is_outermost(found))
    return bold >= 0.9 * len(text_of(element)) or (line.isupper() and "\n" not in text)


def _is_outermost(element: etree._Element) -> bool:
    return not any(parent.tag in {"b", "strong"} for parent in element.iterancestors())
