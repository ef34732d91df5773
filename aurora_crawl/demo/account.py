"""What became of the newspaper's articles, read from shards and ledger, held against what their authors wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table
from rich.text import Text

from aurora_crawl.demo.newspaper import SITE, Story, expected_paragraphs
from aurora_crawl.items import Article
from aurora_crawl.messages import N_, _
from aurora_crawl.storage.articles import newest_articles
from aurora_crawl.storage.ledger import Ledger, State
from aurora_crawl.storage.shards import ShardFolder

EXAMPLE_LENGTH = 72
SHOWN_DIFFERENCES = 5
EXPLAINED = {
    "language es": N_("written in Spanish"),
    "duplicate": N_("the same text as another article"),
    "no text": N_("nothing is left to read"),
    "no title": N_("it has no title"),
    "only boilerplate": N_("nothing but boilerplate"),
    "gone": N_("the site no longer has it"),
}


@dataclass(frozen=True, slots=True)
class Account:
    """The kept articles, in their newest revision; the dropped articles with their reasons; what is still due."""

    kept: list[Article]
    dropped: list[tuple[str, str]]
    unfinished: int


def take_account(data_dir: Path, stories: Sequence[Story]) -> Account:
    """Read what a crawl left in `data_dir`; titles of dropped articles come from the newspaper.

    Raises ShardError and LedgerError for damaged files.
    """
    titles = {story.path: story.title for story in stories}
    kept = list(newest_articles(ShardFolder(data_dir / "articles" / SITE).paths()))
    ledger = Ledger(data_dir / "ledger" / f"{SITE}.sqlite")
    try:
        entries = list(ledger.entries())
    finally:
        ledger.close()
    dropped = [
        (titles.get(urlsplit(entry.url).path, entry.url), entry.reason or "")
        for entry in entries
        if entry.state is State.DROPPED
    ]
    return Account(kept, dropped, sum(entry.due for entry in entries))


def differences(account: Account, stories: Sequence[Story]) -> list[tuple[str, str]]:
    """For each kept article that is not, paragraph by paragraph, what its author wrote: title, and the first difference."""
    by_path = {story.path: story for story in stories}
    found = []
    for article in account.kept:
        story = by_path[urlsplit(article.url).path]
        wanted, got = [story.title, *expected_paragraphs(story)], [article.title, *article.paragraphs]
        if wanted != got:
            found.append((story.title, _first_difference(wanted, got)))
    return found


def show_account(account: Account, stories: Sequence[Story], console: Console) -> None:
    """Print what was kept, dropped and cut, with reasons and examples, and how it compares with the originals."""
    words = sum(article.words for article in account.kept)
    kept = Table(title=_("What became of the newspaper's articles"), title_justify="left")
    for heading, justify in _columns("", _("articles"), _("why")):
        kept.add_column(heading, justify=justify)
    kept.add_row(_("kept"), str(len(account.kept)), _("{words:,} words of running text").format(words=words))
    for reason, count in Counter(reason for _title, reason in account.dropped).most_common():
        titles = [title for title, why in account.dropped if why == reason]
        why = _(EXPLAINED.get(reason, reason))
        kept.add_row(_("dropped"), str(count), Text(f"{why}: {_short('; '.join(titles))}"))
    if account.unfinished:
        kept.add_row(_("unfinished"), str(account.unfinished), _("the next run takes them up"))
    console.print(kept)

    removals = [removal for article in account.kept for removal in article.removed]
    cut = Table(title=_("What was cut from the kept ones, because it is not the article"), title_justify="left")
    for heading, justify in _columns(_("rule"), _("times"), _("for example")):
        cut.add_column(heading, justify=justify)
    for rule, count in Counter(removal.rule for removal in removals).most_common():
        example = next(removal.text for removal in removals if removal.rule == rule)
        cut.add_row(rule, str(count), Text(_short(example)))
    console.print(cut)

    wrong = differences(account, stories)
    same = _("{same} of {kept} kept articles are, paragraph by paragraph, what their authors wrote.")
    console.print(same.format(same=len(account.kept) - len(wrong), kept=len(account.kept)))
    for title, difference in wrong[:SHOWN_DIFFERENCES]:
        console.print(Text(f"  “{_short(title)}” {difference}"))
    if len(wrong) > SHOWN_DIFFERENCES:
        console.print("  " + _("… and {count} more").format(count=len(wrong) - SHOWN_DIFFERENCES))


def _columns(what: str, count: str, why: str) -> list[tuple[str, Literal["left", "right"]]]:
    """Three headings, the second of numbers."""
    return [(what, "left"), (count, "right"), (why, "left")]


def _first_difference(wanted: list[str], got: list[str]) -> str:
    extra = next((text for text in got if text not in wanted), None)
    if extra is not None:
        return _("has besides: {text}").format(text=_short(extra))
    missing = next((text for text in wanted if text not in got), None)
    if missing is not None:
        return _("lacks: {text}").format(text=_short(missing))
    return _("the same paragraphs in another order")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= EXAMPLE_LENGTH else line[: EXAMPLE_LENGTH - 1].rstrip() + "…"
