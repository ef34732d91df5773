"""The sites by their names; a file that cannot be imported costs one line and its own site, and no other."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules

from scrapy.spiderloader import SpiderLoader as ScrapySpiderLoader

from aurora_crawl.crawling.context import ContextSpider
from aurora_crawl.crawling.site_spider import SiteSpider
from aurora_crawl.errors import AuroraError, WrongCommand
from aurora_crawl.messages import N_, Message

_said: set[str] = set()
"""Lines that this process has said: a command may look for the sites more than once."""


class UnknownSite(WrongCommand):
    """No spider has this name; the message gives the nearest one."""


class BrokenSpider(AuroraError):  # noqa: N818 - it names what is wrong
    """A file of SPIDER_MODULES cannot be imported: which, where in it, and why."""


class SpiderLoader(ScrapySpiderLoader):
    """Scrapy's own, of which one wrong file does not end every command; `broken` holds those files, by their names."""

    broken: dict[str, BrokenSpider]

    def _load_all_spiders(self) -> None:
        self.broken = {}
        for package in self.spider_modules:
            for name in _modules(package):
                try:
                    module = import_module(name)
                # A person's file may raise whatever it likes.
                except (Exception, SystemExit) as error:  # noqa: BLE001
                    self.broken[name.rpartition(".")[2]] = _broken(name, error)
                else:
                    self._load_spiders(module)
        self._check_name_duplicates()
        for broken in self.broken.values():
            if (line := broken.told()) not in _said:
                _said.add(line)
                print(line, file=sys.stderr)

    def spider(self, name: str) -> type[ContextSpider]:
        """What can be crawled by a name: a site, or files at hand. Raises UnknownSite, or BrokenSpider."""
        cls = self._spiders.get(name)
        return cls if cls is not None and issubclass(cls, ContextSpider) else self.site(name)

    def site(self, name: str) -> type[SiteSpider]:
        """The spider of a site. Raises UnknownSite, or BrokenSpider where its file could not be imported."""
        cls = self._spiders.get(name)
        if cls is not None and issubclass(cls, SiteSpider):
            return cls
        if cls is not None and issubclass(cls, ContextSpider):
            raise UnknownSite(N_("'{name}' reads files, and is no site: scrapy crawl {name} -a path=DIR"), name=name)
        if name in self.broken:
            raise self.broken[name]
        near = get_close_matches(name, self.list(), 1)
        if near:
            raise UnknownSite(N_("unknown site '{name}'; did you mean {near}?"), name=name, near=near[0])
        raise UnknownSite(N_("unknown site '{name}'; `scrapy list` prints the sites"), name=name)

    def sites(self) -> list[type[SiteSpider]]:
        """All sites that could be loaded, by their names."""
        return [self.site(name) for name in sorted(self.list()) if issubclass(self._spiders[name], SiteSpider)]


def _modules(package: str) -> Iterator[str]:
    """A package or module of SPIDER_MODULES, and what lies in it; nothing in it is imported, but for the packages."""
    yield package
    module = sys.modules.get(package)
    for one in iter_modules(getattr(module, "__path__", ())):
        name = f"{package}.{one.name}"
        yield from _modules(name) if one.ispkg else [name]


def _broken(name: str, error: BaseException) -> BrokenSpider:
    path = _path_of(name)
    if isinstance(error, SyntaxError):
        line, why = error.lineno, error.msg
    else:
        frames = traceback.extract_tb(error.__traceback__)
        line = next((frame.lineno for frame in reversed(frames) if frame.filename == path), None)
        text = next(iter(str(error).splitlines()), "")
        why = text if isinstance(error, AuroraError) else f"{type(error).__name__}: {text}"
    place = Message(N_("{path}, line {line}"), path=_shown(path), line=line) if line else _shown(path or name)
    return BrokenSpider(N_("{place}: {why}; mend the file, the other sites do without it"), place=place, why=why)


def _path_of(name: str) -> str:
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return ""
    return (spec.origin or "") if spec else ""


def _shown(path: str) -> str:
    """A path as short as it can be from here."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if path and Path(path).is_relative_to(here) else path
