"""A harvest that is killed again and again, and one on a cluster that loses a worker: the same bytes as one that nothing disturbed."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from aurora_crawl.demo.news_month import month
from aurora_crawl.demo.web_archive import WebArchive, served
from aurora_crawl.executor import each, executor
from aurora_crawl.harvest.ccnews import FileTask, files_of, harvest_file
from aurora_crawl.harvest.stream import Server

ROOT = Path(__file__).resolve().parents[2]
SERVER = Server("test", 0.001)


def harvest(data_dir: Path, base: str, *more: str) -> subprocess.Popen[bytes]:
    given = ("-s", f"DATA_DIR={data_dir}", "-s", f"CCNEWS_URL={base}", "-s", "RETRY_BACKOFF=0.001", "--keep-free", "0")
    command = [sys.executable, "-m", "scrapy", "harvest", "ccnews", "--since", "2024-05", "--jobs", "1", *given, *more]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")
    }


def undisturbed(folder: Path, base: str) -> dict[str, bytes]:
    for one in files_of(base, "2024-05", SERVER):
        harvest_file(FileTask(one, folder / "harvest" / "ccnews" / "2024-05", (), SERVER, 0))
    return files(folder / "harvest")


def test_twenty_kills(tmp_path: Path) -> None:
    archive = WebArchive(cut=0.3, busy=0.15)
    month(archive, files=8, records=400)
    chance = random.Random(5)
    with served(archive) as base:
        began = time.monotonic()
        wanted = undisturbed(tmp_path / "one", base)
        whole, kills = time.monotonic() - began, 0
        for _ in range(20):
            running = harvest(tmp_path / "two", base)
            # Within what the machine takes for all of it.
            time.sleep(whole * chance.uniform(0.3, 0.8))
            if running.poll() is None:
                kills += 1
            running.kill()
            running.wait()
        time.sleep(1)
        assert harvest(tmp_path / "two", base).wait(300) == 0
    assert files(tmp_path / "two" / "harvest") == wanted
    assert kills


def test_four_workers_of_which_one_is_killed(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    archive = WebArchive()
    month(archive, files=8, records=200)
    with served(archive) as base:
        wanted = undisturbed(tmp_path / "one", base)
        folder = tmp_path / "two" / "harvest" / "ccnews" / "2024-05"
        tasks = [FileTask(one, folder, (), SERVER, 0) for one in files_of(base, "2024-05", SERVER)]
        with (
            distributed.LocalCluster(n_workers=4, threads_per_worker=1, dashboard_address=None) as cluster,
            executor(1, cluster.scheduler_address) as pool,
        ):
            done = 0
            for _task, _result in each(pool, harvest_file, tasks):
                done += 1
                if done == 1:
                    cluster.workers[0].process.process.kill()
            assert done == len(tasks)
    assert files(tmp_path / "two" / "harvest") == wanted
