"""`scrapy reparse`: a new generation of shards from archived pages, without the network."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from aurora_crawl.command import AuroraCommand
from aurora_crawl.crawling.archived_words import HostWords, is_word
from aurora_crawl.crawling.site_reading import PAGES
from aurora_crawl.errors import FAILED, WrongCommand
from aurora_crawl.harvest.kept import captures_at, kept_records
from aurora_crawl.maintenance.reparse import Sites, cleaned_again, reread
from aurora_crawl.messages import N_, _
from aurora_crawl.monitoring.reasons import fate_in_words
from aurora_crawl.pipelines.clean import rules_in
from aurora_crawl.storage.archive import Capture, Count, CutShort, archives_of, captures, noted
from aurora_crawl.storage.generation import OPTED_OUT, Generation, Lead, ReadAgain

MOST_TOLD = 20
"""Damaged places of a file that are named one by one."""


def run(command: AuroraCommand, args: list[str], opts: argparse.Namespace) -> None:
    """Read and swap; what cannot be read whole sets the exit status."""
    data_dir = command.data_dir
    if opts.harvest:
        _harvested(command, data_dir, args, opts)
        return
    sites = list(command.some_sites(args))
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
        _reparse(command, data_dir, files, site_urls, opts)


def _reparse(
    command: AuroraCommand, data_dir: Path, files: list[Path], site_urls: dict[str, str], opts: argparse.Namespace
) -> None:
    passed: Counter[str] = Counter()
    sites, words = Sites(command.given, site_urls), HostWords()
    with ExitStack() as held:
        generations: dict[str, Generation] = {}

        def of(site: str) -> Generation:
            if site not in generations:
                generations[site] = held.enter_context(Generation(data_dir, site))
            return generations[site]

        answers = _captures(command, files, lambda url: sites.of(url) is not None or is_word(url), bool(opts.archive))
        for batch in reread(answers, _plain(command.given.copy_to_dict()), site_urls, opts.jobs):
            passed += batch.passed
            for word in batch.words:
                words.hear(word)
            for one in batch.articles:
                of(one.site).add(one)
            for lead in batch.leads:
                of(lead.site).lead(lead)
        for site, generation in generations.items():
            passed[OPTED_OUT] += _swap(command, site, generation, sites, words, strangers=bool(opts.archive))
    _say_passed(passed)


def _harvested(command: AuroraCommand, data_dir: Path, args: list[str], opts: argparse.Namespace) -> None:
    """Read what harvests have kept, site by site: one store is open at a time."""
    sites, words, passed = Sites(command.given, {}, everyone=True), HostWords(), Counter[str]()
    named = set(args)

    def site_of(url: str) -> str | None:
        found = sites.of(url)
        return found if not named or found in named else None

    records = kept_records(data_dir, site_of)
    if not records:
        none = N_("no records in {folder}; run `scrapy harvest ccnews`")
        raise WrongCommand(none, folder=data_dir / "harvest")
    in_order = (record for site in sorted(records) for record in records[site])
    answers = captures_at(in_order, lambda lost: _say_of(command, lost.path, f"byte {lost.offset}"))
    current: Generation | None = None
    site = ""

    def close() -> None:
        nonlocal current
        if current is not None:
            with current:
                passed[OPTED_OUT] += _swap(command, site, current, sites, words, strangers=True)
            current = None

    settings = _plain(command.given.copy_to_dict())
    try:
        for batch in reread(answers, settings, {}, opts.jobs, everyone=True):
            passed += batch.passed
            for word in batch.words:
                words.hear(word)
            found: list[ReadAgain | Lead] = [*batch.articles, *batch.leads]
            for one in sorted(found, key=lambda one: one.site):
                if one.site != site:
                    close()
                    site, current = one.site, Generation(data_dir, one.site)
                assert current is not None
                if isinstance(one, Lead):
                    current.lead(one)
                else:
                    current.add(one)
        close()
    finally:
        if current is not None:
            current.__exit__(None, None, None)
    _say_passed(passed)


def _swap(
    command: AuroraCommand, site: str, generation: Generation, sites: Sites, words: HostWords, *, strangers: bool
) -> int:
    """Put a new generation in place; how many of its articles are not for machine learning."""
    rules = sites.rules.get(site) or rules_in(command.given, site)
    cleaned = partial(cleaned_again, rules=rules)
    done = generation.replace(strangers=strangers, cleaned=cleaned, host_says=words.of, obeys=sites.obeys)
    told = _("{site}: {read} articles read again, {kept} kept as they were, {passed} passed over")
    print(told.format(site=site, read=done.read, kept=done.kept, passed=done.passed))
    return done.opted_out


def _say_passed(passed: Counter[str]) -> None:
    if passed := +passed:
        told = ", ".join(f"{count} {fate_in_words(reason)}" for reason, count in passed.most_common())
        print(_("no article: {told}").format(told=told))


def _captures(
    command: AuroraCommand, files: list[Path], wanted: Callable[[str], bool], are_others: bool
) -> Iterator[Capture]:
    for path in files:
        count, is_cut = Count(), False
        try:
            for capture in captures(path, wanted, count):
                yield replace(capture, archive=path.name) if are_others else capture
        except CutShort:
            is_cut = True
        except OSError as error:
            _say_of(command, path, _("{why}; read as far as it goes").format(why=error.strerror or error))
        for one in count.damage[:MOST_TOLD]:
            place = _("damaged at byte {offset} ({why}); what stands there is lost, the rest is read")
            _say_of(command, path, place.format(offset=one.offset, why=one.reason))
        if len(count.damage) > MOST_TOLD:
            _say_of(command, path, _("damaged at {count} places more").format(count=len(count.damage) - MOST_TOLD))
        missing = noted(path).get("records", count.records) - count.records - len(count.damage)
        if missing > 0:
            words = _("cut short: {missing} of {records} records are missing")
            _say_of(command, path, words.format(missing=missing, records=count.records + missing))
        elif is_cut:
            _say_of(command, path, _("cut short within a record; nothing says how many are missing after it"))


def _say_of(command: AuroraCommand, path: Path, line: str) -> None:
    print(f"{path}: {line}", file=sys.stderr)
    command.exitcode = FAILED


def _plain(settings: Mapping[str, object]) -> dict[str, object]:
    """What of the settings goes to other processes."""
    return {key: value for key, value in settings.items() if isinstance(value, str | int | float | list | dict | None)}
