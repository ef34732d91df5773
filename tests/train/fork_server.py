"""Programs of `train` in processes of their own, forked from this one, which has imported everything: that takes longer
than a run. Run as a script; each line of its input is an order in JSON, each line of its output the answer.

`start` forks a program and answers its process id; a death may be ordered at a place, by SIGKILL: nothing can clean up
after that, as in a loss of power. `wait` answers the exit status, negative for a signal.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import transformers

from train import merge, qlora
from train.export import __main__ as export
from train.export import model as export_model
from train.export import run as export_run
from train.merging import merged_model
from train.models import stored_weights
from train.training import checkpoints, run

PROGRAMS = {"qlora": qlora.main, "merge": merge.main, "export": export.main}
IMPORTED = (merged_model, run, export_run)
"""What the programs would import when they run."""


def die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dies_after_step(number: int) -> None:
    class Death(transformers.TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.global_step >= number:
                die()

    make = transformers.Trainer.__init__

    def init(self: Any, *arguments: Any, **named: Any) -> None:
        make(self, *arguments, **named)
        self.add_callback(Death())

    transformers.Trainer.__init__ = init


def dies_while_writing(number: int) -> None:
    save, count = torch.save, [0]

    def cut_short(value: Any, target: Any, *arguments: Any, **named: Any) -> None:
        count[0] += 1
        save(value, target, *arguments, **named)
        if count[0] >= number:
            Path(target).write_bytes(Path(target).read_bytes()[:100])
            die()

    torch.save = cut_short


def dies_before_renaming(number: int) -> None:
    checkpoints.move_in = die


def dies_among_the_files_of_the_adapter(number: int) -> None:
    replace, count = Path.replace, [0]

    def cut_short(self: Path, target: Any) -> Path:
        count[0] += 1
        if count[0] >= number:
            die()
        return replace(self, target)

    Path.replace = cut_short  # type: ignore[method-assign, assignment]


def dies_before_weight(number: int) -> None:
    write, count = stored_weights.ShardWriter.write, [0]

    def cut_short(self: Any, name: str, tensor: Any) -> None:
        count[0] += 1
        if count[0] == number:
            die()
        write(self, name, tensor)

    stored_weights.ShardWriter.write = cut_short  # type: ignore[method-assign]


def dies_before_tensor(number: int) -> None:
    encoded, count = export_model.encoded, [0]

    def cut_short(blocks: Any, tensor: Any) -> Any:
        count[0] += 1
        if count[0] == number:
            die()
        return encoded(blocks, tensor)

    export_model.encoded = cut_short


DEATHS: dict[str, Callable[[int], None]] = {
    "step": dies_after_step,
    "write": dies_while_writing,
    "rename": dies_before_renaming,
    "adapter": dies_among_the_files_of_the_adapter,
    "weight": dies_before_weight,
    "tensor": dies_before_tensor,
    "none": lambda number: None,
}


def start(order: dict[str, Any]) -> int:
    child = os.fork()
    if child:
        return child
    with Path(order["said"]).open("w", encoding="utf-8", buffering=1) as said:
        os.dup2(said.fileno(), sys.stdout.fileno())
        os.dup2(said.fileno(), sys.stderr.fileno())
        os.environ.update(order["environment"])
        sys.argv[1:] = order["words"]
        DEATHS[order["place"]](order["number"])
        status = 1
        try:
            status = PROGRAMS[order["program"]](order["words"])
            sys.stderr.flush()
        finally:
            os._exit(status)


if __name__ == "__main__":
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            print(os.waitstatus_to_exitcode(os.waitpid(order["wait"], 0)[1]), flush=True)
        else:
            print(start(order), flush=True)
