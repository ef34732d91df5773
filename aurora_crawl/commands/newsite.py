"""`scrapy newsite URL`: looks at a site, says what it found, and writes its spider, test and page."""

from __future__ import annotations

import argparse
import re
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from aurora_crawl.addresses import refusal
from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import FAILED, WrongCommand
from aurora_crawl.messages import N_, _, harmless

if TYPE_CHECKING:
    from aurora_crawl.inspection.answers import Asking
    from aurora_crawl.inspection.look import Look
    from aurora_crawl.inspection.proposal import Proposal


class Command(AuroraCommand):
    """Looks, chooses, proves, writes."""

    usage = "[options] URL"
    example = "scrapy newsite https://jornal.example"
    short = N_("Look at a site, say what it is, and write its spider")
    long = N_(
        "Asks the site at most 15 times, politely, and says what it found: system, theme, routes with their numbers, licence, what its"
        " publisher says about machine learning; which route and rules a spider would take and why; three articles as proof; and how"
        " sure that is. Then it writes the spider, its test and its invented page. Nothing is written where robots.txt or the"
        " publisher forbids it, or no article could be read. With --archive nothing is asked: WARC files answer."
        " Exit status: 0 when the spider was written, 1 where there is a reason not to, 2 for a wrong command."
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        add("--name", metavar="NAME", help=_("of the spider; by default the host's"))
        add("--dry-run", action="store_true", help=_("write nothing"))
        add("--force", action="store_true", help=_("write over a spider that is there"))
        add(
            "--archive",
            metavar="FILE",
            type=Path,
            action="append",
            help=_("read the site from a WARC file; nothing is fetched"),
        )

    def follow(self, args: list[str], opts: argparse.Namespace) -> int:
        """Look and write; 1 where nothing is to be written."""
        from aurora_crawl.inspection.archived_look import archived_look
        from aurora_crawl.inspection.proposal import propose, site_name
        from aurora_crawl.inspection.told import told_of

        if len(args) != 1:
            raise WrongCommand(N_("it wants one address, like: https://jornal.example"))
        url = args[0] if "://" in args[0] else f"https://{args[0]}"
        if refusal(url) is not None:
            raise WrongCommand(N_("{url} is not an address like https://jornal.example"), url=args[0])
        if opts.name is not None and not re.fullmatch(r"[a-z][a-z0-9]*", opts.name):
            raise WrongCommand(N_("'{name}' is no name for a site: small letters and digits"), name=opts.name)
        look = archived_look(opts.archive, url) if opts.archive else self._look(url, opts)
        name = opts.name or site_name(look.site_url or url, look.front.name if look.front else "")
        if not name:
            raise WrongCommand(N_("{url} gives no name for a spider; name it with --name"), url=url)
        found = propose(look, name, obeys_opt_outs=self.given["OPT_OUT"] == "obey")
        for line in told_of(found):
            print(harmless(line))
        if found.refusal is not None:
            self.say_wrong(found.refusal)
            return FAILED
        if not opts.dry_run:
            self._write(found, opts)
        return 0

    def _look(self, url: str, opts: argparse.Namespace) -> Look:
        from aurora_crawl.inspection.look import Look, look_at
        from aurora_crawl.inspection.site_look import SiteLook

        looks: list[Look] = []

        async def work(asking: Asking) -> None:
            looks.append(await look_at(asking, url))

        process = self.process()
        process.crawl(SiteLook, url=url, work=work)
        process.start()
        return looks[0] if looks else Look(url, refusal=_("the look ended before it began"))

    def _write(self, found: Proposal, opts: argparse.Namespace) -> None:
        from aurora_crawl.inspection.proposal import UNSURE
        from aurora_crawl.maintenance.new_site import renew_site_pages, write_site

        module = self.given["NEWSPIDER_MODULE"]
        folder = Path(str(import_module(module).__file__)).parent
        is_own = module == "aurora_crawl.spiders"
        if not opts.force and (found.name in self.loader.list() or (folder / f"{found.name}.py").exists()):
            raise WrongCommand(
                N_("there is a spider '{name}' already; --force writes over it, --name names another"), name=found.name
            )
        written = write_site(found, module, folder, is_own=is_own)
        pages = renew_site_pages([*self.loader.sites(), written.site]) if is_own else []
        for path in [*written.paths, *pages]:
            print(_("written: {path}").format(path=path))
        print(_("next: scrapy crawl {name} -a limit=20").format(name=found.name))
        if found.sureness == UNSURE:
            print(
                _("look at a few of its articles before you crawl: scrapy extract {name} URL").format(name=found.name)
            )
