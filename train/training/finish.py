"""The end of a run: the adapter with all that belongs to it, sent on where that is wished; or what to change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError
from transformers import Trainer

from train.adapter.card import write_records
from train.atomic import move_files_in, sync_folder
from train.config.load import Config
from train.console import say
from train.data.manifest import Figures
from train.data.prepare import Prepared
from train.errors import ConfigError, first_line
from train.models.device import Machine, peak_memory
from train.models.source import Base
from train.planning.memory import GIB, plan_memory
from train.planning.plan import planned_device
from train.planning.suggestions import remedies
from train.training.callbacks import Progress, duration
from train.training.checkpoints import UNFINISHED, Run


def save_adapter(trainer: Trainer, output_dir: Path) -> Path:
    """Writes the adapter into a folder that is not its own yet; every process calls it, since each may hold a part."""
    folder = output_dir / UNFINISHED / "adapter"
    trainer.save_model(str(folder))
    return folder


def finish(
    config: Config,
    folder: Path,
    machine: Machine,
    trainer: Trainer,
    tokenizer: Any,
    data: Prepared,
    run: Run,
    progress: Progress,
    seconds: float,
) -> None:
    """Moves the adapter in `folder` and what belongs to it into `output_dir`, the file that makes it one last."""
    output_dir = Path(config.output_dir)
    figures = Figures(
        steps=trainer.state.global_step,
        tokens=round(trainer.state.global_step * progress.tokens_per_step),
        loss=progress.last_loss,
        held_out_loss=trainer.state.best_metric if config.load_best_model_at_end else progress.held_out_loss,
        tokens_per_second=round(progress.tokens_per_second, 1),
        seconds=round(seconds, 1),
        peak_memory=peak_memory(),
        machine=machine.sentence(),
        computed_in=str(machine.dtype).removeprefix("torch."),
    )
    # The trainer's own settings, pickled; the configuration says them in plain text.
    (folder / "training_args.bin").unlink()
    tokenizer.save_pretrained(str(folder))
    write_records(folder, config, data, run.rows, figures)
    sync_folder(folder)
    move_files_in(folder, output_dir, last="adapter_config.json")
    (output_dir / UNFINISHED).rmdir()
    speed = f" in {duration(seconds)}, {figures.tokens_per_second:,.0f} tokens/s" if figures.tokens_per_second else ""
    say(f"adapter in {output_dir}: {figures.steps:,} steps, {figures.tokens:,} tokens{speed}")


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
