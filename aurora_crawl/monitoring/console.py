"""What a crawl says in words: one line each on standard error, beside a progress bar without harm to it, and in the log file."""

from __future__ import annotations

import json
import logging
import sys
from copy import copy
from datetime import UTC, datetime

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings
from scrapy.utils.log import get_scrapy_root_handler

from aurora_crawl.messages import ENGLISH, _, fitted, log_harmlessly, speak, told

SPEAKER = "aurora_crawl"
"""The logger whose lines are for people: this package's own."""
INDENT = " " * 9
"""Of what goes on in another line of a terminal: below the words, beside the hour."""
SAID_IN_WORDS = (
    "scrapy.downloadermiddlewares.retry",
    "scrapy.downloadermiddlewares.robotstxt",
    "scrapy.core.downloader.handlers",
    "py.warnings",
    "spidermon",
)
"""Loggers whose errors the routes and the summary repeat in words, and those of libraries that warn their own authors."""


class JsonLines(logging.Formatter):
    """A line of JSON for a collector of logs: `time`, `level`, `logger`, `message` in English, `exception` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class _Terminal(logging.Handler):
    """Standard error, where a bar may stand."""

    def __init__(self, *, is_json: bool) -> None:
        super().__init__()
        self._is_json = is_json

    def emit(self, record: logging.LogRecord) -> None:
        from tqdm import tqdm

        try:
            line = self.format(record) if self._is_json else fitted(self.format(in_words(record)), sys.stderr, INDENT)
            tqdm.write(line, file=sys.stderr)
        except (OSError, ValueError):
            self.handleError(record)


class _LogFile(logging.Handler):
    """Scrapy's log file, which would take a warning from us and nothing less."""

    def __init__(self, *, is_json: bool) -> None:
        super().__init__()
        self._is_json = is_json

    def emit(self, record: logging.LogRecord) -> None:
        if (file := get_scrapy_root_handler()) is not None:
            file.handle(record if self._is_json else in_words(record))


def in_words(record: logging.LogRecord) -> logging.LogRecord:
    """The line in the reader's language: its words, and the messages and errors in it. The log's own record stays English."""
    shown = copy(record)
    shown.msg = _(record.msg) if type(record.msg) is str else told(record.msg)
    if isinstance(record.args, tuple):
        shown.args = tuple(told(value) for value in record.args)
    return shown


def speak_to_people(settings: BaseSettings) -> None:
    """Let this package's lines through from INFO on, and Scrapy's from LOG_LEVEL on, to standard error and to LOG_FILE.

    To be called after Scrapy has set up its logging; again has no further effect. Who asked for a level (--loglevel) has that of
    all, and nothing is left out; who asked for silence (--nolog), or has logging of their own, has it. With LOG_JSON each line is
    JSON, and English: a collector of logs is no person.
    """
    is_json = settings.getbool("LOG_JSON")
    log_harmlessly()
    speak(ENGLISH if is_json else settings["AURORA_LANG"])
    speaker = logging.getLogger(SPEAKER)
    for old in [one for one in speaker.handlers if isinstance(one, _Terminal | _LogFile)]:
        speaker.removeHandler(old)
    root = get_scrapy_root_handler()
    if root is None or not settings.getbool("LOG_ENABLED"):
        return
    is_asked_for = (settings.getpriority("LOG_LEVEL") or 0) > SETTINGS_PRIORITIES["project"]
    speaker.setLevel(settings["LOG_LEVEL"] if is_asked_for else logging.INFO)
    speaker.propagate = False
    terminal = _Terminal(is_json=is_json)
    terminal.setFormatter(
        JsonLines() if is_json else logging.Formatter(settings["LOG_FORMAT"], settings["LOG_DATEFORMAT"])
    )
    speaker.addHandler(terminal)
    if is_json:
        root.setFormatter(JsonLines())
    if settings["LOG_FILE"]:
        speaker.addHandler(_LogFile(is_json=is_json))
    if not is_asked_for:
        # Not only where it is shown: Scrapy says two things of every article and page, and making them costs 2 % of a crawl.
        logging.getLogger("scrapy").setLevel(settings["LOG_LEVEL"])
        for name in SAID_IN_WORDS:
            logging.getLogger(name).setLevel(logging.CRITICAL)


def keep_warnings_from_people() -> None:
    """Let no library's warnings to its own authors reach people, unless Python was asked for them (-W, PYTHONWARNINGS)."""
    if not sys.warnoptions:
        logging.captureWarnings(True)
        logging.getLogger("py.warnings").setLevel(logging.CRITICAL)


class Console:
    """Speaks to people in every crawl, whoever starts it: a command, scrapyd, a script with a CrawlerProcess."""

    def __init__(self, crawler: Crawler) -> None:
        self._settings = crawler.settings
        speak_to_people(self._settings)
        # Scrapy makes its handler once more after the extensions.
        crawler.signals.connect(self.spider_opened, signals.spider_opened)

    def spider_opened(self) -> None:
        """Speak by the handler that holds."""
        speak_to_people(self._settings)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Console:
        """Made by Scrapy."""
        return cls(crawler)
