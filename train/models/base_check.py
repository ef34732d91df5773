"""A base's files held against each other before anything is loaded: settings, weights, tokenizer."""

from __future__ import annotations

import json
import re
from pathlib import Path

from transformers.conversion_mapping import get_model_conversion_mapping

from train.config.load import Config
from train.errors import ConfigError, first_line
from train.models.adapter_files import check_adapter_files
from train.models.empty import empty_model
from train.models.fit import class_of
from train.models.language_part import language_config
from train.models.source import Base, Source, cached_file
from train.models.stored_weights import INDEX, StoredWeights
from train.models.tokenizer import Encoder


def check_base(base: Base, encoder: Encoder) -> None:
    """Raises ConfigError where a base on this machine cannot be loaded whole, or its tokenizer has tokens that it lacks.

    Looked at are config.json, the heads of the weight files, and the tokenizer's size; a GGUF file, and what is still on
    the Hub, are passed over.
    """
    settings = None if base.settings.gguf else cached_file(base.settings, "config.json")
    if settings is not None:
        vocabulary = _vocabulary(settings.parent, base.settings)
        if not encoder.substitute and vocabulary is not None and encoder.vocabulary > vocabulary:
            raise ConfigError(
                f"base_model: the tokenizer of {base.tokenizer.name} has {encoder.vocabulary:,} tokens, the embedding of "
                f"{base.name} {vocabulary:,} rows; take the tokenizer that belongs to the model (tokenizer_config)"
            )
    folder = None if base.weights.gguf else base.weights.folder
    if folder is not None and (folder / "config.json").is_file() and any(folder.glob("*.safetensors")):
        _check_weights(folder, base.weights)


def check_targets(config: Config, base: Base) -> None:
    """Raises ConfigError where `lora_target_modules` is a pattern that no layer of a base on this machine matches whole.

    An adapter that is gone on from has its layers already.
    """
    pattern, folder = config.lora_target_modules, None if base.weights.gguf else base.weights.folder
    is_asked = not (config.lora_target_linear or config.lora_model_dir)
    if not isinstance(pattern, str) or pattern == "all-linear" or not is_asked or folder is None:
        return
    if (folder / "config.json").is_file() and any(folder.glob("*.safetensors")):
        names = [name for name, module in empty_model(folder).named_modules() if not any(module.children())]
        if not any(re.fullmatch(pattern, name) for name in names):
            example = next((name for name in names if name.endswith("_proj")), names[0])
            raise ConfigError(
                f"lora_target_modules: {pattern} matches the whole name of no layer of {base.name} (one is {example}); a list "
                "names layers by the ends of their names"
            )


def check_sample_prompts(config: Config, encoder: Encoder) -> None:
    """Raises ConfigError for one of `sample_prompts` that leaves a row no room to write in."""
    every = encoder.encode_batch(config.sample_prompts) if config.sample_prompts else []
    for prompt, tokens in zip(config.sample_prompts, every, strict=True):
        room = config.sequence_len - len(tokens)
        if room < config.sample_max_new_tokens:
            raise ConfigError(
                f"sample_prompts: {prompt[:40]!r} is {len(tokens):,} tokens long, and with sample_max_new_tokens "
                f"{config.sample_max_new_tokens:,} beyond a row of {config.sequence_len:,}; shorten one of both"
            )


def check_earlier_adapter(config: Config) -> None:
    """Raises ConfigError where `lora_model_dir` holds no adapter that can be gone on from."""
    if config.lora_model_dir:
        check_adapter_files(Path(config.lora_model_dir), "lora_model_dir")


def check_model_type(config: Config, base: Base) -> None:
    """Raises ConfigError where `model_type` is another class than a base on this machine has."""
    settings = None if base.settings.gguf else cached_file(base.settings, "config.json")
    if config.model_type in (None, "AutoModelForCausalLM") or settings is None:
        return
    found = json.loads(settings.read_text(encoding="utf-8"))
    # Of a model that also sees only the language part is loaded, which is of a class of its own.
    its = None if "text_config" in found else class_of(str(found.get("model_type")))
    if its and its != config.model_type:
        raise ConfigError(f"model_type: {base.name} is a {its}, not a {config.model_type}; leave model_type out")


def _vocabulary(folder: Path, source: Source) -> int | None:
    """The rows of the embedding, as the settings give them."""
    try:
        found = language_config(folder, source.name).vocab_size
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigError(f"base_model: {source.name}: config.json cannot be followed: {first_line(error)}") from error
    return found if isinstance(found, int) else None


def _check_weights(folder: Path, source: Source) -> None:
    """Raises ConfigError for a weight file that is missing or cut, and for weights that no file holds.

    transformers would draw missing weights at random, and say so where nobody looks.
    """
    stored = StoredWeights(folder)
    for name in sorted(_indexed_files(folder)):
        if not (folder / name).is_file():
            raise ConfigError(f"base_model: {source.name} lacks {name}, which {INDEX} names; fetch it again")
    try:
        model = empty_model(folder)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RuntimeError) as error:
        raise ConfigError(f"base_model: {source.name}: config.json cannot be followed: {first_line(error)}") from error
    if hasattr(model.config, "quantization_config") or get_model_conversion_mapping(model, add_legacy=False):
        # Packed weights have other shapes, and those of some kinds are renamed and joined while they are read.
        return
    shapes = {name: tuple(weight.shape) for name, weight in model.named_parameters(remove_duplicate=False)}
    tied = set(getattr(model, "all_tied_weights_keys", {}))
    known = stored.shapes
    prefix = f"{model.base_model_prefix}."
    for name, shape in shapes.items():
        # GPT-2's files name their weights without the model's own prefix, which transformers puts before them.
        found = known.get(name, known.get(name.removeprefix(prefix)))
        if found is None and name not in tied:
            raise ConfigError(f"base_model: {source.name}: no file holds the weight {name}; fetch the model again")
        if found is not None and found != shape:
            raise ConfigError(
                f"base_model: {source.name}: the weight {name} is {list(found)} in its file and {list(shape)} by config.json"
            )


def _indexed_files(folder: Path) -> set[str]:
    path = folder / INDEX
    if not path.is_file():
        return set()
    try:
        return {str(name) for name in json.loads(path.read_text(encoding="utf-8"))["weight_map"].values()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"base_model: {path} is no index of weights ({first_line(error)})") from error
