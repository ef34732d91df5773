"""`scrapy corpus`: all sites' shards become one training set."""

from __future__ import annotations

import argparse
from dataclasses import fields
from urllib.parse import urlsplit

from tqdm import tqdm

from aurora_crawl.actions.corpus_summary import tell_outcome
from aurora_crawl.actions.progress_bars import Bars
from aurora_crawl.command import AuroraCommand
from aurora_crawl.corpus.build import Plan, build
from aurora_crawl.corpus.hub import claim, push
from aurora_crawl.corpus.hub_rows import Taken, files_in, host_in, rows_of, take
from aurora_crawl.corpus.options import Selection
from aurora_crawl.corpus.token_budget import totals_of
from aurora_crawl.corpus.token_count import NONE, counter
from aurora_crawl.executor import executor
from aurora_crawl.harvest.outlets import read_outlets
from aurora_crawl.messages import _
from aurora_crawl.monitoring.reasons import fate_in_words
from aurora_crawl.pipelines.clean import rules_in
from aurora_crawl.storage.totals import read_totals
from aurora_crawl.text.quality import Thresholds


def run(command: AuroraCommand, args: list[str], opts: argparse.Namespace) -> None:
    """Build and tell."""
    data = command.data_dir.absolute()
    plan = Plan(
        articles=(opts.input or data / "articles").absolute(),
        boilerplate=data / "boilerplate",
        output=(opts.output or data / "corpus").absolute(),
        selection=_selection(opts),
        tokenizer=opts.tokenizer,
    )
    if opts.hub:
        _take_rows(command, opts)
    counted = read_totals(opts.totals) if opts.totals else {}
    if opts.tokenizer != NONE:
        counter(opts.tokenizer)
    if opts.push:
        claim(opts.push)
    with Bars() as bars, executor(opts.jobs, opts.scheduler) as pool:
        manifest = build(plan, pool, bars.show)
    sites = {one.site for one in manifest.inputs}
    tell_outcome(manifest, totals_of(data, sites, counted), opts.goal)
    print(plan.output)
    if opts.push:
        print(_("sent to {address}").format(address=push(plan.output, opts.push)))


def _take_rows(command: AuroraCommand, opts: argparse.Namespace) -> None:
    """Store the rows of a data set on the Hub as articles of their hosts."""
    hosts, taken = read_outlets(opts.hosts), Taken()
    names = {urlsplit(site.site_url).netloc.removeprefix("www."): site.name for site in command.loader.sites()}

    def count(rows: int) -> None:
        taken.rows += rows

    for file in tqdm(files_in(opts.hub), desc=opts.hub, unit=_("file"), disable=None, leave=False):
        rows = rows_of(file, hosts, count)
        take(
            rows,
            command.data_dir,
            lambda url: names.get(host_in(url), host_in(url)),
            lambda site: rules_in(command.given, site),
            taken,
        )
    told = ", ".join(f"{count} {fate_in_words(reason)}" for reason, count in (taken.passed or {}).items())
    words = _("{dataset}: {rows} rows seen, {stored} stored; not stored: {told}")
    print(words.format(dataset=opts.hub, rows=taken.rows, stored=taken.stored, told=told or "-"))


def _selection(opts: argparse.Namespace) -> Selection:
    limits = {one.name: getattr(opts, f"quality_{one.name}") for one in fields(Thresholds)}
    return Selection(
        licenses=opts.licenses,
        exclude_licenses=opts.exclude_licenses,
        most_per_site=opts.max_per_site,
        validation=opts.validation,
        seed=opts.seed,
        quality=Thresholds(**limits),
        ignored_marks=opts.ignore_marks,
        mask_personal_data=opts.mask_personal_data,
        keep_duplicates=opts.keep_duplicates,
        by=opts.by,
        similarity=opts.similarity,
    )
