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


def read_facts(path: Path) -> np.ndarray:
    """The facts that `write_facts` wrote. Never unpickles."""
    facts: np.ndarray = np.load(path, allow_pickle=False)
    return facts


def write_facts(path: Path, facts: np.ndarray) -> None:
    """Put the facts in place in one step."""
    with whole_file(path, has_rivals=True) as file:
        np.save(file, facts, allow_pickle=False)
