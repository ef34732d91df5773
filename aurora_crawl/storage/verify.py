"""Whether a site's shards, manifest and ledger agree with each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from aurora_crawl.messages import Message
from aurora_crawl.storage.articles import newest_by_id
from aurora_crawl.storage.ledger import Ledger, LedgerError, State
from aurora_crawl.storage.replacement import NOTE
from aurora_crawl.storage.salvage import read_what_can_be
from aurora_crawl.storage.shard_line import LineFacts
from aurora_crawl.storage.shards import ShardError, ShardFolder, shard_record
from aurora_crawl.storage.store import site_lock


@dataclass(slots=True)
class Verdict:
    """What was found of a site: `problems`, a line each; `mended`, what a repair did about them; what could not be mended
    stands in both `problems` and `lost`. `waiting`: articles that a crawl which was killed wrote and did not enter into the
    ledger; the next crawl takes them over by itself.
    """

    site: str
    articles: int = 0
    lines: int = 0
    shards: int = 0
    problems: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    waiting: int = 0


def sites_in(data_dir: Path) -> list[str]:
    """The sites that have shards or a ledger under `data_dir`."""
    shards = [path.name for path in (data_dir / "articles").glob("*") if path.is_dir()]
    return sorted({*shards, *(path.stem for path in (data_dir / "ledger").glob("*.sqlite"))})


def verify_site(data_dir: Path, site: str) -> Verdict:
    """Check everything and change nothing. Raises StoreError while a crawl has the site's data open."""
    with site_lock(data_dir / "ledger" / f"{site}.lock", site):
        verdict = Verdict(site)
        shards = ShardFolder(data_dir / "articles" / site)
        if (shards.folder / NOTE).exists():
            verdict.problems.append(
                "a replacement of shards was not finished; the next crawl, or --repair, finishes it"
            )
        here = check_shards(shards, verdict)
        try:
            ledger = Ledger(data_dir / "ledger" / f"{site}.sqlite")
        except LedgerError as error:
            verdict.problems.append(str(error).split("; move")[0])
            return verdict
        try:
            verdict.problems += ledger.damage() or _disagreements(ledger, here, {*shards.open_names()}, verdict)
        except LedgerError as error:
            verdict.problems.append(str(error))
        finally:
            ledger.close()
        return verdict


def check_shards(shards: ShardFolder, verdict: Verdict) -> dict[str, dict[str, LineFacts]]:
    """The newest line of each article by shard; problems go into the verdict."""
    try:
        listed = shards.finished()
    except ShardError as error:
        verdict.problems.append(str(error).split("; run")[0])
        listed = {}
    closed = set(shards.compressed_names())
    verdict.problems += [
        Message("{name}: in the manifest, but not in the folder", name=name) for name in sorted(listed.keys() - closed)
    ]
    here: dict[str, dict[str, LineFacts]] = {}
    seen: dict[tuple[str, int], str] = {}
    for name in [*sorted(closed), *shards.open_names()]:
        path = shards.finished_path(name) if name in closed else shards.open_path(name)
        shard = read_what_can_be(path)
        verdict.problems += shard.problems
        verdict.shards += 1
        verdict.lines += len(shard.facts)
        here[name] = dict(newest_by_id(shard.facts, _id_and_revision).values())
        for id, facts in shard.facts:
            if (id, facts.revision) in seen:
                verdict.problems.append(
                    Message(
                        "{name}: {id} is there twice (also in {first})",
                        name=path.name,
                        id=id,
                        first=seen[id, facts.revision],
                    )
                )
            seen[id, facts.revision] = name
        if name in closed and not shard.problems:
            record = shard_record(name, path)
            if name not in listed:
                verdict.problems.append(Message("{name}: not in the manifest", name=path.name))
            elif listed[name] != record:
                verdict.problems.append(
                    Message("{name}: not what the manifest says (sha256, lines or bytes differ)", name=path.name)
                )
    verdict.articles = len({id for id, _ in seen})
    return here


def _disagreements(
    ledger: Ledger, here: dict[str, dict[str, LineFacts]], open_names: set[str], verdict: Verdict
) -> list[str]:
    """What ledger and shards say differently; what waits in open shards is counted in the verdict."""
    found: list[str] = []
    highest = newest_lines(here)
    for entry in ledger.entries():
        line = here.get(entry.shard or "", {}).get(entry.id)
        if entry.state is State.KEPT and (line is None or line.revision != entry.revision):
            found.append(
                Message("{url}: kept by the ledger in {shard}, where its line is not", url=entry.url, shard=entry.shard)
            )
        if entry.state is State.FORGOTTEN and entry.id in highest:
            found.append(Message("{url}: forgotten, and still in {first}", url=entry.url, first=highest[entry.id][0]))
        if entry.state is State.KEPT or entry.state is State.FORGOTTEN:
            highest.pop(entry.id, None)
    verdict.waiting = sum(name in open_names for name, _ in highest.values())
    found += [
        Message("{url}: in {name}, unknown to the ledger", url=line.url, name=name)
        for name, line in highest.values()
        if name not in open_names
    ]
    return found


def newest_lines(here: dict[str, dict[str, LineFacts]]) -> dict[str, tuple[str, LineFacts]]:
    """Of each article the shard and the line that hold."""
    every = [(name, id, line) for name, lines in here.items() for id, line in lines.items()]
    return {id: (name, line) for name, id, line in newest_by_id(every, lambda one: (one[1], one[2].revision)).values()}


def _id_and_revision(line: tuple[str, LineFacts]) -> tuple[str, int]:
    return line[0], line[1].revision
