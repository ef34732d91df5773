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
from train.data.documents import read_documents, source_files
from train.data.packing import PackedRows
from train.data.prepare import DocumentRecord, Prepared, tokenise
from train.data.replay import SELF, ReplayedRows, replay_entries, replay_tokens
from train.errors import ConfigError, DataError
from train.models.device import Machine
from train.models.load import load_base
from train.models.own_samples import SAMPLE_TOKENS, own_samples
from train.models.source import Base
from train.models.tokenizer import Encoder

_AT_ONCE = 32
"""Samples between two looks at how many tokens there are."""

_HEADS = ("lm_head", "embed_tokens", "embed_out", "wte")


def check_replay(config: Config, machine: Machine) -> None:
    """Raises ConfigError for replay that this run cannot follow, before anything slow is loaded."""
    if not config.replay:
        return
    for entry in replay_entries(config):
        source_files(entry)
    if config.replay == SELF and machine.world_size > 1:
        raise ConfigError("replay: self is drawn by one process; start without several, or name a path of texts")
    if config.replay_loss != "kl":
        return
    if machine.world_size > 1:
        raise ConfigError("replay_loss: kl is not proven on several processes; set replay_loss: lm")
    if config.liger_kernel or not config.chunked_cross_entropy:
        raise ConfigError("replay_loss: kl needs chunked_cross_entropy, and no liger_kernel; or set replay_loss: lm")
    named = config.lora_target_modules if isinstance(config.lora_target_modules, list) else []
    touched = [name for name in (*config.lora_modules_to_save, *named) if name.rsplit(".", 1)[-1] in _HEADS]
    if touched:
        raise ConfigError(
            f"replay_loss: kl needs a head that is not trained; take {touched[0]} out, or set replay_loss: lm"
        )


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
        flat, lengths, documents = _of_texts(config, encoder, wanted)
    rows = PackedRows.pack(flat, lengths, config.sequence_len, seed=config.seed, packed=config.sample_packing)
    say(
        f"replay: {rows.tokens:,} tokens of {'the base’s own' if config.replay == SELF else config.replay}, loss {config.replay_loss}"
    )
    return replace(data, train=ReplayedRows(data.train, rows, flagged=config.replay_loss == "kl"), replayed=documents)


def _of_texts(config: Config, encoder: Encoder, wanted: int) -> tuple[np.ndarray, np.ndarray, list[DocumentRecord]]:
    """The first texts, in an order that the seed decides, that come to so many tokens; the last one is cut."""
    documents = read_documents(replay_entries(config))
    order = np.random.default_rng(config.seed).permutation(len(documents))
    found = tokenise([documents[place] for place in order.tolist()], encoder)
    if len(found.flat) < wanted:
        raise DataError(
            f"replay: {config.replay} has {len(found.flat):,} tokens, and replay_share {config.replay_share:g} takes "
            f"{wanted:,}; name more texts, or lower replay_share"
        )
    flat, lengths = _cut(found.flat, found.lengths, wanted)
    return flat, lengths, found.documents[: len(lengths)]


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
    tokens, lengths = _cut(tokens, np.array([len(sample) for sample in samples], dtype=np.int64), wanted)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part.npz")
    np.savez(unfinished, tokens=tokens, lengths=lengths)
    unfinished.replace(path)
    return tokens, lengths


def _cut(tokens: np.ndarray, lengths: np.ndarray, wanted: int) -> tuple[np.ndarray, np.ndarray]:
    """The first so many tokens, and the lengths of the documents that they are; one token alone is no document."""
    ends = np.cumsum(lengths)
    count = int(np.searchsorted(ends, wanted)) + 1
    kept = lengths[:count].copy()
    kept[-1] -= max(0, int(ends[count - 1]) - max(2, wanted))
    if kept[-1] < 2 and len(kept) > 1:
        kept = kept[:-1]
    return tokens[: int(kept.sum())], kept


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
