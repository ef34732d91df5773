"""Perplexity of base and adapter on documents that were not trained on: `python -m train.evaluate`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from train.cli import ended
from train.errors import ConfigError

WINDOW = 2048
"""Tokens that are read at once; a longer document is measured in windows that overlap by half."""


def main(words: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    arguments = _parser().parse_args(words)
    return ended(lambda: _run(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m train.evaluate", description=__doc__)
    parser.add_argument(
        "--base_model", help="the base: a folder, a GGUF file, a name on the Hub; the adapter knows its own"
    )
    parser.add_argument("--adapter", type=Path, help="the adapter's folder; without it only the base is measured")
    parser.add_argument(
        "--datasets", nargs="+", required=True, metavar="PATH", help="shards, corpus folder, JSON Lines"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the figures go")
    parser.add_argument("--limit", type=int, metavar="N", help="at most so many documents, drawn by their ids")
    parser.add_argument("--window", type=int, default=WINDOW, help="tokens read at once (default %(default)s)")
    parser.add_argument("--full-precision", action="store_true", help="the base as it is, not in 4 bits")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    if arguments.json and not arguments.json.absolute().parent.is_dir():
        raise ConfigError(f"--json: the folder of {arguments.json} is not there")
    for name, value, least in (("--limit", arguments.limit, 1), ("--window", arguments.window, 2)):
        if value is not None and value < least:
            raise ConfigError(f"{name}: should be at least {least}, not {value}")
    # Only now, because the libraries take seconds to load.
    from train.evaluation.report import evaluate

    report = evaluate(
        arguments.base_model,
        arguments.adapter,
        arguments.datasets,
        window=arguments.window,
        limit=arguments.limit,
        full_precision=arguments.full_precision,
    )
    print(report.table(), end="")
    if arguments.json:
        report.write(arguments.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
