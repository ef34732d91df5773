"""`scrapy …` in processes of their own, forked from one that has imported what commands import.

Importing takes longer than most of what the tests let a command do. Each process of the tests has one server, begun when it
is first asked for; it holds no reactor and no thread, so what is forked from it begins as a program does. `run` and `Popen`
are called as those of `subprocess` are. What is about starting itself, or about limits set beforehand, uses those.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import warnings
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any

SCRAPY = [sys.executable, "-m", "scrapy"]
_PACKAGES = (
    "aurora_crawl",
    "scrapy.core",
    "scrapy.downloadermiddlewares",
    "scrapy.extensions",
    "scrapy.spidermiddlewares",
)
_MODULES = (
    "scrapy.cmdline",
    "scrapy.utils.console",
    "spidermon.contrib.scrapy.extensions",
    "spidermon.contrib.scrapy.monitors",
)
_LEFT_ASIDE = ("__main__", "executor", "push", "server", "demo.run")
"""Ends of the names of what few commands need, or what does something when it is imported."""
_LONGEST_ORDER = 1 << 20


class Popen:
    """A command of `scrapy` that runs; as `subprocess.Popen` is, for standard output and errors in pipes, files, or nowhere."""

    def __init__(
        self,
        words: list[str],
        *,
        cwd: Path | None = None,
        env: dict[str, str] | None = None,
        stdout: int | IO[Any] | None = None,
        stderr: int | IO[Any] | None = None,
        text: bool = False,
    ) -> None:
        assert words[:3] == SCRAPY
        self.args, self.stdout, self.returncode = words, None, None
        self._is_text = text
        with contextlib.ExitStack() as opened:
            out = self._given(stdout, 1, opened)
            errors = out if stderr == subprocess.STDOUT else self._given(stderr, 2, opened)
            self._ended, its_end = os.pipe()
            opened.callback(os.close, its_end)
            order = {
                "words": list(map(str, words[3:])),
                "cwd": str(cwd or Path.cwd()),
                "env": dict(os.environ if env is None else env),
            }
            socket.send_fds(_server(), [json.dumps(order).encode()], [out, errors, its_end])
            self.pid = int(_server().recv(100))

    stdout: IO[Any] | None
    returncode: int | None

    def _given(self, stream: int | IO[Any] | None, own: int, opened: contextlib.ExitStack) -> int:
        if stream is None:
            return own
        if stream == subprocess.PIPE:
            assert own == 1, "only standard output goes into a pipe"
            reading, writing = os.pipe()
            self.stdout = os.fdopen(reading, "r" if self._is_text else "rb")
            opened.callback(os.close, writing)
            return writing
        if stream == subprocess.DEVNULL:
            nothing = os.open(os.devnull, os.O_RDWR)
            opened.callback(os.close, nothing)
            return nothing
        return stream if isinstance(stream, int) else stream.fileno()

    def poll(self) -> int | None:
        """The exit status, negative for a signal; None while the command runs."""
        if self.returncode is None and select.select([self._ended], [], [], 0)[0]:
            self._end()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit status, once there is one."""
        if self.returncode is None:
            if not select.select([self._ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self._end()
        assert self.returncode is not None
        return self.returncode

    def _end(self) -> None:
        self.returncode = int(os.read(self._ended, 100))
        os.close(self._ended)

    def communicate(self, timeout: float | None = None) -> tuple[Any, None]:
        """All that is still said on standard output, and nothing for the errors; then the command has ended."""
        said = self.stdout.read() if self.stdout else None
        self.wait(timeout)
        return said, None

    def send_signal(self, number: int) -> None:
        """Sends a signal to a command that runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Ends it as a loss of power does."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Asks it to end."""
        self.send_signal(signal.SIGTERM)

    def __enter__(self) -> Popen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.stdout:
            self.stdout.close()
        self.wait()


def run(
    words: list[str],
    *,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    check: bool = False,
    stdout: IO[Any] | int | None = None,
    timeout: float = 900,
) -> subprocess.CompletedProcess[str]:
    """What a command said and how it ended."""
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as out,
        tempfile.TemporaryFile("w+", encoding="utf-8") as errors,
    ):
        running = Popen(words, cwd=cwd, env=env, stdout=stdout or out, stderr=errors)
        try:
            status = running.wait(timeout)
        except BaseException:
            running.kill()
            raise
        said = []
        for file in (out, errors):
            file.seek(0)
            said.append(file.read())
    done = subprocess.CompletedProcess(words, status, *said)
    if check:
        done.check_returncode()
    return done


@cache
def _server() -> socket.socket:
    """The connection to the server, which ends when this process closes it."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    subprocess.Popen([sys.executable, __file__, str(its.fileno())], pass_fds=[its.fileno()], stdin=subprocess.DEVNULL)
    its.close()
    return ours


def _import_beforehand() -> None:
    with warnings.catch_warnings(action="ignore"):
        for name in _PACKAGES:
            package = importlib.import_module(name)
            for module in pkgutil.walk_packages(package.__path__, f"{name}."):
                if not module.name.endswith(_LEFT_ASIDE):
                    with contextlib.suppress(ImportError):
                        importlib.import_module(module.name)
        for name in _MODULES:
            importlib.import_module(name)
    assert "twisted.internet.reactor" not in sys.modules
    gc.freeze()


def _serve(orders: socket.socket) -> None:
    """Forks a command for each order, and writes how it ended into the pipe that came with the order."""
    _import_beforehand()
    running: dict[int, int] = {}
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.set_wakeup_fd(wakes)
    while True:
        ready = select.select([orders, woken], [], [])[0]
        if woken in ready:
            os.read(woken, 1000)
            for pid in list(running):
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended:
                    end = running.pop(pid)
                    os.write(end, str(os.waitstatus_to_exitcode(status)).encode())
                    os.close(end)
        if orders in ready:
            data, given, _, _ = socket.recv_fds(orders, _LONGEST_ORDER, 3)
            if not data:
                return
            pid = os.fork()
            if not pid:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                orders.close()
                for one in (woken, wakes, given[2], *running.values()):
                    os.close(one)
                _become(json.loads(data), given[0], given[1])
                return
            orders.send(str(pid).encode())
            running[pid] = given[2]
            os.close(given[0])
            os.close(given[1])


def _become(order: dict[str, Any], out: int, errors: int) -> None:
    """Runs the command, in this process, which is a fork."""
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"])
    os.dup2(out, 1)
    os.dup2(errors, 2)
    os.close(out)
    os.close(errors)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)
    sys.argv = ["scrapy", *order["words"]]
    sys.path[0] = order["cwd"]
    runpy.run_module("scrapy", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
