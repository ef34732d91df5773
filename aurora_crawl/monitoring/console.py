"""What a crawl says in words: one line each on standard error, beside a progress bar without harm to it."""

from __future__ import annotations

import logging
import sys
from copy import copy

from scrapy.settings import BaseSettings
from tqdm import tqdm

from aurora_crawl.messages import _, told

SPEAKER = "aurora_crawl"
"""The logger whose lines are for people: this package's own."""
SAID_IN_WORDS = (
    "scrapy.downloadermiddlewares.retry",
    "scrapy.downloadermiddlewares.robotstxt",
    "scrapy.core.downloader.handlers",
    "py.warnings",
    "spidermon",
)
"""Loggers whose errors the routes and the summary repeat in words."""


class _BarHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        try:
            tqdm.write(self.format(in_words(record)), file=sys.stderr)
        except (OSError, ValueError):
            self.handleError(record)


def in_words(record: logging.LogRecord) -> logging.LogRecord:
    """The line in the reader's language: its words, and the messages and errors in it. The log's own record stays English."""
    shown = copy(record)
    shown.msg = _(record.msg) if isinstance(record.msg, str) else told(record.msg)
    if isinstance(record.args, tuple):
        shown.args = tuple(told(value) for value in record.args)
    return shown


def speak_to_people(settings: BaseSettings) -> None:
    """Let this package's lines through from INFO on, and Scrapy's from LOG_LEVEL on.

    To be called once a process, after Scrapy has set up its logging, unless a person asked for a level or a file.
    """
    handler = _BarHandler(logging.INFO)
    handler.setFormatter(logging.Formatter(settings["LOG_FORMAT"], settings["LOG_DATEFORMAT"]))
    speaker = logging.getLogger(SPEAKER)
    speaker.setLevel(logging.INFO)
    speaker.addHandler(handler)
    speaker.propagate = False
    # Not only where it is shown: Scrapy says two things of every article and page, and making them costs 2 % of a crawl.
    logging.getLogger("scrapy").setLevel(settings["LOG_LEVEL"])
    for name in SAID_IN_WORDS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
