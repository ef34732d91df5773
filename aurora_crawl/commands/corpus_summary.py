"""What came of a corpus, for a person at a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from aurora_crawl.corpus.manifest import Manifest
from aurora_crawl.corpus.token_budget import articles_for, outlook, share, tokens_of
from aurora_crawl.text.quality import MARKS

MUCH = 0.2
"""Of the documents; a mark that keeps out so many may mean that the threshold does not fit these texts."""


def tell_outcome(manifest: Manifest, totals: Mapping[str, int], goal: int) -> None:
    """Print what is left after each step, the counts by site and by year, and how far it is to the goal."""
    for step in manifest.steps:
        dropped = ", ".join(f"{count:,} {reason}" for reason, count in step.dropped.items() if count)
        print(f"{step.name:18}{step.documents:>12,} documents{f'   ({dropped})' if dropped else ''}")
    _hint(manifest)
    _hint_licenses(manifest)
    print(f"\n{'site':22}{'documents':>12}{'tokens':>16}{'site holds':>16}")
    rows = outlook(manifest, totals)
    for row in rows:
        holds = f"{row.expected:,}" if row.expected is not None else "not known"
        print(f"{row.site:22}{row.documents:>12,}{row.tokens:>16,}{holds:>16}")
    print(f"\n{'year':22}{'documents':>12}{'tokens':>16}")
    for year, count in manifest.by("year").items():
        print(f"{year or 'not known':22}{count.documents:>12,}{tokens_of(count):>16,}")
    total = manifest.sum()
    tokens = tokens_of(total)
    said = f" ({manifest.tokenizer})" if manifest.tokenizer else " (estimated from words)"
    print(f"{'together':22}{total.documents:>12,}{tokens:>16,}{said}")
    print(f"\n{share(tokens / goal)} of the goal of {goal:,} tokens")
    if totals:
        hoped = sum(row.hoped for row in rows)
        missing = max(0, goal - hoped)
        unknown = sum(row.announced is None for row in rows)
        print(f"the sites in hand hold some {hoped:,}", end="")
        print(f" (of {unknown} it is not known: `scrapy discover SITE --count`)" if unknown else "", end="")
        print(f"; {missing:,} are missing to the goal, some {articles_for(missing, manifest):,} articles like these")


def _hint(manifest: Manifest) -> None:
    """Where one mark of quality takes much, say how to keep it."""
    before = 0
    for step in manifest.steps:
        for reason, count in step.dropped.items():
            if step.name == "quality" and reason in MARKS and count > MUCH * before:
                print(f"  {reason} keeps out {count / before:.0%} of them; `--ignore-marks {reason}` would let them in")
        before = step.documents


def _hint_licenses(manifest: Manifest) -> None:
    """Names of licences that no document has are mostly written wrong, and then too much is in, or too little."""
    there = {*manifest.by("license")}
    steps = {step.name: step.dropped for step in manifest.steps}
    there.update(name for name, count in steps.get("license", {}).items() if count)
    named = {*manifest.settings.licenses, *manifest.settings.exclude_licenses}
    for name in sorted(named - there):
        print(f"  no document has the licence {name!r}; there are {', '.join(sorted(there))}")
