"""Out of memory: what to change, in which order, and by how much."""

from __future__ import annotations

from train.config.load import Config, DatasetKeys
from train.models.source import resolve_base
from train.training.finish import out_of_memory


def test_out_of_memory_names_the_changes_and_their_peaks() -> None:
    config = Config(
        base_model="meta-llama/Llama-2-7b-hf",
        datasets=[DatasetKeys(path="data")],
        sequence_len=4096,
        micro_batch_size=4,
        lora_r=128,
        gradient_checkpointing=False,
        gpu_memory_limit=24,
    )
    line = out_of_memory(config, resolve_base(config))
    assert "\n" not in line
    assert "of 24.0" in line
    assert "gradient_checkpointing: true" in line
    assert "GiB)" in line
    assert line.endswith("then --resume")


def test_out_of_memory_on_an_unknown_model_still_says_what_helps() -> None:
    config = Config(base_model="x/unknown", datasets=[DatasetKeys(path="data")])
    assert "micro_batch_size" in out_of_memory(config, resolve_base(config))
