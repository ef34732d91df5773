"""The rows of replay for a run: written by the base itself, or read from texts; kept for the next run of the same kind."""

from __future__ import annotations

import gc
import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
from transformers import PreTrainedTokenizerBase

from train.config.load import Config
from train.console import say
from train.data.packing import PackedRows
from train.data.prepare import DocumentRecord, Prepared
from train.data.replay import SELF, ReplayedRows, replay_tokens
from train.data.replayed_texts import first_tokens, replayed_texts
from train.models.device import Machine
from train.models.load import load_base
from train.models.own_samples import SAMPLE_TOKENS, own_samples
from train.models.source import Base
from train.models.tokenizer import Encoder

_AT_ONCE = 32
"""Samples between two looks at how many tokens there are."""


def with_replay(
    config: Config,
    base: Base,
    machine: Machine,
    tokenizer: PreTrainedTokenizerBase,
    encoder: Encoder,
    data: Prepared,
) -> Prepared:
    """The data with rows of replay, `replay_share` of all tokens; as it is where none are asked for.

    Raises DataError for texts that cannot be read or are too few.
    """
    wanted = replay_tokens(data.train.tokens, config)
    if not wanted:
        return data
    if config.replay == SELF:
        flat, lengths = _own(config, base, machine, tokenizer, wanted)
        documents: list[DocumentRecord] = []
    else:
        flat, lengths, documents = replayed_texts(config, encoder, wanted)
    rows = PackedRows.pack(flat, lengths, config.sequence_len, seed=config.seed, packed=config.sample_packing)
    say(
        f"replay: {rows.tokens:,} tokens of {'the base’s own' if config.replay == SELF else config.replay}, loss {config.replay_loss}"
    )
    return replace(data, train=ReplayedRows(data.train, rows, flagged=config.replay_loss == "kl"), replayed=documents)


def _own(
    config: Config, base: Base, machine: Machine, tokenizer: PreTrainedTokenizerBase, wanted: int
) -> tuple[np.ndarray, np.ndarray]:
    """Samples of the base's own, in the bits that it is trained on; from the cache where they were drawn before."""
    path = _cache_path(config, base, machine, wanted)
    if path.is_file():
        with np.load(path) as kept:
            return kept["tokens"], kept["lengths"]
    say(f"replay: the base writes {wanted:,} tokens, once")
    model = load_base(config, base, machine)
    longest = max(2, min(SAMPLE_TOKENS, config.sequence_len - 2))
    samples: list[list[int]] = []
    total = number = 0
    while total < wanted:
        for sample in own_samples(model, tokenizer, _AT_ONCE, seed=config.seed * 1009 + number, tokens=longest):
            samples.append([*sample, int(tokenizer.eos_token_id or 0)])
            total += len(samples[-1])
        number += 1
    del model
    gc.collect()
    tokens = np.array([token for sample in samples for token in sample], dtype=np.uint32)
    tokens, lengths = first_tokens(tokens, np.array([len(sample) for sample in samples], dtype=np.int64), wanted)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part.npz")
    np.savez(unfinished, tokens=tokens, lengths=lengths)
    unfinished.replace(path)
    return tokens, lengths


def _cache_path(config: Config, base: Base, machine: Machine, wanted: int) -> Path:
    """Where samples lie that this base, in these bits and with this seed, has written."""
    folder = base.weights.folder
    weights = sorted(folder.glob("*.safetensors")) if folder is not None else []
    settings = {
        "base": base.name,
        "weights": [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in weights],
        "bits": [config.load_in_4bit, config.load_in_8bit, config.bnb_config_kwargs.model_dump()],
        "computed_in": str(machine.dtype),
        "seed": config.seed,
        "tokens": wanted,
        "longest": min(SAMPLE_TOKENS, config.sequence_len - 2),
    }
    key = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:20]
    return Path(config.dataset_prepared_path or config.output_dir) / f"replay-{key}.npz"
