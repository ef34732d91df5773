"""Proof on this machine, without downloads: `python -m train.selftest` trains tiny models and prints one table.

On a GPU it shows what stand-ins can only show elsewhere; what this machine cannot show it calls "not proven here".
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from train.cli import ended

UNPROVEN = "not proven here"


@dataclass(frozen=True, slots=True)
class Proof:
    """A line of the table: what was looked at, `ok`, `FAILED` or "not proven here", what was seen, and seconds."""

    name: str
    verdict: str
    seen: str
    seconds: float


def main(words: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status: 0 where nothing failed, 1 where something did."""
    parser = argparse.ArgumentParser(prog="python -m train.selftest", description=__doc__)
    parser.add_argument(
        "--output", type=Path, default=Path("selftest.json"), help="the file to send in (default %(default)s)"
    )
    parser.add_argument("--only", default="", help="only the proofs whose name holds this")
    arguments = parser.parse_args(words)
    return ended(lambda: _run(arguments.output, arguments.only))


def _run(output: Path, only: str) -> int:
    # Only now, because the libraries take seconds to load.
    from train.data.manifest import library_versions
    from train.proofs import proofs, this_machine

    found = []
    with tempfile.TemporaryDirectory(prefix="aurora-selftest-") as folder:
        for name, proof in proofs(Path(folder)):
            if only in name:
                print(f"{name} …", file=sys.stderr, flush=True)
                found.append(prove(name, proof))
    print(table(found))
    report = {
        "machine": this_machine(),
        "versions": library_versions(),
        "proofs": [asdict(each) for each in found],
    }
    output.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"written to {output}")
    return 1 if any(each.verdict == "FAILED" for each in found) else 0


def prove(name: str, proof: Callable[[], str | None]) -> Proof:
    """The line of one proof. A proof says what it saw, or None where this machine cannot show it; an error is a failure."""
    started = time.monotonic()
    heard = io.StringIO()
    try:
        with _quiet(heard):
            seen = proof()
        verdict = "ok" if seen is not None else UNPROVEN
    except Exception as error:  # noqa: BLE001 (whatever fails is what this program is there to find; the table goes on)
        verdict, seen = "FAILED", f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        if heard.getvalue():
            seen += f" ({heard.getvalue().splitlines()[-1][:200]})"
    return Proof(name, verdict, seen or "", round(time.monotonic() - started, 1))


@contextlib.contextmanager
def _quiet(heard: io.StringIO) -> Iterator[None]:
    with contextlib.redirect_stdout(heard), contextlib.redirect_stderr(heard):
        yield


def table(found: Sequence[Proof]) -> str:
    """The proofs as lines of text, one under the other."""
    width = max((len(each.name) for each in found), default=0)
    return "\n".join(
        f"{each.name:<{width}}  {each.verdict:<{len(UNPROVEN)}}  {each.seconds:6.1f} s  {each.seen}".rstrip()
        for each in found
    )


if __name__ == "__main__":
    sys.exit(main())
