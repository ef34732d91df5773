"""An adapter's files, looked at before anything is loaded with them: peft passes over much that is missing."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from train.errors import ConfigError, first_line

SETTINGS = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"


def check_adapter_files(folder: Path, key: str) -> None:
    """Raises ConfigError where a folder holds no whole adapter; `key` is what named it.

    Looked at are settings, that the weights can be read and are numbers, and of a LoRA that it says its scale and has both
    matrices of each layer (and DoRA's magnitudes where it says so): peft would put new ones in the place of what lacks.
    """
    if not (folder / SETTINGS).is_file():
        raise ConfigError(f"{key}: {folder} holds no finished adapter (no {SETTINGS})")
    if not (folder / WEIGHTS).is_file():
        raise ConfigError(f"{key}: {folder} holds no {WEIGHTS}; pickled weights are not read")
    settings = read_settings(folder, key)
    names = _names_of_numbers(folder / WEIGHTS, key)
    if settings.get("peft_type") == "LORA":
        _check_lora(folder, key, settings, names)


def read_settings(folder: Path, key: str) -> dict[str, object]:
    """peft's settings of an adapter. Raises ConfigError for what is no JSON object."""
    path = folder / SETTINGS
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(f"{key}: {path} is no JSON ({first_line(error)})") from error
    if not isinstance(settings, dict):
        raise ConfigError(f"{key}: {path} should hold keys and values")
    return settings


def _names_of_numbers(path: Path, key: str) -> set[str]:
    """The names of the weights in a file. Raises ConfigError where it is cut, or holds what is no number."""
    try:
        with safe_open(path, framework="pt") as opened:
            names = set(opened.keys())
            bad = next((name for name in names if not bool(torch.isfinite(opened.get_tensor(name)).all())), None)
    except (SafetensorError, OSError) as error:
        raise ConfigError(f"{key}: {path} is no whole safetensors file ({first_line(error)})") from error
    if bad is not None:
        raise ConfigError(f"{key}: {path}: {bad} holds what is no number; the training has failed")
    return names


def _check_lora(folder: Path, key: str, settings: dict[str, object], names: set[str]) -> None:
    for name in ("r", "lora_alpha"):
        # peft would take 8 for both, silently.
        value = settings.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ConfigError(f"{key}: {folder / SETTINGS} does not say {name}, without which the adapter has no scale")
    first = {name.partition(".lora_A")[0] for name in names if ".lora_A." in name}
    second = {name.partition(".lora_B")[0] for name in names if ".lora_B." in name and not name.endswith(".bias")}
    lone = min(first ^ second, default=None)
    if lone is not None:
        raise ConfigError(f"{key}: {folder} has only one of the two matrices of {lone}")
    scaled = {name.partition(".lora_magnitude_vector")[0] for name in names if ".lora_magnitude_vector" in name}
    odd = min(first - scaled if settings.get("use_dora") else scaled, default=None)
    if odd is not None:
        raise ConfigError(f"{key}: {folder}: use_dora in {SETTINGS} and {odd} contradict")
