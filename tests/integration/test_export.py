"""Exported files run by llama.cpp: the same tokens of a text, and the same greedy continuation as transformers', by family."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mistral_common
import pytest
import torch
import transformers
from tokenizers import normalizers, processors

from tests.train.bpe import TEXTS, save_bpe
from tests.train.conftest import write_documents, write_recipe
from tests.train.families import tiny_sizes
from tests.train.llama_cpp import LlamaCpp
from train.adapter.load import load_to_read
from train.export.__main__ import main as export
from train.export.vocabulary import PRE
from train.models.gguf_families import GGUF_FAMILIES
from train.qlora import main as train

torch.set_num_threads(1)

_ROPE = {
    "rope_type": "llama3",
    "rope_theta": 500000.0,
    "factor": 32.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 256,
}
SENTENCEPIECE = "sentencepiece"
LLAMA_2 = "sentencepiece with a begin token and a space before a text's first word"

ROUNDING = 1e-3
"""How near to each other, in standard deviations of the logits, two tokens of a random model may be taken for each other."""


@dataclass(frozen=True)
class Case:
    """A family, a way of cutting words, and what is special in its sizes."""

    make: Callable[..., Any]
    pre: str
    sizes: dict[str, Any]


CASES = {
    "Llama 3.2": Case(transformers.LlamaConfig, "llama-bpe", {"rope_parameters": _ROPE, "tie_word_embeddings": True}),
    "SmolLM2": Case(transformers.LlamaConfig, "smollm", {"tie_word_embeddings": True}),
    "Llama 2": Case(transformers.LlamaConfig, LLAMA_2, {}),
    "Mistral 7B": Case(transformers.MistralConfig, SENTENCEPIECE, {"sliding_window": None}),
    "Mistral Small": Case(transformers.MistralConfig, "tekken", {"head_dim": 32, "sliding_window": None}),
    "Qwen2.5": Case(transformers.Qwen2Config, "qwen2", {}),
    "Qwen3": Case(transformers.Qwen3Config, "qwen2", {"head_dim": 32}),
    "SmolLM3": Case(transformers.SmolLM3Config, "smaug-bpe", {"num_hidden_layers": 4}),
    "OLMo 2": Case(transformers.Olmo2Config, "smaug-bpe", {}),
    "Granite 3": Case(
        transformers.GraniteConfig,
        "gpt-2",
        {
            "logits_scaling": 8.0,
            "embedding_multiplier": 12.0,
            "residual_multiplier": 0.22,
            "attention_multiplier": 0.06,
        },
    ),
    "Gemma 2": Case(
        transformers.Gemma2Config,
        SENTENCEPIECE,
        {"head_dim": 32, "query_pre_attn_scalar": 32, "sliding_window": 16},
    ),
    "Gemma 3": Case(
        transformers.Gemma3TextConfig,
        SENTENCEPIECE,
        {"num_hidden_layers": 6, "head_dim": 32, "query_pre_attn_scalar": 32, "sliding_window": 16},
    ),
}


def save_tokenizer(folder: Path, pre: str) -> None:
    if pre not in (SENTENCEPIECE, LLAMA_2):
        cuts, ignore_merges = next(key for key, name in PRE.items() if name == pre)
        save_bpe(folder, cuts, ignore_merges=ignore_merges)
        return
    shutil.copy(Path(mistral_common.__file__).parent / "data/tokenizer.model.v1", folder / "tokenizer.model")
    transformers.LlamaConfig().save_pretrained(folder)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    if pre == LLAMA_2:
        backend = tokenizer.backend_tokenizer
        backend.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
        backend.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
        special = {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
        tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=backend, **special)
    tokenizer.save_pretrained(folder)


@pytest.fixture(scope="module")
def adapter_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Trains an adapter for the tiny model of a case."""

    def make(name: str) -> Path:
        case, folder = CASES[name], tmp_path_factory.mktemp("llama-cpp")
        base = folder / "base"
        base.mkdir()
        save_tokenizer(base, case.pre)
        rows = len(transformers.AutoTokenizer.from_pretrained(base)) + 8
        torch.manual_seed(0)
        settings = case.make(**tiny_sizes(**({"vocab_size": rows, "initializer_range": 0.15} | case.sizes)))
        transformers.AutoModelForCausalLM.from_config(settings).save_pretrained(base)
        values = {"strict": False, "lora_r": 4, "max_steps": 4, "learning_rate": 0.02, "peft_use_rslora": True}
        assert train([str(write_recipe(folder, base, write_documents(folder / "dados.jsonl", 40), **values))]) == 0
        return folder / "adaptador"

    return make


def gap_where_parted(model: Any, ids: list[int], written: list[int]) -> float:
    """How far the first token that is not the likeliest is from it, in standard deviations of the logits; 0 for none."""
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([[*ids, *written]])).logits[0, len(ids) - 1 : -1]
    best = logits.max(dim=-1)
    for position, token in enumerate(written):
        if int(best.indices[position]) != token:
            return float((best.values[position] - logits[position, token]) / logits[position].std())
    return 0.0


def test_every_exported_family_is_run() -> None:
    assert {case.make.model_type for case in CASES.values()} == GGUF_FAMILIES.keys()
    assert {case.pre for case in CASES.values()} == {*PRE.values(), SENTENCEPIECE, LLAMA_2}


@pytest.mark.parametrize("name", CASES)
def test_llama_cpp_reads_and_writes_the_same_tokens(
    name: str, adapter_of: Callable[[str], Path], tmp_path: Path
) -> None:
    adapter = adapter_of(name)
    path = tmp_path / "modelo.gguf"
    assert export(["--adapter", str(adapter), "--outfile", str(path), "--outtype", "f32"]) == 0
    found = LlamaCpp(path)
    model, loaded, _ = load_to_read(None, adapter)
    tokenizer: Any = loaded
    for text in TEXTS:
        ids = list(tokenizer(text)["input_ids"])
        assert found.tokens(text) == ids, text
        assert gap_where_parted(model, ids, found.greedy(ids, 16)) <= ROUNDING, text


def test_a_lora_file_on_the_base_is_the_base_with_its_adapter(
    adapter_of: Callable[[str], Path], tmp_path: Path
) -> None:
    """The base as GGUF is made of an adapter that changes nothing, on 16 bits."""
    import json

    from safetensors.torch import load_file, save_file

    adapter = adapter_of("Qwen3")
    nothing = tmp_path / "nada"
    nothing.mkdir()
    settings = json.loads((adapter / "adapter_config.json").read_text())
    (nothing / "adapter_config.json").write_text(json.dumps(settings))
    weights = load_file(adapter / "adapter_model.safetensors")
    save_file(
        {name: each * ("lora_A" in name) for name, each in weights.items()}, nothing / "adapter_model.safetensors"
    )
    base, lora = tmp_path / "base.gguf", tmp_path / "lora.gguf"
    words = ["--outtype", "f32", "--bits", "16"]
    assert export(["--adapter", str(nothing), "--outfile", str(base), *words]) == 0
    assert export(["--adapter", str(adapter), "--outfile", str(lora), "--lora"]) == 0
    found = LlamaCpp(base, lora)
    model, loaded, _ = load_to_read(None, adapter, full_precision=True)
    tokenizer: Any = loaded
    for text in TEXTS:
        ids = list(tokenizer(text)["input_ids"])
        assert gap_where_parted(model, ids, found.greedy(ids, 16)) <= ROUNDING, text
