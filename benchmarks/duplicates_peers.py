"""datasketch and datatrove on the documents of benchmarks/duplicates.py."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

from copies import Documents, judge
from footprint import run
from loopback import ROOT

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
from aurora_crawl.corpus.dedup import REMOVAL_ROWS, Groups, join_similar
from aurora_crawl.corpus.minhash import signature

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


def environment(folder: Path, *packages: str) -> str | None:
    """The Python of an environment with these packages, made where there is none; null where it cannot be made."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
    return None if subprocess.run(install, check=False, capture_output=True).returncode else str(python)


def datasketch(documents: Documents, data: Path, cache: Path) -> None:
    """Signatures and groups alone, here and by datasketch in an environment of its own."""
    articles = str(data / "articles")
    print("Signatures and groups alone, nothing cleaned:")
    peer("aurora", documents, [sys.executable, "-c", OURS, articles], documents.count)
    python = environment(cache / "datasketch", "datasketch==2.0.0")
    if python is None:
        print("datasketch: not measured: its environment cannot be made here")
        return
    peer("datasketch", documents, [python, "-c", DATASKETCH, articles], documents.count)


def datatrove(documents: Documents, data: Path, cache: Path) -> None:
    """Its four steps, in an environment of its own, because it needs an older trafilatura."""
    python = environment(cache / "datatrove", "datatrove[io,processing]==0.10.0", "spacy")
    if python is None:
        print("datatrove: not measured: its environment cannot be made here")
        return
    with tempfile.TemporaryDirectory() as folder:
        try:
            cost = run([python, "-c", DATATROVE, str(data / "articles"), folder], Path(folder))
        except SystemExit as error:
            print(f"datatrove: not measured: {str(error).strip().splitlines()[-1]}")
            return
        ids: set[str] = set()
        for path in Path(folder, "kept").rglob("*.jsonl.gz"):
            with gzip.open(path, "rt", encoding="utf-8") as file:
                ids.update(json.loads(line)["id"] for line in file)
    print(f"datatrove: {documents.count / cost.cpu:.0f} documents per CPU-second, {cost.memory / 2**20:.0f} MB")
    judge(documents, ids, originals_stay=False)
