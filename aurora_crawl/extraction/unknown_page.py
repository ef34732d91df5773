"""Pages on which nothing names the article's container: trafilatura says where the text is, and our reader reads it there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import trafilatura
from lxml import etree

from aurora_crawl.extraction.blocks import passages as passages_of
from aurora_crawl.extraction.boilerplate_classes import Furniture, boxes_of_links
from aurora_crawl.extraction.lead import lead_of
from aurora_crawl.extraction.markup import INLINE_TAGS, UNSEEN_TAGS, flat_text
from aurora_crawl.extraction.passages import UNSURE, Passage
from aurora_crawl.extraction.tree import descendants, raw_text_of

TRAFILATURA = "trafilatura"
"""What is said of an article to have found it where nothing on the page names its container."""

MOST_ELEMENTS = 12_000
MOST_CHARACTERS = 3_000_000
MOST_DEPTH = 200
"""Beyond one of these trafilatura is not asked: it took 5 s for 20,000 paragraphs and minutes for 600,000. The largest of
866 annotated pages has 10,106 elements."""

_LEAST_LINE = 30
"""Letters of a line that says where the article stands; shorter ones stand anywhere."""
_NEARLY_ALL = 0.95
_LEAST_SHOWN = 0.5
_LEAST_AGREED = 0.9
"""The share of trafilatura's letters that our reading must show; below, the two read different things."""
_ITEM_MARK = re.compile(r"^[^\S\n]*(?:- |\d{1,4}\. )", re.MULTILINE)
_PROSE_LONGER = 60
_SENTENCE_ENDS = (".", "!", "?", "…", "”", '"', "»", ":", "。")
_HOLDERS = ("p", "li", "h2", "h3", "h4", "div", "blockquote", "td", "dd", "span", "pre", "section", "article")
_PARENTS = frozenset({"div", "span", "section", "td", "li", "blockquote", "article"})


def read_unknown(tree: etree._Element, url: str | None, title: str | None) -> tuple[list[Passage], str]:
    """The article's passages as trafilatura and our reader find them together, and the name of who found them.

    trafilatura chooses; the element that shows nearly all of its lines is read by our own reader, which keeps paragraphs,
    lists and running text whole. Of that, what trafilatura has too is kept, and sentences between; the rest is cut as
    unsure. What stands beside that element in the page's `main` or `article` is accounted for too. A page beyond
    trafilatura's bounds is read by our reader alone, from its `main`, `article` or `body`.
    """
    if not _is_bounded(tree):
        part = next(tree.iter("main", "article", "body"), tree)
        return passages_of(part, Furniture([part])), str(part.tag)
    lines = _by_trafilatura(tree, url)
    if not lines:
        return [], ""
    bares = [_bare(line) for line in lines]
    wanted = {bare for line in lines for item in line.split("\n") if len(bare := _bare(item)) >= _LEAST_LINE}
    holder = _holder(tree, wanted)
    scope = _scope(tree, holder)
    if holder is None:
        found = [Passage(line) for line in lines]
        if scope is not None:
            found.extend(_unread(bares, passages_of(scope, Furniture([scope]))))
        return found, TRAFILATURA
    furniture = Furniture([holder])
    passages = passages_of(holder, furniture)
    found = _merged(lines, bares, passages)
    if not found:
        found = [Passage(line) for line in lines]
        found.extend(_unread(bares, passages))
    lead = lead_of(descendants(tree, "h1"), holder, title, found, furniture, descendants(tree, "meta"))
    if scope is not None and scope is not holder:
        shown = [*bares, *(_bare(passage.text) for passage in lead)]
        found.extend(_unread(shown, [Passage(text) for text in _texts_beside(holder, scope)]))
    return [*lead, *found], TRAFILATURA


def _is_bounded(tree: etree._Element) -> bool:
    """Whether a page is small and flat enough for trafilatura, whose time grows with the square of some pages' size."""
    elements = 0
    depth = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        if event == "start":
            elements += 1
            depth += 1
            if elements > MOST_ELEMENTS or depth > MOST_DEPTH:
                return False
        else:
            depth -= 1
    return len(raw_text_of(tree)) <= MOST_CHARACTERS


def _scope(tree: etree._Element, holder: etree._Element | None) -> etree._Element | None:
    """The part of the page that is for its article, outermost: what stands there and is not read is accounted for."""
    if holder is None:
        return next(tree.iter("main", "article"), None)
    around = [holder, *holder.iterancestors()]
    return next((one for one in reversed(around) if one.tag in {"main", "article"}), holder)


def _texts_beside(read: etree._Element, scope: etree._Element) -> Iterator[str]:
    """What stands in `scope` beside the element that is read, piece by piece."""
    inner = read
    while inner is not scope:
        outer = inner.getparent()
        if outer is None:
            return
        if outer.text and not outer.text.isspace():
            yield " ".join(outer.text.split())
        for child in outer:
            if (
                child is not inner
                and isinstance(child.tag, str)
                and child.tag not in UNSEEN_TAGS
                and (text := flat_text(child))
            ):
                yield text
            if child.tail and not child.tail.isspace():
                yield " ".join(child.tail.split())
        inner = outer


def _unread(bares: list[str], passages: list[Passage]) -> list[Passage]:
    """Those passages that trafilatura's lines do not show, as cut."""
    every = "".join(bares)
    unread = []
    for passage in passages:
        bare = _bare(passage.text)
        if bare and bare not in every:
            passage.rule = UNSURE
            unread.append(passage)
        else:
            unread.extend(Passage(text, UNSURE) for text, _ in passage.inside)
    return unread


def _by_trafilatura(tree: etree._Element, url: str | None) -> list[str]:
    """What trafilatura reads once boxes of links are gone; never with its `deduplicate`, which keeps state."""
    stand_ins = []
    for box in boxes_of_links(tree):
        parent = box.getparent()
        if parent is not None:
            stand_in = etree.Element("div")
            stand_in.tail = box.tail
            parent.replace(box, stand_in)
            stand_ins.append((stand_in, box))
    html = etree.tostring(tree, encoding="unicode", method="html")
    for stand_in, box in stand_ins:
        parent = stand_in.getparent()
        if parent is not None:
            parent.replace(stand_in, box)
    text = trafilatura.extract(html, url=url or None, include_comments=False, deduplicate=False)
    return _joined_lists((text or "").split("\n"))


def _holder(tree: etree._Element, wanted: set[str]) -> etree._Element | None:
    """The smallest element that shows nearly all of the wanted lines, if the page shows them as they are."""
    shown: dict[etree._Element, int] = defaultdict(int)
    seen: set[str] = set()
    total = 0
    longest = max(map(len, wanted), default=0)
    for element in tree.iter(*_HOLDERS):
        if element.tag in _PARENTS and not all(map(_is_of_line, element)):
            continue
        text = raw_text_of(element)
        if len(text) < _LEAST_LINE or len(text) > 4 * longest:
            continue
        bare = _bare(text)
        if bare in wanted and bare not in seen:
            seen.add(bare)
            total += len(bare)
            for ancestor in element.iterancestors():
                shown[ancestor] += len(bare)
    if not total or total < _LEAST_SHOWN * sum(map(len, wanted)):
        return None
    holding = [element for element, length in shown.items() if length >= _NEARLY_ALL * total]
    return max(holding, key=lambda element: sum(1 for _ in element.iterancestors()))


def _is_of_line(element: etree._Element) -> bool:
    """Whether an element is a piece of a line, or one that trafilatura takes for it."""
    return element.tag in INLINE_TAGS or element.tag == "br" or "-" in str(element.tag)


def _merged(lines: list[str], bares: list[str], passages: list[Passage]) -> list[Passage]:
    """Our passages in their order, and trafilatura's lines that we lack in theirs; nothing where the two hardly agree."""
    every = "".join(bares)
    agreed = [bool(bare := _bare(passage.text)) and not passage.rule and bare in every for passage in passages]
    ours = "".join(_bare(passage.text) for passage in passages)
    total = sum(map(len, bares))
    if (
        sum(len(_bare(passage.text)) for passage, is_agreed in zip(passages, agreed, strict=True) if is_agreed)
        < _LEAST_AGREED * total
    ):
        return []
    if not any(agreed):
        return []
    first = agreed.index(True)
    last = len(agreed) - 1 - agreed[::-1].index(True)
    for position, passage in enumerate(passages):
        is_between = first < position < last and _is_prose(passage.text)
        if not (passage.rule or agreed[position] or is_between):
            passage.rule = UNSURE
    place: dict[str, int] = {}
    for position, passage in enumerate(passages):
        place.setdefault(_bare(passage.text), position)
    merged: list[tuple[int, int, Passage]] = [(position, 1, passage) for position, passage in enumerate(passages)]
    current = -1
    for line, bare in zip(lines, bares, strict=True):
        if bare in place:
            current = place[bare]
        elif bare and bare not in ours and _is_prose(line):
            merged.append((current, 2, Passage(line)))
    return [passage for _, _, passage in sorted(merged, key=lambda one: one[:2])]


def _is_prose(text: str) -> bool:
    return len(text) >= _PROSE_LONGER and text.endswith(_SENTENCE_ENDS)


def _joined_lists(lines: list[str]) -> list[str]:
    """trafilatura's lines as paragraphs: those of one list together."""
    paragraphs: list[str] = []
    for line in lines:
        if not line.strip():
            continue
        if line.startswith("- ") and paragraphs and paragraphs[-1].startswith("- "):
            paragraphs[-1] += f"\n{line}"
        else:
            paragraphs.append(line.strip())
    return paragraphs


def _bare(text: str) -> str:
    """The letters and digits, without the marks of a list's items, which the two write differently."""
    return "".join(filter(str.isalnum, _ITEM_MARK.sub("", text.lower())))
