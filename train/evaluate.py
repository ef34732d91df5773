"""What an adapter is worth beside its base: perplexity, tasks, drift: `python -m train.evaluate`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from train.cli import MOST_SCALE, ended
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
        "--datasets", nargs="+", default=[], metavar="PATH", help="shards, corpus folder, JSON Lines: for perplexity"
    )
    parser.add_argument(
        "--tasks",
        nargs="+",
        default=[],
        metavar="NAME",
        help="pt (pt_number, pt_gender, pt_cloze), or lm-evaluation-harness's in --include_path",
    )
    parser.add_argument(
        "--task_text",
        type=Path,
        metavar="FILE",
        help="what pt's items are made of: .txt, .conllu, shards; else invented news",
    )
    parser.add_argument("--include_path", type=Path, metavar="DIR", help="task files of lm-evaluation-harness")
    parser.add_argument("--log_samples", type=Path, metavar="DIR", help="where each item's log-likelihoods go, by task")
    parser.add_argument(
        "--drift", type=int, default=0, metavar="N", help="how far the adapter moved, on N samples of the base's own"
    )
    parser.add_argument(
        "--also",
        nargs="+",
        default=[],
        metavar="FILE",
        help="other texts, English say, whose bits per byte are compared",
    )
    parser.add_argument("--scale", type=float, default=1.0, help="the adapter's strength (default %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of items and samples (default %(default)s)")
    parser.add_argument("--card", action="store_true", help="writes the figures into the adapter's card and its page")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the figures go")
    parser.add_argument("--limit", type=int, metavar="N", help="at most so many documents, and items of each task")
    parser.add_argument("--window", type=int, default=WINDOW, help="tokens read at once (default %(default)s)")
    parser.add_argument("--full-precision", action="store_true", help="the base as it is, not in 4 bits")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    if arguments.json and not arguments.json.absolute().parent.is_dir():
        raise ConfigError(f"--json: the folder of {arguments.json} is not there")
    for name, value, least in (
        ("--limit", arguments.limit, 1),
        ("--window", arguments.window, 2),
        ("--drift", arguments.drift, 0),
        ("--seed", arguments.seed, 0),
    ):
        if value is not None and value < least:
            raise ConfigError(f"{name}: should be at least {least}, not {value}")
    if not 0 <= arguments.scale <= MOST_SCALE:
        raise ConfigError(f"--scale: should be between 0 and {MOST_SCALE:g}, not {arguments.scale:g}")
    if not (arguments.datasets or arguments.tasks or arguments.drift or arguments.also):
        raise ConfigError("nothing to measure: name --datasets, --tasks, --drift or --also")
    if arguments.card and arguments.adapter is None:
        raise ConfigError("--card: is an adapter's; name one by --adapter")
    # Only now, because the libraries take seconds to load.
    from train.evaluation.measuring import Asked, evaluate

    report = evaluate(
        Asked(
            base_model=arguments.base_model,
            adapter=arguments.adapter,
            datasets=tuple(arguments.datasets),
            tasks=tuple(arguments.tasks),
            task_text=arguments.task_text,
            include_path=arguments.include_path,
            log_samples=arguments.log_samples,
            drift=arguments.drift,
            also=tuple(arguments.also),
            window=arguments.window,
            limit=arguments.limit,
            seed=arguments.seed,
            scale=arguments.scale,
            full_precision=arguments.full_precision,
            card=arguments.card,
        )
    )
    print(report.table(), end="")
    if arguments.json:
        report.write(arguments.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
