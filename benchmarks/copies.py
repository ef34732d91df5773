"""Invented documents with planted copies, as shards, and which of the copies a corpus has lost."""

from __future__ import annotations

import gzip
import random
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from aurora_crawl.items import Article, Quality, article_id
from aurora_crawl.storage.shards import encode

SITES = ("averdade", "mst", "outraspalavras", "operamundi")
WRAPPING = SITES[-1]
"""The site whose pages carry a plea and teasers, which `scrapy learn` learns."""

WORDS = 600
SHARD_DOCUMENTS = 2_500
GOALS = {"exact": 1.0, "1 % edited": 0.995, "3 % edited": 0.80, "wrapped": 0.95}

COMMON = "de a e o em do da que um no uma com para na é foi os as dos das por mais não ao se como".split()
ONSETS = "b c d f g j l m n p r s t v br cr dr fr gr pr tr bl cl ch lh nh".split()
VOWELS = "a e i o u ão ei ou ia".split()
HEAD = "Operário da Notícia, jornal das ruas de todas as cidades"
PLEA = (
    "Você que leu até aqui sabe quanto custa manter uma redação nas ruas de cada cidade deste país. Esta casa não recebe"
    " dinheiro de bancos nem de governos, e vive de quem lê. Com dez reais por mês, a próxima reportagem sai do papel, e a"
    " seguinte também."
)
PORTRAIT = (
    "O Operário da Notícia existe desde 1998 e é feito por uma cooperativa de trinta e duas pessoas. Todo o conteúdo pode ser"
    " reproduzido por quem disser de onde veio."
)


class Writer:
    """Invents texts: words by Zipf's law, sentences of 8 to 24 words, paragraphs of three to five sentences."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        rng = random.Random(1)
        known = {
            "".join(rng.choice(ONSETS) + rng.choice(VOWELS) for _ in range(rng.randint(2, 4))) for _ in range(40_000)
        }
        self._words = sorted(sorted(known), key=lambda word: rng.random())
        self._weights = list(accumulate(1 / (rank + 30) for rank in range(len(self._words))))

    def words(self, count: int) -> list[str]:
        """Words, of which a third are the language's commonest."""
        drawn = self.random.choices(self._words, cum_weights=self._weights, k=count)
        return [self.random.choice(COMMON) if place % 3 == 1 else word for place, word in enumerate(drawn)]

    def paragraphs(self, words: int) -> list[str]:
        """Paragraphs of together about so many words."""
        found, count = [], 0
        while count < words:
            sentences = []
            for _ in range(self.random.randint(3, 5)):
                length = self.random.randint(8, 24)
                parts = self.words(length)
                parts[length // 2] += ","
                sentences.append(" ".join(parts).capitalize() + ".")
                count += length
            found.append(" ".join(sentences))
        return found

    def edited(self, paragraphs: list[str], share: float) -> list[str]:
        """The paragraphs with a share of their words replaced, anywhere."""
        texts = [paragraph.split() for paragraph in paragraphs]
        places = [(p, w) for p, words in enumerate(texts) for w in range(len(words))]
        drawn = self.random.sample(places, max(1, round(share * len(places))))
        for (p, w), word in zip(drawn, self.words(len(drawn)), strict=True):
            texts[p][w] = word
        return [" ".join(words) for words in texts]

    def wrapped(self, paragraphs: list[str]) -> list[str]:
        """The paragraphs between what the wrapping site adds to each page."""
        teaser = "Leia também: " + " ".join(self.words(9)).capitalize()
        middle = len(paragraphs) // 2
        return [HEAD, *paragraphs[:middle], teaser, *paragraphs[middle:], PLEA, PORTRAIT]


@dataclass
class Documents:
    """What was written: each kind's pairs of ids, the texts by id, and how many documents there are."""

    pairs: dict[str, list[tuple[str, str]]]
    count: int
    words: int


def plant(data: Path, count: int, seed: int = 11) -> Documents:
    """Write `count` documents as shards of four sites; a fortieth of them each kind of copy."""
    writer = Writer(seed)
    each = max(4, count // 40)
    pairs: dict[str, list[tuple[str, str]]] = {}
    shards = Shards(data)
    for kind in ("exact", "1 % edited", "3 % edited", "5 % edited", "wrapped", "cut to 80 %", "30 % shared"):
        pairs[kind] = []
        for _ in range(each):
            original = writer.paragraphs(WORDS)
            site = WRAPPING if kind == "wrapped" else writer.random.choice(SITES[:-1])
            copy = _copy(writer, original, kind)
            # The copy comes later, in another shard, so that the original is the one that is to stay.
            first = shards.add(writer.random.choice(SITES[:-1]), original, "2019-03-01")
            pairs[kind].append((first, shards.later(site, copy, "2021-03-01")))
    while shards.count < count - each:
        shards.add(writer.random.choice(SITES[:-1]), writer.paragraphs(WORDS), "2020-03-01")
    while shards.count < count:
        shards.add(WRAPPING, writer.wrapped(writer.paragraphs(WORDS)), "2020-03-01")
    shards.close()
    return Documents(pairs, shards.count, shards.words)


def _copy(writer: Writer, original: list[str], kind: str) -> list[str]:
    if kind.endswith("edited"):
        return writer.edited(original, int(kind[0]) / 100)
    if kind == "wrapped":
        return writer.wrapped(original)
    if kind == "cut to 80 %":
        return original[: max(1, round(0.8 * len(original)))]
    if kind == "30 % shared":
        kept = original[: max(1, round(0.3 * len(original)))]
        return [*kept, *writer.paragraphs(WORDS - sum(len(paragraph.split()) for paragraph in kept))]
    return original


class Shards:
    """Shards in the making: closed at `SHARD_DOCUMENTS`, so that hardly anything is held."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.count = self.words = 0
        self._open: dict[str, list[bytes]] = {site: [] for site in SITES}
        self._later: list[tuple[str, bytes]] = []
        self._numbers = dict.fromkeys(SITES, 0)

    def add(self, site: str, paragraphs: list[str], published: str) -> str:
        """Add a document; its id."""
        name, line = self._line(site, paragraphs, published)
        self._put(site, line)
        return name

    def later(self, site: str, paragraphs: list[str], published: str) -> str:
        """Add a document that comes after all others; its id."""
        name, line = self._line(site, paragraphs, published)
        self._later.append((site, line))
        return name

    def close(self) -> None:
        """Write what is not written."""
        for site, line in self._later:
            self._put(site, line)
        for site in SITES:
            self._write(site)

    def _line(self, site: str, paragraphs: list[str], published: str) -> tuple[str, bytes]:
        url = f"https://{site}.example/{self.count}/"
        text = "\n\n".join(paragraphs)
        words = len(text.split())
        self.count += 1
        self.words += words
        article = Article(
            article_id(url), url, site, f"Documento {self.count}", text, [], [], published, words=words, route="rest"
        )
        article.language, article.quality = "pt", Quality(language_score=1.0)
        article.crawled_at = "2024-01-01T00:00:00+00:00"
        return article.id, encode(article)

    def _put(self, site: str, line: bytes) -> None:
        self._open[site].append(line)
        if len(self._open[site]) >= SHARD_DOCUMENTS:
            self._write(site)

    def _write(self, site: str) -> None:
        lines, self._open[site] = self._open[site], []
        if lines:
            self._numbers[site] += 1
            folder = self.data / "articles" / site
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{site}-{self._numbers[site]:06}.jsonl.gz"
            path.write_bytes(gzip.compress(b"".join(lines), 1, mtime=0))


def judge(documents: Documents, ids: set[str], *, originals_stay: bool = True) -> bool:
    """Print which share of each kind is found, and whether the goals are reached.

    Where a peer does not choose which of two stays, the originals do not count among those that may not go.
    """
    reached = True
    planted: set[str] = set()
    for kind, pairs in documents.pairs.items():
        gone = sum((first in ids) != (second in ids) for first, second in pairs)
        lost = sum(first not in ids and second not in ids for first, second in pairs)
        if kind == "30 % shared":
            is_good = gone == lost == 0
            print(f"  {kind:16} {gone + lost} of {len(pairs)} pairs lose one (goal: 0)")
        else:
            planted.update(second for _, second in pairs)
            planted.update(first for first, _ in pairs if not originals_stay)
            goal = GOALS.get(kind)
            is_good = lost == 0 and (goal is None or gone / len(pairs) >= goal)
            print(f"  {kind:16} {gone / len(pairs):.3f} found" + (f" (goal: {goal})" if goal else ""))
        reached = reached and is_good
    others = documents.count - len(planted)
    kept = len(ids - planted)
    print(f"  {'all others':16} {others - kept} of {others:,} gone (goal: 0)")
    return reached and kept == others
