"""Whether documents in one row see each other: a loaded model's losses of short pieces, packed and alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from train.data.packing import Row, collate
from train.models.chunked_loss import IGNORED

PIECES = ((17, 31, 16), (23, 26))
"""The lengths, in tokens, of the pieces in two rows; the second row is padded."""

MOVED = {torch.float32: 1e-5, torch.bfloat16: 1e-3, torch.float16: 1e-3}
"""How far, in nats, a token's loss may move when the other pieces of its row become others. Where they are not seen, it
does not move at all, in 16 bits either: the same numbers are added in the same order. Seen where they are: 5e-4 to .7."""

OFF = {torch.float32: 1e-3, torch.bfloat16: 0.5, torch.float16: 0.1}
"""How far, in nats, it may be off that of the piece alone: rounding, which other sizes of products change."""


@dataclass(frozen=True, slots=True)
class Isolation:
    """What was seen of a model, in nats a token: `moved` when other pieces became others, `off` the piece alone."""

    moved: float
    off: float
    computed_in: torch.dtype

    @property
    def holds(self) -> bool:
        """Whether documents in a row are apart. What is no number is not."""
        return self.moved <= MOVED[self.computed_in] and self.off <= OFF[self.computed_in]


@torch.no_grad()
def isolation_of(model: nn.Module, tokens: np.ndarray, computed_in: torch.dtype, *, flash: bool) -> Isolation:
    """How well a loaded causal model keeps the documents of packed rows apart.

    `tokens` are some of the run's own, which the pieces are made of; `computed_in` says how exact the losses can be;
    `flash` is as `collate` takes it. The model must be in its mode for reading.
    """
    rows = _rows(tokens)
    found = _losses(model, rows, flash=flash)
    moved = off = 0.0
    known = np.unique(tokens)
    for index, row in enumerate(rows):
        count = len(row["lengths"])
        for kept in range(count):
            changed = [*rows[:index], _with_others(row, kept, known), *rows[index + 1 :]]
            moved = max(moved, _worst(found[index][kept], _losses(model, changed, flash=flash)[index][kept]))
            alone = _row(_piece(row, kept), [int(row["lengths"][kept])])
            off = max(off, _worst(found[index][kept], _losses(model, [alone], flash=flash)[0][0]))
    return Isolation(moved, off, computed_in)


def _rows(tokens: np.ndarray) -> list[Row]:
    needed = sum(map(sum, PIECES))
    flat = np.resize(np.asarray(tokens[:needed]), needed)
    rows, start = [], 0
    for lengths in PIECES:
        rows.append(_row(flat[start : start + sum(lengths)], lengths))
        start += sum(lengths)
    return rows


def _row(tokens: np.ndarray, lengths: Sequence[int]) -> Row:
    return {"input_ids": tokens, "lengths": np.array(lengths, dtype=np.int64)}


def _piece(row: Row, index: int) -> np.ndarray:
    start = int(row["lengths"][:index].sum())
    return row["input_ids"][start : start + int(row["lengths"][index])]


def _with_others(row: Row, kept: int, known: np.ndarray) -> Row:
    """The row with other tokens, of those that are known, everywhere but in the piece `kept`."""
    places = np.searchsorted(known, row["input_ids"])
    others = known[(places + max(1, len(known) // 3)) % len(known)]
    start = int(row["lengths"][:kept].sum())
    end = start + int(row["lengths"][kept])
    others[start:end] = row["input_ids"][start:end]
    return _row(others, row["lengths"].tolist())


def _losses(model: Any, rows: Sequence[Row], *, flash: bool) -> list[list[Tensor]]:
    """The losses, in nats, of the tokens of each piece of each row but its first."""
    batch: Any = collate(rows, flash=flash)
    device = next(model.parameters()).device
    labels = batch.pop("labels")
    inputs = {name: part.to(device) if isinstance(part, Tensor) else part for name, part in batch.items()}
    logits = model(**inputs, use_cache=False).logits.float().cpu()
    found = []
    for index, row in enumerate(rows):
        every = nn.functional.cross_entropy(
            logits[index, :-1], labels[index, 1:], ignore_index=IGNORED, reduction="none"
        )
        starts = (np.cumsum(row["lengths"]) - row["lengths"]).tolist()
        found.append(
            [every[start : start + length - 1] for start, length in zip(starts, row["lengths"].tolist(), strict=True)]
        )
    return found


def _worst(one: Tensor, two: Tensor) -> float:
    return float((one - two).abs().max())
