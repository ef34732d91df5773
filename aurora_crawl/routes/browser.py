"""A real browser for the few listings that nothing else opens: scrapy-playwright with the system's Chromium."""

from __future__ import annotations

import importlib.util
import os
import shutil
from typing import Any

from scrapy.settings import BaseSettings

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NOT_LOADED = frozenset({"image", "font", "media"})
"""Kinds of requests of a page that never bring a card."""
_HANDLER = "scrapy_playwright.handler.ScrapyPlaywrightDownloadHandler"


def what_is_missing() -> str | None:
    """What has to be installed before the browser can be used, as a sentence; null when nothing is missing."""
    if importlib.util.find_spec("scrapy_playwright") is None:
        return "it needs scrapy-playwright: pip install 'aurora-br[browser]'"
    if browser_path() is None:
        return "it needs Chromium on the PATH, on Debian: apt-get install chromium"
    return None


def browser_path() -> str | None:
    """The browser's program, or null where there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def is_not_loaded(request: Any) -> bool:
    """Whether a request of a page, as Playwright shows it, is left out."""
    return request.resource_type in NOT_LOADED


def enable_browser(settings: BaseSettings) -> None:
    """Let requests with `playwright` in their meta go through the browser; does nothing where it is not installed."""
    if what_is_missing():
        return
    arguments = ["--disable-gpu", "--disable-dev-shm-usage", "--mute-audio"]
    if getattr(os, "geteuid", lambda: 1)() == 0:
        # Chromium refuses to run as root with its sandbox.
        arguments.append("--no-sandbox")
    settings.setdict(
        {
            "DOWNLOAD_HANDLERS": {**settings.getdict("DOWNLOAD_HANDLERS"), "http": _HANDLER, "https": _HANDLER},
            "PLAYWRIGHT_LAUNCH_OPTIONS": {"executable_path": browser_path(), "args": arguments},
            "PLAYWRIGHT_ABORT_REQUEST": is_not_loaded,
            "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 2,
        },
        priority="spider",
    )
