"""`scrapy genspider -t TEMPLATE NAME URL`: a new site from this project's own templates."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Any, ClassVar

from scrapy.commands.genspider import Command as ScrapyGenspider

from aurora_crawl.addresses import is_address
from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import FAILED, WRONG_COMMAND, WrongCommand
from aurora_crawl.messages import N_

OURS = "aurora_crawl.spiders"
OWN_SITES = "sites"
OWN_SETTINGS = """\
from aurora_crawl.settings import *

SPIDER_MODULES = ["aurora_crawl.spiders", "sites"]
NEWSPIDER_MODULE = "sites"
"""
TEMPLATES = Path(__file__).resolve().parents[1] / "templates"


def is_installed() -> bool:
    """Whether this package was installed for good, rather than standing in somebody's working copy."""
    return not (TEMPLATES.parents[1] / "setup.cfg").is_file()


def own_project(folder: Path) -> str:
    """A project for a person's own sites in `folder`, made where there is none: the module that new sites go into.

    Every command of `scrapy` that is given in the folder then knows these sites and those of Aurora BR.
    """
    sites = folder / OWN_SITES
    sites.mkdir(exist_ok=True)
    for path, text in (
        (sites / "__init__.py", ""),
        (folder / f"{OWN_SITES}_settings.py", OWN_SETTINGS),
        (folder / "scrapy.cfg", f"[settings]\ndefault = {OWN_SITES}_settings\n"),
    ):
        if not path.exists():
            path.write_text(text, encoding="utf-8")
    # Scrapy puts the folder of scrapy.cfg there, when there is one at the start.
    sys.path.insert(0, str(folder))
    return OWN_SITES


class Command(AuroraCommand, ScrapyGenspider):
    """Scrapy's own command with the templates of `aurora_crawl/templates/spiders`, and a name and an address that are checked."""

    default_settings: ClassVar[dict[str, Any]] = {"LOG_ENABLED": False, "TEMPLATES_DIR": str(TEMPLATES)}
    usage = "[options] NAME URL"
    example = "scrapy genspider jornal https://jornal.example"
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
        if is_installed() and self.given["NEWSPIDER_MODULE"] == OURS:
            self.given.set("NEWSPIDER_MODULE", own_project(Path.cwd()), priority="cmdline")
        ScrapyGenspider.run(self, [name, url], opts)
        return FAILED if self.exitcode else 0
