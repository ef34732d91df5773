"""Shards of invented articles, as a crawl would have left them; crawls in the tests' own process: one reactor in a thread serves them all."""

import asyncio
import gzip
import json
import random
import threading
from collections import defaultdict
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from scrapy import Spider
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.utils.reactor import install_reactor

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
            "title": f"Título {len(lines)}",
            "route": "rest",
            "language": "pt",
            "quality": Quality(language_score=1.0),
            "published": "2023-05-04T10:00:00-03:00",
        }
        article = Article(
            id=article_id(url),
            url=url,
            site=site,
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


SECONDS = 60


class Reactor:
    """Twisted's reactor on an asyncio loop, in a thread."""

    def __init__(self) -> None:
        install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
        from twisted.internet import reactor

        self._reactor: Any = reactor
        self.loop: asyncio.AbstractEventLoop = self._reactor._asyncioEventloop
        threading.Thread(target=self._reactor.run, kwargs={"installSignalHandlers": False}, daemon=True).start()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """What a coroutine returns that runs in the loop."""
        waiting: Future[Any] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return waiting.result(SECONDS)


@pytest.fixture(scope="session")
def reactor() -> Reactor:
    """The one reactor of the tests' process; it ends with the process."""
    return Reactor()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The project's settings, without delays and with data in a folder of the test."""
    settings = Settings()
    settings.setmodule("aurora_crawl.settings", priority="project")
    settings.setdict(
        {
            "DATA_DIR": str(tmp_path / "data"),
            "DOWNLOAD_DELAY": 0,
            "AUTOTHROTTLE_ENABLED": False,
            "RETRY_TIMES": 0,
            "RETRY_BACKOFF": 0.01,
        },
        priority="cmdline",
    )
    return settings


@pytest.fixture
def crawl(reactor: Reactor, settings: Settings) -> Callable[..., Crawler]:
    """Runs a spider to its end, `crawl(spider_class, **arguments)`; the crawler, whose statistics say how it went."""

    def run(cls: type[Spider], **given: Any) -> Crawler:
        async def whole() -> Crawler:
            crawler = Crawler(cls, settings)
            await crawler.crawl(**given).asFuture(reactor.loop)
            return crawler

        crawler: Crawler = reactor.run(whole())
        return crawler

    return run
