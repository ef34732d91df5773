"""How fast texts become packed rows, beside the first project's way and TRL's `bfd_split`, all in one run.

    python benchmarks/packing.py [--documents 3000] [--length 1024] [--alternations 7] [--trl FOLDER]

Tokens per second of tokenising and packing together, the same tokenizer and the same documents for all. The documents are
put together from the paragraphs of the demo's newspaper, in lengths as news articles have them. TRL is installed beside this
environment the first time, or taken from `--trl FOLDER`.
"""

from __future__ import annotations

import argparse
import html
import json
import logging
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trl_peer import trl_folder

from train.data.documents import Document
from train.data.packing import PackedRows
from train.data.prepare import tokenise
from train.models.tokenizer import encoder_of

ARTICLES = Path(__file__).parents[1] / "aurora_crawl" / "demo" / "articles"

FIRST_WAY_TOKENS = 50
"""The first project cut a text at the first full stop after so many tokens."""

TIMES_THE_FIRST_WAY = 5.0
"""How much faster than the first project's way this project promises to be."""


@dataclass(frozen=True)
class Outcome:
    """What a way made: how many tokens went in and stand in rows, and how full those are."""

    tokens: int
    kept: int
    fill: float


def documents(count: int) -> list[str]:
    """Texts of the demo's paragraphs, of some 400 words in the median, a few of thousands."""
    paragraphs: list[str] = []
    for file in sorted(ARTICLES.glob("*.html")):
        found = re.findall(r"<p>(.+?)</p>", file.read_text(encoding="utf-8"), flags=re.S)
        paragraphs += [html.unescape(re.sub(r"<[^>]+>", "", text)).strip() for text in found]
    draw = random.Random(0)
    texts = []
    for _ in range(count):
        words = draw.lognormvariate(6.0, 0.7)
        chosen: list[str] = []
        while sum(len(text.split()) for text in chosen) < words:
            chosen.append(draw.choice(paragraphs))
        texts.append("\n\n".join(chosen))
    return texts


def tokenizer() -> Any:
    """Mistral's first tokenizer, which the package mistral-common brings, as a fast one of transformers."""
    import importlib.util
    import shutil

    from transformers import AutoTokenizer

    found = importlib.util.find_spec("mistral_common")
    if found is None or found.origin is None:
        sys.exit("benchmarks/packing.py: pip install mistral-common, whose tokenizer it measures with")
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(Path(found.origin).parent / "data" / "tokenizer.model.v1", Path(folder) / "tokenizer.model")
        kind = {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True}
        kind |= {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
        (Path(folder) / "tokenizer_config.json").write_text(json.dumps(kind))
        return AutoTokenizer.from_pretrained(folder)


def our_way(texts: list[str], model: Any, length: int) -> Outcome:
    """Tokenised in batches, packed by best fit."""
    encoder = encoder_of(model, "mistral")
    named = [Document(id=str(number), text=text) for number, text in enumerate(texts)]
    tokens = tokenise(named, encoder)
    rows = PackedRows.pack(tokens.flat, tokens.lengths, length, seed=0)
    return Outcome(len(tokens.flat), rows.tokens, rows.fill)


def trls_way(texts: list[str], model: Any, length: int) -> Outcome:
    """Tokenised in batches into a data set, packed by TRL without losing tokens."""
    from datasets import Dataset
    from trl import pack_dataset

    end = model.eos_token_id
    raw = Dataset.from_dict({"text": texts})
    tokenised = raw.map(
        lambda batch: {"input_ids": [[*ids, end] for ids in model(batch["text"])["input_ids"]]},
        batched=True,
        remove_columns=["text"],
    )
    rows = pack_dataset(tokenised.with_format("arrow"), length, "bfd_split")
    kept = len(rows.data["input_ids"].combine_chunks().flatten())
    before = len(tokenised.data["input_ids"].combine_chunks().flatten())
    return Outcome(before, kept, kept / (len(rows) * length))


def first_way(texts: list[str], model: Any, length: int) -> Outcome:
    """One text at a time, cut at the first full stop after 50 tokens, then each piece in a row of its own.

    The pieces are put together as text by decoding token by token, and tokenised again for the rows.
    """
    total, pieces = 0, []
    for text in texts:
        words: list[str] = []
        for token in model(text)["input_ids"]:
            word = model.decode([token])
            words.append(word)
            total += 1
            if len(words) > FIRST_WAY_TOKENS and "." in word:
                pieces.append("".join(words))
                words = []
        if words:
            pieces.append("".join(words))
    lengths = [min(len(ids), length) for ids in model(pieces)["input_ids"]]
    return Outcome(total, sum(lengths), sum(lengths) / (len(lengths) * length))


def timed(way: Callable[[list[str], Any, int], Outcome], *arguments: Any) -> tuple[float, Outcome]:
    """Tokens per second, and what was made."""
    started = time.perf_counter()
    outcome = way(*arguments)
    return outcome.tokens / (time.perf_counter() - started), outcome


def main() -> int:
    """Measures and prints; 0 where the promises hold, 1 where one does not, 2 where TRL cannot be had."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, default=3000)
    parser.add_argument("--length", type=int, default=1024)
    parser.add_argument("--alternations", type=int, default=7)
    parser.add_argument("--trl", type=Path, help="the folder that TRL is installed in")
    given = parser.parse_args()
    # Behind what this environment has, so that TRL alone comes from there.
    sys.path.append(str(trl_folder(given.trl)))
    import datasets

    datasets.disable_caching()
    datasets.disable_progress_bars()
    logging.getLogger("datasets").setLevel(logging.ERROR)
    ways: dict[str, Callable[[list[str], Any, int], Outcome]] = {"ours": our_way, "TRL bfd_split": trls_way}
    texts, model = documents(given.documents), tokenizer()
    for way in ways.values():
        way(texts[:100], model, given.length)
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    outcomes: dict[str, Outcome] = {}
    for turn in range(given.alternations):
        order = list(ways.items())
        for name, way in order if turn % 2 == 0 else order[::-1]:
            speed, outcomes[name] = timed(way, texts, model, given.length)
            speeds[name].append(speed)
        # The first way takes many times as long: a part of the documents tells its speed as well.
        speed, outcomes["first project"] = timed(first_way, texts[: max(1, len(texts) // 16)], model, given.length)
        speeds.setdefault("first project", []).append(speed)
    return report(speeds, outcomes, given.length)


def report(speeds: dict[str, list[float]], outcomes: dict[str, Outcome], length: int) -> int:
    """Prints the table and the ratios; the exit status."""
    print(f"{'':<16}{'tokens/s':>12}{'lost':>8}{'fill':>8}   rows of {length}")
    for name, found in speeds.items():
        outcome = outcomes[name]
        print(f"{name:<16}{statistics.median(found):>12,.0f}{outcome.tokens - outcome.kept:>8,}{outcome.fill:>8.1%}")
    first = statistics.median(a / b for a, b in zip(speeds["ours"], speeds["first project"], strict=True))
    print(f"ours / first project: {first:.1f} (promised: at least {TIMES_THE_FIRST_WAY:g})")
    kept = first >= TIMES_THE_FIRST_WAY
    ratio = statistics.median(a / b for a, b in zip(speeds["ours"], speeds["TRL bfd_split"], strict=True))
    print(f"ours / TRL bfd_split: {ratio:.2f}, the median of {len(speeds['ours'])} alternations (promised: at least 1)")
    return 0 if kept and ratio >= 1 else 1


if __name__ == "__main__":
    sys.exit(main())
