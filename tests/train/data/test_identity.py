"""No document is lost because of its id, none is read twice, and a data set is divided as its names say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from train.config.load import Config, DatasetKeys
from train.data.documents import read_documents
from train.data.prepare import divided_documents, prepare
from train.errors import DataError
from train.models.source import resolve_base
from train.models.tokenizer import encoder_of, load_tokenizer


def write(path: Path, *records: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def texts(path: Path, part: Any = "train", **keys: Any) -> list[str]:
    return [document.text for document in read_documents([DatasetKeys(path=str(path), **keys)], part)]


@pytest.mark.parametrize("nothing", [None, ""])
def test_empty_id_is_none(tmp_path: Path, nothing: object) -> None:
    path = write(tmp_path / "a.jsonl", *({"id": nothing, "text": f"texto {n}"} for n in range(10)))
    assert len(texts(path)) == 10


def test_row_numbers_of_two_files_are_not_each_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in "ab":
        write(tmp_path / f"{name}.jsonl", *({"id": n, "text": f"{name} {n}"} for n in range(5)), {"id": 0, "text": "!"})
    assert len(texts(tmp_path)) == 10
    assert "2 documents are left out" in capsys.readouterr().err


def test_hidden_copies_are_not_read(tmp_path: Path) -> None:
    write(tmp_path / ".escondida" / "d" / "a.jsonl", {"text": "um"})
    write(tmp_path / ".escondida" / "d" / ".ipynb_checkpoints" / "a-checkpoint.jsonl", {"text": "um"})
    assert texts(tmp_path / ".escondida" / "d") == ["um"]


@pytest.mark.parametrize("names", [("{}.jsonl", "d"), ("{}/a.jsonl", "d"), ("dados-{}-00001.jsonl", "d [2023]")])
def test_parts_are_told_by_the_names_of_files_and_folders(tmp_path: Path, names: tuple[str, str]) -> None:
    folder = tmp_path / names[1]
    for part in ("train", "validation", "test"):
        write(folder / names[0].format(part), *({"text": f"{part} {n}"} for n in range(4)))
    assert {text.split()[0] for text in texts(folder)} == {"train"}
    assert {text.split()[0] for text in texts(folder, "validation")} == {"validation", "test"}
    assert texts(folder, split="test[1:3]") == ["test 1", "test 2"]
    assert texts(folder, "validation", split="test") == []
    assert len(texts(folder, split="all[:50%]")) == 6


def test_words_within_words_are_no_parts(tmp_path: Path) -> None:
    write(tmp_path / "contest.jsonl", {"text": "um"})
    write(tmp_path / "treino-latest.jsonl", {"text": "dois"})
    assert sorted(texts(tmp_path)) == ["dois", "um"]


@pytest.mark.parametrize(
    "keys",
    [{"split": "train+test"}, {"split": "teste"}, {"split": "test"}, {"split": "train[a:]"}, {"data_files": "b.jsonl"}],
    ids=str,
)
def test_split_and_files_that_are_not_there_are_refused(tmp_path: Path, keys: dict[str, Any]) -> None:
    write(tmp_path / "a.jsonl", {"text": "um"})
    for path in (tmp_path, tmp_path / "a.jsonl"):
        with pytest.raises(DataError, match=next(iter(keys))):
            texts(path, **keys)


def test_data_files_with_brackets_are_files(tmp_path: Path) -> None:
    write(tmp_path / "textos [1].jsonl", {"text": "um"})
    write(tmp_path / "outro.jsonl", {"text": "dois"})
    assert texts(tmp_path, data_files="textos [1].jsonl") == ["um"]
    assert texts(tmp_path / "textos [1].jsonl") == ["um"]


def test_fields_beside_the_text_are_made_text_or_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"text": "um", "license": ["MIT", "CC0-1.0"], "published": 2019, "site": 7})
    [document] = read_documents([DatasetKeys(path=str(path))])
    assert (document.license, document.published, document.site) == ("MIT, CC0-1.0", "2019", "7")
    for wrong in ({"license": {"a": 1}}, {"id": [[]]}, {"url": "\ud800"}, {"text": "\ud800"}, {"revision": True}):
        with pytest.raises(DataError, match=r"a\.jsonl, line 1"):
            texts(write(tmp_path / "a.jsonl", {"text": "um"} | wrong))
    (tmp_path / "a.jsonl").write_text('{"text": "um", "x": ' + "[" * 100_000)
    with pytest.raises(DataError, match="line 1"):
        texts(tmp_path / "a.jsonl")


def test_a_text_under_another_id_is_not_held_out_and_trained_on(tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", {"id": "a", "text": "um"}, {"id": "b", "text": "dois"})
    write(tmp_path / "validation.jsonl", {"id": "c", "text": "um"})
    training, held_out = divided_documents(Config(base_model="x", datasets=[DatasetKeys(path=str(tmp_path))]))
    assert ([each.text for each in training], [each.text for each in held_out]) == (["dois"], ["um"])


def test_cache_that_was_cut_is_made_anew(tmp_path: Path, tiny_data: Path, tiny_base: Path) -> None:
    cache = tmp_path / "cache"
    config = Config(base_model=str(tiny_base), datasets=[DatasetKeys(path=str(tiny_data))], sequence_len=64)
    config = config.model_copy(update={"dataset_prepared_path": str(cache)})
    encoder = encoder_of(load_tokenizer(config, resolve_base(config)))
    whole = prepare(config, encoder)
    [folder] = cache.iterdir()
    assert prepare(config, encoder).cached
    for file in sorted(file for file in folder.iterdir() if file.stat().st_size):
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        again = prepare(config, encoder)
        assert not again.cached
        assert again.train.tokens == whole.train.tokens
        assert prepare(config, encoder).cached


def test_a_row_number_of_the_validation_part_is_not_the_one_of_the_training_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    article = {"id": "0123456789abcdef"}
    write(tmp_path / "train.jsonl", *({"id": n, "text": f"t{n}"} for n in range(10)), article | {"text": "um"})
    write(tmp_path / "validation.jsonl", *({"id": n, "text": f"v{n}"} for n in range(3)), article | {"text": "dois"})
    training, held_out = divided_documents(Config(base_model="x", datasets=[DatasetKeys(path=str(tmp_path))]))
    assert [each.text for each in training] == [f"t{n}" for n in range(10)]
    assert len(held_out) == 4
    assert "1 documents are not trained on" in capsys.readouterr().err


def test_each_of_several_test_data_sets_is_evaluated_on(tmp_path: Path) -> None:
    write(tmp_path / "dados.jsonl", {"text": "um"}, {"text": "dois"})
    for part in ("train", "validation"):
        write(tmp_path / "um" / f"{part}.jsonl", {"text": f"um {part}"})
    write(tmp_path / "outro.jsonl", {"text": "outro"})
    entries = [DatasetKeys(path=str(tmp_path / name)) for name in ("um", "outro.jsonl")]
    config = Config(base_model="x", datasets=[DatasetKeys(path=str(tmp_path / "dados.jsonl"))], test_datasets=entries)
    assert [each.text for each in divided_documents(config)[1]] == ["um validation", "outro"]
    write(tmp_path / "outro.jsonl", {"text": " "})
    with pytest.raises(DataError, match="test_datasets"):
        divided_documents(config.model_copy(update={"test_datasets": entries[1:]}))


@pytest.mark.parametrize(
    ("record", "hint"),
    [
        ({"messages": [{"role": "user", "content": "oi"}]}, "messages is of a form"),
        ({"instruction": "diga", "output": "oi"}, "instruction is of a form"),
        ({"title": "a", "content": "um texto"}, "as in field: content"),
    ],
)
def test_a_record_without_a_text_says_what_it_seems_to_be(tmp_path: Path, record: dict[str, Any], hint: str) -> None:
    with pytest.raises(DataError, match=hint):
        texts(write(tmp_path / "a.jsonl", record))


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1", "cp1252"])
def test_another_encoding_is_one_line(tmp_path: Path, encoding: str) -> None:
    for name, text in (("a.jsonl", '{"text": "ação"}\n{"text": "pão"}\n'), ("b.json", '[{"text": "ação"}]')):
        (tmp_path / name).write_bytes(text.encode(encoding))
        if (name, encoding) == ("b.json", "utf-16"):
            assert texts(tmp_path / name) == ["ação"], "JSON says itself that it is UTF-16"
            continue
        with pytest.raises(DataError, match="UTF-8") as caught:
            texts(tmp_path / name)
        assert "\n" not in str(caught.value)
