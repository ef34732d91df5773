"""Crawls of several sites at once, a process each, as `scrapy crawlall` runs them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aurora_crawl.crawling.crawl_process import STOPS
from aurora_crawl.errors import INTERRUPTED
from aurora_crawl.messages import N_, _, spoken
from aurora_crawl.monitoring.summary import headline
from aurora_crawl.storage.crawl_history import crawls_of

LOOK_SECONDS = 0.2
LIVE_SECONDS = 2
"""Between two lines of a crawl, where they are shown as they come."""
TAIL_BYTES = 4096
_ENDS_A_GROUP = getattr(signal, "CTRL_BREAK_EVENT", signal.SIGINT)
"""What a crawl in a group of its own hears; Windows has no other signal for one."""
_ENDS = {
    0: N_("{site}: done in {seconds:.0f} s: {told}"),
    INTERRUPTED: N_("{site}: stopped after {seconds:.0f} s: {told}"),
}
_FAILED = N_("{site}: failed in {seconds:.0f} s: {told}")


@dataclass(slots=True, frozen=True)
class AllDone:
    """How many crawls did not end well, and whether a person ended them."""

    failed: int
    interrupted: bool


@dataclass(slots=True)
class _Running:
    site: str
    process: subprocess.Popen[bytes]
    output: Path
    began: float
    began_at: str


class SideBySide:
    """Runs `scrapy crawl` for sites, at most `jobs` at a time, each with the words `given`."""

    def __init__(self, data_dir: Path, jobs: int, given: Sequence[str]) -> None:
        self._data_dir, self._jobs, self._given = data_dir, jobs, given
        self._running: list[_Running] = []

    def run(self, sites: Sequence[str], say: Callable[[str], None], show: Callable[[list[str]], None]) -> AllDone:
        """Crawl; `say` hears a line when a crawl begins and ends, `show` what each running one has said last."""
        for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
            # A closed terminal, or a service that is stopped, is no reason to leave crawls behind. No system has all three.
            if number := getattr(signal, name, None):
                signal.signal(number, signal.default_int_handler)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            return self._run(sites, say, show, Path(folder))

    def _run(
        self, sites: Sequence[str], say: Callable[[str], None], show: Callable[[list[str]], None], folder: Path
    ) -> AllDone:
        waiting, failed = list(sites), 0
        try:
            while waiting or self._running:
                while waiting and len(self._running) < self._jobs:
                    self._running.append(_start(waiting.pop(0), self._given, folder))
                    say(_("{site}: started").format(site=self._running[-1].site))
                for one in [one for one in self._running if one.process.poll() is not None]:
                    self._running.remove(one)
                    say(self._line(one))
                    failed += one.process.returncode != 0
                show([_newest(one) for one in self._running])
                time.sleep(LOOK_SECONDS)
        except KeyboardInterrupt:
            say(_(STOPS))
            self._interrupt()
            for one in self._running:
                say(self._line(one))
            return AllDone(failed, True)
        return AllDone(failed, False)

    def _interrupt(self) -> None:
        """End each crawl as its own Ctrl-C would: what is under way is finished, everything is stored. A second one hurries."""
        for one in self._running:
            one.process.send_signal(_ENDS_A_GROUP)
        for one in self._running:
            while one.process.poll() is None:
                try:
                    one.process.wait()
                except KeyboardInterrupt:
                    for late in self._running:
                        late.process.send_signal(_ENDS_A_GROUP)

    def _line(self, one: _Running) -> str:
        """How a crawl ended: what its record counts, and the errors that it said."""
        lines = one.output.read_bytes().decode("utf-8", "replace").splitlines()
        errors = [line.partition(" ERROR ")[2].removeprefix(f"{one.site}: ") for line in lines if " ERROR " in line]
        last = crawls_of(self._data_dir, one.site)[-1:]
        counted = [headline(record) for record in last if record.ended_at >= one.began_at]
        told = "; ".join([*counted, *dict.fromkeys(errors)]) or (lines[-1] if lines else _("said nothing"))
        words = _(_ENDS.get(one.process.returncode, _FAILED))
        return words.format(site=one.site, seconds=time.monotonic() - one.began, told=told)


def _start(site: str, given: Sequence[str], folder: Path) -> _Running:
    command = [sys.executable, "-m", "scrapy", "crawl", site, "-s", f"AURORA_LANG={spoken()}", *given]
    began_at = datetime.now(UTC).isoformat(timespec="seconds")
    # A group of its own, so that the terminal's Ctrl-C comes to a crawl once, from here.
    path = folder / f"{site}.log"
    with path.open("wb") as output:
        if sys.platform == "win32":
            flags = subprocess.CREATE_NEW_PROCESS_GROUP
            process = subprocess.Popen(command, stdout=output, stderr=output, creationflags=flags)
        else:
            process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    return _Running(site, process, path, time.monotonic(), began_at)


def _newest(one: _Running) -> str:
    """The last thing that a crawl said of itself."""
    with one.output.open("rb") as output:
        output.seek(max(output.seek(0, os.SEEK_END) - TAIL_BYTES, 0))
        last = output.read().decode("utf-8", "replace")
    told = [line.partition(f" {one.site}: ")[2] for line in last.splitlines() if f" {one.site}: " in line]
    return f"{one.site}: {told[-1]}" if told else _("{site}: starting").format(site=one.site)
