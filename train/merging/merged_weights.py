"""The weights of a base model with an adapter merged in, one at a time: through the 4 bits it was trained on, and out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from bitsandbytes.functional import dequantize_4bit
from bitsandbytes.nn.modules import Params4bit
from peft import LoraConfig, inject_adapter_in_model
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.pytorch_utils import Conv1D
from transformers.quantizers.base import get_keys_to_not_convert
from transformers.quantizers.quantizers_utils import should_convert_module

from train.config.load import Config
from train.errors import ConfigError
from train.merging.adapter_weights import AdapterWeights, check_same_shape
from train.models.empty import empty_model
from train.models.stored_weights import Entry, StoredWeights


class Merger:
    """Base weights and adapter; `weights` gives the merged ones in the order of `entries`.

    The adapter was trained on what is left of the weights after 4 bits, so each is quantised and dequantised again before
    the adapter is added; adding it to the weights as they were left logits .037 off in a trial, this way 5e-7.
    """

    def __init__(self, config: Config, base: Path, adapter: AdapterWeights, trained_in: torch.dtype) -> None:
        """Reads the base's names. Raises ConfigError where the two do not fit.

        `trained_in` is the type that the base was loaded in for training, which decides what was quantised.
        """
        self.config = config
        self.trained_in = trained_in
        self.adapter = adapter
        self.stored = StoredWeights(base)
        model = empty_model(base)
        self.embedding = _name_of(model, model.get_input_embeddings())
        self.head = _name_of(model, model.get_output_embeddings())  # type: ignore[no-untyped-call]
        self.quantised = _quantised_modules(model) if config.load_in_4bit else set()
        self.turned = {name for name, module in model.named_modules() if isinstance(module, Conv1D)}
        """Modules that keep their weight as (inputs, outputs), the other way round than a linear layer."""
        self.tied = bool(model.config.tie_word_embeddings)
        self.places = self._places(model)
        """The name of each weight in the model, and the one under which it is stored."""
        touched = {self.embedding, self.head} & (
            self.adapter.parts.keys() | {name.removesuffix(".weight") for name in self.adapter.whole}
        )
        self.unties = self.tied and bool(touched)
        self._check()

    def _places(self, model: PreTrainedModel) -> dict[str, str]:
        """Raises ConfigError where the model has a weight that is not stored."""
        names = {name for name, _ in model.named_parameters(remove_duplicate=False)}
        prefix = f"{model.base_model_prefix}."
        places = {
            f"{prefix}{stored}" if stored not in names and f"{prefix}{stored}" in names else stored: stored
            for stored in self.stored
        }
        tied = set(getattr(model, "all_tied_weights_keys", {}))
        lacking = sorted(name for name in names - places.keys() - tied if not (self.tied and self._is_head(name)))
        if lacking:
            raise ConfigError(
                f"base_model: no weight is stored under the name {lacking[0]}; a model of type "
                f"{model.config.model_type} that is stored so is not merged here"
            )
        return places

    def _check(self) -> None:
        """Raises ConfigError where a part of the adapter has no place in the base, or another size."""
        owner = self.adapter.owner
        wanted = {f"{module}.weight" for module in self.adapter.parts} | self.adapter.whole.keys()
        missing = sorted(name for name in wanted if self._stored_name(name) is None)
        if missing:
            raise ConfigError(f"{owner} adapts {missing[0]}, which the base does not have")
        for name, tensor in (*self.adapter.whole.items(), *self.adapter.bases.items()):
            check_same_shape(owner, name, tuple(tensor.shape), self._shape(name))
        for module, parts in self.adapter.parts.items():
            shape = self._shape(f"{module}.weight")
            if len(shape) != 2:
                raise ConfigError(f"{owner} adapts {module}, which is no linear layer and no embedding")
            turned = module in self.turned or "lora_embedding_A" in parts
            inputs, outputs = shape if turned else (shape[1], shape[0])
            self.adapter.check_shapes(module, inputs, outputs)
            if "lora_B.bias" in parts and f"{module}.bias" not in self.places:
                raise ConfigError(f"{owner} adds a bias to {module}, which has none in the base")

    def _is_head(self, name: str) -> bool:
        return name == f"{self.head}.weight"

    def _stored_name(self, name: str) -> str | None:
        """Under which name a weight is stored; a tied head's is its embedding's, even where both are stored."""
        return self.places.get(f"{self.embedding}.weight" if self.tied and self._is_head(name) else name)

    def _shape(self, name: str) -> tuple[int, ...]:
        stored = self._stored_name(name)
        if stored is None:
            raise ConfigError(f"{self.adapter.owner} brings {name}, which the base does not have")
        return self.stored.shapes[stored]

    def entries(self) -> list[Entry]:
        """What will be written: the base's weights; the head too where it stops being the embedding."""
        found = [
            Entry(name, self.stored.shapes[stored])
            for name, stored in self.places.items()
            if not (self.tied and self._is_head(name)) and not name.endswith("rotary_emb.inv_freq")
        ]
        if self.unties:
            found.append(Entry(f"{self.head}.weight", self._shape(f"{self.embedding}.weight")))
        return found

    def weights(self) -> Iterator[tuple[str, Tensor]]:
        """Names and merged weights in float32, one at a time."""
        for entry in self.entries():
            yield entry.name, self.merged(entry.name)

    def merged(self, name: str) -> Tensor:
        """One merged weight in float32."""
        module, _, kind = name.rpartition(".")
        weight = self._before(name, module)
        parts = self.adapter.parts.get(module, {})
        if kind == "bias" and "lora_B.bias" in parts:
            return weight + parts["lora_B.bias"].float() * self.adapter.scale(module)
        if kind != "weight" or not parts:
            return weight
        if module not in self.turned:
            return self._with_adapter(module, weight)
        return self._with_adapter(module, weight.T.contiguous()).T.contiguous()

    def is_as_stored(self, name: str) -> bool:
        """Whether nothing changes a weight but the type that the base was loaded in."""
        module, _, kind = name.rpartition(".")
        touched = name in self.adapter.whole or name in self.adapter.bases or module in self.adapter.parts
        return not touched and not (module in self.quantised and kind == "weight")

    def stored_rows(self, name: str, begin: int, end: int) -> Tensor:
        """Rows of a weight that is as stored, in float32."""
        stored = self._stored_name(name)
        assert stored is not None
        return self.stored.read_rows(stored, begin, end).to(self.trained_in).float()

    def _before(self, name: str, module: str) -> Tensor:
        """A weight as the adapter found it, in float32: trained whole, or the base's, through 4 bits where it was in them."""
        for given in (self.adapter.whole, self.adapter.bases):
            if name in given:
                # A copy: it is merged in place, and may be the loaded model's own.
                return given[name].to(torch.float32, copy=True)
        stored = self._stored_name(name)
        assert stored is not None
        weight = self.stored.read(stored).to(self.trained_in)
        if module not in self.quantised or not name.endswith(".weight"):
            return weight.float()
        if module in self.turned:
            return through_four_bits(weight.T.contiguous(), self.config).float().T.contiguous()
        return through_four_bits(weight, self.config).float()

    def _with_adapter(self, module: str, weight: Tensor) -> Tensor:
        """The weight, as a linear layer has it, with its adapter added.

        By peft itself on a layer of its own, so that every kind of LoRA is right.
        """
        rows, columns = weight.shape
        embeds = module == self.embedding
        layer = nn.Embedding(rows, columns, device="meta") if embeds else nn.Linear(columns, rows, False, device="meta")
        layer.weight = nn.Parameter(weight, requires_grad=False)
        holder = nn.ModuleDict({"layer": layer})
        settings = self.adapter.settings
        # peft only divides alpha by the rank, so a part of a whole number will do.
        inject_adapter_in_model(
            LoraConfig(
                r=self.adapter.rank(module),
                lora_alpha=self.adapter.alpha(module),  # type: ignore[arg-type]
                use_rslora=settings.use_rslora,
                use_dora=settings.use_dora,
                fan_in_fan_out=False,
                target_modules=["layer"],
            ),
            holder,
        )
        adapted: Any = holder["layer"]
        for part, tensor in self.adapter.parts[module].items():
            if part == "lora_B.bias":
                continue
            held = getattr(adapted, part)["default"]
            target = held if isinstance(held, nn.Parameter) else held.weight
            target.data = tensor.float()
        adapted.merge()
        merged: Tensor = adapted.base_layer.weight.data
        return merged


def through_four_bits(weight: Tensor, config: Config) -> Tensor:
    """What is left of a weight after the 4 bits that the configuration asks for, in float32."""
    details = config.bnb_config_kwargs
    packed: Any = Params4bit(
        weight.contiguous(),
        requires_grad=False,
        compress_statistics=details.bnb_4bit_use_double_quant,
        quant_type=details.bnb_4bit_quant_type,
    )
    packed = packed.to("cuda" if torch.cuda.is_available() else "cpu")
    packed.quant_state.dtype = torch.float32
    return dequantize_4bit(packed.data, packed.quant_state).reshape(weight.shape).to("cpu")


def _quantised_modules(model: PreTrainedModel) -> set[str]:
    """The linear layers that transformers puts into 4 bits: all but those that it spares, the head above all."""
    spared = list(get_keys_to_not_convert(model))
    return {
        name
        for name, module in model.named_modules()
        if (type(module) is nn.Linear or isinstance(module, Conv1D)) and should_convert_module(name, spared)
    }


def _name_of(model: PreTrainedModel, wanted: nn.Module | None) -> str:
    return next((name for name, module in model.named_modules() if wanted is not None and module is wanted), "")
