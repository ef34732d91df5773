"""Running the demo's programs one after the other, and remembering which of them need not run again."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from aurora_crawl.storage.shards import write_whole

PATIENCE = 60.0
"""Seconds that an interrupted program has to bring its work to the disk."""


class StepFailed(Exception):  # noqa: N818 - it says what happened
    """A program of the demo did not end well; the text is one line for the user."""


def run(name: str, arguments: list[str], *, capture: bool = False, environment: dict[str, str] | None = None) -> str:
    """Run `python -m …` with the same Python; what it says is seen as it says it.

    Returns its standard output where `capture` asks for it, else nothing. Ctrl-C reaches the program too: it is waited
    for, so that what it was doing stays usable. Raises StepFailed when it ends with anything but 0.
    """
    command = [sys.executable, "-m", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE if capture else None, text=True, env=environment) as process:
        try:
            output, _ = process.communicate()
        except KeyboardInterrupt:
            _wait_for(process)
            raise
    if process.returncode:
        raise StepFailed(
            f"{name} failed (exit status {process.returncode}); why stands above: {' '.join(arguments[:3])}"
        )
    return output or ""


def _wait_for(process: subprocess.Popen[str]) -> None:
    try:
        process.wait(PATIENCE)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.terminate()
        process.wait(PATIENCE)


@dataclass(slots=True)
class Memory:
    """What the last runs finished, in a file of JSON: for each step, the key of what it was made from."""

    path: Path

    def done(self, step: str, key: str, *results: Path) -> bool:
        """Whether a step was finished from the same things, and its results are still there."""
        return self._read().get(step) == key and all(result.exists() for result in results)

    def value(self, step: str) -> str | None:
        """What was noted for a step."""
        return self._read().get(step)

    def note(self, step: str, key: str) -> None:
        """The step is finished."""
        write_whole(self.path, json.dumps({**self._read(), step: key}, indent=2) + "\n")

    def _read(self) -> dict[str, str]:
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            # Without a readable memory every step is done again, which costs minutes and loses nothing.
            return {}
        return found if isinstance(found, dict) else {}


def key_of(*parts: Path | str) -> str:
    """A key that changes with any of the files or texts."""
    digest = sha256()
    for part in parts:
        digest.update(part.read_bytes() if isinstance(part, Path) else part.encode())
        digest.update(b"\0")
    return digest.hexdigest()[:16]
