"""The shapes of language models: built in for the models of the recipes, else read from a model's own files."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from train.errors import ConfigError, first_line
from train.models.language_part import language_config

LINEAR_LAYERS = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
"""The linear layers of a decoder layer, named alike in Llama, Mistral, Qwen and SmolLM."""

EMBEDDINGS = ("embed_tokens", "lm_head")
"""The layers at the two ends: tokens to vectors, vectors to logits."""

_SAME_LAYERS = {
    *("llama", "mistral", "ministral", "ministral3", "qwen2", "qwen3", "smollm3", "olmo2", "olmo3", "granite"),
    *("gemma", "gemma2", "gemma3_text"),
}
"""Model types of transformers whose decoder layers are named as in `LINEAR_LAYERS`."""


_FOUR_NORMS = {"gemma2", "gemma3_text"}
"""Model types with norms after attention and feed-forward part too."""

_INNER_NORMS = {"qwen3": "head", "gemma3_text": "head", "olmo2": "all", "olmo3": "all"}
"""Model types with norms of queries and keys: one for every head, or one over all heads."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a plan needs to know of a decoder-only model; sizes in elements, `context` in tokens."""

    name: str
    model_type: str
    hidden: int
    intermediate: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    context: int
    tied: bool = False
    biases: int = 0
    sliding_window: int | None = None

    @property
    def linear_layers(self) -> dict[str, tuple[int, int]]:
        """Name to (inputs, outputs) of the linear layers of one decoder layer."""
        query, keys = self.heads * self.head_dim, self.kv_heads * self.head_dim
        return {
            "q_proj": (self.hidden, query),
            "k_proj": (self.hidden, keys),
            "v_proj": (self.hidden, keys),
            "o_proj": (query, self.hidden),
            "gate_proj": (self.hidden, self.intermediate),
            "up_proj": (self.hidden, self.intermediate),
            "down_proj": (self.intermediate, self.hidden),
        }

    @property
    def modules(self) -> tuple[str, ...]:
        """The names that an adapter can be put on, or that can be trained whole."""
        return (*LINEAR_LAYERS, *EMBEDDINGS)

    @property
    def linear_parameters(self) -> int:
        """The weights of all decoder layers' linear layers, which a 4-bit base keeps in 4 bits."""
        return self.layers * sum(inputs * outputs for inputs, outputs in self.linear_layers.values())

    @property
    def embedding_parameters(self) -> int:
        """The weights of the embedding; as many again for the head, unless they are tied."""
        return self.vocabulary * self.hidden

    @property
    def norm_parameters(self) -> int:
        """The weights of the norms: two or four a layer, those of queries and keys, and one at the end."""
        around = 4 if self.model_type in _FOUR_NORMS else 2
        inner = {"head": 2 * self.head_dim, "all": (self.heads + self.kv_heads) * self.head_dim}
        within = inner.get(_INNER_NORMS.get(self.model_type, ""), 0)
        return self.layers * (around * self.hidden + within) + self.hidden

    @property
    def parameters(self) -> int:
        """All weights."""
        heads = self.embedding_parameters * (1 if self.tied else 2)
        return self.linear_parameters + heads + self.norm_parameters + self.biases


SHAPES: dict[str, Shape] = {
    shape.name: shape
    for shape in (
        Shape("Llama 2 7B", "llama", 4096, 11008, 32, 32, 32, 128, 32000, 4096),
        Shape("Llama 2 13B", "llama", 5120, 13824, 40, 40, 40, 128, 32000, 4096),
        Shape("Llama 30B", "llama", 6656, 17920, 60, 52, 52, 128, 32000, 2048),
        Shape("Llama 3 8B", "llama", 4096, 14336, 32, 32, 8, 128, 128256, 8192),
        Shape("Mistral 7B", "mistral", 4096, 14336, 32, 32, 8, 128, 32000, 32768, sliding_window=4096),
        Shape("Llama 3.1 8B", "llama", 4096, 14336, 32, 32, 8, 128, 128256, 131072),
        Shape("Llama 3.2 1B", "llama", 2048, 8192, 16, 32, 8, 64, 128256, 131072, tied=True),
        Shape("Llama 3.2 3B", "llama", 3072, 8192, 28, 24, 8, 128, 128256, 131072, tied=True),
        Shape("Qwen3 1.7B", "qwen3", 2048, 6144, 28, 16, 8, 128, 151936, 32768, tied=True),
        Shape("Qwen3 4B", "qwen3", 2560, 9728, 36, 32, 8, 128, 151936, 32768, tied=True),
        Shape("Qwen3 8B", "qwen3", 4096, 12288, 36, 32, 8, 128, 151936, 32768),
        Shape("Gemma 3 1B", "gemma3_text", 1152, 6912, 26, 4, 1, 256, 262144, 32768, tied=True, sliding_window=512),
        Shape("Gemma 3 4B", "gemma3_text", 2560, 10240, 34, 8, 4, 256, 262208, 131072, tied=True, sliding_window=1024),
        Shape(
            "Gemma 3 12B", "gemma3_text", 3840, 15360, 48, 16, 8, 256, 262208, 131072, tied=True, sliding_window=1024
        ),
        Shape("SmolLM3 3B", "smollm3", 2048, 11008, 36, 16, 4, 128, 128256, 65536, tied=True),
        Shape("Ministral 8B", "mistral", 4096, 12288, 36, 32, 8, 128, 131072, 32768),
        Shape("Mistral Small 24B", "mistral", 5120, 32768, 40, 32, 8, 128, 131072, 32768),
        Shape("SmolLM2-135M", "llama", 576, 1536, 30, 9, 3, 64, 49152, 8192, tied=True),
    )
}
"""The shapes of the recipes' models, as their published config.json files give them."""

_NAMES: tuple[tuple[str, str], ...] = (
    (r"smollm2-135m", "SmolLM2-135M"),
    (r"(meta-)?llama-3\.1-8b", "Llama 3.1 8B"),
    (r"llama-3\.2-1b", "Llama 3.2 1B"),
    (r"llama-3\.2-3b", "Llama 3.2 3B"),
    (r"(meta-)?llama-3(\.0)?-8b", "Llama 3 8B"),
    (r"qwen3-1\.7b", "Qwen3 1.7B"),
    (r"qwen3-4b", "Qwen3 4B"),
    (r"qwen3-8b", "Qwen3 8B"),
    (r"gemma-3-1b", "Gemma 3 1B"),
    (r"gemma-3-4b", "Gemma 3 4B"),
    (r"gemma-3-12b", "Gemma 3 12B"),
    (r"smollm3-3b", "SmolLM3 3B"),
    (r"ministral-8b", "Ministral 8B"),
    (r"mistral-small-24b", "Mistral Small 24B"),
    (r"llama-?2-7b", "Llama 2 7B"),
    (r"llama-?2-13b", "Llama 2 13B"),
    (r"(llama|vicuna|alpaca|guanaco|wizard\w*|hermes)\S*-?3[03]b", "Llama 30B"),
    (r"mistral-7b", "Mistral 7B"),
)
"""How the built-in models show in a name, in lower case; a fine-tuned model's name tells its base."""


def built_in_shape(name: str) -> Shape | None:
    """The built-in shape that a model's name or path tells of, or None."""
    last = name.rstrip("/").rsplit("/", 1)[-1].lower().replace("_", "-")
    return next((SHAPES[shape] for pattern, shape in _NAMES if re.search(pattern, last)), None)


def _language_values(path: Path, name: str) -> dict[str, Any]:
    """The settings of the language part of a model that also sees or hears, each with its value."""
    try:
        return dict(language_config(path.parent, name).to_dict())
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigError(f"base_model: {name}: config.json cannot be followed: {first_line(error)}") from error


def shape_of_config(path: Path, name: str) -> Shape | None:
    """The shape that a model's config.json tells; None where its layers are named otherwise than here.

    Raises ConfigError where the file is no JSON or lacks a size.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigError(f"base_model: {path} is no JSON ({first_line(error)}); fetch it again") from error
    if not isinstance(values, dict):
        raise ConfigError(f"base_model: {path} should hold keys and values")
    if isinstance(values.get("text_config"), dict):
        # A published file names only what differs from the class' own sizes.
        values = _language_values(path, name)
    if values.get("model_type") not in _SAME_LAYERS:
        return None
    try:
        heads, hidden = int(values["num_attention_heads"]), int(values["hidden_size"])
        shape = Shape(
            name=name,
            model_type=values["model_type"],
            hidden=hidden,
            intermediate=int(values["intermediate_size"]),
            layers=int(values["num_hidden_layers"]),
            heads=heads,
            kv_heads=int(values.get("num_key_value_heads") or heads),
            head_dim=int(values.get("head_dim") or hidden // heads),
            vocabulary=int(values["vocab_size"]),
            context=int(values.get("max_position_embeddings") or 2048),
            tied=bool(values.get("tie_word_embeddings", False)),
            sliding_window=values.get("sliding_window"),
        )
    except KeyError as error:
        raise ConfigError(f"base_model: {path} lacks {error}; fetch it again") from error
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise ConfigError(f"base_model: {path} gives a size that is none ({first_line(error)})") from error
    if values.get("attention_bias") or values["model_type"] == "qwen2":
        biases = shape.layers * (shape.heads + 2 * shape.kv_heads) * shape.head_dim
        return replace(shape, biases=biases)
    return shape
