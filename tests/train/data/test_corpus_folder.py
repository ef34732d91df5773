"""A corpus as `scrapy corpus` leaves it: its training part is trained on, its validation part only measured."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import processes

from train.qlora import main

ROOT = Path(__file__).resolve().parents[3]
MARKS = "language_score,duplicate_lines,punctuated_lines,newlines,word_length,nonalphabetic_words,stop_words"
QUALITY = dict.fromkeys(MARKS.split(","), None) | {"marks": [], "language_score": 1.0}


def test_training_keeps_to_the_parts_of_the_corpus(
    recipe: Callable[..., Path], tmp_path: Path, tiny_data: Path
) -> None:
    rest = {"removed": [], "authors": [], "modified": None, "section": None, "tags": [], "language": "pt"}
    rest |= {"quality": QUALITY, "opt_out": [], "kind": "article", "route": "rest", "revision": 0, "schema": 1}
    lines = [json.loads(line) | rest for line in tiny_data.read_text("utf-8").splitlines()]
    # A book among the articles, of three chapters, each as long as they are.
    texts = [str(line["text"]) for line in lines[:3]]
    chapters = [{"title": text[:9], "offset": sum(len(one) + 2 for one in texts[:n])} for n, text in enumerate(texts)]
    book = {"id": "b" * 16, "kind": "book", "text": "\n\n".join(texts), "chapters": chapters, "format": "epub"}
    lines = [lines[3] | book, *lines[4:]]
    folder = tmp_path / "data" / "articles" / "mst"
    folder.mkdir(parents=True)
    shard = "".join(
        json.dumps(line | {"crawled_at": "2024-01-01", "words": len(line["text"].split())}) + "\n" for line in lines
    )
    (folder / "mst-000001.jsonl.part").write_text(shard, encoding="utf-8")
    command = [*processes.SCRAPY, "corpus", "-s", f"DATA_DIR={tmp_path / 'data'}", "--jobs", "1"]
    options = ["--tokenizer", "none", "--validation", "0.2", "--ignore-marks", MARKS, "--by", "chapter"]
    made = processes.run([*command, *options], cwd=ROOT)
    assert made.returncode == 0, made.stderr
    corpus = tmp_path / "data" / "corpus"
    card = (corpus / "README.md").read_text("utf-8")
    assert f"| article | {len(lines) - 1} |" in card
    assert "| book | 3 |" in card

    assert main([str(recipe()), "--datasets", str(corpus)]) == 0
    trained = [json.loads(line) for line in (tmp_path / "adaptador" / "documents.jsonl").read_text().splitlines()]
    for part, name in (("train", "train"), ("held_out", "validation")):
        with gzip.open(corpus / f"{name}-00000.jsonl.gz", "rt", encoding="utf-8") as held:
            ids = {json.loads(line)["id"] for line in held}
        assert ids
        assert {line["id"] for line in trained if line["part"] == part} == ids
