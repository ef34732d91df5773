"""`scrapy forget URL`: an article out of everything that is stored, for good."""

from __future__ import annotations

import argparse

from aurora_crawl.command import AuroraCommand
from aurora_crawl.corpus.output_folder import corpora_in
from aurora_crawl.maintenance.forget import Addresses, Removal, forget, removals
from aurora_crawl.maintenance.trained_adapters import TrainedAdapter, adapters_that_know
from aurora_crawl.messages import _, ngettext


def run(command: AuroraCommand, args: list[str], opts: argparse.Namespace) -> None:
    """Forget and print."""
    addresses = Addresses(command.loader.sites())
    going = removals(args, command.data_dir, addresses)
    corpora = [corpus for folder in (command.data_dir, *opts.corpora) for corpus in corpora_in(folder)]
    for removal in going:
        forget(command.data_dir, removal, addresses, corpora)
        _tell(removal)
    ids = {id for removal in going for id in (*removal.urls, *removal.duplicates)}
    print(
        _(
            "tokens prepared outside {folder} are not looked at: delete them where dataset_prepared_path names such a folder"
        ).format(folder=command.data_dir)
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
