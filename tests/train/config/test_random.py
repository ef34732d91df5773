"""Configurations drawn from the schema: planned or refused in one line, never a traceback.

AURORA_RANDOM_CONFIGURATIONS says how many; their seed is fixed.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import yaml

from train.config.keys.base import Keys, members
from train.config.load import Config, DatasetKeys, QuantizationKeys
from train.config.unsupported import NOT_FOLLOWED
from train.qlora import main

COUNT = int(os.environ.get("AURORA_RANDOM_CONFIGURATIONS", "100"))

STRANGE: list[Any] = [
    *(None, True, False, 0, 1, -1, 2, 3.5, 1e-9, 1e30, 10**12, 10**30, float("inf"), float("nan"), "", "0", "1", "-3"),
    *("true", "false", "no", "null", "1024", "1e-4", "auto", "um texto", "{{ x }}", "ação", "[1, 2]", [], [1], [None]),
    *(["q_proj"], ["q_proj", 3], {}, {"a": 1}, {"a": {"b": None}}, {"min_lr": 1e-6}, [{"a": 1}], "a" * 300, "\x00"),
]

OURS = {"base_model", "datasets", "tokenizer_config", "base_model_config", "dataset_prepared_path"}
"""Keys that keep the tiny model and its data, so that most of what is drawn is planned to its end."""


def fitting(draw: random.Random, annotation: Any) -> Any:
    """A value of a kind that the annotation allows, mostly a small one."""
    kind = draw.choice(members(annotation))
    if get_origin(kind) is Literal:
        return draw.choice(get_args(kind))
    if get_origin(kind) is list:
        return [fitting(draw, get_args(kind)[0]) for _ in range(draw.randint(0, 2))]
    if kind in (DatasetKeys, QuantizationKeys):
        return group(draw, kind, 3)
    made: dict[Any, Callable[[], Any]] = {
        bool: lambda: draw.random() < 0.5,
        int: lambda: draw.choice([0, 1, 2, 7, 64, 500]),
        float: lambda: draw.choice([0.0, 1e-4, 0.1, 0.5, 1.0, 2.0]),
        str: lambda: draw.choice(["auto", "cosine", "adamw_torch", "q_proj", "train", "eager", "full_shard"]),
    }
    value = made.get(kind, dict)()
    return str(value) if draw.random() < 0.1 else value


def group(draw: random.Random, keys: type[Keys], count: int) -> dict[str, Any]:
    fields = [(name, field) for name, field in keys.model_fields.items() if name not in OURS]
    chosen = draw.sample(fields, min(count, len(fields)))
    return {
        name: draw.choice(STRANGE) if draw.random() < 0.2 else fitting(draw, field.annotation) for name, field in chosen
    }


def drawn(number: int) -> dict[str, Any]:
    """The configuration of that number: from two keys to eleven, now and then a strange key or a strange data set."""
    draw = random.Random(number)
    values = group(draw, Config, draw.randint(2, 11))
    if draw.random() < 0.1:
        values[draw.choice(list(NOT_FOLLOWED))] = draw.choice(STRANGE)
    if draw.random() < 0.05:
        values["base_model"] = draw.choice(STRANGE)
    return values


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dados") / "poucos.jsonl"
    path.write_text('{"text": "a ponte do rio"}\n{"text": "a feira da cidade"}\n{"text": "greve"}\n', encoding="utf-8")
    return path


def test_drawn_configuration_is_planned_or_refused(
    tmp_path: Path,
    tiny_base: Path,
    documents: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    planned = 0
    for number in range(COUNT):
        values = drawn(number)
        if random.Random(number).random() < 0.9:
            entry = {"path": str(documents)} | (
                group(random.Random(-number), DatasetKeys, 2) if number % 5 == 0 else {}
            )
            values["datasets"] = [entry]
        path = tmp_path / f"{number}.yml"
        path.write_text(yaml.safe_dump({"base_model": str(tiny_base)} | values, allow_unicode=True), encoding="utf-8")
        try:
            status = main([str(path), "--dry-run"])
        except Exception as error:
            raise AssertionError(f"{number}: {values}") from error
        said = capsys.readouterr().err
        assert status in (0, 2), (number, values)
        assert status == 0 or said.count("error: ") == 1, (number, values, said)
        planned += status == 0
    assert planned >= COUNT // 10
