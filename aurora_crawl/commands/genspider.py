"""`scrapy genspider -t TEMPLATE NAME URL`: a new site from this project's own templates."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands.genspider import Command as ScrapyGenspider

from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import FAILED, WRONG_COMMAND, WrongCommand
from aurora_crawl.maintenance.forget import is_address
from aurora_crawl.messages import N_

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"


class Command(AuroraCommand, ScrapyGenspider):
    """Scrapy's own command with the templates of `aurora_crawl/templates/spiders`, and a name and an address that are checked."""

    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False, "TEMPLATES_DIR": str(TEMPLATES)}
    usage = "[options] NAME URL"
    short = N_("Write the spider of a new site from a template: wordpress, ghost, listing")

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        parser.set_defaults(template="wordpress")

    def follow(self, args: list[str], opts: argparse.Namespace) -> int:
        """Write the file; nothing is overwritten without --force."""
        if opts.list:
            ScrapyGenspider.run(self, args, opts)
            return 0
        template = opts.dump or opts.template
        known = sorted(path.stem for path in Path(self.templates_dir).glob("*.tmpl"))
        if template not in known and not (template.endswith(".tmpl") and Path(template).is_file()):
            there = ", ".join(known)
            raise WrongCommand(N_("no template '{name}'; there are {known}"), name=template, known=there)
        if opts.dump:
            ScrapyGenspider.run(self, args, opts)
            return 0
        if len(args) != 2:
            raise WrongCommand(N_("it wants a name and an address, like: jornal https://jornal.example"))
        name, url = args[0], args[1].rstrip("/")
        if not re.fullmatch(r"[a-z][a-z0-9]*", name):
            raise WrongCommand(N_("'{name}' is no name for a site: small letters and digits"), name=name)
        if not is_address(url):
            raise WrongCommand(N_("{url} is not an address like https://jornal.example"), url=args[1])
        if name == self.given["BOT_NAME"]:
            raise WrongCommand(N_("'{name}' is the name of this project; take another"), name=name)
        if not opts.force and self._spider_exists(name):
            return WRONG_COMMAND
        ScrapyGenspider.run(self, [name, url], opts)
        return FAILED if self.exitcode else 0
