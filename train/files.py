"""Folders that appear whole: everything on the disk first, then under their own name."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Waits until every file in the folder, and the folder itself, is on the disk."""
    for path in (*folder.rglob("*"), folder):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def move_in(unfinished: Path, final: Path) -> None:
    """Gives a synced folder its final name, in the place of one that is there already."""
    if final.exists():
        shutil.rmtree(final)
    os.replace(unfinished, final)  # noqa: PTH105 (Path.replace says the same, but of files)
    _sync_entry(final.parent)


def move_files_in(unfinished: Path, final: Path, *, last: str) -> None:
    """Moves a synced folder's files into another one by one, the file `last` at the end: its presence says whole."""
    final.mkdir(parents=True, exist_ok=True)
    (final / last).unlink(missing_ok=True)
    for path in sorted(unfinished.iterdir(), key=lambda path: path.name == last):
        path.replace(final / path.name)
    _sync_entry(final)
    unfinished.rmdir()


def _sync_entry(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
