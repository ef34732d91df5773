"""The base model in 4 bits, and the adapter on it."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import torch
from bitsandbytes.nn.modules import Linear4bit
from huggingface_hub import snapshot_download
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    PreTrainedConfig,
    PreTrainedModel,
)

from train.atomic import unfinished_folder
from train.config.load import Config
from train.console import say
from train.errors import ConfigError, first_line
from train.models.base_check import check_earlier_adapter
from train.models.chunked_loss import can_split_loss, split_loss
from train.models.device import Machine, attention_of_model
from train.models.hub import hub_answers, stay_offline
from train.models.language_part import KEY_MAPPING, is_part, language_config
from train.models.modules_to_save import read_again, widen_whole_layers
from train.models.replay_loss import add_replay_loss
from train.models.source import Base, Source, converted_folder
from train.models.stored_weights import StoredWeights

_DTYPES = {"uint8": torch.uint8, "float16": torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32}
_PICKLED = ("pytorch_model*.bin", "*.pt", "*.pth", "*.ckpt")


def loadable(base: Base) -> Base:
    """The base as `from_pretrained` takes it: a GGUF file converted, once, and nothing that is not safe to read.

    Raises ConfigError for a base that is not there, that brings program text of its own, or whose weights are pickled,
    because reading either runs what its author wrote.
    """
    base.require()
    weights = _loadable(base.weights)
    settings = weights if base.settings == base.weights else _loadable(base.settings)
    tokenizer = weights if base.tokenizer == base.weights else base.tokenizer
    return replace(base, weights=weights, settings=settings, tokenizer=tokenizer)


def _loadable(source: Source) -> Source:
    if source.gguf:
        return Source(source.name, convert_gguf(source))
    if source.path is None and not hub_answers():
        # Out of reach, every file would be tried several times, for minutes; what is in the Hub's cache is still found.
        stay_offline()
    check_safe(source)
    return source


def weights_folder(base: Base) -> Path:
    """The folder of a loadable base's weights; from the Hub they are fetched, once. Raises ConfigError where they are not had."""
    if base.weights.folder is not None:
        return base.weights.folder
    try:
        return Path(
            snapshot_download(
                base.name,
                allow_patterns=["*.safetensors", "*.json", "tokenizer.model"],
                ignore_patterns=["consolidated*"],
                local_files_only=not hub_answers(),
            )
        )
    except (OSError, ValueError) as error:
        raise ConfigError(f"base_model: {base.name}: {first_line(error)}") from error


def check_safe(source: Source) -> None:
    """Raises ConfigError where the model asks for remote code, or has no weights but pickled ones."""
    folder = source.folder
    if folder is not None and not (folder / "config.json").is_file():
        raise ConfigError(f"base_model: {source.name} holds no config.json, so it is no model of transformers")
    try:
        values, _ = PreTrainedConfig.get_config_dict(source.location)
    except (OSError, ValueError) as error:
        raise ConfigError(f"base_model: {source.name}: {first_line(error)}") from error
    if values.get("auto_map"):
        raise ConfigError(
            f"base_model: {source.name} asks for its own program text to be run (auto_map in config.json), which is never done; "
            "take a model that transformers knows"
        )
    if folder is not None and not any(folder.glob("*.safetensors")):
        if any(next(folder.glob(pattern), None) for pattern in _PICKLED):
            raise ConfigError(
                f"base_model: {source.name} has only pickled weights, which can run any program when read; "
                "convert them to safetensors on a machine that may be lost"
            )
        raise ConfigError(f"base_model: {source.name} holds no *.safetensors weights")


def convert_gguf(source: Source) -> Path:
    """The folder with the weights (float32, safetensors) and the tokenizer of a GGUF file, made where it is not there.

    It appears whole or not at all. SmolLM2-135M takes 48 s on two cores, nearly all of it reading the file's header three
    times, and 540 MB. Raises ConfigError for a file that transformers cannot read.
    """
    folder = converted_folder(source)
    if (folder / "model.safetensors").is_file():
        return folder
    say(f"{source.name}: converts the GGUF file into {folder}, once; about a minute for 135M weights")
    unfinished = unfinished_folder(folder)
    try:
        try:
            model = AutoModelForCausalLM.from_pretrained(source.location, dtype=torch.float32, **source.arguments)
            tokenizer = AutoTokenizer.from_pretrained(source.location, **source.arguments)
        except (OSError, ValueError, KeyError, ImportError, RuntimeError) as error:
            raise ConfigError(f"base_model: {source.name} cannot be converted: {first_line(error)}") from error
        # transformers would write them as weights that are still GGUF, which nothing reads.
        for owner, name in ((model, "hf_quantizer"), (model.config, "quantization_config")):
            if hasattr(owner, name):
                delattr(owner, name)
        # A GGUF file names its author's training run here, and saving would write the folder of the unfinished copy.
        model.config._name_or_path = source.name
        model.save_pretrained(unfinished)
        tokenizer.save_pretrained(unfinished)
        try:
            unfinished.rename(folder)
        except OSError:
            if not (folder / "model.safetensors").is_file():
                raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def quantization_of(config: Config, dtype: torch.dtype) -> BitsAndBytesConfig | None:
    """bitsandbytes' settings for the base, or None where it is kept as it is."""
    if config.load_in_8bit:
        return BitsAndBytesConfig(load_in_8bit=True)  # type: ignore[no-untyped-call]
    if not config.load_in_4bit:
        return None
    details = config.bnb_config_kwargs
    return BitsAndBytesConfig(  # type: ignore[no-untyped-call]
        load_in_4bit=True,
        bnb_4bit_quant_type=details.bnb_4bit_quant_type,
        bnb_4bit_use_double_quant=details.bnb_4bit_use_double_quant,
        bnb_4bit_compute_dtype=dtype,
        bnb_4bit_quant_storage=_DTYPES[details.bnb_4bit_quant_storage],
    )


def load_base(config: Config, base: Base, machine: Machine) -> PreTrainedModel:
    """The loadable base, in 4 bits where the configuration says so, frozen, on the machine's device.

    It never caches keys and values: with a cache transformers does not look for packed documents, and they would see
    each other. Of a model that also sees or hears it is the language part. Raises ConfigError for a base that cannot be
    had or is refused, and for one of another kind than `model_type` says.
    """
    if machine.device != "cpu":
        # Before anything is put there: else every process would also open a context on the first GPU.
        torch.cuda.set_device(machine.device)
    try:
        part = is_part(base.settings.location)
        settings = _settings(base, part=part)
        model: PreTrainedModel = AutoModelForCausalLM.from_pretrained(
            base.weights.location,
            config=settings,
            key_mapping=KEY_MAPPING if part else None,
            dtype=machine.dtype,
            quantization_config=quantization_of(config, machine.dtype),
            attn_implementation=attention_of_model(machine.attention, settings),
            device_map={"": machine.device},
            use_safetensors=True,
            trust_remote_code=False,
        )
    except (OSError, ValueError, ImportError) as error:
        raise ConfigError(f"base_model: {config.base_model}: {first_line(error)}") from error
    if config.model_type not in (None, "AutoModelForCausalLM", type(model).__name__):
        raise ConfigError(f"model_type: {config.base_model} is a {type(model).__name__}, not a {config.model_type}")
    model.config.use_cache = False
    model.requires_grad_(requires_grad=False)
    keep_exact(model)
    return model


def keep_exact(model: torch.nn.Module) -> None:
    """Keeps bitsandbytes from repacking 4-bit weights on processors with AVX512-BF16.

    It does so at the first reading without gradients: logits of small models were .5 off then, and an evaluation in the
    middle of a run left a model that passes no gradient on.
    """
    for module in model.modules():
        if isinstance(module, Linear4bit):
            module.support_avx512bf16_for_cpu = False


def _settings(base: Base, *, part: bool) -> PreTrainedConfig:
    stored = StoredWeights(weights_folder(base)).names.values() if part else ()
    return language_config(base.settings.location, base.name, stored)


def target_modules(config: Config) -> list[str] | str:
    """What peft takes as the layers that get an adapter: names, or `all-linear` (all but the head)."""
    named = config.lora_target_modules
    if config.lora_target_linear or not named:
        return "all-linear"
    if isinstance(named, str):
        return named
    return "all-linear" if named == ["all-linear"] else list(named)


def add_adapter(model: PreTrainedModel, config: Config) -> PeftModel:
    """The model with a new adapter, or with the one in `lora_model_dir` to go on from; only the adapter is trained.

    The adapter's values are drawn from `seed`. Raises ConfigError for modules that the model has not, for a module that
    is named in both lists, and for a `lora_model_dir` without an adapter.
    """
    computed_in = model.dtype
    both = set(config.lora_modules_to_save) & set(config.lora_target_modules or ())
    if both:
        raise ConfigError(f"lora_target_modules: {sorted(both)[0]} is in lora_modules_to_save too; take it out of one")
    if config.lora_model_dir:
        return _older_adapter(model, Path(config.lora_model_dir), config)
    torch.manual_seed(config.seed)
    settings = LoraConfig(
        task_type="CAUSAL_LM",
        r=config.lora_r,
        lora_alpha=config.lora_alpha,
        lora_dropout=config.lora_dropout,
        target_modules=target_modules(config),
        modules_to_save=list(config.lora_modules_to_save) or None,
        fan_in_fan_out=config.lora_fan_in_fan_out,
        use_rslora=config.peft_use_rslora,
        use_dora=config.peft_use_dora,
        init_lora_weights=True if config.peft_init_lora_weights is None else config.peft_init_lora_weights,  # type: ignore[arg-type]
    )
    try:
        adapted = get_peft_model(model, settings)
    except ValueError as error:
        raise ConfigError(f"lora_target_modules: {first_line(error)}") from error
    if not isinstance(adapted, PeftModel):
        raise TypeError(f"peft made a {type(adapted).__name__}")
    # peft copies the base's path, which for a converted GGUF file is a cache; the name is what others can load.
    adapted.peft_config["default"].base_model_name_or_path = config.base_model
    widen_whole_layers(adapted, computed_in)
    return adapted


def _older_adapter(model: PreTrainedModel, folder: Path, config: Config) -> PeftModel:
    """The model with a finished adapter, to train it further; rank and modules are that adapter's."""
    computed_in = model.dtype
    check_earlier_adapter(config)
    try:
        adapted = PeftModel.from_pretrained(model, str(folder), is_trainable=True)
    except (RuntimeError, ValueError, KeyError) as error:
        raise ConfigError(f"lora_model_dir: {folder} does not fit {config.base_model}: {first_line(error)}") from error
    adapted.peft_config["default"].base_model_name_or_path = config.base_model
    widen_whole_layers(adapted, computed_in)
    read_again(adapted, folder)
    return adapted


def load_for_training(config: Config, base: Base, machine: Machine) -> PeftModel:
    """Base and adapter, ready for a trainer: loss in pieces, checkpointing as the configuration says."""
    model = load_base(config, base, machine)
    adapted = add_adapter(model, config)
    if config.chunked_cross_entropy and not config.liger_kernel and can_split_loss(model):
        split_loss(model, config.chunked_cross_entropy_num_chunks)
    if config.replay and config.replay_loss == "kl":
        if not can_split_loss(model):
            raise ConfigError(
                f"replay_loss: {config.base_model} bends its logits, which kl does not follow; set it to lm"
            )
        add_replay_loss(adapted, config.chunked_cross_entropy_num_chunks)
    if config.gradient_checkpointing:
        checkpointing = {"use_reentrant": False, **config.gradient_checkpointing_kwargs}
        model.activation_checkpointing_enable(activation_checkpointing_kwargs=checkpointing)
    return adapted
