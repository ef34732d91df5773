"""A merged model in a folder: written weight by weight, checked against the 4-bit model with its adapter, whole or not there."""

from __future__ import annotations

import json
import math
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from bitsandbytes.nn.modules import Linear4bit, Params4bit
from transformers import AutoConfig

from train.adapter.card import CONFIG_FILE, DOCUMENTS_FILE
from train.adapter.load import adapter_config, load_adapted, scale_adapter
from train.atomic import move_in, sync_folder, unfinished_folder
from train.config.load import Config
from train.console import counting, say
from train.data.manifest import MANIFEST_FILE, read_manifest
from train.errors import ConfigError
from train.merging.adapter_weights import AdapterWeights
from train.merging.layerwise import streamed_logits
from train.merging.merged_weights import Merger
from train.models.device import choose_machine, peak_memory
from train.models.language_part import is_part, language_config
from train.models.library_logs import quiet_libraries
from train.models.load import weights_folder
from train.models.modules_to_save import read_again
from train.models.source import Base
from train.models.stored_weights import ShardWriter, StoredWeights, stored_quantisation
from train.models.tokenizer import load_tokenizer

GIB = 1 << 30

TOLERANCE = 1e-4
"""How far a merged model in float32 may be from the 4-bit one with its adapter: the largest difference of a logit, in
standard deviations of all logits."""

ROUNDED = {torch.bfloat16: 0.02, torch.float16: 0.0025}
"""The same for what 16 bits round away, as the root of the mean square, times the root of the number of layers.

Measured on models of one and two layers: .005 to .010 in bfloat16, .0008 to .0013 in float16; in float32 a largest
difference of 1.2e-5. A fifth too much in one linear layer made .053.
"""

CHECKED_TEXT = (
    "A prefeitura abriu na segunda-feira as inscrições para a oficina de leitura, que terá vinte vagas. "
    "Segundo os moradores do bairro, o ônibus passa de hora em hora, e no domingo nem isso."
)
"""What both models read for the check."""


def merge(
    adapter: Path,
    output: Path,
    *,
    base_model: str | None = None,
    dtype: str | None = None,
    bits: int | None = None,
    shard_bytes: int,
    scale: float = 1.0,
    checked: bool = True,
) -> None:
    """Merges an adapter into its base and writes the model into the folder `output`, in files of `shard_bytes` at most.

    `dtype` is torch's name of the type to save in, by default the base's own. `bits` (4 or 16) says on how many the adapter
    was trained, where it does not say so itself; `scale` its strength (1: as it was trained). Raises ConfigError for an adapter or a base
    that cannot be merged, and where the check finds the merged model too far off; then nothing is kept.
    """
    quiet_libraries()
    require_bits(adapter, bits)
    config, base = adapter_config(base_model, adapter, full_precision=bits == 16)
    if config.load_in_8bit:
        raise ConfigError("--adapter: was trained on 8 bits, which is not merged here; train it on 4 bits, or on none")
    refuse_quantised(weights_folder(base), base.name)
    saved_in = getattr(torch, dtype) if dtype else stored_dtype(weights_folder(base))
    _say_other_machine(adapter, config)
    trained_in = training_dtype(adapter)
    unfinished = unfinished_folder(output)
    try:
        write_merged(config, base, adapter, unfinished, saved_in, trained_in, shard_bytes, scale)
        print(f"merged; peak memory so far {peak_memory() / GIB:.2f} GiB", file=sys.stderr)
        if checked:
            say("checks: loads the 4-bit model with its adapter, then reads the merged one layer by layer, once a type")
            check(config, base, adapter, unfinished, saved_in, trained_in, scale)
        sync_folder(unfinished)
        move_in(unfinished, output)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    print(f"merged model in {output}", file=sys.stderr)


def require_bits(adapter: Path, bits: int | None) -> None:
    """Raises ConfigError for an adapter that does not say on how many bits it was trained, where nobody else does."""
    if not (adapter / CONFIG_FILE).is_file() and (adapter / "adapter_config.json").is_file() and bits is None:
        raise ConfigError(
            f"--adapter: {adapter} has no {CONFIG_FILE} and does not say on how many bits it was trained: add --bits 4 for "
            "QLoRA's 4 bits (nf4, double), or --bits 16 for a base that was not quantised"
        )


def stored_dtype(base: Path) -> torch.dtype:
    """The type of the base's weights, as its config.json says; float32 where it does not."""
    values = json.loads((base / "config.json").read_text(encoding="utf-8"))
    named = str(values.get("dtype") or values.get("torch_dtype") or "float32")
    found = getattr(torch, named, torch.float32)
    return found if found in (torch.float32, torch.float16, torch.bfloat16) else torch.float32


def refuse_quantised(weights: Path, name: str) -> None:
    """Raises ConfigError for a base whose weights are stored quantised: nothing can be added to them."""
    method = stored_quantisation(weights)
    if method:
        raise ConfigError(
            f"base_model: {name} is stored quantised already ({method}); name the model that it was made of with --base_model"
        )


def _say_other_machine(adapter: Path, config: Config) -> None:
    """Says where the 4 bits of the training were made on another kind of machine: they may be rounded otherwise."""
    manifest = read_manifest(adapter)
    here = "CPU" if choose_machine(config).device == "cpu" else "GPU"
    if manifest is None or not manifest.machine or not config.load_in_4bit:
        return
    there = "CPU" if manifest.machine.startswith("CPU ") else "GPU"
    if there != here:
        say(f"the adapter was trained on a {there}, this machine is a {here}: 4 bits may be rounded otherwise here")


def training_dtype(adapter: Path) -> torch.dtype:
    """The type that the adapter's base was loaded in for training; float32 where the adapter does not say, which is said.

    Raises DataError for a manifest that is damaged, ConfigError for a type that there is not.
    """
    manifest = read_manifest(adapter)
    named = manifest.computed_in if manifest else ""
    if not named:
        say(f"{adapter} does not say in which type its base was computed with: takes float32")
        return torch.float32
    found = getattr(torch, named, None)
    if found not in (torch.float32, torch.float16, torch.bfloat16):
        raise ConfigError(
            f"--adapter: {adapter / MANIFEST_FILE} says it was computed in {named}, which is no such type"
        )
    assert isinstance(found, torch.dtype)
    return found


def write_merged(
    config: Config,
    base: Base,
    adapter: Path,
    folder: Path,
    dtype: torch.dtype,
    trained_in: torch.dtype,
    limit: int,
    scale: float = 1.0,
) -> None:
    """Writes weights, configuration, tokenizer and the records of the adapter's data into a folder."""
    weights = weights_folder(base)
    merger = Merger(config, weights, AdapterWeights.read(adapter, scale), trained_in)
    entries = merger.entries()
    kind = str(dtype).removeprefix("torch.")
    say(f"merges {len(entries):,} weights, {sum(entry.bytes(dtype) for entry in entries) / 1e6:,.1f} MB in {kind}")
    with ShardWriter(folder, entries, dtype, limit) as writer, counting("merging", "weights", len(entries)) as count:
        for name, weight in merger.weights():
            if not bool(torch.isfinite(weight.to(dtype)).all()):
                raise ConfigError(f"--dtype: {kind} cannot hold the numbers of {name}; save in bfloat16 or float32")
            writer.write(name, weight)
            count(1)
    values = _settings_of(weights)
    values.pop("quantization_config", None)
    values.pop("torch_dtype", None)
    values["dtype"] = str(dtype).removeprefix("torch.")
    if merger.unties:
        values["tie_word_embeddings"] = False
    (folder / "config.json").write_text(json.dumps(values, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if (weights / "generation_config.json").is_file():
        shutil.copyfile(weights / "generation_config.json", folder / "generation_config.json")
    load_tokenizer(config, base).save_pretrained(str(folder))
    for name in (CONFIG_FILE, DOCUMENTS_FILE, MANIFEST_FILE, "README.md"):
        if (adapter / name).is_file():
            shutil.copyfile(adapter / name, folder / name)


def _settings_of(weights: Path) -> dict[str, object]:
    """What config.json says, or of a model that also sees or hears the settings of its language part."""
    if is_part(weights):
        found = language_config(weights, weights.name, StoredWeights(weights).names.values())
        return dict(found.to_dict())
    values: dict[str, object] = json.loads((weights / "config.json").read_text(encoding="utf-8"))
    return values


def check(
    config: Config,
    base: Base,
    adapter: Path,
    merged: Path,
    dtype: torch.dtype,
    trained_in: torch.dtype,
    scale: float = 1.0,
) -> None:
    """Compares the merged model's logits with those of the 4-bit model and its adapter, and prints the difference.

    A model saved in float32 is also compared rounded to 16 bits, which says what saving it so would cost. The measure is the
    spread (standard deviation) of the logits. Raises ConfigError where the model is further off than its type explains.
    """
    tokenizer: Any = load_tokenizer(config, base)
    ids = torch.tensor([tokenizer(CHECKED_TEXT)["input_ids"]])
    expected = adapter_logits(config, base, adapter, ids, trained_in, scale)
    spread = expected.std().item()
    layers = getattr(AutoConfig.from_pretrained(merged), "num_hidden_layers", 1)
    types = (torch.float32, torch.bfloat16, torch.float16) if dtype == torch.float32 else (dtype,)
    for kind in types:
        difference = streamed_logits(merged, ids, kind) - expected
        worst, usual = difference.abs().max().item(), difference.square().mean().sqrt().item()
        name = str(kind).removeprefix("torch.")
        note = "" if kind == dtype else " if it were saved so"
        print(f"logits in {name} differ from the trained model's with the adapter by at most {worst:.2g}{note}")
        near = (
            worst <= TOLERANCE * spread
            if kind == torch.float32
            else usual <= ROUNDED[kind] * math.sqrt(layers) * spread
        )
        if kind == dtype and not near:
            raise ConfigError(
                f"--adapter: the merged logits in {name} are {worst:.2g} off where logits spread by {spread:.2g}: more than "
                "rounding explains; nothing was kept"
            )


def adapter_logits(
    config: Config, base: Base, adapter: Path, ids: torch.Tensor, trained_in: torch.dtype, scale: float = 1.0
) -> torch.Tensor:
    """The logits of the 4-bit model with its adapter taken `scale` times, computed in float32."""
    machine = replace(choose_machine(config), dtype=trained_in, attention="sdpa")
    model: Any = load_adapted(config, base, adapter, machine)
    if trained_in != torch.float32:
        _compute_in_float32(model)
        read_again(model, adapter)
    if scale != 1:
        scale_adapter(model, scale)
    with torch.no_grad():
        logits: torch.Tensor = model(input_ids=ids.to(machine.device)).logits
    return logits.float().cpu()


def _compute_in_float32(model: Any) -> None:
    """Widens what is not in 4 bits, and what the 4 bits are taken out into."""
    for parameter in model.parameters():
        if not isinstance(parameter, Params4bit):
            parameter.data = parameter.data.float()
    for module in model.modules():
        if isinstance(module, Linear4bit):
            weight: Any = module.weight
            module.compute_dtype = torch.float32
            weight.quant_state.dtype = torch.float32
