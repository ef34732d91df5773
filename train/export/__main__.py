"""An adapter as llama.cpp and Ollama take it: `python -m train.export --adapter A --outfile X.gguf`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from train.cli import ended
from train.errors import ConfigError


def main(words: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    arguments = _parser().parse_args(words)
    return ended(lambda: _run(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m train.export", description=__doc__)
    parser.add_argument("--adapter", type=Path, required=True, help="the adapter's folder")
    parser.add_argument("--outfile", type=Path, required=True, help="the GGUF file; must not be there yet")
    parser.add_argument(
        "--outtype",
        choices=("f32", "f16", "bf16", "q8_0"),
        help="the numbers' type (default: f16; f32 for --lora)",
    )
    parser.add_argument("--lora", action="store_true", help="the adapter alone, for llama.cpp's --lora")
    parser.add_argument("--base_model", help="the base, where the adapter's own name of it is not to be had here")
    parser.add_argument(
        "--bits", type=int, choices=(4, 16), help="on how many bits an adapter was trained that does not say so itself"
    )
    parser.add_argument("--dry-run", action="store_true", help="says what would be written, and what GGUF cannot hold")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    if arguments.outfile.suffix != ".gguf":
        raise ConfigError(f"--outfile: {arguments.outfile} should end in .gguf")
    if arguments.outfile.exists():
        raise ConfigError(f"--outfile: {arguments.outfile} is there already; name another file")
    # Only now, because the libraries take seconds to load.
    from train.export.run import export

    export(
        arguments.adapter,
        arguments.outfile,
        outtype=arguments.outtype,
        lora=arguments.lora,
        base_model=arguments.base_model,
        bits=arguments.bits,
        dry=arguments.dry_run,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
