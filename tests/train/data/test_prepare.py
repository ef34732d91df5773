"""Data becomes rows: divided, tokenised, kept in a cache, weighted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from train.config.load import Config, DatasetKeys
from train.data.documents import read_documents
from train.data.prepare import data_files, divided_documents, prepare, tokenise
from train.errors import DataError
from train.models.source import resolve_base
from train.models.tokenizer import Encoder, encoder_of, load_tokenizer


@pytest.fixture
def encoder(tiny_base: Path) -> Encoder:
    config = Config(base_model=str(tiny_base), datasets=[DatasetKeys(path="x")])
    return encoder_of(load_tokenizer(config, resolve_base(config)))


def configured(data: Path, **values: Any) -> Config:
    entries = values.pop("datasets", [{"path": str(data)}])
    return Config.model_validate({"base_model": "x", "sequence_len": 64, "datasets": entries} | values)


def rows_of(config: Config, encoder: Encoder) -> list[list[int]]:
    rows = prepare(config, encoder).train
    return [rows[index]["input_ids"].tolist() for index in range(len(rows))]


def test_every_document_is_in_the_rows_with_its_end_token(tiny_data: Path, encoder: Encoder) -> None:
    prepared = prepare(configured(tiny_data), encoder)
    words = sum(len(document.text.split()) for document in read_documents([DatasetKeys(path=str(tiny_data))]))
    assert prepared.train.tokens == words + 40
    assert int((prepared.train.tokens_flat == encoder.eos_id).sum()) == 40
    assert len(prepared.documents) == 40
    assert prepared.validation is None


def test_val_set_size_holds_out_whole_documents(tiny_data: Path, encoder: Encoder) -> None:
    prepared = prepare(configured(tiny_data, val_set_size=6), encoder)
    assert prepared.validation is not None
    assert (len(prepared.documents), len(prepared.held_out)) == (34, 6)
    assert prepared.validation.tokens == sum(document.tokens for document in prepared.held_out)
    assert not {d.id for d in prepared.documents} & {d.id for d in prepared.held_out}


def test_the_datas_own_validation_part_comes_first(tmp_path: Path, tiny_data: Path) -> None:
    lines = tiny_data.read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "train-0.jsonl").write_text("".join(lines[:30]), encoding="utf-8")
    (tmp_path / "corpus" / "validation-0.jsonl").write_text("".join(lines[30:35]), encoding="utf-8")
    config = configured(tmp_path / "corpus", val_set_size=0.5)
    training, held_out = divided_documents(config)
    assert (len(training), len(held_out)) == (30, 5)


def test_a_document_of_the_validation_part_is_not_trained_on_from_elsewhere(tmp_path: Path, tiny_data: Path) -> None:
    first = tiny_data.read_text(encoding="utf-8").splitlines(keepends=True)[0]
    test = tmp_path / "test.jsonl"
    test.write_text(first, encoding="utf-8")
    training, held_out = divided_documents(configured(tiny_data, test_datasets=[{"path": str(test)}]))
    assert len(held_out) == 1
    assert len(training) == 39


def test_the_cache_is_used_while_nothing_changed(tmp_path: Path, tiny_data: Path, encoder: Encoder) -> None:
    config = configured(tiny_data, dataset_prepared_path=str(tmp_path / "kept"), val_set_size=4)
    first, again = (prepare(config, encoder) for _ in range(2))
    assert (first.cached, again.cached) == (False, True)
    assert (first.train.tokens_flat == again.train.tokens_flat).all()
    assert (first.documents, first.held_out) == (again.documents, again.held_out)
    assert len(list((tmp_path / "kept").iterdir())) == 1
    longer = config.model_copy(update={"sequence_len": 128})
    assert prepare(longer, encoder).cached
    for changed in ({"seed": 7}, {"val_set_size": 5}):
        assert not prepare(config.model_copy(update=changed), encoder).cached
    with tiny_data.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps({"id": "novo", "text": "um rio novo"}) + "\n")
    assert not prepare(config, encoder).cached


def test_a_plan_leaves_no_cache(tmp_path: Path, tiny_data: Path, encoder: Encoder) -> None:
    config = configured(tiny_data, dataset_prepared_path=str(tmp_path / "kept"))
    prepare(config, encoder, write_cache=False)
    assert not (tmp_path / "kept").exists()


def test_weights_repeat_and_thin_out(tmp_path: Path, tiny_data: Path, encoder: Encoder) -> None:
    one = prepare(configured(tiny_data), encoder).train.tokens
    twice = configured(tiny_data, datasets=[{"path": str(tiny_data), "weight": 2}])
    assert prepare(twice, encoder).train.tokens == 2 * one
    half = configured(tiny_data, datasets=[{"path": str(tiny_data), "weight": 0.5}])
    assert 0.25 * one < prepare(half, encoder).train.tokens < 0.75 * one
    assert rows_of(half, encoder) == rows_of(half, encoder)


def test_files_are_named_with_their_sums(tiny_data: Path) -> None:
    import hashlib

    assert data_files(configured(tiny_data)) == {str(tiny_data): hashlib.sha256(tiny_data.read_bytes()).hexdigest()}


def test_nothing_to_train_on_is_named(tmp_path: Path, encoder: Encoder) -> None:
    empty = tmp_path / "vazio.jsonl"
    empty.write_text('{"text": ""}\n', encoding="utf-8")
    with pytest.raises(DataError, match=r"vazio\.jsonl: no document with a text"):
        prepare(configured(empty), encoder)


def test_tokens_are_kept_as_narrow_as_the_vocabulary_allows(tiny_data: Path, encoder: Encoder) -> None:
    tokens = tokenise(read_documents([DatasetKeys(path=str(tiny_data))]), encoder)
    assert tokens.flat.dtype == np.uint16
    assert int(tokens.lengths.sum()) == len(tokens.flat)
