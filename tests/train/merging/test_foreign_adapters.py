"""Adapters and bases from elsewhere: merged rightly, or refused in one line before anything is written."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, GPT2Config, GPT2LMHeadModel, Qwen2Config, Qwen2ForCausalLM

from train.adapter.load import adapter_config, load_adapted
from train.merge import main
from train.models.device import choose_machine

IDS = torch.arange(3, 50)[None]


def save_base(model: Any, tokenizer_of: Path, folder: Path) -> Path:
    """Saves a tiny model with the tokenizer of another one."""
    model.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"):
        if (tokenizer_of / name).is_file():
            shutil.copy(tokenizer_of / name, folder / name)
    return folder


def save_adapter(base: Path, folder: Path, **settings: Any) -> Path:
    """Saves an adapter of random numbers on a base in full precision, as any program with peft would."""
    torch.manual_seed(1)
    model: Any = get_peft_model(
        AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32),
        LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=8, **settings),
    )
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            parameter.data += torch.randn_like(parameter) * (0.05 if "lora" in name else 0.3)
    model.save_pretrained(folder)
    return folder


def logits(model: Any) -> torch.Tensor:
    model.train(mode=False)
    with torch.no_grad():
        found: torch.Tensor = model(input_ids=IDS).logits
    return found


def merged_logits(adapter: Path, output: Path, *words: str) -> torch.Tensor:
    assert main(["--adapter", str(adapter), "--output", str(output), "--dtype", "float32", *words]) == 0
    return logits(AutoModelForCausalLM.from_pretrained(output, dtype=torch.float32))


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory: pytest.TempPathFactory, tiny_base: Path) -> Path:
    torch.manual_seed(0)
    sizes = {"n_layer": 1, "n_embd": 64, "n_head": 2, "vocab_size": 300, "n_positions": 128, "initializer_range": 0.3}
    folder = tmp_path_factory.mktemp("gpt2") / "base"
    return save_base(GPT2LMHeadModel(GPT2Config(bos_token_id=1, eos_token_id=2, **sizes)), tiny_base, folder)


@pytest.fixture(scope="module")
def qwen2(tmp_path_factory: pytest.TempPathFactory, tiny_base: Path) -> Path:
    torch.manual_seed(0)
    sizes = {"num_hidden_layers": 1, "hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 4}
    config = Qwen2Config(
        vocab_size=300, num_key_value_heads=2, initializer_range=0.3, max_position_embeddings=128, **sizes
    )
    return save_base(Qwen2ForCausalLM(config), tiny_base, tmp_path_factory.mktemp("qwen2") / "base")


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory, qwen2: Path) -> Path:
    return save_adapter(qwen2, tmp_path_factory.mktemp("adapter") / "a", target_modules=["q_proj", "down_proj"])


@pytest.mark.parametrize("prefixed", [True, False], ids=["transformer.h.0", "h.0"])
def test_layers_that_keep_their_weight_the_other_way_round_go_through_4_bits_as_they_were_trained(
    gpt2: Path, tmp_path: Path, prefixed: bool
) -> None:
    base = tmp_path / "base"
    shutil.copytree(gpt2, base)
    if not prefixed:
        tensors = load_file(base / "model.safetensors")
        bare = {name.removeprefix("transformer."): tensor for name, tensor in tensors.items()}
        save_file(bare, base / "model.safetensors", {"format": "pt"})
    adapter = save_adapter(base, tmp_path / "a", target_modules=["c_attn", "c_proj"], fan_in_fan_out=True)
    config, found = adapter_config(None, adapter)
    expected = logits(load_adapted(config, found, adapter, choose_machine(config)))
    result = merged_logits(adapter, tmp_path / "junto", "--bits", "4")
    assert (result - expected).abs().max() <= 1e-4 * expected.std()
    assert (result - logits(AutoModelForCausalLM.from_pretrained(base))).abs().max() > 0.1


@pytest.mark.parametrize(
    "settings",
    [
        {"bias": "all"},
        {"bias": "lora_only"},
        {"lora_bias": True},
        {"lora_bias": True, "use_rslora": True},
        {"rank_pattern": {"q_proj": 2}, "alpha_pattern": {"k_proj": 32}},
    ],
    ids=str,
)
def test_biases_and_patterns_are_merged_with_the_weights(qwen2: Path, tmp_path: Path, settings: dict[str, Any]) -> None:
    adapter = save_adapter(qwen2, tmp_path / "a", target_modules=["q_proj", "k_proj"], **settings)
    plain = AutoModelForCausalLM.from_pretrained(qwen2, dtype=torch.float32)
    expected = logits(PeftModel.from_pretrained(plain, str(adapter)))
    result = merged_logits(adapter, tmp_path / "junto", "--bits", "16")
    assert (result - expected).abs().max() <= 1e-4 * expected.std()


def test_other_weights_beside_the_model_s_are_not_read(qwen2: Path, adapter: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(qwen2, base)
    save_file({"tok_embeddings.weight": torch.zeros(3, 3)}, base / "consolidated.safetensors")
    merged_logits(adapter, tmp_path / "junto", "--bits", "16", "--base_model", str(base))
    assert "tok_embeddings.weight" not in load_file(tmp_path / "junto" / "model.safetensors")


def cut(folder: Path, base: Path) -> None:
    path = folder / "adapter_model.safetensors"
    path.write_bytes(path.read_bytes()[:-50])


def change(**values: object) -> Callable[[Path, Path], None]:
    def changed(folder: Path, base: Path) -> None:
        path = folder / "adapter_config.json"
        settings = json.loads(path.read_text()) | values
        path.write_text(json.dumps({key: value for key, value in settings.items() if value is not None}))

    return changed


def tensors(change: Callable[[str, torch.Tensor], tuple[str, torch.Tensor] | None]) -> Callable[[Path, Path], None]:
    def changed(folder: Path, base: Path) -> None:
        path = folder / "adapter_model.safetensors"
        pairs = [change(name, tensor) for name, tensor in load_file(path).items()]
        save_file(dict(pair for pair in pairs if pair), path)

    return changed


def quantised_base(folder: Path, base: Path) -> None:
    path = base / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"quantization_config": {"quant_method": "gptq"}}))


def resized(name: str, tensor: torch.Tensor) -> tuple[str, torch.Tensor] | None:
    if "q_proj.lora_A" in name:
        return "base_model.model.model.embed_tokens.weight", torch.zeros(303, 64)
    return None if "q_proj.lora_B" in name else (name, tensor)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut, "no whole safetensors file"),
        (change(r=None), "does not say r"),
        (change(lora_alpha=None), "does not say lora_alpha"),
        (change(r=8), "says rank 8"),
        (change(peft_type="IA3"), "no LoRA adapter"),
        (change(use_dora=True), "use_dora"),
        (change(init_lora_weights="pissa"), "alters the base"),
        (change(target_parameters=["x"]), "target_parameters"),
        (tensors(lambda name, tensor: (name, tensor * float("nan"))), "is no number"),
        (tensors(lambda name, tensor: None), "holds no weights"),
        (tensors(lambda name, tensor: None if "lora_A" in name else (name, tensor)), "only one of the two"),
        (tensors(lambda name, tensor: (name.replace("layers.0", "layers.7"), tensor)), "which the base does not have"),
        (tensors(lambda name, tensor: (name, tensor[:, :3].clone())), "does not fit the base"),
        (tensors(resized), "vocabulary was resized"),
        (quantised_base, "stored quantised already (gptq)"),
    ],
)
def test_what_cannot_be_merged_is_refused_in_one_line_before_anything_is_written(
    qwen2: Path,
    adapter: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    damage: Callable[[Path, Path], None],
    said: str,
) -> None:
    base, folder = tmp_path / "base", tmp_path / "a"
    shutil.copytree(qwen2, base)
    shutil.copytree(adapter, folder)
    damage(folder, base)
    words = ["--adapter", str(folder), "--base_model", str(base), "--bits", "16", "--output", str(tmp_path / "junto")]
    assert main(words) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("error: ")
    assert said in last
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "base"]


def test_the_bits_of_an_adapter_that_does_not_say_them_are_asked_for(
    adapter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--adapter", str(adapter), "--output", str(tmp_path / "junto")]) == 2
    assert "--bits 4" in capsys.readouterr().err


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_the_check_decides_in_every_type(
    adapter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, dtype: str
) -> None:
    from train.merging.merged_weights import Merger

    right = Merger.merged
    words = ["--adapter", str(adapter), "--bits", "16", "--dtype", dtype, "--output"]
    assert main([*words, str(tmp_path / "junto")]) == 0
    monkeypatch.setattr(Merger, "merged", lambda self, name: right(self, name) * (1.2 if "down_proj" in name else 1))
    assert main([*words, str(tmp_path / "errado")]) == 2
    assert "more than rounding explains" in capsys.readouterr().err
    assert not (tmp_path / "errado").exists()


def test_numbers_that_16_bits_cannot_hold_are_refused(
    qwen2: Path, adapter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = tmp_path / "base"
    shutil.copytree(qwen2, base)
    weights = load_file(base / "model.safetensors")
    weights["model.norm.weight"][0] = 1e6
    save_file(weights, base / "model.safetensors", {"format": "pt"})
    words = ["--adapter", str(adapter), "--base_model", str(base), "--bits", "16", "--dtype", "float16"]
    assert main([*words, "--output", str(tmp_path / "junto")]) == 2
    assert "cannot hold the numbers of model.norm.weight" in capsys.readouterr().err
