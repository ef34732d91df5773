"""The loss in pieces: the same number and the same gradients as transformers' own."""

from __future__ import annotations

import copy

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from train.data.packing import IGNORED
from train.models.chunked_loss import (
    can_split_loss,
    piecewise_cross_entropy,
    split_loss,
    token_losses,
    tokens_per_piece,
)


def tiny_llama(**more: object) -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=97,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=128,
        **more,
    )
    return LlamaForCausalLM(config)


def a_batch() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    tokens = torch.randint(0, 97, (2, 40), generator=generator)
    labels = tokens.clone()
    labels[0, :7] = IGNORED
    labels[1, 30:] = IGNORED
    return {"input_ids": tokens, "labels": labels}


@pytest.mark.parametrize("pieces", [None, 1, 3, 1000])
def test_loss_and_gradients_are_those_of_the_whole_logits(pieces: int | None) -> None:
    whole, split = tiny_llama(), tiny_llama()
    split_loss(split, pieces)
    batch = a_batch()
    expected = whole(**batch).loss
    loss = split(**batch).loss
    assert loss.item() == pytest.approx(expected.item(), abs=1e-6)
    expected.backward()
    loss.backward()
    for (name, one), two in zip(whole.named_parameters(), split.parameters(), strict=True):
        assert torch.allclose(one.grad, two.grad, atol=1e-7), name


def test_sum_is_divided_by_the_items_of_the_whole_step() -> None:
    model = tiny_llama()
    split_loss(model)
    batch = a_batch()
    mean = model(**batch).loss
    count = int((batch["labels"][:, 1:] != IGNORED).sum())
    assert model(**batch, num_items_in_batch=2 * count).loss.item() == pytest.approx(mean.item() / 2, abs=1e-6)


def test_without_labels_the_model_returns_logits_as_ever() -> None:
    plain, split = tiny_llama(), tiny_llama()
    split_loss(split)
    tokens = a_batch()["input_ids"]
    assert torch.equal(plain(tokens).logits, split(tokens).logits)


def test_a_trained_head_gets_the_gradient_of_every_piece() -> None:
    torch.manual_seed(3)
    head = torch.nn.Linear(16, 50)
    alone = copy.deepcopy(head)
    hidden = torch.randn(2, 30, 16, requires_grad=True)
    labels = torch.randint(0, 50, (2, 30))
    piecewise_cross_entropy(hidden, labels, head, 7).backward()
    logits = alone(hidden.detach()[:, :-1])
    torch.nn.functional.cross_entropy(logits.reshape(-1, 50), labels[:, 1:].reshape(-1), reduction="sum").backward()
    assert torch.allclose(head.weight.grad, alone.weight.grad, atol=1e-5)
    assert torch.allclose(head.bias.grad, alone.bias.grad, atol=1e-5)


def test_a_batch_without_labels_costs_nothing_and_breaks_nothing() -> None:
    model = tiny_llama()
    split_loss(model)
    batch = a_batch()
    batch["labels"][:] = IGNORED
    loss = model(**batch).loss
    loss.backward()
    assert loss.item() == 0.0


def test_losses_of_single_tokens_add_up_to_the_sum() -> None:
    model = tiny_llama()
    batch = a_batch()
    with torch.no_grad():
        hidden = model.model(batch["input_ids"]).last_hidden_state
    every = token_losses(hidden, batch["labels"], model.lm_head, 5)
    assert every.sum().item() == pytest.approx(
        piecewise_cross_entropy(hidden, batch["labels"], model.lm_head, 11).item(), rel=1e-6
    )
    assert len(every) == int((batch["labels"][:, 1:] != IGNORED).sum())


def test_no_more_than_one_piece_of_logits_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    class Watched(torch.nn.Linear):
        def forward(self, states: torch.Tensor) -> torch.Tensor:
            sizes.append(len(states))
            return super().forward(states)

    hidden, labels = torch.randn(1, 101, 8, requires_grad=True), torch.randint(0, 20, (1, 101))
    loss = piecewise_cross_entropy(hidden, labels, Watched(8, 20), 32)
    assert sizes == [32, 32, 32, 4]
    held = [tensor for tensor in loss.grad_fn.saved_tensors if tensor.numel() > hidden.numel()]
    assert held == []


def test_pieces_follow_the_vocabulary() -> None:
    assert tokens_per_piece(32_000, 4096) == 524
    assert tokens_per_piece(128_256, 4096) == 130
    assert tokens_per_piece(32_000, 4096, pieces=8) == 512


def test_a_model_that_bends_its_logits_keeps_its_own_loss() -> None:
    model = tiny_llama()
    assert can_split_loss(model)
    model.config.final_logit_softcapping = 30.0
    assert not can_split_loss(model)
