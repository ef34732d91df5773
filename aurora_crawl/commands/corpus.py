"""`scrapy corpus`: all sites' shards become one training set."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path

from scrapy.commands import ScrapyCommand

from aurora_crawl.commands.bars import Bars
from aurora_crawl.commands.sites import complain
from aurora_crawl.corpus.build import CorpusError, Plan, build
from aurora_crawl.corpus.counting import NONE, OFFLINE, TokenizerError, counter
from aurora_crawl.corpus.executor import ExecutorError, executor
from aurora_crawl.corpus.facts import MARKS
from aurora_crawl.corpus.goal import GOAL, TotalsError, outlook, read_totals, tokens_of
from aurora_crawl.corpus.manifest import Manifest
from aurora_crawl.corpus.selection import UNKNOWN_LICENSE, Selection
from aurora_crawl.storage.shards import ShardError
from aurora_crawl.text.blockfile import BlockFileError
from aurora_crawl.text.quality import Thresholds

INTERRUPTED = 130


class Command(ScrapyCommand):
    """Makes a corpus, and says what came of it."""

    requires_project = True

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
        add("--ignore-marks", metavar="M,M", help=f"marks of quality that keep nothing out: {', '.join(MARKS)}")
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
        plan = Plan(
            articles=(opts.input or data / "articles").absolute(),
            boilerplate=data / "boilerplate",
            output=(opts.output or data / "corpus").absolute(),
            selection=_selection(opts),
            tokenizer=opts.tokenizer,
        )
        bar = Bars()
        try:
            totals = read_totals(opts.totals) if opts.totals else {}
            if opts.tokenizer != NONE:
                counter(opts.tokenizer)
            with executor(opts.jobs, opts.scheduler) as pool:
                manifest = build(plan, pool, bar.show)
        except (CorpusError, ShardError, BlockFileError, ExecutorError, TokenizerError, TotalsError, OSError) as error:
            bar.close()
            print(f"scrapy corpus: {error}", file=sys.stderr)
            self.exitcode = 1
            return
        except KeyboardInterrupt:
            bar.close()
            print("scrapy corpus: stopped; the same command goes on", file=sys.stderr)
            self.exitcode = INTERRUPTED
            return
        bar.close()
        _tell(plan, manifest, totals, opts.goal)
        if opts.push:
            self.exitcode = _push(plan.output, opts.push)


def _wrong(args: list[str], opts: argparse.Namespace) -> str:
    if args:
        return f"takes options only, not {args[0]!r}"
    if not 0 <= opts.validation < 1:
        return "--validation is a share from 0 to below 1"
    if opts.jobs < 1 or opts.max_per_site < 0:
        return "--jobs is 1 or more, --max-per-site 0 or more"
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
        keep_duplicates=opts.keep_duplicates,
        similarity=opts.similarity,
    )


def _listed(words: str | None) -> tuple[str, ...]:
    return tuple(sorted({word.strip() for word in (words or "").split(",")} - {""}))


def _tell(plan: Plan, manifest: Manifest, totals: dict[str, int], goal: int) -> None:
    for step in manifest.steps:
        dropped = ", ".join(f"{count:,} {reason}" for reason, count in step["dropped"].items() if count)
        print(f"{step['name']:18}{step['documents']:>12,} documents{f'   ({dropped})' if dropped else ''}")
    total = manifest.sum()
    print(f"\n{'site':22}{'documents':>12}{'tokens':>16}{'site holds':>16}")
    rows = outlook(manifest, totals)
    for row in rows:
        holds = f"{row.expected:,}" if row.expected is not None else "not known"
        print(f"{row.site:22}{row.documents:>12,}{row.tokens:>16,}{holds:>16}")
    print(f"\n{'year':22}{'documents':>12}{'tokens':>16}")
    for (year,), count in manifest.by("year").items():
        print(f"{year or 'not known':22}{count.documents:>12,}{tokens_of(count.words, count.tokens):>16,}")
    tokens = tokens_of(total.words, total.tokens)
    said = "" if total.tokens is not None else " (estimated from words)"
    print(f"{'together':22}{total.documents:>12,}{tokens:>16,}{said}")
    print(f"{100 * tokens / goal:.2f} % of the goal of {goal:,} tokens")
    if totals:
        hoped = sum(row.expected if row.expected is not None else row.tokens for row in rows)
        missing = max(0, goal - hoped)
        print(f"the sites in hand hold some {hoped:,}; {missing:,} are missing to the goal")
    print(f"{plan.output}")


def _push(folder: Path, repo: str) -> int:
    """Send a corpus to the Hub; the exit status."""
    try:
        from huggingface_hub import HfApi
        from huggingface_hub.errors import HfHubHTTPError
    except ImportError:
        return complain("corpus: --push needs: pip install 'aurora-br[corpus]'")
    try:
        HfApi().create_repo(repo, repo_type="dataset", private=True, exist_ok=True)
        HfApi().upload_folder(repo_id=repo, repo_type="dataset", folder_path=str(folder))
    except (HfHubHTTPError, OSError, ValueError) as error:
        print(f"scrapy corpus: --push {repo}: {str(error).strip().splitlines()[0]}", file=sys.stderr)
        return 1
    print(f"sent to {repo} (private)")
    return 0
