"""A finished adapter, read back: the configuration that made it, and the model with it."""

from __future__ import annotations

from pathlib import Path

from peft import PeftModel
from peft.tuners.lora import LoraLayer
from peft.utils import ModulesToSaveWrapper
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from train.adapter.card import CONFIG_FILE
from train.config.load import Config, DatasetKeys, load_config
from train.console import say
from train.errors import ConfigError
from train.models.adapter_files import check_adapter_files, read_settings
from train.models.device import Machine, choose_machine
from train.models.fit import fit
from train.models.library_logs import quiet_libraries
from train.models.load import load_base, loadable
from train.models.source import Base, resolve_base
from train.models.tokenizer import load_tokenizer


def adapter_config(
    base_model: str | None, adapter: Path | None, *, datasets: list[str] | None = None, full_precision: bool = False
) -> tuple[Config, Base]:
    """The configuration to load a base and an adapter with, the adapter's own, else the defaults; and the base, loadable.

    `base_model` goes before the one that the adapter names. Raises ConfigError where neither names one, where the folder
    holds no adapter that can be read safely, and where the base cannot be had or is refused.
    """
    data = [DatasetKeys(path=path) for path in datasets or ["."]]
    if adapter is not None:
        named = _base_named_by(adapter)
        base_model = base_model or named
    if not base_model:
        raise ConfigError("--base_model: name the base model; no adapter says which it is")
    if adapter is not None and (adapter / CONFIG_FILE).is_file():
        # Not strict: what the training machine had, such as bfloat16, this one may lack.
        config, _ = load_config(adapter / CONFIG_FILE, {"base_model": base_model, "strict": False})
        config = config.model_copy(update={"datasets": data, "test_datasets": []})
    else:
        config = Config(base_model=base_model, datasets=data)
        if adapter is not None and not full_precision:
            say(f"{adapter} does not say on how many bits it was trained: takes 4, as QLoRA")
    if full_precision:
        config = config.model_copy(update={"load_in_4bit": False, "load_in_8bit": False, "adapter": "lora"})
    base = resolve_base(config)
    config, _ = fit(config, base.shape)
    return config, loadable(base)


def _base_named_by(adapter: Path) -> str | None:
    """The base that peft's own settings of an adapter name."""
    check_adapter_files(adapter, "--adapter")
    settings = read_settings(adapter, "--adapter")
    named = settings.get("base_model_name_or_path")
    return str(named) if named else None


def load_adapted(config: Config, base: Base, adapter: Path | None, machine: Machine) -> PreTrainedModel | PeftModel:
    """The base model, with the adapter where there is one, to read with: no dropout, no gradients.

    Raises ConfigError for an adapter that does not fit the base.
    """
    model = load_base(config, base, machine)
    if adapter is None:
        model.train(mode=False)
        return model
    try:
        adapted: PeftModel = PeftModel.from_pretrained(model, str(adapter))
    except (RuntimeError, ValueError, KeyError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ConfigError(f"--adapter: {adapter} does not fit {config.base_model}: {reason}") from error
    adapted.train(mode=False)
    return adapted


def scale_adapter(model: PreTrainedModel | PeftModel, scale: float) -> None:
    """Multiplies what the adapter adds to its base by `scale`: 1 is the adapter as it was trained, 0 none.

    Raises ConfigError for an adapter that does more than add: layers trained whole, DoRA.
    """
    if not isinstance(model, PeftModel):
        return
    if getattr(model.peft_config["default"], "use_dora", False):
        raise ConfigError("--scale: an adapter with DoRA has no strength of its own; leave --scale out")
    for name, module in model.named_modules():
        if isinstance(module, ModulesToSaveWrapper):
            raise ConfigError(f"--scale: the adapter holds {name} whole, which has no strength; leave --scale out")
        if isinstance(module, LoraLayer):
            for each in module.active_adapters:
                module.scaling[each] *= scale


def load_to_read(
    base_model: str | None, adapter: Path | None, *, full_precision: bool = False
) -> tuple[PreTrainedModel | PeftModel, PreTrainedTokenizerBase, Config]:
    """Model and tokenizer to write text with, and the configuration that they were loaded by.

    Raises ConfigError where the base or the adapter cannot be had, or do not fit.
    """
    quiet_libraries()
    config, base = adapter_config(base_model, adapter, full_precision=full_precision)
    model = load_adapted(config, base, adapter, choose_machine(config))
    return model, load_tokenizer(config, base), config
