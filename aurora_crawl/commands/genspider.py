"""`scrapy genspider -t TEMPLATE NAME URL`: a new site from this project's own templates."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from scrapy.commands.genspider import Command as ScrapyGenspider

from aurora_crawl.commands.sites import WRONG_COMMAND, complain

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"


class Command(ScrapyGenspider):
    """Scrapy's own command with the templates of `aurora_crawl/templates/spiders`, and a name and an address that are checked."""

    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False, "TEMPLATES_DIR": str(TEMPLATES)}

    def syntax(self) -> str:
        """Shown by --help."""
        return "[options] NAME URL"

    def short_desc(self) -> str:
        """Shown by `scrapy`."""
        return "Write the spider of a new site from a template: wordpress, ghost, listing"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        parser.set_defaults(template="wordpress")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Write the file; nothing is overwritten without --force."""
        if not (opts.list or opts.dump):
            if len(args) != 2:
                self.exitcode = complain(
                    "genspider: it wants a name and an address, like: jornal https://jornal.example"
                )
                return
            name, url = args[0], args[1].rstrip("/")
            if not re.fullmatch(r"[a-z][a-z0-9]*", name):
                self.exitcode = complain(f"genspider: {name!r} is no name for a site: small letters and digits")
                return
            if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
                self.exitcode = complain(f"genspider: {args[1]} is not an address like https://jornal.example")
                return
            if not opts.force and self._spider_exists(name):
                self.exitcode = WRONG_COMMAND
                return
            args = [name, url]
        super().run(args, opts)
