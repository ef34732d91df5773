"""A killed crawl, small: the benchmark's own judgement, on the real file system."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_crawl_killed_four_times_loses_nothing_and_doubles_nothing() -> None:
    command = [sys.executable, "benchmarks/killed.py", "--kills", "4", "--articles", "300", "--no-peer"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=900,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "HTML route" in done.stdout
    assert "REST route" in done.stdout
