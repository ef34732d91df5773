"""Which of an article's captures in an archive counts, and what its host said of machine learning."""

from __future__ import annotations

from dataclasses import replace

from aurora_crawl import stat_names as names
from aurora_crawl.crawling.archived_answer import PassedOver, articles_in
from aurora_crawl.crawling.archived_words import HostWords, word_in
from aurora_crawl.crawling.context import CrawlContext
from aurora_crawl.crawling.page_requests import OUTSIDE
from aurora_crawl.extraction.answer import MOST_PAGE
from aurora_crawl.items import Article, article_id
from aurora_crawl.routes.route import Found, Load
from aurora_crawl.storage.archive import Capture
from aurora_crawl.storage.capture_choice import LEAST_OF_LONGEST
from aurora_crawl.storage.ledger import Ledger

SHORT = 200
"""Words of a text that may be what a wall or a cut left; paywalls leave some 110, error pages 60."""


class ArchivedArticles:
    """Reads captures into articles; what has none, the ledger is told."""

    def __init__(self, context: CrawlContext, ledger: Ledger) -> None:
        self._ledger, self._stats = ledger, context.stats
        self._wishes, self._reading, self._window = context.scope, context.reading, context.scope.window
        self._words = HostWords()

    async def article(self, found: Found, load: Load, route: str) -> Article | None:
        """The article in the capture that counts, of those that an archive has; None where none holds one, which the ledger then says."""
        id = article_id(self._reading.canonical(found.url))
        captures = await load()
        read, why = self._read(captures, route)
        if found.spare is not None and max((len(one.text.split()) for one in read), default=0) < SHORT:
            captures += (longer := await found.spare())
            read += self._read(longer, route)[0]
        if not captures:
            self._ledger.fail(id, reason="not in the archive", again=True)
            return None
        longest = max((len(one.text.split()) for one in read), default=0)
        good = [one for one in read if len(one.text.split()) >= LEAST_OF_LONGEST * longest]
        if not good or not longest:
            self._ledger.drop(id, reason=why)
            self._stats.inc_value(f"{names.DROPPED}{why}")
            return None
        article = max(good, key=lambda one: one.crawled_at)
        if article.published not in self._window:
            self._ledger.drop(id, reason=OUTSIDE, rules=str(self._window))
            return None
        article.opt_out = list(dict.fromkeys([*article.opt_out, *self._host_words().of(found.url)]))
        return replace(article, id=id)

    def _read(self, captures: list[Capture], route: str) -> tuple[list[Article], str]:
        """The articles in some captures, and why others have none."""
        read: list[Article] = []
        why = "no text"
        for capture in captures:
            try:
                read += [one for one, _ in articles_in(capture, self._reading, self._wishes, MOST_PAGE, route)]
            except PassedOver as passed:
                why = str(passed)
        return read, why

    def _host_words(self) -> HostWords:
        told = self._wishes.told.rules
        while told:
            word = word_in(told.pop())
            if word is not None:
                self._words.hear(word)
        return self._words
