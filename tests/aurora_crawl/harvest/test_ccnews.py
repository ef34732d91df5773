"""A month of CC-NEWS on this machine: every wanted record once, whatever the server and the disk do; later outlets by ranges; forgetting."""

import zlib
from pathlib import Path

import pytest

from aurora_crawl.addresses import host_of
from aurora_crawl.demo.news_month import ENGLISH, PORTUGUESE, month, page
from aurora_crawl.demo.warc_files import answer, record
from aurora_crawl.demo.web_archive import WebArchive, served
from aurora_crawl.harvest import ccnews
from aurora_crawl.harvest.ccnews import (
    DiskFull,
    FileTask,
    files_of,
    foresee,
    harvest_file,
    months,
    outstanding,
)
from aurora_crawl.harvest.kept import captures_at, kept_records
from aurora_crawl.harvest.record_index import read_note, read_rows
from aurora_crawl.harvest.stream import Server
from aurora_crawl.storage.archive import captures

SERVER = Server("test", 0.001)
MONTH = "2024-05"


def tasks(base: str, folder: Path, outlets: tuple[str, ...] = ()) -> list[FileTask]:
    return [
        FileTask(one, folder / "harvest" / "ccnews" / MONTH, outlets, SERVER, 0)
        for one in files_of(base, MONTH, SERVER)
    ]


def harvested(folder: Path) -> dict[str, bytes]:
    found: list[tuple[str, bytes]] = []
    for path in sorted(folder.rglob("*.warc.gz")):
        found += [(one.url, one.body) for one in captures(path)]
    assert len(dict(found)) == len(found)
    kept = kept_records(folder, host_of)
    by_index = [one.url for places in kept.values() for one in captures_at(places, lambda lost: pytest.fail(str(lost)))]
    assert sorted(by_index) == sorted(url for url, _ in found)
    return dict(found)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("cut", "busy"), [(0.0, 0.0), (0.3, 0.15)])
def test_all_that_is_portuguese_is_kept_as_it_was_and_everything_is_in_the_index(
    tmp_path: Path, cut: float, busy: float
) -> None:
    archive = WebArchive(cut=cut, busy=busy)
    wanted = month(archive)
    with served(archive) as base:
        every = tasks(base, tmp_path)
        done = [harvest_file(task) for task in every]
        assert outstanding(every) == []
    assert harvested(tmp_path) == wanted
    assert [one.missing for one in done] == [False, False, False, True]
    rows = [row for path in sorted(tmp_path.rglob("*.index.gz")) for row in read_rows(path)]
    assert len(rows) == 180
    assert sum(one.records for one in done) == 180


def test_the_portuguese_pages_of_an_outlet_in_another_language_are_kept(tmp_path: Path) -> None:
    told = {
        "says so": ("/n/1", ' lang="pt-BR"', PORTUGUESE),
        "by its address": ("/portugues/2", "", PORTUGUESE),
        "by its address, though it says another": ("/pt-br/3", ' lang="es"', PORTUGUESE),
        "by its locale": ("/n/4", "><meta property='og:locale' content='pt_BR'", PORTUGUESE),
        "nothing": ("/n/5", "", PORTUGUESE),
        "only the address": ("/brasil/6", ' lang="en"', ENGLISH),
        "another": ("/n/7", ' lang="en"', ENGLISH),
    }
    host = "https://agency.invalid"
    # So many that are in another language come first.
    before = [record(f"{host}/a/{n}", answer(page(0, n, ENGLISH, ' lang="en"'))) for n in range(20)]
    after = [record(f"{host}{path}", answer(page(1, 1, lines, lang))) for path, lang, lines in told.values()]
    name = "crawl-data/CC-NEWS/2024/05/CC-NEWS-20240501000000-00000.warc.gz"
    archive = WebArchive(files={f"/{name}": b"".join(zlib.compress(one, 6, 31) for one in [*before, *after])})
    with served(archive) as base:
        harvest_file(FileTask(f"{base}/{name}", tmp_path, (), SERVER, 0))
    kept = [one.url.removeprefix(host) for path in tmp_path.glob("*.warc.gz") for one in captures(path)]
    assert kept == ["/n/1", "/portugues/2", "/pt-br/3", "/n/4", "/n/5"]


def test_outlets_that_are_wanted_later_are_fetched_by_ranges_alone(tmp_path: Path) -> None:
    archive = WebArchive()
    month(archive)
    first = ("jornal0.invalid",)
    with served(archive) as base:
        for task in tasks(base, tmp_path, first):
            harvest_file(task)
        assert {host_of(one) for one in harvested(tmp_path)} == {"jornal0.invalid"}
        before = archive.sent
        both = tasks(base, tmp_path, ("jornal0.invalid", "jornal5.invalid"))
        assert len(outstanding(both)) == 3
        listed, before = archive.sent - before, archive.sent
        done = [harvest_file(task) for task in outstanding(both)]
        assert outstanding(both) == []
    found = harvested(tmp_path)
    assert {host_of(one) for one in found} == {"jornal0.invalid", "jornal5.invalid"}
    sizes = sum(r.length for path in tmp_path.rglob("*.index.gz") for r in read_rows(path) if "jornal5" in r.url)
    assert sum(one.kept for one in done) == 15
    assert archive.sent - before <= 1.2 * sizes
    assert listed > 0


def test_killed_in_the_middle_and_with_a_rival_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = WebArchive()
    month(archive)
    with served(archive) as base:
        for task in tasks(base, tmp_path / "one")[:3]:
            harvest_file(task)
        for task in tasks(base, tmp_path / "two")[:3]:
            for name in ("write_rows", "write_whole"):
                # A kill at any moment leaves what these steps had written before.
                with monkeypatch.context() as dying:
                    dying.setattr(ccnews, name, lambda *given, **named: (_ for _ in ()).throw(KeyboardInterrupt))
                    with pytest.raises(KeyboardInterrupt):
                        harvest_file(task)
                assert read_note(task.path(".json")) is None
            harvest_file(task)
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_damaged_and_cut_files_give_what_is_whole_in_them(tmp_path: Path) -> None:
    archive = WebArchive()
    wanted = month(archive, files=2)
    first, second = sorted(name for name in archive.files if name.endswith(".warc.gz"))
    data = bytearray(archive.files[first])
    place = next(i for i in range(len(data) // 2, len(data)) if data[i : i + 4] == b"\x1f\x8b\x08\0")
    data[place + 1] ^= 255
    archive.files[first] = bytes(data)
    archive.files[second] = archive.files[second][:-100]
    with served(archive) as base:
        done = [harvest_file(task) for task in tasks(base, tmp_path)]
    assert [bool(one.damaged) for one in done] == [True, True, False]
    assert f"byte {place}" in done[0].damaged[0]
    assert len(wanted) - 1 <= len(harvested(tmp_path)) <= len(wanted)


def test_the_disk_is_left_free_and_what_is_read_is_foreseen(tmp_path: Path) -> None:
    archive = WebArchive()
    month(archive)
    with served(archive) as base:
        every = tasks(base, tmp_path)
        seen = foresee(every, 0)
        assert seen.read == pytest.approx(
            sum(len(d) for n, d in archive.files.items() if "CC-NEWS-" in n) * 4 / 3, rel=0.2
        )
        full = FileTask(every[0].url, every[0].folder, (), SERVER, 1 << 60)
        with pytest.raises(DiskFull, match="make room"):
            harvest_file(full)
        assert list(full.folder.iterdir()) == []


def test_months() -> None:
    assert months("2023-11", "2024-02") == ["2023-11", "2023-12", "2024-01", "2024-02"]
    for since, until in (("2024-13", "2024-13"), ("x", "x"), ("2024-02", "2024-01")):
        with pytest.raises(Exception, match=r"no month|no span"):
            months(since, until)
