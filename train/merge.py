"""An adapter merged into its base: `python -m train.merge`; checked against the 4-bit model that it was trained on."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from train.adapter.load import adapter_config
from train.cli import ended, quiet_libraries
from train.config.keys.base import ConfigError

if TYPE_CHECKING:
    import torch

    from train.config.load import Config

SHARD_BYTES = 5_000_000_000
"""The largest file, as on the Hub."""

TOLERANCE = 1e-4
"""How far a merged model in float32 may be from the 4-bit one with its adapter, in any logit."""

CHECKED_TEXT = (
    "A prefeitura abriu na segunda-feira as inscrições para a oficina de leitura, que terá vinte vagas. "
    "Segundo os moradores do bairro, o ônibus passa de hora em hora, e no domingo nem isso."
)
"""What both models read for the check."""

_SIZES = {"KB": 10**3, "MB": 10**6, "GB": 10**9}


def main(words: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    arguments = _parser().parse_args(words)
    return ended(lambda: _run(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m train.merge", description=__doc__)
    parser.add_argument("--adapter", type=Path, required=True, help="the adapter's folder")
    parser.add_argument("--base_model", help="the base, where the adapter's own name of it is not to be had here")
    parser.add_argument(
        "--output", type=Path, required=True, help="the folder of the merged model; must not be there yet"
    )
    parser.add_argument("--dtype", choices=("float32", "bfloat16", "float16"), help="default: the type of the base")
    parser.add_argument("--max-shard-size", default="5GB", help="the largest file (default %(default)s)")
    parser.add_argument("--no-check", action="store_true", help="skips the comparison with the 4-bit model")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    if arguments.output.exists():
        raise ConfigError(f"--output: {arguments.output} is there already; name another folder")
    limit = parse_size(arguments.max_shard_size)
    config = adapter_config(arguments.base_model, arguments.adapter)
    if config.load_in_8bit:
        raise ConfigError("--adapter: was trained on 8 bits, which is not merged here; train it on 4 bits, or on none")
    quiet_libraries()
    import torch

    from train.atomic import move_in, sync_folder, unfinished_folder
    from train.training.callbacks import GIB, peak_memory

    base = base_folder(config)
    dtype = getattr(torch, arguments.dtype) if arguments.dtype else stored_dtype(base)
    trained_in = training_dtype(arguments.adapter)
    unfinished = unfinished_folder(arguments.output)
    try:
        write_merged(config, base, arguments.adapter, unfinished, dtype, trained_in, limit)
        print(f"merged; peak memory so far {peak_memory() / GIB:.2f} GiB", file=sys.stderr)
        if not arguments.no_check:
            check(config, arguments.adapter, unfinished, dtype, trained_in)
        sync_folder(unfinished)
        move_in(unfinished, arguments.output)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    print(f"merged model in {arguments.output}", file=sys.stderr)
    return 0


def parse_size(text: str) -> int:
    """A size such as `500MB` in bytes. Raises ConfigError for anything else."""
    unit = _SIZES.get(text[-2:].upper())
    try:
        size = int(float(text[:-2]) * unit) if unit else int(text)
    except ValueError:
        size = 0
    if size <= 0:
        raise ConfigError(f"--max-shard-size: {text} is no size; write it as 5GB or 500MB")
    return size


def base_folder(config: Config) -> Path:
    """The folder of the base's weights; from the Hub they are fetched, once. Raises ConfigError where they are not had."""
    from train.models.load import model_folder

    source = model_folder(config.base_model)
    if Path(source).is_dir():
        return Path(source)
    from huggingface_hub import snapshot_download

    from train.models.hub import hub_answers

    try:
        return Path(
            snapshot_download(
                source,
                allow_patterns=["*.safetensors", "*.json", "tokenizer.model"],
                local_files_only=not hub_answers(),
            )
        )
    except (OSError, ValueError) as error:
        raise ConfigError(f"base_model: {source}: {str(error).strip().splitlines()[0]}") from error


def stored_dtype(base: Path) -> torch.dtype:
    """The type of the base's weights, as its config.json says; float32 where it does not."""
    import torch

    values = json.loads((base / "config.json").read_text(encoding="utf-8"))
    named = str(values.get("dtype") or values.get("torch_dtype") or "float32")
    found = getattr(torch, named, torch.float32)
    return found if found in (torch.float32, torch.float16, torch.bfloat16) else torch.float32


def training_dtype(adapter: Path) -> torch.dtype:
    """The type that the adapter's base was loaded in for training; float32 where the adapter does not say."""
    import torch

    from train.adapter.card import MANIFEST_FILE

    path = adapter / MANIFEST_FILE
    manifest = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    found = getattr(torch, str(manifest.get("figures", {}).get("computed_in", "float32")))
    assert isinstance(found, torch.dtype)
    return found


def write_merged(
    config: Config,
    base: Path,
    adapter: Path,
    folder: Path,
    dtype: torch.dtype,
    trained_in: torch.dtype,
    limit: int,
) -> None:
    """Writes weights, configuration, tokenizer and the records of the adapter's data into a folder."""
    from tqdm import tqdm

    from train.adapter.card import CONFIG_FILE, DOCUMENTS_FILE, MANIFEST_FILE
    from train.merging.merged_weights import Merger
    from train.models.stored_weights import ShardWriter
    from train.models.tokenizer import load_tokenizer

    merger = Merger(config, base, adapter, trained_in)
    entries = merger.entries()
    with (
        ShardWriter(folder, entries, dtype, limit) as writer,
        tqdm(total=len(entries), desc="merging", unit=" weights", disable=None, leave=False) as bar,
    ):
        for name, weight in merger.weights():
            writer.write(name, weight)
            bar.update()
    values = json.loads((base / "config.json").read_text(encoding="utf-8"))
    values.pop("quantization_config", None)
    values.pop("torch_dtype", None)
    values["dtype"] = str(dtype).removeprefix("torch.")
    if merger.unties:
        values["tie_word_embeddings"] = False
    (folder / "config.json").write_text(json.dumps(values, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if (base / "generation_config.json").is_file():
        shutil.copyfile(base / "generation_config.json", folder / "generation_config.json")
    load_tokenizer(config).save_pretrained(str(folder))
    for name in (CONFIG_FILE, DOCUMENTS_FILE, MANIFEST_FILE, "README.md"):
        if (adapter / name).is_file():
            shutil.copyfile(adapter / name, folder / name)


def check(config: Config, adapter: Path, merged: Path, dtype: torch.dtype, trained_in: torch.dtype) -> None:
    """Compares the merged model's logits with those of the 4-bit model and its adapter, and prints the difference.

    A model saved in float32 is also compared rounded to 16 bits, which says what saving it so would cost. Raises
    ConfigError where a float32 model is further off than `TOLERANCE`.
    """
    import torch

    from train.merging.layerwise import streamed_logits
    from train.models.tokenizer import load_tokenizer

    tokenizer: Any = load_tokenizer(config)
    ids = torch.tensor([tokenizer(CHECKED_TEXT)["input_ids"]])
    expected = adapter_logits(config, adapter, ids, trained_in)
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


def adapter_logits(config: Config, adapter: Path, ids: torch.Tensor, trained_in: torch.dtype) -> torch.Tensor:
    """The logits of the 4-bit model with its adapter, computed in float32."""
    import dataclasses

    import torch

    from train.adapter.load import load_adapted
    from train.models.device import choose_machine
    from train.models.modules_to_save import read_again

    machine = dataclasses.replace(choose_machine(config), dtype=trained_in, attention="sdpa")
    model: Any = load_adapted(config, adapter, machine)
    if trained_in != torch.float32:
        _compute_in_float32(model)
        read_again(model, adapter)
    with torch.no_grad():
        logits: torch.Tensor = model(input_ids=ids.to(machine.device)).logits
    return logits.float().cpu()


def _compute_in_float32(model: Any) -> None:
    """Widens what is not in 4 bits, and what the 4 bits are taken out into."""
    import torch
    from bitsandbytes.nn import Linear4bit, Params4bit

    for parameter in model.parameters():
        if not isinstance(parameter, Params4bit):
            parameter.data = parameter.data.float()
    for module in model.modules():
        if isinstance(module, Linear4bit):
            weight: Any = module.weight
            module.compute_dtype = torch.float32
            weight.quant_state.dtype = torch.float32


if __name__ == "__main__":
    sys.exit(main())
