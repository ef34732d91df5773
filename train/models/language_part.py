"""The part of a model that reads and writes text: the model itself, or what lies within one that also sees or hears."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from transformers import AutoConfig, PreTrainedConfig
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING

from train.errors import ConfigError

HEAD = "lm_head.weight"

KEY_MAPPING = {r"^language_model\.(model\.|lm_head\.)": r"\1", r"^model\.language_model\.": "model."}
"""How the weights of a language part are named in the files of the whole (older files, newer files), and by itself."""


def language_names(stored: Iterable[str]) -> dict[str, str]:
    """The names of the language part's weights, each with the one that it is stored under.

    Files of a model of text alone keep their names.
    """
    names = list(stored)
    if not any(re.match(pattern, name) for name in names for pattern in KEY_MAPPING):
        return {name: name for name in names}
    found = {HEAD: HEAD} if HEAD in names else {}
    for name in names:
        for pattern, replacement in KEY_MAPPING.items():
            if re.match(pattern, name):
                found[re.sub(pattern, replacement, name)] = name
    return found


def language_config(location: str | Path, name: str, stored: Iterable[str] = ()) -> PreTrainedConfig:
    """The settings of a model's language part; those of a model of text alone are the model's own.

    `stored` are its weights' names: without a head among them, the head is the embedding where the whole says so. Raises
    ConfigError for a language part that transformers has no class for.
    """
    whole: PreTrainedConfig = AutoConfig.from_pretrained(location, trust_remote_code=False)
    part = whole.get_text_config()
    if part is whole:
        return whole
    if type(part) not in MODEL_FOR_CAUSAL_LM_MAPPING:
        raise ConfigError(
            f"base_model: {name} is a {whole.model_type}, whose language part ({part.model_type}) cannot be taken out of it; "
            "take a model of text alone"
        )
    model: Any = MODEL_FOR_CAUSAL_LM_MAPPING[type(part)]
    part.architectures = [model.__name__]
    part.tie_word_embeddings = bool(whole.tie_word_embeddings or part.tie_word_embeddings) and not any(
        stored_name.endswith(HEAD) for stored_name in stored
    )
    return part


def is_part(location: str | Path) -> bool:
    """Whether a model's language part lies within a larger whole."""
    whole: PreTrainedConfig = AutoConfig.from_pretrained(location, trust_remote_code=False)
    return whole.get_text_config() is not whole
