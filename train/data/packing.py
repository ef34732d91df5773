"""Rows of documents: none loses a token, none sees another, and the rows are full."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

import numpy as np
import torch
from torch.utils.data import Dataset

from train.models.chunked_loss import IGNORED

FULL_ENOUGH = 0.99
"""Where whole pieces fill the rows to less, pieces are cut so that rows become full."""


TOKENS = "tokens"
"""Under this name a batch says how many tokens it holds."""


class Row(TypedDict):
    """A row as the collator takes it: its tokens, and the lengths of the pieces that they are made of.

    `replay` says that it holds what the base wrote, to be kept and not learned (`train.data.replay`).
    """

    input_ids: np.ndarray
    lengths: np.ndarray
    replay: NotRequired[bool]


class Batch(TypedDict, total=False):
    """A batch as a model takes it; `collate` says what is in it."""

    input_ids: torch.Tensor
    labels: torch.Tensor
    position_ids: torch.Tensor
    cu_seq_lens_q: torch.Tensor
    cu_seq_lens_k: torch.Tensor
    max_length_q: int
    max_length_k: int
    replay: torch.Tensor


@dataclass(frozen=True, slots=True)
class Layout:
    """Which piece of which document stands in which row.

    Piece i is `lengths[i]` tokens of document `documents[i]` from its token `starts[i]` on; row r holds the pieces
    `rows[r]` to `rows[r + 1]`. All are arrays of int64.
    """

    documents: np.ndarray
    starts: np.ndarray
    lengths: np.ndarray
    rows: np.ndarray


def lay_out(document_lengths: np.ndarray, length: int, *, seed: int, packed: bool = True) -> Layout:
    """The layout of documents of those lengths (in tokens) in rows of `length` tokens; the same for the same seed.

    A document longer than a row is cut into full rows and a rest. Pieces are packed by best fit, longest first (Johnson
    1973); where that leaves more than a hundredth of the rows empty, the emptiest rows are cut up to fill the others.
    With `packed` false every piece has a row of its own. The rows come in an order drawn from the seed.
    """
    if length < 2:
        raise ValueError(f"a row of {length} tokens has nothing to learn")
    generator = np.random.default_rng(seed)
    documents, starts, lengths = _pieces(np.asarray(document_lengths, dtype=np.int64), length)
    shuffled = generator.permutation(len(lengths))
    order = shuffled[np.argsort(-lengths[shuffled], kind="stable")]
    documents, starts, lengths = documents[order], starts[order], lengths[order]
    row_of = _best_fit(lengths, length) if packed else np.arange(len(lengths), dtype=np.int64)
    if packed:
        documents, starts, lengths, row_of = _filled(documents, starts, lengths, row_of, length)
    count = int(row_of.max()) + 1 if len(row_of) else 0
    row_of = generator.permutation(count)[row_of]
    # Within a row the pieces keep no order of length: the longest document would always come first.
    order = np.lexsort((generator.random(len(row_of)), row_of))
    rows = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(row_of, minlength=count), out=rows[1:])
    return Layout(documents[order], starts[order], lengths[order], rows)


def with_labels(layout: Layout) -> Layout:
    """The layout without rows of which no token has a label: those whose pieces all have one token.

    There is nothing to learn in them, and a batch of them would have the loss 0 / 0.
    """
    if len(layout.rows) < 2:
        return layout
    longest = np.maximum.reduceat(layout.lengths, layout.rows[:-1])
    kept = longest > 1
    if kept.all():
        return layout
    counts = np.diff(layout.rows)
    pieces = np.repeat(kept, counts)
    rows = np.concatenate([[0], np.cumsum(counts[kept])]).astype(np.int64)
    return Layout(layout.documents[pieces], layout.starts[pieces], layout.lengths[pieces], rows)


def _pieces(document_lengths: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Document, start and length of each piece; no piece is longer than `length`, and a rest of one token is avoided."""
    counts = -(-document_lengths // length)
    documents = np.repeat(np.arange(len(document_lengths)), counts)
    firsts = np.cumsum(counts) - counts
    starts = (np.arange(len(documents)) - firsts[documents]) * length
    lengths = np.minimum(document_lengths[documents] - starts, length)
    # A piece of one token has nothing to predict: it takes a second one from the piece before.
    single = np.flatnonzero((lengths == 1) & (starts > 0))
    starts[single] -= 1
    lengths[single] += 1
    lengths[single - 1] -= 1
    return documents, starts, lengths


def _best_fit(lengths: np.ndarray, length: int) -> np.ndarray:
    """The row of each piece: the one with the least room that is enough. `lengths` fall.

    Rows wait by their room, and one integer has a bit for each room that some row has, so that the best row is found by
    its lowest bit: a few hundred nanoseconds a piece, whatever the number of rows.
    """
    waiting: list[list[int]] = [[] for _ in range(length + 1)]
    rooms = 0
    count = 0
    row_of = np.empty(len(lengths), dtype=np.int64)
    for index, size in enumerate(lengths.tolist()):
        enough = rooms >> size
        if enough:
            room = size + (enough & -enough).bit_length() - 1
            rows = waiting[room]
            row = rows.pop()
            if not rows:
                rooms ^= 1 << room
        else:
            row, room = count, length
            count += 1
        row_of[index] = row
        if room > size:
            waiting[room - size].append(row)
            rooms |= 1 << (room - size)
    return row_of


def _filled(
    documents: np.ndarray, starts: np.ndarray, lengths: np.ndarray, row_of: np.ndarray, length: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The same pieces, some of them cut, in as many rows as `FULL_ENOUGH` allows, where there were more."""
    total = int(lengths.sum())
    count = int(row_of.max()) + 1 if len(row_of) else 0
    wanted = max(-(-total // length), int(total / (FULL_ENOUGH * length)))
    if count <= wanted:
        return documents, starts, lengths, row_of
    used = np.bincount(row_of, weights=lengths, minlength=count).astype(np.int64)
    by_fill = np.argsort(-used, kind="stable")
    new_number = np.full(count, -1, dtype=np.int64)
    new_number[by_fill[:wanted]] = np.arange(wanted)
    room = (length - used[by_fill[:wanted]]).tolist()
    kept = new_number[row_of] >= 0
    placed: list[tuple[int, int, int, int]] = []
    row = wanted - 1
    for piece in np.flatnonzero(~kept).tolist():
        document, start, left = int(documents[piece]), int(starts[piece]), int(lengths[piece])
        while left:
            while row >= 0 and room[row] < min(2, left):
                row -= 1
            if row < 0:
                room.append(length)
                row = len(room) - 1
            size = min(left, room[row])
            if left - size == 1 and size > 2:
                size -= 1
            placed.append((document, start, size, row))
            room[row] -= size
            start, left = start + size, left - size
    extra = np.array(placed, dtype=np.int64).reshape(-1, 4)
    return (
        np.concatenate([documents[kept], extra[:, 0]]),
        np.concatenate([starts[kept], extra[:, 1]]),
        np.concatenate([lengths[kept], extra[:, 2]]),
        np.concatenate([new_number[row_of[kept]], extra[:, 3]]),
    )


class PackedRows(Dataset[Row]):
    """Rows of at most `length` tokens, each made of pieces of documents.

    `tokens` holds all rows' tokens one after the other, `layout` says which pieces they are. `documents` is how many
    documents went in, `split` how many of them stand in more than one piece.
    """

    def __init__(self, tokens: np.ndarray, layout: Layout, length: int) -> None:
        """Takes tokens that are in the layout's order already; `PackedRows.pack` puts them there."""
        self.tokens_flat = tokens
        self.layout = layout
        self.length = length
        ends = np.concatenate([[0], np.cumsum(layout.lengths)]).astype(np.int64)
        self.row_ends = ends[layout.rows]

    @classmethod
    def pack(
        cls, tokens: np.ndarray, document_lengths: np.ndarray, length: int, *, seed: int, packed: bool = True
    ) -> PackedRows:
        """Rows of the documents whose tokens stand one after the other in `tokens`."""
        layout = with_labels(lay_out(document_lengths, length, seed=seed, packed=packed))
        firsts = np.cumsum(document_lengths) - document_lengths
        begins = firsts[layout.documents] + layout.starts
        ends = begins + layout.lengths
        pieces = [tokens[begin:end] for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)]
        return cls(np.concatenate(pieces) if pieces else tokens[:0], layout, length)

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.layout.rows) - 1

    def __getitem__(self, index: int) -> Row:
        """One row."""
        begin, end = self.row_ends[index], self.row_ends[index + 1]
        first, last = self.layout.rows[index], self.layout.rows[index + 1]
        return {"input_ids": self.tokens_flat[begin:end], "lengths": self.layout.lengths[first:last]}

    @property
    def tokens(self) -> int:
        """The tokens of all rows, without padding."""
        return len(self.tokens_flat)

    @property
    def padding(self) -> int:
        """How many tokens are missing to full rows."""
        return len(self) * self.length - self.tokens

    @property
    def fill(self) -> float:
        """The part of the rows that is filled, between 0 and 1."""
        return self.tokens / (len(self) * self.length) if len(self) else 0.0

    @property
    def documents(self) -> int:
        """How many documents the rows hold (one that is repeated counts as often)."""
        return len(np.unique(self.layout.documents))

    @property
    def split(self) -> int:
        """How many documents stand in more than one piece."""
        return int((np.bincount(self.layout.documents) > 1).sum()) if len(self.layout.documents) else 0

    @property
    def learned_tokens(self) -> int:
        """The tokens with a label: all but the first of each piece."""
        return self.tokens - len(self.layout.lengths)


@dataclass(frozen=True, slots=True)
class Collator:
    """`collate` with its settings, as a data loader takes it."""

    pad_id: int = 0
    length: int | None = None
    flash: bool = False
    counted: bool = False

    def __call__(self, rows: Sequence[Row]) -> dict[str, object]:
        """The batch of these rows; `counted` adds its `TOKENS` (int), padding left aside, for a trainer that takes them out."""
        batch: dict[str, object] = dict(collate(rows, pad_id=self.pad_id, length=self.length, flash=self.flash))
        return batch | {TOKENS: sum(len(row["input_ids"]) for row in rows)} if self.counted else batch


def collate(rows: Sequence[Row], *, pad_id: int = 0, length: int | None = None, flash: bool = False) -> Batch:
    """A batch in which no document sees another, padded to `length`, or else to its longest row.

    `input_ids`, `labels` and `position_ids` are tensors of int64 of shape (rows, tokens). Positions restart at each piece
    and at the padding; the first label of a piece and the padding's are `IGNORED`. There is no `attention_mask`: with one,
    transformers would not look at the positions, and the pieces would see each other. With `flash` the batch also has
    `cu_seq_lens_q`, `cu_seq_lens_k` (int32, the bounds of all pieces of the batch laid end to end) and `max_length_q`,
    `max_length_k` (int), without which FlashAttention takes a batch of several rows as unpacked. Where a row is one of replay,
    `replay` (bool, one a row) says which are.
    """
    width = length or max(len(row["input_ids"]) for row in rows)
    shape = (len(rows), width)
    input_ids = np.full(shape, pad_id, dtype=np.int64)
    labels = np.full(shape, IGNORED, dtype=np.int64)
    positions = np.empty(shape, dtype=np.int64)
    segments: list[np.ndarray] = []
    for index, row in enumerate(rows):
        tokens, lengths = row["input_ids"], row["lengths"]
        used = len(tokens)
        if used > width:
            raise ValueError(f"a row of {used} tokens does not fit a batch of width {width}")
        starts = np.cumsum(lengths) - lengths
        input_ids[index, :used] = tokens
        labels[index, :used] = tokens
        labels[index, starts] = IGNORED
        positions[index, :used] = np.arange(used) - np.repeat(starts, lengths)
        positions[index, used:] = np.arange(width - used)
        segments.append(lengths)
        if used < width:
            segments.append(np.array([width - used]))
    batch: Batch = {
        "input_ids": torch.from_numpy(input_ids),
        "labels": torch.from_numpy(labels),
        "position_ids": torch.from_numpy(positions),
    }
    if any(row.get("replay") for row in rows):
        batch["replay"] = torch.tensor([bool(row.get("replay")) for row in rows])
    if flash:
        every = np.concatenate(segments)
        bounds = torch.from_numpy(np.concatenate([[0], np.cumsum(every)]).astype(np.int32))
        longest = int(every.max())
        batch["cu_seq_lens_q"] = batch["cu_seq_lens_k"] = bounds
        batch["max_length_q"] = batch["max_length_k"] = longest
    return batch
