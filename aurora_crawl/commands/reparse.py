"""`scrapy reparse`: a new generation of shards from archived pages, without the network."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from scrapy.commands import ScrapyCommand

from aurora_crawl.commands.sites import complain
from aurora_crawl.maintenance.reparse import Sites, cleaned_again, reread
from aurora_crawl.pipelines.setting import SettingError
from aurora_crawl.storage.archive import Capture, Count, CutShort, archives_of, captures, noted
from aurora_crawl.storage.generation import Generation
from aurora_crawl.storage.ledger import LedgerError
from aurora_crawl.storage.shards import ShardError
from aurora_crawl.storage.store import StoreError
from aurora_crawl.text.boilerplate.block_file import BlockFileError


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
        except (StoreError, ShardError, LedgerError, BlockFileError, SettingError, OSError) as error:
            print(f"reparse: {error}", file=sys.stderr)
            self.exitcode = 1

    def _reparse(self, data_dir: Path, files: list[Path], site_urls: dict[str, str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        passed: Counter[str] = Counter()
        sites = Sites(self.settings, site_urls)
        with ExitStack() as held:
            generations: dict[str, Generation] = {}
            answers = self._captures(files, lambda url: sites.of(url) is not None)
            for articles, reasons in reread(answers, _plain(self.settings.copy_to_dict()), site_urls, opts.jobs):
                passed += reasons
                for one in articles:
                    if one.site not in generations:
                        generations[one.site] = held.enter_context(Generation(data_dir, one.site))
                    # Archives are read in their order: of several answers the last one counts.
                    generations[one.site].add(one)
            for site, generation in generations.items():
                cleaned = partial(cleaned_again, rules=sites.rules[site])
                done = generation.replace(strangers=bool(opts.archive), cleaned=cleaned)
                print(
                    f"{site}: {done.read} articles read again, {done.kept} kept as they were, {done.passed} passed over"
                )
        if passed:
            print("no article: " + ", ".join(f"{count} {reason}" for reason, count in passed.most_common()))

    def _captures(self, files: list[Path], wanted: Callable[[str], bool]) -> Iterator[Capture]:
        for path in files:
            count, is_cut = Count(), False
            try:
                yield from captures(path, wanted, count)
            except CutShort:
                is_cut = True
            except OSError as error:
                self._say_of(path, f"{error.strerror or error}; read as far as it goes")
            missing = noted(path).get("records", count.records) - count.records
            if missing > 0:
                self._say_of(path, f"cut short: {missing} of {count.records + missing} records are missing")
            elif is_cut:
                self._say_of(path, "cut short within a record; nothing says how many are missing after it")

    def _say_of(self, path: Path, line: str) -> None:
        print(f"{path}: {line}", file=sys.stderr)
        self.exitcode = 1


def _plain(settings: dict[str, Any]) -> dict[str, Any]:
    """What of the settings goes to other processes."""
    return {key: value for key, value in settings.items() if isinstance(value, str | int | float | list | dict | None)}
