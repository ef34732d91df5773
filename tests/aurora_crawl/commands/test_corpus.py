"""`scrapy corpus` as a person runs it: with processes, on a cluster, killed, and given what it cannot use."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from processes import SCRAPY
from processes import run as run_forked

from aurora_crawl.corpus.output_folder import held

ROOT = Path(__file__).resolve().parents[3]
Invent = Callable[[int, int], str]
Run = Callable[..., Any]


def words_of(data: Path, *words: str) -> list[str]:
    return [*SCRAPY, "corpus", "-s", f"DATA_DIR={data}", "--tokenizer", "none", *words]


def process(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run_forked(words_of(data, *words), cwd=ROOT)


@pytest.fixture
def corpus(command: Run) -> Run:
    return lambda data, *words: command(data, "corpus", "--tokenizer", "none", *words)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def many(shards: Any, invent: Invent, count: int = 8, each: int = 120) -> Path:
    """Shards of two sites; a fifth of what the one has is in the other too."""
    for number in range(count * each):
        site = ("mst", "averdade")[number % 2]
        seed = number - 1 if number % 10 == 1 else number
        shards.add(site, invent(220, seed), shard=f"{number // each:06}", license=("CC-BY-4.0", None)[number % 3 % 2])
    data: Path = shards.write()
    return data


def test_the_same_shards_give_the_same_bytes_with_one_process_and_with_two(shards: Any, invent: Invent) -> None:
    data = many(shards, invent, 4, 60)
    one = process(data, "--jobs", "1", "--output", str(data / "one"), "--validation", "0.1")
    two = process(data, "--jobs", "2", "--output", str(data / "two"), "--validation", "0.1")
    assert one.returncode == two.returncode == 0, one.stderr + two.stderr
    assert re.search(r"exact duplicates +216 documents +\(24 same text\)", one.stdout)
    assert "% of the goal of 1,000,000,000 tokens" in one.stdout
    assert bytes_of(data / "one") == bytes_of(data / "two")
    assert sorted(bytes_of(data / "one")) == [
        "README.md",
        "manifest.json",
        "train-00000.jsonl.gz",
        "validation-00000.jsonl.gz",
    ]
    assert not (data / "one.work").exists()


def test_datasets_reads_it_and_its_card_is_valid(shards: Any, invent: Invent, monkeypatch: pytest.MonkeyPatch) -> None:
    data = many(shards, invent, 2, 60)
    assert process(data, "--validation", "0.1", "--jobs", "1").returncode == 0
    monkeypatch.setenv("HF_HOME", str(data / "hub"))
    import datasets
    from huggingface_hub import DatasetCard

    read = datasets.load_dataset(str(data / "corpus"), cache_dir=str(data / "cache"))
    assert set(read) == {"train", "validation"}
    assert read["train"].num_rows + read["validation"].num_rows == 108
    assert read["train"].features["removed"].feature["text"].dtype == "string"
    card = DatasetCard.load(data / "corpus" / "README.md")
    assert card.data.language == "pt" or card.data.language == ["pt"]
    assert card.data.license == "other"
    assert "CC-BY-4.0" in card.text
    assert card.data.size_categories == ["n<1K"]
    assert {row["name"] for row in card.data.dataset_info["features"]} == set(read["train"].features)


def test_a_build_that_is_killed_leaves_no_process_and_goes_on_where_it_was(shards: Any, invent: Invent) -> None:
    data = many(shards, invent)
    assert process(data, "--jobs", "1", "--output", str(data / "whole")).returncode == 0
    building = subprocess.Popen(
        words_of(data, "--jobs", "1"),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    work = data / "corpus.work"
    done = _wait_for(lambda: sorted(work.glob("*.json")), 3)
    building.kill()
    building.wait()
    _wait_for_the_end_of(building.pid)
    assert not (data / "corpus").exists()
    before = {path: path.stat().st_mtime_ns for path in done}
    # Held by a second name, the files outlive the folder, and show whether they were written again.
    kept = data / "kept"
    kept.mkdir()
    for path in before:
        (kept / path.name).hardlink_to(path)
    again = process(data, "--jobs", "1")
    assert again.returncode == 0, again.stderr
    assert {path: (kept / path.name).stat().st_mtime_ns for path in before} == before
    assert bytes_of(data / "corpus") == bytes_of(data / "whole")


def test_an_old_corpus_stays_until_the_new_one_is_whole(corpus: Run, shards: Any, invent: Invent) -> None:
    data = many(shards, invent, 2, 40)
    assert corpus(data, "--jobs", "1").returncode == 0
    old = bytes_of(data / "corpus")
    (data / "articles" / "mst" / "mst-000009.jsonl.part").write_text('{"id": "no article"}\n')
    failed = corpus(data, "--jobs", "1")
    assert failed.returncode == 1
    assert "mst-000009.jsonl.part, line 1" in failed.stderr
    assert len(failed.stderr.strip().splitlines()) == 1
    assert bytes_of(data / "corpus") == old


@pytest.fixture
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A Dask scheduler's address, and two workers and the scheduler, each a process of its own."""
    pytest.importorskip("distributed", reason="needs the extra `cluster`")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    cli = [sys.executable, "-m"]
    start = [*cli, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    worker = [*cli, "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    scheduler = subprocess.Popen(start, cwd=ROOT, **quiet)  # type: ignore[call-overload]
    workers = [
        subprocess.Popen([*worker, "--host", "127.0.0.1"], cwd=ROOT, **quiet)  # type: ignore[call-overload]
        for _ in range(2)
    ]
    try:
        yield address, [*workers, scheduler]
    finally:
        for process in (*workers, scheduler):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()


def test_a_cluster_of_which_a_worker_is_killed_gives_the_same_bytes(
    shards: Any, invent: Invent, cluster: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    address, workers = cluster
    data = many(shards, invent)
    assert process(data, "--jobs", "1", "--output", str(data / "alone")).returncode == 0
    building = subprocess.Popen(
        words_of(data, "--scheduler", address), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    _wait_for(lambda: sorted((data / "corpus.work").glob("*.npy")), 2)
    workers[0].kill()
    _, said = building.communicate(timeout=900)
    assert building.returncode == 0, said
    assert workers[1].poll() is None
    assert bytes_of(data / "corpus") == bytes_of(data / "alone")


def test_a_scheduler_that_dies_is_one_line_and_the_build_goes_on(
    shards: Any, invent: Invent, cluster: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    address, processes = cluster
    data = many(shards, invent)
    building = subprocess.Popen(
        words_of(data, "--scheduler", address), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    _wait_for(lambda: sorted((data / "corpus.work").glob("*.json")), 1)
    processes[-1].kill()
    _, said = building.communicate(timeout=900)
    assert building.returncode == 1
    assert said == (f"scrapy corpus: --scheduler {address}: workers or scheduler died; the same command goes on\n")
    assert not (data / "corpus").exists()
    assert process(data, "--jobs", "2").returncode == 0


def test_a_scheduler_that_does_not_answer_is_named(shards: Any, invent: Invent) -> None:
    pytest.importorskip("distributed", reason="needs the extra `cluster`")
    data = many(shards, invent, 1, 4)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        done = process(data, "--scheduler", address)
    assert done.returncode == 1
    assert (
        done.stderr.strip().splitlines()[-1] == f"scrapy corpus: --scheduler {address}: no Dask scheduler answers there"
    )


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["extra"], 2, "takes options only"),
        (["--validation", "1"], 2, "--validation is a share"),
        (["--ignore-marks", "nice"], 2, "no mark 'nice'"),
        (["--scheduler", "somewhere"], 2, "--scheduler somewhere: not an address like"),
        (["--similarity", "2"], 2, "--similarity is above 0"),
        (["--totals", "nowhere.jsonl"], 1, "nowhere.jsonl: cannot be read"),
        (["--tokenizer", "./nothing-here"], 1, "--tokenizer ./nothing-here"),
        (["--input", "/nowhere-at-all"], 1, "no shards in /nowhere-at-all"),
    ],
)
def test_what_cannot_be_used_is_one_line(corpus: Run, tmp_path: Path, words: list[str], status: int, said: str) -> None:
    done = corpus(tmp_path, *words)
    assert done.returncode == status
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "corpus").exists()


def test_two_builds_of_one_corpus_do_not_meet(corpus: Run, shards: Any, invent: Invent) -> None:
    data = many(shards, invent, 1, 20)
    with held(data / "corpus"):
        done = corpus(data, "--jobs", "1")
        assert done.returncode == 1
        assert done.stderr == (
            f"scrapy corpus: {data / 'corpus'}: another process is writing this corpus (process {os.getpid()}); wait for it, or stop it\n"
        )
    assert corpus(data, "--jobs", "1").returncode == 0


@pytest.mark.parametrize("moment", ["before the new one is there", "after"])
def test_killed_between_the_old_corpus_and_the_new_one_neither_is_lost(
    corpus: Run, shards: Any, invent: Invent, moment: str
) -> None:
    data = many(shards, invent, 1, 20)
    assert corpus(data, "--jobs", "1").returncode == 0
    whole = bytes_of(data / "corpus")
    (data / "corpus").rename(data / "corpus.old")
    fresh = data / "corpus.unfinished"
    fresh.mkdir()
    if moment == "after":
        for name, content in whole.items():
            (fresh / name).write_bytes(content)
    else:
        (fresh / "train-00000.jsonl.gz").write_bytes(b"cut")
    with held(data / "corpus"):
        assert bytes_of(data / "corpus") == whole
    assert [path.name for path in data.glob("corpus*")] == ["corpus", "corpus.work"]


def test_interrupted_it_says_so_in_one_line_and_goes_on(shards: Any, invent: Invent) -> None:
    data = many(shards, invent)
    building = subprocess.Popen(
        words_of(data, "--jobs", "2"), cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    _wait_for(lambda: sorted((data / "corpus.work").glob("*.json")), 1)
    # As a terminal does it: all processes of the group are told.
    os.killpg(building.pid, signal.SIGINT)
    _, said = building.communicate(timeout=900)
    assert building.returncode == 130
    assert said == "scrapy corpus: stopped; the same command goes on\n"
    assert not (data / "corpus").exists()
    assert process(data, "--jobs", "2").returncode == 0


def test_a_full_disk_is_one_line(shards: Any, invent: Invent) -> None:
    data = many(shards, invent, 2, 60)
    # A limit on files' sizes is met as a full disk is; 60 KB hold a work file's beginning.
    limited = ["bash", "-c", 'trap "" XFSZ; ulimit -f 60; exec "$@"', "-", *words_of(data, "--jobs", "1")]
    done = subprocess.run(limited, cwd=ROOT, check=False, capture_output=True, text=True, timeout=900)
    assert done.returncode == 1
    assert re.fullmatch(r"scrapy corpus: .*\n", done.stderr), done.stderr
    assert not (data / "corpus").exists()


def test_a_damaged_shard_is_named(corpus: Run, shards: Any, invent: Invent) -> None:
    data = many(shards, invent, 1, 40)
    path = data / "articles" / "mst" / "mst-000000.jsonl.gz"
    path.write_bytes(path.read_bytes()[:2000])
    done = corpus(data, "--jobs", "1")
    assert done.returncode == 1
    assert re.fullmatch(rf"scrapy corpus: {path}: damaged after line \d+ .*run `scrapy verify`\n", done.stderr)
    assert not (data / "corpus").exists()


def test_training_plans_on_a_corpus(
    shards: Any, invent: Invent, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from train.qlora import main

    data = many(shards, invent, 2, 60)
    assert process(data, "--jobs", "1", "--validation", "0.1").returncode == 0
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    plan = [str(ROOT / "train" / "recipes" / "mistral-7b.yml"), "--dry-run", "--datasets", str(data / "corpus")]
    assert main(plan) == 0
    trained, held_out = re.search(
        r"^  (\d+) documents,.*^  held out: (\d+) documents", capsys.readouterr().out, re.M | re.S
    ).groups()
    assert int(trained) + int(held_out) == 108


def _wait_for_the_end_of(group: int) -> None:
    """Return when no process of a group is left: the killed one's workers end by themselves."""
    for _ in range(200):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.killpg(group, signal.SIGKILL)
    raise AssertionError("a worker process outlived its command")


def _wait_for(found: Callable[[], list[Path]], count: int) -> list[Path]:
    end = time.monotonic() + 900
    while time.monotonic() < end:
        if len(paths := found()) >= count:
            return paths
        time.sleep(0.02)
    raise AssertionError("nothing was finished")
