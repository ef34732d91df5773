"""How far it is to a billion tokens, and what the sites in hand still hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aurora_crawl.corpus.manifest import Count, Manifest
from aurora_crawl.storage.crawl_history import CrawlRecord, crawls_of

TOKENS_A_WORD = 1.9
"""Where no tokens were counted: Mistral's first tokenizer on Portuguese news, between 1.8 and 2.0."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """Tokens of a site: in the corpus, and an estimate of what the site holds where its total is known."""

    site: str
    documents: int
    tokens: int
    announced: int | None
    expected: int | None

    @property
    def hoped(self) -> int:
        """The tokens that the site gives in all; where nobody told how much it holds, those in hand."""
        return self.expected if self.expected is not None else self.tokens


def announced_to(crawls: Iterable[CrawlRecord]) -> int | None:
    """The most that a site told one of these crawls it holds; null where it told none."""
    return max((crawl.expected for crawl in crawls if crawl.expected), default=None)


def totals_of(data_dir: Path, sites: Iterable[str], counted: Mapping[str, int]) -> dict[str, int]:
    """How many articles each site holds: as it was counted, else as its crawls were told."""
    told = {site: total for site in sites if (total := announced_to(crawls_of(data_dir, site))) is not None}
    return {**told, **{site: total for site, total in counted.items() if total}}


def outlook(manifest: Manifest, totals: Mapping[str, int]) -> list[Outlook]:
    """Every site of the corpus, and those of which only a total is known.

    What a site holds is estimated at the tokens that its articles in hand have given, on average, to this corpus: those that
    are left out as duplicates or by quality count as giving none. Of a site without articles, at the average of all; with a
    cap, which cuts off more the more there is, at the length of the documents that are in.
    """
    counts = manifest.by("site")
    read: Counter[str] = Counter()
    for row in manifest.inputs:
        read[row.site] += row.documents
    if manifest.settings.most_per_site:
        read = Counter({site: one.documents for site, one in counts.items()})
    nothing = Count(0, 0, 0)
    whole = manifest.sum()
    mean = tokens_of(whole) / (read.total() or 1)
    found = []
    for site in sorted({*counts, *read, *totals}):
        one = counts.get(site, nothing)
        tokens = tokens_of(one)
        announced = totals.get(site)
        own_mean = tokens / read[site] if read[site] else mean
        expected = max(tokens, round(announced * own_mean)) if announced is not None else None
        found.append(Outlook(site, one.documents, tokens, announced, expected))
    return found


def articles_for(tokens: int, manifest: Manifest) -> int:
    """How many more articles like those in hand so many tokens take; 0 where there are none to judge by."""
    whole = manifest.sum()
    mean = tokens_of(whole) / whole.documents if whole.documents else 0
    return round(tokens / mean) if mean else 0


def tokens_of(count: Count) -> int:
    """The tokens that were counted, or their estimate from words."""
    return count.tokens if count.tokens is not None else round(count.words * TOKENS_A_WORD)


def share(part: float) -> str:
    """A share in per cent, small ones not as nothing."""
    return f"{100 * part:.2f} %" if part >= 0.0001 or not part else "less than 0.01 %"
