"""The loss of replay rows: how far the adapter's distribution of each next token is from the base's own."""

from __future__ import annotations

import functools
from typing import Any

import torch
from peft import PeftModel
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint
from transformers.modeling_outputs import CausalLMOutputWithPast

from train.models.chunked_loss import IGNORED, piecewise_cross_entropy, tokens_per_piece


def add_replay_loss(adapted: PeftModel, pieces: int | None = None) -> None:
    """Makes the model under an adapter take `replay` (bool, one a row) beside `labels`.

    The rows that it marks cost the Kullback-Leibler divergence of the adapter from the base, in nats, the others their
    cross-entropy; both are summed over tokens with a label, and divided as `split_loss` divides. The base's states come from
    a forward pass with the adapter off, without gradients. The head must be one that the adapter does not touch.
    """
    model: Any = adapted.get_base_model()
    usual = model.forward

    @functools.wraps(usual)
    def forward(
        *args: Any,
        labels: Tensor | None = None,
        replay: Tensor | None = None,
        num_items_in_batch: Any = None,
        **kwargs: Any,
    ) -> Any:
        if labels is None or replay is None:
            return usual(*args, labels=labels, num_items_in_batch=num_items_in_batch, **kwargs)
        kwargs.pop("logits_to_keep", None)
        with torch.no_grad(), adapted.disable_adapter():
            before = model.base_model(*args, **kwargs).last_hidden_state
        hidden = model.base_model(*args, **kwargs).last_hidden_state
        head = model.get_output_embeddings()
        size = tokens_per_piece(model.config.vocab_size, labels.numel(), pieces)
        kept, learned = labels.clone(), labels.clone()
        kept[~replay], learned[replay] = IGNORED, IGNORED
        total = divergence(hidden, before, kept, head, size)
        if bool((learned[:, 1:] != IGNORED).any()):
            total = total + piecewise_cross_entropy(hidden, learned, head, size)
        count = (labels[:, 1:] != IGNORED).sum().clamp(min=1) if num_items_in_batch is None else num_items_in_batch
        if isinstance(count, Tensor):
            count = count.to(total.device)
        return CausalLMOutputWithPast(loss=total / count)

    model.forward = forward


def divergence(hidden: Tensor, before: Tensor, labels: Tensor, head: nn.Module, size: int) -> Tensor:
    """The sum over tokens with a label of KL(base ‖ adapter) in nats, a float32 scalar.

    `hidden` and `before` (rows, tokens, width) are the last layer's states with the adapter and without. `size` tokens go
    through the head at a time; their logits are made again on the way back instead of being kept.
    """
    places = (labels[:, 1:] != IGNORED).reshape(-1)
    states, others = (each[:, :-1].reshape(-1, each.shape[-1])[places] for each in (hidden, before))
    total = torch.zeros((), dtype=torch.float32, device=hidden.device)
    for begin in range(0, len(states), size):
        part: Tensor = checkpoint(
            _divergence_of_piece,
            states[begin : begin + size],
            others[begin : begin + size],
            head,
            use_reentrant=False,
            preserve_rng_state=False,
        )
        total = total + part
    return total


def _divergence_of_piece(states: Tensor, others: Tensor, head: nn.Module) -> Tensor:
    ours = torch.log_softmax(head(states).float(), dim=-1)
    with torch.no_grad():
        theirs = torch.log_softmax(head(others).float(), dim=-1)
    return nn.functional.kl_div(ours, theirs, reduction="sum", log_target=True)
