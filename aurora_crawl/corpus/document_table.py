"""What is known of each document while a corpus is made: fixed small records, so that memory does not grow with the text."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from aurora_crawl.corpus.minhash import PERMUTATIONS
from aurora_crawl.files import whole_file

FACTS = np.dtype(
    [
        ("id", "S16"),
        ("site", np.int32),
        ("license", np.int32),
        ("revision", np.int32),
        ("published", "S19"),
        ("words", np.int32),
        # Without case and accents, as paragraphs are compared.
        ("letters", np.int32),
        ("is_book", np.bool_),
        # The place of its format among those of a work's editions, and how noisy it is; the smaller is preferred.
        ("edition", np.uint8),
        ("noise", np.float32),
        # Nobody says where it is from.
        ("is_untold", np.bool_),
        ("is_wanted_language", np.bool_),
        # A bit each of `text.quality.MARKS`, in their order.
        ("marks", np.uint16),
        # An index into the sites' names: another site that the text itself names as its source; -1 for none.
        ("credits", np.int32),
        ("hash", "S16"),
        ("signature", np.uint32, (PERMUTATIONS,)),
        # Where the cleaned line stands: which work file, from which byte, how many bytes.
        ("file", np.int32),
        ("offset", np.int64),
        ("length", np.int32),
    ]
)


def read_table(path: Path) -> np.ndarray:
    """The records that `write_table` wrote. Never unpickles."""
    records: np.ndarray = np.load(path, allow_pickle=False)
    return records


def write_table(path: Path, records: np.ndarray) -> None:
    """Put records in place in one step."""
    with whole_file(path, has_rivals=True) as file:
        np.save(file, records, allow_pickle=False)
