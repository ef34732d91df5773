"""Configurations drawn from the schema: planned or refused in one line, never a traceback; what is planned is what they say.

AURORA_RANDOM_CONFIGURATIONS says how many; their seed is fixed.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import yaml

from train.config.keys.base import Keys, members
from train.config.load import Config, DatasetKeys, QuantizationKeys, load_config
from train.config.unsupported import NOT_FOLLOWED
from train.errors import ConfigError
from train.models.device import choose_machine
from train.models.fit import fit
from train.models.source import resolve_base
from train.qlora import main
from train.training.arguments import training_arguments
from train.training.preflight import check_machine

COUNT = int(os.environ.get("AURORA_RANDOM_CONFIGURATIONS", "100"))

BY_COMMAND = 20
PLANNED_BY_COMMAND = 5
FIRST_BY_COMMAND = 100_000
"""Others than those that are tried in the tests' own process."""

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


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value if inner is not None] if isinstance(value, list) else value


def same(given: Any, found: Any) -> bool:
    """Whether what a run goes by is what the file says; `"1024"` says 1024 where a number belongs, 64 says `64` as text."""
    if isinstance(given, dict):
        return isinstance(found, dict) and all(key in found and same(value, found[key]) for key, value in given.items())
    if isinstance(given, list) and isinstance(found, list):
        return len(given) == len(found) and all(map(same, given, found))
    if isinstance(found, str) and not isinstance(given, str):
        return bool(found == yaml.safe_dump(given).splitlines()[0])
    if isinstance(given, str) and not isinstance(found, str):
        given = yaml.safe_load(given)
    if isinstance(found, bool):
        return str(given).lower() in (("true", "1") if found else ("false", "0"))
    if isinstance(given, int | float) or isinstance(found, int | float):
        return float(given) == float(found)
    return bool(given == found)


OF_ARGUMENTS = {
    "learning_rate": "learning_rate",
    "lr_scheduler": "lr_scheduler_type",
    "weight_decay": "weight_decay",
    "max_grad_norm": "max_grad_norm",
    "adam_beta1": "adam_beta1",
    "adam_beta2": "adam_beta2",
    "adam_epsilon": "adam_epsilon",
    "micro_batch_size": "per_device_train_batch_size",
    "gradient_accumulation_steps": "gradient_accumulation_steps",
    "neftune_noise_alpha": "neftune_noise_alpha",
    "seed": "seed",
    "logging_steps": "logging_steps",
}
"""Keys that are handed to transformers as they are, and its names for them."""


def check_followed(path: Path, values: dict[str, Any], said: str) -> None:
    """What would be trained is what the file says, or the key is named; and the run would not refuse what was planned."""
    config, _ = load_config(path)
    base = resolve_base(config)
    config, _ = fit(config, base.shape)
    found = config.model_dump(mode="json")
    for key, value in without_nulls(values).items():
        if key in NOT_FOLLOWED and not value:
            continue  # It asks for nothing.
        assert key in said or (key in found and same(value, found[key])), (key, value, found.get(key), said)
    try:
        machine = choose_machine(config)
        check_machine(config, machine)
    except ConfigError:
        # What this machine lacks another one may have: the plan is for that one.
        return
    arguments = training_arguments(config, machine, path.parent, steps_per_epoch=3, evaluates=bool(config.val_set_size))
    for key, name in OF_ARGUMENTS.items():
        assert same(found[key], getattr(arguments, name)), (key, found[key], getattr(arguments, name))
    assert config.max_steps == (None if arguments.max_steps == -1 else arguments.max_steps)
    assert config.max_steps or config.num_epochs == arguments.num_train_epochs


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("dados") / "poucos.jsonl"
    path.write_text('{"text": "a ponte do rio"}\n{"text": "a feira da cidade"}\n{"text": "greve"}\n', encoding="utf-8")
    return path


def written(folder: Path, number: int, base: Path, documents: Path) -> tuple[Path, dict[str, Any]]:
    """The file of the configuration of that number, and what it says."""
    values = drawn(number)
    if random.Random(number).random() < 0.9:
        entry = {"path": str(documents)} | (group(random.Random(-number), DatasetKeys, 2) if number % 5 == 0 else {})
        values["datasets"] = [entry]
    path = folder / f"{number}.yml"
    path.write_text(yaml.safe_dump({"base_model": str(base)} | values, allow_unicode=True), encoding="utf-8")
    return path, values


def test_the_command_ends_as_in_the_tests_own_process(
    tmp_path: Path, tiny_base: Path, documents: Path, forks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = planned = 0
    for number in count(FIRST_BY_COMMAND):
        path, values = written(tmp_path, number, tiny_base, documents)
        expected = main([str(path), "--dry-run"])
        if expected == 2 and refused == BY_COMMAND - PLANNED_BY_COMMAND:
            # Most of what is drawn is refused.
            continue
        process, said = forks.start("qlora", str(path), "--dry-run")
        status = forks.wait(process)
        text = said.read_text(encoding="utf-8")
        assert status == expected, (number, values, text)
        assert "Traceback" not in text, (number, values, text)
        assert status == 0 or (status == 2 and text.count("error: ") == 1), (number, values, text)
        refused, planned = refused + (status == 2), planned + (status == 0)
        if planned >= PLANNED_BY_COMMAND and refused + planned >= BY_COMMAND:
            return


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
        path, values = written(tmp_path, number, tiny_base, documents)
        try:
            status = main([str(path), "--dry-run"])
        except Exception as error:
            raise AssertionError(f"{number}: {values}") from error
        plan, said = capsys.readouterr()
        assert status in (0, 2), (number, values)
        assert status == 0 or said.count("error: ") == 1, (number, values, said)
        if status == 0:
            planned += 1
            check_followed(path, values, plan + said)
    assert planned >= COUNT // 10
