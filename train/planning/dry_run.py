"""The plan of a run, printed: `train.qlora --dry-run`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from train.config.load import check_push, load_config
from train.console import fitted, is_first
from train.models.fit import fit
from train.models.library_logs import quiet_libraries
from train.models.source import resolve_base
from train.planning.plan import plan
from train.planning.plan_text import render


def dry_run(path: Path, overrides: Mapping[str, object], *, push: bool = False) -> int:
    """Prints the plan of what a configuration file says, with everything that is done otherwise; returns the exit status.

    Loads no weights, asks no network, writes nothing. Raises TrainError as training would.
    """
    quiet_libraries()
    config, notices = load_config(path, overrides)
    check_push(config, push=push)
    base = resolve_base(config)
    config, more = fit(config, base.shape)
    text = render(plan(config, base, [*notices, *more]))
    print(fitted(text, sys.stdout, indent="  ") if is_first() else "", end="")
    return 0
