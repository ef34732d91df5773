"""Whether settings that a person gave are what they must be, before anything starts."""

from __future__ import annotations

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings, default_settings

from aurora_crawl import settings as ours
from aurora_crawl.errors import SettingError
from aurora_crawl.messages import LANGUAGES, N_, listed

CHOICES = {"OPT_OUT": ("obey", "mark"), "AURORA_LANG": ("", *LANGUAGES)}
"""Settings that take one of a few words."""


def check_settings(given: BaseSettings) -> None:
    """Raise SettingError for the first setting of the project or the command line that is not of its default's kind."""
    for name in given:
        if (given.getpriority(name) or 0) < SETTINGS_PRIORITIES["project"]:
            continue
        default = getattr(ours, name, getattr(default_settings, name, None))
        value = given[name]
        if name in CHOICES and value not in CHOICES[name]:
            words = listed(word for word in CHOICES[name] if word)
            raise SettingError(N_("{name}={value} is not one of {words}"), name=name, value=value, words=words)
        if isinstance(default, bool):
            _read(given, name, "getbool", N_("{name}={value} is neither True nor False"))
        elif isinstance(default, int | float):
            _read(given, name, "getfloat", N_("{name}={value} is no number; without it, {default} holds"), default)


def _read(given: BaseSettings, name: str, how: str, wrong: str, default: object = None) -> None:
    try:
        getattr(given, how)(name)
    except (ValueError, TypeError) as error:
        raise SettingError(wrong, name=name, value=given[name], default=default) from error
