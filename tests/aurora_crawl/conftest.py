"""Shards of invented articles, as a crawl would have left them."""

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aurora_crawl.corpus.build import Plan, build, lines_of
from aurora_crawl.corpus.manifest import Manifest
from aurora_crawl.corpus.options import Selection
from aurora_crawl.items import Article, Quality, article_id, as_record

COMMON = "de a e o em do da que um no uma com para na é foi".split()
SYLLABLES = "ba ce di fo gu la me ni po ra se ti vo xa lha nho que ção pra tre cla".split()


def invented(words: int, seed: int) -> str:
    """Portuguese-looking sentences in paragraphs of some fifty words; another seed has hardly a 5-gram in common."""
    rng = random.Random(seed)
    paragraphs, count = [], 0
    while count < words:
        sentences = []
        for _ in range(4):
            length = min(rng.randint(9, 15), max(words - count, 1))
            parts = [
                rng.choice(COMMON) if n % 3 == 1 else "".join(rng.choices(SYLLABLES, k=rng.randint(2, 4)))
                for n in range(length)
            ]
            sentences.append(" ".join(parts).capitalize() + ".")
            count += length
            if count >= words:
                break
        paragraphs.append(" ".join(sentences))
    return "\n\n".join(paragraphs)


def edited(text: str, share: float, seed: int) -> str:
    """The text with a share of its words replaced."""
    rng = random.Random(seed)
    paragraphs = [paragraph.split() for paragraph in text.split("\n\n")]
    places = [(p, w) for p, words in enumerate(paragraphs) for w in range(len(words))]
    for p, w in rng.sample(places, max(1, round(share * len(places)))):
        paragraphs[p][w] = "".join(rng.choices(SYLLABLES, k=3))
    return "\n\n".join(" ".join(words) for words in paragraphs)


class Shards:
    """A folder of shards to which articles are added."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._lines: dict[tuple[str, str], list[str]] = defaultdict(list)

    def add(self, site: str, text: str, *, shard: str = "000001", address: str | None = None, **fields: object) -> str:
        """Add an article; its id."""
        lines = self._lines[site, shard]
        url = address or f"https://{site}.org.br/{shard}-{len(lines)}"
        known = {
            "route": "rest",
            "language": "pt",
            "quality": Quality(language_score=1.0),
            "published": "2023-05-04T10:00:00-03:00",
        }
        article = Article(
            id=article_id(url),
            url=url,
            site=site,
            title=f"Título {len(lines)}",
            text=text,
            crawled_at="2024-01-01T00:00:00+00:00",
            words=len(text.split()),
            **{**known, **fields},  # type: ignore[arg-type]
        )
        lines.append(json.dumps(as_record(article), ensure_ascii=False))
        return article.id

    def write(self) -> Path:
        """Write the shards; those whose name ends in `.part` stay open."""
        for (site, shard), lines in self._lines.items():
            folder = self.data / "articles" / site
            folder.mkdir(parents=True, exist_ok=True)
            text = "".join(f"{line}\n" for line in lines).encode()
            if shard.endswith(".part"):
                (folder / f"{site}-{shard.removesuffix('.part')}.jsonl.part").write_bytes(text)
            else:
                (folder / f"{site}-{shard}.jsonl.gz").write_bytes(gzip.compress(text, mtime=0))
        return self.data


class Built:
    """A corpus, its manifest, and the ids that are in it."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder, self.manifest = folder, manifest

    @property
    def lines(self) -> list[dict[str, object]]:
        return list(lines_of(self.folder))

    @property
    def ids(self) -> set[str]:
        return {str(line["id"]) for line in self.lines}

    @property
    def dropped(self) -> dict[str, int]:
        return {reason: count for step in self.manifest.steps for reason, count in step.dropped.items() if count}


@pytest.fixture
def shards(tmp_path: Path) -> Shards:
    return Shards(tmp_path)


@pytest.fixture
def invent() -> Callable[[int, int], str]:
    return invented


@pytest.fixture
def edit() -> Callable[[str, float, int], str]:
    return edited


@pytest.fixture
def make() -> Callable[..., Built]:
    def made(shards: Shards, tokenizer: str = "none", output: str = "corpus", **choices: object) -> Built:
        data = shards.write()
        selection = Selection(**choices)  # type: ignore[arg-type]
        plan = Plan(data / "articles", data / "boilerplate", data / output, selection, tokenizer)
        with ThreadPoolExecutor(2) as pool:
            return Built(plan.output, build(plan, pool, lambda stage, done, total: None))

    return made
