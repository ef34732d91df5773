"""The two READMEs say the same commands, and the commands exist."""

import argparse
import re
import shlex
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
from scrapy.settings import Settings

from aurora_crawl import commands as commands_package
from aurora_crawl.__main__ import PROGRAMS
from aurora_crawl.command import AuroraCommand

ROOT = Path(__file__).resolve().parents[1]


def commands(name: str) -> list[str]:
    """The lines of a README's shell blocks, without their comments."""
    text = (ROOT / name).read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:sh|bash|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [re.sub(r"\s+#.*", "", line).rstrip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def test_both_languages_have_the_same_commands() -> None:
    assert commands("README.md") == commands("README.pt-BR.md")
    assert len(commands("README.md")) > 5


def documents() -> list[Path]:
    return [
        ROOT / "README.md",
        ROOT / "README.pt-BR.md",
        *sorted((ROOT / "docs").glob("*.md")),
        *ROOT.glob("CONTRIBUTING*.md"),
    ]


def lines_of(path: Path) -> list[str]:
    """The command lines of a document, those that go on in another line put together."""
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:sh|bash|console)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    joined = "\n".join(blocks).replace("\\\n", " ")
    return [line for line in (re.sub(r"\s+#.*", "", line).strip() for line in joined.splitlines()) if line]


def scrapy_commands() -> dict[str, type[AuroraCommand]]:
    modules = [
        import_module(f"{commands_package.__name__}.{one.name}") for one in iter_modules(commands_package.__path__)
    ]
    return {module.__name__.rpartition(".")[2]: module.Command for module in modules if hasattr(module, "Command")}


def options_of(command: type[AuroraCommand]) -> set[str]:
    made = command()
    made.settings = Settings()
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    made.add_options(parser)
    return {name for action in parser._actions for name in action.option_strings}


def faults_of(line: str) -> list[str]:
    """What of a command line does not exist: the command, an option, a module. Empty for other people's programs."""
    words = shlex.split(re.sub(r"^(?:\w+=\S+ )+", "", re.split(r" [|>&]+ ", line)[0]))
    while words and words[0] in ("sudo", "env", "time"):
        words = words[1:]
    program = words[0].rpartition("/")[2] if words else ""
    if program in ("scrapy", "aurora") and len(words) > 1:
        known = scrapy_commands()
        word = words[1]
        if word in ("list", "shell", "fetch", "view", "parse", "runspider", "settings", "bench", "version"):
            return []
        if word not in known:
            return [] if program == "aurora" and word in PROGRAMS else [f"no command {word}"]
        there = options_of(known[word])
        given = [one.partition("=")[0] for one in words[2:] if one.startswith("-") and one != "-"]
        return [f"{word} has no option {option}" for option in given if option not in there and option[:2] not in there]
    if (
        program.startswith("python")
        and words[1:2] == ["-m"]
        and words[2].partition(".")[0] in ("train", "aurora_crawl", "benchmarks")
    ):
        place = ROOT.joinpath(*words[2].split("."))
        return [] if place.is_dir() or place.with_suffix(".py").is_file() else [f"no program {words[2]}"]
    return []


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_every_command_of_a_document_exists_with_its_options(path: Path) -> None:
    assert {line: faults for line in lines_of(path) if (faults := faults_of(line))} == {}


@pytest.mark.parametrize("name", scrapy_commands())
def test_every_help_has_an_example_that_exists(name: str) -> None:
    example = scrapy_commands()[name].example
    assert example.startswith(f"scrapy {name}")
    assert faults_of(example) == []


def test_the_search_finds_what_does_not_exist() -> None:
    assert faults_of("scrapy crawwl mst") == ["no command crawwl"]
    assert faults_of("AURORA_LANG=en scrapy crawl mst --fast | tee x") == ["crawl has no option --fast"]
    assert faults_of("python -m train.telepathy x.yml") == ["no program train.telepathy"]
    assert faults_of("curl http://localhost:6800/schedule.json -d project=aurora") == []


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for command in commands("README.md"):
        if match := re.match(r"make (\S+)", command):
            assert re.search(rf"^(?:\w+ )*{match[1]}(?: \w+)*:", makefile, re.MULTILINE), command


def test_every_file_that_the_documents_link_to_exists() -> None:
    for path in [ROOT / "README.md", ROOT / "README.pt-BR.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"
