"""The families that llama.cpp runs as transformers does: what each is called there, and what is stored otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from train.config.load import Config
from train.models.dimensions import EMBEDDINGS


@dataclass(frozen=True, slots=True)
class GgufFamily:
    """A model type as GGUF has it.

    `architecture` is llama.cpp's name. `turned_heads`: the rows of a head's queries and keys lie pair by pair, not half by
    half. `norm_offset` is what is added to the norms' weights.
    """

    architecture: str
    turned_heads: bool = False
    norm_offset: float = 0.0


GGUF_FAMILIES = {
    "llama": GgufFamily("llama", turned_heads=True),
    "mistral": GgufFamily("llama", turned_heads=True),
    "granite": GgufFamily("granite", turned_heads=True),
    "smollm3": GgufFamily("smollm3", turned_heads=True),
    "qwen2": GgufFamily("qwen2"),
    "qwen3": GgufFamily("qwen3"),
    "olmo2": GgufFamily("olmo2"),
    "gemma2": GgufFamily("gemma2", norm_offset=1.0),
    "gemma3_text": GgufFamily("gemma3", norm_offset=1.0),
}
"""By transformers' model type. Each was run in llama.cpp beside transformers, on a tiny model (tests)."""


def gguf_limits(config: Config, model_type: str | None) -> list[str]:
    """What of a run's adapter GGUF cannot hold, a line each; `model_type` None where it is not known."""
    found = []
    if model_type is not None and model_type not in GGUF_FAMILIES:
        found.append(f"no GGUF at all: train.export does not know models of type {model_type}")
    whole = [name for name in config.lora_modules_to_save if name.rsplit(".", 1)[-1] in EMBEDDINGS]
    if whole:
        found.append(f"no LoRA file (--lora): {', '.join(whole)} trained whole; the merged model holds them")
    if config.peft_use_dora:
        found.append("no LoRA file (--lora): peft_use_dora has no place in one; the merged model holds it")
    targets = config.lora_target_modules
    if isinstance(targets, list) and any(name.rsplit(".", 1)[-1] == "embed_tokens" for name in targets):
        found.append("no LoRA file (--lora): embed_tokens has an adapter; the merged model holds it")
    return found
