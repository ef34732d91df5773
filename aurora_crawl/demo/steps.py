"""Running the demo's programs one after the other, and remembering which of them need not run again."""

from __future__ import annotations

import codecs
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Literal

from aurora_crawl.errors import INTERRUPTED, AuroraError
from aurora_crawl.files import write_whole
from aurora_crawl.messages import N_, Message

PATIENCE = 300.0
"""Seconds that an interrupted program has to bring its work to the disk; a second Ctrl-C ends it at once."""


class StepFailed(AuroraError):  # noqa: N818 - it says what happened
    """A program of the demo did not end well; the text is one line for the user."""


Output = Literal["shown", "kept", "both"]
"""What becomes of a program's standard output: the user sees it, it is returned, or both while it is written."""


def run(name: str, arguments: list[str], *, output: Output = "shown", environment: dict[str, str] | None = None) -> str:
    """Run `python -m …` with the same Python; what it says on standard error is seen as it says it.

    Returns its standard output where `output` keeps it, else nothing. Ctrl-C reaches the program too: it is waited for,
    so that what it was doing stays usable. Raises KeyboardInterrupt when the program was interrupted, even where this
    one was not, and StepFailed when it ends with anything else but 0.
    """
    command = [sys.executable, "-m", *arguments]
    kept: list[str] = []
    # In a log, what this program said before stands before what the other one says.
    sys.stdout.flush()
    with subprocess.Popen(command, stdout=None if output == "shown" else subprocess.PIPE, env=environment) as process:
        try:
            if process.stdout:
                for piece in _pieces(process.stdout):
                    kept.append(piece)
                    if output == "both":
                        print(piece, end="", flush=True)
            process.wait()
        except KeyboardInterrupt:
            _wait_for(process)
            raise
    if process.returncode == INTERRUPTED:
        raise KeyboardInterrupt
    if process.returncode:
        failed = N_("{step} failed (exit status {status}); why stands above: {command}")
        words = " ".join(arguments[:3])
        raise StepFailed(failed, step=Message(name), status=process.returncode, command=words)
    return "".join(kept)


def _pieces(stream: IO[bytes]) -> Iterator[str]:
    """A program's text as soon as it writes it, not line by line."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    while piece := os.read(stream.fileno(), 1 << 12):
        yield decoder.decode(piece)
    yield decoder.decode(b"", final=True)


def _wait_for(process: subprocess.Popen[bytes]) -> None:
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
