"""The table of GPUs is what the planner says."""

from __future__ import annotations

from pathlib import Path

import pytest

from train.models.dimensions import SHAPES
from train.planning.gpu_table import GPUS, MODELS, fit_of, settings_of, with_table
from train.planning.memory import GIB, plan_memory

DOCS = Path(__file__).parents[3] / "docs"


@pytest.mark.parametrize("name", ["gpus.md", "gpus.pt-BR.md"])
def test_the_pages_have_the_table_as_the_planner_has_it_now(name: str) -> None:
    page = (DOCS / name).read_text(encoding="utf-8")
    command = "run python -m train.planning.gpu_table docs/gpus.md docs/gpus.pt-BR.md"
    assert page == with_table(page, portuguese=name.endswith(".pt-BR.md")), command


def test_models_are_in_the_order_of_their_size_and_more_memory_never_holds_less() -> None:
    sizes = [SHAPES[name].parameters for name in MODELS]
    assert sizes == sorted(sizes)
    for name in MODELS:
        held = [fit_of(gpu, SHAPES[name]) for gpu in GPUS if gpu.new]
        tokens = [fit.rows * fit.length * fit.rank if fit else 0 for fit in held]
        assert tokens == sorted(tokens), name


def test_a_cell_is_the_peak_of_the_settings_that_it_names() -> None:
    for gpu in GPUS:
        for name in MODELS:
            fit = fit_of(gpu, SHAPES[name])
            if fit is None:
                continue
            changes = {"micro_batch_size": fit.rows, "sequence_len": fit.length, "lora_r": fit.rank}
            config = settings_of(gpu, SHAPES[name]).model_copy(update=changes)
            assert fit.peak == plan_memory(config, SHAPES[name], on_gpu=True).total <= gpu.gib * GIB
