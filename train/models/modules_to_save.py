"""Layers that are trained whole beside an adapter: their weights stay in float32, whatever the base computes in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from peft.utils import ModulesToSaveWrapper, load_peft_weights, set_peft_model_state_dict
from torch import Tensor, nn


def whole_layers(model: nn.Module) -> Iterator[nn.Module]:
    """The copies that peft made of the layers in `lora_modules_to_save`, which are what is trained."""
    for module in model.modules():
        if isinstance(module, ModulesToSaveWrapper):
            yield from module.modules_to_save.values()


def widen_whole_layers(model: nn.Module, computed_in: torch.dtype) -> None:
    """Keeps the layers that are trained whole in float32; what an embedding gives is narrowed to `computed_in` again.

    peft widens its matrices and leaves these as the base is. In bfloat16 a weight of .02 moves in steps of .0001, so a
    learning rate of .000015 would never move it; and float16 cannot be trained at all with scaled gradients. A head needs
    no narrowing: autocast computes it in the narrow type.
    """

    def narrow(module: nn.Module, _: Any, output: Tensor) -> Tensor:
        return output.to(computed_in)

    for layer in whole_layers(model):
        layer.float()
        if isinstance(layer, nn.Embedding) and computed_in != torch.float32:
            layer.register_forward_hook(narrow)


def read_again(model: Any, adapter: Path) -> None:
    """Reads an adapter's weights into a model once more, after its layers have been widened: reading had rounded them."""
    set_peft_model_state_dict(model, load_peft_weights(str(adapter), device="cpu"))
