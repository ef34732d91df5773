"""Cross-entropy in pieces: the logits of a row are never whole in memory."""

from __future__ import annotations

import functools
from typing import Any

import torch
from torch import Tensor, nn
from transformers.modeling_outputs import CausalLMOutputWithPast

IGNORED = -100
"""The label that cross-entropy passes over."""

LOGITS_BYTES = 64 * 1024 * 1024
"""How much memory the logits of one piece may take, in float32. At 32,000 words in the vocabulary that is 524 tokens,
enough to keep the matrix product busy."""

_BENT_LOGITS = ("final_logit_softcapping", "logit_scale", "logits_scaling")
"""Settings of models that change the logits after the head; their own loss is left to them."""


def tokens_per_piece(vocabulary: int, tokens: int, pieces: int | None = None) -> int:
    """How many tokens a piece has: `tokens` in so many pieces, or else as many as `LOGITS_BYTES` hold."""
    if pieces:
        return max(1, -(-tokens // pieces))
    return max(1, LOGITS_BYTES // (4 * vocabulary))


class _PiecewiseCrossEntropy(torch.autograd.Function):
    """The sum of the tokens' losses; the gradients are made on the way forward, piece by piece.

    So the head runs once for each piece instead of twice, and nothing as large as the logits waits for the way back.
    """

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, targets: Tensor, head: nn.Module, size: int, *trained: Tensor) -> Tensor:
        wanted = ctx.needs_input_grad[0] or any(ctx.needs_input_grad[4:])
        total = torch.zeros((), dtype=torch.float32, device=hidden.device)
        hidden_gradient = torch.empty_like(hidden) if wanted else None
        gradients = [torch.zeros_like(parameter) for parameter in trained]
        for begin in range(0, len(hidden), size):
            piece = hidden[begin : begin + size].detach()
            wants = targets[begin : begin + size, None]
            with torch.set_grad_enabled(wanted):
                piece.requires_grad_(wanted)
                logits = head(piece)
            # In place from here on: one piece of logits is all there ever is. The head's way back does not need them.
            scores = logits.detach().float()
            scores -= scores.amax(dim=-1, keepdim=True)
            chosen = scores.gather(-1, wants)
            sums = scores.exp_().sum(dim=-1, keepdim=True)
            total += (sums.log() - chosen).sum()
            if hidden_gradient is None:
                continue
            scores /= sums
            scores.scatter_add_(-1, wants, torch.full_like(chosen, -1.0))
            found = torch.autograd.grad(logits, [piece, *trained], scores.to(logits.dtype))
            hidden_gradient[begin : begin + size] = found[0]
            for gradient, part in zip(gradients, found[1:], strict=True):
                gradient += part
        if hidden_gradient is not None:
            ctx.save_for_backward(hidden_gradient, *gradients)
        return total

    @staticmethod
    def backward(ctx: Any, *outputs: Tensor) -> tuple[Tensor | None, ...]:
        hidden_gradient, *gradients = ctx.saved_tensors
        scale = outputs[0]
        return (
            (hidden_gradient * scale).to(hidden_gradient.dtype),
            None,
            None,
            None,
            *((gradient * scale).to(gradient.dtype) for gradient in gradients),
        )


@torch.compiler.disable  # type: ignore[untyped-decorator]
def piecewise_cross_entropy(hidden: Tensor, labels: Tensor, head: nn.Module, size: int) -> Tensor:
    """The sum of the cross-entropies of next tokens, a float32 scalar; what is `IGNORED` costs nothing.

    `hidden` (rows, tokens, width) are the last layer's states, `labels` (rows, tokens) the tokens themselves, which are
    shifted here. `head` makes logits of states; whatever is trained in it gets its gradient. `size` tokens go through it
    at a time.
    """
    targets = labels[:, 1:].reshape(-1)
    kept = targets != IGNORED
    states = hidden[:, :-1].reshape(-1, hidden.shape[-1])[kept]
    trained = [parameter for parameter in head.parameters() if parameter.requires_grad]
    loss: Tensor = _PiecewiseCrossEntropy.apply(states, targets[kept], head, size, *trained)  # type: ignore[no-untyped-call]
    return loss


@torch.no_grad()
def token_losses(hidden: Tensor, labels: Tensor, head: nn.Module, size: int) -> Tensor:
    """The cross-entropy in nats of each token that has a label, in order: a float32 vector."""
    targets = labels[:, 1:].reshape(-1)
    kept = targets != IGNORED
    states, targets = hidden[:, :-1].reshape(-1, hidden.shape[-1])[kept], targets[kept]
    pieces = [
        nn.functional.cross_entropy(head(states[i : i + size]).float(), targets[i : i + size], reduction="none")
        for i in range(0, len(states), size)
    ]
    return torch.cat(pieces) if pieces else torch.zeros(0)


def can_split_loss(model: nn.Module) -> bool:
    """Whether the model's logits are its head's output and nothing else, so that the loss can be made in pieces."""
    config = getattr(model, "config", None)
    return not any(getattr(config, name, None) not in (None, 1, 1.0) for name in _BENT_LOGITS)


def split_loss(model: Any, pieces: int | None = None) -> None:
    """Makes a causal language model compute its loss in pieces wherever labels are given; it returns no logits then.

    `model` is transformers' own model, before or after peft has put adapters into it. `pieces` is their number, else it
    follows from `LOGITS_BYTES`. The loss is the mean over the tokens with a label, or the sum divided by
    `num_items_in_batch`, as transformers' own.
    """
    whole = model.forward

    @functools.wraps(whole)
    def forward(*args: Any, labels: Tensor | None = None, num_items_in_batch: Any = None, **kwargs: Any) -> Any:
        if labels is None:
            return whole(*args, **kwargs)
        kwargs.pop("logits_to_keep", None)
        hidden = model.base_model(*args, **kwargs).last_hidden_state
        size = tokens_per_piece(model.config.vocab_size, labels.numel(), pieces)
        total = piecewise_cross_entropy(hidden, labels, model.get_output_embeddings(), size)
        count = (labels[:, 1:] != IGNORED).sum().clamp(min=1) if num_items_in_batch is None else num_items_in_batch
        if isinstance(count, Tensor):
            count = count.to(total.device)
        return CausalLMOutputWithPast(loss=total / count)

    model.forward = forward
