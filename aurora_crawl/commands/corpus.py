"""`scrapy corpus`: all sites' shards become one training set."""

from __future__ import annotations

import argparse
import os
import re
import sys
from dataclasses import fields
from errno import ENOSPC
from importlib.util import find_spec
from pathlib import Path

from scrapy.commands import ScrapyCommand

from aurora_crawl.commands.corpus_summary import tell_outcome
from aurora_crawl.commands.progress_bars import Bars
from aurora_crawl.commands.sites import complain
from aurora_crawl.corpus.hub import HubError, claim, push
from aurora_crawl.corpus.options import UNKNOWN_LICENSE, CorpusError, Selection
from aurora_crawl.corpus.output_folder import PlaceError
from aurora_crawl.corpus.token_budget import GOAL, totals_of
from aurora_crawl.corpus.token_count import NONE, OFFLINE, TokenizerError, counter
from aurora_crawl.executor import ExecutorError, executor
from aurora_crawl.storage.shards import ShardError
from aurora_crawl.storage.totals import TotalsError, read_totals
from aurora_crawl.text.boilerplate.block_file import BlockFileError
from aurora_crawl.text.quality import MARKS, Thresholds

FAILED = 1
INTERRUPTED = 130

_FAILURES = (
    CorpusError,
    PlaceError,
    ShardError,
    BlockFileError,
    ExecutorError,
    TokenizerError,
    TotalsError,
    HubError,
    OSError,
)


class Command(ScrapyCommand):
    """Makes a corpus, and says what came of it."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Shown by --help."""
        return "[options]"

    def short_desc(self) -> str:
        """Shown by `scrapy`."""
        return "Make one training set of all sites' shards: no duplicates, counted, divided into train and validation"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Reads DATA_DIR/articles, cuts each site's learned blocks (DATA_DIR/boilerplate), leaves out older revisions, other"
            " languages, duplicates and near-duplicates over all sites together, and what lies beyond the thresholds of quality,"
            " and writes train-*.jsonl.gz, validation-*.jsonl.gz, manifest.json and a data card. The same shards and options give"
            " the same bytes. A build that was ended goes on when the same command is given again; the old corpus stays until"
            " the new one is complete. Exit status: 0 for a complete corpus, 1 where it could not be made, 2 for a wrong"
            " command, 130 after Ctrl-C."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        add("--input", type=Path, metavar="DIR", help="the shards; DATA_DIR/articles where not given")
        add("--output", type=Path, metavar="DIR", help="the corpus; DATA_DIR/corpus where not given")
        add("--licenses", metavar="L,L", help=f"only these licences (SPDX, LicenseRef-…, {UNKNOWN_LICENSE})")
        add("--exclude-licenses", metavar="L,L", help="none of these licences")
        add("--max-per-site", type=int, default=0, metavar="N", help="at most so many documents of a site")
        add(
            "--validation",
            type=float,
            default=0.005,
            metavar="SHARE",
            help="of the documents, never trained on (0.005)",
        )
        add("--seed", type=int, default=0, metavar="N", help="draws another validation part")
        add("--keep-duplicates", action="store_true", help="do not look for duplicates")
        add("--similarity", type=float, default=0.6, metavar="S", help="from which two texts are one (0.6)")
        add("--mask-personal-data", action="store_true", help="[e-mail], [CPF] and [telefone] in the place of each")
        add("--ignore-marks", metavar="M,M", help=f"marks of quality that keep nothing out; of {', '.join(MARKS)}")
        for one in fields(Thresholds):
            option = f"--quality-{one.name.replace('_', '-')}"
            add(option, type=float, default=one.default, metavar="X", help=f"threshold, FineWeb-2's is {one.default}")
        add(
            "--tokenizer",
            default=OFFLINE,
            metavar="NAME",
            help=f"counts tokens: {OFFLINE}, a folder, a model, or {NONE}",
        )
        add("--totals", type=Path, metavar="FILE", help="output of `scrapy discover SITE --count`: what sites hold")
        add("--goal", type=int, default=GOAL, metavar="TOKENS", help="one billion where not given")
        add("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="processes")
        add("--scheduler", metavar="ADDRESS", help="a Dask scheduler such as tcp://127.0.0.1:8786 instead of processes")
        add("--push", metavar="REPO", help="send the finished corpus to this data set on the Hub, private")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Build, tell, and set the exit status."""
        assert self.settings is not None
        data = Path(self.settings["DATA_DIR"]).absolute()
        if wrong := _wrong(args, opts):
            self.exitcode = complain(f"corpus: {wrong}")
            return
        # Only here: every other command of `scrapy` would wait for what these load.
        from aurora_crawl.corpus.build import Plan, build

        plan = Plan(
            articles=(opts.input or data / "articles").absolute(),
            boilerplate=data / "boilerplate",
            output=(opts.output or data / "corpus").absolute(),
            selection=_selection(opts),
            tokenizer=opts.tokenizer,
        )
        bar = Bars()
        try:
            counted = read_totals(opts.totals) if opts.totals else {}
            if opts.tokenizer != NONE:
                counter(opts.tokenizer)
            if opts.push:
                claim(opts.push)
            with executor(opts.jobs, opts.scheduler) as pool:
                manifest = build(plan, pool, bar.show)
            bar.close()
            sites = {one.site for one in manifest.inputs}
            tell_outcome(manifest, totals_of(data, sites, counted), opts.goal)
            print(plan.output)
            if opts.push:
                print(f"sent to {push(plan.output, opts.push)}")
        except _FAILURES as error:
            bar.close()
            print(f"scrapy corpus: {_said(error)}", file=sys.stderr)
            self.exitcode = FAILED
        except KeyboardInterrupt:
            bar.close()
            print("scrapy corpus: stopped; the same command goes on", file=sys.stderr)
            self.exitcode = INTERRUPTED


def _said(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == ENOSPC:
        return "the disk is full; make room, and the same command goes on"
    return str(error)


def _wrong(args: list[str], opts: argparse.Namespace) -> str:
    if args:
        return f"takes options only, not {args[0]!r}"
    if not 0 <= opts.validation < 1:
        return "--validation is a share from 0 to below 1"
    if opts.jobs < 1 or opts.max_per_site < 0:
        return "--jobs is 1 or more, --max-per-site 0 or more"
    if opts.goal < 1:
        return "--goal is 1 or more"
    if not 0 < opts.similarity <= 1:
        return "--similarity is above 0 and at most 1"
    if opts.scheduler and not re.fullmatch(r"(\w+://)?[^:/\s]+:\d+", opts.scheduler):
        return f"--scheduler {opts.scheduler}: not an address like tcp://127.0.0.1:8786"
    if opts.push and find_spec("huggingface_hub") is None:
        return "--push needs: pip install 'aurora-br[corpus]'"
    if find_spec("rensa") is None:
        return "needs the extra `corpus`: pip install 'aurora-br[corpus]'"
    unknown = sorted(set(_listed(opts.ignore_marks)) - set(MARKS))
    return f"--ignore-marks: no mark {unknown[0]!r}; there are {', '.join(MARKS)}" if unknown else ""


def _selection(opts: argparse.Namespace) -> Selection:
    limits = {one.name: getattr(opts, f"quality_{one.name}") for one in fields(Thresholds)}
    return Selection(
        licenses=_listed(opts.licenses),
        exclude_licenses=_listed(opts.exclude_licenses),
        most_per_site=opts.max_per_site,
        validation=opts.validation,
        seed=opts.seed,
        quality=Thresholds(**limits),
        ignored_marks=_listed(opts.ignore_marks),
        mask_personal_data=opts.mask_personal_data,
        keep_duplicates=opts.keep_duplicates,
        similarity=opts.similarity,
    )


def _listed(words: str | None) -> tuple[str, ...]:
    return tuple(sorted({word.strip() for word in (words or "").split(",")} - {""}))
