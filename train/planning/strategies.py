"""When a run saves and evaluates and how it learns, in transformers' names; what of it cannot be followed is refused."""

from __future__ import annotations

import math
from typing import TypedDict

import torch
from transformers import get_scheduler

from train.config.load import Config
from train.errors import ConfigError

USUAL_SAVE_STEPS = 500
"""Steps between two checkpoints where nothing is said, as in the original run: about three hours of an RTX 3090."""


_OPTIMIZER_ARGUMENTS = {
    "ademamix": ("beta1", "beta2", "beta3", "alpha", "eps", "t_alpha", "t_beta3"),
    "sgd": ("momentum", "dampening", "weight_decay", "nesterov"),
    "adagrad": ("lr_decay", "weight_decay", "eps"),
    "rmsprop": ("momentum", "alpha", "eps", "weight_decay", "centered"),
}
"""What of `optim_args` transformers hands on (its trainer_optimizer.py); other optimisers of ours get none of it."""


class Saving(TypedDict, total=False):
    """When checkpoints are written, in transformers' names."""

    save_strategy: str
    save_steps: float


class Evaluating(TypedDict, total=False):
    """When the held-out rows are evaluated and what the best checkpoint is, in transformers' names."""

    eval_strategy: str
    eval_steps: float
    load_best_model_at_end: bool
    metric_for_best_model: str
    greater_is_better: bool


def check_strategies(config: Config, steps_per_epoch: int, *, evaluates: bool) -> None:
    """Raises ConfigError for what transformers' Trainer would refuse of it, without a machine to train on."""
    check_schedule(config)
    optimizer_arguments(config)
    evaluating(config, steps_per_epoch, evaluates=evaluates)


def saving(config: Config, steps_per_epoch: int) -> Saving:
    """When checkpoints are written."""
    strategy = config.save_strategy
    steps: float | None = config.save_steps
    if config.saves_per_epoch:
        steps = max(1, math.ceil(steps_per_epoch / config.saves_per_epoch))
    if strategy in ("no", "epoch", "best"):
        return {"save_strategy": strategy}
    return {"save_strategy": "steps", "save_steps": _whole(steps) or USUAL_SAVE_STEPS}


def evaluating(config: Config, steps_per_epoch: int, *, evaluates: bool) -> Evaluating:
    """When held-out rows are evaluated; `evaluates` says whether there are any. Raises ConfigError for a best one without them."""
    best = config.load_best_model_at_end or config.early_stopping_patience is not None or config.save_strategy == "best"
    if not evaluates or config.eval_strategy == "no":
        if config.lr_scheduler == "reduce_lr_on_plateau":
            raise ConfigError(
                "lr_scheduler: reduce_lr_on_plateau follows the held-out loss; give val_set_size or test_datasets"
            )
        if best:
            stops = "save_strategy: best" if config.early_stopping_patience is None else "early_stopping_patience"
            key = "load_best_model_at_end" if config.load_best_model_at_end else stops
            raise ConfigError(f"{key}: needs held-out documents; give val_set_size or test_datasets, and eval_steps")
        return {"eval_strategy": "no"}
    steps: float | None = config.eval_steps
    if config.evals_per_epoch:
        steps = max(1, math.ceil(steps_per_epoch / config.evals_per_epoch))
    strategy = config.eval_strategy or ("steps" if steps else "epoch")
    chosen: Evaluating = {"eval_strategy": strategy}
    if strategy == "steps":
        chosen["eval_steps"] = _whole(steps) or USUAL_SAVE_STEPS
    if config.load_best_model_at_end:
        _check_together(saving(config, steps_per_epoch), strategy, chosen.get("eval_steps"))
    if best:
        chosen["load_best_model_at_end"] = config.load_best_model_at_end
        chosen["metric_for_best_model"] = "eval_loss"
        chosen["greater_is_better"] = False
    return chosen


def _check_together(saves: Saving, strategy: str, eval_steps: float | None) -> None:
    """Raises ConfigError where what is evaluated is not what is saved, so that the best could not be read back."""
    if saves["save_strategy"] == "best":
        return
    if saves["save_strategy"] != strategy:
        raise ConfigError(
            f"load_best_model_at_end: save_strategy is {saves['save_strategy']} and eval_strategy {strategy}; both should be the same"
        )
    if strategy == "steps" and eval_steps:
        times = saves["save_steps"] / eval_steps
        if (saves["save_steps"] < 1) != (eval_steps < 1) or abs(times - round(times)) > 1e-6 or times < 1:
            raise ConfigError(
                f"load_best_model_at_end: save_steps: {saves['save_steps']:g} should be a round multiple of eval_steps: {eval_steps:g}"
            )


def _whole(steps: float | None) -> float | None:
    """Steps as transformers wants them: a whole number as one, a part of all steps as it is."""
    return int(steps) if steps is not None and steps >= 1 else steps


def optimizer_arguments(config: Config) -> str | None:
    """More arguments of the optimiser as transformers takes them.

    Raises ConfigError for what is no key=value, and for what this optimiser would pass over.
    """
    given = config.optim_args
    if isinstance(given, str) and not all("=" in part for part in given.split(",")):
        raise ConfigError(f"optim_args: {given} should be key=value, with commas between several")
    parts = given.split(",") if isinstance(given, str) else [f"{key}={value}" for key, value in (given or {}).items()]
    taken = _OPTIMIZER_ARGUMENTS.get(
        config.optimizer.removeprefix("paged_").removesuffix("_8bit").removesuffix("_32bit"), ()
    )
    for part in parts:
        key, _, value = (word.strip() for word in part.partition("="))
        if key not in taken:
            instead = f"; it takes {', '.join(taken)}" if taken else "; it takes none"
            raise ConfigError(f"optim_args: {config.optimizer} would pass over {key}{instead}")
        if key not in ("nesterov", "centered"):
            try:
                (int if key.startswith("t_") else float)(value)
            except ValueError:
                raise ConfigError(f"optim_args: {key} should be a number, not {value}") from None
    return ",".join(parts) or None


def check_schedule(config: Config) -> None:
    """Raises ConfigError for arguments that the course of the learning rate does not take, before anything is loaded."""
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=config.learning_rate)
    try:
        get_scheduler(config.lr_scheduler, optimizer, 1, 10, scheduler_specific_kwargs=dict(config.lr_scheduler_kwargs))
    except (TypeError, ValueError) as error:
        raise ConfigError(f"lr_scheduler_kwargs: {config.lr_scheduler}: {error}") from error
