"""Where else an article leaves its text: the report, tokens prepared for training, learned blocks, copies by other addresses."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aurora_crawl.files import write_whole
from aurora_crawl.items import Article
from aurora_crawl.messages import N_, Message
from aurora_crawl.storage.articles import read_articles
from aurora_crawl.storage.redaction import Holding, Prints, letters
from aurora_crawl.storage.shards import shards_of
from aurora_crawl.text.boilerplate.block_file import LEAST_LETTERS, BlockFileError, read_blocks

REPORT = "report.html"
TOKENS = ("train", "validation")
"""`NAME.npy` and `NAME.jsonl` in a folder of tokens, as `train` leaves them in its `dataset_prepared_path`."""


@dataclass(slots=True)
class Traces:
    """What went, each with a word why, and the addresses of stored articles that print the same text and stay."""

    gone: dict[Path, Message] = field(default_factory=dict)
    copies: list[str] = field(default_factory=list)


def forget_traces(data_dir: Path, site: str, ids: Collection[str], lines: Sequence[Article], prints: Prints) -> Traces:
    """Remove what prints these lines of a site beside shards, archives and corpora. Raises BlockFileError, ShardError, OSError."""
    found = Traces()
    report = data_dir / REPORT
    if report.is_file() and _shows(report, lines, prints):
        report.unlink()
        found.gone[report] = Message(N_("removed, because it shows it; `scrapy report` makes another"))
    for folder in _prepared(data_dir):
        if any(id.encode() in path.read_bytes() for path in _lists(folder) for id in ids):
            shutil.rmtree(folder)
            found.gone[folder] = Message(N_("removed: tokens made from it; the next training makes them anew"))
    if not lines:
        return found
    path = data_dir / "boilerplate" / f"{site}.txt"
    suspects = _suspects(path, [_page(line) for line in lines])
    for owner, shard in shards_of(data_dir / "articles"):
        for article in read_articles(shard):
            if article.id in ids:
                continue
            if prints.held_in(letters(article.text)) is Holding.MOST:
                found.copies.append(article.url)
            if suspects and owner == site:
                page = _page(article)
                suspects = {number: part for number, part in suspects.items() if part not in page}
    if suspects:
        kept = [line for number, line in enumerate(_text(path).splitlines()) if number not in suspects]
        write_whole(path, "\n".join(kept) + "\n")
        found.gone[path] = Message(N_("{count} line(s) taken out that no other article has"), count=len(suspects))
    return found


def _shows(report: Path, lines: Sequence[Article], prints: Prints) -> bool:
    page = report.read_bytes()
    return any(line.url.encode() in page for line in lines) or prints.held_by(page) is not Holding.NOTHING


def _prepared(data_dir: Path) -> list[Path]:
    return sorted({path.parent for name in TOKENS for path in data_dir.glob(f"*/*/{name}.npy")})


def _lists(folder: Path) -> Iterator[Path]:
    yield from (path for name in TOKENS if (path := folder / f"{name}.jsonl").is_file())


def _suspects(path: Path, pages: Sequence[str]) -> dict[int, str]:
    """The lines of a site's file, by number, whose block or example stands in one of these pages, with the letters of it."""
    found = {}
    text = _text(path)
    # As a whole first, so that an error names its line.
    read_blocks(text, str(path))
    for number, line in enumerate(text.splitlines()):
        if line.lstrip().startswith("#"):
            part = letters(line)
        else:
            part = letters("".join(block.fixed for block in read_blocks(line, str(path))))
        if len(part) >= LEAST_LETTERS and any(part in page for page in pages):
            found[number] = part
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8") if path.is_file() else ""
    except UnicodeDecodeError as error:
        raise BlockFileError(N_("{path}: is not UTF-8 text; save it as UTF-8"), path=path) from error


def _page(article: Article) -> str:
    """The letters of an article with what was cut from it."""
    return letters(" ".join([article.text, *(removal.text for removal in article.removed)]))
