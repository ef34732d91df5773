"""Contradictions within a configuration, and what is done about each; works on values that have
their keys' kinds (`train.config.load`), before the whole is checked.

What a base model or this machine cannot do is looked at by `train.models.fit`, on the checked configuration.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

_OF_AN_ADAPTER = {
    "lora_r": "r",
    "lora_alpha": "lora_alpha",
    "lora_dropout": "lora_dropout",
    "peft_use_rslora": "use_rslora",
    "peft_use_dora": "use_dora",
}
"""Keys, and what peft's settings of an adapter call them."""

RIVALS = (
    ("max_steps", "num_epochs"),
    ("warmup_steps", "warmup_ratio"),
    ("save_steps", "saves_per_epoch"),
    ("eval_steps", "evals_per_epoch"),
    ("attn_implementation", "flash_attention"),
    ("attn_implementation", "sdp_attention"),
    ("attn_implementation", "eager_attention"),
    ("sdp_attention", "eager_attention"),
)
"""Pairs of keys about one thing; where both ask for something the first is followed, as by Axolotl and transformers."""

_BETAS = ("adam_beta1", "adam_beta2")
WITHOUT_ADAM = {
    **dict.fromkeys(("sgd", "adagrad", "rmsprop", "adafactor"), (*_BETAS, "adam_epsilon")),
    "lion": ("adam_epsilon",),
}
"""What transformers does not hand to optimisers of other families than Adam's."""

Values = dict[str, Any]
"""What a YAML file holds, before anything of it is checked."""


def repair(values: Values) -> list[str]:
    """Repairs the contradictions in `values` in place; a notice of one line for each."""
    return [notice for step in _STEPS for notice in step(values)]


def _loading(values: Values) -> list[str]:
    notices = []
    if values.get("trust_remote_code"):
        values["trust_remote_code"] = False
        notices.append("trust_remote_code: true becomes false: program text that a model brings is never run")
    if values.get("tokenizer_use_fast") is False:
        values["tokenizer_use_fast"] = True
        notices.append("tokenizer_use_fast: false becomes true: the fast tokenizer gives the same tokens")
    return notices


def _storage(values: Values) -> list[str]:
    notices = []
    if not values.get("adapter"):
        values["adapter"] = "qlora"
        notices.append("adapter is not given (which would train all weights): a qlora adapter is trained")
    if values.get("load_in_4bit") and values.get("load_in_8bit"):
        values["load_in_8bit"] = False
        notices.append("load_in_8bit contradicts load_in_4bit: 4 bits are used")
    if values["adapter"] == "qlora" and (values.get("load_in_4bit") is False or values.get("load_in_8bit")):
        instead = " instead of load_in_8bit" if values.get("load_in_8bit") else ""
        values.update(load_in_4bit=True, load_in_8bit=False)
        notices.append(f"adapter: qlora needs load_in_4bit: true, which is done{instead}")
    if values["adapter"] == "lora" and values.get("load_in_4bit") is None:
        values["load_in_4bit"] = False
    if values.get("lora_target_modules") == [] and not values.get("lora_target_linear"):
        del values["lora_target_modules"]
        notices.append("lora_target_modules: [] names no layer: all linear layers get an adapter")
    start = str(values.get("peft_init_lora_weights") or "")
    if start.startswith(("pissa", "olora", "loftq")) and values.get("load_in_4bit", True):
        values["peft_init_lora_weights"] = None
        notices.append(f"peft_init_lora_weights: {start} cannot start from a 4-bit base: LoRA's usual start is used")
    return notices


def _precision(values: Values) -> list[str]:
    notices = []
    if values.get("bf16") is True and values.get("fp16"):
        values["fp16"] = False
        notices.append("fp16 contradicts bf16: bf16 is used")
    if values.get("bf16") == "full":
        values["bf16"] = True
        notices.append("bf16: full becomes true: the adapter stays in float32")
    if values.get("flash_attention") is True and importlib.util.find_spec("flash_attn") is None:
        values["flash_attention"] = "auto"
        notices.append("flash_attention: true becomes auto: flash-attn is not installed here, SDPA does the same")
    if values.get("liger_kernel") and importlib.util.find_spec("liger_kernel") is None:
        values["liger_kernel"] = False
        notices.append(
            "liger_kernel: true becomes false: liger-kernel is not installed here (pip install liger-kernel)"
        )
    return notices


def _packing(values: Values) -> list[str]:
    notices = []
    if values.get("sample_packing") is None:
        values["sample_packing"] = True
        notices.append("sample_packing is not given: rows are packed, documents in a row never see each other")
    if values.get("test_datasets") and values.get("val_set_size"):
        values["val_set_size"] = 0
        notices.append("val_set_size contradicts test_datasets: test_datasets are evaluated on")
    return notices


def _optimizer(values: Values) -> list[str]:
    """Numbers that the optimiser has not; lion has betas and no epsilon."""
    name = str(values.get("optimizer") or "auto")
    without = [family for family in WITHOUT_ADAM if name.removeprefix("paged_").startswith(family)]
    lacking = WITHOUT_ADAM[without[0]] if without else ()
    given = [key for key in lacking if values.pop(key, None) is not None]
    return [f"{key} is not followed: {name} has no such number" for key in given]


def _pairs(values: Values) -> list[str]:
    notices = []
    if values.get("warmup_steps") == 0 and values.get("warmup_ratio"):
        # As transformers has it; Axolotl takes the 0 at its word.
        del values["warmup_steps"]
        notices.append("warmup_steps: 0 beside warmup_ratio gives no number: warmup_ratio is followed")
    for kept, dropped in RIVALS:
        if values.get(kept) and values.get(dropped):
            del values[dropped]
            notices.append(f"{dropped} contradicts {kept}: {kept} is followed")
    for strategy, others in (
        ("save_strategy", ("save_steps", "saves_per_epoch")),
        ("eval_strategy", ("eval_steps", "evals_per_epoch")),
    ):
        if values.get(strategy) in (None, "steps"):
            continue
        for key in others:
            if values.pop(key, None):
                notices.append(f"{key} contradicts {strategy}: {values[strategy]}: {strategy} is followed")
    return notices


def _warm_up(values: Values) -> list[str]:
    """What transformers passes over in silence: two courses of the learning rate know no warm-up."""
    asked = next((key for key in ("warmup_steps", "warmup_ratio") if values.get(key)), None)
    if asked is None:
        return []
    if values.get("lr_scheduler") == "constant":
        values["lr_scheduler"] = "constant_with_warmup"
        return [f"lr_scheduler: constant becomes constant_with_warmup: {asked} asks for a warm-up"]
    if values.get("lr_scheduler") == "reduce_lr_on_plateau":
        del values[asked]
        return [f"{asked} contradicts lr_scheduler: reduce_lr_on_plateau, which knows no warm-up"]
    return []


def _earlier_adapter(values: Values) -> list[str]:
    """An adapter that is gone on with has its rank and its layers already, and keeps them."""
    folder = values.get("lora_model_dir")
    try:
        found = json.loads((Path(str(folder)) / "adapter_config.json").read_text(encoding="utf-8")) if folder else None
    except (OSError, ValueError, RecursionError):
        # Whoever loads it says what is wrong with it.
        return []
    notices = []
    for key, its in _OF_AN_ADAPTER.items():
        value = found.get(its) if isinstance(found, dict) else None
        if not isinstance(value, int | float):
            continue
        if key in values and values[key] != value:
            notices.append(f"{key}: {values[key]} becomes {value}, which the adapter in lora_model_dir has")
        values[key] = value
    return notices


def _sharding(values: Values) -> list[str]:
    """What FSDP cannot spread over GPUs: bytes, the states of bitsandbytes' optimisers, a head called in pieces."""
    if not values.get("fsdp"):
        return []
    notices = []
    details = values.get("bnb_config_kwargs")
    details = dict(details) if isinstance(details, dict) else {}
    if values.get("load_in_4bit", True) and details.get("bnb_4bit_quant_storage", "uint8") == "uint8":
        values["bnb_config_kwargs"] = details | {"bnb_4bit_quant_storage": "bfloat16"}
        notices.append("bnb_4bit_quant_storage: uint8 becomes bfloat16: fsdp would leave bytes whole on every GPU")
    optimizer = str(values.get("optimizer") or "auto")
    if optimizer == "auto" or "paged" in optimizer or "8bit" in optimizer:
        values["optimizer"] = "adamw_torch"
        notices.append(f"optimizer: {optimizer} becomes adamw_torch: bitsandbytes does not know fsdp's tensors")
    if values.get("chunked_cross_entropy", True) is not False:
        values["chunked_cross_entropy"] = False
        notices.append("chunked_cross_entropy: true becomes false: under fsdp the head is called once, and whole")
    if values.pop("sample_prompts", None):
        notices.append("sample_prompts are not followed: under fsdp no GPU has the whole model to write with")
    return notices


def _trackers(values: Values) -> list[str]:
    notices = []
    for key, package in (("use_tensorboard", "tensorboard"), ("wandb_project", "wandb")):
        unused = key == "wandb_project" and values.get("wandb_mode") == "disabled"
        if values.get(key) and not unused and importlib.util.find_spec(package) is None:
            given = values.pop(key)
            said = str(given).lower() if given is True else given
            notices.append(f"{key}: {said} is not followed: {package} is not installed here (pip install {package})")
    return notices


_STEPS: tuple[Callable[[Values], list[str]], ...] = (
    _loading,
    _storage,
    _precision,
    _packing,
    _optimizer,
    _pairs,
    _warm_up,
    _earlier_adapter,
    _sharding,
    _trackers,
)
