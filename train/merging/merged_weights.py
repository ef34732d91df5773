"""The weights of a base model with an adapter merged in, one at a time: through the 4 bits it was trained on, and out."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from bitsandbytes.functional import dequantize_4bit
from bitsandbytes.nn.modules import Params4bit
from peft import LoraConfig, inject_adapter_in_model
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import PreTrainedModel
from transformers.quantizers.base import get_keys_to_not_convert

from train.config.load import Config
from train.errors import ConfigError
from train.models.empty import empty_model
from train.models.stored_weights import Entry, StoredWeights

_PREFIX = "base_model.model."
_PART = re.compile(r"\.(lora_A|lora_B|lora_embedding_A|lora_embedding_B|lora_magnitude_vector)(?:\.weight)?$")


class Merger:
    """Base weights and adapter; `weights` gives the merged ones in the order of `entries`.

    The adapter was trained on what is left of the weights after 4 bits, so each is quantised and dequantised again before
    the adapter is added; adding it to the weights as they were left logits .037 off in a trial, this way 5e-7.
    """

    def __init__(self, config: Config, base: Path, adapter: Path, trained_in: torch.dtype) -> None:
        """Reads the adapter and the base's names. Raises ConfigError where the two do not fit.

        `trained_in` is the type that the base was loaded in for training, which decides what was quantised.
        """
        self.config = config
        self.trained_in = trained_in
        self.stored = StoredWeights(base)
        settings = LoraConfig.from_pretrained(str(adapter))
        if not isinstance(settings, LoraConfig):
            raise ConfigError(f"--adapter: {adapter} is no LoRA adapter")
        self.settings = settings
        self.parts: dict[str, dict[str, Tensor]] = defaultdict(dict)
        self.whole: dict[str, Tensor] = {}
        for name, tensor in load_file(adapter / "adapter_model.safetensors").items():
            self._sort_in(name.removeprefix(_PREFIX), tensor)
        model = empty_model(base)
        self.embedding = _name_of(model, model.get_input_embeddings())
        self.head = _name_of(model, model.get_output_embeddings())  # type: ignore[no-untyped-call]
        self.quantised = _quantised_modules(model) if config.load_in_4bit else set()
        self.tied = bool(model.config.tie_word_embeddings)
        touched = {self.embedding, self.head} & (
            self.parts.keys() | {name.removesuffix(".weight") for name in self.whole}
        )
        self.unties = self.tied and bool(touched)
        self._check(adapter)

    def _sort_in(self, name: str, tensor: Tensor) -> None:
        match = _PART.search(name)
        if match:
            self.parts[name[: match.start()]][match[1]] = tensor
        elif ".base_layer." not in name:
            self.whole[name] = tensor

    def _check(self, adapter: Path) -> None:
        wanted = {f"{module}.weight" for module in self.parts} | self.whole.keys()
        missing = sorted(name for name in wanted if name not in self.stored and not (self.tied and self._is_head(name)))
        if missing:
            raise ConfigError(f"--adapter: {adapter} adapts {missing[0]}, which the base does not have")

    def _is_head(self, name: str) -> bool:
        return name == f"{self.head}.weight"

    def entries(self) -> list[Entry]:
        """What will be written: the base's weights; the head too where it stops being the embedding."""
        found = [
            Entry(name, self.stored.shapes[name])
            for name in self.stored
            if not (self.tied and self._is_head(name)) and not name.endswith("rotary_emb.inv_freq")
        ]
        if self.unties:
            found.append(Entry(f"{self.head}.weight", self.stored.shapes[f"{self.embedding}.weight"]))
        return found

    def weights(self) -> Iterator[tuple[str, Tensor]]:
        """Names and merged weights in float32, one at a time."""
        for entry in self.entries():
            yield entry.name, self.merged(entry.name)

    def merged(self, name: str) -> Tensor:
        """One merged weight in float32."""
        source = f"{self.embedding}.weight" if self._is_head(name) and self.tied else name
        if name in self.whole:
            return self.whole[name].float()
        module = name.removesuffix(".weight")
        weight = self.stored.read(source).to(self.trained_in)
        if module in self.quantised:
            weight = through_four_bits(weight, self.config)
        weight = weight.float()
        if module not in self.parts or not name.endswith(".weight"):
            return weight
        return self._with_adapter(module, weight)

    def _with_adapter(self, module: str, weight: Tensor) -> Tensor:
        """The weight with its adapter added, by peft itself on a layer of its own, so that every kind of LoRA is right."""
        rows, columns = weight.shape
        embeds = module == self.embedding
        layer = nn.Embedding(rows, columns, device="meta") if embeds else nn.Linear(columns, rows, False, device="meta")
        layer.weight = nn.Parameter(weight, requires_grad=False)
        holder = nn.ModuleDict({"layer": layer})
        settings = self.settings
        inject_adapter_in_model(
            LoraConfig(
                r=_pattern(settings.rank_pattern, module, settings.r),
                lora_alpha=_pattern(settings.alpha_pattern, module, settings.lora_alpha),
                use_rslora=settings.use_rslora,
                use_dora=settings.use_dora,
                fan_in_fan_out=False,
                target_modules=["layer"],
            ),
            holder,
        )
        adapted: Any = holder["layer"]
        for part, tensor in self.parts[module].items():
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
    spared = set(get_keys_to_not_convert(model))
    return {
        name
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and not any(name == key or name.endswith(f".{key}") for key in spared)
    }


def _name_of(model: PreTrainedModel, wanted: nn.Module | None) -> str:
    name: str = next(name for name, module in model.named_modules() if module is wanted)
    return name


def _pattern(patterns: dict[str, int] | None, module: str, usual: int) -> int:
    """A rank or alpha that peft's patterns give a module of its own."""
    for pattern, value in (patterns or {}).items():
        if re.match(rf"(.*\.)?({pattern})$", module):
            return value
    return usual
