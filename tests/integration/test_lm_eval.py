"""Our log-likelihoods beside lm-evaluation-harness's own, on local files and without a network."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from transformers import AutoModelForCausalLM, AutoTokenizer

from train.evaluate import main
from train.evaluation.items import Task
from train.evaluation.likelihood import log_likelihoods
from train.evaluation.suite import INVENTED, TASKS, own_tasks
from train.models.hub import stay_offline

pytest.importorskip("lm_eval", reason="the extra lm-eval is not installed: pip install -e '.[lm-eval]'")

ITEMS = 40


def write_task(folder: Path, task: Task) -> None:
    """A task of ours as one of lm-evaluation-harness."""
    rows = [{"ctx": item.context, "choices": list(item.choices), "gold": item.gold} for item in task.items]
    data = folder / f"{task.name}.jsonl"
    data.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    chooses = task.chooses
    kind: dict[str, Any] = (
        {"output_type": "multiple_choice", "doc_to_choice": "choices", "doc_to_target": "gold"}
        if chooses
        else {"output_type": "loglikelihood", "doc_to_target": "{{choices[0]}}"}
    )
    metric = "acc" if chooses else "perplexity"
    values = {
        "task": f"local_{task.name}",
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": str(data)}},
        "test_split": "test",
        "doc_to_text": "{{ctx}}",
        "target_delimiter": "",
        "metric_list": [
            {"metric": metric, "aggregation": "mean" if chooses else "perplexity", "higher_is_better": chooses}
        ],
        **kind,
    }
    (folder / f"{task.name}.yaml").write_text(yaml.safe_dump(values), encoding="utf-8")


def harness_likelihoods(folder: Path, model: Any, tokenizer: Any) -> dict[str, list[list[float]]]:
    import lm_eval
    from lm_eval.models.huggingface import HFLM
    from lm_eval.tasks import TaskManager

    found = lm_eval.simple_evaluate(
        model=HFLM(pretrained=model, tokenizer=tokenizer, backend="causal", batch_size=1),
        tasks=[f"local_{name}" for name in TASKS],
        task_manager=TaskManager(include_path=str(folder), include_defaults=False),
        log_samples=True,
        bootstrap_iters=0,
    )
    return {
        name.removeprefix("local_"): [
            [float(answer[0]) for answer in sample["filtered_resps"]]
            for sample in sorted(samples, key=lambda sample: int(sample["doc_id"]))
        ]
        for name, samples in found["samples"].items()
    }


def test_log_likelihoods_of_three_tasks_are_the_harnesss(tiny_tokenised_base: Path, tmp_path: Path) -> None:
    stay_offline()
    model: Any = AutoModelForCausalLM.from_pretrained(tiny_tokenised_base, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(tiny_tokenised_base)
    tasks = own_tasks(list(TASKS), None, seed=0, limit=ITEMS)
    for task in tasks:
        write_task(tmp_path, task)
    theirs = harness_likelihoods(tmp_path, model, tokenizer)
    for task in tasks:
        requests = [(item.context, choice) for item in task.items for choice in item.choices]
        ours = log_likelihoods(model, tokenizer, requests, window=512)
        flat = [value for item in theirs[task.name] for value in item]
        assert ours == pytest.approx(flat, abs=1e-4)


def test_a_task_of_the_harness_is_asked_of_all_columns(
    tiny_tokenised_base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for task in own_tasks(list(TASKS), None, seed=0, limit=ITEMS):
        write_task(tmp_path, task)
    words = ["--base_model", str(tiny_tokenised_base), "--include_path", str(tmp_path)]
    words += ["--tasks", "local_pt_number,local_pt_cloze", "pt_number", "--limit", str(ITEMS)]
    assert main([*words, "--json", str(tmp_path / "F.json")]) == 0
    found = json.loads((tmp_path / "F.json").read_text(encoding="utf-8"))["tasks"]
    for column in ("base", "base_4bit"):
        ours, theirs = (found[name]["columns"][column]["acc,none"] for name in ("pt_number", "local_pt_number"))
        assert ours == theirs
    assert found["local_pt_number"]["chance"] == 0.5
    assert "local_pt_cloze" in capsys.readouterr().out


@pytest.fixture(scope="module")
def tiny_tokenised_base(tmp_path_factory: pytest.TempPathFactory, make_byte_base: Callable[[Path], Path]) -> Path:
    return make_byte_base(tmp_path_factory.mktemp("bases") / "bytes")


@pytest.fixture(scope="module")
def make_byte_base() -> Callable[[Path], Path]:
    """Makes a tiny Llama with byte-level BPE of the shipped text: a word's space is its token's, as in the models that people use."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    def make(folder: Path) -> Path:
        special = {"bos_token": "<s>", "eos_token": "</s>"}
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=2000,
            special_tokens=list(special.values()),
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        tokenizer.train([str(INVENTED)], trainer)
        PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder)
        torch.manual_seed(0)
        config = LlamaConfig(
            vocab_size=2000,
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=512,
            bos_token_id=0,
            eos_token_id=1,
            initializer_range=0.3,
        )
        LlamaForCausalLM(config).save_pretrained(folder)
        return folder

    return make
