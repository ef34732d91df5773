"""`scrapy newsite URL`: looks at a site, says what it found, and writes its spider, test and page."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from aurora_crawl.command import AuroraCommand
from aurora_crawl.commands.newsite import address
from aurora_crawl.errors import FAILED, WrongCommand
from aurora_crawl.inspection.answers import Asking
from aurora_crawl.inspection.archived_look import archived_look
from aurora_crawl.inspection.look import Look, look_at
from aurora_crawl.inspection.proposal import UNSURE, Proposal, site_name
from aurora_crawl.inspection.propose import propose
from aurora_crawl.inspection.site_look import SiteLook
from aurora_crawl.inspection.told import told_of
from aurora_crawl.maintenance.new_site import renew_site_pages, write_site
from aurora_crawl.messages import N_, _, harmless


def run(command: AuroraCommand, args: list[str], opts: argparse.Namespace) -> int:
    """Look and write; 1 where nothing is to be written."""
    url = address(args[0])
    look = archived_look(opts.archive, url) if opts.archive else _look(command, url)
    name = opts.name or site_name(look.site_url or url, look.front.name if look.front else "")
    if not name:
        raise WrongCommand(N_("{url} gives no name for a spider; name it with --name"), url=url)
    found = propose(look, name, obeys_opt_outs=command.given["OPT_OUT"] == "obey")
    for line in told_of(found):
        print(harmless(line))
    if found.refusal is not None:
        command.say_wrong(found.refusal)
        return FAILED
    if not opts.dry_run:
        _write(command, found, opts)
    return 0


def _look(command: AuroraCommand, url: str) -> Look:
    looks: list[Look] = []

    async def work(asking: Asking) -> None:
        looks.append(await look_at(asking, url))

    process = command.process()
    process.crawl(SiteLook, url=url, work=work)
    process.start()
    return looks[0] if looks else Look(url, refusal=_("the look ended before it began"))


def _write(command: AuroraCommand, found: Proposal, opts: argparse.Namespace) -> None:
    module = command.given["NEWSPIDER_MODULE"]
    folder = Path(str(import_module(module).__file__)).parent
    is_own = module == "aurora_crawl.spiders"
    if not opts.force and (found.name in command.loader.list() or (folder / f"{found.name}.py").exists()):
        raise WrongCommand(
            N_("there is a spider '{name}' already; --force writes over it, --name names another"), name=found.name
        )
    written = write_site(found, module, folder, is_own=is_own)
    pages = renew_site_pages([*command.loader.sites(), written.site]) if is_own else []
    for path in [*written.paths, *pages]:
        print(_("written: {path}").format(path=path))
    print(_("next: scrapy crawl {name} -a limit=20").format(name=found.name))
    if found.sureness == UNSURE:
        print(_("look at a few of its articles before you crawl: scrapy extract {name} URL").format(name=found.name))
