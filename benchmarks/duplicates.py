"""How many planted copies a corpus loses, how fast it is built, and how much memory that takes.

    python benchmarks/duplicates.py [--documents 20000] [--peers datasketch,datatrove]

Invented documents of some 600 words over four sites, with planted copies: exact, with 1, 3 and 5 % of the words replaced,
wrapped in boilerplate, cut to 80 %; and documents that share 30 % of their paragraphs, of which none may go. The corpus is
built by `scrapy learn` and `scrapy corpus` as a user runs them. The goals: exact 1.0, 1 % edited .995, 3 % .80, wrapped .95, no
false removal; 400 documents per CPU-second over all processes; from 20,000 documents to 60,000 at most 10 KB more a document.

datasketch is measured on the same texts: signatures of the same 5-grams, the same bands, the same joining. datatrove gets an
environment of its own, because it needs an older trafilatura.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from loopback import ROOT, scrapy

from aurora_crawl.items import Article, Quality, article_id, as_record
from aurora_crawl.storage.shards import encode

SITES = ("averdade", "mst", "outraspalavras", "operamundi")
WRAPPING = SITES[-1]
"""The site whose pages carry a plea and teasers, which `scrapy learn` learns."""

WORDS = 600
SHARD_DOCUMENTS = 2_500
GOALS = {"exact": 1.0, "1 % edited": 0.995, "3 % edited": 0.80, "wrapped": 0.95}
SPEED = 400
GROWTH_BYTES = 10_000

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
        self._words = sorted(known, key=lambda word: rng.random())
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
        return article.id, encode(as_record(article))

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


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds, seconds of CPU of a command and all its children, and the most memory that they held together, in bytes."""

    seconds: float
    cpu: float
    memory: int


def run(command: Sequence[str], folder: Path = ROOT) -> Cost:
    """Run a command to its end, and see what it took. Raises SystemExit where it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    most, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            most[0] = max(most[0], _memory(process.pid))

    watching = threading.Thread(target=watch)
    watching.start()
    said, _ = process.communicate()
    done.set()
    watching.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{said}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.monotonic() - started, cpu, most[0])


def _memory(root: int) -> int:
    """Bytes of a process and all below it; what they share is counted once (PSS)."""
    total, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024
            waiting += [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        except (OSError, StopIteration):
            continue
    return total


def corpus(data: Path, jobs: int) -> tuple[set[str], Cost]:
    """Build a corpus by the commands; the ids in it, and what `scrapy corpus` took."""
    given = ["-s", f"DATA_DIR={data}"]
    run([*scrapy("learn"), WRAPPING, *given])
    cost = run([*scrapy("corpus"), *given, "--tokenizer", "none", "--jobs", str(jobs)])
    ids: set[str] = set()
    for path in sorted((data / "corpus").glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            ids.update(json.loads(line)["id"] for line in file)
    return ids, cost


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


DATASKETCH = """
import gzip, json, pathlib, resource, sys, time
from datasketch import MinHash, MinHashLSH

started = time.process_time()
count, parent = 0, {}

def root(name):
    while parent[name] != name:
        parent[name] = parent[parent[name]]
        name = parent[name]
    return name

index, sketches = MinHashLSH(num_perm=112, params=(16, 7)), {}
for path in sorted(pathlib.Path(sys.argv[1]).glob("*/*.jsonl.gz")):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            words = row["text"].split()
            sketch = MinHash(num_perm=112, seed=1)
            sketch.update_batch({" ".join(words[n:n + 5]).encode() for n in range(len(words) - 4)})
            name = parent.setdefault(row["id"], row["id"])
            for other in index.query(sketch):
                if sketches[other].jaccard(sketch) >= 0.6:
                    first, second = sorted((root(other), root(name)))
                    parent[second] = first
            index.insert(name, sketch)
            sketches[name] = sketch
            count += 1
ours = resource.getrusage(resource.RUSAGE_SELF)
groups = {name: root(name) for name in parent}
json.dump({"cpu": ours.ru_utime + ours.ru_stime, "memory": ours.ru_maxrss * 1024, "groups": groups}, sys.stdout)
"""

OURS = """
import gzip, json, pathlib, resource, sys
import numpy as np
from aurora_crawl.corpus.groups import REMOVAL_ROWS, Groups, join_similar
from aurora_crawl.corpus.signatures import signature

ids, signed = [], []
for path in sorted(pathlib.Path(sys.argv[1]).glob("*/*.jsonl.gz")):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            ids.append(row["id"])
            signed.append(signature(row["text"].split()))
groups = Groups(len(ids))
join_similar(groups, np.array(signed), REMOVAL_ROWS, 0.6)
used = resource.getrusage(resource.RUSAGE_SELF)
names = {ids[one]: ids[name] for one, name in enumerate(groups.names().tolist())}
json.dump({"cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss * 1024, "groups": names}, sys.stdout)
"""

DATATROVE = """
import json, pathlib, resource, sys
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashConfig, MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature)
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.typeshelper import Languages

def main():
    shards, work = sys.argv[1:3]
    config = MinhashConfig(n_grams=5, num_buckets=16, hashes_per_bucket=7)
    reader = lambda: JsonlReader(shards, glob_pattern="*/*.jsonl.gz", text_key="text", id_key="id")
    steps = (
        [reader(), MinhashDedupSignature(output_folder=f"{work}/signatures", config=config, language=Languages.portuguese)],
        [MinhashDedupBuckets(input_folder=f"{work}/signatures", output_folder=f"{work}/buckets", config=config)],
        [MinhashDedupCluster(input_folder=f"{work}/buckets", output_folder=f"{work}/remove", config=config)],
        [reader(), MinhashDedupFilter(input_folder=f"{work}/remove"), JsonlWriter(f"{work}/kept")],
    )
    for number, step in enumerate(steps):
        tasks = 16 if number == 1 else 1
        LocalPipelineExecutor(step, tasks=tasks, workers=1, logging_dir=f"{work}/logs/{number}", skip_completed=False).run()

if __name__ == "__main__":
    main()
"""


def peer(name: str, documents: Documents, words: Sequence[str], count: int) -> None:
    """Run a peer's script, which prints CPU, memory and the group of each id."""
    done = subprocess.run([*words], cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        print(f"{name}: not measured: {(done.stderr.strip().splitlines() or ['no reason'])[-1]}")
        return
    row = json.loads(done.stdout)
    groups = row["groups"]
    found = {
        kind: sum(groups[first] == groups[second] for first, second in pairs) / len(pairs)
        for kind, pairs in documents.pairs.items()
    }
    shares = ", ".join(f"{kind} {share:.3f}" for kind, share in found.items())
    print(f"{name}: {count / row['cpu']:.0f} documents per CPU-second, {row['memory'] / 2**20:.0f} MB; {shares}")


def datatrove(documents: Documents, data: Path, cache: Path) -> None:
    """Make an environment for datatrove where there is none, and run its four steps."""
    python = cache / "bin" / "python"
    if not python.exists():
        venv.create(cache, with_pip=True)
    wanted = ["datatrove[io,processing]==0.10.0", "spacy"]
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted]
    if subprocess.run(install, check=False, capture_output=True).returncode:
        print("datatrove: not measured: its environment cannot be made here")
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            cost = run([str(python), "-c", DATATROVE, str(data / "articles"), folder], Path(folder))
        except SystemExit as error:
            print(f"datatrove: not measured: {str(error).strip().splitlines()[-1]}")
            return
        ids: set[str] = set()
        for path in Path(folder, "kept").rglob("*.jsonl.gz"):
            with gzip.open(path, "rt", encoding="utf-8") as file:
                ids.update(json.loads(line)["id"] for line in file)
    print(f"datatrove: {documents.count / cost.cpu:.0f} documents per CPU-second, {cost.memory / 2**20:.0f} MB")
    judge(documents, ids, originals_stay=False)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--peers", default="datasketch", help="datasketch, datatrove, both with a comma, or none")
    parser.add_argument("--no-memory", action="store_true", help="do not build the corpus three times as large")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "aurora-br" / "datatrove")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        documents = plant(data, options.documents)
        print(f"{documents.count:,} documents of {documents.words / documents.count:.0f} words")
        ids, cost = corpus(data, options.jobs)
        reached = judge(documents, ids)
        speed = documents.count / cost.cpu
        print(f"scrapy corpus: {speed:.0f} documents per CPU-second over all processes (goal: {SPEED})", end="; ")
        print(f"{cost.seconds:.0f} s with {options.jobs} processes, at most {cost.memory / 2**20:.0f} MB together")
        reached = reached and speed >= SPEED
        articles = str(data / "articles")
        if "datasketch" in options.peers:
            print("Signatures and groups alone, nothing cleaned:")
            peer("aurora", documents, [sys.executable, "-c", OURS, articles], documents.count)
            peer("datasketch", documents, [sys.executable, "-c", DATASKETCH, articles], documents.count)
        if "datatrove" in options.peers:
            datatrove(documents, data, options.cache)
    if not options.no_memory:
        with tempfile.TemporaryDirectory() as folder:
            larger = plant(Path(folder), 3 * options.documents)
            _, three = corpus(Path(folder), options.jobs)
        grown = (three.memory - cost.memory) / (larger.count - documents.count)
        print(f"{larger.count:,} documents: at most {three.memory / 2**20:.0f} MB together, ", end="")
        print(f"{grown / 1000:.1f} KB more a document (goal: {GROWTH_BYTES / 1000:.0f})")
        reached = reached and grown <= GROWTH_BYTES
    print("all goals reached" if reached else "a goal was missed")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
