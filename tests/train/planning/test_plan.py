"""A plan says what a run will be, from the data and the model's shape alone."""

from __future__ import annotations

import json
import random
import socket
from pathlib import Path
from typing import Any

import pytest

from train.config.load import Config, load_config
from train.errors import ConfigError, DataError
from train.models.dimensions import SHAPES
from train.models.fit import fit
from train.models.source import resolve_base
from train.planning.plan import plan, steps_per_epoch
from train.planning.plan_text import render
from train.planning.suggestions import remedies

RECIPES = Path(__file__).parents[3] / "train" / "recipes"


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """A crawl of 60 articles of some 400 words."""
    folder = tmp_path / "articles" / "jornal"
    folder.mkdir(parents=True)
    draw = random.Random(0)
    words = "a cidade espera chuva que não vem e o rio baixa devagar entre as pedras da ponte antiga".split()
    with (folder / "0001.jsonl").open("w", encoding="utf-8") as lines:
        for number in range(60):
            text = " ".join(draw.choices(words, k=300 + 5 * number))
            lines.write(json.dumps({"id": f"{number:016x}", "text": text}, ensure_ascii=False) + "\n")
    return tmp_path / "articles"


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any connection that is tried fails the test, instead of failing quietly in a library."""

    def refuse(*address: Any, **values: Any) -> None:
        pytest.fail(f"the network was asked: {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize("name", ["mistral-7b", "llama2-7b", "llama3-8b", "llama-30b-24gb"])
@pytest.mark.usefixtures("no_network")
def test_recipe_is_planned_without_network_and_weights(name: str, articles: Path) -> None:
    config, notices = load_config(RECIPES / f"{name}.yml", {"datasets": [str(articles)]})
    text = render(plan(config, resolve_base(config), notices))
    for part in ("60 documents" if config.val_set_size == 0 else "59 documents", "substitute", "steps", "peak", "fits"):
        assert part in text
    for model in ("Llama 2 7B", "Llama 2 13B", "Llama 30B"):
        assert model in text
    assert "does not fit, " not in text


@pytest.mark.parametrize("kind", ["llama", "mistral"])
def test_the_first_runs_file_is_planned_with_each_deviation(
    shared: Path, articles: Path, tiny_base: Path, tiny_mistral: Path, kind: str
) -> None:
    path = shared / "data/axolotl/llama2-7b-comunism-br-pt-qlora.yml"
    model = tiny_mistral if kind == "mistral" else tiny_base
    config, notices = load_config(path, {"base_model": str(model), "datasets": [str(articles)]})
    base = resolve_base(config)
    config, more = fit(config, base.shape)
    text = render(plan(config, base, [*notices, *more]))
    for key in (
        *("trust_remote_code", "wte is dropped", "lm_head is dropped", "embed_tokens is dropped", "sequence_len"),
        *(
            "is_llama_derived_model",
            "tokenizer_type",
            "wandb_project",
            "sample_packing is not given",
            "warmup_steps: 100",
        ),
    ):
        assert key in text
    assert ("model_type: LlamaForCausalLM is not followed" in text) == (kind == "mistral")
    assert "the model's own tokenizer" in text


def test_steps_are_those_of_the_trainer(tiny_base: Path, tiny_data: Path) -> None:
    """transformers' Trainer, asked for the same rows, reckons the same number of steps."""
    from transformers import AutoModelForCausalLM, Trainer, TrainingArguments

    from train.data.packing import Collator
    from train.data.prepare import prepare
    from train.models.tokenizer import encoder_of, load_tokenizer

    config = Config.model_validate(
        {
            "base_model": str(tiny_base),
            "datasets": [{"path": str(tiny_data)}],
            "sequence_len": 128,
            "micro_batch_size": 3,
            "gradient_accumulation_steps": 4,
            "num_epochs": 1.5,
        }
    )
    rows = prepare(config, encoder_of(load_tokenizer(config, resolve_base(config)))).train
    arguments = TrainingArguments(
        output_dir="unused",
        per_device_train_batch_size=3,
        gradient_accumulation_steps=4,
        num_train_epochs=1.5,
        learning_rate=0.0,
        report_to=[],
        save_strategy="no",
        use_cpu=True,
        remove_unused_columns=False,
        disable_tqdm=True,
    )
    model = AutoModelForCausalLM.from_pretrained(tiny_base)
    trainer = Trainer(model, arguments, train_dataset=rows, data_collator=Collator())
    trainer.train()
    assert plan(config, resolve_base(config)).steps == trainer.state.global_step


def test_max_steps_and_processes_count() -> None:
    config = Config.model_validate({"base_model": "x", "datasets": [{"path": "x"}], "micro_batch_size": 2})
    assert steps_per_epoch(101, config) == 51
    assert steps_per_epoch(101, config, processes=2) == 26
    assert steps_per_epoch(0, config) == 1


def test_hours_follow_from_the_given_speed_or_from_the_last_runs(articles: Path, tmp_path: Path) -> None:
    overrides = {"datasets": [str(articles)], "tokens_per_second": 100, "output_dir": str(tmp_path)}
    config, _ = load_config(RECIPES / "mistral-7b.yml", overrides)
    planned = plan(config, resolve_base(config))
    assert planned.hours == pytest.approx(planned.data.train.tokens / 100 / 3600, rel=0.2)
    unknown = config.model_copy(update={"tokens_per_second": None})
    assert plan(unknown, resolve_base(unknown)).hours is None
    manifest = {"base_model": config.base_model, "sequence_len": 4096, "figures": {"tokens_per_second": 50.0}}
    (tmp_path / "data_manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert plan(unknown, resolve_base(unknown)).hours == pytest.approx(2 * planned.hours)
    assert plan(unknown.model_copy(update={"sequence_len": 512}), resolve_base(unknown)).hours is None
    (tmp_path / "data_manifest.json").write_text('{"base_model": ', encoding="utf-8")
    assert "data_manifest.json is damaged" in render(plan(unknown, resolve_base(unknown)))


def test_what_does_not_fit_says_what_would() -> None:
    config, _ = load_config(RECIPES / "llama2-7b.yml")
    available = 9 << 30
    changes = list(remedies(config, SHAPES["Llama 2 7B"], available, on_gpu=True))
    totals = [change.total for change in changes]
    assert totals == sorted(totals, reverse=True)
    assert totals[-1] <= available < totals[-2]
    assert changes[0].change == "micro_batch_size: 1 with gradient_accumulation_steps: 4"


def test_plan_that_does_not_fit_is_rendered_with_its_remedies(articles: Path) -> None:
    config, _ = load_config(RECIPES / "llama2-7b.yml", {"datasets": [str(articles)], "gpu_memory_limit": 10})
    text = render(plan(config, resolve_base(config)))
    assert "does not fit, " in text
    assert "what would make it fit" in text


def test_unknown_model_is_planned_without_memory(articles: Path) -> None:
    config, _ = load_config(RECIPES / "mistral-7b.yml", {"datasets": [str(articles)], "base_model": "org/new-thing"})
    planned = plan(config, resolve_base(config))
    assert planned.memory is None
    assert "neither on this machine nor built in" in render(planned)


@pytest.mark.usefixtures("no_network")
def test_missing_data_is_an_error_without_asking_the_network() -> None:
    config, _ = load_config(RECIPES / "mistral-7b.yml", {"datasets": ["nada/articles"]})
    with pytest.raises(DataError, match=r"^datasets: nada/articles: no such file or folder"):
        plan(config, resolve_base(config))


def test_under_fsdp_two_gpus_are_planned_for_and_it_is_said(articles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, _ = load_config(RECIPES / "llama-30b-2x24gb-fsdp.yml", {"datasets": [str(articles)]})
    text = render(plan(config, resolve_base(config)))
    assert "planned for 2 GPUs" in text
    assert "each of 2 GPUs" in text
    assert "does not fit, " not in text
    monkeypatch.setenv("WORLD_SIZE", "4")
    text = render(plan(config, resolve_base(config)))
    assert "each of 4 GPUs" in text
    assert "planned for 2" not in text


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"bnb_config_kwargs": {"bnb_4bit_quant_storage": "float16"}}, "set it to bfloat16"),
        ({"fsdp": None, "liger_kernel": True, "lora_target_modules": ["lm_head"]}, "would learn nothing"),
    ],
)
def test_what_would_be_trained_wrongly_is_refused_by_the_plan(
    articles: Path, values: dict[str, object], words: str
) -> None:
    config, _ = load_config(RECIPES / "llama-30b-2x24gb-fsdp.yml", {"datasets": [str(articles)]})
    config = Config.model_validate(config.model_dump() | values)
    with pytest.raises(ConfigError, match=words):
        plan(config, resolve_base(config))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"optim_args": "betas=x"}, "would pass over betas"),
        ({"optimizer": "sgd", "optim_args": "momentum=x"}, "momentum should be a number"),
        ({"lr_scheduler": "reduce_lr_on_plateau"}, "follows the held-out loss"),
        ({"lora_model_dir": "/nicht/da"}, "holds no finished adapter"),
        ({"base_model": __file__}, "neither a folder nor a GGUF file"),
        ({"dataset_prepared_path": __file__}, "is a file, not a folder"),
        ({"load_best_model_at_end": True, "val_set_size": 2, "eval_strategy": "epoch"}, "both should be the same"),
        ({"load_best_model_at_end": True, "val_set_size": 2, "eval_steps": 3, "save_steps": 4}, "round multiple"),
    ],
    ids=str,
)
def test_what_training_would_refuse_the_plan_refuses(
    articles: Path, tiny_base: Path, values: dict[str, object], words: str
) -> None:
    usual: dict[str, object] = {"base_model": str(tiny_base), "datasets": [{"path": str(articles)}]}
    config = Config.model_validate(usual | values)
    with pytest.raises((ConfigError, DataError), match=words):
        plan(config, resolve_base(config))


def test_layers_that_the_base_lacks_are_refused_where_no_other_is_named(tiny_base: Path) -> None:
    usual: dict[str, object] = {"base_model": str(tiny_base), "datasets": [{"path": "x"}]}
    config = Config.model_validate(usual | {"lora_target_modules": ["q_prj"]})
    with pytest.raises(ConfigError, match="none of q_prj is in a model of type llama; it has q_proj"):
        fit(config, resolve_base(config).shape)


def test_what_gguf_cannot_hold_is_named_before_training(tiny_base: Path, articles: Path) -> None:
    values = {"base_model": str(tiny_base), "datasets": [{"path": str(articles)}], "peft_use_dora": True}
    config = Config.model_validate(values | {"lora_modules_to_save": ["embed_tokens"]})
    text = render(plan(config, resolve_base(config)))
    assert "no LoRA file (--lora): embed_tokens trained whole" in text
    assert "no LoRA file (--lora): peft_use_dora" in text
    plain = Config.model_validate(values | {"peft_use_dora": False})
    assert "As GGUF" not in render(plan(plain, resolve_base(plain)))
