"""The language part of a model that also sees: its shape, its weights' names, and parts that cannot be taken out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.train.families import FAMILIES
from train.errors import ConfigError
from train.models.dimensions import shape_of_config
from train.models.language_part import language_config, language_names


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        ("language_model.model.norm.weight", "model.norm.weight"),
        ("language_model.lm_head.weight", "lm_head.weight"),
        ("model.language_model.norm.weight", "model.norm.weight"),
    ],
)
def test_weights_of_the_language_part_have_its_own_names(stored: str, found: str) -> None:
    names = [stored, "vision_tower.norm.weight", "multi_modal_projector.weight", "model.vision_tower.x"]
    assert language_names(names) == {found: stored}
    assert language_names(["lm_head.weight", "model.language_model.norm.weight"])["lm_head.weight"] == "lm_head.weight"


def test_a_model_of_text_alone_keeps_its_names() -> None:
    names = ["model.norm.weight", "lm_head.weight"]
    assert language_names(names) == {name: name for name in names}


def test_the_shape_of_a_published_file_has_the_sizes_that_it_leaves_out(tmp_path: Path) -> None:
    """Gemma 3's files name only what differs from their class' own sizes."""
    text = {"model_type": "gemma3_text", "hidden_size": 2560, "intermediate_size": 10240, "num_hidden_layers": 34}
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"model_type": "gemma3", "text_config": text, "vision_config": {}}))
    shape = shape_of_config(path, "gemma")
    assert shape is not None
    assert (shape.layers, shape.heads, shape.kv_heads, shape.head_dim) == (34, 8, 4, 256)
    assert shape.tied


def test_a_head_of_its_own_is_not_the_embedding(tmp_path: Path) -> None:
    FAMILIES["Mistral 3"].settings().save_pretrained(tmp_path)
    assert language_config(tmp_path, "x", ["language_model.model.norm.weight"]).tie_word_embeddings
    assert not language_config(tmp_path, "x", ["language_model.lm_head.weight"]).tie_word_embeddings


def test_a_part_that_has_no_class_of_its_own_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "clip", "text_config": {}, "vision_config": {}}))
    with pytest.raises(ConfigError, match="take a model of text alone"):
        language_config(tmp_path, "clip")
