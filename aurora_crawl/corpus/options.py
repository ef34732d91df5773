"""What a corpus is to hold: every choice that changes its bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from aurora_crawl.errors import AuroraError
from aurora_crawl.text.quality import Thresholds

GOAL = 1_000_000_000
"""Tokens that all articles together are to come to."""

UNKNOWN_LICENSE = "unknown"
"""How an article without a licence is named where licences are chosen and counted."""


By = Literal["document", "chapter"]
"""What a line of a corpus is of a book."""


class CorpusError(AuroraError):
    """A corpus cannot be made of this; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The settings of a corpus; the same settings and shards give the same bytes.

    `licenses` lets in only those (empty: all), `exclude_licenses` leaves some out. `most_per_site` caps each site's
    documents (0: no cap). `validation` is the share of document groups that training never sees.
    """

    language: str = "pt"
    licenses: tuple[str, ...] = ()
    exclude_licenses: tuple[str, ...] = ()
    most_per_site: int = 0
    validation: float = 0.005
    seed: int = 0
    quality: Thresholds = field(default_factory=Thresholds)
    ignored_marks: tuple[str, ...] = ()
    """Marks of `quality` that do not keep a document out."""
    mask_personal_data: bool = False
    """E-mail addresses, CPF and telephone numbers are replaced by what they are, also in articles that a crawl kept whole."""
    keep_duplicates: bool = False
    by: By = "document"
    """Books whole, or a line each chapter: split when everything else is done."""
    similarity: float = 0.6
    """The estimated Jaccard similarity of word 5-grams from which two documents are one. An edit in 3 of 100 words leaves .74;
    two documents that share 30 % of their paragraphs have .18."""

    @property
    def chapter_rules(self) -> Thresholds | None:
        """By what chapters are measured that become documents of their own; null where books stay whole."""
        return self.quality if self.by == "chapter" else None
