"""Tiny models for the tests of training: real architectures, a few thousand weights, made on the spot."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

# Models of a few thousand weights gain nothing from threads, which wait for each other on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")

WORDS = (
    "a o de que e do da em um para com não uma os no se na por mais as dos como mas ao ele das à seu sua ou quando "
    "muito nos já eu também só pelo pela até isso ela entre depois sem mesmo aos seus quem nas me esse eles você essa "
    "cidade rio ponte escola feira mercado chuva serra trem praça barco livro greve salário moradia terra água luz"
).split()

VOCABULARY = 300


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny Llama (two layers, 300 words) and its tokenizer, as `from_pretrained` takes it."""
    return make_base(tmp_path_factory.mktemp("bases") / "tiny-llama", "llama")


@pytest.fixture(scope="session")
def tiny_mistral(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a Mistral with a sliding window of 16 tokens."""
    return make_base(tmp_path_factory.mktemp("bases") / "tiny-mistral", "mistral", sliding_window=16)


@pytest.fixture(scope="session")
def make_tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes a tiny base of a kind, with other sizes than the usual where they are given."""

    def make(kind: str = "llama", **sizes: Any) -> Path:
        return make_base(tmp_path_factory.mktemp("bases") / f"tiny-{kind}", kind, **sizes)

    return make


@pytest.fixture
def tiny_data(tmp_path: Path) -> Path:
    """A file of 40 documents of 20 to 120 words, in the form of a shard."""
    return write_documents(tmp_path / "dados.jsonl", 40)


@pytest.fixture
def recipe(tmp_path: Path, tiny_base: Path, tiny_data: Path) -> Callable[..., Path]:
    """Writes a strict recipe for the tiny base, with other values where they are given; six steps take a second."""
    return functools.partial(write_recipe, tmp_path, tiny_base, tiny_data)


@pytest.fixture(scope="session")
def session_recipe(tiny_base: Path) -> Callable[..., Path]:
    """The same in a folder that is named first, with data of its own: for runs that several tests look at."""

    def write(folder: Path, **values: object) -> Path:
        return write_recipe(folder, tiny_base, write_documents(folder / "dados.jsonl", 40), **values)

    return write


def write_recipe(folder: Path, base: Path, data: Path, **values: object) -> Path:
    """Writes a recipe into a folder, which its adapter goes into as well."""
    path = folder / "receita.yml"
    usual: dict[str, object] = {
        "strict": True,
        "base_model": str(base),
        "adapter": "qlora",
        "datasets": [{"path": str(data)}],
        "sample_packing": True,
        "sequence_len": 64,
        "lora_r": 8,
        "lora_target_linear": True,
        "lora_dropout": 0.1,
        "micro_batch_size": 2,
        "gradient_accumulation_steps": 2,
        "learning_rate": 0.01,
        "warmup_steps": 1,
        "max_steps": 6,
        **({} if "save_strategy" in values else {"save_steps": 2}),
        "output_dir": str(folder / "adaptador"),
    }
    path.write_text(yaml.safe_dump(usual | values), encoding="utf-8")
    return path


@dataclass
class Forks:
    """Programs of `train` in processes of their own; `fork_server.py` says how."""

    server: subprocess.Popen[str]
    folder: Path
    started: int = 0

    def start(
        self, program: str, *words: str, place: str = "none", number: int = 0, **environment: str
    ) -> tuple[int, Path]:
        """The id of a new process, and the file with what it says; a death may be ordered at a place."""
        self.started += 1
        said = self.folder / f"said-{self.started}.txt"
        # It is looked at while the process begins.
        said.touch()
        order = {"program": program, "words": words, "place": place, "number": number, "said": str(said)}
        return self._asked(order | {"environment": environment}), said

    def wait(self, process: int) -> int:
        """The exit status of a process that was started; negative for a signal."""
        return self._asked({"wait": process})

    def run(self, program: str, *words: str, place: str = "none", number: int = 0) -> int:
        """The exit status of a program."""
        return self.wait(self.start(program, *words, place=place, number=number)[0])

    def _asked(self, order: dict[str, Any]) -> int:
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        print(json.dumps(order), file=self.server.stdin, flush=True)
        return int(self.server.stdout.readline())


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    """What runs programs in processes of their own, on one thread each."""
    server = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("fork_server.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""},
    )
    yield Forks(server, tmp_path_factory.mktemp("forks"))
    server.kill()
    server.wait()


def write_documents(path: Path, count: int, *, seed: int = 0) -> Path:
    """Writes so many documents, each line as a shard's."""
    import random

    draw = random.Random(seed)
    with path.open("w", encoding="utf-8") as lines:
        for number in range(count):
            text = " ".join(draw.choices(WORDS, k=draw.randint(20, 120)))
            record = {
                "id": f"{seed:08x}{number:08x}",
                "url": f"https://exemplo.invalid/{seed}/{number}",
                "site": "exemplo" if number % 2 else "outro",
                "title": f"Texto {number}",
                "text": text,
                "published": f"{2019 + number % 3}-05-01",
                "license": "CC-BY-4.0" if number % 2 else None,
            }
            lines.write(json.dumps(record, ensure_ascii=False) + "\n")
    return path


def make_base(folder: Path, kind: str, **sizes: Any) -> Path:
    """Saves a tiny model of that kind with a word-level tokenizer of `VOCABULARY` entries."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM, PreTrainedTokenizerFast

    special = {"unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
    names = [*special.values(), *dict.fromkeys(WORDS)]
    names += [f"w{number}" for number in range(VOCABULARY - len(names))]
    tokenizer = Tokenizer(models.WordLevel({word: index for index, word in enumerate(names)}, special["unk_token"]))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder)
    values: dict[str, Any] = {
        "vocab_size": VOCABULARY,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 512,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "initializer_range": 0.3,
    } | sizes
    torch.manual_seed(0)
    config, model = (MistralConfig, MistralForCausalLM) if kind == "mistral" else (LlamaConfig, LlamaForCausalLM)
    model(config(**values)).save_pretrained(folder)
    return folder
