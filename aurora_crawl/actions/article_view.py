"""An article for a person at a terminal: what is known of it, and its text with what was cut struck through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TextIO

from aurora_crawl.items import Article, Removal
from aurora_crawl.messages import _, fitted, harmless, ngettext
from aurora_crawl.text.boilerplate.restore import struck_through

_BOLD, _PLAIN = "\x1b[1m", "\x1b[22m"


def text_view(heading: str, facts: Sequence[str], kept: Sequence[str], removed: Sequence[Removal], out: TextIO) -> str:
    """A heading, a line of facts, and the paragraphs; with a terminal's codes where `out` is one."""
    colour = out.isatty()
    heading, facts, kept = harmless(heading), [harmless(fact) for fact in facts], [harmless(part) for part in kept]
    removed = [replace(one, text=harmless(one.text)) for one in removed]
    cuts = ngettext("{n} cut", "{n} cuts", len(removed)).format(n=len(removed))
    lines = [f"{_BOLD}{heading}{_PLAIN}" if colour else heading, " · ".join(filter(None, [*facts, cuts]))]
    return fitted("\n\n".join(["\n".join(lines), *struck_through(kept, removed, colour)]), out)


def article_view(article: Article, out: TextIO) -> str:
    """An article as the steps of a crawl left it."""
    quality = article.quality
    facts = [
        article.url,
        article.published or "",
        ", ".join(article.authors),
        article.section or "",
        ngettext("{n} word", "{n} words", article.words).format(n=article.words),
        f"{article.language} {quality.language_score}" if article.language else "",
        _("marks: {names}").format(names=", ".join(quality.marks)) if quality.marks else "",
    ]
    return text_view(article.title, facts, article.paragraphs, article.removed, out)
