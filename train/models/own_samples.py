"""Texts that a base model writes by itself, from nothing but its begin token: what it knew before anything was trained."""

from __future__ import annotations

from typing import Any

import torch
from transformers import PreTrainedTokenizerBase

from train.models.tokenizer import text_taken_literally, without_end

SAMPLE_TOKENS = 128
"""Tokens of a sample at most: enough for a few sentences, little enough for a processor to write dozens of them."""

LEAST_TOKENS = 16
"""Tokens before which a sample does not end: an end at once says nothing."""

_BATCH = 32
"""Samples written side by side; each batch has its own seed, so that more samples begin with the same ones."""


@torch.no_grad()
def own_samples(
    model: Any, tokenizer: PreTrainedTokenizerBase, count: int, *, seed: int, tokens: int = SAMPLE_TOKENS
) -> list[list[int]]:
    """`count` samples as tokens, the begin token first, drawn as the model has them (temperature 1, nothing cut off).

    The same seed, model and machine give the same samples. `model` is as it is called: with its adapter off where there is
    one. Its state and torch's random numbers are afterwards as they were.
    """
    first = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
    end = tokenizer.eos_token_id
    training = model.training
    model.train(mode=False)
    found: list[list[int]] = []
    devices = [model.device] if model.device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        for batch in range(-(-count // _BATCH)):
            torch.manual_seed(seed * 100_003 + batch)
            start = torch.full((_BATCH, 1), first, device=model.device)
            written = model.generate(
                input_ids=start,
                attention_mask=torch.ones_like(start),
                do_sample=True,
                temperature=1.0,
                top_k=0,
                top_p=1.0,
                repetition_penalty=1.0,
                use_cache=True,
                min_new_tokens=LEAST_TOKENS,
                max_new_tokens=tokens,
                eos_token_id=end,
                pad_token_id=tokenizer.pad_token_id,
            )
            found += [_until_end(row, end) for row in written.tolist()]
    model.train(mode=training)
    return found[:count]


def _until_end(tokens: list[int], end: int | None) -> list[int]:
    """A sample without what follows its end token; the first token is never taken for one."""
    for place in range(1, len(tokens)):
        if tokens[place] == end:
            return tokens[:place]
    return tokens


@torch.no_grad()
def continuation(model: Any, tokenizer: PreTrainedTokenizerBase, prompt: str, *, seed: int, tokens: int = 60) -> str:
    """How a model goes on from a prompt, the prompt left out; sampled as `train.generate` samples by itself.

    The model's state and torch's random numbers are afterwards as they were.
    """
    with text_taken_literally(tokenizer):
        ids = torch.tensor([without_end(tokenizer(prompt).input_ids, tokenizer)], device=model.device)
    training = model.training
    model.train(mode=False)
    devices = [model.device] if model.device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        written = model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            do_sample=True,
            temperature=0.8,
            top_p=0.95,
            top_k=50,
            repetition_penalty=1.1,
            use_cache=True,
            max_new_tokens=tokens,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    model.train(mode=training)
    # Decoded alone, a continuation loses the space before its first word.
    whole, known = (str(tokenizer.decode(part, skip_special_tokens=True)) for part in (written[0], ids[0]))
    return whole[len(known) :].strip()
