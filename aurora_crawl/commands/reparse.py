"""`scrapy reparse`: a new generation of shards from archived pages, without the network."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scrapy.commands import ScrapyCommand

from aurora_crawl.commands.rereading import Reread, reread
from aurora_crawl.commands.sites import complain
from aurora_crawl.items import Article, as_record
from aurora_crawl.storage.archive import Capture, archives_of, captures, noted
from aurora_crawl.storage.entry import State
from aurora_crawl.storage.ledger import LedgerError
from aurora_crawl.storage.lines import hash_of
from aurora_crawl.storage.replacement import Replacement
from aurora_crawl.storage.shards import ShardError, encode, read_shard
from aurora_crawl.storage.store import SHARD_BYTES, SiteStore, StoreError

_FROM_LISTINGS = ("published", "modified", "authors", "section", "tags", "route")
"""What a listing may have told of an article, and its page does not."""


class Command(ScrapyCommand):
    """Reads archives again, by the rules as they are now."""

    requires_project = True

    def syntax(self) -> str:
        """Shown by --help."""
        return "[options] [SITE]"

    def short_desc(self) -> str:
        """Shown by `scrapy`."""
        return "Make a new generation of shards from archived pages"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Reads what crawls with ARCHIVE=True recorded, or the WARC files named with --archive, by the rules as they are now."
            " Articles that the archives do not have keep their lines. The new shards take the place of the old ones at once,"
            " when all are complete. Exit status: 0 when all archives were whole, 1 otherwise, 2 for a wrong command."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        parser.add_argument("--archive", type=Path, action="append", metavar="FILE", help="a WARC file from anywhere")
        parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read, swap, and set the exit status."""
        assert self.settings is not None
        assert self.crawler_process is not None
        data_dir, known = Path(self.settings["DATA_DIR"]), self.crawler_process.spider_loader.list()
        if len(args) > 1 or (args and args[0] not in known) or opts.jobs < 1:
            self.exitcode = complain("reparse: name one of the sites, or none for all, and --jobs 1 or more")
            return
        names = args or [name for name in known if archives_of(data_dir, name)]
        work: list[tuple[list[Path], dict[str, str]]] = []
        if opts.archive:
            work = [(opts.archive, dict.fromkeys(args, ""))]
        for name in names if not opts.archive else []:
            files = archives_of(data_dir, name)
            work.append((files, {name: next((noted(f)["site_url"] for f in files if "site_url" in noted(f)), "")}))
        if not any(files for files, _ in work):
            self.exitcode = complain(
                f"reparse: no archives in {data_dir / 'warc'}; crawl with -s ARCHIVE=True, or use --archive"
            )
            return
        try:
            for files, site_urls in work:
                self._reparse(data_dir, files, site_urls, opts)
        except (StoreError, ShardError, LedgerError, OSError) as error:
            print(f"reparse: {error}", file=sys.stderr)
            self.exitcode = 1

    def _reparse(self, data_dir: Path, files: list[Path], site_urls: dict[str, str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        found: dict[str, dict[str, Reread]] = {}
        passed: Counter[str] = Counter()
        for articles, reasons in reread(
            self._captures(files), _plain(self.settings.copy_to_dict()), site_urls, opts.jobs
        ):
            passed += reasons
            for one in articles:
                # Archives are read in their order: of several answers the last one counts.
                found.setdefault(one.article.site, {})[one.article.id] = one
        for site, articles_by_id in found.items():
            stored = replace_shards(data_dir, site, articles_by_id, foreign=bool(opts.archive))
            print(
                f"{site}: {stored.read} articles read again, {stored.kept} kept as they were, {stored.passed} passed over"
            )
        if passed:
            print("no article: " + ", ".join(f"{count} {reason}" for reason, count in passed.most_common()))

    def _captures(self, files: list[Path]) -> Iterator[Capture]:
        for path in files:
            count = 0
            try:
                for capture in captures(path):
                    count += 1
                    yield capture
            except OSError as error:
                print(f"{path}: {error.strerror or error}; read as far as it goes", file=sys.stderr)
                self.exitcode = 1
            missing = noted(path).get("records", count) - count
            if missing > 0:
                print(f"{path}: cut short: {missing} of {count + missing} records are missing", file=sys.stderr)
                self.exitcode = 1


class Stored(Counter[str]):
    """How many articles were `read`, `kept` and `passed`."""

    def __getattr__(self, name: str) -> int:
        return self[name]


def replace_shards(data_dir: Path, site: str, found: dict[str, Reread], *, foreign: bool) -> Stored:
    """Put a new generation of a site's shards in the place of the old one. Raises StoreError, ShardError, LedgerError."""
    # Whatever the last crawl left is finished first; the store is then held for as long as shards are replaced.
    SiteStore(data_dir, site).close()
    store = SiteStore(data_dir, site)
    try:
        old = store.shards.finished()
        lines: dict[str, dict[str, Any]] = {}
        for name in old:
            for record in read_shard(store.shards.finished_path(name)):
                if record["id"] not in lines or lines[record["id"]]["revision"] <= record["revision"]:
                    lines[record["id"]] = record
        stored, texts = (
            Stored(),
            {hash_of(line["title"], line["text"]): id for id, line in lines.items() if id not in found},
        )
        for id, one in found.items():
            entry = store.ledger.get(id)
            digest = hash_of(one.article.title, one.article.text)
            is_wanted = entry is not None or (foreign and one.is_declared)
            if (
                not is_wanted
                or (entry is not None and entry.state is State.FORGOTTEN)
                or texts.setdefault(digest, id) != id
            ):
                stored["passed"] += 1
                continue
            lines[id] = _line(one.article, lines.get(id))
            stored["read"] += 1
        stored["kept"] = len(lines) - stored["read"]
        replacement = Replacement(store.shards, site)
        for part in _parts([encode(line) for line in lines.values()]):
            replacement.add(part)
        replacement.swap(store.ledger, old)
        return stored
    finally:
        store.close()


def _line(article: Article, before: dict[str, Any] | None) -> dict[str, Any]:
    line = as_record(article)
    if before is not None:
        line["revision"] = before["revision"]
        line |= {key: before[key] for key in _FROM_LISTINGS if before[key] and (not line[key] or key == "route")}
    return line


def _parts(lines: list[bytes]) -> Iterator[list[bytes]]:
    part: list[bytes] = []
    size = 0
    for line in lines:
        part.append(line)
        size += len(line)
        if size >= SHARD_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


def _plain(settings: dict[str, Any]) -> dict[str, Any]:
    """What of the settings goes to other processes."""
    return {key: value for key, value in settings.items() if isinstance(value, str | int | float | list | dict | None)}
