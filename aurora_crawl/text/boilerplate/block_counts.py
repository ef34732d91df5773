"""Where blocks stand in a site's pages: on how many of them, and what is left without them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from aurora_crawl.text.boilerplate.block_file import Block, in_order

Page = list[str]
"""The paragraphs of an article before a site's own blocks were cut."""

_ROUNDS = 3
"""How often the blocks are tried on a paragraph: what one cuts may lay another bare."""


def counted(pages: Sequence[Page], blocks: Sequence[Block]) -> list[Block]:
    """The blocks, each with the number of pages on which it stands among `pages`, struck ones too.

    Counted on the text as it was, one block after the other as cutting applies them, in whatever order they are given.
    """
    counts: dict[tuple[str, str], int] = defaultdict(int)
    ordered = in_order(blocks)
    for page in pages:
        for key in {key for paragraph in page for key in _keys_in(paragraph, ordered)}:
            counts[key] += 1
    return [replace(block, pages=counts[block.key], of=len(pages)) for block in blocks]


def _keys_in(paragraph: str, blocks: Sequence[Block]) -> Iterator[tuple[str, str]]:
    text = paragraph
    for _ in range(_ROUNDS):
        before = text
        for block in blocks:
            cut = _cut(text, block)
            if cut is not None:
                yield block.key
                text = cut
                if not text:
                    return
        if text == before:
            return


def _cut(text: str, block: Block) -> str | None:
    """The text without the block; None where it does not match."""
    if block.fixed not in text:
        return None
    if block.part == "whole":
        return "" if block.pattern.fullmatch(text) else None
    match = block.pattern.match(text) if block.part == "head" else block.pattern.search(text)
    return (text[: match.start()] + text[match.end() :]).strip() if match else None


def without(pages: Sequence[Page], blocks: Sequence[Block]) -> list[Page]:
    """The pages without what the blocks match."""
    if not blocks:
        return list(pages)
    blocks = in_order(blocks)
    result = []
    for page in pages:
        kept = []
        for paragraph in page:
            text = paragraph
            for _ in range(_ROUNDS):
                before = text
                for block in blocks:
                    cut = _cut(text, block)
                    text = text if cut is None else cut
                if text == before:
                    break
            if text:
                kept.append(text)
        result.append(kept)
    return result
