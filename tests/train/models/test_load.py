"""The base model: where it comes from, what is refused, and what a machine computes with."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import torch

from train.config.load import Config, DatasetKeys
from train.errors import ConfigError
from train.models.device import Machine, attention_of, choose_machine
from train.models.load import check_safe, load_base, loadable, target_modules
from train.models.source import Source, resolve_base


def settings(base: Path | str, **values: object) -> Config:
    return Config.model_validate({"base_model": str(base), "datasets": [DatasetKeys(path=".")]} | values)


def test_on_a_processor_float32_and_its_optimiser_are_chosen_and_said(tiny_base: Path) -> None:
    machine = choose_machine(settings(tiny_base))
    assert machine.device == "cpu"
    assert machine.dtype == torch.float32
    assert not machine.bf16
    assert machine.optimizer == "adamw_torch"
    assert machine.sentence().endswith("computes in float32, optimiser adamw_torch, attention sdpa")
    assert choose_machine(settings(tiny_base, optimizer="paged_adamw_8bit")).optimizer == "paged_adamw_8bit"


@pytest.mark.parametrize(
    ("values", "name"),
    [({}, "sdpa"), ({"eager_attention": True}, "eager"), ({"attn_implementation": "eager"}, "eager")],
)
def test_attention_follows_the_configuration(tiny_base: Path, values: dict[str, object], name: str) -> None:
    assert attention_of(settings(tiny_base, **values), torch.float32, None) == name


def test_flash_attention_without_a_gpu_is_refused(tiny_base: Path) -> None:
    with pytest.raises(ConfigError, match="sdpa does the same"):
        attention_of(settings(tiny_base, attn_implementation="flash_attention_2"), torch.float32, None)


def test_fp4_and_the_plain_base_are_loaded_as_asked(tiny_base: Path) -> None:
    from bitsandbytes.nn import Linear4bit

    config = settings(tiny_base, bnb_config_kwargs={"bnb_4bit_quant_type": "fp4", "bnb_4bit_use_double_quant": False})
    model = load_base(config, loadable(resolve_base(config)), choose_machine(config))
    layers = [module for module in model.modules() if isinstance(module, Linear4bit)]
    states = [layer.weight.quant_state for layer in layers]
    assert len(states) == 14
    assert all(state.quant_type == "fp4" and not state.nested for state in states)  # type: ignore[union-attr]
    assert not any(weight.requires_grad for weight in model.parameters())
    plain = settings(tiny_base, adapter="lora", load_in_4bit=False)
    assert not any(
        isinstance(module, Linear4bit)
        for module in load_base(plain, loadable(resolve_base(plain)), choose_machine(plain)).modules()
    )


def test_another_class_than_the_configuration_names_is_an_error(tiny_mistral: Path) -> None:
    config = settings(tiny_mistral, model_type="LlamaForCausalLM")
    with pytest.raises(ConfigError, match="is a MistralForCausalLM, not a LlamaForCausalLM"):
        load_base(config, loadable(resolve_base(config)), choose_machine(config))


def test_adapters_go_where_the_configuration_says() -> None:
    assert target_modules(settings("x")) == "all-linear"
    assert target_modules(settings("x", lora_target_modules=["q_proj", "lm_head"])) == ["q_proj", "lm_head"]
    assert target_modules(settings("x", lora_target_modules="all-linear")) == "all-linear"


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"holds no config\.json"):
        check_safe(Source(str(tmp_path), tmp_path))


def test_a_model_that_was_evaluated_is_the_same_and_goes_on_learning(tiny_base: Path) -> None:
    """On processors with AVX512-BF16 bitsandbytes would repack the weights, for good, into what has no gradient."""
    from train.models.load import load_for_training

    config = settings(tiny_base, gradient_checkpointing=False)
    model = load_for_training(config, loadable(resolve_base(config)), choose_machine(config))
    ids = torch.arange(3, 60)[None]
    before = model.train()(input_ids=ids).logits.detach()
    with torch.no_grad():
        assert (model.eval()(input_ids=ids).logits - before).abs().max().item() < 1e-4
    model.train()(input_ids=ids, labels=ids).loss.backward()
    assert all(
        weight.grad is not None and weight.grad.any() for name, weight in model.named_parameters() if "lora_B" in name
    )


@pytest.mark.parametrize(
    ("values", "dtype", "capability", "expected"),
    [
        ({}, torch.bfloat16, (8, 0), "flash_attention_2"),
        ({}, torch.float16, (7, 5), "sdpa"),
        ({}, torch.float32, (9, 0), "sdpa"),
        ({"flash_attention": True}, torch.bfloat16, (7, 5), "capability 8.0, this one has 7.5"),
        ({"flash_attention": True}, torch.float32, (8, 6), "wants 16 bits"),
        (
            {"attn_implementation": "kernels-community/flash-attn2"},
            torch.float16,
            (8, 6),
            "kernels-community/flash-attn2",
        ),
        ({"attn_implementation": "kernels-community/flash-attn3"}, torch.bfloat16, (8, 9), "capability 9.0"),
        (
            {"attn_implementation": "kernels-community/flash-attn3"},
            torch.bfloat16,
            (9, 0),
            "kernels-community/flash-attn3",
        ),
        (
            {"attn_implementation": "kernels-community/paged-attention"},
            torch.bfloat16,
            (9, 0),
            "keep packed documents apart",
        ),
        ({"attn_implementation": "flex_attention"}, torch.bfloat16, (9, 0), "keep packed documents apart"),
        ({"attn_implementation": "sdpa"}, torch.float32, (7, 0), "sdpa"),
    ],
    ids=str,
)
def test_attention_follows_the_gpu_s_generation_and_the_computing_type(
    tiny_base: Path,
    monkeypatch: pytest.MonkeyPatch,
    values: dict[str, object],
    dtype: torch.dtype,
    capability: tuple[int, int],
    expected: str,
) -> None:
    config = settings(tiny_base, **values)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    if " " in expected:
        with pytest.raises(ConfigError, match=expected):
            attention_of(config, dtype, capability)
        return
    found = attention_of(config, dtype, capability)
    assert found == expected
    # Whatever FlashAttention it is, its batches carry the bounds of the documents.
    assert Machine("cuda:0", "GPU", dtype, "adamw_torch", found).flash == ("flash" in found)
