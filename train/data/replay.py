"""Replay: rows of what the base knew, among the rows to learn, so that the adapter does not move it away from there."""

from __future__ import annotations

import math

import numpy as np

from train.config.load import Config, DatasetKeys
from train.data.packing import Layout, PackedRows, Row

SELF = "self"
"""The value of `replay` that asks for samples of the base's own."""


def replay_entries(config: Config) -> list[DatasetKeys]:
    """The data that is replayed, as an entry like those of `datasets`; none where the base writes it, or nothing is."""
    return [DatasetKeys(path=config.replay)] if config.replay not in (None, SELF) else []


def replay_tokens(tokens: int, config: Config) -> int:
    """How many tokens of replay make `replay_share` of all beside so many tokens to learn."""
    return round(tokens * config.replay_share / (1 - config.replay_share)) if config.replay else 0


def rows_with_replay(rows: int, config: Config) -> int:
    """How many rows an epoch has with replay among them; for the plan, which makes none."""
    return rows + math.ceil(replay_tokens(rows, config))


class ReplayedRows(PackedRows):
    """The rows to learn, then those of replay; a trainer mixes them. `flagged` marks the latter for a loss of their own."""

    def __init__(self, rows: PackedRows, replay: PackedRows, *, flagged: bool) -> None:
        """Takes rows of one length."""
        self.learned_rows = len(rows)
        self.flagged = flagged
        ours, theirs = rows.layout, replay.layout
        pieces, documents = len(ours.lengths), int(ours.documents.max(initial=-1)) + 1
        layout = Layout(
            np.concatenate([ours.documents, theirs.documents + documents]),
            np.concatenate([ours.starts, theirs.starts]),
            np.concatenate([ours.lengths, theirs.lengths]),
            np.concatenate([ours.rows, theirs.rows[1:] + pieces]),
        )
        super().__init__(np.concatenate([rows.tokens_flat, replay.tokens_flat]), layout, rows.length)

    def __getitem__(self, index: int) -> Row:
        """One row; one of replay says so."""
        row = super().__getitem__(index)
        if self.flagged and index >= self.learned_rows:
            row["replay"] = True
        return row


def learned_rows(rows: PackedRows) -> int:
    """How many of the rows are to be learned; those of replay come after them."""
    return rows.learned_rows if isinstance(rows, ReplayedRows) else len(rows)
