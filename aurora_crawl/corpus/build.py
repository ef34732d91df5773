"""The whole build: shards in, a folder with the training set out; whatever ends it, the same command goes on."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, replace
from hashlib import file_digest, sha256
from pathlib import Path

import numpy as np

from aurora_crawl.addresses import host_of
from aurora_crawl.corpus.containment import PARAGRAPHS
from aurora_crawl.corpus.dataset_card import card
from aurora_crawl.corpus.document_table import FACTS, read_table
from aurora_crawl.corpus.manifest import Input, Manifest, Step
from aurora_crawl.corpus.options import CorpusError, Selection
from aurora_crawl.corpus.output_folder import held
from aurora_crawl.corpus.reading import ShardTask, read_documents, task_key
from aurora_crawl.corpus.select import Decision, decide
from aurora_crawl.corpus.writing import Part, PartTask, counts_of, write_part
from aurora_crawl.executor import each
from aurora_crawl.files import fresh_folder, put_in_place, write_whole
from aurora_crawl.items import FROM_FILES
from aurora_crawl.messages import N_, Message
from aurora_crawl.storage.articles import read_articles
from aurora_crawl.storage.shards import FINISHED_SUFFIX, OPEN_SUFFIX, shards_of

PART_BYTES = 64 << 20
"""Of plain lines; packed, a quarter of it."""

Progress = Callable[[str, int, int], None]
"""Told the stage, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Where everything is, and how it is chosen and counted. All folders are absolute: workers may run elsewhere."""

    articles: Path
    boilerplate: Path
    output: Path
    selection: Selection
    tokenizer: str


def build(plan: Plan, pool: Executor, progress: Progress) -> Manifest:
    """Make the corpus; the folder `plan.output` is replaced in one step when everything is written.

    Raises CorpusError, PlaceError, ShardError, ExecutorError, TokenizerError; what was finished stays for the next time.
    """
    shards = list(shards_of(plan.articles))
    if not shards:
        raise CorpusError(N_("no shards in {articles}; `scrapy crawl SITE` makes some"), articles=plan.articles)
    with held(plan.output) as work:
        manifest = _built(plan, shards, work, pool, progress)
        shutil.rmtree(work)
    return manifest


def _built(plan: Plan, shards: list[tuple[str, Path]], work: Path, pool: Executor, progress: Progress) -> Manifest:
    reads = _read(plan, shards, work, pool, progress)
    facts, paragraphs, licenses = _gathered(reads)
    progress("choosing", 0, 1)
    decision = decide(facts, paragraphs, licenses, plan.selection)
    progress("choosing", 1, 1)
    if not len(decision.kept):
        raise CorpusError(N_("no document is left: {where}"), where=_where_they_went(decision))
    parts = _written(plan, work, reads, facts, decision, pool, progress)
    manifest = Manifest(
        settings=plan.selection,
        tokenizer=None if plan.tokenizer == "none" else plan.tokenizer,
        inputs=[Input(one.task.site, one.task.shard.name, one.documents, one.sha256) for one in reads],
        steps=[*decision.steps, *_by_chapter(plan.selection, parts)],
        files=[replace(part.file, name=_public_name(part)) for part in parts],
        counts=counts_of(parts),
        blocks={one.task.site: _sha256(one.task.blocks) for one in reads if one.task.blocks.is_file()},
    )
    _finish(plan.output, work, manifest, parts)
    return manifest


@dataclass(slots=True)
class _Read:
    """A shard that is read, or waits for it: the hash of what is read of it, how many documents it holds, their licences."""

    task: ShardTask
    sha256: str
    documents: int = 0
    licenses: tuple[str, ...] = ()

    @property
    def done(self) -> Path:
        """The file that says that the task is done."""
        return self.task.facts.with_suffix(".json")


def _read(plan: Plan, shards: list[tuple[str, Path]], work: Path, pool: Executor, progress: Progress) -> list[_Read]:
    """The first stage; shards that an earlier build has read by the same rules are not read again."""
    sites = tuple((name, _host(plan.articles / name)) for name in sorted({site for site, _ in shards}))
    reads = []
    for number, (site, shard) in enumerate(shards):
        digest, lines = _state(shard)
        blocks = plan.boilerplate / f"{site}.txt"
        key = task_key(digest, blocks, plan.selection, sites)
        target = work / f"{site}-{key}-{number}.jsonl"
        facts = target.with_suffix(".npy")
        paragraphs = target.with_suffix(".paragraphs.npy")
        task = ShardTask(site, shard, lines, target, facts, paragraphs, blocks, sites, plan.selection, number)
        reads.append(_Read(task, digest))
    waiting = []
    for one in reads:
        task = one.task
        if all(path.is_file() for path in (one.done, task.facts, task.paragraphs, task.lines)):
            one.documents, licenses = json.loads(one.done.read_text("utf-8"))
            one.licenses = tuple(licenses)
        else:
            waiting.append(one.task)
    progress("reading", len(reads) - len(waiting), len(reads))
    for done, (task, result) in enumerate(each(pool, read_documents, waiting), 1):
        one = reads[task.number]
        write_whole(one.done, json.dumps(result))
        one.documents, one.licenses = result
        progress("reading", len(reads) - len(waiting) + done, len(reads))
    return reads


def _gathered(reads: list[_Read]) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """All documents' facts in the order of the shards, with one numbering of sites and licences; and their paragraphs."""
    licenses = sorted({name for one in reads for name in one.licenses})
    sites = [name for name, _ in reads[0].task.sites]
    every = np.zeros(sum(one.documents for one in reads), dtype=FACTS)
    paragraphs = [np.zeros(0, dtype=PARAGRAPHS)]
    begin = 0
    for one in reads:
        facts = read_table(one.task.facts)
        own = np.array([licenses.index(name) for name in one.licenses] or [0], dtype=np.int32)
        facts["license"] = own[facts["license"]]
        facts["site"] = sites.index(one.task.site)
        facts["file"] = one.task.number
        every[begin : begin + len(facts)] = facts
        own_paragraphs = read_table(one.task.paragraphs)
        own_paragraphs["document"] += begin
        paragraphs.append(own_paragraphs)
        begin += len(facts)
    return every, np.concatenate(paragraphs), licenses


def _written(
    plan: Plan,
    work: Path,
    reads: list[_Read],
    facts: np.ndarray,
    decision: Decision,
    pool: Executor,
    progress: Progress,
) -> list[Part]:
    """The third stage."""
    parts: list[PartTask] = []
    for split, of_split in (("train", ~decision.is_validation), ("validation", decision.is_validation)):
        for number, rows in enumerate(_in_parts(facts, decision.kept[of_split])):
            lines = tuple(
                (reads[int(row["file"])].task.lines, int(row["offset"]), int(row["length"])) for row in facts[rows]
            )
            rules = plan.selection.chapter_rules
            asked = [[[str(path), *place] for path, *place in lines], asdict(rules) if rules else None]
            key = sha256(json.dumps(asked).encode()).hexdigest()[:16]
            target = work / f"{split}-{number:05}-{key}-{plan.tokenizer.replace('/', '_')}.jsonl.gz"
            parts.append(PartTask(target, target.with_suffix(".json"), lines, plan.tokenizer, rules))
    progress("writing", 0, len(parts))
    written: dict[Path, Part] = {}
    for done, (task, part) in enumerate(each(pool, write_part, parts), 1):
        written[task.target] = part
        progress("writing", done, len(parts))
    return [written[task.target] for task in parts]


def _by_chapter(selection: Selection, parts: list[Part]) -> list[Step]:
    """The step that makes several lines of a book, where it was asked for."""
    if selection.by != "chapter":
        return []
    files = [part.file for part in parts]
    return [Step("chapters", sum(one.documents for one in files), sum(one.words for one in files), {})]


def _in_parts(facts: np.ndarray, kept: np.ndarray) -> Iterator[np.ndarray]:
    if len(kept):
        number = (np.cumsum(facts["length"][kept].astype(np.int64)) - 1) // PART_BYTES
        yield from np.split(kept, np.flatnonzero(np.diff(number)) + 1)


def _finish(corpus: Path, work: Path, manifest: Manifest, parts: list[Part]) -> None:
    """Put the corpus in its place, whole."""
    fresh = fresh_folder(corpus)
    for part in parts:
        (work / part.file.name).replace(fresh / _public_name(part))
    write_whole(fresh / "README.md", card(manifest))
    manifest.write(fresh)
    put_in_place(fresh, corpus)


def _public_name(part: Part) -> str:
    """What a file is called in the corpus: without the hash that its name in the work folder has."""
    split, number, *_ = part.file.name.split("-")
    return f"{split}-{number}{FINISHED_SUFFIX}"


def _where_they_went(decision: Decision) -> str:
    went = {reason: count for step in decision.steps for reason, count in step.dropped.items() if count}
    return ", ".join(f"{count} {reason}" for reason, count in went.items()) or Message("the shards hold none")


def _host(folder: Path) -> str:
    """The host of a site's first article; empty where it has none, and of texts that were given as files."""
    for path in sorted(folder.glob(f"*{FINISHED_SUFFIX}")) + sorted(folder.glob(f"*{OPEN_SUFFIX}")):
        for article in read_articles(path):
            return "" if article.route == FROM_FILES else host_of(article.url)
    return ""


def _state(shard: Path) -> tuple[str, int | None]:
    """The hash of a shard; of an open one, to which a crawl may be adding, over its whole lines, and how many those are now."""
    if not shard.name.endswith(OPEN_SUFFIX):
        return _sha256(shard), None
    data = shard.read_bytes()
    return sha256(data[: data.rfind(b"\n") + 1]).hexdigest(), data.count(b"\n")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def lines_of(corpus: Path) -> Iterator[dict[str, object]]:
    """Every line of a corpus, training part first."""
    for path in sorted(corpus.glob(f"*{FINISHED_SUFFIX}")):
        with gzip.open(path, "rt", encoding="utf-8") as file:
            yield from map(json.loads, file)
