"""Tiny models of the families that people train, made with transformers' own classes of settings, and what becomes of each."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers

Made = Callable[[], Any]


@dataclass(frozen=True)
class Family:
    """How a family's settings are made, and what its training does: `packed`, `unpacked`, or what a refusal says."""

    settings: Made
    packed: bool = True
    refused: str = ""
    sees: bool = False


def tiny_sizes(**more: Any) -> dict[str, Any]:
    return {
        "vocab_size": 308,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 512,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": None,
        "initializer_range": 0.3,
    } | more


def _mixed(**more: Any) -> dict[str, Any]:
    """A layer with a window of 16 tokens, and one without."""
    return tiny_sizes(head_dim=32, sliding_window=16, layer_types=["sliding_attention", "full_attention"], **more)


def _linear(**more: Any) -> dict[str, Any]:
    """A layer of linear attention, and one of the usual."""
    sizes = {
        "linear_num_value_heads": 4,
        "linear_num_key_heads": 2,
        "linear_key_head_dim": 16,
        "linear_value_head_dim": 16,
    }
    return tiny_sizes(head_dim=32, layer_types=["linear_attention", "full_attention"], **sizes, **more)


_EXPERTS = {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 32}
_EYES = {
    "hidden_size": 32,
    "intermediate_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "image_size": 28,
    "patch_size": 14,
}
_MAMBA = {"mamba_n_heads": 8, "mamba_d_head": 16, "mamba_d_state": 16, "mamba_n_groups": 1}
_ROPE = {
    "rope_type": "llama3",
    "rope_theta": 500000.0,
    "factor": 32.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 256,
}

FAMILIES: dict[str, Family] = {
    "Llama 3.2": Family(
        lambda: transformers.LlamaConfig(**tiny_sizes(tie_word_embeddings=True, rope_parameters=_ROPE))
    ),
    "Falcon 3": Family(lambda: transformers.LlamaConfig(**tiny_sizes(head_dim=32))),
    "Mistral with a window": Family(lambda: transformers.MistralConfig(**tiny_sizes(sliding_window=16))),
    "Mistral Small": Family(lambda: transformers.MistralConfig(**tiny_sizes(head_dim=32, sliding_window=None))),
    "Ministral": Family(lambda: transformers.MinistralConfig(**_mixed())),
    "Ministral 3": Family(lambda: transformers.Ministral3Config(**tiny_sizes(head_dim=32))),
    "Qwen2.5": Family(lambda: transformers.Qwen2Config(**tiny_sizes(tie_word_embeddings=True))),
    "Qwen3": Family(lambda: transformers.Qwen3Config(**tiny_sizes(head_dim=32))),
    "Gemma 3 text": Family(lambda: transformers.Gemma3TextConfig(**_mixed())),
    "Gemma 4 text": Family(
        lambda: transformers.Gemma4TextConfig(
            **_mixed(
                global_head_dim=32,
                vocab_size_per_layer_input=308,
                hidden_size_per_layer_input=16,
                num_kv_shared_layers=0,
            )
        )
    ),
    "SmolLM3": Family(lambda: transformers.SmolLM3Config(**tiny_sizes(no_rope_layers=[1, 0]))),
    "Phi-3": Family(lambda: transformers.Phi3Config(**tiny_sizes(sliding_window=16))),
    "Phi-4": Family(lambda: transformers.Phi3Config(**tiny_sizes(sliding_window=None))),
    "OLMo 2": Family(lambda: transformers.Olmo2Config(**tiny_sizes())),
    "OLMo 3": Family(
        lambda: transformers.Olmo3Config(
            **tiny_sizes(sliding_window=16, layer_types=["sliding_attention", "full_attention"])
        )
    ),
    "Granite 3": Family(
        lambda: transformers.GraniteConfig(
            **tiny_sizes(
                logits_scaling=8.0, embedding_multiplier=12.0, residual_multiplier=0.22, attention_multiplier=0.0625
            )
        )
    ),
    "Gemma 2": Family(
        lambda: transformers.Gemma2Config(
            **tiny_sizes(
                head_dim=32,
                sliding_window=16,
                query_pre_attn_scalar=32,
                attn_logit_softcapping=50.0,
                final_logit_softcapping=30.0,
            )
        )
    ),
    "Gemma 3 as published": Family(
        lambda: transformers.Gemma3Config(
            text_config=_mixed(),
            vision_config=_EYES,
            mm_tokens_per_image=4,
            boi_token_index=290,
            eoi_token_index=291,
            image_token_index=292,
        ),
        sees=True,
    ),
    "Mistral 3": Family(
        lambda: transformers.Mistral3Config(
            text_config=tiny_sizes(model_type="mistral", head_dim=32, sliding_window=None),
            vision_config=_EYES | {"model_type": "pixtral"},
            image_token_index=10,
        ),
        sees=True,
    ),
    "Qwen3-MoE": Family(
        lambda: transformers.Qwen3MoeConfig(**tiny_sizes(head_dim=32, **_EXPERTS)), refused="target_parameters"
    ),
    "Qwen3-Next": Family(
        lambda: transformers.Qwen3NextConfig(**_linear(shared_expert_intermediate_size=32, **_EXPERTS)),
        packed=False,
        refused="target_parameters",
    ),
    "Qwen3.5": Family(lambda: transformers.Qwen3_5TextConfig(**_linear()), packed=False),
    "gpt-oss": Family(
        lambda: transformers.GptOssConfig(**_mixed(num_local_experts=4, num_experts_per_tok=2)), packed=False
    ),
    "LFM2": Family(lambda: transformers.Lfm2Config(**tiny_sizes(layer_types=["conv", "full_attention"])), packed=False),
    "Granite 4": Family(
        lambda: transformers.GraniteMoeHybridConfig(
            **tiny_sizes(
                layer_types=["mamba", "attention"],
                mamba_d_conv=4,
                num_local_experts=0,
                shared_intermediate_size=64,
                num_experts_per_tok=0,
                **_MAMBA,
            )
        ),
        packed=False,
    ),
    "Falcon-H1": Family(
        lambda: transformers.FalconH1Config(**tiny_sizes(head_dim=32, mamba_d_ssm=128, **_MAMBA)),
        packed=False,
        refused="lora_target_modules",
    ),
}


def make_family(name: str, folder: Path, tokenizer: Path) -> Path:
    """Saves a tiny model of a family, with the tokenizer of another model beside it."""
    family = FAMILIES[name]
    torch.manual_seed(0)
    kind = transformers.AutoModelForImageTextToText if family.sees else transformers.AutoModelForCausalLM
    kind.from_config(family.settings()).save_pretrained(folder)
    for file in tokenizer.glob("*token*"):
        shutil.copy(file, folder)
    return folder
