"""What `train.selftest` looks at: tiny models with random weights, made on the spot, through the real programs."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from train.config.load import Config, DatasetKeys
from train.errors import ConfigError, TrainError
from train.merge import main as merge
from train.models.device import FLASH, attention_of
from train.models.source import resolve_base
from train.planning.memory import plan_memory
from train.rehearsal.isolation import isolation_of
from train.training.run import run

Proves = Callable[[], str | None]

_WORDS = 300


def this_machine() -> dict[str, str]:
    """What the report says of the machine."""
    found = {"system": platform.platform(), "python": platform.python_version(), "processor": platform.machine()}
    if torch.cuda.is_available():
        major, minor = torch.cuda.get_device_capability()
        found |= {"gpu": torch.cuda.get_device_name(), "capability": f"{major}.{minor}"}
    return found


def proofs(folder: Path) -> Iterator[tuple[str, Proves]]:
    """Name and proof of all that is looked at; `folder` takes the tiny model and the runs."""
    base = make_model(folder / "base")
    data = make_texts(folder / "data.jsonl")
    gpu = torch.cuda.is_available()
    for attention in ("eager", "sdpa", *FLASH):
        for dtype in (torch.float32, torch.bfloat16, torch.float16):
            name = f"packed documents apart, {attention}, {str(dtype).removeprefix('torch.')}"
            yield name, _isolation(base, attention, dtype)
    whole: dict[str, object] = {"base_model": str(base), "datasets": [{"path": str(data)}]}
    for kind in ("float32", "bfloat16", "float16"):
        yield f"training in {kind}", _training(folder, whole, kind, "auto", needs_gpu=kind != "float32" and not gpu)
    for optimizer in ("adamw_torch", "adamw_8bit", "paged_adamw_8bit"):
        yield (
            f"resumed bit for bit, {optimizer}",
            _resuming(folder, whole, optimizer, needs_gpu=optimizer != "adamw_torch"),
        )
    yield "merge", _merging(folder, whole)
    yield "memory plan against the allocator", _memory(folder, whole)


def make_model(folder: Path) -> Path:
    """A Llama of two layers and its tokenizer, in a folder."""
    names = ["<unk>", "<s>", "</s>", *(f"w{number}" for number in range(_WORDS - 3))]
    tokenizer = Tokenizer(models.WordLevel({name: index for index, name in enumerate(names)}, "<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    special = {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special)  # type: ignore[no-untyped-call]
    fast.save_pretrained(folder)
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=_WORDS,
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        bos_token_id=1,
        eos_token_id=2,
        initializer_range=0.1,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def make_texts(path: Path) -> Path:
    """Sixty texts of 10 to 80 words."""
    draw = np.random.default_rng(0)
    with path.open("w", encoding="utf-8") as lines:
        for number in range(60):
            words = draw.integers(0, _WORDS - 3, draw.integers(10, 80))
            lines.write(json.dumps({"id": f"{number}", "text": " ".join(f"w{word}" for word in words)}) + "\n")
    return path


def _isolation(base: Path, attention: str, dtype: torch.dtype) -> Proves:
    def proof() -> str | None:
        gpu = torch.cuda.is_available()
        config = Config(base_model=str(base), datasets=[DatasetKeys(path=".")], attn_implementation=attention)
        try:
            attention_of(config, dtype, torch.cuda.get_device_capability() if gpu else None)
        except ConfigError:
            return None
        device = "cuda" if gpu else "cpu"
        loaded: Any = AutoModelForCausalLM.from_pretrained(base, dtype=dtype, attn_implementation=attention)
        model = loaded.to(device).train(mode=False)
        model.config.use_cache = False
        tokens = np.random.default_rng(1).integers(3, _WORDS, 200)
        found = isolation_of(model, tokens, dtype, flash=attention in FLASH)
        if not found.holds:
            raise TrainError(
                f"a token's loss moves by {found.moved:.2g} nats when the row's other documents change, and is "
                f"{found.off:.2g} off that of its document alone"
            )
        return f"moved by {found.moved:.1g} nats when others change; {found.off:.1g} off the document alone"

    return proof


def _train(folder: Path, name: str, values: dict[str, object], **overrides: object) -> Path:
    """Trains by the real program; gives the folder of the adapter. Raises TrainError where it does not end well."""
    settings = {
        "adapter": "qlora",
        "sample_packing": True,
        "sequence_len": 128,
        "lora_r": 4,
        "lora_target_linear": True,
        "micro_batch_size": 2,
        "gradient_accumulation_steps": 1,
        "learning_rate": 0.001,
        "max_steps": 6,
        "save_steps": 3,
        "output_dir": str(folder / name),
    }
    path = folder / f"{name}.json.yml"
    path.write_text(json.dumps(settings | values), encoding="utf-8")
    status = run(path, overrides)
    if status != 0:
        raise TrainError(f"the run ended with status {status}")
    return folder / name


def _training(folder: Path, whole: dict[str, object], kind: str, optimizer: str, *, needs_gpu: bool) -> Proves:
    def proof() -> str | None:
        if needs_gpu or (kind == "bfloat16" and not torch.cuda.is_bf16_supported(including_emulation=False)):
            return None
        computing = {"bnb_config_kwargs": {"bnb_4bit_compute_dtype": kind}}
        made = _train(folder, f"train-{kind}", whole | computing, optimizer=optimizer)
        figures = json.loads((made / "data_manifest.json").read_text(encoding="utf-8"))["figures"]
        return f"loss {figures['loss']:.3f}, {figures['tokens_per_second']:,.0f} tokens/s"

    return proof


def _resuming(folder: Path, whole: dict[str, object], optimizer: str, *, needs_gpu: bool) -> Proves:
    def proof() -> str | None:
        if needs_gpu and not torch.cuda.is_available():
            return None
        name = f"resume-{optimizer}"
        expected = load_file(_train(folder, f"{name}-whole", whole, optimizer=optimizer) / "adapter_model.safetensors")
        cut = _train(folder, name, whole, optimizer=optimizer)
        # As a run that was killed after its first checkpoint leaves it.
        for path in (cut / "adapter_config.json", cut / "checkpoint-6" / "trainer_state.json"):
            path.unlink()
        _train(folder, name, whole, optimizer=optimizer, resume_from_checkpoint=True)
        found = load_file(cut / "adapter_model.safetensors")
        other = [each for each in expected if not torch.equal(expected[each], found[each])]
        if other:
            raise TrainError(f"{len(other)} of {len(expected)} weights differ, {other[0]} first")
        return f"{len(expected)} weights the same"

    return proof


def _merging(folder: Path, whole: dict[str, object]) -> Proves:
    def proof() -> str:
        adapter = _train(folder, "to-merge", whole, learning_rate=0.01)
        if merge(["--adapter", str(adapter), "--output", str(folder / "merged"), "--dtype", "float32"]) != 0:
            raise TrainError("the merged model is not the trained one")
        return "logits within rounding"

    return proof


def _memory(folder: Path, whole: dict[str, object]) -> Proves:
    def proof() -> str | None:
        if not torch.cuda.is_available():
            return None
        torch.cuda.reset_peak_memory_stats()
        made = _train(folder, "memory", whole)
        peak = json.loads((made / "data_manifest.json").read_text(encoding="utf-8"))["figures"]["peak_memory"]
        config = Config.model_validate(whole | {"sequence_len": 128, "lora_r": 4, "micro_batch_size": 2})
        shape = resolve_base(config).shape
        if shape is None:
            return None
        return f"planned {plan_memory(config, shape, on_gpu=True).total / 1e6:.0f} MB, allocated {peak / 1e6:.0f} MB"

    return proof
