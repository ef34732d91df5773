"""What an adapter is worth, how far it moves, and whether a rate is found: SmolLM2-135M, its recipe, the demo's newspaper.

    python benchmarks/worth.py [--parts tasks drift rate] [--seeds 3] [--limit N] [--folder DIR]

- tasks: adapters of several seeds, and one of as many tokens of English (this project's docs), on the quick suite; two seeds of one
  recipe against each other on 20 disjoint draws of items.
- drift: a run with replay (KL) beside one without, at equal Portuguese tokens; strength .7; English bits per byte.
- rate: `lr_probe` from starts ten times off, beside a grid, for SmolLM2 (two seeds) and two tiny models that are trained first;
  a run at a hundredfold rate.

What is trained stays in --folder, and is not trained again. On two idle cores the tasks take half an hour, of which a quick suite takes
at most fifteen minutes; everything takes some three hours. Exit status 1 where a promise is not kept.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from training import RECIPE, ROOT, articles

from train.config.load import load_config
from train.evaluation.items import Item, Task
from train.evaluation.scores import Answers, compare
from train.models.source import resolve_base
from train.models.tokenizer import Encoder, encoder_of, load_tokenizer

MOST_TOKENS = 31_000
LEAST_GAIN = {"pt_number": 0.04, "pt_gender": 0.04, "pt_cloze": -0.5}
"""The adapter less the base as it is: in parts of 1, and in bits a word."""
LEAST_ITEMS = {"pt_number": 600, "pt_gender": 1000}
DRAWS, MOST_CALLED = 20, 2
MOST_MINUTES = 15
MOST_DRIFT, MOST_PORTUGUESE, MOST_ENGLISH = 0.5, 0.005, 0.01
LEAST_KEPT = 0.9
MOST_PROBE_LOSS, MOST_PROBE_MINUTES, MOST_STEPS = 0.02, 40, 20
GRID = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2)


class Bench:
    """The folder of a run of this benchmark, and which of its promises were kept."""

    def __init__(self, folder: Path, limit: int | None) -> None:
        self.folder, self.limit = folder, limit
        self.kept: list[bool] = []
        folder.mkdir(parents=True, exist_ok=True)

    def promise(self, kept: bool, text: str) -> None:
        """Prints a figure with whether it is what was promised."""
        self.kept.append(kept)
        print(f"{'ok  ' if kept else 'MISS'} {text}", flush=True)

    def train(self, name: str, data: Path, *words: str) -> Path:
        """An adapter, trained where it is not there yet."""
        output = self.folder / name
        if not (output / "adapter_config.json").is_file():
            command = ["train.qlora", str(RECIPE), "--datasets", str(data), "--val_set_size", "0", *words]
            places = ["--output_dir", str(output), "--dataset_prepared_path", str(self.folder / "prepared")]
            finished(self.run(*command, *places))
        return output

    def evaluate(self, name: str, *words: str) -> dict[str, Any]:
        """The figures of an evaluation, measured where they are not there yet."""
        path = self.folder / f"{name}.json"
        if not path.is_file():
            limited = ["--limit", str(self.limit)] if self.limit else []
            finished(self.run("train.evaluate", *words, *limited, "--json", str(path)))
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def run(self, module: str, *words: str) -> subprocess.CompletedProcess[str]:
        """A program of `train`, with what it says."""
        return subprocess.run(
            [sys.executable, "-m", module, *words], cwd=ROOT, capture_output=True, text=True, check=False
        )


def finished(done: subprocess.CompletedProcess[str]) -> None:
    """Ends the benchmark where a program has failed."""
    if done.returncode:
        sys.exit(f"{' '.join(done.args[2:5])} … ended with {done.returncode}: {done.stderr.strip().splitlines()[-1]}")


def main() -> int:
    """Runs the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--parts", nargs="+", choices=("tasks", "drift", "rate"), default=["tasks", "drift", "rate"])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--limit", type=int, help="items of each task and documents; the promises are for all")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "worth-benchmark")
    arguments = parser.parse_args()
    bench = Bench(arguments.folder.absolute(), arguments.limit)
    portuguese, held_out, english, english_rest = write_texts(bench.folder)
    if "tasks" in arguments.parts:
        tasks(bench, portuguese, english, arguments.seeds)
    if "drift" in arguments.parts:
        drift(bench, portuguese, held_out, english_rest)
    if "rate" in arguments.parts:
        rate(bench, portuguese, held_out)
    return 0 if all(bench.kept) else 1


def write_texts(folder: Path) -> tuple[Path, Path, Path, Path]:
    """Portuguese and English texts to train on, at most `MOST_TOKENS` each, and those that are left of each."""
    config, _ = load_config(RECIPE, {"datasets": "texts"})
    encoder = encoder_of(load_tokenizer(config, resolve_base(config)))
    paths: list[Path] = []
    for name, texts in (("pt", list(articles())), ("en", list(docs()))):
        room = MOST_TOKENS if name == "pt" else MOST_TOKENS * 2 // 3
        parts = divided(texts, encoder, room)
        for part, kept in zip(("train", "held-out"), parts, strict=True):
            paths.append(folder / f"{name}-{part}.jsonl")
            lines = (json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in kept)
            paths[-1].write_text("".join(lines), encoding="utf-8")
    return paths[0], paths[1], paths[2], paths[3]


def docs() -> Iterator[str]:
    """The prose of this project's documentation, a text a chapter."""
    for path in sorted((ROOT / "docs").glob("*.md")):
        if path.name.endswith("pt-BR.md"):
            continue
        for chapter in re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.M):
            blocks = [part for part in chapter.split("\n\n") if not part.startswith(("|", "    ", "#", "```", "-"))]
            text = "\n\n".join(" ".join(block.split()) for block in blocks)
            if len(text.split()) >= 60:
                yield text


def divided(texts: Sequence[str], encoder: Encoder, room: int) -> tuple[list[str], list[str]]:
    """The texts that fit into so many tokens, in order, and the others."""
    kept: list[str] = []
    left: list[str] = []
    for text in texts:
        size = int(encoder.encode([text])[1][0])
        (kept if size <= room else left).append(text)
        room -= size if size <= room else 0
    return kept, left


def tasks(bench: Bench, portuguese: Path, english: Path, seeds: int) -> None:
    """The quick suite for several seeds, and for an adapter of another language."""
    samples = {}
    for seed in range(1, seeds + 1):
        adapter = bench.train(f"news-{seed}", portuguese, "--seed", str(seed))
        log = bench.folder / f"samples-{seed}"
        began = time.monotonic()
        fresh = not (bench.folder / f"tasks-{seed}.json").is_file()
        found = bench.evaluate(f"tasks-{seed}", "--adapter", str(adapter), "--tasks", "pt", "--log_samples", str(log))
        minutes = (time.monotonic() - began) / 60
        if fresh and seed == 1:
            bench.promise(
                minutes <= MOST_MINUTES, f"quick suite in {minutes:.1f} minutes (at most {MOST_MINUTES}, idle)"
            )
        for name, task in found["tasks"].items():
            between = task["differences"]["adapter-base"]
            gain, (low, high) = between["difference"], between["interval"]
            wanted = LEAST_GAIN[name]
            enough = gain >= wanted and low > 0 if task["higher_is_better"] else gain <= wanted and high < 0
            count = task["n"] >= LEAST_ITEMS.get(name, 0) or bool(bench.limit)
            bench.promise(
                enough and count, f"seed {seed} {name}: {gain:+.3f} [{low:+.3f}, {high:+.3f}] on {task['n']} items"
            )
        samples[seed] = log
    other = bench.train("english", english, "--seed", "1")
    found = bench.evaluate("tasks-english", "--adapter", str(other), "--tasks", "pt")
    for name, task in found["tasks"].items():
        between = task["differences"]["adapter-base"]
        print(f"     adapter of English {name}: {between['difference']:+.3f} {between['interval']}")
    if seeds > 1:
        calibration(bench, samples[1], samples[2])


def calibration(bench: Bench, one: Path, other: Path) -> None:
    """Two seeds of one recipe against each other on disjoint draws: they are equal, and hardly any draw may say otherwise."""
    first, second = (read_samples(folder / "samples_pt_gender.jsonl") for folder in (one, other))
    groups = list(dict.fromkeys(item.group for item, _ in first))
    np.random.default_rng(0).shuffle(groups)
    called = 0
    for chosen in np.array_split(np.array(groups, dtype=object), DRAWS):
        wanted = set(chosen.tolist())
        pairs = [(a, b) for a, b in zip(first, second, strict=True) if a[0].group in wanted]
        task = Task("draw", tuple(a[0] for a, _ in pairs), "acc")
        answers = [Answers(tuple(pair[side][1] for pair in pairs), (), (), ()) for side in (0, 1)]
        called += compare(task, answers[0], answers[1]).clear
    bench.promise(
        called <= MOST_CALLED, f"of {DRAWS} draws two seeds are told apart in {called} (at most {MOST_CALLED})"
    )


def read_samples(path: Path) -> list[tuple[Item, float]]:
    """The items of a file of samples, with what the adapter answered."""
    entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        (
            Item(
                "",
                tuple(choice for _, choice in entry["arguments"]),
                entry["target"],
                entry["arguments"][entry["target"]][1],
            ),
            float(entry["columns"]["adapter"]["acc"]),
        )
        for entry in entries
    ]


def drift(bench: Bench, portuguese: Path, held_out: Path, english: Path) -> None:
    """Replay and strength: what they keep, and what they cost."""
    asked = ["--drift", "64", "--seed", "7", "--datasets", str(held_out), "--also", str(english)]
    plain = bench.train("news-1", portuguese, "--seed", "1")
    replayed = bench.train("news-1-replay", portuguese, "--seed", "1", "--replay", "self")
    without = bench.evaluate("drift-plain", "--adapter", str(plain), *asked)
    with_kl = bench.evaluate("drift-replay", "--adapter", str(replayed), *asked)
    weaker = bench.evaluate("drift-weaker", "--adapter", str(plain), "--scale", ".7", *asked)
    moved = [found["drift"]["drift"] for found in (without, with_kl, weaker)]
    bits = [found["adapter"]["bits_per_byte"] for found in (without, with_kl, weaker)]
    share, cost = moved[1] / moved[0], bits[1] / bits[0] - 1
    bench.promise(share <= MOST_DRIFT, f"drift with replay {moved[1]:.3f} nats of {moved[0]:.3f} without ({share:.2f})")
    bench.promise(abs(cost) <= MOST_PORTUGUESE, f"Portuguese bits per byte with replay {100 * cost:+.2f} %")
    base = without["base"]["bits_per_byte"]
    kept = (base - bits[2]) / (base - bits[0])
    bench.promise(kept >= LEAST_KEPT, f"strength .7 keeps {100 * kept:.0f} % of the gain, drift {moved[2]:.3f} nats")
    for name, found in (("without", without), ("with replay", with_kl)):
        change = found["also"][0]["change"]
        bench.promise(change <= MOST_ENGLISH, f"English bits per byte {name}: {100 * change:+.2f} % of the base")


def rate(bench: Bench, portuguese: Path, held_out: Path) -> None:
    """What `lr_probe` comes to beside a grid, from starts ten times off; and a hundredfold rate."""
    bases = [("smollm2", "SmolLM2-135M", seed) for seed in (1, 2)]
    bases += [(f"tiny-{seed}", str(tiny_base(bench, portuguese, seed)), seed) for seed in (1, 2)]
    for name, base, seed in bases:
        words = ["--base_model", base, "--seed", str(seed)]
        grid = {}
        for value in GRID:
            grid[value] = measured(
                bench, f"{name}-{seed}-{value:g}", portuguese, held_out, *words, "--learning_rate", str(value)
            )
        best = min(grid.values())
        for start in (1e-4, 1e-2):
            began = time.monotonic()
            label = f"{name}-{seed}-probe-{start:g}"
            asked = [*words, "--learning_rate", str(start), "--lr_probe"]
            found = measured(bench, label, portuguese, held_out, *asked)
            minutes = (time.monotonic() - began) / 60
            far = found / best - 1
            text = f"{name}, seed {seed}, from {start:g}: {100 * far:+.2f} % of the grid's best, {minutes:.0f} minutes"
            bench.promise(far <= MOST_PROBE_LOSS and minutes <= MOST_PROBE_MINUTES, text)
    done = bench.run(
        *("train.qlora", str(RECIPE), "--datasets", str(portuguese), "--learning_rate", "0.1", "--val_set_size", "0"),
        *("--output_dir", str(bench.folder / "hundredfold")),
    )
    line = done.stderr.strip().splitlines()[-1]
    steps = re.search(r"in (\d+) steps; lower it", line)
    bench.promise(
        done.returncode == 2 and steps is not None and int(steps[1]) <= MOST_STEPS, f"hundredfold rate: {line}"
    )


def measured(bench: Bench, name: str, data: Path, held_out: Path, *words: str) -> float:
    """The perplexity on held-out texts of an adapter trained so; infinity where the training gave none up."""
    output = bench.folder / name
    if not (output / "adapter_config.json").is_file():
        places = ["--output_dir", str(output), "--dataset_prepared_path", str(bench.folder / "prepared")]
        asked = [str(RECIPE), "--datasets", str(data), "--val_set_size", "0", *words, *places]
        if bench.run("train.qlora", *asked).returncode:
            return float("inf")
    found = bench.evaluate(f"perplexity-{name}", "--adapter", str(output), "--datasets", str(held_out))
    return float(found["adapter"]["perplexity"])


def tiny_base(bench: Bench, texts: Path, seed: int) -> Path:
    """A tiny Llama that has learned a little Portuguese from the first half of the texts, all its weights, by seed."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = bench.folder / f"tiny-base-{seed}"
    if (folder / "config.json").is_file():
        return folder
    config, _ = load_config(RECIPE, {"datasets": "texts"})
    tokenizer = load_tokenizer(config, resolve_base(config))
    torch.manual_seed(seed)
    sizes = {
        "hidden_size": 96 * seed,
        "intermediate_size": 256 * seed,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
    }
    model = LlamaForCausalLM(LlamaConfig(vocab_size=len(tokenizer), bos_token_id=1, eos_token_id=2, **sizes))
    lines = texts.read_text(encoding="utf-8").splitlines()
    tokens = torch.tensor([each for line in lines[::2] for each in tokenizer(json.loads(line)["text"]).input_ids])
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    for _ in range(150):
        places = torch.randint(0, len(tokens) - 129, (8, 1)) + torch.arange(128)
        model(input_ids=tokens[places], labels=tokens[places]).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    tokenizer.save_pretrained(str(folder))
    model.save_pretrained(folder)
    return folder


if __name__ == "__main__":
    sys.exit(main())
