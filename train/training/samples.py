"""How a run writes on the way: its `sample_prompts` continued by the base, every so often, and at the end."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import PreTrainedTokenizerBase, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from train.adapter.written_samples import Sample, read_samples, write_samples
from train.config.load import Config
from train.console import is_first, say
from train.models.own_samples import continuation

SHOWN = 160
"""Letters of a sample that the log shows; the file has all of it."""


class Samples(TrainerCallback):
    """Continues each of `sample_prompts` into the log and the samples' file; of several processes only the first one does.

    The same seed each time, so that what differs is the model's. Nothing of the training changes by it: neither weights
    nor random numbers. Where memory does not suffice for a sample, that is said and the run goes on.
    """

    def __init__(
        self, config: Config, tokenizer: PreTrainedTokenizerBase, interrupted: Callable[[], bool] = lambda: False
    ) -> None:
        """`interrupted` says whether the run was stopped, so that its end is none of the training."""
        self.config = config
        self.tokenizer = tokenizer
        self.interrupted = interrupted
        self.folder = Path(config.output_dir)
        self.samples: list[Sample] = []

    def on_train_begin(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        model: PeftModel | None = None,
        **_: Any,
    ) -> None:
        """Keeps what was written up to the step that the run goes on from, and lets the base write what it has not."""
        if model is None or not is_first():
            return
        before = read_samples(self.folder) if state.global_step else []
        self.samples = [sample for sample in before if sample.step <= state.global_step]
        known = {sample.prompt for sample in self.samples if sample.step == 0}
        with model.disable_adapter():
            self._write(model, 0, [prompt for prompt in self.config.sample_prompts if prompt not in known])

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        model: PeftModel | None = None,
        **_: Any,
    ) -> None:
        """Writes where a step is one of `sample_steps`; the last one is left to the end."""
        due = state.global_step % steps_between(self.config, state.max_steps) == 0
        if model is not None and is_first() and due and state.global_step < state.max_steps:
            self._write(model, state.global_step, self.config.sample_prompts)

    def on_train_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        model: PeftModel | None = None,
        **_: Any,
    ) -> None:
        """Writes with the weights that the run ends with, the best ones where it takes those."""
        if model is None or not is_first() or self.interrupted():
            return
        self.samples = [sample for sample in self.samples if sample.step < max(1, state.global_step)]
        self._write(model, state.global_step, self.config.sample_prompts)

    def _write(self, model: PeftModel, step: int, prompts: list[str]) -> None:
        for prompt in prompts:
            try:
                text = continuation(
                    model, self.tokenizer, prompt, seed=self.config.seed, tokens=self.config.sample_max_new_tokens
                )
            except torch.OutOfMemoryError:
                say(f"sample_prompts: memory does not suffice for a sample at step {step}; the run goes on without it")
                continue
            self.samples.append(Sample(step, prompt, text))
            say(f"{f'sample at step {step}' if step else 'sample of the base'}: {one_line(prompt)} … {one_line(text)}")
        write_samples(self.folder, self.samples)


def steps_between(config: Config, steps: int) -> int:
    """The steps of the optimiser between two samples in a run of so many; a tenth of all where nobody says otherwise."""
    wanted = 0.1 if config.sample_steps is None else config.sample_steps
    return max(1, math.ceil(wanted * steps) if wanted < 1 else int(wanted))


def one_line(text: str) -> str:
    """The beginning of a text as one line that no terminal takes for a command."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= SHOWN else f"{line[:SHOWN].rsplit(' ', 1)[0]} …"
