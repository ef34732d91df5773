"""The cells of the notebook for a free T4 run from top to bottom: on a processor, a tiny model, without a network."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from scrapy.cmdline import execute

from aurora_crawl.demo.newspaper import expected_paragraphs, read_newspaper
from tests.train.bpe import save_bpe
from tests.train.conftest import make_base
from tests.train.test_notebook import NOTEBOOK, cells
from train.export.vocabulary import PRE

NOT_HERE = {"setup", "drive"}
"""Cells for a machine that is lent: installing needs a network, and Drive is Colab's."""


def as_python(source: str) -> str:
    """A cell with each `!command {value}` as a call, as IPython puts values into it."""
    return re.sub(r"^(\s*)!(.*)$", lambda found: f"{found[1]}shell(f{found[2]!r})", source, flags=re.MULTILINE)


def shell(line: str) -> None:
    """A command of the notebook: programs of training in this process, which has their libraries; a crawl in its own."""
    words = shlex.split(line)
    if words[:2] == ["python", "-m"] and words[2].startswith("train."):
        name = "train.export.__main__" if words[2] == "train.export" else words[2]
        assert import_module(name).main(words[3:]) == 0, line
    elif words[0] == "scrapy" and words[1] != "crawl":
        with pytest.raises(SystemExit) as end:
            execute(words)
        assert not end.value.code, line
    else:
        program = [sys.executable, "-m", *words] if words[0] == "scrapy" else [sys.executable, *words[1:]]
        done = subprocess.run(program, check=False, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{line}\n{done.stderr}"


@pytest.fixture
def tiny_bpe(tmp_path: Path) -> Path:
    """A tiny Llama with a tokenizer that reads any text, and that llama.cpp has a name for."""
    folder = make_base(
        tmp_path / "tiny-llama", "llama", vocab_size=600, bos_token_id=0, eos_token_id=1, tie_word_embeddings=True
    )
    save_bpe(folder, next(cuts for (cuts, _), name in PRE.items() if name == "smollm"))
    return folder


def test_its_cells_run_from_top_to_bottom(
    tiny_bpe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    drive = tmp_path / "drive"
    texts = drive / "textos"
    texts.mkdir(parents=True)
    for story in read_newspaper()[:8]:
        (texts / f"{story.slug}.txt").write_text("\n\n".join(expected_paragraphs(story)), encoding="utf-8")
    smaller: dict[str, object] = {"BASE": str(tiny_bpe), "ROW": 256, "STEPS": 4, "SAVE_EVERY": 2, "TASK_ITEMS": 4}
    smaller |= {"PROMPT": "A cidade", "WORK": str(tmp_path / "work"), "DRIVE": str(drive)}
    names: dict[str, Any] = {"shell": shell}
    for cell in cells():
        if cell.tags & NOT_HERE:
            continue
        exec(compile(as_python(cell.source), str(NOTEBOOK), "exec"), names)  # noqa: S102 (it is what this test is about)
        if "parameters" in cell.tags:
            assert names.keys() >= smaller.keys()
            names.update(smaller)
    adapter = drive / "adapter"
    assert {"adapter_config.json", "card.html", "samples.jsonl", "evaluation.json"} <= {
        p.name for p in adapter.iterdir()
    }
    assert (drive / "aurora-q8.gguf").read_bytes()[:4] == b"GGUF"
    said = capfd.readouterr()
    assert "4 steps of" in said.out
    assert "adapter_model.safetensors" in said.out
