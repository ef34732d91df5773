"""Books as documents of one chapter each, for trainers that want short ones: after everything was chosen by whole works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from aurora_crawl.items import Article, Chapter, chapter_id
from aurora_crawl.text.clean import Rules, measured


def documents_by_chapter(article: Article, rules: Rules) -> Iterator[Article]:
    """A book's chapters as documents, each with its title as `section`, and measured anew; anything else as it is.

    A heading without text (that of a part, before its first chapter) goes with the chapter behind it; what stands before the
    first chapter is a document without `section`.
    """
    if article.kind != "book" or len(article.chapters) < 2:
        yield article
        return
    for number, (title, text) in enumerate(_pieces(article), start=1):
        chapters = [Chapter(title, 0)] if title else []
        piece = replace(
            article,
            id=chapter_id(article.id, number),
            section=title or None,
            text=text,
            chapters=chapters,
            removed=[],
        )
        yield measured(piece, rules)


def _pieces(article: Article) -> Iterator[tuple[str, str]]:
    """Title and text of each chapter, the title being the text's beginning."""
    first = Chapter("", 0)
    begin, title = 0, ""
    for chapter, following in pairwise([first, *article.chapters, Chapter("", len(article.text))]):
        text = article.text[chapter.offset : following.offset].strip()
        title = title or chapter.title
        if len(text) > len(chapter.title):
            yield title, article.text[begin : following.offset].strip()
            begin, title = following.offset, ""
