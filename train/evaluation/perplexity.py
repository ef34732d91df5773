"""How well a model foretells a document: its nats, measured by itself."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from train.adapter.load import load_adapted, scale_adapter
from train.config.load import Config
from train.data.documents import Document
from train.models.chunked_loss import IGNORED, can_split_loss, token_losses, tokens_per_piece
from train.models.device import choose_machine
from train.models.source import Base
from train.models.tokenizer import load_tokenizer, text_taken_literally, without_end


@dataclass(frozen=True, slots=True)
class Measured:
    """What a model made of a document: `nats` of surprise over `tokens` foretold tokens, which are `bytes` of UTF-8."""

    nats: float
    tokens: int
    bytes: int


class Measurer:
    """A base model, with an adapter or without, that measures documents one at a time.

    `window` tokens are read at once. The end-of-document token is not counted: it is no part of the text.
    """

    def __init__(self, config: Config, base: Base, adapter: Path | None, window: int, *, scale: float = 1.0) -> None:
        """Loads model and tokenizer, the adapter times `scale`; raises ConfigError where they cannot be had."""
        machine = choose_machine(config)
        self.adapter = adapter
        model: Any = load_adapted(config, base, adapter, machine)
        if scale != 1:
            scale_adapter(model, scale)
        self.model = model
        self.tokenizer: Any = load_tokenizer(config, base)
        self.causal: Any = model.get_base_model() if adapter is not None else model
        self.window = min(window, getattr(self.causal.config, "max_position_embeddings", window))

    def measure(self, text: str, *, with_adapter: bool) -> Measured:
        """The surprise of a text, each token foretold from those before it, at most a window and at least half of one."""
        with text_taken_literally(self.tokenizer):
            encoded = self.tokenizer(text, return_offsets_mapping=self.tokenizer.is_fast)
        tokens = without_end(encoded["input_ids"], self.tokenizer)
        if len(tokens) < 2:
            return Measured(0.0, 0, 0)
        # Without a begin token nothing foretells the text's first token, so its bytes are not counted either.
        begin = encoded["offset_mapping"][1][0] if self.tokenizer.is_fast else 0
        nats, count = 0.0, 0
        with torch.no_grad(), self.adapter_on(with_adapter):
            for ids, labels in windows(tokens, self.window):
                losses = window_losses(self.causal, ids, labels)
                nats += losses.double().sum().item()
                count += len(losses)
        return Measured(nats, count, len(text[begin:].encode()))

    def nats_of(self, samples: Sequence[list[int]], *, with_adapter: bool) -> list[float]:
        """The surprise at samples that are tokens already, each by itself; the first token of each is given."""
        with torch.no_grad(), self.adapter_on(with_adapter):
            return [window_losses(self.causal, ids, ids).double().sum().item() for ids in samples]

    @contextlib.contextmanager
    def adapter_on(self, on: bool) -> Iterator[None]:
        """The model with its adapter, or as if it had none."""
        if on or self.adapter is None:
            yield
        else:
            with self.model.disable_adapter():
                yield


def window_losses(causal: Any, ids: list[int], labels: list[int]) -> torch.Tensor:
    """The nats of each token of a window that has a label, in order: a float32 vector.

    `causal` is transformers' own model. Where it bends its logits after the head (Granite, Gemma 2), they are its own and
    all in memory at once; else they are made in pieces.
    """
    inputs = torch.tensor([ids], device=causal.device)
    wanted = torch.tensor([labels], device=causal.device)
    size = tokens_per_piece(causal.config.vocab_size, len(ids))
    if not can_split_loss(causal):
        logits = causal(input_ids=inputs, use_cache=False).logits
        return token_losses(logits, wanted, torch.nn.Identity(), size)
    hidden = causal.base_model(input_ids=inputs, use_cache=False).last_hidden_state
    return token_losses(hidden, wanted, causal.get_output_embeddings(), size)


def measure_all(measurer: Measurer, documents: Sequence[Document], *, with_adapter: bool) -> list[Measured]:
    """Each document measured by itself."""
    bar = tqdm(documents, desc="measuring", unit=" documents", disable=None, leave=False)
    return [measurer.measure(document.text, with_adapter=with_adapter) for document in bar]


def windows(tokens: list[int], size: int) -> Iterator[tuple[list[int], list[int]]]:
    """Tokens and labels of each window: every token has a label once, the first none; windows overlap by half."""
    step = max(1, size // 2)
    done = 0
    for start in range(0, len(tokens), step):
        part = tokens[start : start + size]
        old = done - start
        yield part, [IGNORED] * old + part[old:]
        done = start + len(part)
        if done >= len(tokens):
            return
