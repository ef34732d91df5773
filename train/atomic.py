"""Folders that appear whole: everything on the disk first, then under their own name."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import psutil


def unfinished_folder(final: Path) -> Path:
    """A new folder beside `final`, hidden, to be filled and moved there; what killed processes left of it is removed."""
    final.parent.mkdir(parents=True, exist_ok=True)
    for left in final.parent.glob(f".{final.name}.*.part"):
        if not is_running(left.name.split(".")[-2]):
            shutil.rmtree(left, ignore_errors=True)
    folder = final.parent / f".{final.name}.{os.getpid()}.part"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def is_running(process: str) -> bool:
    """Whether a process of that number is running, perhaps this one."""
    # Not by a signal: on Windows any of them ends it.
    return process.isascii() and process.isdigit() and psutil.pid_exists(int(process))


def sync_folder(folder: Path) -> None:
    """Waits until every file in the folder, and the folder itself, is on the disk."""
    for path in (*folder.rglob("*"), folder):
        sync_file(path)


def move_in(unfinished: Path, final: Path) -> None:
    """Gives a synced folder its final name, in the place of one that is there already."""
    if final.exists():
        shutil.rmtree(final)
    os.replace(unfinished, final)  # noqa: PTH105 (Path.replace says the same, but of files)
    sync_file(final.parent)


def move_files_in(final: Path, files: Iterable[Path], *, last: Path) -> None:
    """Moves synced files into a folder one by one, the file `last` at the end: its presence says whole."""
    final.mkdir(parents=True, exist_ok=True)
    (final / last.name).unlink(missing_ok=True)
    for path in (*files, last):
        path.replace(final / path.name)
    sync_file(final)


def sync_file(path: Path) -> None:
    """Waits until a file, or the names in a folder, are on the disk; Windows opens no folder, and syncs what can be written to."""
    is_windows = sys.platform == "win32"
    if is_windows and path.is_dir():
        return
    handle = os.open(path, os.O_RDWR if is_windows else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
