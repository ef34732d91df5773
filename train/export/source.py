"""What is exported: an adapter and its base, held against what GGUF and llama.cpp know, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from transformers import PreTrainedConfig

from train.adapter.load import adapter_config
from train.errors import ConfigError
from train.export.vocabulary import Vocabulary, vocabulary_of
from train.merging.adapter_weights import AdapterWeights
from train.merging.merged_model import require_bits, training_dtype
from train.merging.merged_weights import Merger
from train.models.gguf_families import GGUF_FAMILIES, GgufFamily
from train.models.language_part import language_config
from train.models.load import weights_folder
from train.models.stored_weights import StoredWeights, stored_quantisation
from train.models.tokenizer import load_tokenizer


@dataclass(frozen=True, slots=True)
class Exported:
    """An adapter with its base. `name` is the adapter's folder's, `base_model` the base's; `model_type` transformers'."""

    name: str
    base_model: str
    model_type: str
    family: GgufFamily
    settings: PreTrainedConfig
    vocabulary: Vocabulary
    merger: Merger


def exported(adapter: Path, *, base_model: str | None = None, bits: int | None = None) -> Exported:
    """Adapter and base. Raises ConfigError for what cannot be merged, or is of a family that is not exported."""
    require_bits(adapter, bits)
    config, base = adapter_config(base_model, adapter, full_precision=bits == 16)
    folder = weights_folder(base)
    if stored_quantisation(folder) or config.load_in_8bit:
        raise ConfigError(f"base_model: {base.name} is not merged from 8 bits or stored quantised; see train.merge")
    settings = language_config(folder, base.name, StoredWeights(folder).names.values())
    family = GGUF_FAMILIES.get(settings.model_type)
    if family is None:
        raise ConfigError(
            f"base_model: {base.name} is a {settings.model_type}, which train.export does not know; it knows "
            f"{', '.join(sorted(GGUF_FAMILIES))}. train.merge writes it for transformers"
        )
    merger = Merger(config, folder, AdapterWeights.read(adapter), training_dtype(adapter))
    if merger.unties:
        settings.tie_word_embeddings = False
    return Exported(
        adapter.resolve().name,
        base.name,
        settings.model_type,
        family,
        settings,
        vocabulary_of(load_tokenizer(config, base), settings.vocab_size, base.name),
        merger,
    )
