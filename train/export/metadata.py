"""What GGUF says of a model: sizes, positions, scales, in llama.cpp's keys; what llama.cpp would compute otherwise is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from gguf import GGUFWriter, RopeScalingType
from transformers import PreTrainedConfig

from train.console import say
from train.errors import ConfigError
from train.export.vocabulary import Vocabulary

GEMMA_3_PATTERN = 6
"""In llama.cpp every sixth layer of Gemma 3 looks at everything, the others at a window."""

NO_ROPE_STEP = 4
"""In llama.cpp every fourth layer of SmolLM3 does without positions."""

_GEMMA_WINDOW_BASE = 10000.0
"""The base of Gemma 3's frequencies in its layers with a window, which llama.cpp does not read from the file."""


def write_metadata(writer: GGUFWriter, settings: PreTrainedConfig, model_type: str, name: str) -> None:
    """Writes the keys of a model of that type. Raises ConfigError for one that llama.cpp would run as another function."""
    config: Any = settings
    heads = config.num_attention_heads
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // heads
    writer.add_name(name)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(heads)
    writer.add_head_count_kv(config.num_key_value_heads or heads)
    writer.add_key_length(head_dim)
    writer.add_value_length(head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    writer.add_rope_dimension_count(head_dim)
    _refuse_activation(config, model_type, name)
    _write_rope(writer, _rope(config, model_type), name)
    _write_scales(writer, config, model_type, head_dim, name)
    _write_window(writer, config, model_type, name)


def rope_factors(settings: PreTrainedConfig, model_type: str) -> np.ndarray | None:
    """Llama 3's factors of the frequencies, one for each pair of a head's values, in float32; None for other models."""
    config: Any = settings
    rope = _rope(config, model_type)
    if rope.get("rope_type") != "llama3":
        return None
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    frequencies = rope["rope_theta"] ** (-np.arange(0, head_dim, 2, dtype=np.float64) / head_dim)
    lengths = 2 * math.pi / frequencies
    low, high, before = rope["low_freq_factor"], rope["high_freq_factor"], rope["original_max_position_embeddings"]
    smooth = (before / lengths - low) / (high - low)
    between = 1 / ((1 - smooth) / rope["factor"] + smooth)
    factors = np.where(lengths < before / high, 1.0, np.where(lengths > before / low, rope["factor"], between))
    return factors.astype(np.float32)


def write_vocabulary(writer: GGUFWriter, vocabulary: Vocabulary) -> None:
    """Writes the tokenizer's keys."""
    writer.add_tokenizer_model(vocabulary.model)
    writer.add_tokenizer_pre(vocabulary.pre)
    writer.add_token_list(vocabulary.pieces)
    writer.add_token_types(vocabulary.kinds)
    if vocabulary.model == "llama":
        writer.add_token_scores(vocabulary.scores)
        writer.add_add_space_prefix(vocabulary.adds_space)
    else:
        writer.add_token_merges(vocabulary.merges)
    for kind, index in vocabulary.special.items():
        getattr(writer, f"add_{kind}_token_id")(index)
    writer.add_add_bos_token(vocabulary.adds_begin)
    # A document's end is learned; a prompt has none.
    writer.add_add_eos_token(False)
    if vocabulary.chat_template:
        writer.add_chat_template(vocabulary.chat_template)


def _rope(config: Any, model_type: str) -> dict[str, Any]:
    found = dict(config.rope_parameters or {})
    return dict(found["full_attention"]) if model_type == "gemma3_text" else found


def _write_rope(writer: GGUFWriter, rope: dict[str, Any], name: str) -> None:
    writer.add_rope_freq_base(float(rope.get("rope_theta") or 10000.0))
    kind = rope.get("rope_type") or "default"
    if kind == "linear":
        writer.add_rope_scaling_type(RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(float(rope["factor"]))
    elif kind not in ("default", "llama3"):
        raise ConfigError(f"base_model: {name} scales its positions by {kind}, which train.export does not write")
    if float(rope.get("partial_rotary_factor") or 1.0) != 1.0:
        raise ConfigError(f"base_model: {name} turns a part of each head only, which train.export does not write")


def _write_scales(writer: GGUFWriter, config: Any, model_type: str, head_dim: int, name: str) -> None:
    if model_type in ("gemma2", "gemma3_text") and config.query_pre_attn_scalar != head_dim:
        raise ConfigError(
            f"base_model: {name} divides its scores by the root of {config.query_pre_attn_scalar}, llama.cpp by that of a "
            f"head's {head_dim} values"
        )
    if model_type == "gemma2":
        writer.add_attn_logit_softcapping(config.attn_logit_softcapping)
        writer.add_final_logit_softcapping(config.final_logit_softcapping)
    elif model_type == "gemma3_text":
        bent = [key for key in ("attn_logit_softcapping", "final_logit_softcapping") if getattr(config, key, None)]
        if bent:
            raise ConfigError(f"base_model: {name} has {bent[0]}, which llama.cpp's Gemma 3 has not")
    elif model_type == "granite":
        writer.add_attention_scale(config.attention_multiplier)
        writer.add_embedding_scale(config.embedding_multiplier)
        writer.add_residual_scale(config.residual_multiplier)
        writer.add_logit_scale(config.logits_scaling)


def _write_window(writer: GGUFWriter, config: Any, model_type: str, name: str) -> None:
    """Windows and layers without positions, which llama.cpp knows by the family and not from the file."""
    window: Any = getattr(config, "sliding_window", None)
    kinds = list(getattr(config, "layer_types", None) or [])
    layers = config.num_hidden_layers
    if model_type == "smollm3":
        wanted = [(index + 1) % NO_ROPE_STEP != 0 for index in range(layers)]
        if [bool(each) for each in config.no_rope_layers] != wanted or "sliding_attention" in kinds:
            raise ConfigError(
                f"base_model: {name} is no SmolLM3 as llama.cpp knows it, by its layers without positions"
            )
    elif model_type in ("gemma2", "gemma3_text"):
        step = 2 if model_type == "gemma2" else GEMMA_3_PATTERN
        expected = ["full_attention" if (index + 1) % step == 0 else "sliding_attention" for index in range(layers)]
        if kinds != expected:
            raise ConfigError(f"base_model: {name} has other layers with a window than llama.cpp's {model_type}")
        if model_type == "gemma3_text":
            base = config.rope_parameters["sliding_attention"]["rope_theta"]
            if base != _GEMMA_WINDOW_BASE:
                raise ConfigError(f"base_model: {name} has rope_theta {base:g} in its windows, llama.cpp 10,000")
        writer.add_sliding_window(window)
    elif "sliding_attention" in kinds or (
        model_type == "mistral" and window and window < config.max_position_embeddings
    ):
        say(
            f"{name} looks back {window:,} tokens, llama.cpp at the whole text: beyond {window:,} tokens the two differ"
        )


def _refuse_activation(config: Any, model_type: str, name: str) -> None:
    wanted = ("gelu_pytorch_tanh",) if model_type in ("gemma2", "gemma3_text") else ("silu",)
    found = getattr(config, "hidden_activation", None) or getattr(config, "hidden_act", None)
    if found not in wanted:
        raise ConfigError(f"base_model: {name} has the activation {found}, llama.cpp's {model_type} {wanted[0]}")
