"""Documents in one row do not see each other: their losses are those that they have alone, number by number."""

from __future__ import annotations

import functools
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM

from train.data.packing import IGNORED, collate
from train.models.chunked_loss import split_loss

LENGTHS = ((29, 35), (41, 20), (64,))
"""The documents of three rows of 64 tokens; the second row has padding, the third holds one document."""

TOLERANCE = 1e-5
"""Nats a token."""


def rows(count: int) -> list[Any]:
    draw = np.random.default_rng(7)
    return [
        {"input_ids": draw.integers(3, 300, sum(lengths)), "lengths": np.array(lengths)} for lengths in LENGTHS[:count]
    ]


def load(folder: Path, attention: str, *, checkpointing: bool = False) -> Any:
    model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation=attention, dtype=torch.float32)
    model.config.use_cache = False
    if checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    return model.train()


def losses(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The loss of each token of a row; 0 where there is no label."""
    return torch.nn.functional.cross_entropy(logits[:-1].float(), labels[1:], ignore_index=IGNORED, reduction="none")


def alone(model: Any, tokens: np.ndarray) -> torch.Tensor:
    """The losses of a document by itself, its first token having none."""
    ids = torch.from_numpy(tokens)[None]
    return losses(model(input_ids=ids).logits[0], ids[0])


def worst_difference(model: Any, batch: dict[str, Any], count: int) -> float:
    logits = model(**{key: value for key, value in batch.items() if key != "labels"}).logits
    worst = 0.0
    for index, row in enumerate(rows(count)):
        found = losses(logits[index], batch["labels"][index])
        start = 0
        for length in row["lengths"].tolist():
            expected = alone(model, row["input_ids"][start : start + length])
            worst = max(worst, (found[start : start + length - 1] - expected).abs().max().item())
            if start:
                assert found[start - 1] == 0.0, "the first token of a document must not be predicted from another"
            start += length
    return worst


@pytest.fixture(params=["tiny_base", "tiny_mistral"])
def base(request: pytest.FixtureRequest) -> Path:
    """A Llama; a Mistral whose sliding window is shorter than the row and than its documents."""
    folder: Path = request.getfixturevalue(request.param)
    return folder


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("checkpointing", [False, True])
def test_packed_documents_have_the_loss_they_have_alone(
    base: Path, attention: str, count: int, checkpointing: bool
) -> None:
    model = load(base, attention, checkpointing=checkpointing)
    assert worst_difference(model, collate(rows(count)), count) <= TOLERANCE


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("count", [1, 3])
def test_an_attention_mask_of_ones_leaks(base: Path, attention: str, count: int) -> None:
    batch = collate(rows(count))
    assert "attention_mask" not in batch
    batch["attention_mask"] = torch.ones_like(batch["input_ids"])
    assert worst_difference(load(base, attention), batch, count) > 0.1


def test_a_cache_of_keys_and_values_leaks(base: Path) -> None:
    """Why the base is loaded with `use_cache` off: with it transformers does not look at the positions."""
    model = load(base, "sdpa").eval()
    model.config.use_cache = True
    assert worst_difference(model, collate(rows(1)), 1) > 0.1


@pytest.mark.parametrize("checkpointing", [False, True])
def test_gradient_of_a_packed_batch_is_the_sum_of_the_documents_gradients(base: Path, checkpointing: bool) -> None:
    packed, single = load(base, "sdpa", checkpointing=checkpointing), load(base, "sdpa")
    split_loss(packed)
    batch = collate(rows(3))
    count = int((batch["labels"][:, 1:] != IGNORED).sum())
    packed(**batch).loss.backward()
    for row in rows(3):
        start = 0
        for length in row["lengths"].tolist():
            (alone(single, row["input_ids"][start : start + length]).sum() / count).backward()
            start += length
    for (name, one), two in zip(packed.named_parameters(), single.parameters(), strict=True):
        assert torch.allclose(one.grad, two.grad, atol=1e-5), name


class KernelStandIn:
    """Attention with FlashAttention's arguments, in plain PyTorch, that keeps what it was called with."""

    def __init__(self) -> None:
        self.calls: list[SimpleNamespace] = []

    def varlen(
        self,
        q: torch.Tensor,
        k: torch.Tensor,
        v: torch.Tensor,
        cu_seqlens_q: torch.Tensor,
        cu_seqlens_k: torch.Tensor,
        max_seqlen_q: int | None = None,
        max_seqlen_k: int | None = None,
        causal: bool = False,
        window_size: tuple[int, int] = (-1, -1),
        softmax_scale: float | None = None,
        dropout_p: float = 0.0,
        deterministic: bool = False,
    ) -> torch.Tensor:
        self.calls.append(
            SimpleNamespace(
                bounds=cu_seqlens_q.tolist(),
                key_bounds=cu_seqlens_k.tolist(),
                kind=cu_seqlens_q.dtype,
                longest=(max_seqlen_q, max_seqlen_k),
                causal=causal,
                window=window_size,
            )
        )
        parts = []
        for begin, end in zip(cu_seqlens_q[:-1].tolist(), cu_seqlens_q[1:].tolist(), strict=True):
            groups = q.shape[1] // k.shape[1]
            query = q[begin:end].transpose(0, 1)
            key = k[begin:end].transpose(0, 1).repeat_interleave(groups, 0)
            value = v[begin:end].transpose(0, 1).repeat_interleave(groups, 0)
            distance = torch.arange(end - begin)[:, None] - torch.arange(end - begin)[None]
            seen = distance >= 0
            if window_size[0] >= 0:
                seen &= distance <= window_size[0]
            scores = (query @ key.transpose(1, 2)) * (softmax_scale or query.shape[-1] ** -0.5)
            parts.append((scores.masked_fill(~seen, float("-inf")).softmax(-1) @ value).transpose(0, 1))
        return torch.cat(parts)

    def plain(self, *arguments: Any, **named: Any) -> torch.Tensor:
        """FlashAttention's call for batches without packed documents: here it would be the leak."""
        self.calls.append(SimpleNamespace(bounds=None))
        return arguments[0]


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> KernelStandIn:
    """FlashAttention's kernel, which no processor has, stood in for below transformers' own preparation of its arguments."""
    from transformers import modeling_flash_attention_utils as flash

    stand_in = KernelStandIn()
    supported = dict.fromkeys(
        ("dropout_p", "window_size", "deterministic", "max_seqlen_q", "max_seqlen_k"), True
    ) | dict.fromkeys(("softcap", "s_aux", "learnable_sink", "block_table", "page_table", "cache_seqlens"), False)
    prepare = functools.partial(flash._process_flash_attention_kwargs, supports_mapping=supported)
    functions = ((stand_in.plain, stand_in.varlen, None, None, None), (prepare, prepare))
    monkeypatch.setattr(flash, "lazy_import_flash_attention", lambda *_, **__: functions)
    return stand_in


def load_flash(folder: Path) -> Any:
    model = load(folder, "sdpa")
    # Set past transformers' check that the package is installed; the kernel is the stand-in.
    model.config._attn_implementation_internal = "flash_attention_2"
    return model


@pytest.mark.parametrize("count", [1, 3])
def test_flash_attention_is_told_where_every_document_begins(base: Path, count: int, kernel: KernelStandIn) -> None:
    model = load_flash(base)
    assert model.config._attn_implementation == "flash_attention_2"
    batch = collate(rows(count), flash=True)
    logits = model(**{key: value for key, value in batch.items() if key != "labels"}).logits
    bounds = [0, 29, 64] if count == 1 else [0, 29, 64, 105, 125, 128, 192]
    assert len(kernel.calls) == 2, "one call a layer"
    for call in kernel.calls:
        assert call.bounds == call.key_bounds == bounds
        assert call.kind == torch.int32
        assert call.longest == ((35, 35) if count == 1 else (64, 64))
        assert call.causal
        assert call.window == ((15, 15) if "mistral" in base.name else (-1, -1))
    # And with a kernel that does as it is told, the losses are those of the documents alone.
    expected = load(base, "sdpa")
    for index, row in enumerate(rows(count)):
        found, start = losses(logits[index], batch["labels"][index]), 0
        for length in row["lengths"].tolist():
            single = alone(expected, row["input_ids"][start : start + length])
            assert (found[start : start + length - 1] - single).abs().max().item() <= TOLERANCE
            start += length


def test_flash_attention_without_the_bounds_takes_two_rows_as_unpacked(base: Path, kernel: KernelStandIn) -> None:
    """What the bounds are for: transformers looks for restarted positions only in a batch of one row."""
    model = load_flash(base)
    batch = collate(rows(3))
    model(input_ids=batch["input_ids"], position_ids=batch["position_ids"])
    assert [call.bounds for call in kernel.calls] == [None, None]
