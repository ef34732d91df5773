"""An adapter as GGUF: the merged weights number by number, the LoRA with its exact scale, whole or not there."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from gguf import GGUFReader
from gguf.quants import dequantize
from safetensors.torch import load_file, save_file

from tests.train.bpe import save_bpe
from tests.train.conftest import write_documents, write_recipe
from train.export import source
from train.export.__main__ import main
from train.export.tensors import TensorPlan
from train.qlora import main as train

Trained = Callable[..., Path]


@pytest.fixture(scope="module")
def bpe_base(make_tiny_base: Callable[..., Path]) -> Path:
    base = make_tiny_base(vocab_size=608, num_hidden_layers=1)
    save_bpe(base, ("digits", "bytes"))
    return base


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, bpe_base: Path) -> Trained:
    """Trains an adapter on the tiny base that matters."""

    def make(**values: Any) -> Path:
        folder = tmp_path_factory.mktemp("export")
        usual = {"strict": False, "lora_r": 4, "lora_dropout": 0.0, "max_steps": 2, "learning_rate": 0.05}
        data = write_documents(folder / "dados.jsonl", 20)
        assert train([str(write_recipe(folder, bpe_base, data, **(usual | values)))]) == 0
        return folder / "adaptador"

    return make


@pytest.fixture(scope="module")
def adapter(trained: Trained) -> Path:
    return trained(peft_use_rslora=True)


def tensors(path: Path) -> dict[str, np.ndarray]:
    """A file's weights in float32, rows first."""
    return {each.name: dequantize(each.data, each.tensor_type) for each in GGUFReader(path).tensors}


@pytest.mark.parametrize(("outtype", "off"), [("f32", 0.0), ("f16", 5e-4), ("bf16", 4e-3), ("q8_0", 5e-3)])
def test_the_file_holds_the_merged_weights(adapter: Path, tmp_path: Path, outtype: str, off: float) -> None:
    path = tmp_path / "modelo.gguf"
    assert main(["--adapter", str(adapter), "--outfile", str(path), "--outtype", outtype]) == 0
    found = tensors(path)
    given = source.exported(adapter)
    plan = TensorPlan(given.family, given.settings)
    assert len(found) == len(given.merger.entries())
    for entry in given.merger.entries():
        expected = plan.turned(entry.name, given.merger.merged(entry.name)).numpy()
        worst = np.abs(found[plan.name(entry.name)] - expected).max()
        assert worst <= off * np.abs(expected).max(), entry.name
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "modelo.Modelfile",
        "modelo.README.md",
        "modelo.gguf",
    ]


def test_queries_and_keys_have_their_pairs_beside_each_other(adapter: Path) -> None:
    given = source.exported(adapter)
    rows = torch.arange(64.0)[:, None]
    turned = TensorPlan(given.family, given.settings).turned("model.layers.0.self_attn.q_proj.weight", rows)
    assert turned[:6, 0].tolist() == [0, 8, 1, 9, 2, 10]
    assert turned[16:18, 0].tolist() == [16, 24]


@pytest.mark.parametrize("patterns", [{}, {"alpha_pattern": {"q_proj": 3}, "rank_pattern": {"down_proj": 2}}])
def test_a_lora_file_adds_what_the_merging_adds(
    adapter: Path, tmp_path: Path, patterns: dict[str, dict[str, int]]
) -> None:
    changed = tmp_path / "adaptador"
    changed.mkdir()
    for name in ("config.yml", "data_manifest.json"):
        (changed / name).write_bytes((adapter / name).read_bytes())
    settings = json.loads((adapter / "adapter_config.json").read_text()) | patterns
    (changed / "adapter_config.json").write_text(json.dumps(settings))
    weights = load_file(adapter / "adapter_model.safetensors")
    for name, tensor in weights.items():
        if patterns and "down_proj" in name:
            weights[name] = tensor[:2].contiguous() if "lora_A" in name else tensor[:, :2].contiguous()
    save_file(weights, changed / "adapter_model.safetensors")

    path = tmp_path / "lora.gguf"
    assert main(["--adapter", str(changed), "--outfile", str(path), "--lora"]) == 0
    reader = GGUFReader(path)
    alpha = float(reader.fields["adapter.lora.alpha"].contents())
    assert reader.fields["general.type"].contents() == "adapter"
    found = {each.name: dequantize(each.data, each.tensor_type) for each in reader.tensors}
    given = source.exported(changed)
    plan = TensorPlan(given.family, given.settings)
    assert len(found) == 2 * len(given.merger.adapter.parts)
    for module, parts in given.merger.adapter.parts.items():
        name = plan.name(f"{module}.weight")
        first, second = found[f"{name}.lora_a"], found[f"{name}.lora_b"]
        added = second @ first * alpha / first.shape[0]
        scaled = given.merger.adapter.scale(module) * parts["lora_B"].float() @ parts["lora_A"].float()
        assert np.allclose(added, plan.turned(module + ".", scaled).numpy(), atol=1e-6), module


def test_what_a_lora_file_cannot_hold_is_named_and_the_merged_model_holds_it(
    trained: Trained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for values, said in (
        ({"peft_use_dora": True}, "is a DoRA"),
        ({"lora_modules_to_save": ["embed_tokens"]}, "embed_tokens trained whole"),
    ):
        words = ["--adapter", str(trained(**values)), "--outfile", str(tmp_path / "x.gguf")]
        assert main([*words, "--lora"]) == 2
        assert said in capsys.readouterr().err.splitlines()[-1]
        assert main([*words, "--dry-run"]) == 0
        assert said in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


def test_modelfile_and_readme_say_how_it_is_run(adapter: Path, tmp_path: Path) -> None:
    assert main(["--adapter", str(adapter), "--outfile", str(tmp_path / "jornal.gguf"), "--lora"]) == 0
    said = (tmp_path / "jornal.Modelfile").read_text()
    assert "ADAPTER ./jornal.gguf" in said
    assert "<|im_start|>{{ .Role }}" in said
    assert 'PARAMETER stop "<|im_end|>"' in said
    assert 'PARAMETER stop "</s>"' in said
    readme = (tmp_path / "jornal.README.md").read_text()
    assert "--lora jornal.gguf" in readme
    assert "another function" in readme


def test_an_export_that_was_killed_leaves_nothing_that_looks_whole(adapter: Path, tmp_path: Path, forks: Any) -> None:
    path = tmp_path / "modelo.gguf"
    words = ["--adapter", str(adapter), "--outfile", str(path)]
    assert forks.run("export", *words, place="tensor", number=4) == -signal.SIGKILL
    assert not path.exists()
    left = list(tmp_path.iterdir())
    assert [each.suffix for each in left] == [".part"]
    assert left[0].name.startswith(".")
    assert main(words) == 0
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--outfile", "x.bin"], "should end in .gguf"),
        (["--outfile", "there.gguf"], "is there already"),
        (["--outfile", "x.gguf", "--adapter", "/nicht/da"], "holds no finished adapter"),
    ],
)
def test_what_the_user_can_mend_is_one_line(
    adapter: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    (tmp_path / "there.gguf").touch()
    placed = [str(tmp_path / word) if word.endswith((".gguf", ".bin")) else word for word in words]
    assert main(["--adapter", str(adapter), *placed]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("error: ")
    assert said in last
    assert [each.name for each in tmp_path.iterdir()] == ["there.gguf"]


def test_a_family_or_tokenizer_that_llama_cpp_reads_otherwise_is_refused(
    tiny_base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_documents(tmp_path / "dados.jsonl", 20)
    assert train([str(write_recipe(tmp_path, tiny_base, data, max_steps=1))]) == 0
    words = ["--adapter", str(tmp_path / "adaptador"), "--outfile", str(tmp_path / "x.gguf")]
    assert main(words) == 2
    assert "is WordLevel, and only BPE is exported" in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "x.gguf").exists()
