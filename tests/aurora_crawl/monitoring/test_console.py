"""What a person sees of a crawl, on standard error and in a log file, and what a collector of logs gets."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from scrapy.settings import Settings
from scrapy.utils import log as scrapy_log

from aurora_crawl.messages import Message, speak
from aurora_crawl.monitoring.console import SPEAKER, speak_to_people

LINES = logging.getLogger(f"{SPEAKER}.monitoring.summary")


@pytest.fixture
def settings() -> Iterator[Settings]:
    """The project's; what is set up by them is taken down again."""
    settings = Settings()
    settings.setmodule("aurora_crawl.settings", priority="project")
    names = [None, SPEAKER, "scrapy", *scrapy_names()]
    before = {name: (logging.getLogger(name).level, logging.getLogger(name).propagate) for name in names}
    handlers, factory = list(logging.getLogger(SPEAKER).handlers), logging.getLogRecordFactory()
    yield settings
    scrapy_log._uninstall_scrapy_root_handler()
    logging.captureWarnings(False)
    logging.setLogRecordFactory(factory)
    logging.getLogger(SPEAKER).handlers[:] = handlers
    for name, (level, propagate) in before.items():
        logging.getLogger(name).setLevel(level)
        logging.getLogger(name).propagate = propagate
    speak("en")


def scrapy_names() -> list[str]:
    from aurora_crawl.monitoring.console import SAID_IN_WORDS

    return list(SAID_IN_WORDS)


def begin(settings: Settings, given: dict[str, object]) -> None:
    settings.setdict(given, priority="cmdline")
    scrapy_log.configure_logging(settings)
    speak_to_people(settings)


def say() -> None:
    """What a crawl that went badly makes its own loggers and those of libraries say."""
    LINES.error("%s: route %s: %s", "mst", "rest", Message("no server answered"))
    LINES.info("%s: %s", "mst", Message("nothing new; {count} stored", count=120))
    logging.getLogger("spidermon.x").error("[Spidermon] a long traceback")
    try:
        raise OSError("refused")
    except OSError:
        logging.getLogger("scrapy.downloadermiddlewares.robotstxt").error("Error downloading", exc_info=True)
    logging.getLogger("scrapy.core").info("Spider opened")
    logging.getLogger("scrapy.core").warning("Scrapy has something to say")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("a library is not what it was", DeprecationWarning, stacklevel=1)


@pytest.mark.parametrize("language", ["en", "pt_BR"])
def test_what_a_person_sees_stands_in_the_log_file_too(
    language: str, settings: Settings, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "log"
    begin(settings, {"LOG_FILE": str(file), "AURORA_LANG": language})
    say()
    seen = capfd.readouterr().err.splitlines()
    kept = file.read_text(encoding="utf-8").splitlines()
    assert len(seen) == 2
    assert kept[:2] == seen
    assert [line.split(" ", 1)[1] for line in kept[2:]] == ["WARNING Scrapy has something to say"]
    words = {"en": "mst: nothing new; 120 stored", "pt_BR": "mst: nada de novo; 120 gravados"}
    assert kept[1].endswith(words[language])


def test_without_a_file_scrapy_s_warnings_are_seen_and_no_library_s(
    settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    begin(settings, {})
    say()
    assert [line.split(" ", 2)[2] for line in capfd.readouterr().err.splitlines()] == [
        "mst: route rest: no server answered",
        "mst: nothing new; 120 stored",
        "Scrapy has something to say",
    ]


def test_a_collector_gets_a_line_of_json_each_in_english(
    settings: Settings, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "log"
    begin(settings, {"LOG_FILE": str(file), "LOG_JSON": "True", "AURORA_LANG": "pt_BR"})
    say()
    LINES.warning("two\nlines, and \x1b[31mred")
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [row["message"] for row in rows[:2]] == [
        "mst: route rest: no server answered",
        "mst: nothing new; 120 stored",
    ]
    assert rows[0].keys() == {"time", "level", "logger", "message"}
    assert rows[2]["logger"] == "scrapy.core"
    assert "\x1b" not in file.read_text(encoding="utf-8")
    assert [json.loads(line)["message"] for line in capfd.readouterr().err.splitlines()][:2] == [
        row["message"] for row in rows[:2]
    ]


def test_who_asks_for_silence_or_for_a_level_has_it(settings: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    begin(settings, {"LOG_ENABLED": False})
    say()
    assert capfd.readouterr().err == ""
    begin(settings, {"LOG_ENABLED": True, "LOG_LEVEL": "ERROR"})
    logging.getLogger("spidermon").setLevel(logging.NOTSET)
    say()
    seen = capfd.readouterr().err
    assert "no server answered" in seen
    assert "nothing new" not in seen
