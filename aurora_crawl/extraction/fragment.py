"""An HTML fragment, as WordPress's `content.rendered` holds it, to the article's paragraphs."""

from __future__ import annotations

from aurora_crawl.extraction.blocks import passages
from aurora_crawl.extraction.boilerplate_classes import KnownBoxes
from aurora_crawl.extraction.passages import Passage, kept
from aurora_crawl.extraction.shortcodes import without_shortcodes
from aurora_crawl.extraction.tree import parse_fragment
from aurora_crawl.extraction.trimming import trimmed


def paragraphs(html: str) -> list[str]:
    """The paragraphs of a fragment as plain text, without what is not the article; `read_fragment` says what was cut."""
    return kept(read_fragment(html))


def read_fragment(html: str, title: str | None = None) -> list[Passage]:
    """The passages of a fragment, each kept or cut by a rule.

    Each comes out as follows; `tests/aurora_crawl/extraction/test_fragment.py` shows it.

    - `p`, `div`, headings, and text outside any block: a paragraph. One `br` is a line feed in it, two part paragraphs.
    - A list: one paragraph, lines "- item" or "1. item", nested lists indented by two spaces.
    - A quotation: its paragraphs. A pull quote only if the text does not say the same.
    - `pre` and poems: lines and indents kept. A table: lines with " | ", or its cells where it is only layout.
    - Figures, captions, galleries, embeds, players, forms, buttons, scripts, hidden elements, share bars, boxes with
      other posts or newsletters (`boilerplate_elements.EXACT_CLASSES`), lines that are only an address: out.
    - Shortcodes that WordPress did not render: out, with the content of pictures and players, without that of wrappers.
    """
    tree = parse_fragment(without_shortcodes(html))
    return trimmed(passages(tree, KnownBoxes([tree])), title, is_fragment=True)
