"""Measuring base and adapter on documents that were not trained on."""

from __future__ import annotations

import gzip
import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from train.data.documents import Document
from train.data.packing import IGNORED
from train.evaluate import main
from train.evaluation.metrics import ratio_of, summary
from train.evaluation.perplexity import Measured, windows
from train.qlora import main as train_main


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory, session_recipe: Callable[..., Path]) -> Path:
    """An adapter that held six of the documents out."""
    folder = tmp_path_factory.mktemp("avaliar")
    path = session_recipe(folder, max_steps=10, learning_rate=0.03, val_set_size=6, save_strategy="no")
    assert train_main([str(path)]) == 0
    return folder / "adaptador"


def report(*words: str, folder: Path) -> dict[str, dict[str, float]]:
    assert main([*words, "--json", str(folder / "F.json")]) == 0
    found: dict[str, dict[str, float]] = json.loads((folder / "F.json").read_text(encoding="utf-8"))
    return found


def test_adapter_is_measured_beside_its_base_on_what_it_held_out(
    adapter: Path, tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = report("--adapter", str(adapter), "--datasets", str(tiny_data), folder=tmp_path)
    assert found["base"]["documents"] == found["adapter"]["documents"] == 6
    assert found["adapter"]["perplexity"] < found["base"]["perplexity"]
    assert found["ratio"]["perplexity"] == pytest.approx(found["adapter"]["perplexity"] / found["base"]["perplexity"])
    shown = capsys.readouterr().out
    assert "bits per byte" in shown
    assert "perplexity by site" in shown
    assert "perplexity by year" in shown
    assert not list(tmp_path.glob(".F.json*"))


def test_figures_are_those_of_transformers_for_documents_alone(
    tiny_base: Path, tiny_data: Path, tmp_path: Path
) -> None:
    found = report("--base_model", str(tiny_base), "--datasets", str(tiny_data), "--full-precision", folder=tmp_path)[
        "base"
    ]
    model = AutoModelForCausalLM.from_pretrained(tiny_base, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(tiny_base)
    nats, tokens, sizes = 0.0, 0, 0
    for line in tiny_data.read_text(encoding="utf-8").splitlines():
        text = json.loads(line)["text"]
        encoded = tokenizer(text, return_offsets_mapping=True)
        ids = torch.tensor([encoded["input_ids"]])
        with torch.no_grad():
            nats += model(ids, labels=ids).loss.item() * (ids.shape[1] - 1)
        tokens += ids.shape[1] - 1
        sizes += len(text[encoded["offset_mapping"][1][0] :].encode())
    assert found["tokens"] == tokens
    assert found["perplexity"] == pytest.approx(math.exp(nats / tokens), rel=1e-4)
    assert found["bits_per_byte"] == pytest.approx(nats / math.log(2) / sizes, rel=1e-4)


def test_the_validation_part_of_a_corpus_is_measured_without_what_was_trained_on(
    adapter: Path, tiny_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    lines = tiny_data.read_text(encoding="utf-8").splitlines(keepends=True)
    known = json.loads(lines[0]) | {"id": "e" * 16}
    new = known | {"id": "f" * 16, "text": "a feira da cidade depois da chuva"}
    (corpus / "train-00000.jsonl").write_text("".join(lines[:20]), encoding="utf-8")
    with gzip.open(corpus / "validation-00000.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("".join(lines) + json.dumps(known) + "\n" + json.dumps(new) + "\n")
    found = report("--adapter", str(adapter), "--datasets", str(corpus), folder=tmp_path)
    assert found["base"]["documents"] == 7, "six that training held out and a new one"
    assert "the validation part of the data, without 35 that were trained on" in capsys.readouterr().err


def test_without_a_document_left_to_measure_it_says_so(
    adapter: Path, tmp_path: Path, tiny_data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = [json.loads(line) for line in (adapter / "documents.jsonl").read_text().splitlines()]
    trained = {entry["id"] for entry in entries if entry["part"] == "train"}
    only = tmp_path / "so-treino.jsonl"
    lines = tiny_data.read_text(encoding="utf-8").splitlines(keepends=True)
    only.write_text("".join(line for line in lines if json.loads(line)["id"] in trained), encoding="utf-8")
    assert main(["--adapter", str(adapter), "--datasets", str(only), "--json", str(tmp_path / "F.json")]) == 2
    assert "none is left to measure with" in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "F.json").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--adapter", "/nicht/da", "--datasets", "DATA"], "holds no finished adapter"),
        (["--base_model", "/nicht/da", "--datasets", "DATA"], "/nicht/da"),
        (["--datasets", "DATA"], "name the base model"),
        (["--base_model", "BASE", "--datasets", "/nicht/da"], "/nicht/da"),
        (["--base_model", "BASE", "--datasets", "DATA", "--json", "/nicht/da/F.json"], "the folder of"),
    ],
)
def test_what_the_user_can_mend_is_one_line(
    tiny_base: Path, tiny_data: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    places = {"BASE": str(tiny_base), "DATA": str(tiny_data)}
    assert main([places.get(word, word) for word in words]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith("error: ")
    assert said in lines[-1]


def test_every_token_but_the_first_is_foretold_once_with_half_a_window_before_it() -> None:
    tokens = list(range(100, 125))
    found = list(windows(tokens, 8))
    assert [label for _, labels in found for label in labels[1:] if label != IGNORED] == tokens[1:]
    for ids, labels in found[1:]:
        assert labels.index(next(label for label in labels if label != IGNORED)) >= 4
        assert all(label in (IGNORED, token) for token, label in zip(ids, labels, strict=True))
    assert list(windows(tokens[:5], 8)) == [(tokens[:5], tokens[:5])]


def test_perplexity_is_over_all_tokens_not_over_documents() -> None:
    documents = [Document("a", "", site="x", published="2020-01-01"), Document("b", "", site="y", published=None)]
    measured = [Measured(nats=100.0, tokens=100, bytes=400), Measured(nats=30.0, tokens=10, bytes=40)]
    figures = summary(measured, documents)
    assert figures.perplexity == pytest.approx(math.exp(130 / 110))
    assert figures.bits_per_byte == pytest.approx(130 / math.log(2) / 440)
    assert figures.sites["y"].perplexity == pytest.approx(math.exp(3))
    assert figures.years.keys() == {"2020", "unknown"}
    low, high = figures.perplexity_interval
    assert low <= figures.perplexity <= high


def test_interval_of_the_ratio_is_narrow_where_every_document_gains_alike() -> None:
    base = [Measured(nats=50.0 * number, tokens=20 * number, bytes=80 * number) for number in range(1, 21)]
    better = [Measured(part.nats - 0.5 * part.tokens, part.tokens, part.bytes) for part in base]
    ratio = ratio_of(base, better)
    assert ratio.perplexity == pytest.approx(math.exp(-0.5))
    assert ratio.perplexity_interval == pytest.approx([math.exp(-0.5)] * 2)
