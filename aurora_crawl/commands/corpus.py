"""`scrapy corpus`: all sites' shards become one training set."""

from __future__ import annotations

import argparse
import os
import re
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path
from typing import get_args

from aurora_crawl.command import AuroraCommand
from aurora_crawl.corpus.options import GOAL, UNKNOWN_LICENSE, By
from aurora_crawl.corpus.token_count import NONE, OFFLINE
from aurora_crawl.errors import WrongCommand
from aurora_crawl.messages import N_, _
from aurora_crawl.text.quality import MARKS, Thresholds


class Command(AuroraCommand):
    """Makes a corpus, and says what came of it."""

    example = "scrapy corpus --tokenizer none"
    short = N_("Make one training set of all sites' shards: no duplicates, counted, divided into train and validation")
    long = N_(
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
        add("--input", type=Path, metavar="DIR", help=_("the shards; DATA_DIR/articles where not given"))
        add("--output", type=Path, metavar="DIR", help=_("the corpus; DATA_DIR/corpus where not given"))
        only = _("only these licences (SPDX, LicenseRef-…, {unknown})").format(unknown=UNKNOWN_LICENSE)
        add("--licenses", type=listed, default=(), metavar="L,L", help=only)
        add("--exclude-licenses", type=listed, default=(), metavar="L,L", help=_("none of these licences"))
        add("--max-per-site", type=int, default=0, metavar="N", help=_("at most so many documents of a site"))
        share = _("of the documents, never trained on (0.005)")
        add("--validation", type=float, default=0.005, metavar="SHARE", help=share)
        add("--seed", type=int, default=0, metavar="N", help=_("draws another validation part"))
        add("--keep-duplicates", action="store_true", help=_("do not look for duplicates"))
        add("--similarity", type=float, default=0.6, metavar="S", help=_("from which two texts are one (0.6)"))
        chapters = _("documents: books whole (document), or a line each chapter, split after duplicates (chapter)")
        add("--by", choices=get_args(By), default="document", help=chapters)
        masked = _("[e-mail], [CPF] and [telefone] in the place of each")
        add("--mask-personal-data", action="store_true", help=masked)
        ignored = _("marks of quality that keep nothing out; of {marks}").format(marks=", ".join(MARKS))
        add("--ignore-marks", type=listed, default=(), metavar="M,M", help=ignored)
        for one in fields(Thresholds):
            option = f"--quality-{one.name.replace('_', '-')}"
            threshold = _("threshold, FineWeb-2's is {default}").format(default=one.default)
            add(option, type=float, default=one.default, metavar="X", help=threshold)
        tokens = _("counts tokens: {offline}, a folder, a model, or {none}").format(offline=OFFLINE, none=NONE)
        add("--tokenizer", default=OFFLINE, metavar="NAME", help=tokens)
        totals = _("output of `scrapy discover SITE --count`: what sites hold")
        add("--totals", type=Path, metavar="FILE", help=totals)
        add("--goal", type=int, default=GOAL, metavar="TOKENS", help=_("one billion where not given"))
        add("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help=_("processes"))
        cluster = _("a Dask scheduler such as tcp://127.0.0.1:8786 instead of processes")
        add("--scheduler", metavar="ADDRESS", help=cluster)
        hub = _(
            "first take the rows of --hosts out of this data set of pages: a folder of Parquet, or OWNER/NAME on the Hub"
        )
        add("--hub", metavar="DATASET", help=hub)
        add(
            "--hosts", type=Path, metavar="FILE", help=_("with --hub: the wanted hosts, as `scrapy harvest` reads them")
        )
        sent = _("send the finished corpus to this data set on the Hub, private")
        add("--push", metavar="REPO", help=sent)

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """See AuroraCommand."""
        self.options_only(args)
        if not 0 <= opts.validation < 1:
            raise WrongCommand(N_("--validation is a share from 0 to below 1"))
        if opts.jobs < 1 or opts.max_per_site < 0:
            raise WrongCommand(N_("--jobs is 1 or more, --max-per-site 0 or more"))
        if opts.goal < 1:
            raise WrongCommand(N_("--goal is 1 or more"))
        if not 0 < opts.similarity <= 1:
            raise WrongCommand(N_("--similarity is above 0 and at most 1"))
        if opts.scheduler and not re.fullmatch(r"(\w+://)?[^:/\s]+:\d+", opts.scheduler):
            wrong = N_("--scheduler {address}: not an address like tcp://127.0.0.1:8786")
            raise WrongCommand(wrong, address=opts.scheduler)
        if bool(opts.hub) is not bool(opts.hosts):
            raise WrongCommand(N_("--hub and --hosts go together"))
        if opts.push and find_spec("huggingface_hub") is None:
            raise WrongCommand(N_("--push needs: pip install 'aurora-br[corpus]'"))
        if find_spec("rensa") is None:
            raise WrongCommand(N_("needs the extra `corpus`: pip install 'aurora-br[corpus]'"))
        if unknown := sorted(set(opts.ignore_marks) - set(MARKS)):
            wrong = N_("--ignore-marks: no mark '{name}'; there are {known}")
            raise WrongCommand(wrong, name=unknown[0], known=", ".join(MARKS))


def listed(words: str) -> tuple[str, ...]:
    """The different words of a list that commas divide, in order."""
    return tuple(sorted({word.strip() for word in words.split(",")} - {""}))
