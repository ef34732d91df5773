"""`scrapy forget URL`: an article out of everything that is stored, for good."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from aurora_crawl.command import AuroraCommand
from aurora_crawl.errors import WrongCommand
from aurora_crawl.messages import N_, _, ngettext

if TYPE_CHECKING:
    from aurora_crawl.maintenance.forget import Removal
    from aurora_crawl.maintenance.trained_adapters import TrainedAdapter


class Command(AuroraCommand):
    """Forgets, and says what that was."""

    usage = "[options] URL [URL …]"
    example = "scrapy forget https://example.org/2020/article/"
    short = N_("Take articles out of everything that is stored, and never fetch them again")
    long = N_(
        "Takes the articles at these addresses out of everything under DATA_DIR: shards, archives, corpora, learned blocks,"
        " tokens prepared for training, the report; the ledger remembers that they are never to be fetched again. Other"
        " articles that print the same text are named and stay. An adapter cannot unlearn: those in the folders given with --adapters that were"
        " trained on the articles are named, to be trained anew or taken out of use. Nothing comes back: make a copy first if"
        " in doubt. Exit status: 0 when all is done, 1 where something failed (the same command goes on), 2 for a wrong"
        " command, 130 after Ctrl-C (the same command goes on)."
    )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        add = parser.add_argument
        corpora = _("a corpus outside DATA_DIR, or a folder of some; may be given more than once")
        add("--corpora", type=Path, action="append", default=[], metavar="DIR", help=corpora)
        adapters = _("where adapters are looked for, at any depth; may be given more than once")
        add("--adapters", type=Path, action="append", default=[], metavar="DIR", help=adapters)

    def follow(self, args: list[str], opts: argparse.Namespace) -> None:
        """Forget and print."""
        from aurora_crawl.corpus.output_folder import corpora_in
        from aurora_crawl.maintenance.forget import Addresses, forget, is_address, is_file, removals
        from aurora_crawl.maintenance.trained_adapters import adapters_that_know

        if not args:
            raise WrongCommand(N_("name at least one address"))
        for url in args:
            if not is_address(url) and not is_file(url):
                raise WrongCommand(N_("{url}: not an address like https://example.org/article"), url=url)
        for folder in (*opts.corpora, *opts.adapters):
            if not folder.is_dir():
                raise WrongCommand(N_("{folder}: no such folder"), folder=folder)
        addresses = Addresses(self.loader.sites())
        going = removals(args, self.data_dir, addresses)
        corpora = [corpus for folder in (self.data_dir, *opts.corpora) for corpus in corpora_in(folder)]
        for removal in going:
            forget(self.data_dir, removal, addresses, corpora)
            _tell(removal)
        ids = {id for removal in going for id in (*removal.urls, *removal.duplicates)}
        print(
            _(
                "tokens prepared outside {folder} are not looked at: delete them where dataset_prepared_path names such a folder"
            ).format(folder=self.data_dir)
        )
        for adapter in adapters_that_know(opts.adapters, ids):
            _tell_adapter(adapter)


def _tell(removal: Removal) -> None:
    site = removal.site
    for url in removal.urls.values():
        print(_("{site}: {url} is never fetched again").format(site=site, url=url))
    for url in removal.duplicates.values():
        print(_("{site}: {url}, which has the same text, too").format(site=site, url=url))
    taken = ngettext(
        "{site}: {count} line taken out of shards", "{site}: {count} lines taken out of shards", len(removal.lines)
    )
    print(taken.format(site=site, count=len(removal.lines)))
    if removal.answers_removed or removal.answers_changed:
        answers = _("{site}: archives: {removed} answer(s) removed, {changed} without the article")
        print(answers.format(site=site, removed=removal.answers_removed, changed=removal.answers_changed))
    for corpus, count in removal.corpora.items():
        taken = ngettext(
            "corpus {corpus}: {count} document taken out; copies that were sent elsewhere still hold it",
            "corpus {corpus}: {count} documents taken out; copies that were sent elsewhere still hold them",
            count,
        )
        print(taken.format(corpus=corpus, count=count))
    for path, why in removal.traces.gone.items():
        print(f"{path}: {why.told()}")
    for url in dict.fromkeys([*removal.also_in, *removal.traces.copies]):
        print(_("{url} prints the same text and stays; `scrapy forget {url}` takes it out too").format(url=url))


def _tell_adapter(adapter: TrainedAdapter) -> None:
    if adapter.trained:
        words = _("adapter {folder}: was trained on {count} of them; train it anew, or take it out of use")
    else:
        words = _("adapter {folder}: was measured on {count} of them, and not trained on any")
    print(words.format(folder=adapter.folder, count=adapter.trained or adapter.held_out))
