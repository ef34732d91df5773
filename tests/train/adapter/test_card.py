"""The card of an adapter, and the same as a page that opens without a network."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import html

from train.adapter.card import rewrite_card
from train.adapter.evaluation_part import EvaluationPart, Figure, SamplePart, TaskPart
from train.evaluate import main
from train.qlora import main as train_main
from train.training.energy import Energy
from train.training.finish import CURVE_POINTS, curve_of


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory, session_recipe: Callable[..., Path]) -> Path:
    """An adapter of texts of which one site has a hostile name."""
    folder = tmp_path_factory.mktemp("cartao")
    path = session_recipe(folder, max_steps=6, save_strategy="no")
    with (folder / "dados.jsonl").open("a", encoding="utf-8") as lines:
        record = {"id": "x", "text": "a cidade tem um rio e uma ponte", "site": "<script>alert(1)</script>|x"}
        lines.write(json.dumps(record) + "\n")
    assert train_main([str(path)]) == 0
    return folder / "adaptador"


def page_of(adapter: Path) -> tuple[str, html.HtmlElement]:
    text = (adapter / "card.html").read_text(encoding="utf-8")
    return text, html.document_fromstring(text)


def test_the_page_shows_curve_and_data_and_asks_no_network(adapter: Path) -> None:
    text, page = page_of(adapter)
    assert [section.get("lang") for section in page.iter("section")] == ["pt-BR", "en"]
    assert not re.search(r"(?:src|href)=[\"'](?!#)", text)
    assert "<script" not in text
    assert len(page.xpath("//section[@id='pt']//polyline")[0].get("points").split()) == 6
    words = " ".join(page.text_content().split())
    for expected in ("2019", "2021", "CC-BY-4.0", "licença", "licence", "horas", "hours", "Ainda não avaliado"):
        assert expected in words
    card = (adapter / "README.md").read_text(encoding="utf-8")
    assert "curva (passo: perda): 1:" in card
    assert "energy:" in card


def test_an_evaluation_is_written_into_card_and_page_in_both_languages(adapter: Path, tmp_path: Path) -> None:
    text = tmp_path / "textos.txt"
    text.write_text(
        "O rio da cidade velha subiu ontem cedo. O livro novo da escola ficou muito caro.", encoding="utf-8"
    )
    words = ["--adapter", str(adapter), "--tasks", "pt_gender", "--task_text", str(text), "--drift", "3", "--card"]
    assert main(words) == 0
    card = (adapter / "README.md").read_text(encoding="utf-8")
    assert card.index("## O que vale") < card.index("## What it is worth")
    assert card.count("| pt_gender |") == 2
    assert "distância da base" in card
    assert "distance from the base" in card
    assert card.count("**Início:**") == 2
    _, page = page_of(adapter)
    assert len(page.xpath("//td[text()='pt_gender']")) == 2
    assert len(page.iter("blockquote") and page.xpath("//blockquote")) == 8
    figures = json.loads((adapter / "evaluation.json").read_text(encoding="utf-8"))
    assert figures["tasks"][0]["columns"].keys() == {"base", "base_4bit", "adapter"}


def test_what_models_and_sites_write_stays_text(adapter: Path) -> None:
    sample = SamplePart("Início", "<b>x</b>\n# head", "</blockquote><img src=x onerror=y>")
    task = TaskPart("t<i>", "acc", 1000, 0.5, {"base": Figure(0.7, 0.65, 0.75)}, None, "no signal")
    rewrite_card(adapter, EvaluationPart(tasks=(task,), samples=(sample,)))
    _, page = page_of(adapter)
    assert not page.xpath("//img | //b[text()='x'] | //i | //script")
    assert "70,0 (65,0–75,0)" in page.xpath("//section[@id='pt']")[0].text_content()
    assert "70.0 (65.0–75.0)" in page.xpath("//section[@id='en']")[0].text_content()
    assert "1.000" in page.xpath("//section[@id='pt']")[0].text_content()
    assert "sem sinal" in page.xpath("//section[@id='pt']")[0].text_content()
    card = (adapter / "README.md").read_text(encoding="utf-8")
    assert "\n> # head" in card
    assert "\\|x" in card


def test_a_card_that_is_not_this_programs_is_left_alone(
    tiny_base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--base_model", str(tiny_base), "--tasks", "pt", "--card"]) == 2
    assert "--card: is an adapter's" in capsys.readouterr().err


def test_a_curve_is_thinned_and_ends_with_the_last_step() -> None:
    history = [{"step": step, "loss": 4.0 if step != 7 else float("nan")} for step in range(1, 1001)]
    found = curve_of([*history, {"step": 1000, "train_loss": 4.0}])
    assert len(found) <= CURVE_POINTS
    assert found[-1] == (1000, 4.0)
    assert curve_of([]) == ()


def test_energy_is_what_the_processors_counter_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    nothing: dict[str, object] = {"args": None, "state": None, "control": None}
    meter = Energy(rapl=tmp_path)
    meter.on_train_begin(**nothing)  # type: ignore[arg-type]
    meter.on_step_end(**nothing)  # type: ignore[arg-type]
    assert meter.watt_hours is None
    counter = tmp_path / "intel-rapl:0" / "energy_uj"
    counter.parent.mkdir()
    counter.write_text("1000000", encoding="ascii")
    meter.on_train_begin(**nothing)  # type: ignore[arg-type]
    for value in (5_000_000, 9_000_000, 100, 2_000_100):  # it begins anew once
        counter.write_text(str(value), encoding="ascii")
        meter.on_step_end(**nothing)  # type: ignore[arg-type]
    assert meter.watt_hours == pytest.approx(10 / 3600)
