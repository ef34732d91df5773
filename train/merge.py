"""An adapter merged into its base: `python -m train.merge`; checked against the 4-bit model that it was trained on."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from train.cli import MOST_SCALE, ended
from train.errors import ConfigError

_SIZES = {"KB": 10**3, "MB": 10**6, "GB": 10**9}


def main(words: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    arguments = _parser().parse_args(words)
    return ended(lambda: _run(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m train.merge", description=__doc__)
    parser.add_argument("--adapter", type=Path, required=True, help="the adapter's folder")
    parser.add_argument(
        "--onto",
        metavar="MODEL",
        help="experimental: the base's sibling that answers questions, to carry the adapter to",
    )
    parser.add_argument("--base_model", help="the base, where the adapter's own name of it is not to be had here")
    parser.add_argument(
        "--output", type=Path, required=True, help="the folder of the merged model; must not be there yet"
    )
    parser.add_argument("--dtype", choices=("float32", "bfloat16", "float16"), help="default: the type of the base")
    parser.add_argument(
        "--bits", type=int, choices=(4, 16), help="on how many bits an adapter was trained that does not say so itself"
    )
    parser.add_argument(
        "--scale", type=float, default=1.0, help="the adapter's strength; below 1 it moves less (default %(default)s)"
    )
    parser.add_argument("--max-shard-size", default="5GB", help="the largest file (default %(default)s)")
    parser.add_argument("--no-check", action="store_true", help="skips the comparison with the 4-bit model")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    if arguments.output.exists():
        raise ConfigError(f"--output: {arguments.output} is there already; name another folder")
    if not 0 < arguments.scale <= MOST_SCALE:
        raise ConfigError(f"--scale: should be above 0 and at most {MOST_SCALE:g}, not {arguments.scale:g}")
    limit = parse_size(arguments.max_shard_size)
    # Only now, because the libraries take seconds to load.
    from train.merging.merged_model import merge
    from train.merging.onto import carry

    if arguments.onto:
        if arguments.base_model or arguments.bits:
            raise ConfigError("--onto: names the model to merge into; leave --base_model and --bits out")
        carry(
            arguments.adapter,
            arguments.onto,
            arguments.output,
            dtype=arguments.dtype,
            shard_bytes=limit,
            checked=not arguments.no_check,
        )
        return 0
    merge(
        arguments.adapter,
        arguments.output,
        base_model=arguments.base_model,
        dtype=arguments.dtype,
        bits=arguments.bits,
        shard_bytes=limit,
        scale=arguments.scale,
        checked=not arguments.no_check,
    )
    return 0


def parse_size(text: str) -> int:
    """A size such as `500MB` in bytes. Raises ConfigError for anything else."""
    unit = _SIZES.get(text[-2:].upper())
    try:
        size = int(float(text[:-2]) * unit) if unit else int(text)
    except ValueError:
        size = 0
    if size <= 0:
        raise ConfigError(f"--max-shard-size: {text} is no size; write it as 5GB or 500MB")
    return size


if __name__ == "__main__":
    sys.exit(main())
