"""What is measured side by side: the base as it is, the base in 4 bits, the adapter; each model is loaded once, one at a time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from train.config.load import Config
from train.evaluation.perplexity import Measurer
from train.models.source import Base

AS_IT_IS, IN_4_BITS, ADAPTER = "base", "base_4bit", "adapter"
"""The columns' names in reports. Without 4 bits the second falls away; without an adapter the third."""

TITLES = {AS_IT_IS: "base as it is", IN_4_BITS: "base in 4 bits", ADAPTER: "adapter"}


@dataclass(frozen=True, slots=True)
class Column:
    """One of the models that are measured; `with_adapter` says whether the adapter is on."""

    name: str
    measurer: Measurer
    with_adapter: bool


def columns(
    config: Config, base: Base, adapter: Path | None, *, window: int, scale: float = 1.0, as_it_is: bool = True
) -> Iterator[Column]:
    """The columns one after the other; what one of them holds is given up before the next model is loaded.

    The adapter's own base comes first: what is drawn from it can be measured by the others. `scale` weakens or strengthens
    the adapter; `as_it_is` false leaves the base as it is out where the adapter's own is in 4 bits.
    """
    quantised = config.load_in_4bit or config.load_in_8bit
    measurer = Measurer(config, base, adapter, window, scale=scale)
    yield Column(IN_4_BITS if quantised else AS_IT_IS, measurer, False)
    if adapter is not None:
        yield Column(ADAPTER, measurer, True)
    if not quantised or not as_it_is:
        return
    del measurer
    gc.collect()
    whole = config.model_copy(update={"load_in_4bit": False, "load_in_8bit": False, "adapter": "lora"})
    yield Column(AS_IT_IS, Measurer(whole, base, None, window), False)
