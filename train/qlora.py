"""The recipe of a training run: `python -m train.qlora CONFIG.yml [--KEY VALUE …]`."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from train.cli import INTERRUPTED, QloraArguments, ended, quiet_libraries, read_qlora_arguments
from train.config.keys.base import ConfigError
from train.config.load import Config, load_config
from train.console import is_first, say
from train.training.finish import finish, out_of_memory, push, save_adapter
from train.training.preflight import check_machine, check_output, check_places, checkpoint_to_resume

if TYPE_CHECKING:
    from peft import PeftModel
    from transformers import Trainer, TrainingArguments

    from train.data.packing import PackedRows
    from train.data.prepare import Prepared
    from train.models.device import Machine
    from train.training.callbacks import Progress
    from train.training.checkpoints import Run

USAGE = """\
usage: python -m train.qlora CONFIG.yml [--KEY VALUE …] [--dry-run] [--resume] [--push]
       python -m train.qlora --explain KEY

Trains a 4-bit LoRA adapter from shards of text; it lands in output_dir as peft writes it.

  --KEY VALUE …    any key of the configuration, over what the file says; --datasets takes plain paths
  --dry-run        prints the plan (data, rows, steps, hours, memory) and loads no weights
  --resume         goes on from the last whole checkpoint in output_dir
  --push           sends the finished adapter to hub_model_id on the Hub
  --explain KEY    says what a key means; `all` lists them
"""


def main(words: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    return ended(lambda: _run(read_qlora_arguments(sys.argv[1:] if words is None else words)))


def _run(arguments: QloraArguments) -> int:
    if arguments.help:
        print(USAGE, end="")
        return 0
    if arguments.explain:
        from train.config.docs import explain

        print(explain(arguments.explain))
        return 0
    if arguments.config is None:
        raise ConfigError(
            "command line: name a configuration, such as train/recipes/smollm2-135m.yml (--help says more)"
        )
    config, notices = load_config(Path(arguments.config), arguments.overrides)
    if arguments.resume:
        config = config.model_copy(update={"resume_from_checkpoint": True})
    if arguments.push and not config.hub_model_id:
        raise ConfigError("hub_model_id: --push needs it, as in --hub_model_id USER/NAME")
    if arguments.dry_run:
        from train.planning.plan import plan, render

        quiet_libraries()
        text = render(plan(config, notices, processes=int(os.environ.get("WORLD_SIZE", "1"))))
        print(text if is_first() else "", end="")
        return 0
    for notice in notices:
        say(f"otherwise than the configuration says: {notice}")
    status = train(config)
    if status == 0 and arguments.push and is_first():
        push(config)
    return status


def train(config: Config) -> int:
    """Trains, and writes the adapter into `output_dir`; returns the exit status.

    Raises ConfigError and DataError for what the user can mend, before anything is written.
    """
    output_dir = Path(config.output_dir)
    check_output(config, output_dir)
    check_places(config)
    if config.resume_from_checkpoint and (output_dir / "adapter_config.json").is_file():
        say(f"{output_dir} holds the finished adapter: nothing is left to do")
        return 0

    quiet_libraries()
    from train.data.prepare import prepare
    from train.models.device import choose_machine
    from train.models.tokenizer import encoder_of, load_tokenizer
    from train.training.checkpoints import check_same_run, run_of

    machine = choose_machine(config)
    check_machine(config, machine)
    say(machine.sentence())
    convert_base(config)
    tokenizer = load_tokenizer(config)
    data = prepare(config, encoder_of(tokenizer, config.base_model), progress=is_first())
    say(describe(data))
    run = run_of(config, data.train, machine.world_size)
    checkpoint = checkpoint_to_resume(config, output_dir)
    if checkpoint:
        check_same_run(checkpoint, run)
        say(f"goes on from {checkpoint}")
    # What transformers refuses it refuses here, before the weights are loaded.
    arguments = make_arguments(config, machine, data)

    from train.models.load import load_for_training

    model = load_for_training(config, machine)
    say(trainable(model))
    progress = make_progress(config, data.train, machine)
    trainer = make_trainer(config, machine, model, data, run, progress, arguments)
    started = time.monotonic()
    stopped = fit(trainer, checkpoint, config)
    if stopped:
        say(f"stopped at step {trainer.state.global_step}; go on with: {resume_command(config)}")
        return INTERRUPTED
    folder = save_adapter(trainer, output_dir)
    if is_first():
        finish(config, folder, machine, trainer, tokenizer, data, run, progress, time.monotonic() - started)
    return 0


def convert_base(config: Config) -> None:
    """Converts a GGUF base, once; refuses one that is not safe to read."""
    from train.models.load import model_folder
    from train.models.source import converted_folder, resolve_base

    base = resolve_base(config.base_model)
    if base.gguf and not converted_folder(base).is_dir():
        say(f"{base.name}: converts the GGUF file into {converted_folder(base)}, once; about a minute for 135M weights")
    model_folder(config.base_model)


def describe(data: Prepared) -> str:
    """The data in one line."""
    rows = data.train
    held = f", {len(data.held_out):,} held out" if data.held_out else ""
    kept = " (tokenised before)" if data.cached else ""
    return (
        f"{len(data.documents):,} documents{held}, {rows.tokens:,} tokens{kept} in {len(rows):,} rows of {rows.length:,}, "
        f"{100 * rows.fill:.1f} % full"
    )


def trainable(model: PeftModel) -> str:
    """How much is trained, in one line."""
    trained, every = model.get_nb_trainable_parameters()
    return f"trains {trained:,} weights beside {every - trained:,} frozen ones"


def make_progress(config: Config, rows: PackedRows, machine: Machine) -> Progress:
    """The progress of the run, with the tokens that a step has on the average."""
    from train.training.callbacks import Progress

    row = rows.tokens / max(1, len(rows))
    return Progress(row * config.micro_batch_size * config.gradient_accumulation_steps * machine.world_size)


def make_arguments(config: Config, machine: Machine, data: Prepared) -> TrainingArguments:
    """transformers' arguments of the run; says what of them a person may not have meant."""
    from train.planning.plan import doubts, steps_per_epoch, total_steps
    from train.training.arguments import reporting_environment, training_arguments
    from train.training.checkpoints import UNFINISHED

    steps = steps_per_epoch(len(data.train), config, machine.world_size)
    for doubt in doubts(config, total_steps(config, steps)):
        say(doubt)
    os.environ.update(reporting_environment(config))
    return training_arguments(
        config,
        machine,
        Path(config.output_dir) / UNFINISHED,
        steps_per_epoch=steps,
        evaluates=data.validation is not None,
    )


def make_trainer(
    config: Config,
    machine: Machine,
    model: PeftModel,
    data: Prepared,
    run: Run,
    progress: Progress,
    arguments: TrainingArguments,
) -> Trainer:
    """transformers' Trainer with the rows, and with checkpoints, progress and signals looked after."""
    from transformers import EarlyStoppingCallback, PrinterCallback, Trainer

    from train.data.packing import Collator
    from train.training.callbacks import StopOnSignal
    from train.training.checkpoints import WholeCheckpoints

    output_dir = Path(config.output_dir)
    callbacks: list[Any] = [progress, StopOnSignal(), WholeCheckpoints(output_dir, run, config.save_total_limit)]
    if config.early_stopping_patience:
        callbacks.append(EarlyStoppingCallback(config.early_stopping_patience))
    trainer = Trainer(
        model=model,
        args=arguments,
        train_dataset=data.train,
        eval_dataset=data.validation,
        data_collator=Collator(length=config.sequence_len if config.pad_to_sequence_len else None, flash=machine.flash),
        callbacks=callbacks,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def fit(trainer: Trainer, checkpoint: Path | None, config: Config) -> bool:
    """Trains; true where a signal ended it. Raises ConfigError where memory runs out or the loss is no number."""
    import torch

    from train.training.callbacks import NotANumberError, StopOnSignal
    from train.training.checkpoints import clear_unfinished

    if is_first():
        clear_unfinished(Path(config.output_dir))
    stop = next(callback for callback in trainer.callback_handler.callbacks if isinstance(callback, StopOnSignal))
    try:
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    except NotANumberError as error:
        raise ConfigError(f"learning_rate: {error}") from error
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise ConfigError(out_of_memory(config)) from error
    except RuntimeError as error:
        if "can't allocate memory" not in str(error):
            raise
        raise ConfigError(out_of_memory(config)) from error
    finally:
        stop.give_back()
    return stop.received is not None


def resume_command(config: Config) -> str:
    """The command that goes on with this run."""
    words = [word for word in sys.argv[1:] if word != "--resume"]
    return " ".join(["python -m train.qlora", *words, "--resume"])


if __name__ == "__main__":
    sys.exit(main())
