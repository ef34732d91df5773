"""A damaged adapter is one line before anything is loaded, whoever reads it; peft would put new numbers in the gaps."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from train.adapter.card import documents_of
from train.adapter.load import adapter_config
from train.errors import ConfigError, DataError
from train.models.adapter_files import SETTINGS, WEIGHTS, check_adapter_files
from train.qlora import main


@pytest.fixture(scope="module")
def adapter(session_recipe: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adaptador")
    assert main([str(session_recipe(folder, max_steps=1, save_strategy="no"))]) == 0
    return folder / "adaptador"


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def changed(**values: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        settings = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        (folder / SETTINGS).write_text(json.dumps(settings | values), encoding="utf-8")

    return change


def without_one_matrix(folder: Path) -> None:
    tensors = load_file(folder / WEIGHTS)
    save_file(dict(list(tensors.items())[1:]), folder / WEIGHTS)


def not_a_number(folder: Path) -> None:
    tensors = load_file(folder / WEIGHTS)
    next(iter(tensors.values()))[0, 0] = float("nan")
    save_file(tensors, folder / WEIGHTS)


DAMAGES: list[tuple[Callable[[Path], object], str]] = [
    (lambda folder: cut(folder / WEIGHTS), "no whole safetensors file"),
    (lambda folder: (folder / WEIGHTS).write_bytes(b""), "no whole safetensors file"),
    (
        lambda folder: (folder / WEIGHTS).write_bytes(b"version https://git-lfs.github.com/spec/v1\n"),
        "no whole safetensors",
    ),
    (lambda folder: (folder / WEIGHTS).unlink(), "holds no adapter_model"),
    (lambda folder: cut(folder / SETTINGS), "is no JSON"),
    (lambda folder: (folder / SETTINGS).write_text("[]"), "should hold keys and values"),
    (lambda folder: (folder / SETTINGS).unlink(), "no finished adapter"),
    (changed(r="4"), "does not say r"),
    (changed(lora_alpha=None), "does not say lora_alpha"),
    (changed(use_dora=True), "use_dora in"),
    (without_one_matrix, "only one of the two matrices"),
    (not_a_number, "holds what is no number"),
]


@pytest.mark.parametrize(("damage", "said"), DAMAGES, ids=[said for _, said in DAMAGES])
def test_a_damaged_adapter_is_one_line(
    adapter: Path, tmp_path: Path, damage: Callable[[Path], object], said: str
) -> None:
    copy = tmp_path / "copia"
    shutil.copytree(adapter, copy)
    check_adapter_files(copy, "lora_model_dir")
    damage(copy)
    with pytest.raises(ConfigError, match=f"lora_model_dir.*{said}"):
        check_adapter_files(copy, "lora_model_dir")
    with pytest.raises(ConfigError, match=f"--adapter.*{said}"):
        adapter_config(None, copy)


def test_a_damaged_list_of_documents_is_one_line(adapter: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copia"
    shutil.copytree(adapter, copy)
    assert documents_of(copy)
    cut(copy / "documents.jsonl")
    with pytest.raises(DataError, match=r"documents\.jsonl is damaged"):
        documents_of(copy)
