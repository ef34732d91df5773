"""What a configuration asks for and the base model or this machine does not have: done otherwise, and named."""

from __future__ import annotations

import re
from collections.abc import Sequence

import torch
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from train.config.load import Config
from train.errors import ConfigError
from train.models.dimensions import EMBEDDINGS, LINEAR_LAYERS, Shape


def fit(config: Config, shape: Shape | None) -> tuple[Config, list[str]]:
    """The configuration as this machine and a base of that shape can follow it, and a notice of one line for each change.

    Where the shape is None, nothing is said of the base. Raises ConfigError under `strict` where something would change.
    """
    notices: list[str] = []
    changes: dict[str, object] = {}
    if config.bf16 is True and not has_bfloat16():
        changes["bf16"] = "auto"
        notices.append("bf16: true becomes auto: this machine has no GPU with bfloat16, it would compute in float32")
    if shape and config.sequence_len > shape.context:
        changes["sequence_len"] = shape.context
        notices.append(
            f"sequence_len: {config.sequence_len} is beyond the {shape.context} tokens of {shape.name}: "
            f"{shape.context} it is"
        )
    if shape and config.model_type not in (None, "AutoModelForCausalLM", class_of(shape.model_type)):
        changes["model_type"] = None
        notices.append(
            f"model_type: {config.model_type} is not followed: {shape.name} is a {class_of(shape.model_type)}"
        )
    notices += _fit_modules(config, shape, changes)
    if config.strict and notices:
        more = f" (and {len(notices) - 1} more)" if len(notices) > 1 else ""
        raise ConfigError(f"strict: {notices[0]}{more}")
    return config.model_copy(update=changes), notices


def class_of(model_type: str) -> str | None:
    """transformers' class of a causal language model of that type; None for a type that it does not know."""
    found = MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.get(model_type)
    return found if isinstance(found, str) else None


def check_combinations(config: Config, computed_in: str) -> None:
    """Raises ConfigError for what would be trained wrongly without an error; `computed_in` is torch's name of the type.

    Packed bits that FSDP would convert, and Liger with an adapter on the head.
    """
    stored = config.bnb_config_kwargs.bnb_4bit_quant_storage
    if config.fsdp and config.load_in_4bit and stored != computed_in:
        raise ConfigError(
            f"bnb_4bit_quant_storage: {stored} is not what this run computes in; fsdp would convert the packed bits and "
            f"destroy them: set it to {computed_in}"
        )
    if config.liger_kernel and _adapts_head(config):
        raise ConfigError(
            "liger_kernel: its loss reads the head's own weight, so an adapter on lm_head would learn nothing; leave one out"
        )


def _adapts_head(config: Config) -> bool:
    named = config.lora_target_modules or []
    if isinstance(named, str):
        return re.fullmatch(named, "lm_head") is not None
    return any(name.rsplit(".", 1)[-1] == "lm_head" for name in named)


def has_bfloat16() -> bool:
    """Whether this machine has a GPU that computes in bfloat16."""
    return torch.cuda.is_available() and torch.cuda.is_bf16_supported(including_emulation=False)


def _fit_modules(config: Config, shape: Shape | None, changes: dict[str, object]) -> list[str]:
    """Lists of modules: none that the model lacks, none in both lists, no list beside `lora_target_linear`."""
    notices: list[str] = []
    saved, lost = _known(config.lora_modules_to_save, shape)
    targets: list[str] | str | None = config.lora_target_modules
    if targets == ["all-linear"]:
        targets = "all-linear"
    if isinstance(targets, list):
        named, (targets, dropped) = targets, _known(targets, shape)
        if named and not targets and shape:
            raise ConfigError(
                f"lora_target_modules: none of {', '.join(named)} is in a model of type {shape.model_type}; it has "
                f"{', '.join(shape.modules)}"
            )
        notices += [_dropped("lora_target_modules", name, shape) for name in dropped]
        notices += [_dropped("lora_modules_to_save", name, shape) for name in lost]
        notices += [
            f"lora_target_modules: {name} is dropped: it is in lora_modules_to_save too, and trained whole, as there"
            for name in targets
            if name in saved
        ]
        adapted = [name for name in targets if name not in saved]
        if targets and not adapted:
            notices.append("lora_target_modules: nothing else is named: all linear layers get an adapter")
        targets = adapted
    else:
        notices += [_dropped("lora_modules_to_save", name, shape) for name in lost]
    if config.lora_target_linear and isinstance(targets, list) and targets:
        beyond = [name for name in targets if name in EMBEDDINGS]
        targets = [*LINEAR_LAYERS, *beyond] if beyond else "all-linear"
        changes["lora_target_linear"] = False
        notices.append("lora_target_linear contains what lora_target_modules names: all linear layers get an adapter")
    changes["lora_target_modules"] = targets or None
    changes["lora_modules_to_save"] = saved
    return notices


def _known(modules: Sequence[str], shape: Shape | None) -> tuple[list[str], list[str]]:
    """The modules that a model of that shape has, and those that it lacks; all are taken where the shape is None."""
    lacking = [name for name in modules if shape and name.rsplit(".", 1)[-1] not in shape.modules]
    return [name for name in modules if name not in lacking], lacking


def _dropped(key: str, module: str, shape: Shape | None) -> str:
    kind = shape.model_type if shape else "unknown"
    return f"{key}: {module} is dropped: a model of type {kind} has no such module"
