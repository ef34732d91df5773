"""An adapter carried onto its base's sibling: what it adds, exactly; how the template is kept; and what is no sibling."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from tests.train.bpe import save_bpe
from tests.train.conftest import write_documents, write_recipe
from train.adapter.load import load_to_read
from train.merge import main as merge
from train.merging.turns import Turns, turns_of
from train.qlora import main as train

IDS = torch.arange(4, 60)[None]


@pytest.fixture(scope="module")
def adapter(tmp_path_factory: pytest.TempPathFactory, make_tiny_base: Callable[..., Path]) -> Path:
    folder = tmp_path_factory.mktemp("onto")
    base = make_tiny_base(vocab_size=608, num_hidden_layers=1)
    save_bpe(base, ("bytes",))
    values: dict[str, Any] = {"strict": False, "lora_r": 4, "max_steps": 2, "learning_rate": 0.05}
    assert train([str(write_recipe(folder, base, write_documents(folder / "d.jsonl", 20), **values))]) == 0
    return folder / "adaptador"


@pytest.fixture
def sibling(adapter: Path, tmp_path: Path) -> Path:
    """The base with other numbers, as training on questions leaves it."""
    settings = (adapter / "config.yml").read_text()
    base = Path(next(line for line in settings.splitlines() if line.startswith("base_model: ")).split(": ", 1)[1])
    folder = shutil.copytree(base, tmp_path / "irmao")
    draw = torch.Generator().manual_seed(3)
    weights = load_file(folder / "model.safetensors")
    weights = {name: each + 0.01 * torch.randn(each.shape, generator=draw) for name, each in weights.items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def test_what_the_adapter_adds_is_added_to_the_sibling_as_it_is(
    adapter: Path, sibling: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--adapter", str(adapter), "--onto", str(sibling), "--output", str(tmp_path / "junto")]
    assert merge([*words, "--dtype", "float32"]) == 0
    said = capsys.readouterr()
    assert "experimental" in said.err
    assert said.out.count("of 16 answers keep the template") == 2
    model: Any = AutoModelForCausalLM.from_pretrained(tmp_path / "junto", dtype=torch.float32)
    expected, _, _ = load_to_read(str(sibling), adapter, full_precision=True)
    plain: Any = AutoModelForCausalLM.from_pretrained(sibling, dtype=torch.float32)
    with torch.no_grad():
        right = expected(input_ids=IDS).logits
        assert (model(input_ids=IDS).logits - right).abs().max() <= 1e-4
        assert (plain(input_ids=IDS).logits - right).abs().max() > 0.1


@pytest.mark.parametrize(
    ("spoil", "said"),
    [("tokens", "no sibling"), ("template", "has no chat template"), ("bits", "leave --base_model and --bits out")],
)
def test_what_is_no_sibling_is_refused_in_one_line(
    adapter: Path, sibling: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], spoil: str, said: str
) -> None:
    words = ["--adapter", str(adapter), "--onto", str(sibling), "--output", str(tmp_path / "junto")]
    if spoil == "tokens":
        save_bpe(sibling, ("digits", "bytes"))
    elif spoil == "template":
        tokenizer = AutoTokenizer.from_pretrained(sibling)
        tokenizer.chat_template = None
        for file in sibling.glob("*.jinja"):
            file.unlink()
        tokenizer.save_pretrained(sibling)
    else:
        words += ["--bits", "4"]
    assert merge(words) == 2
    assert said in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "junto").exists()


class Answers:
    """A model that answers with given tokens."""

    device = torch.device("cpu")
    generation_config = None

    def __init__(self, *answers: list[int]) -> None:
        self.answers = list(answers)

    def generate(self, input_ids: torch.Tensor, **_: Any) -> torch.Tensor:
        return torch.cat([input_ids, torch.tensor([self.answers.pop(0)])], dim=1)


def test_an_answer_keeps_the_template_that_ends_its_turn_and_begins_no_other(sibling: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(sibling)
    begin, end = tokenizer.bos_token_id, tokenizer.eos_token_id
    model = Answers([50, 51, end], [50, begin, 51, end], [50, 51, 52])
    assert turns_of(model, tokenizer, ["a", "b", "c"]) == Turns(asked=3, ended=2, kept=1)
