"""`scrapy forget URL`: an article out of everything that is stored, for good."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from scrapy.commands import ScrapyCommand
from scrapy.spiderloader import SpiderLoader

from aurora_crawl.commands.sites import complain
from aurora_crawl.corpus.manifest import ManifestError
from aurora_crawl.corpus.output_folder import PlaceError, corpora_in
from aurora_crawl.corpus.token_count import TokenizerError
from aurora_crawl.maintenance.forget import Addresses, Removal, forget, sites_that_know
from aurora_crawl.storage.ledger import LedgerError
from aurora_crawl.storage.shards import ShardError
from aurora_crawl.storage.store import StoreError
from aurora_crawl.storage.verify import sites_in
from aurora_crawl.text.boilerplate.block_file import BlockFileError

FAILED = 1
INTERRUPTED = 130
DOCUMENTS = "documents.jsonl"
"""The list of its documents in an adapter's folder."""

_FAILURES = (
    StoreError,
    LedgerError,
    ShardError,
    ManifestError,
    PlaceError,
    TokenizerError,
    BlockFileError,
    OSError,
    LookupError,
)


class Command(ScrapyCommand):
    """Forgets, and says what that was."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Shown by --help."""
        return "[options] URL [URL …]"

    def short_desc(self) -> str:
        """Shown by `scrapy`."""
        return "Take articles out of everything that is stored, and never fetch them again"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Takes the articles at these addresses out of everything under DATA_DIR: shards, archives, corpora, learned blocks,"
            " tokens prepared for training, the report; the ledger remembers that they are never to be fetched again. Other"
            " articles that print the same text are named and stay. An adapter cannot unlearn: those in the folders given with --adapters that were"
            " trained on the articles are named, to be trained anew or taken out of use. Nothing comes back: make a copy first if"
            " in doubt. Exit status: 0 when all is done, 1 where something failed (the same command goes on), 2 for a wrong"
            " command, 130 after Ctrl-C (the same command goes on)."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        add(
            "--corpora",
            type=Path,
            action="append",
            default=[],
            metavar="DIR",
            help="a corpus outside DATA_DIR, or a folder of some; may be given more than once",
        )
        add(
            "--adapters",
            type=Path,
            action="append",
            default=[],
            metavar="DIR",
            help="where adapters are looked for, at any depth; may be given more than once",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Forget, print, and set the exit status."""
        assert self.settings is not None
        if wrong := _wrong(args, opts):
            self.exitcode = complain(f"forget: {wrong}")
            return
        data_dir = Path(self.settings["DATA_DIR"])
        addresses = Addresses(SpiderLoader.from_settings(self.settings))
        try:
            removals = _removals(args, data_dir, addresses)
            corpora = [corpus for folder in (data_dir, *opts.corpora) for corpus in corpora_in(folder)]
            for removal in removals:
                forget(data_dir, removal, addresses, corpora)
                _tell(removal)
            ids = {id for removal in removals for id in (*removal.urls, *removal.duplicates)}
            _tell_adapters(opts.adapters, ids)
        except _FAILURES as error:
            print(f"scrapy forget: {error.args[0] if isinstance(error, LookupError) else error}", file=sys.stderr)
            self.exitcode = FAILED
        except KeyboardInterrupt:
            print("scrapy forget: stopped; the same command goes on", file=sys.stderr)
            self.exitcode = INTERRUPTED


def _wrong(args: list[str], opts: argparse.Namespace) -> str:
    if not args:
        return "name at least one address"
    for url in args:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            return f"{url}: not an address like https://example.org/article"
    for folder in (*opts.corpora, *opts.adapters):
        if not folder.is_dir():
            return f"{folder}: no such folder"
    return ""


def _removals(urls: Iterable[str], data_dir: Path, addresses: Addresses) -> list[Removal]:
    """What is to go, site by site. Raises LookupError for an address that belongs to none."""
    found: dict[str, Removal] = {}
    stored = sites_in(data_dir)
    for url in urls:
        knowing = sites_that_know(url, data_dir, stored, addresses)
        if not knowing:
            raise LookupError(f"{url}: stored by no site under {data_dir}, and on no site's host; nothing was changed")
        for site, id in knowing.items():
            found.setdefault(site, Removal(site, {})).urls[id] = url
    return list(found.values())


def _tell(removal: Removal) -> None:
    site = removal.site
    for url in removal.urls.values():
        print(f"{site}: {url} is never fetched again")
    for url in removal.duplicates.values():
        print(f"{site}: {url}, which has the same text, too")
    print(f"{site}: {len(removal.lines)} line(s) taken out of shards")
    if removal.answers_removed or removal.answers_changed:
        print(
            f"{site}: archives: {removal.answers_removed} answer(s) removed, {removal.answers_changed} without the article"
        )
    for corpus, count in removal.corpora.items():
        print(f"corpus {corpus}: {count} document(s) taken out; copies that were sent elsewhere still hold them")
    for path, why in removal.traces.gone.items():
        print(f"{path}: {why}")
    for url in dict.fromkeys([*removal.also_in, *removal.traces.copies]):
        print(f"{url} prints the same text and stays; `scrapy forget {url}` takes it out too")


def _tell_adapters(folders: Iterable[Path], ids: set[str]) -> None:
    """Raises LookupError for a list of documents that cannot be read: what is in it is then not known."""
    for path in sorted(path for folder in folders for path in folder.rglob(DOCUMENTS)):
        parts = {"train": 0, "held_out": 0}
        try:
            with path.open(encoding="utf-8") as lines:
                for row in map(json.loads, filter(str.strip, lines)):
                    if row.get("id") in ids:
                        parts["held_out" if row.get("part") == "held_out" else "train"] += 1
        except (ValueError, AttributeError) as error:
            raise LookupError(
                f"{path}: cannot be read ({error}); whether this adapter holds it is not known"
            ) from error
        if parts["train"]:
            print(
                f"adapter {path.parent}: was trained on {parts['train']} of them; train it anew, or take it out of use"
            )
        elif parts["held_out"]:
            print(f"adapter {path.parent}: was measured on {parts['held_out']} of them, and not trained on any")
