"""The recipe of a training run, from the configuration to the adapter; `train.qlora` is its command line."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import torch
from peft import PeftModel
from transformers import EarlyStoppingCallback, PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from train.cli import INTERRUPTED
from train.config.load import Config, check_push, load_config
from train.console import is_first, say
from train.data.packing import Collator
from train.data.prepare import Prepared, prepare
from train.data.replay import learned_rows
from train.data.replayed_texts import check_replay
from train.errors import NotANumberError, OutOfMemoryError, TrainError, first_line
from train.models.base_check import check_base, check_model_type, check_sample_prompts, check_targets
from train.models.device import Machine, choose_machine
from train.models.fit import fit
from train.models.library_logs import quiet_libraries
from train.models.load import load_for_training, loadable
from train.models.source import Base, resolve_base
from train.models.tokenizer import encoder_of, load_tokenizer
from train.planning.plan import doubts, steps_per_epoch, total_steps
from train.rehearsal.rehearse import UNPACKED, keeps_documents_apart, rehearse
from train.training.arguments import reporting_environment, training_arguments
from train.training.callbacks import Progress, StopOnSignal
from train.training.checkpoints import (
    UNFINISHED,
    Run,
    WholeCheckpoints,
    check_finished,
    check_same_run,
    checkpoints_in,
    clear_unfinished,
    is_last,
    run_of,
    settings_of,
)
from train.training.divergence import Divergence
from train.training.energy import Energy
from train.training.finish import clear_finished, figures_of, finish, out_of_memory, push_adapter
from train.training.finite import FiniteNumbers
from train.training.lr_probe import probed_settings, with_probed_rate
from train.training.preflight import check_machine, check_output, check_places, checkpoint_to_resume
from train.training.rates import AdapterTrainer
from train.training.replay import with_replay
from train.training.samples import Samples
from train.training.trained import TRAINED, KeepAtEnd, is_finished, storage_errors, take_from, trained_in


def run(path: Path, overrides: Mapping[str, object], *, push: bool = False) -> int:
    """Trains what a configuration file says, and with `push` sends the adapter to the Hub; returns the exit status.

    Raises TrainError for what the user can mend, before anything is written.
    """
    quiet_libraries()
    config, notices = load_config(path, overrides)
    check_push(config, push=push)
    base = resolve_base(config)
    config, more = fit(config, base.shape)
    for notice in (*notices, *more):
        say(f"otherwise than the configuration says: {notice}")
    status = train(config, base)
    if status == 0 and push and is_first():
        push_adapter(config)
    return status


def train(config: Config, base: Base) -> int:
    """Trains, and writes the adapter into `output_dir`; returns the exit status.

    Raises ConfigError and DataError for what the user can mend, before anything is written.
    """
    output_dir = Path(config.output_dir)
    check_output(config, output_dir)
    check_places(config, base)
    trained = trained_in(output_dir)
    if is_finished(output_dir) and (config.resume_from_checkpoint or trained):
        check_finished(output_dir, config, {**UNPACKED, **probed_settings(config, output_dir)})
        say(f"{output_dir} holds the finished adapter: nothing is left to do")
        if is_first():
            clear_finished(output_dir)
        return 0

    machine = choose_machine(config)
    check_machine(config, machine)
    config = as_begun(config, output_dir)
    check_replay(config, machine.world_size)
    say(machine.sentence())
    if advice := machine.advice():
        say(advice)
    base = loadable(base)
    tokenizer = load_tokenizer(config, base)
    encoder = encoder_of(tokenizer, config.base_model)
    check_model_type(config, base)
    check_base(base, encoder)
    check_targets(config, base)
    check_sample_prompts(config, encoder)
    data = prepare(config, encoder)
    say(describe(data))
    data = with_replay(config, base, machine, tokenizer, encoder, data)
    config = with_probed_rate(config, base, machine, data.train)
    run = run_of(config, data.train, machine.world_size)
    if trained:
        check_same_run(trained, run)
        say(f"{trained} holds the trained weights: only the adapter is left to be finished")
        if is_first():
            finish(config, trained, tokenizer, data, run)
        return 0
    checkpoint = checkpoint_to_resume(config, output_dir)
    if checkpoint:
        check_same_run(checkpoint, run)
        say(f"goes on from {checkpoint}")
    # What transformers refuses it refuses here, before the weights are loaded.
    arguments = make_arguments(config, machine, data)

    say(f"loads {base.name}{size_of(base)}")
    with memory_help(config, base):
        model = load_for_training(config, base, machine)
        apart = keeps_documents_apart(config, machine, model, data.train.tokens_flat)
        if not checkpoint:
            rehearse(config, base, machine, model, data.train.tokens_flat)
    if not apart:
        config = config.model_copy(update=UNPACKED)
        data = prepare(config, encoder)
        say(describe(data))
        data = with_replay(config, base, machine, tokenizer, encoder, data)
        run = run_of(config, data.train, machine.world_size)
        arguments = make_arguments(config, machine, data)
    say(trainable(model))
    progress, energy = Progress(), Energy()
    trainer = make_trainer(config, machine, model, data, run, progress, arguments)
    trainer.add_callback(energy)
    keeping = KeepAtEnd(trainer, output_dir, run, lambda: figures_of(config, machine, trainer.state, progress, energy))
    trainer.add_callback(keeping)
    if config.sample_prompts:
        stop = stop_of(trainer)
        trainer.add_callback(Samples(config, tokenizer, lambda: stop.received is not None))
    if checkpoint and is_last(checkpoint) and not config.fsdp:
        take_from(trainer, checkpoint)
    elif fit_adapter(trainer, checkpoint, config, base, keeping):
        say(f"stopped at step {trainer.state.global_step}; go on with: {resume_command(config)}")
        return INTERRUPTED
    keeping.finally_keep()
    if is_first():
        finish(config, output_dir / TRAINED, tokenizer, data, run)
    return 0


def as_begun(config: Config, output_dir: Path) -> Config:
    """The configuration with documents unpacked, where the run that goes on found that its base needs it."""
    whole = checkpoints_in(output_dir)
    begun = trained_in(output_dir) or (whole[-1] if whole else None)
    saved = settings_of(begun) if begun else {}
    if config.strict or not all(saved.get(key) == value for key, value in UNPACKED.items()):
        return config
    return config.model_copy(update=UNPACKED)


def describe(data: Prepared) -> str:
    """The data in one line."""
    rows = data.train
    held = f", {len(data.held_out):,} held out" if data.held_out else ""
    kept = " (tokenised before)" if data.cached else ""
    return (
        f"{len(data.documents):,} documents{held}, {rows.tokens:,} tokens{kept} in {len(rows):,} rows of {rows.length:,}, "
        f"{100 * rows.fill:.1f} % full"
    )


def size_of(base: Base) -> str:
    """How much there is to load, for people; empty where it is still on the Hub."""
    files = list(base.weights.folder.glob("*.safetensors")) if base.weights.folder else []
    size = sum(file.stat().st_size for file in files)
    return f", {size / 1e9:,.1f} GB" if size >= 1e8 else f", {size / 1e6:,.1f} MB" if files else ""


def trainable(model: PeftModel) -> str:
    """How much is trained, in one line."""
    trained, every = model.get_nb_trainable_parameters()
    return f"trains {trained:,} weights beside {every - trained:,} frozen ones"


def make_arguments(config: Config, machine: Machine, data: Prepared) -> TrainingArguments:
    """transformers' arguments of the run; says what of them a person may not have meant."""
    steps = steps_per_epoch(len(data.train), config, machine.world_size)
    for doubt in doubts(config, total_steps(config, steps), evaluates=data.validation is not None):
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
    output_dir = Path(config.output_dir)
    collator = Collator(
        # Compiled, each new length of a batch would be compiled anew.
        length=config.sequence_len if config.pad_to_sequence_len or arguments.torch_compile else None,
        flash=machine.flash,
        counted=True,
    )
    callbacks: list[TrainerCallback] = [
        progress,
        StopOnSignal(),
        # Before the checkpoints get their names: what is no number gets none.
        FiniteNumbers(output_dir),
        WholeCheckpoints(output_dir, run, config.save_total_limit),
        Divergence(
            data.train,
            replace(collator, counted=False),
            learned_rows(data.train),
            int(arguments.warmup_steps),
            config.micro_batch_size * config.gradient_accumulation_steps,
        ),
    ]
    if config.early_stopping_patience:
        callbacks.append(EarlyStoppingCallback(config.early_stopping_patience))
    trainer = AdapterTrainer(
        config,
        model=model,
        args=arguments,
        train_dataset=data.train,
        eval_dataset=data.validation,
        data_collator=collator,
        callbacks=callbacks,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def fit_adapter(trainer: Trainer, checkpoint: Path | None, config: Config, base: Base, keeping: KeepAtEnd) -> bool:
    """Trains; true where a signal ended it. What fails after the last step is said and ends nothing.

    Raises OutOfMemoryError, NotANumberError for a loss that is no number, and ConfigError where nothing can be written.
    """
    if is_first():
        clear_unfinished(Path(config.output_dir))
    stop = stop_of(trainer)
    try:
        with storage_errors(Path(config.output_dir)), memory_help(config, base):
            trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    except NotANumberError:
        raise
    except Exception as error:
        if not keeping.kept and (isinstance(error, TrainError) or not _only_the_rest_failed(trainer, config)):
            raise
        say(f"failed after the last step: {first_line(error)}; the trained weights are kept")
    finally:
        stop.give_back()
    return stop.received is not None and trainer.state.global_step < trainer.state.max_steps


def stop_of(trainer: Trainer) -> StopOnSignal:
    """What of a trainer hears signals."""
    return next(each for each in trainer.callback_handler.callbacks if isinstance(each, StopOnSignal))


@contextmanager
def memory_help(config: Config, base: Base) -> Iterator[None]:
    """Turns memory that runs out into an OutOfMemoryError that says what to change."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise OutOfMemoryError(out_of_memory(config, base)) from error
    except RuntimeError as error:
        if "can't allocate memory" not in str(error):
            raise
        raise OutOfMemoryError(out_of_memory(config, base)) from error


def _only_the_rest_failed(trainer: Trainer, config: Config) -> bool:
    """Whether every step was made and the weights in memory are those that the run is to end with.

    The best ones may not have been read back; they are in a checkpoint, from which `--resume` takes them. Of several
    processes the others would wait for this one.
    """
    done = 0 < trainer.state.max_steps <= trainer.state.global_step
    return done and not config.load_best_model_at_end and trainer.args.world_size == 1


def resume_command(config: Config) -> str:
    """The command that goes on with this run."""
    words = [word for word in sys.argv[1:] if word != "--resume"]
    return " ".join(["python -m train.qlora", *words, "--resume"])
