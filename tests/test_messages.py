"""What people read: found in the code, translated, compiled, and chosen by the person's language."""

from __future__ import annotations

import ast
import builtins
import io
import logging
import pickle
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import aurora_crawl
from aurora_crawl import messages
from aurora_crawl.errors import AuroraError, WrongCommand
from aurora_crawl.messages import CATALOGUES, DOMAIN, ENGLISH, PORTUGUESE, Message
from aurora_crawl.monitoring.console import in_words

PACKAGE = Path(aurora_crawl.__file__).parent
FOLDER = CATALOGUES / PORTUGUESE / "LC_MESSAGES"
KEYWORDS = {"_": None, "N_": None, "Message": None, "ngettext": (1, 2), "info": None, "warning": None, "error": None}
"""As in the Makefile; the last three are a logger's."""
_NO_WORDS = re.compile(r"\[[^]]*\]|\{\w+\}|^scrapy $|^demo: $|^aurora: $")
"""Markup of the terminal, what is to be filled in, and the names of programs."""


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    yield
    messages.speak(ENGLISH)


def written() -> dict[str, tuple[str, ...]]:
    """Every message in the code, by its singular: its forms."""
    found = extract_from_dir(PACKAGE, [("**.py", "python")], keywords=KEYWORDS)
    forms = (one[2] if isinstance(one[2], tuple) else (one[2],) for one in found)
    return {form[0]: form for form in forms if form[0]}


def catalogue() -> Catalog:
    with (FOLDER / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file, locale=PORTUGUESE)


def forms_of(message: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (message,) if isinstance(message, str) else tuple(message)


def test_every_message_is_translated_and_nothing_else_is() -> None:
    translated = {forms_of(one.id) for one in catalogue() if one.id and all(forms_of(one.string))}
    assert translated == set(written().values()), "run `make messages`, and translate what is new"


def test_translations_fill_in_the_same_values() -> None:
    def holes(text: str) -> list[str]:
        return sorted(re.findall(r"(?<!\{)\{\w+(?::[^}]*)?\}|%[sd]", text))

    for one in catalogue():
        for text in forms_of(one.string) if one.id else ():
            assert holes(text) == holes(forms_of(one.id)[0]), one.id


def test_what_is_compiled_is_what_is_written() -> None:
    with (FOLDER / f"{DOMAIN}.mo").open("rb") as file:
        compiled = {forms_of(one.id): forms_of(one.string) for one in read_mo(file) if one.id}
    assert compiled == {forms_of(one.id): forms_of(one.string) for one in catalogue() if one.id}, "run `make messages`"


SAYING = (
    "print",
    "say",
    "add_row",
    "Message",
    "tell",
    "_tell",
    "failed",
    "Refused",
    "halt",
    "_halt",
    "stop",
    "refuse",
    "_give_up",
)
"""Functions that bring words to people; of the last five the last argument, behind a code."""
CODED = SAYING[-5:]
_PROSE = re.compile(r"[a-z]{2,},? [a-z]{2,}")
NOT_FOR_PEOPLE = {
    "messages.py": "says which languages there are, to programs",
    "typed_json.py": "a ValueError, which who reads the file puts into words",
    "recording.py": "the archive's own notes",
    "optout.py": "what a page says of itself, as the ledger keeps it",
    "duplicates.py": "the drop's detail, for the log",
    "route.py": "a mistake in the program",
    "answer.py": "an error of HTTP, as the reason in the ledger",
    "dataset_card.py": "a card, in both languages at once",
    "dates.py": "patterns",
    "tree.py": "patterns",
}
"""Files whose sentences with values nobody reads, and why."""


def untranslated(tree: ast.AST) -> Iterator[str]:
    """Words in what is printed, raised or said that no catalogue is asked for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            is_error = re.search(r"(Error|Failed|Command|Site|Stored)$", name) and not hasattr(builtins, name)
            if is_error or name in SAYING:
                # What Message takes is looked up itself, wherever it stands.
                said = () if name == "Message" else node.args[-1:] if name in CODED else node.args
                for argument in said:
                    yield from _words(argument)
            for keyword in node.keywords:
                if keyword.arg == "help":
                    yield from _words(keyword.value)


def sentences(tree: ast.AST) -> Iterator[str]:
    """Sentences with values in them that are put together on the spot, where no catalogue can know them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = "{}".join(part.value for part in node.values if isinstance(part, ast.Constant))
            if _PROSE.search(text):
                yield text


def _words(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call | ast.Subscript | ast.FormattedValue):
        return
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.search(r"[^\W\d_]{2}", _NO_WORDS.sub("", node.value))
    ):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from _words(child)


@pytest.mark.parametrize("search", [untranslated, sentences])
def test_nothing_is_said_past_the_catalogues(search: Callable[[ast.AST], Iterator[str]]) -> None:
    found = {
        str(path.relative_to(PACKAGE)): list(search(ast.parse(path.read_text("utf-8"))))
        for path in PACKAGE.rglob("*.py")
        if not (search is sentences and (path.name in NOT_FOR_PEOPLE or {"demo", "inspection"} & {*path.parts}))
    }
    assert {name: words for name, words in found.items() if words} == {}


def test_the_search_finds_words_that_nobody_translates() -> None:
    tree = ast.parse("print(f'{site}: all is well')\nraise FooError('no such thing')\nprint(_('fine'), f'{a}: {b}')")
    assert list(untranslated(tree)) == [": all is well", "no such thing"]
    tree = ast.parse("tell(f'{n} pages were left out')\nhalt('store', 'no room')\nx = f'{a}, {b}'")
    assert list(sentences(tree)) == [" pages were left out"]
    assert list(untranslated(tree)) == [" pages were left out", "no room"]


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"AURORA_LANG": "pt_BR", "LANG": "en_US.UTF-8"}, PORTUGUESE),
        ({"AURORA_LANG": "en", "LANG": "pt_BR.UTF-8"}, ENGLISH),
        ({"AURORA_LANG": "", "LANG": "pt_BR.UTF-8"}, PORTUGUESE),
        ({"AURORA_LANG": "xx", "LC_ALL": "pt_PT", "LANG": "en_US"}, PORTUGUESE),
        ({"AURORA_LANG": "", "LC_MESSAGES": "de_DE", "LANG": "pt_BR"}, ENGLISH),
        ({"AURORA_LANG": "", "LANG": "C.UTF-8"}, ENGLISH),
    ],
)
def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], language: str) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert messages.asked_for() == language


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="fr is none of pt_BR, en"):
        messages.speak("fr")


def test_forms_follow_the_number() -> None:
    messages.speak(PORTUGUESE)
    counts = [messages.ngettext("{n} cut", "{n} cuts", n).format(n=n) for n in (0, 1, 2)]
    assert counts == ["0 corte", "1 corte", "2 cortes"]
    messages.speak(ENGLISH)
    assert [messages.ngettext("{n} cut", "{n} cuts", n).format(n=n) for n in (0, 1)] == ["0 cuts", "1 cut"]


def test_an_error_is_english_for_programs_and_the_readers_for_people() -> None:
    hint = Message("did you mean {name}?", name="limit")
    error = WrongCommand("-a {name}={value}: unknown argument; {hint}", name="limite", value="{x}", hint=hint)
    messages.speak(PORTUGUESE)
    assert str(error) == "-a limite={x}: unknown argument; did you mean limit?"
    assert error.told() == "-a limite={x}: argumento desconhecido; seria limit?"
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - as a worker process hands it over
    assert (type(again), str(again), again.told()) == (WrongCommand, str(error), error.told())


def test_braces_without_values_are_braces() -> None:
    assert str(AuroraError("listings: '/{page' is no path")) == "listings: '/{page' is no path"


def test_a_line_of_the_log_is_shown_in_the_readers_language_and_kept_in_english() -> None:
    messages.speak(PORTUGUESE)
    record = logging.LogRecord(
        "aurora_crawl", logging.ERROR, "", 1, "%s: route %s: %s", ("mst", "rest", _error()), None
    )
    assert in_words(record).getMessage() == "mst: rota rest: x: não é texto UTF-8; salve-o como UTF-8"
    assert record.getMessage() == "mst: route rest: x: is not UTF-8 text; save it as UTF-8"


def _error() -> AuroraError:
    return AuroraError("{path}: is not UTF-8 text; save it as UTF-8", path="x")


def test_help_and_errors_of_a_command_are_in_the_readers_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from scrapy.cmdline import execute

    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "aurora_crawl.settings")
    said = io.StringIO()
    for words in (["verify", "--help"], ["learn", "mts", "-s", f"DATA_DIR={tmp_path}"]):
        messages.speak(PORTUGUESE)
        with pytest.raises(SystemExit):
            execute(["scrapy", *words, "-s", "AURORA_LANG=pt_BR"])
        said.write("".join(capsys.readouterr()))
    assert "refaz o que está danificado" in said.getvalue()
    assert "scrapy learn: site desconhecido 'mts'; seria mst?" in said.getvalue()


def test_numbers_are_written_as_the_language_writes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    words = "{n:,} of {part:.2f} in {seconds:g} s, {plain}, {given}"
    values = {"n": 1234567, "part": 0.5, "seconds": 7.5, "plain": 1.5, "given": "1,234.5"}
    for language, expected, line in (
        (ENGLISH, "1,234,567 of 0.50 in 7.5 s, 1.5, 1,234.5", "1.20 a 7, 50 %"),
        (PORTUGUESE, "1.234.567 of 0,50 in 7,5 s, 1.5, 1,234.5", "1,20 a 7, 50 %"),
    ):
        monkeypatch.setattr(messages, "_chosen", [language])
        assert messages._(words).format(**values) == expected
        assert Message(words, **values).told() == expected
        record = logging.LogRecord("x", logging.INFO, "x", 1, messages._("%.2f a %d, 50 %%"), (1.2, 7), None)
        assert record.getMessage() == line
        assert messages.number(1234.5, ",.1f") == ("1,234.5" if language == ENGLISH else "1.234,5")
    assert str(Message(words, **values)) == "1,234,567 of 0.50 in 7.5 s, 1.5, 1,234.5"
