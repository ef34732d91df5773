"""Which GPU trains which model, as the planner reckons it; the table of docs/gpus.md and docs/gpus.pt-BR.md.

`python -m train.planning.gpu_table docs/gpus.md docs/gpus.pt-BR.md` writes it anew between the two marks in each page.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from train.config.docs import between
from train.config.load import Config
from train.models.dimensions import SHAPES, Shape
from train.planning.memory import GIB, plan_memory
from train.planning.suggestions import remedies

BEGIN = "<!-- GPUs: written by `python -m train.planning.gpu_table docs/gpus.md docs/gpus.pt-BR.md` -->"
END = "<!-- end of GPUs -->"


@dataclass(frozen=True, slots=True)
class Gpu:
    """A size of GPU: `gib` are those that a program sees; `new` is Ampere or later, with bfloat16 and FlashAttention."""

    name: str
    gib: float
    new: bool = True


GPUS = (
    Gpu("8 GB", 8),
    Gpu("12 GB", 12),
    Gpu("T4, 16 GB", 15, new=False),
    Gpu("16 GB", 16),
    Gpu("24 GB", 24),
    Gpu("48 GB", 48),
)

MODELS = (
    *("SmolLM2-135M", "Llama 3.2 1B", "Qwen3 1.7B", "SmolLM3 3B", "Llama 3.2 3B", "Gemma 3 4B", "Qwen3 4B"),
    *("Llama 2 7B", "Mistral 7B", "Ministral 8B", "Llama 3.1 8B", "Qwen3 8B", "Gemma 3 12B", "Llama 2 13B"),
    *("Mistral Small 24B", "Llama 30B"),
)
"""By their size."""


@dataclass(frozen=True, slots=True)
class _Words:
    model: str
    whole: str
    fits: str
    rank: str
    point: str
    comma: str


_ENGLISH = _Words("model", "as they are, GiB", "yes", "rank", ".", ",")
_PORTUGUESE = _Words("modelo", "como são, GiB", "sim", "posto", ",", ".")


def settings_of(gpu: Gpu, shape: Shape) -> Config:
    """The recipes' settings for models of 7 to 8 billion weights: rank 64 on all linear layers, two rows of 4,096 at once.

    Rows are no longer than the model reads.
    """
    return Config.model_validate(
        {
            "base_model": "-",
            "datasets": [{"path": "-"}],
            "lora_r": 64,
            "lora_target_linear": True,
            "lora_dropout": 0.1,
            "sequence_len": min(4096, shape.context),
            "micro_batch_size": 2,
            "gradient_accumulation_steps": 2,
            "optimizer": "paged_adamw_8bit",
            "flash_attention": gpu.new,
            "bf16": gpu.new,
            "fp16": not gpu.new,
        }
    )


@dataclass(frozen=True, slots=True)
class Fit:
    """What of the settings a GPU can hold for a model: rows at once, their length, the rank, and the peak in bytes."""

    rows: int
    length: int
    rank: int
    peak: int


def fit_of(gpu: Gpu, shape: Shape) -> Fit | None:
    """The settings as they fit, lowered as a plan would advise where they do not; None where nothing fits."""
    config = settings_of(gpu, shape)
    available = int(gpu.gib * GIB)
    peak = plan_memory(config, shape, on_gpu=True).total
    rows, length, rank = config.micro_batch_size, config.sequence_len, config.lora_r
    if peak > available:
        for remedy in remedies(config, shape, available, on_gpu=True):
            key, _, value = remedy.change.partition(" with ")[0].partition(": ")
            rows = int(value) if key == "micro_batch_size" else rows
            length = int(value) if key == "sequence_len" else length
            rank = int(value) if key == "lora_r" else rank
            peak = remedy.total
    return Fit(rows, length, rank, peak) if peak <= available else None


def table(words: _Words) -> str:
    """The table, as Markdown: a line for each model, a column for each GPU."""
    return "\n".join(_lines(words))


def _lines(words: _Words) -> Iterator[str]:
    yield f"| {words.model} | {words.whole} | {' | '.join(gpu.name for gpu in GPUS)} |"
    yield "|---" * (len(GPUS) + 2) + "|"
    for name in MODELS:
        whole = plan_memory(settings_of(GPUS[-1], SHAPES[name]), SHAPES[name], on_gpu=True).total
        peak = f"{whole / GIB:.1f}".replace(".", words.point)
        yield f"| {name} | {peak} | {' | '.join(_cell(gpu, SHAPES[name], words) for gpu in GPUS)} |"


def _cell(gpu: Gpu, shape: Shape, words: _Words) -> str:
    fit, config = fit_of(gpu, shape), settings_of(gpu, shape)
    if fit is None:
        return "–"
    if (fit.rows, fit.length, fit.rank) == (config.micro_batch_size, config.sequence_len, config.lora_r):
        return words.fits
    length = f"{fit.length:,}".replace(",", words.comma)
    return f"{fit.rows} × {length}, {words.rank} {fit.rank}"


def with_table(page: str, *, portuguese: bool) -> str:
    """The page with the table between its two marks. Raises ValueError where a mark is missing."""
    return between(page, BEGIN, END, table(_PORTUGUESE if portuguese else _ENGLISH))


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        text = path.read_text(encoding="utf-8")
        path.write_text(with_table(text, portuguese=path.name.endswith(".pt-BR.md")), encoding="utf-8")
