"""What came of a corpus, for a person at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from aurora_crawl.corpus.manifest import Manifest
from aurora_crawl.corpus.token_budget import articles_for, outlook, tokens_of
from aurora_crawl.messages import N_, _, fitted, ngettext, number
from aurora_crawl.text.quality import MARKS

LEAST_SHARE = 0.0001
"""Below it a share is none that two places can show."""
MUCH = 0.2
"""Of the documents; a mark that keeps out so many may mean that the threshold does not fit these texts."""

STEPS = (
    N_("read"),
    N_("revision"),
    N_("license"),
    N_("language"),
    N_("empty"),
    N_("exact duplicates"),
    N_("near-duplicates"),
    N_("contained"),
    N_("quality"),
    N_("cap"),
    N_("chapters"),
    N_("forgotten"),
)
"""What the steps of a manifest are called."""
REASONS = (
    N_("older revision"),
    N_("no text"),
    N_("same text"),
    N_("nearly the same text"),
    N_("stands in another document"),
    N_("more than a site may have"),
)
"""Why they leave out documents."""


def tell_outcome(manifest: Manifest, totals: Mapping[str, int], goal: int) -> None:
    """Print what is left after each step, the counts by site and by year, and how far it is to the goal."""
    for step in manifest.steps:
        dropped = ", ".join(f"{number(count)} {_reason(reason)}" for reason, count in step.dropped.items() if count)
        left = ngettext("{count:,} document", "{count:,} documents", step.documents).format(count=step.documents)
        _say(f"{_(step.name):24}{left:>22}{f'   ({dropped})' if dropped else ''}", indent=" " * 49)
    _hint(manifest)
    _hint_licenses(manifest)
    unknown = _("not known")
    documents, tokens_head, holds_head = _("documents"), _("tokens"), _("site holds")
    site_head, year_head, together = _("site"), _("year"), _("together")
    print(f"\n{site_head:22}{documents:>12}{tokens_head:>16}{holds_head:>16}")
    rows = outlook(manifest, totals)
    for row in rows:
        holds = number(row.expected) if row.expected is not None else unknown
        print(f"{row.site:22}{number(row.documents):>12}{number(row.tokens):>16}{holds:>16}")
    print(f"\n{year_head:22}{documents:>12}{tokens_head:>16}")
    for year, count in manifest.by("year").items():
        print(f"{year or unknown:22}{number(count.documents):>12}{number(tokens_of(count)):>16}")
    total = manifest.sum()
    tokens = tokens_of(total)
    counted_by = manifest.tokenizer or _("estimated from words")
    print(f"{together:22}{number(total.documents):>12}{number(tokens):>16} ({counted_by})")
    print("\n" + _("{share} of the goal of {goal:,} tokens").format(share=_share(tokens / goal), goal=goal))
    if totals:
        hoped = sum(row.hoped for row in rows)
        missing = max(0, goal - hoped)
        uncounted = sum(row.announced is None for row in rows)
        some = _("the sites in hand hold some {hoped:,}").format(hoped=hoped)
        if uncounted:
            some += " " + _("(of {count} it is not known: `scrapy discover SITE --count`)").format(count=uncounted)
        words = _("{missing:,} are missing to the goal, some {articles:,} articles like these")
        _say(f"{some}; " + words.format(missing=missing, articles=articles_for(missing, manifest)))


def _say(line: str, indent: str = "") -> None:
    print(fitted(line, sys.stdout, indent))


def _share(part: float) -> str:
    """A part in hundredths."""
    return f"{number(100 * part, '.2f')} %" if part >= LEAST_SHARE or not part else _("less than 0.01 %")


def _reason(reason: str) -> str:
    """Why a document was left out, in the reader's language; names of licences and marks stay as they are."""
    language = reason.removeprefix("not ")
    return _(reason) if language == reason else _("not {language}").format(language=language)


def _hint(manifest: Manifest) -> None:
    """Where one mark of quality takes much, say how to keep it."""
    before = 0
    for step in manifest.steps:
        for reason, count in step.dropped.items():
            if step.name == "quality" and reason in MARKS and count > MUCH * before:
                words = _("{mark} keeps out {share:.0%} of them; `--ignore-marks {mark}` would let them in")
                _say("  " + words.format(mark=reason, share=count / before), indent="  ")
        before = step.documents


def _hint_licenses(manifest: Manifest) -> None:
    """Names of licences that no document has are mostly written wrong, and then too much is in, or too little."""
    there = {*manifest.by("license")}
    steps = {step.name: step.dropped for step in manifest.steps}
    there.update(name for name, count in steps.get("license", {}).items() if count)
    named = {*manifest.settings.licenses, *manifest.settings.exclude_licenses}
    for name in sorted(named - there):
        words = _("no document has the licence '{name}'; there are {known}")
        _say("  " + words.format(name=name, known=", ".join(sorted(there))))
