"""`scrapy reparse`: a new generation of shards from archived pages, without the network."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from aurora_crawl.command import AuroraCommand
from aurora_crawl.crawling.article_page import PAGES
from aurora_crawl.errors import FAILED, WrongCommand
from aurora_crawl.messages import N_, _

if TYPE_CHECKING:
    from aurora_crawl.storage.archive import Capture
    from aurora_crawl.storage.generation import Generation


class Command(AuroraCommand):
    """Reads archives again, by the rules as they are now."""

    usage = "[options] [SITE]"
    example = "scrapy reparse outraspalavras"
    short = N_("Make a new generation of shards from archived pages")
    long = N_(
        "Reads what crawls with ARCHIVE=True recorded, or the WARC files named with --archive, by the rules as they are now."
        " Articles that the archives do not have keep their lines. The new shards take the place of the old ones at once,"
        " when all are complete. Exit status: 0 when all archives were whole, 1 otherwise, 2 for a wrong command."
    )
    kept = N_("the old shards are as they were")

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        parser.add_argument(
            "--archive", type=Path, action="append", metavar="FILE", help=_("a WARC file from anywhere")
        )
        parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help=_("processes"))

    def follow(self, args: list[str], opts: argparse.Namespace) -> None:
        """Read and swap; what cannot be read whole sets the exit status."""
        from aurora_crawl.storage.archive import archives_of, noted

        if len(args) > 1 or opts.jobs < 1:
            raise WrongCommand(N_("name one site, or none for all, and --jobs 1 or more"))
        data_dir = self.data_dir
        sites = list(self.some_sites(args))
        names = [site.name for site in sites if site.reads == PAGES]
        if args and not names:
            words = N_("{site}: its documents are more than pages, and an archive's pages do not make them again")
            raise WrongCommand(words, site=args[0])
        names = names if args else [name for name in names if archives_of(data_dir, name)]
        work: list[tuple[list[Path], dict[str, str]]] = []
        if opts.archive:
            work = [(opts.archive, dict.fromkeys(args, ""))]
        for name in names if not opts.archive else []:
            files = archives_of(data_dir, name)
            work.append((files, {name: next((noted(f)["site_url"] for f in files if "site_url" in noted(f)), "")}))
        if not any(files for files, _urls in work):
            none = N_("no archives in {folder}; crawl with -s ARCHIVE=True, or use --archive")
            raise WrongCommand(none, folder=data_dir / "warc")
        for files, site_urls in work:
            self._reparse(data_dir, files, site_urls, opts)

    def _reparse(self, data_dir: Path, files: list[Path], site_urls: dict[str, str], opts: argparse.Namespace) -> None:
        from aurora_crawl.maintenance.reparse import Sites, cleaned_again, reread
        from aurora_crawl.monitoring.reasons import fate_in_words
        from aurora_crawl.storage.generation import Generation

        passed: Counter[str] = Counter()
        sites = Sites(self.given, site_urls)
        with ExitStack() as held:
            generations: dict[str, Generation] = {}
            answers = self._captures(files, lambda url: sites.of(url) is not None)
            for articles, reasons in reread(answers, _plain(self.given.copy_to_dict()), site_urls, opts.jobs):
                passed += reasons
                for one in articles:
                    if one.site not in generations:
                        generations[one.site] = held.enter_context(Generation(data_dir, one.site))
                    # Archives are read in their order: of several answers the last one counts.
                    generations[one.site].add(one)
            for site, generation in generations.items():
                cleaned = partial(cleaned_again, rules=sites.rules[site])
                done = generation.replace(strangers=bool(opts.archive), cleaned=cleaned)
                words = _("{site}: {read} articles read again, {kept} kept as they were, {passed} passed over")
                print(words.format(site=site, read=done.read, kept=done.kept, passed=done.passed))
        if passed:
            told = ", ".join(f"{count} {fate_in_words(reason)}" for reason, count in passed.most_common())
            print(_("no article: {told}").format(told=told))

    def _captures(self, files: list[Path], wanted: Callable[[str], bool]) -> Iterator[Capture]:
        from aurora_crawl.storage.archive import Count, CutShort, captures, noted

        for path in files:
            count, is_cut = Count(), False
            try:
                yield from captures(path, wanted, count)
            except CutShort:
                is_cut = True
            except OSError as error:
                self._say_of(path, _("{why}; read as far as it goes").format(why=error.strerror or error))
            missing = noted(path).get("records", count.records) - count.records
            if missing > 0:
                words = _("cut short: {missing} of {records} records are missing")
                self._say_of(path, words.format(missing=missing, records=count.records + missing))
            elif is_cut:
                self._say_of(path, _("cut short within a record; nothing says how many are missing after it"))

    def _say_of(self, path: Path, line: str) -> None:
        print(f"{path}: {line}", file=sys.stderr)
        self.exitcode = FAILED


def _plain(settings: Mapping[str, object]) -> dict[str, object]:
    """What of the settings goes to other processes."""
    return {key: value for key, value in settings.items() if isinstance(value, str | int | float | list | dict | None)}
