"""Which sites know an address, and how all that is stored of it goes: ledger, archives, corpora, traces, shards."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from aurora_crawl.addresses import canonical_address, host_of, same_site
from aurora_crawl.corpus.withdrawal import forget_in_corpus
from aurora_crawl.crawling.arguments import CrawlArguments
from aurora_crawl.crawling.site_spider import SiteSpider, reading_of
from aurora_crawl.errors import StorageError
from aurora_crawl.extraction.answer import readable_body
from aurora_crawl.extraction.rest_answer import posts_in
from aurora_crawl.files import write_whole
from aurora_crawl.harvest.kept import redact_harvests
from aurora_crawl.items import Article, article_id
from aurora_crawl.maintenance.derived_copies import Traces, forget_traces
from aurora_crawl.messages import N_
from aurora_crawl.storage.archive import Capture, archives_of
from aurora_crawl.storage.articles import read_articles
from aurora_crawl.storage.blanking import without_passages
from aurora_crawl.storage.entry import State
from aurora_crawl.storage.erasure import ForgettingStore
from aurora_crawl.storage.forgotten import note_pieces
from aurora_crawl.storage.ledger import Ledger
from aurora_crawl.storage.redaction import Holding, Prints, redact, with_body, with_posts
from aurora_crawl.storage.shards import shards_of
from aurora_crawl.storage.verify import sites_in


class NotStored(StorageError):  # noqa: N818 - it names what is wrong
    """An address that no site has stored, and that is on no site's host."""


@dataclass(slots=True)
class Removal:
    """What went of a site: lines, whose texts tell where else it stands, answers of archives, and documents of corpora."""

    site: str
    urls: dict[str, str]
    lines: list[Article] = field(default_factory=list)
    duplicates: dict[str, str] = field(default_factory=dict)
    also_in: list[str] = field(default_factory=list)
    """Addresses of other articles of the site whose pages print the text, and which stay."""
    answers_removed: int = 0
    answers_changed: int = 0
    corpora: dict[Path, int] = field(default_factory=dict)
    """Corpora that held some, and how many."""
    traces: Traces = field(default_factory=Traces)


class Addresses:
    """The ids that an address may have: by each site's canonical form."""

    def __init__(self, sites: Iterable[type[SiteSpider]]) -> None:
        self._sites = {site.name: site for site in sites}

    def id_of(self, site: str, url: str) -> str:
        """The id of an address of a site. A crawl that was given another `site_url` has made its ids by that one."""
        cls = self._sites.get(site)
        parts = urlsplit(url)
        origin = urlunsplit((parts.scheme, parts.netloc, "/", "", ""))
        if cls is None:
            # An outlet that only archives brought: named by its host.
            return article_id(canonical_address(url, f"https://{site}"))
        arguments = CrawlArguments(site_url=None if same_site(url, cls.site_url) else origin)
        return article_id(reading_of(cls, arguments).canonical(url))

    def __contains__(self, site: str) -> bool:
        """Whether this is a site whose ids are made of its addresses; those of files at hand are not."""
        return site in self._sites

    def covering(self, url: str) -> list[str]:
        """The sites on whose host an address is."""
        return [name for name, cls in self._sites.items() if same_site(url, cls.site_url)]


def removals(urls: Iterable[str], data_dir: Path, addresses: Addresses) -> list[Removal]:
    """What is to go, site by site. Raises NotStored for an address that belongs to none."""
    found: dict[str, Removal] = {}
    stored = sites_in(data_dir)
    for url in urls:
        knowing = sites_that_know(url, data_dir, stored, addresses)
        if not knowing:
            nowhere = N_("{url}: stored by no site under {folder}, and on no site's host; nothing was changed")
            raise NotStored(nowhere, url=url, folder=data_dir)
        for site, id in knowing:
            found.setdefault(site, Removal(site, {})).urls[id] = url
    return list(found.values())


def sites_that_know(url: str, data_dir: Path, stored: Iterable[str], addresses: Addresses) -> list[tuple[str, str]]:
    """Sites and ids: the sites whose ledger has an address; else those on whose host it is, so that they never fetch it.

    What was given as a file has its id from its bytes, and several may have one address: there the ledger's own addresses count.
    """
    knowing: list[tuple[str, str]] = []
    for site in stored:
        ledger = Ledger(data_dir / "ledger" / f"{site}.sqlite")
        try:
            entry = ledger.get(addresses.id_of(site, url))
            found = [entry] if entry is not None else []
            if not found and site not in addresses:
                found = [entry for entry in ledger.entries() if entry.url == url]
        finally:
            ledger.close()
        knowing += [(site, entry.id) for entry in found]
    return knowing or [(site, addresses.id_of(site, url)) for site in addresses.covering(url)]


def forget(data_dir: Path, removal: Removal, addresses: Addresses, corpora: Iterable[Path]) -> None:
    """Forget the articles of a site everywhere, and note what went.

    The lines in the shards go last, so that the same call goes on after whatever it died of.
    """
    with ForgettingStore(data_dir, removal.site) as store:
        removal.lines = store.mark(removal.urls)
        prints = Prints((article.text for article in removal.lines), (article.title for article in removal.lines))
        judge = _Judge(data_dir, removal, store.ledger, prints, addresses)
        for path in archives_of(data_dir, removal.site):
            done = redact(path, judge.verdict)
            removal.answers_removed += done.removed
            removal.answers_changed += done.changed
        forgotten = store.ledger.forgotten()
        is_of_site = partial(_is_of, addresses, removal.site)
        removal.answers_changed += redact_harvests(
            data_dir, is_of_site, judge.verdict, lambda url: addresses.id_of(removal.site, url) in forgotten
        )
        for path in sorted((data_dir / "harvest" / "index").glob(f"{removal.site}-*.jsonl")):
            _redact_index(path, lambda url: addresses.id_of(removal.site, url) in forgotten)
        every = {*removal.urls, *removal.duplicates}
        # What is archived from now on holds no teaser of it either.
        note_pieces(data_dir, removal.site, every, judge.own.pieces)
        removal.corpora = {corpus: count for corpus in corpora if (count := forget_in_corpus(corpus, every))}
        for id in every:
            # What Tesseract read of a book's pages.
            shutil.rmtree(data_dir / "ocr" / id, ignore_errors=True)
        removal.traces = forget_traces(data_dir, removal.site, every, removal.lines, prints)
        store.remove(every)


def _is_of(addresses: Addresses, site: str, url: str) -> bool:
    """Whether an address is a site's, by its spider, or by the host that names it."""
    return site in addresses.covering(url) or host_of(url) == site


def _redact_index(path: Path, is_out: Callable[[str], bool]) -> None:
    """Take addresses out of what an archive's index told."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    stay = []
    for line in lines:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if not (isinstance(row, dict) and any(is_out(str(row.get(name, ""))) for name in ("url", "redirect"))):
            stay.append(line)
    write_whole(path, "".join(stay))


class _Judge:
    """Says what stays of an archived answer."""

    def __init__(self, data_dir: Path, removal: Removal, ledger: Ledger, prints: Prints, addresses: Addresses) -> None:
        self._data_dir = data_dir
        self._removal, self._ledger, self._prints, self._addresses = removal, ledger, prints, addresses
        self._forgotten = ledger.forgotten()

    def verdict(self, capture: Capture) -> Capture | None:
        """The answer, the answer without what is forgotten, or null."""
        if self._is_forgotten(capture.url):
            return None
        body = readable_body(capture.headers, capture.body)
        if posts := posts_in(body):
            stay = [post for post in posts if not self._is_out(str(post["link"]), post)]
            left = capture if len(stay) == len(posts) else with_posts(capture, stay)
            return self._blanked(left)
        held = self._prints.held_by(body)
        if held is Holding.NOTHING:
            return capture
        entry = self._ledger.get(self._addresses.id_of(self._removal.site, capture.url))
        if entry is None:
            # A listing, a feed, a search: nothing that an article is read from.
            return None
        if held is Holding.MOST and entry.state is not State.KEPT:
            self._forget_too(entry.id, entry.url)
            return None
        if held is Holding.MOST:
            self._removal.also_in.append(entry.url)
        return self._blanked(capture)

    def _blanked(self, capture: Capture) -> Capture | None:
        """The answer of another article, or a list of others, without its teaser; null where that would not leave an answer."""
        body = readable_body(capture.headers, capture.body)
        if self.own.held_by(body) is Holding.NOTHING:
            return capture
        left = without_passages(body, self.own)
        return with_body(capture, left) if left is not None else None

    @cached_property
    def own(self) -> Prints:
        """What no other article of the site has in its stored text."""
        others = (
            article.text
            for owner, shard in shards_of(self._data_dir / "articles")
            if owner == self._removal.site
            for article in read_articles(shard)
            if article.id not in self._forgotten
        )
        return self._prints.apart_from(others)

    def _is_out(self, url: str, post: dict[str, Any]) -> bool:
        if self._is_forgotten(url):
            return True
        rendered = " ".join(str(part.get("rendered", "")) for part in post.values() if isinstance(part, dict))
        if self._prints.held_by(rendered.encode("utf-8", "replace")) is not Holding.MOST:
            return False
        id = self._addresses.id_of(self._removal.site, url)
        entry = self._ledger.get(id)
        if entry is not None and entry.state is State.KEPT:
            self._removal.also_in.append(entry.url)
            return False
        self._forget_too(id, url)
        return True

    def _is_forgotten(self, url: str) -> bool:
        return self._addresses.id_of(self._removal.site, url) in self._forgotten

    def _forget_too(self, id: str, url: str) -> None:
        """Another address of the site that has the same text and was not stored because of it."""
        self._ledger.forget(id, url)
        # At once: when the archive has lost its page, nothing else tells that it was the same text.
        self._ledger.commit()
        self._forgotten.add(id)
        self._removal.duplicates[id] = url
