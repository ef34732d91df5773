"""An adapter carried onto its base's sibling that answers questions; experimental, and measured."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from transformers import AutoModelForCausalLM

from train.adapter.load import adapter_config
from train.errors import ConfigError
from train.merging.adapter_weights import AdapterWeights
from train.merging.merged_model import merge
from train.merging.turns import turns_of
from train.models.device import choose_machine
from train.models.load import load_base
from train.models.source import locate
from train.models.tokenizer import load_tokenizer

KEPT = 0.95
"""How often, beside the sibling alone, the template should be kept at least."""


def carry(
    adapter: Path, sibling: str, output: Path, *, dtype: str | None = None, shard_bytes: int, checked: bool = True
) -> None:
    """Adds what an adapter learned to the weights of `sibling`, as they are, and writes the model into `output`.

    With `checked` it also asks both, the sibling and the model, through the chat template, and prints how well each keeps
    to it. Raises ConfigError for a model that is no sibling, and for what belongs to the base alone.
    """
    print("--onto is experimental: look at what the model writes before it is used", file=sys.stderr)
    _refuse_what_is_the_bases(adapter)
    _check_tokens(adapter, sibling)
    merge(adapter, output, base_model=sibling, dtype=dtype, bits=16, shard_bytes=shard_bytes, checked=checked)
    if checked:
        _say_turns(adapter, sibling, output)


def _refuse_what_is_the_bases(adapter: Path) -> None:
    """Raises ConfigError for weights that take the place of the base's, which would take the sibling's too."""
    found = AdapterWeights.read(adapter)
    whole = sorted({*found.whole, *found.bases})
    if whole:
        raise ConfigError(f"--onto: {adapter} has {whole[0]} trained whole, which is the base's and not the sibling's")
    if found.settings.use_dora:
        raise ConfigError(f"--onto: {adapter} is a DoRA, whose magnitudes are those of its base")


def _check_tokens(adapter: Path, sibling: str) -> None:
    """Raises ConfigError where the sibling has no chat template, or a token means another thing there than in training."""
    trained, base = adapter_config(None, adapter)
    before = load_tokenizer(trained, base).get_vocab()
    config, other = adapter_config(sibling, adapter, full_precision=True)
    tokenizer = load_tokenizer(config, other)
    after = tokenizer.get_vocab()
    moved = next((token for token in before if token in after and after[token] != before[token]), None)
    shared = len(before.keys() & after.keys())
    if moved is not None or shared < 0.99 * len(before):
        raise ConfigError(f"--onto: {sibling} has other tokens than the base of {adapter}; it is no sibling of it")
    if not tokenizer.chat_template:
        raise ConfigError(f"--onto: {sibling} has no chat template; name the model that answers questions")


def _say_turns(adapter: Path, sibling: str, output: Path) -> None:
    config, base = adapter_config(sibling, adapter, full_precision=True)
    machine = choose_machine(config)
    tokenizer: Any = load_tokenizer(config, base)
    alone = turns_of(load_base(config, base, machine).train(mode=False), tokenizer)
    model = AutoModelForCausalLM.from_pretrained(output, dtype=machine.dtype, device_map={"": machine.device})
    carried = turns_of(model.train(mode=False), tokenizer)
    print(f"{locate(sibling).name} alone: {alone}")
    print(f"with the adapter: {carried}")
    if carried.kept < KEPT * alone.kept:
        print("that is less than 95 % as often: a weaker adapter (--scale) may keep more", file=sys.stderr)
