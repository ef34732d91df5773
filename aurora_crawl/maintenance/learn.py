"""A site's file of repeated blocks: learned from its stored articles, or tried on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aurora_crawl.files import write_whole
from aurora_crawl.items import Article, Removal
from aurora_crawl.messages import N_, _
from aurora_crawl.storage.articles import newest_articles
from aurora_crawl.storage.shards import ShardFolder
from aurora_crawl.text.boilerplate.block_counts import counted
from aurora_crawl.text.boilerplate.block_file import BlockFileError, read_blocks, with_blocks_added
from aurora_crawl.text.boilerplate.cut import Boilerplate
from aurora_crawl.text.boilerplate.learn import learn, page_before_cuts
from aurora_crawl.text.boilerplate.recut import recut

HEADING = N_("""\
# Blocks that repeat in the articles of {site}, learned by `scrapy learn {site}`. To be edited by hand.
# Each line: part (whole, the whole paragraph; head, its beginning; tail, its end) | on how many pages, of how many | text.
# {{number}}, {{date}}, {{month}}, {{name}} and {{any}} are what varies.
# Above a block that varies stands an example.
# For a block that is not to be cut, put "-" at the beginning of its line: it stays in the file and is not proposed again.
""")


@dataclass(frozen=True, slots=True)
class Learned:
    """Pages that were looked at, the lines of new blocks, and how many blocks were known, and struck out."""

    pages: int
    new: list[str]
    known: int
    struck: int


def block_path(data_dir: Path, site: str) -> Path:
    """The file of a site's blocks."""
    return data_dir / "boilerplate" / f"{site}.txt"


class SiteBlocks:
    """The blocks of a site, as its file has them, and its articles. Raises BlockFileError, ShardError."""

    def __init__(self, data_dir: Path, site: str) -> None:
        self.site = site
        self.path = block_path(data_dir, site)
        self._text = _read(self.path)
        self.known = read_blocks(self._text, str(self.path))
        newest = newest_articles(ShardFolder(data_dir / "articles" / site).paths())
        self.articles = [article for article in newest if article.kind == "article"]

    def learn(self) -> Learned:
        """Look for blocks, and write the file anew with what was found and how often each occurs."""
        pages = [page_before_cuts(article.paragraphs, article.removed) for article in self.articles]
        news = learn(pages, self.known)
        examples = {one.block.key: one.example for one in news if one.block.template != one.example}
        before = self._text or _(HEADING).format(site=self.site)
        text = with_blocks_added(before, counted(pages, self.known), [one.block for one in news], examples)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.path, text)
        struck = sum(block.struck for block in self.known)
        return Learned(len(pages), [one.block.line for one in news], len(self.known), struck)

    def as_cut_now(self, limit: int) -> Iterator[tuple[Article, list[str], list[Removal]]]:
        """Articles from all over the archive, each with what the general rules and the file would keep and cut now."""
        boilerplate = Boilerplate(self.known)
        shown = min(limit, len(self.articles))
        for number in range(shown):
            one = self.articles[(2 * number + 1) * len(self.articles) // (2 * shown)]
            kept, removed = recut(one.paragraphs, one.removed, one.title, boilerplate)
            yield one, kept, removed


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8") if path.is_file() else ""
    except UnicodeDecodeError as error:
        raise BlockFileError(N_("{path}: is not UTF-8 text; save it as UTF-8"), path=path) from error
