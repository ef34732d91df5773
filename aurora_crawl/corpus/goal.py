"""How far it is to a billion tokens, and what the sites in hand still hold."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from aurora_crawl.corpus.manifest import Manifest

GOAL = 1_000_000_000
TOKENS_A_WORD = 1.9
"""Where no tokens were counted: Mistral's first tokenizer on Portuguese news, between 1.8 and 2.0."""


class TotalsError(ValueError):
    """A file of totals that cannot be read; the message names the line."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """Tokens of a site: in the corpus, and an estimate of what the site holds where its total is known."""

    site: str
    documents: int
    tokens: int
    announced: int | None
    expected: int | None


def read_totals(path: Path) -> dict[str, int]:
    """The largest total of each site in the output of `scrapy discover --count`. Raises TotalsError."""
    totals: dict[str, int] = defaultdict(int)
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TotalsError(f"--totals {path}: cannot be read ({error})") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                row = json.loads(line)
                totals[str(row["site"])] = max(totals[str(row["site"])], int(row["total"] or 0))
            except (ValueError, KeyError, TypeError) as error:
                said = f"--totals {path}, line {number}: not a line of `scrapy discover SITE --count`"
                raise TotalsError(said) from error
    return dict(totals)


def outlook(manifest: Manifest, totals: dict[str, int]) -> list[Outlook]:
    """Every site of the corpus, and those of which only a total is known: at the mean length of the documents in hand."""
    counts = {key[0]: one for key, one in manifest.by("site").items()}
    whole = manifest.sum()
    mean = tokens_of(whole.words, whole.tokens) / whole.documents if whole.documents else 0.0
    found = []
    for site in sorted({*counts, *totals}):
        one = counts.get(site)
        documents = one.documents if one else 0
        tokens = tokens_of(one.words, one.tokens) if one else 0
        announced = totals.get(site)
        own_mean = tokens / documents if documents else mean
        expected = max(tokens, round(announced * own_mean)) if announced is not None else None
        found.append(Outlook(site, documents, tokens, announced, expected))
    return found


def tokens_of(words: int, tokens: int | None) -> int:
    """The tokens that were counted, or their estimate from words."""
    return tokens if tokens is not None else round(words * TOKENS_A_WORD)
