"""What only POSIX has is asked for, never taken for granted: crawls, corpora and plans run on Windows too."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(path for package in ("aurora_crawl", "train") for path in (ROOT / package).rglob("*.py"))

POSIX_MODULES = {
    *("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog", "posix", "readline", "curses", "crypt"),
    *("nis", "spwd", "ossaudiodev"),
}
POSIX_NAMES = {
    "os": {
        *("fork", "forkpty", "geteuid", "getuid", "getgid", "getpgid", "killpg", "setsid", "sysconf", "uname", "pread"),
        *("pwrite", "nice", "chown", "mkfifo", "statvfs", "O_DIRECTORY", "O_NOFOLLOW", "O_CLOEXEC", "wait", "waitpid"),
        *("sched_getaffinity", "posix_fadvise", "sendfile", "getloadavg"),
        # It exists, and ends the process whatever the signal is.
        "kill",
    },
    "signal": {
        *(
            "SIGKILL",
            "SIGHUP",
            "SIGUSR1",
            "SIGUSR2",
            "SIGALRM",
            "SIGVTALRM",
            "SIGXCPU",
            "SIGPIPE",
            "SIGCHLD",
            "SIGQUIT",
        ),
        *("setitimer", "getitimer", "alarm", "pause", "pthread_kill", "set_wakeup_fd"),
    },
}
GUARDED = {"aurora_crawl/budget.py": {"setitimer", "getitimer", "SIGVTALRM"}}
"""Names that stand behind a `hasattr` of their own file."""


def taken_for_granted(path: Path) -> list[str]:
    """What a file has of POSIX alone, outside a `try` that does without."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    spared = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Try)
        and any("ImportError" in ast.unparse(one.type or ast.Pass()) for one in node.handlers)
        for inner in ast.walk(node)
    }
    found = []
    for node in ast.walk(tree):
        if id(node) in spared:
            continue
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name in POSIX_MODULES]
        elif isinstance(node, ast.ImportFrom):
            names = POSIX_NAMES.get(node.module or "", set())
            found += [alias.name for alias in node.names if alias.name in names]
            found += [node.module] if node.module in POSIX_MODULES else []
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found += [node.attr] if node.attr in POSIX_NAMES.get(node.value.id, ()) else []
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_takes_nothing_of_posix_for_granted(path: Path) -> None:
    assert set(taken_for_granted(path)) <= GUARDED.get(path.relative_to(ROOT).as_posix(), set())


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    path = tmp_path / "one.py"
    path.write_text(
        "import os, signal, fcntl\ntry:\n    import resource\nexcept ImportError:\n    resource = None\n"
        "from signal import SIGKILL\nos.kill(1, signal.SIGHUP)\n",
        encoding="utf-8",
    )
    assert sorted(taken_for_granted(path)) == ["SIGHUP", "SIGKILL", "fcntl", "kill"]


def test_letters_that_a_pipe_lacks_end_nothing() -> None:
    for words in (["-m", "aurora_crawl", "--help"], ["-m", "scrapy", "--help"]):
        environment = os.environ | {"AURORA_LANG": "pt_BR", "PYTHONIOENCODING": "ascii"}
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, check=False, capture_output=True, timeout=300, env=environment
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert b"?" in done.stdout


_AS_ON_WINDOWS = r"""
import fcntl as posix_fcntl, importlib, json, os, pkgutil, signal, subprocess, sys, types
from pathlib import Path

# What others need of POSIX on this machine they have once they are loaded.
import aurora_crawl
import multiprocessing.popen_spawn_posix, multiprocessing.resource_tracker
every = [one.name for one in pkgutil.walk_packages(aurora_crawl.__path__, "aurora_crawl.") if "__main__" not in one.name]
for name in every:
    importlib.import_module(name)
for name in [name for name in sys.modules if name.partition(".")[0] == "aurora_crawl"]:
    del sys.modules[name]

missing_modules, missing_names = json.loads(sys.argv[1])
for name in missing_modules:
    sys.modules[name] = None
for module, names in missing_names.items():
    for name in set(names) - {"kill", "waitpid", "SIGKILL"}:
        if hasattr(sys.modules[module], name):
            delattr(sys.modules[module], name)

# The lock of a byte, as Windows has it: by a lock of POSIX that belongs to a process.
msvcrt = types.ModuleType("msvcrt")
msvcrt.LK_NBLCK, msvcrt.LK_UNLCK = 2, 0
def locking(descriptor, how, count):
    place = os.lseek(descriptor, 0, os.SEEK_CUR)
    what = posix_fcntl.LOCK_UN if how == msvcrt.LK_UNLCK else posix_fcntl.LOCK_EX | posix_fcntl.LOCK_NB
    posix_fcntl.lockf(descriptor, what, count, place, os.SEEK_SET)
msvcrt.locking = locking
sys.modules["msvcrt"] = msvcrt

for name in every:
    importlib.import_module(name)

from aurora_crawl.files import LockedError, hold, waiting_lock, write_whole
from aurora_crawl.storage.hosts import HostClock
from aurora_crawl.storage.store import SiteStore

folder = Path(sys.argv[2])
lock = folder / "one.lock"
held = hold(lock)
assert lock.stat().st_size == len(str(os.getpid()))  # Reading it here would give the stand-in's lock back.
other = "import fcntl, sys; file = open(sys.argv[1], 'r+b'); fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, 1 << 30)"
def is_free():
    return subprocess.run([sys.executable, "-c", other, str(lock)], stderr=subprocess.DEVNULL).returncode == 0
assert not is_free()
held.close()
assert is_free()
with waiting_lock(lock) as file:
    file.seek(0)
    file.write("mine")
assert lock.read_text().startswith("mine")
write_whole(folder / "a.txt", "whole")
assert (folder / "a.txt").read_text() == "whole"

# Another process has it: who waits gets it when it is given back, who does not hears who has it.
holder = subprocess.Popen([sys.executable, "-c", other + "; print(flush=True); sys.stdin.read()", str(lock)], stdin=-1, stdout=-1)
holder.stdout.readline()
try:
    hold(lock)
    raise AssertionError("held twice")
except LockedError as error:
    assert error.holder.startswith("mine")
from threading import Timer
Timer(0.1, holder.stdin.close).start()
with waiting_lock(lock):
    pass
assert holder.wait() == 0
SiteStore(folder, "mst").close()
clock = HostClock(folder, "jornal.example", clock=lambda: 100.0)
assert [clock.reserve(3.0), clock.reserve(3.0)] == [0.0, 3.0]
print("as on Windows", len(every))
"""


def test_all_of_the_crawl_loads_and_locks_without_what_posix_has(tmp_path: Path) -> None:
    missing = json.dumps([sorted(POSIX_MODULES), {module: sorted(names) for module, names in POSIX_NAMES.items()}])
    done = subprocess.run(
        [sys.executable, "-c", _AS_ON_WINDOWS, missing, str(tmp_path)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) > 200
