"""All that is tried on a loaded model before the first step, and what is done where something fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from peft import PeftModel

from train.config.load import Config
from train.console import say
from train.errors import ConfigError, TrainError, first_line
from train.models.device import Machine
from train.models.load import weights_folder
from train.models.source import Base
from train.models.stored_weights import stored_quantisation
from train.rehearsal.isolation import isolation_of
from train.rehearsal.merging import check_merging
from train.rehearsal.reading import check_evaluation, check_generation

UNPACKED: dict[str, object] = {"sample_packing": False, "eval_sample_packing": False}
"""The keys of a run whose documents have a row each."""


def keeps_documents_apart(config: Config, machine: Machine, model: PeftModel, tokens: np.ndarray) -> bool:
    """Whether rows of several documents can be trained on as the configuration wants them.

    `tokens` are some of the run's own. Says in one line where they see each other; under `strict` it raises ConfigError.
    """
    if not (config.sample_packing or config.eval_sample_packing):
        return True
    with _reading(model, machine.dtype):
        found = isolation_of(model, tokens, machine.dtype, flash=machine.flash)
    if found.holds:
        return True
    seen = (
        f"sample_packing: in {config.base_model} documents of a row see each other: a token's loss moves by "
        f"{found.moved:.2g} nats when others change, and is {found.off:.2g} off the document's alone"
    )
    if config.strict:
        raise ConfigError(f"{seen}; set sample_packing and eval_sample_packing to false")
    say(f"{seen}; every document gets a row of its own")
    return False


def rehearse(config: Config, base: Base, machine: Machine, model: PeftModel, tokens: np.ndarray) -> None:
    """Tries what follows the training: evaluation and generation, each started once, and a layer of each kind merged.

    The model, its adapter and the random numbers are as they were. Raises ConfigError for what fails.
    """
    with _reading(model, machine.dtype):
        _tried(config, "evaluated", lambda: check_evaluation(model, tokens))
        _tried(config, "used to generate", lambda: check_generation(model, tokens))
    with _reading(model, torch.float32):
        reason = _not_merged(config, base)
        if reason:
            say(f"the adapter will not be merged as it is: {reason}")
        else:
            _tried(config, "merged", lambda: check_merging(config, weights_folder(base), model, machine.dtype))


def _not_merged(config: Config, base: Base) -> str:
    """Why an adapter is of use although `train.merge` alone cannot merge it; empty where it can."""
    if config.load_in_8bit:
        return "it is trained on 8 bits"
    if stored_quantisation(weights_folder(base)):
        return "its base is stored quantised; train.merge takes the one that it was made of with --base_model"
    if isinstance(config.peft_init_lora_weights, str) and config.peft_init_lora_weights not in ("gaussian", "eva"):
        return f"peft_init_lora_weights: {config.peft_init_lora_weights} alters the base; convert it with peft first"
    return ""


def _tried(config: Config, what: str, check: Callable[[], object]) -> None:
    try:
        check()
    except (TrainError, torch.OutOfMemoryError, MemoryError):
        raise
    except Exception as error:
        # Whatever it is, after hours of training it would be too late.
        raise ConfigError(
            f"base_model: {config.base_model} can be trained and not {what}: {type(error).__name__}: {first_line(error)}; "
            "take another base"
        ) from error


@contextmanager
def _reading(model: PeftModel, computed_in: torch.dtype) -> Iterator[None]:
    """A model in its mode for reading, computing as in training; afterwards it, and torch's random numbers, are as they were.

    Layers that are trained whole are kept in float32, and autocast computes them in the narrow type.
    """
    is_narrow = computed_in != torch.float32
    devices = [model.device] if model.device.type == "cuda" else []
    training = model.training
    with torch.random.fork_rng(devices=devices), torch.autocast(model.device.type, computed_in, enabled=is_narrow):
        model.train(mode=False)
        try:
            yield
        finally:
            model.train(mode=training)
