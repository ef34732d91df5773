"""The end of a run: the adapter with all that belongs to it, sent on where that is wished; or what to change."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError
from transformers import TrainerState

from train.adapter.card import write_records
from train.atomic import move_files_in, sync_folder
from train.config.load import Config
from train.console import duration, say
from train.data.manifest import Figures
from train.data.prepare import Prepared
from train.errors import ConfigError, TrainError, first_line
from train.models.device import Machine, peak_memory
from train.models.source import Base
from train.planning.memory import GIB, plan_memory
from train.planning.plan import planned_device
from train.planning.suggestions import remedies
from train.training.callbacks import Progress
from train.training.checkpoints import RUN_FILE, UNFINISHED, Run
from train.training.energy import Energy
from train.training.trained import FIGURES_FILE, SETTINGS_FILE, TRAINED, read_figures

CURVE_POINTS = 200
"""Points of the curve of a card."""


def figures_of(config: Config, machine: Machine, state: TrainerState, progress: Progress, energy: Energy) -> Figures:
    """What the run came to; a loss that is no number is None."""
    best = state.best_metric
    ended_with_best = config.load_best_model_at_end and best is not None and math.isfinite(best)
    return Figures(
        steps=state.global_step,
        tokens=state.num_input_tokens_seen,
        loss=_last_number(state, "loss"),
        held_out_loss=best if ended_with_best else _last_number(state, "eval_loss"),
        tokens_per_second=round(progress.tokens_per_second, 1),
        seconds=round(progress.seconds, 1),
        peak_memory=peak_memory(),
        machine=machine.sentence(),
        computed_in=str(machine.dtype).removeprefix("torch."),
        curve=curve_of(state.log_history),
        watt_hours=energy.watt_hours,
    )


def _last_number(state: TrainerState, name: str) -> float | None:
    """The last report under that name that is a number, also of the run's earlier starts."""
    found = [entry[name] for entry in state.log_history if math.isfinite(entry.get(name, math.nan))]
    return found[-1] if found else None


def curve_of(history: list[dict[str, float]]) -> tuple[tuple[int, float], ...]:
    """Steps with their losses out of a trainer's history: numbers only, `CURVE_POINTS` of them at most, the last among them."""
    points = [(int(entry["step"]), float(entry["loss"])) for entry in history if "loss" in entry and "step" in entry]
    points = [point for point in points if math.isfinite(point[1])]
    each = max(1, -(-len(points) // CURVE_POINTS))
    return tuple((step, round(loss, 4)) for step, loss in points[::-1][::each][::-1])


def finish(config: Config, trained: Path, tokenizer: Any, data: Prepared, run: Run) -> None:
    """Moves the trained weights and what belongs to them into `output_dir`, the file that makes it an adapter last.

    It may be begun again wherever it ended: what was moved stays, what was not is written anew. Raises TrainError where
    something cannot be written; the weights stay where they are then.
    """
    output_dir = Path(config.output_dir)
    figures = read_figures(trained)
    try:
        tokenizer.save_pretrained(str(trained))
        write_records(trained, config, data, run.rows, figures)
        sync_folder(trained)
        first = [path for path in sorted(trained.iterdir()) if path.name not in (RUN_FILE, FIGURES_FILE, SETTINGS_FILE)]
        move_files_in(output_dir, first, last=trained / SETTINGS_FILE)
    except Exception as error:
        # Whatever it is, a person must hear where the weights are.
        raise TrainError(
            f"{trained} holds the trained weights; the adapter could not be finished: {first_line(error)}; mend that, and "
            "the same command finishes it"
        ) from error
    clear_finished(output_dir)
    speed = (
        f" in {duration(figures.seconds)}, {figures.tokens_per_second:,.0f} tokens/s"
        if figures.tokens_per_second
        else ""
    )
    say(f"adapter in {output_dir}: {figures.steps:,} steps, {figures.tokens:,} tokens{speed}")


def clear_finished(output_dir: Path) -> None:
    """Removes what is of no more use beside a finished adapter."""
    shutil.rmtree(output_dir / TRAINED, ignore_errors=True)
    shutil.rmtree(output_dir / UNFINISHED, ignore_errors=True)


def push_adapter(config: Config) -> None:
    """Sends the adapter, without its checkpoints, to the Hub. Raises ConfigError where that fails."""
    assert config.hub_model_id
    try:
        HfApi().create_repo(config.hub_model_id, private=True, exist_ok=True)
        HfApi().upload_folder(
            repo_id=config.hub_model_id, folder_path=config.output_dir, ignore_patterns=["checkpoint-*", ".*", "runs/*"]
        )
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise ConfigError(f"hub_model_id: {config.hub_model_id}: {first_line(error)}") from error
    say(f"sent to {config.hub_model_id} (private)")


def out_of_memory(config: Config, base: Base) -> str:
    """What to change so that the run fits, and by how much, in one line."""
    on_gpu, available = planned_device(config)
    shape = base.shape
    if shape is None:
        return "memory ran out: lower micro_batch_size, then sequence_len, then lora_r"
    planned = plan_memory(config, shape, on_gpu=on_gpu).total
    # It did run out, so what the plan says was free is not; a change must bring the peak below what was planned.
    goal = min(available, planned - 1)
    steps = [
        f"{remedy.change} ({remedy.total / GIB:.1f} GiB)" for remedy in remedies(config, shape, goal, on_gpu=on_gpu)
    ]
    return (
        f"memory ran out at a planned peak of {planned / GIB:.1f} GiB of {available / GIB:.1f}; "
        + (f"change, in this order: {'; '.join(steps)}" if steps else "take a smaller model, or more memory")
        + "; then --resume"
    )
