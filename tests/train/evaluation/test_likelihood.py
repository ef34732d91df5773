"""Log-likelihoods of continuations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from train.evaluation.likelihood import encode, log_likelihoods

REQUESTS = [
    ("", "a cidade tem um rio"),
    ("", "a cidade tem uma ponte nova e um rio velho"),
    ("a cidade tem um", " rio"),
    ("a cidade tem um ", "rio velho"),
    ("", "a cidade tem um rio"),
]


@pytest.mark.parametrize("kind", ["llama", "mistral"])
def test_each_is_what_the_model_gives_it_alone(kind: str, make_tiny_base: Callable[..., Path]) -> None:
    folder = make_tiny_base(kind)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    found = log_likelihoods(model, tokenizer, REQUESTS, window=256)
    for request, value in zip(REQUESTS, found, strict=True):
        tokens, size = encode(tokenizer, request)
        with torch.no_grad():
            scores = model(torch.tensor([tokens])).logits.log_softmax(-1)[0]
        alone = sum(float(scores[place - 1, tokens[place]]) for place in range(len(tokens) - size, len(tokens)))
        assert value == pytest.approx(alone, abs=1e-4)
    assert found[0] == found[-1]


def test_space_at_the_end_of_a_context_goes_with_the_continuation(tiny_base: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_base)
    assert encode(tokenizer, ("a cidade ", "tem rio")) == encode(tokenizer, ("a cidade", " tem rio"))
    assert encode(tokenizer, ("", "a cidade"))[0][0] == tokenizer.bos_token_id


def test_what_is_longer_than_the_window_loses_its_beginning(tiny_base: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(tiny_base, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(tiny_base)
    long, short = ("cidade " * 60 + "a cidade tem um", " rio"), ("cidade cidade a cidade tem um", " rio")
    assert log_likelihoods(model, tokenizer, [long], window=6) == pytest.approx(
        log_likelihoods(model, tokenizer, [short], window=6), abs=1e-4
    )
