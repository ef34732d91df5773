"""Books as documents of one chapter each, for trainers that want short ones: after everything was chosen by whole works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from aurora_crawl.items import Article, Chapter, chapter_id
from aurora_crawl.text.clean import Rules, measured

BETWEEN = "\n\n"
"""What separates paragraphs."""


def documents_by_chapter(article: Article, rules: Rules) -> Iterator[Article]:
    """A book's chapters as documents, each with its title as `section`, and measured anew; anything else as it is.

    A heading without text (that of a part, before its first chapter) goes with the chapter behind it; what stands before the
    first chapter is a document without `section`.
    """
    if article.kind != "book" or len(article.chapters) < 2:
        yield article
        return
    for number, (text, chapters) in enumerate(_pieces(article), start=1):
        piece = replace(
            article,
            id=chapter_id(article.id, number),
            section=chapters[-1].title if chapters else None,
            text=text,
            chapters=chapters,
            removed=[],
        )
        yield measured(piece, rules)


def _pieces(article: Article) -> Iterator[tuple[str, list[Chapter]]]:
    """The text of each chapter, and the headings that stand at its beginning."""
    begin = 0
    headings: list[Chapter] = []
    end = Chapter("", len(article.text))
    for chapter, following in pairwise([Chapter("", 0), *article.chapters, end]):
        if chapter.title:
            headings.append(Chapter(chapter.title, chapter.offset - begin))
        is_heading_alone = following.offset - chapter.offset <= len(chapter.title) + len(BETWEEN)
        if not is_heading_alone or following is end:
            text = article.text[begin : following.offset].strip()
            if text:
                yield text, headings
            begin, headings = following.offset, []
