"""The reckoned memory is that which PyTorch allocates: weights, adapter and optimiser to the byte, the peak nearly."""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from train.config.load import Config
from train.data.packing import collate
from train.models.device import choose_machine
from train.models.dimensions import LINEAR_LAYERS, SHAPES
from train.models.load import load_for_training, loadable
from train.models.source import find_shape, locate, resolve_base
from train.planning.memory import GIB, Memory, plan_memory, target_modules, weight_bytes

LLAMA = {"hidden_size": 128, "intermediate_size": 344, "num_key_value_heads": 4, "vocab_size": 1000}
MISTRAL = {"hidden_size": 128, "intermediate_size": 512, "num_key_value_heads": 1, "vocab_size": 500}
TIED = {"hidden_size": 64, "intermediate_size": 192, "vocab_size": 4000, "tie_word_embeddings": True}


def configured(base: str | Path, **values: Any) -> Config:
    given = {"base_model": str(base), "datasets": [{"path": "x"}], "optimizer": "adamw_8bit", "micro_batch_size": 2}
    return Config.model_validate(given | values)


def stored(tensors: Any) -> int:
    """The bytes of the tensors' memory, each place once; a 4-bit weight's scales and tables belong to it."""
    places: dict[int, int] = {}

    def add(found: object) -> None:
        if isinstance(found, torch.Tensor):
            places[found.untyped_storage().data_ptr()] = found.untyped_storage().nbytes()

    for tensor in tensors:
        add(tensor)
        state = getattr(tensor, "quant_state", None)
        while state is not None:
            for value in vars(state).values():
                add(value)
            state = getattr(state, "state2", None)
    return sum(places.values())


def peak_of(step: Callable[[], object]) -> int:
    """The highest number of bytes that `step` holds at once, beyond what was there before, as the allocator tells it."""
    from torch.profiler import ProfilerActivity, profile

    # What an earlier test left behind must not be freed in the middle of this one.
    gc.collect()
    gc.disable()
    try:
        with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiled:
            step()
    finally:
        gc.enable()
    results = profiled.profiler.kineto_results  # type: ignore[union-attr]
    events = sorted((event for event in results.events() if event.name() == "[memory]"), key=lambda e: e.start_ns())
    assert events
    return int(np.cumsum([event.nbytes() for event in events]).max())


def measured(config: Config, length: int) -> tuple[int, int, int, int]:
    """Bytes of weights, adapter, optimiser, and the peak of the way forward and back."""
    import bitsandbytes

    model = load_for_training(config, loadable(resolve_base(config)), choose_machine(config))
    model.train()
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    adapter = stored(trained)
    weights = stored([*model.parameters(), *model.buffers()]) - adapter
    tokens = np.random.default_rng(0).integers(0, 300, (config.micro_batch_size, length))
    batch = collate([{"input_ids": row, "lengths": np.array([length // 2, length - length // 2])} for row in tokens])

    def step() -> None:
        model(**batch).loss.backward()

    step()
    # What an earlier test's run said of a tensor would hold for another that got its number.
    bitsandbytes.optim.GlobalOptimManager.get_instance().initialize()
    optimizer = bitsandbytes.optim.AdamW8bit(trained, lr=1e-4)
    optimizer.step()
    states = [
        value for state in optimizer.state.values() for name, value in state.items() if not name.startswith("qmap")
    ]
    kept = stored(states)
    optimizer.zero_grad()
    return weights, adapter, kept, weights + adapter + kept + peak_of(step)


@pytest.mark.parametrize(
    ("kind", "sizes", "values"),
    [
        ("llama", LLAMA, {}),
        ("mistral", MISTRAL, {"lora_r": 32}),
        ("llama", TIED, {"gradient_checkpointing": False}),
    ],
    ids=["llama", "mistral-gqa", "tied-without-checkpointing"],
)
def test_plan_is_what_is_allocated(make_tiny_base: Callable[..., Path], kind: str, sizes: Any, values: Any) -> None:
    base = make_tiny_base(kind, **sizes)
    shape = find_shape(locate(str(base)))
    assert shape is not None
    for length in (64, 192, 512):
        config = configured(base, sequence_len=length, **values)
        weights, adapter, optimizer, peak = measured(config, length)
        plan = plan_memory(config, shape, on_gpu=False)
        assert (plan.weights, plan.adapter, plan.optimizer) == (weights, adapter, optimizer)
        assert plan.total - plan.context == pytest.approx(peak, rel=0.15), length


@pytest.mark.parametrize(
    "values",
    [
        {"chunked_cross_entropy": False},
        {"lora_dropout": 0.1},
        {"eager_attention": True},
        {"lora_modules_to_save": ["embed_tokens", "lm_head"]},
        {"lora_target_modules": ["q_proj", "v_proj"]},
    ],
    ids=["whole-logits", "dropout", "eager", "heads-whole", "few-targets"],
)
def test_settings_change_the_peak_as_planned(make_tiny_base: Callable[..., Path], values: Any) -> None:
    base = make_tiny_base("llama", **LLAMA)
    shape = find_shape(locate(str(base)))
    assert shape is not None
    config = configured(base, sequence_len=256, **values)
    *_, peak = measured(config, 256)
    plan = plan_memory(config, shape, on_gpu=False)
    assert plan.total - plan.context == pytest.approx(peak, rel=0.15)


@pytest.mark.parametrize(
    ("targets", "names"),
    [
        (None, list(LINEAR_LAYERS)),
        ("all-linear", list(LINEAR_LAYERS)),
        (["all-linear"], list(LINEAR_LAYERS)),
        (["self_attn.q_proj", "lm_head"], ["q_proj", "lm_head"]),
        (r".*\.(q|v)_proj", ["q_proj", "v_proj"]),
    ],
)
def test_targets_are_counted_as_peft_takes_them(targets: Any, names: list[str]) -> None:
    assert target_modules(configured("x", lora_target_modules=targets)) == names


def gpu_plan(name: str, **values: Any) -> Memory:
    return plan_memory(configured("x", **values), SHAPES[name], on_gpu=True)


def test_7b_weights_take_the_known_four_bits() -> None:
    config = configured("x")
    assert weight_bytes(config, SHAPES["Llama 2 7B"], 2) / GIB == pytest.approx(3.6, abs=0.1)
    assert SHAPES["Llama 2 7B"].parameters == 6_738_415_616
    assert SHAPES["Mistral 7B"].parameters == 7_241_732_096
    assert SHAPES["Llama 3 8B"].parameters == 8_030_261_248
    assert SHAPES["Llama 2 13B"].parameters == 13_015_864_320
    assert SHAPES["Llama 30B"].parameters == 32_528_943_616


@pytest.mark.parametrize(
    "cheaper",
    [
        {"micro_batch_size": 1},
        {"sequence_len": 2048},
        {"lora_r": 64},
        {"optimizer": "paged_adamw_8bit"},
        {"chunked_cross_entropy": True},
        {"gradient_checkpointing": True},
        {"load_in_4bit": True},
        {"lora_modules_to_save": []},
    ],
    ids=str,
)
def test_each_remedy_lowers_the_peak(cheaper: Any) -> None:
    dear = {
        "sequence_len": 4096,
        "lora_r": 128,
        "optimizer": "adamw_torch",
        "chunked_cross_entropy": False,
        "gradient_checkpointing": False,
        "load_in_4bit": False,
        "lora_modules_to_save": ["embed_tokens", "lm_head"],
    }
    assert gpu_plan("Llama 2 7B", **(dear | cheaper)).total < gpu_plan("Llama 2 7B", **dear).total
