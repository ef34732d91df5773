"""A model without its weights."""

from __future__ import annotations

from pathlib import Path

import torch
from accelerate import init_empty_weights
from transformers import AutoModelForCausalLM, PreTrainedModel

from train.models.language_part import language_config
from train.models.stored_weights import StoredWeights


def empty_model(folder: Path) -> PreTrainedModel:
    """The model in a folder without its weights: modules and their names, no memory.

    Raises ConfigError where no weights lie there, or nothing of it is a language model.
    """
    config = language_config(folder, folder.name, StoredWeights(folder).names.values())
    with init_empty_weights(include_buffers=False):
        model: PreTrainedModel = AutoModelForCausalLM.from_config(  # type: ignore[no-untyped-call]
            config, trust_remote_code=False, dtype=torch.float32
        )
    model.train(mode=False)
    return model
