"""A merged model in a folder: written weight by weight, checked against the 4-bit model with its adapter, whole or not there."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from bitsandbytes.nn.modules import Linear4bit, Params4bit
from tqdm import tqdm

from train.adapter.card import CONFIG_FILE, DOCUMENTS_FILE
from train.adapter.load import adapter_config, load_adapted
from train.atomic import move_in, sync_folder, unfinished_folder
from train.config.load import Config
from train.data.manifest import MANIFEST_FILE, read_manifest
from train.errors import ConfigError
from train.merging.layerwise import streamed_logits
from train.merging.merged_weights import Merger
from train.models.device import choose_machine, peak_memory
from train.models.library_logs import quiet_libraries
from train.models.load import weights_folder
from train.models.modules_to_save import read_again
from train.models.source import Base
from train.models.stored_weights import ShardWriter
from train.models.tokenizer import load_tokenizer

GIB = 1 << 30

TOLERANCE = 1e-4
"""How far a merged model in float32 may be from the 4-bit one with its adapter, in any logit."""

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
    shard_bytes: int,
    checked: bool = True,
) -> None:
    """Merges an adapter into its base and writes the model into the folder `output`, in files of `shard_bytes` at most.

    `dtype` is torch's name of the type to save in, by default the base's own. Raises ConfigError for an adapter or a base
    that cannot be merged, and where the check finds the merged model too far off; then nothing is kept.
    """
    quiet_libraries()
    config, base = adapter_config(base_model, adapter)
    if config.load_in_8bit:
        raise ConfigError("--adapter: was trained on 8 bits, which is not merged here; train it on 4 bits, or on none")
    saved_in = getattr(torch, dtype) if dtype else stored_dtype(weights_folder(base))
    trained_in = training_dtype(adapter)
    unfinished = unfinished_folder(output)
    try:
        write_merged(config, base, adapter, unfinished, saved_in, trained_in, shard_bytes)
        print(f"merged; peak memory so far {peak_memory() / GIB:.2f} GiB", file=sys.stderr)
        if checked:
            check(config, base, adapter, unfinished, saved_in, trained_in)
        sync_folder(unfinished)
        move_in(unfinished, output)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    print(f"merged model in {output}", file=sys.stderr)


def stored_dtype(base: Path) -> torch.dtype:
    """The type of the base's weights, as its config.json says; float32 where it does not."""
    values = json.loads((base / "config.json").read_text(encoding="utf-8"))
    named = str(values.get("dtype") or values.get("torch_dtype") or "float32")
    found = getattr(torch, named, torch.float32)
    return found if found in (torch.float32, torch.float16, torch.bfloat16) else torch.float32


def training_dtype(adapter: Path) -> torch.dtype:
    """The type that the adapter's base was loaded in for training; float32 where the adapter does not say."""
    manifest = read_manifest(adapter)
    found = getattr(torch, manifest.computed_in if manifest else "float32")
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
) -> None:
    """Writes weights, configuration, tokenizer and the records of the adapter's data into a folder."""
    weights = weights_folder(base)
    merger = Merger(config, weights, adapter, trained_in)
    entries = merger.entries()
    with (
        ShardWriter(folder, entries, dtype, limit) as writer,
        tqdm(total=len(entries), desc="merging", unit=" weights", disable=None, leave=False) as bar,
    ):
        for name, weight in merger.weights():
            writer.write(name, weight)
            bar.update()
    values = json.loads((weights / "config.json").read_text(encoding="utf-8"))
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


def check(config: Config, base: Base, adapter: Path, merged: Path, dtype: torch.dtype, trained_in: torch.dtype) -> None:
    """Compares the merged model's logits with those of the 4-bit model and its adapter, and prints the difference.

    A model saved in float32 is also compared rounded to 16 bits, which says what saving it so would cost. Raises
    ConfigError where a float32 model is further off than `TOLERANCE`.
    """
    tokenizer: Any = load_tokenizer(config, base)
    ids = torch.tensor([tokenizer(CHECKED_TEXT)["input_ids"]])
    expected = adapter_logits(config, base, adapter, ids, trained_in)
    types = (torch.float32, torch.bfloat16, torch.float16) if dtype == torch.float32 else (dtype,)
    for kind in types:
        worst = (streamed_logits(merged, ids, kind) - expected).abs().max().item()
        name = str(kind).removeprefix("torch.")
        note = "" if kind == dtype else " if it were saved so"
        print(f"logits in {name} differ from the 4-bit model's with the adapter by at most {worst:.2g}{note}")
        if kind == torch.float32 and not worst <= TOLERANCE:
            raise ConfigError(
                f"--adapter: merged logits are {worst:.2g} off, more than {TOLERANCE:g}; nothing was kept"
            )


def adapter_logits(
    config: Config, base: Base, adapter: Path, ids: torch.Tensor, trained_in: torch.dtype
) -> torch.Tensor:
    """The logits of the 4-bit model with its adapter, computed in float32."""
    machine = replace(choose_machine(config), dtype=trained_in, attention="sdpa")
    model: Any = load_adapted(config, base, adapter, machine)
    if trained_in != torch.float32:
        _compute_in_float32(model)
        read_again(model, adapter)
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
