"""What the progress line says: the speed of this run, also after a resume."""

from __future__ import annotations

import pytest
from transformers import TrainerControl, TrainerState, TrainingArguments

from train.training.callbacks import Progress


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def arguments(tmp_path: object) -> TrainingArguments:
    return TrainingArguments(output_dir=str(tmp_path), use_cpu=True)


def state(step: int, tokens_per_step: int = 500) -> TrainerState:
    made = TrainerState(global_step=step, max_steps=100, is_local_process_zero=True, is_world_process_zero=True)
    made.num_input_tokens_seen = step * tokens_per_step
    return made


def test_speed_and_time_left_after_a_resume_are_of_this_run_only(
    arguments: TrainingArguments, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    progress.on_train_begin(arguments, state(90), TrainerControl())
    clock.now += 60.0  # the first step sets things up and is slow
    progress.on_step_end(arguments, state(91), TrainerControl())
    for step in (92, 93, 94):
        clock.now += 10.0
        progress.on_step_end(arguments, state(step), TrainerControl())
    assert progress.tokens_per_second == pytest.approx(50.0)
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("step 93/100")
    assert "50 tokens/s" in last
    assert "70 s left" in last


def test_line_shows_the_loss_of_its_own_step(arguments: TrainingArguments, capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    progress = Progress(clock=clock)
    progress.on_train_begin(arguments, state(0), TrainerControl())
    said = []
    for step in (1, 2, 3, 4):
        clock.now += 20.0
        logs = step != 3
        progress.on_step_end(arguments, state(step), TrainerControl(should_log=logs))
        assert not logs or not capsys.readouterr().err, "said before the loss is known"
        if logs:
            progress.on_log(arguments, state(step), TrainerControl(), {"loss": float(step)})
        said.append(capsys.readouterr().err.split(", ")[:2])
    assert said == [
        ["step 1/100", "loss 1.000"],
        ["step 2/100", "loss 2.000"],
        ["step 3/100", "loss 2.000 at step 2"],
        ["step 4/100", "loss 4.000"],
    ]
