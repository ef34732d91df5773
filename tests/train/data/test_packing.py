"""Packed rows lose nothing, repeat nothing, and are full."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from train.data.packing import IGNORED, Collator, PackedRows, collate, lay_out

LENGTH = 256


def articles(count: int, seed: int = 0, mean: float = 6.2) -> np.ndarray:
    """Lengths in tokens as articles have them: most of some hundred, a few of many thousand."""
    return np.random.default_rng(seed).lognormal(mean, 0.8, count).astype(np.int64) + 2


def packed(lengths: np.ndarray, length: int = LENGTH, *, seed: int = 1, packed: bool = True) -> PackedRows:
    """Rows of documents whose tokens number themselves, so that each can be found again."""
    tokens = np.arange(int(lengths.sum()), dtype=np.uint32)
    return PackedRows.pack(tokens, lengths, length, seed=seed, packed=packed)


@pytest.mark.parametrize("length", [32, 256, 1024, 4096])
def test_every_token_stands_in_exactly_one_row(length: int) -> None:
    lengths = articles(400)
    rows = packed(lengths, length)
    assert sorted(np.concatenate([rows[i]["input_ids"] for i in range(len(rows))]).tolist()) == list(
        range(lengths.sum())
    )
    assert all(len(rows[i]["input_ids"]) <= length for i in range(len(rows)))
    assert all(rows[i]["lengths"].sum() == len(rows[i]["input_ids"]) for i in range(len(rows)))


def test_265000_tokens_at_length_256_lose_none_and_fill_99_percent() -> None:
    lengths = articles(420, mean=6.15)
    total = int(lengths.sum())
    assert 240_000 < total < 300_000
    rows = packed(lengths)
    assert rows.tokens == total
    assert rows.fill >= 0.99


@pytest.mark.parametrize("share", [0.51, 0.6, 0.4, 0.35, 0.9])
def test_lengths_that_do_not_fit_together_fill_the_rows_all_the_same(share: float) -> None:
    rows = packed(np.full(1000, int(share * LENGTH)))
    assert rows.tokens == 1000 * int(share * LENGTH)
    assert rows.fill >= 0.99


def test_a_piece_is_consecutive_tokens_of_one_document() -> None:
    lengths = articles(100)
    rows = packed(lengths)
    ends = np.cumsum(lengths)
    for index in range(len(rows)):
        row = rows[index]
        for piece in np.split(row["input_ids"].astype(np.int64), np.cumsum(row["lengths"])[:-1]):
            assert (np.diff(piece) == 1).all()
            assert np.searchsorted(ends, piece[0], side="right") == np.searchsorted(ends, piece[-1], side="right")


def test_documents_that_fit_a_row_are_not_cut_where_the_rows_are_full_anyway() -> None:
    lengths = articles(3000, mean=5.0)
    lengths = lengths[lengths <= LENGTH]
    rows = packed(lengths)
    assert rows.split == 0
    assert rows.fill >= 0.99


def test_no_piece_has_a_single_token_without_anything_to_learn() -> None:
    rows = packed(np.array([LENGTH + 1, 2 * LENGTH + 1, 40, 90]))
    assert rows.tokens == 3 * LENGTH + 2 + 130
    assert rows.layout.lengths.min() > 1


def test_the_seed_decides_and_nothing_else() -> None:
    lengths = articles(300)
    first, again, other = packed(lengths, seed=3), packed(lengths, seed=3), packed(lengths, seed=4)
    assert (first.tokens_flat == again.tokens_flat).all()
    assert (first.row_ends == again.row_ends).all()
    assert (first.tokens_flat != other.tokens_flat).any()


def test_rows_come_in_no_order_of_their_documents_lengths() -> None:
    rows = packed(articles(2000, mean=4.5))
    pieces = np.diff(rows.layout.rows)
    half = len(pieces) // 2
    assert pieces[:half].mean() == pytest.approx(pieces[half:].mean(), rel=0.2)


def test_without_packing_each_piece_has_its_own_row() -> None:
    rows = packed(np.array([10, 300, 20]), packed=False)
    assert sorted(len(rows[i]["input_ids"]) for i in range(len(rows))) == [10, 20, 44, 256]


def test_counts_tell_what_is_in_the_rows() -> None:
    rows = packed(np.array([200, 300, 50]))
    assert (rows.documents, rows.split, rows.tokens, len(rows)) == (3, 1, 550, 3)
    assert rows.padding == 3 * LENGTH - 550
    assert rows.learned_tokens == 550 - 4


def test_nothing_to_pack_gives_no_rows() -> None:
    rows = packed(np.array([], dtype=np.int64))
    assert (len(rows), rows.fill, rows.tokens) == (0, 0.0, 0)


def test_a_row_of_one_token_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to learn"):
        lay_out(np.array([3]), 1, seed=0)


def test_batch_restarts_positions_and_masks_first_labels_and_padding() -> None:
    rows = [
        {"input_ids": np.array([5, 6, 7, 8, 9]), "lengths": np.array([2, 3])},
        {"input_ids": np.array([1, 2, 3]), "lengths": np.array([3])},
    ]
    batch = collate(rows, pad_id=99, length=6)
    assert set(batch) == {"input_ids", "labels", "position_ids"}
    assert batch["input_ids"].tolist() == [[5, 6, 7, 8, 9, 99], [1, 2, 3, 99, 99, 99]]
    assert batch["labels"].tolist() == [
        [IGNORED, 6, IGNORED, 8, 9, IGNORED],
        [IGNORED, 2, 3, IGNORED, IGNORED, IGNORED],
    ]
    assert batch["position_ids"].tolist() == [[0, 1, 0, 1, 2, 0], [0, 1, 2, 0, 1, 2]]
    assert all(value.dtype == torch.int64 for value in batch.values())


def test_batch_is_as_wide_as_its_longest_row_without_a_length() -> None:
    rows = [{"input_ids": np.array([1, 2]), "lengths": np.array([2])}]
    assert collate(rows)["input_ids"].shape == (1, 2)


def test_flash_attention_gets_the_bounds_of_the_whole_batch() -> None:
    rows = [
        {"input_ids": np.arange(5), "lengths": np.array([2, 3])},
        {"input_ids": np.arange(4), "lengths": np.array([4])},
    ]
    batch = Collator(length=6, flash=True)(rows)
    assert batch["cu_seq_lens_q"].tolist() == [0, 2, 5, 6, 10, 12]
    assert batch["cu_seq_lens_k"].dtype == torch.int32
    assert (batch["max_length_q"], batch["max_length_k"]) == (4, 4)


@pytest.mark.parametrize("processes", [2, 4])
def test_processes_get_the_same_share_of_rows_and_tokens(processes: int) -> None:
    """As accelerate deals out the batches of a Trainer: every row once, but for those that make the shares equal."""
    from accelerate.data_loader import BatchSamplerShard
    from torch.utils.data import BatchSampler, RandomSampler

    rows = packed(articles(300))
    drawn = [
        BatchSampler(RandomSampler(rows, generator=torch.Generator().manual_seed(5)), batch_size=3, drop_last=False)
        for _ in range(processes)
    ]
    shares = [
        [index for batch in BatchSamplerShard(sampler, processes, number) for index in batch]
        for number, sampler in enumerate(drawn)
    ]
    assert len({len(share) for share in shares}) == 1
    assert set().union(*shares) == set(range(len(rows)))
    assert sum(map(len, shares)) - len(rows) < 3 * processes
    tokens = [sum(len(rows[index]["input_ids"]) for index in share) for share in shares]
    assert max(tokens) <= 1.02 * min(tokens)


def test_a_row_that_is_too_long_for_the_batch_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        collate([{"input_ids": np.arange(9), "lengths": np.array([9])}], length=8)
