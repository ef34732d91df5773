"""Log-likelihoods of continuations, as lm-evaluation-harness reckons them, by a model that is loaded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from tqdm import tqdm
from transformers import PreTrainedTokenizerBase

BATCH_TOKENS = 2048
"""Tokens of a batch, padding included: enough that taking weights out of 4 bits is shared by many sequences."""

LOGITS_MEMORY = 256 << 20
"""Bytes that a batch's logits may take in float32."""

Request = tuple[str, str]
"""A context and its continuation."""

Encoded = tuple[tuple[int, ...], int]
"""All tokens of a request, and how many of them are the continuation's."""


def encode(tokenizer: PreTrainedTokenizerBase, request: Request) -> Encoded:
    """The tokens of a request as lm-evaluation-harness makes them.

    Context and continuation are encoded together and then divided; white space at the context's end goes with the
    continuation. Without a context the begin token stands before it, else the end token.
    """
    context, continuation = request
    if not context:
        first = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
        tokens = tokenizer.encode(continuation, add_special_tokens=False)
        whole = tokens if tokens[:1] == [first] else [first, *tokens]
        return tuple(whole), len(whole) - 1
    space = len(context) - len(context.rstrip())
    if space:
        context, continuation = context[:-space], context[-space:] + continuation
    whole = tokenizer.encode(context + continuation)
    return tuple(whole), len(whole) - len(tokenizer.encode(context))


@torch.no_grad()
def log_likelihoods(
    model: Any, tokenizer: PreTrainedTokenizerBase, requests: Sequence[Request], *, window: int
) -> list[float]:
    """The sum of the log-likelihoods (nats) of each continuation's tokens; equal requests are read once.

    A request longer than `window` tokens loses its beginning. Padding stands at the end, where no token sees it.
    """
    encoded = [encode(tokenizer, request) for request in requests]
    waiting = sorted(set(encoded), key=lambda each: (-len(each[0]), each))
    vocabulary = model.config.get_text_config().vocab_size
    found: dict[Encoded, float] = {}
    with tqdm(total=len(waiting), desc="reading", unit=" sentences", disable=None, leave=False) as bar:
        while len(found) < len(waiting):
            batch = _next_batch(waiting[len(found) :], vocabulary, window)
            found |= zip(batch, _scores(model, batch, window), strict=True)
            bar.update(len(batch))
    return [found[each] for each in encoded]


def _next_batch(waiting: Sequence[Encoded], vocabulary: int, window: int) -> list[Encoded]:
    """The first of the requests, as many as one batch takes; the longest comes first."""
    tokens = min(BATCH_TOKENS, LOGITS_MEMORY // (4 * vocabulary))
    return list(waiting[: max(1, tokens // min(len(waiting[0][0]), window))])


def _scores(model: Any, batch: Sequence[Encoded], window: int) -> list[float]:
    rows = [tokens[-(window + 1) :] for tokens, _ in batch]
    sizes = [min(size, len(row) - 1) for row, (_, size) in zip(rows, batch, strict=True)]
    width = max(len(row) for row in rows) - 1
    first = min(len(row) - 1 - size for row, size in zip(rows, sizes, strict=True))
    ids = torch.zeros((len(rows), width), dtype=torch.long)
    for place, row in enumerate(rows):
        ids[place, : len(row) - 1] = torch.tensor(row[:-1])
    logits = model(
        input_ids=ids.to(model.device), use_cache=False, logits_to_keep=torch.arange(first, width, device=model.device)
    ).logits
    found = []
    for place, (row, size) in enumerate(zip(rows, sizes, strict=True)):
        begin = len(row) - 1 - size - first
        chosen = torch.tensor(row[len(row) - size :], device=logits.device)
        scores = torch.log_softmax(logits[place, begin : begin + size].float(), dim=-1)
        found.append(float(scores.gather(-1, chosen[:, None]).double().sum()))
    return found
