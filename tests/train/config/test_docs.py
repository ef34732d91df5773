"""Every key explains itself, on the terminal and in the documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from train.config.docs import explain, with_tables
from train.config.load import Config
from train.config.unsupported import NOT_FOLLOWED
from train.errors import ConfigError

DOCS = Path(__file__).parents[3] / "docs" / "training.md"


@pytest.mark.parametrize("key", sorted(Config.model_fields))
def test_key_has_a_meaning_a_kind_and_a_default(key: str) -> None:
    text = explain(key)
    assert text.startswith(f"{key}: ")
    assert "None" not in text
    assert "\n  value: " in text
    assert "\n  default: " in text


def test_key_within_another_is_named_with_a_point() -> None:
    assert "2 is twice" in explain("datasets.weight")


def test_key_not_followed_says_what_happens_instead() -> None:
    assert "not followed" in explain("deepspeed")


def test_unknown_key_gives_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"unknown key lora_alfa; did you mean lora_alpha\?"):
        explain("lora_alfa")


def test_all_lists_every_key() -> None:
    text = explain("all")
    assert all(f"  {key}: " in text for key in Config.model_fields)
    assert all(key in text for key in NOT_FOLLOWED)


def test_no_key_is_both_followed_and_not() -> None:
    assert not set(Config.model_fields) & set(NOT_FOLLOWED)


def test_documentation_has_the_tables_as_the_keys_are_now() -> None:
    page = DOCS.read_text(encoding="utf-8")
    assert page == with_tables(page), "run python -m train.config.docs docs/training.md"


def test_the_first_word_of_a_name_is_enough_to_name_the_key() -> None:
    with pytest.raises(ConfigError, match="did you mean learning_rate"):
        explain("lern")
