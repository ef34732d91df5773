"""What a run writes of its `sample_prompts`: the base first, then every so often, and at the end; nothing trained changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import html
from safetensors.torch import load_file

from train.adapter.written_samples import SAMPLES_FILE, Sample, first_and_last, read_samples, write_samples
from train.config.load import load_config
from train.errors import ConfigError
from train.qlora import main
from train.training.samples import SHOWN, one_line, steps_between

PROMPTS = ["A cidade", "o rio e a ponte"]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, session_recipe: Callable[..., Path]) -> Path:
    """The folder of a finished run of six steps that wrote every other one."""
    folder = tmp_path_factory.mktemp("amostras")
    path = session_recipe(folder, sample_prompts=PROMPTS, sample_steps=2, sample_max_new_tokens=8)
    assert main([str(path)]) == 0
    return folder


def steps_of(folder: Path) -> list[tuple[int, str]]:
    return [(sample.step, sample.prompt) for sample in read_samples(folder / "adaptador")]


def test_the_base_writes_first_then_the_run_and_its_end(written: Path) -> None:
    assert steps_of(written) == [(step, prompt) for step in (0, 2, 4, 6) for prompt in PROMPTS]
    samples = read_samples(written / "adaptador")
    assert all(sample.text for sample in samples)
    parts = first_and_last(samples)
    assert [part.prompt for part in parts] == PROMPTS
    assert any(part.before != part.after for part in parts)


def test_card_and_page_show_the_first_and_the_last(written: Path) -> None:
    parts = first_and_last(read_samples(written / "adaptador"))
    part = next(part for part in parts if part.before != part.after)
    card = (written / "adaptador/README.md").read_text(encoding="utf-8")
    assert card.index("## Como escreve") < card.index("## Uso") < card.index("## How it writes")
    assert card.count(f"> {part.before}\n") == card.count(f"> {part.after}\n") == 2
    page = html.parse(str(written / "adaptador/card.html"))
    shown = [quote.text for quote in page.xpath("//section[@id='en']//blockquote")]
    assert shown == [text for part in parts for text in (part.before, part.after)]


def test_training_is_the_same_with_and_without(
    written: Path, tmp_path: Path, session_recipe: Callable[..., Path]
) -> None:
    assert main([str(session_recipe(tmp_path))]) == 0
    name = "adaptador/adapter_model.safetensors"
    with_samples, without = load_file(written / name), load_file(tmp_path / name)
    assert with_samples.keys() == without.keys()
    assert all(with_samples[key].equal(without[key]) for key in without)
    assert not (tmp_path / "adaptador" / SAMPLES_FILE).exists()
    assert "Como escreve" not in (tmp_path / "adaptador/README.md").read_text(encoding="utf-8")


def test_a_resumed_run_goes_on_with_the_file(
    recipe: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = recipe(sample_prompts=PROMPTS[0], sample_steps=1, sample_max_new_tokens=8)
    assert main([str(path)]) == 0
    adapter = tmp_path / "adaptador"
    whole = read_samples(adapter)
    # As if the run had died after step 5, whose samples are later than the last checkpoint; one line was cut.
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (adapter / name).unlink()
    (adapter / "checkpoint-6").rename(tmp_path / "gone")
    marked = [Sample(s.step, s.prompt, "as it was" if s.step <= 4 else "too late") for s in whole if s.step <= 5]
    write_samples(adapter, marked)
    with (adapter / SAMPLES_FILE).open("a", encoding="utf-8") as lines:
        lines.write('{"step": 5, "pro')
    capsys.readouterr()
    assert main([str(path), "--resume", "--sample_prompts", f"[{PROMPTS[0]}, {PROMPTS[1]}]"]) == 0
    found = read_samples(adapter)
    assert [(s.step, s.text) for s in found if s.prompt == PROMPTS[0]] == [
        *((step, "as it was") for step in range(5)),
        *((s.step, s.text) for s in whole if s.step > 4),
    ]
    assert [s.step for s in found if s.prompt == PROMPTS[1]] == [0, 5, 6]
    said = capsys.readouterr().err
    assert f"sample of the base: {PROMPTS[1]} … " in said
    assert f"sample at step 6: {PROMPTS[0]} … " in said


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"sample_prompts": ["A cidade", "  "]}, "sample_prompts: holds an empty prompt"),
        ({"sample_prompts": ["A cidade", "A cidade "]}, "sample_prompts: holds a prompt twice"),
        ({"sample_prompts": {"a": 1}}, "sample_prompts: should be a valid list"),
        ({"sample_prompts": ["a"], "sample_steps": 0}, "sample_steps: should be greater than 0"),
        ({"sample_prompts": ["a"], "sample_steps": 1.5}, "sample_steps: should be a whole number of steps"),
        ({"sample_prompts": ["a"], "sample_max_new_tokens": 0}, "sample_max_new_tokens: "),
        ({"sample_prompts": ["a " * 30], "sample_max_new_tokens": 40}, "beyond a row of 64; shorten one of both"),
        ({"sample_promts": ["a"]}, "unknown key sample_promts; did you mean sample_prompts?"),
    ],
    ids=str,
)
def test_the_plan_names_what_cannot_be_followed(
    recipe: Callable[..., Path], values: dict[str, object], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(recipe(**values)), "--dry-run"]) == 2
    assert words in capsys.readouterr().err


def test_what_is_said_of_samples_that_nobody_asked_for(
    recipe: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(recipe(sample_steps=3)), "--dry-run"]) == 0
    assert "sample_steps: there are no sample_prompts" in capsys.readouterr().out


def test_under_fsdp_nothing_is_written(recipe: Callable[..., Path]) -> None:
    path = recipe(sample_prompts=["a"], fsdp="full_shard", strict=False)
    config, notices = load_config(path)
    assert config.sample_prompts == []
    assert any(notice.startswith("sample_prompts are not followed") for notice in notices)
    with pytest.raises(ConfigError):
        load_config(path, {"strict": True})


def test_steps_between_samples(recipe: Callable[..., Path]) -> None:
    config, _ = load_config(recipe(sample_prompts=["a"]))
    assert [steps_between(config, steps) for steps in (3, 100, 101)] == [1, 10, 11]
    for wanted, steps in ((0.5, 50), (7, 7)):
        assert steps_between(config.model_copy(update={"sample_steps": wanted}), 100) == steps


def test_the_log_shows_one_harmless_line() -> None:
    line = one_line("Um rio\n\x1b[31m vermelho " + "e longe " * 100)
    assert line.startswith("Um rio [31m vermelho e longe")
    assert line.isprintable()
    assert len(line) <= SHOWN + 2


def test_a_damaged_file_costs_its_damaged_lines(tmp_path: Path) -> None:
    sample = Sample(0, "a", "b\u2028c\x85d")
    write_samples(tmp_path, [sample])
    with (tmp_path / SAMPLES_FILE).open("a", encoding="utf-8") as lines:
        lines.write('[]\n{"step": "1", "prompt": "a", "text": "c"}\n' + "[" * 100_000 + "\n")
        lines.write(json.dumps({"step": 1, "prompt": "a", "text": "c"}) + "\n")
    assert read_samples(tmp_path) == [sample, Sample(1, "a", "c")]
