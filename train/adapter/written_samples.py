"""What a run wrote of its `sample_prompts`, from the base before the first step to the last: a file beside the adapter."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from train.adapter.evaluation_part import SamplePart
from train.atomic import sync_file

SAMPLES_FILE = "samples.jsonl"
"""A line for each sample, in the order of the steps: `step` (0 is the base), `prompt`, `text` (without the prompt)."""

MOST_BYTES = 64 * 1024 * 1024
"""Beyond it a file is none of a run's; thousands of samples come to some megabytes."""


@dataclass(frozen=True, slots=True)
class Sample:
    """How the model went on from a prompt after so many steps; the prompt is not repeated in `text`."""

    step: int
    prompt: str
    text: str


def read_samples(folder: Path) -> list[Sample]:
    """The samples in an adapter's folder; none where there is no file. A line that was cut or is no sample is left out."""
    path = folder / SAMPLES_FILE
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        return []
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return [sample for line in lines if (sample := _sample(line)) is not None]


def _sample(line: str) -> Sample | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    match found:
        case {"step": int(step), "prompt": str(prompt), "text": str(text)}:
            return Sample(step, prompt, text)
    return None


def write_samples(folder: Path, samples: Iterable[Sample]) -> None:
    """Writes all samples of a run; the file is whole or the one before."""
    path = folder / SAMPLES_FILE
    unfinished = path.with_name(f".{path.name}.part")
    text = "".join(json.dumps(asdict(sample), ensure_ascii=False) + "\n" for sample in samples)
    unfinished.write_text(text, encoding="utf-8")
    sync_file(unfinished)
    unfinished.replace(path)


def first_and_last(samples: Iterable[Sample]) -> tuple[SamplePart, ...]:
    """For each prompt what the base wrote, and what the model wrote last; prompts that lack one of both are left out."""
    first: dict[str, Sample] = {}
    last: dict[str, Sample] = {}
    for sample in samples:
        known = last if sample.step else first
        if sample.prompt not in known or known[sample.prompt].step <= sample.step:
            known[sample.prompt] = sample
    return tuple(SamplePart(prompt, first[prompt].text, last[prompt].text) for prompt in first if prompt in last)
