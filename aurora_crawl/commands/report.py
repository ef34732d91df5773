"""`scrapy report`: one HTML page about everything that is stored."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

from scrapy.commands import ScrapyCommand

from aurora_crawl.commands.progress_bars import Bars
from aurora_crawl.commands.sites import complain
from aurora_crawl.corpus.manifest import MANIFEST, ManifestError, read_manifest
from aurora_crawl.corpus.token_budget import GOAL
from aurora_crawl.files import write_whole
from aurora_crawl.storage.ledger import LedgerError
from aurora_crawl.storage.shards import ShardError
from aurora_crawl.storage.totals import TotalsError, read_totals
from aurora_crawl.text.boilerplate.block_file import BlockFileError

FAILED = 1
INTERRUPTED = 130
SAMPLES = 5


class Command(ScrapyCommand):
    """Looks at what is stored, and writes the page."""

    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        """Shown by --help."""
        return "[options]"

    def short_desc(self) -> str:
        """Shown by `scrapy`."""
        return "Write one HTML page: progress to the goal, sites, years, what was dropped and cut, last crawls"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Reads shards, ledgers and the last crawls under DATA_DIR, and the corpus where there is one, and writes one HTML page"
            " that opens without a network, in Portuguese and English. For each site some articles are shown with what was cut"
            " struck through, so that a person can judge the cleaning. Exit status: 0, 1 where something cannot be read, 2 for a"
            " wrong command."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        add("--output", type=Path, metavar="FILE", help="the page; DATA_DIR/report.html where not given")
        add("--corpus", type=Path, metavar="DIR", help="the corpus; DATA_DIR/corpus where not given")
        add("--totals", type=Path, metavar="FILE", help="output of `scrapy discover SITE --count`: what sites hold")
        add("--goal", type=int, default=GOAL, metavar="TOKENS", help="one billion where not given")
        add("--articles", type=int, default=SAMPLES, metavar="N", help=f"articles shown of each site ({SAMPLES})")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Look, write, and set the exit status."""
        assert self.settings is not None
        if args or opts.goal < 1 or opts.articles < 0:
            wrong = f"takes options only, not {args[0]!r}" if args else "--goal is 1 or more, --articles 0 or more"
            self.exitcode = complain(f"report: {wrong}")
            return
        # Only here: every other command of `scrapy` would wait for what these load.
        from aurora_crawl.corpus.report import render
        from aurora_crawl.corpus.survey import survey

        data_dir = Path(self.settings["DATA_DIR"])
        corpus, target = opts.corpus or data_dir / "corpus", opts.output or data_dir / "report.html"
        bar = Bars()
        try:
            totals = read_totals(opts.totals) if opts.totals else {}
            has_corpus = opts.corpus or (corpus / MANIFEST).exists()
            manifest = read_manifest(corpus) if has_corpus else None
            surveys = survey(data_dir, data_dir / "articles", opts.articles, bar.show)
            bar.close()
            if not surveys:
                raise ShardError(f"nothing is stored in {data_dir}; `scrapy crawl SITE` begins")
            page = render(surveys, manifest, totals, opts.goal, datetime.now().astimezone())
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, page)
        except (ShardError, LedgerError, ManifestError, TotalsError, BlockFileError, OSError) as error:
            bar.close()
            print(f"scrapy report: {error}", file=sys.stderr)
            self.exitcode = FAILED
            return
        except KeyboardInterrupt:
            bar.close()
            print("scrapy report: stopped; nothing was written", file=sys.stderr)
            self.exitcode = INTERRUPTED
            return
        print(target.absolute().as_uri())
