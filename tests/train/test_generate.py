"""Text from base and adapter: streamed, the same under a seed, ended by the end token."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer

from train.config.chat_template import CHATML
from train.errors import ConfigError
from train.generate import Stream, chat_prompt, main
from train.qlora import main as train_main

PROMPT = "a cidade e o rio"


@pytest.fixture
def adapter(recipe: Callable[..., Path], tmp_path: Path) -> Path:
    assert train_main([str(recipe(max_steps=2, save_strategy="no"))]) == 0
    return tmp_path / "adaptador"


def written(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert main(list(words)) == 0
    return capsys.readouterr().out


def test_goes_on_from_the_prompt_and_is_the_same_twice_under_a_seed(
    adapter: Path, tiny_base: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--prompt", PROMPT + " ", "--max-new-tokens", "12", "--min-new-tokens", "12"]
    base = written(capsys, "--base_model", str(tiny_base), *words)
    one = written(capsys, "--adapter", str(adapter), *words, "--seed", "5")
    two = written(capsys, "--adapter", str(adapter), *words, "--seed", "5")
    other = written(capsys, "--adapter", str(adapter), *words, "--seed", "6")
    assert one == two != other
    for text in (base, one, other):
        assert text.startswith(PROMPT + " ")
        assert text.endswith("\n")
        assert len(text.split()) == len(PROMPT.split()) + 12


def test_stops_at_the_end_token(
    tiny_base: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["--base_model", str(tiny_base), "--prompt", PROMPT, "--greedy", "--max-new-tokens", "10"]
    words += ["--repetition-penalty", "1"]
    new = written(capsys, *words).split()[len(PROMPT.split()) :]
    assert len(new) == 10
    # The third word becomes the end token: nothing comes after its first occurrence.
    end = AutoTokenizer.from_pretrained(tiny_base).convert_tokens_to_ids(new[2])
    monkeypatch.setattr("train.generate.end_tokens", lambda model, tokenizer: [end])
    stopped = written(capsys, *words).split()[len(PROMPT.split()) :]
    assert stopped == new[: new.index(new[2]) + 1]


def test_prompt_from_a_file(tiny_base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "começo.txt"
    file.write_text(PROMPT + "\n", encoding="utf-8")
    words = ["--base_model", str(tiny_base), "--greedy", "--max-new-tokens", "3"]
    assert written(capsys, *words, "--prompt-file", str(file)) == written(capsys, *words, "--prompt", PROMPT)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--prompt", "  "], "is empty"),
        (["--prompt", PROMPT, "--temperature", "0"], "out of range"),
        (["--prompt", PROMPT, "--chat"], "no chat template"),
        (["--prompt-file", "/nicht/da"], "cannot be read"),
        (["--prompt", "o " * 600], "context"),
    ],
)
def test_what_the_user_can_mend_is_one_line(
    tiny_base: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["--base_model", str(tiny_base), *words]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith("error: ")
    assert said in lines[-1]


def test_a_question_with_a_special_token_and_a_wrong_template_are_refused(tiny_base: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_base)
    assert "oi<|im_end|>" in chat_prompt(tokenizer, "oi", CHATML, "base")
    with pytest.raises(ConfigError, match="the question holds </s>"):
        chat_prompt(tokenizer, "oi </s>", CHATML, "base")
    with pytest.raises(ConfigError, match="cannot be followed"):
        chat_prompt(tokenizer, "oi", "{% for %}", "base")


class Letters:
    """A tokenizer of single bytes, as those of many models are for rare letters."""

    def decode(self, ids: list[int], skip_special_tokens: bool) -> str:
        return bytes(ids).decode("utf-8", errors="replace")


def test_text_is_shown_as_it_comes_and_letters_whole() -> None:
    out = io.StringIO()
    stream = Stream(Letters(), out)
    stream.put(torch.tensor([list(b"S\xc3\xa3o")]))
    shown = []
    for byte in b" Jo\xc3\xa3o":
        stream.put(torch.tensor([byte]))
        shown.append(out.getvalue())
    assert shown == [" ", " J", " Jo", " Jo", " Joã", " João"]
