"""A training run, or its plan: `python -m train.qlora CONFIG.yml [--KEY VALUE …]`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from train.cli import QloraArguments, ended, read_qlora_arguments
from train.errors import ConfigError

USAGE = """\
usage: python -m train.qlora CONFIG.yml [--KEY VALUE …] [--dry-run] [--resume] [--push]
       python -m train.qlora --explain KEY

Trains a 4-bit LoRA adapter from shards of text; it lands in output_dir as peft writes it.

  --KEY VALUE …    any key of the configuration, over what the file says; --datasets takes plain paths
  --dry-run        prints the plan (data, rows, steps, hours, memory) and loads no weights
  --resume         goes on from the last whole checkpoint in output_dir
  --push           sends the finished adapter to hub_model_id on the Hub
  --explain KEY    says what a key means; `all` lists them
"""


def main(words: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    return ended(lambda: _run(read_qlora_arguments(sys.argv[1:] if words is None else words)))


def _run(arguments: QloraArguments) -> int:
    """Each of the three ways loads its own libraries: explaining takes none of torch, planning nothing of peft."""
    if arguments.help:
        print(USAGE, end="")
        return 0
    if arguments.explain:
        from train.config.docs import explain

        print(explain(arguments.explain))
        return 0
    if arguments.config is None:
        raise ConfigError(
            "command line: name a configuration, such as train/recipes/smollm2-135m.yml (--help says more)"
        )
    overrides = dict(arguments.overrides)
    if arguments.resume:
        overrides["resume_from_checkpoint"] = True
    if arguments.dry_run:
        from train.planning.dry_run import dry_run

        return dry_run(Path(arguments.config), overrides, push=arguments.push)
    from train.training.run import run

    return run(Path(arguments.config), overrides, push=arguments.push)


if __name__ == "__main__":
    sys.exit(main())
