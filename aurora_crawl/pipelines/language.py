"""Keeps articles in Portuguese."""

from __future__ import annotations

from aurora_crawl.items import Article
from aurora_crawl.pipelines.dropping import Dropped
from aurora_crawl.text.language import MOSTLY, detect_mostly

WANTED = "pt"


class LanguagePipeline:
    """The fourth step: the language and its score are stored; a quotation in another language does no harm."""

    def process_item(self, item: Article) -> Article:
        """Raises Dropped for `language CODE`."""
        found = detect_mostly(item.paragraphs, WANTED)
        item.language = found.language
        item.quality.language_score = found.score
        if found.language != WANTED or found.score < MOSTLY:
            raise Dropped(f"language {found.language}", f"score {found.score}")
        return item
