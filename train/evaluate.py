"""Perplexity of base and adapter on documents that were not trained on: `python -m train.evaluate`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from train.adapter.load import adapter_config
from train.cli import ended, quiet_libraries
from train.config.keys.base import ConfigError
from train.config.load import Config

if TYPE_CHECKING:
    from train.data.documents import Document
    from train.evaluation.perplexity import Measured, Measurer

WINDOW = 2048
"""Tokens that are read at once; a longer document is measured in windows that overlap by half."""


def main(words: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    arguments = _parser().parse_args(words)
    return ended(lambda: _run(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m train.evaluate", description=__doc__)
    parser.add_argument(
        "--base_model", help="the base: a folder, a GGUF file, a name on the Hub; the adapter knows its own"
    )
    parser.add_argument("--adapter", type=Path, help="the adapter's folder; without it only the base is measured")
    parser.add_argument(
        "--datasets", nargs="+", required=True, metavar="PATH", help="shards, corpus folder, JSON Lines"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="where the figures go")
    parser.add_argument("--limit", type=int, metavar="N", help="at most so many documents, drawn by their ids")
    parser.add_argument("--window", type=int, default=WINDOW, help="tokens read at once (default %(default)s)")
    parser.add_argument("--full-precision", action="store_true", help="the base as it is, not in 4 bits")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    if arguments.json and not arguments.json.absolute().parent.is_dir():
        raise ConfigError(f"--json: the folder of {arguments.json} is not there")
    config = adapter_config(
        arguments.base_model, arguments.adapter, datasets=arguments.datasets, full_precision=arguments.full_precision
    )
    from train.data.documents import source_files

    for entry in config.datasets:
        source_files(entry)
    quiet_libraries()
    documents, origin = held_out_documents(config, arguments.adapter, arguments.limit)
    print(f"{len(documents):,} documents: {origin}", file=sys.stderr)

    from train.evaluation.metrics import compare, table
    from train.evaluation.perplexity import Measurer

    measurer = Measurer(config, arguments.adapter, arguments.window)
    base, adapter = measure_all(measurer, documents)
    report = compare(base, adapter, documents) | {"held_out": origin, "base_model": config.base_model}
    if arguments.adapter:
        report["adapter_path"] = str(arguments.adapter)
    print(table(report), end="")
    if arguments.json:
        unfinished = arguments.json.with_name(f".{arguments.json.name}.part")
        unfinished.write_text(
            json.dumps(report, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8"
        )
        unfinished.replace(arguments.json)
    return 0


def held_out_documents(config: Config, adapter: Path | None, limit: int | None) -> tuple[list[Document], str]:
    """The documents to measure on, and in words why these: none of them was trained on.

    The validation part of the data where it has one; else, with an adapter, those that the adapter held out; else those
    that are not among its training documents; without an adapter all. Raises DataError where none is left.
    """
    import hashlib

    from train.adapter.card import documents_of
    from train.data.documents import DataError, read_documents

    trained = documents_of(adapter, "train") if adapter else set()
    found, origin = read_documents(config.datasets, "validation"), "the validation part of the data"
    if not found:
        found, origin = read_documents(config.datasets), "all of the data"
        held = documents_of(adapter, "held_out") if adapter else set()
        chosen = [document for document in found if document.id in held]
        if chosen:
            found, origin = chosen, "those that training held out"
    left = [document for document in found if document.id not in trained]
    if len(left) < len(found):
        origin += f", without {len(found) - len(left):,} that were trained on"
    if not left:
        paths = ", ".join(entry.path for entry in config.datasets)
        raise DataError(f"datasets: {paths}: every document was trained on, none is left to measure with")
    if limit is not None and limit < len(left):
        left = sorted(left, key=lambda document: hashlib.sha256(document.id.encode()).digest())[:limit]
        origin += f", {limit:,} of them"
    return left, origin


def measure_all(measurer: Measurer, documents: Sequence[Document]) -> tuple[list[Measured], list[Measured] | None]:
    """Each document measured by itself, with the base and, where there is one, with the adapter."""
    from tqdm import tqdm

    with tqdm(total=len(documents), desc="measuring", unit=" documents", disable=None, leave=False) as bar:
        base: list[Measured] = []
        adapted: list[Measured] = []
        for document in documents:
            base.append(measurer.measure(document.text, with_adapter=False))
            if measurer.adapter is not None:
                adapted.append(measurer.measure(document.text, with_adapter=True))
            bar.update()
    return base, adapted if measurer.adapter is not None else None


if __name__ == "__main__":
    sys.exit(main())
