"""Files and folders appear whole or not at all, locks are held by one, and all of it is written in one place."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import aurora_crawl
from aurora_crawl.files import (
    LockedError,
    clear_unfinished,
    fresh_folder,
    hold,
    put_in_place,
    settle_folder,
    waiting_lock,
    whole_file,
    write_whole,
)

ROOT = Path(aurora_crawl.__file__).parent


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_whose_writing_fails_stays_as_it_was_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    write_whole(path, "alt")

    def fail() -> None:
        with whole_file(path) as file:
            file.write(b"half")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fail()
    assert path.read_text() == "alt"
    assert names(tmp_path) == ["note.txt"]


def test_what_a_killed_process_began_is_no_file_and_can_be_cleared(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from aurora_crawl.files import whole_file\n"
        "with whole_file(Path(sys.argv[1]) / 'note.txt') as file: file.write(b'x'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False, timeout=900)
    assert names(tmp_path) == [".note.txt.unfinished"]
    clear_unfinished(tmp_path)
    assert names(tmp_path) == []


def test_rivals_write_the_same_file_and_one_of_them_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "part"
    with whole_file(path, has_rivals=True) as one, whole_file(path, has_rivals=True) as other:
        one.write(b"one")
        other.write(b"other")
    assert path.read_bytes() == b"one"
    assert names(tmp_path) == ["part"]


@pytest.mark.parametrize(
    ("there", "left"),
    [
        ({"corpus": "old", "corpus.unfinished": "half"}, "old"),
        ({"corpus.old": "old", "corpus.unfinished": "new"}, "new"),
        ({"corpus.old": "old", "corpus.unfinished": "half"}, "old"),
        ({"corpus": "new", "corpus.old": "old"}, "new"),
    ],
)
def test_a_replacement_that_was_cut_off_is_finished_or_undone(tmp_path: Path, there: dict[str, str], left: str) -> None:
    for name, content in there.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "content").write_text(content)
    settle_folder(
        tmp_path / "corpus",
        lambda folder: (folder / "content").is_file() and "half" not in (folder / "content").read_text(),
    )
    assert names(tmp_path) == ["corpus"]
    assert (tmp_path / "corpus" / "content").read_text() == left


def test_a_folder_takes_the_place_of_another(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    for content in ("old", "new"):
        fresh = fresh_folder(corpus)
        (fresh / "content").write_text(content)
        put_in_place(fresh, corpus)
    assert (corpus / "content").read_text() == "new"
    assert names(tmp_path) == ["corpus"]


def test_a_lock_is_held_by_one_and_tells_by_whom(tmp_path: Path) -> None:
    path = tmp_path / "work" / "lock"
    with hold(path) as file:
        with pytest.raises(LockedError) as refused:
            hold(path)
        assert refused.value.holder == path.read_text()
        file.close()
    hold(path).close()
    with waiting_lock(path) as content:
        assert content.read().isdigit()


def test_files_are_replaced_and_locked_in_one_place() -> None:
    """`fsync`, `flock` and names for what is unfinished stand in files.py; an open shard alone syncs its own lines."""
    for path in sorted(ROOT.rglob("*.py")):
        if path.relative_to(ROOT).as_posix() in ("files.py", "storage/shards.py"):
            continue
        called = {
            node.attr
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Attribute)
            and node.attr in ("fsync", "flock", "uuid4", "mkstemp", "NamedTemporaryFile")
        }
        assert not called, path
