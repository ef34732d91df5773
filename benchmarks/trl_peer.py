"""TRL, installed beside this project's environment when a benchmark first asks for it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

VERSION = "1.16.0"


def trl_folder(given: Path | None) -> Path:
    """The folder that TRL, and nothing else, is in: the given one, or one under AURORA_CACHE (`~/.cache/aurora-br`).

    Its dependencies are this environment's. Raises SystemExit, status 2, where it cannot be installed.
    """
    if given is not None:
        return given
    cache = Path(os.environ.get("AURORA_CACHE") or Path.home() / ".cache" / "aurora-br")
    folder = cache / f"trl-{VERSION}"
    if folder.exists():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as unfinished:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        done = subprocess.run([*pip, "--target", f"{unfinished}/trl", f"trl=={VERSION}"], check=False)
        if done.returncode:
            print(f"TRL {VERSION} cannot be installed here; name a folder that has it with --trl", file=sys.stderr)
            raise SystemExit(2)
        Path(unfinished, "trl").replace(folder)
    return folder
