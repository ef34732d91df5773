"""`aurora WORD …`, and `python -m aurora_crawl WORD …`: one way in to every program of the project.

The programs stay what they are: `scrapy WORD` and `python -m train.PROGRAM` do the same.
"""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules

from aurora_crawl import commands
from aurora_crawl.errors import FAILED, AuroraError, WrongCommand
from aurora_crawl.messages import N_, _, print_any_letter

SETTINGS = "aurora_crawl.settings"
HERE = Path(__file__).resolve().parents[1]
"""Where both packages are installed, side by side."""
PROGRAMS = {
    "demo": ("aurora_crawl.demo", N_("the whole chain on an invented newspaper: crawl, train, compare")),
    "train": ("train.qlora", N_("train an adapter, or plan it with --dry-run")),
    "chat": ("train.generate", N_("let an adapter write, or answer with --chat")),
    "evaluate": ("train.evaluate", N_("figures of an adapter beside its base")),
    "merge": ("train.merge", N_("write an adapter into its base")),
    "export": ("train.export", N_("write a GGUF file for llama.cpp and Ollama")),
    "selftest": ("train.selftest", N_("prove on this machine what training promises")),
}
"""Words that are no commands of Scrapy: the module that is run, and what it does."""
OF_SCRAPY = {"list": N_("the sites")}
"""Scrapy's own commands that are worth naming."""


def main(words: Sequence[str] | None = None) -> int:
    """Run what the first word names, with the other words; its exit status."""
    print_any_letter()
    given = list(sys.argv[1:] if words is None else words)
    if not given or given[0] in ("-h", "--help", "help"):
        _print_words()
        return 0
    try:
        return _run(given[0], given[1:])
    except AuroraError as error:
        print(f"aurora: {error.told()}", file=sys.stderr)
        return error.exit_status


def _run(word: str, rest: list[str]) -> int:
    if word in programs():
        module = PROGRAMS[word][0]
        check_not_shadowed(module.partition(".")[0])
        sys.argv = [f"aurora {word}", *rest]
        return _status(lambda: runpy.run_module(module, run_name="__main__", alter_sys=True))
    known = sorted({*programs(), *OF_SCRAPY, *crawl_words()})
    if word in known:
        from scrapy.cmdline import execute

        choose_settings()
        return _status(lambda: execute(["aurora", word, *rest]))
    near = get_close_matches(word, known, 1)
    if near:
        raise WrongCommand(N_("unknown word '{word}'; did you mean {near}?"), word=word, near=near[0])
    raise WrongCommand(N_("unknown word '{word}'; `aurora --help` names them"), word=word)


def programs() -> list[str]:
    """The words of PROGRAMS whose program this installation has."""
    places = {name: HERE.joinpath(*module.split(".")) for name, (module, _does) in PROGRAMS.items()}
    return [name for name, place in places.items() if place.is_dir() or place.with_suffix(".py").is_file()]


def crawl_words() -> list[str]:
    """The names of this project's commands of Scrapy."""
    modules = (one.name for one in iter_modules(commands.__path__))
    return [name for name in modules if _is_command(name)]


def _is_command(name: str) -> bool:
    """Whether a module of commands holds a command, by its text: looking for a name must load none of them."""
    path = Path(next(iter(commands.__path__))) / f"{name}.py"
    return "\nclass Command(" in path.read_text(encoding="utf-8")


def choose_settings() -> None:
    """Take this project's settings, where neither the environment nor a scrapy.cfg around here names others."""
    from scrapy.utils.conf import closest_scrapy_cfg

    if not os.environ.get("SCRAPY_SETTINGS_MODULE") and not closest_scrapy_cfg():
        os.environ["SCRAPY_SETTINGS_MODULE"] = SETTINGS


def check_not_shadowed(package: str) -> None:
    """Raise WrongCommand where another package or file of this name, such as a train.py of a person's own, would be run."""
    spec = find_spec(package)
    ours = HERE / package / "__init__.py"
    found = Path(spec.origin).resolve() if spec is not None and spec.origin else None
    if found != ours:
        raise WrongCommand(
            N_("{found} stands in the way of Aurora BR's `{package}`; rename it, or work in another folder"),
            found=found or package,
            package=package,
        )


def _status(program: Callable[[], object]) -> int:
    """The exit status of a program that ends by SystemExit, as programs do."""
    try:
        program()
    except BrokenPipeError:
        # Whoever read has read enough, as `head` does; Python would complain once more when it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            return FAILED
        return int(end.code or 0)
    return 0


def _print_words() -> None:
    print(_("usage: aurora WORD [options]; `aurora WORD --help` says more") + "\n")
    words = {name: import_module(f"{commands.__name__}.{name}").Command.short for name in crawl_words()}
    words |= OF_SCRAPY
    for group in (words, {name: PROGRAMS[name][1] for name in programs()}):
        for name, does in sorted(group.items()):
            print(f"  {name:12} {_(does)}")
        print()


if __name__ == "__main__":
    sys.exit(main())
