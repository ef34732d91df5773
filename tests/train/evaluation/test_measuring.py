"""`python -m train.evaluate` beyond perplexity: tasks, drift, other texts, strength."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from train.evaluate import main
from train.qlora import main as train_main

PLANTED = "As obras da passarela metálica foram concluídas antes do prazo previsto."
"""A sentence of the shipped text."""


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory, session_recipe: Callable[..., Path]) -> Path:
    """An adapter whose training data holds one sentence of the shipped text."""
    folder = tmp_path_factory.mktemp("valor")
    path = session_recipe(folder, max_steps=6, learning_rate=0.03, save_strategy="no")
    with (folder / "dados.jsonl").open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({"id": "planted", "text": f"Ontem. {PLANTED} Hoje."}, ensure_ascii=False) + "\n")
    assert train_main([str(path)]) == 0
    return folder / "adaptador"


def report(*words: str, folder: Path) -> dict[str, Any]:
    assert main([*words, "--json", str(folder / "F.json")]) == 0
    found: dict[str, Any] = json.loads((folder / "F.json").read_text(encoding="utf-8"))
    return found


def test_tasks_have_three_columns_and_leave_out_what_was_trained_on(
    adapter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "textos.txt"
    text.write_text(
        f"{PLANTED} O rio da cidade velha subiu ontem. O livro novo da escola ficou caro.", encoding="utf-8"
    )
    words = ["--adapter", str(adapter), "--tasks", "pt_number,pt_gender", "--task_text", str(text)]
    found = report(*words, "--log_samples", str(tmp_path / "itens"), folder=tmp_path)
    assert "base" not in found
    number = found["tasks"]["pt_number"]
    assert number["columns"].keys() == {"base", "base_4bit", "adapter"}
    assert number["chance"] == 0.5
    assert number["left_out"] == [PLANTED]
    assert {"acc,none", "acc_norm,none"} <= number["columns"]["adapter"].keys()
    assert number["differences"].keys() == {"adapter-base", "adapter-base_4bit"}
    lines = (tmp_path / "itens" / "samples_pt_number.jsonl").read_text(encoding="utf-8").splitlines()
    items = [json.loads(line) for line in lines]
    assert len(items) == number["n"]
    assert all(PLANTED not in item["arguments"][item["target"]] for item in items)
    assert len(items[0]["columns"]["base"]["log_likelihoods"]) == 2
    shown = capsys.readouterr().out
    assert "base as it is" in shown
    assert "left out" in shown


def test_a_strength_of_nothing_is_the_base_and_drift_grows_with_it(adapter: Path, tmp_path: Path) -> None:
    asked = ["--adapter", str(adapter), "--drift", "6", "--seed", "1"]
    drifts = [report(*asked, "--scale", scale, folder=tmp_path)["drift"] for scale in ("0", "0.5", "1")]
    assert drifts[0]["drift"] == pytest.approx(0, abs=1e-6)
    assert drifts[0]["drift"] < drifts[1]["drift"] < drifts[2]["drift"]
    # The same seed has the base write the same, whatever the adapter.
    assert len({found["nats_per_token"]["base_4bit"] for found in drifts}) == 1
    low, high = drifts[2]["interval"]
    assert low < drifts[2]["drift"] < high


def test_other_texts_are_measured_in_all_columns(adapter: Path, tmp_path: Path) -> None:
    other = tmp_path / "outros.jsonl"
    other.write_text(json.dumps({"text": "the rio of the cidade is a ponte and a barco"}) + "\n", encoding="utf-8")
    (found,) = report("--adapter", str(adapter), "--also", str(other), folder=tmp_path)["also"]
    assert found["bits_per_byte"].keys() == {"base", "base_4bit", "adapter"}
    expected = found["bits_per_byte"]["adapter"] / found["bits_per_byte"]["base"] - 1
    assert found["change"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "nothing to measure"),
        (["--tasks", ","], "names no task"),
        (["--tasks", "pt_numero"], "--include_path"),
        (["--tasks", "pt", "--task_text", "nada.txt"], "nada.txt is not there"),
        (["--drift", "-1"], "--drift: should be at least 0"),
        (["--drift", "2", "--scale", "9"], "--scale: should be between"),
        (["--also", "nada.jsonl"], "nada.jsonl"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line_before_a_model_is_loaded(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["--base_model", "nowhere/at-all", *words]) == 2
    error = capsys.readouterr().err.strip()
    assert said in error.splitlines()[-1]
    assert len(error.splitlines()) == 1


def test_a_text_without_anything_to_ask_is_refused(
    tiny_base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = tmp_path / "nada.txt"
    text.write_text("Nothing here agrees with anything, of course.", encoding="utf-8")
    assert main(["--base_model", str(tiny_base), "--tasks", "pt_gender", "--task_text", str(text)]) == 2
    assert "gives no item for pt_gender" in capsys.readouterr().err
