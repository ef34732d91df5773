"""What every command has in common: its arguments checked, one function called, errors in one line, Ctrl-C in order.

It stands outside `commands/`, because Scrapy takes every class of commands there for a command.
"""

from __future__ import annotations

import argparse
import os
import sys
from difflib import get_close_matches
from errno import ENOSPC
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.settings import Settings

from aurora_crawl.crawling.crawl_process import CrawlProcess
from aurora_crawl.crawling.site_spider import SiteSpider
from aurora_crawl.crawling.spider_loader import BrokenSpider, SpiderLoader
from aurora_crawl.errors import FAILED, INTERRUPTED, AuroraError, WrongCommand
from aurora_crawl.messages import N_, Message, _, fitted, harmless, log_harmlessly, print_any_letter, speak
from aurora_crawl.monitoring.console import keep_warnings_from_people, speak_to_people
from aurora_crawl.settings_check import check_settings

ACTIONS = "aurora_crawl.actions"


class AuroraCommand(ScrapyCommand):
    """A command of this project: says what it does, checks its arguments, and leaves the work to the module of its name in `actions/`.

    A process for crawls is made only when all arguments are right: so a wrong command costs neither a reactor nor a log.
    """

    requires_project = True
    requires_crawler_process = False
    usage: ClassVar[str] = "[options]"
    short: ClassVar[str]
    """What the command does, in a line (`N_`)."""
    long: ClassVar[str] = ""
    """The same at length, with the exit statuses (`N_`)."""
    example: ClassVar[str] = ""
    """A command line that does it."""
    kept: ClassVar[str] = N_("the same command goes on")
    """What is said of the work when Ctrl-C ends it."""
    _parser: argparse.ArgumentParser

    def __init__(self) -> None:
        """Made before anything is printed, by `scrapy --help` too."""
        super().__init__()
        print_any_letter()

    def check(self, args: list[str], opts: argparse.Namespace) -> None:
        """Raises WrongCommand where the arguments cannot be followed; what this needs is loaded at every start of `scrapy`."""

    def follow(self, args: list[str], opts: argparse.Namespace) -> int | None:
        """Do it; the exit status, where it is not 0. Raises AuroraError.

        The work is the function `run` of the command's module in `actions/`, which is loaded only here: Scrapy loads every
        command at each start, and so a command never waits for what another needs.
        """
        self.check(args, opts)
        status: int | None = import_module(f"{ACTIONS}.{self.name}").run(self, args, opts)
        return status

    def syntax(self) -> str:
        """Shown by --help."""
        return self.usage

    def short_desc(self) -> str:
        """Shown by `scrapy`."""
        return _(self.short)

    def long_desc(self) -> str:
        """Shown by --help."""
        words = _(self.long or self.short)
        return f"{words} " + _("Example: {command}").format(command=self.example) if self.example else words

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        self._parser = parser

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Follow the command, and set the exit status."""
        try:
            log_harmlessly()
            keep_warnings_from_people()
            check_settings(self.given)
            speak(self.given["AURORA_LANG"])
            self._no_unknown_option(args)
            self.exitcode = self.follow(args, opts) or self.exitcode
        except BrokenSpider as error:
            # Said when the sites were looked for.
            self.exitcode = error.exit_status
        except AuroraError as error:
            self.say_wrong(error)
            self.exitcode = error.exit_status
        except BrokenPipeError:
            # Whoever read has read enough, as `head` does; Python would complain once more when it closes the pipe.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            self.say_wrong(os_error(error))
            self.exitcode = FAILED
        except KeyboardInterrupt:
            self.say_wrong(Message(N_("stopped; {kept}"), kept=Message(self.kept)))
            self.exitcode = INTERRUPTED

    @property
    def name(self) -> str:
        """The word after `scrapy`."""
        return type(self).__module__.rpartition(".")[2]

    @property
    def given(self) -> Settings:
        """The settings, those of the command line included."""
        assert self.settings is not None, "asked for before Scrapy has read the command"
        return self.settings

    @property
    def data_dir(self) -> Path:
        """Where everything that is kept lives."""
        return Path(self.given["DATA_DIR"])

    @cached_property
    def loader(self) -> SpiderLoader:
        """The sites."""
        return SpiderLoader.from_settings(self.given.frozencopy())

    def say_wrong(self, line: AuroraError | Message) -> None:
        """Print one line on standard error."""
        print(fitted(harmless(f"scrapy {self.name}: {line.told()}"), sys.stderr, "  "), file=sys.stderr)

    def process(self) -> CrawlProcess:
        """A process for crawls, whose own lines people read."""
        process = CrawlProcess(self.given)
        speak_to_people(process.settings)
        return process

    def one_site(self, args: list[str]) -> type[SiteSpider]:
        """The site that the command names. Raises WrongCommand."""
        if len(args) != 1:
            raise WrongCommand(N_("name one site; `scrapy list` prints them"))
        return self.loader.site(args[0])

    def some_sites(self, args: list[str]) -> list[type[SiteSpider]]:
        """The sites that the command names, all where it names none. Raises UnknownSite."""
        return [self.loader.site(name) for name in args] if args else self.loader.sites()

    def options_only(self, args: list[str]) -> None:
        """Raises WrongCommand where there is anything else."""
        if args:
            raise WrongCommand(N_("takes options only, not '{word}'"), word=args[0])

    def _no_unknown_option(self, args: list[str]) -> None:
        """Scrapy hands on what argparse did not know as if it were an argument."""
        for word in args:
            if word.startswith("-") and word != "-":
                option = word.partition("=")[0]
                known = [name for action in self._parser._actions for name in action.option_strings]
                if near := get_close_matches(option, known, 1):
                    raise WrongCommand(N_("unknown option {option}; did you mean {near}?"), option=option, near=near[0])
                raise WrongCommand(N_("unknown option {option}; --help names them"), option=option)


def os_error(error: OSError) -> Message:
    """What the system refused, in words."""
    if error.errno == ENOSPC:
        return Message(N_("the disk is full; make room, and the same command goes on"))
    why = error.strerror or str(error)
    return Message("{path}: {why}", path=error.filename, why=why) if error.filename else Message("{why}", why=why)
