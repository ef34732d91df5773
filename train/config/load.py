"""The training configuration: Axolotl's keys, read from YAML, checked, and made consistent."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from pathlib import Path

import yaml
from pydantic import ValidationError

from train.config.keys.base import Keys, Switch, nearest
from train.config.keys.data import DataKeys, DatasetKeys
from train.config.keys.model import AdapterKeys, ModelKeys, QuantizationKeys
from train.config.keys.running import OptimizerKeys, RunKeys
from train.config.reconcile import RIVALS, Values, repair
from train.config.unsupported import NOT_FOLLOWED, NOT_FOLLOWED_OF_DATASETS
from train.config.yaml_text import WrongYamlError, placeholder, read_value, read_yaml
from train.errors import ConfigError

__all__ = [
    "Config",
    "DatasetKeys",
    "QuantizationKeys",
    "Switch",
    "check_push",
    "load_config",
    "nearest",
]

_KIND = re.compile(r"(list|dict|literal|function-\w+|nullable|constrained-\w+)\b")
"""How pydantic names, within the place of an error, the kind of value that it tried."""

GROUPS = (ModelKeys, AdapterKeys, DataKeys, OptimizerKeys, RunKeys)
"""The groups of keys, in the order that the documentation shows them in."""


_WITHIN: dict[str, type[Keys]] = {
    "datasets": DatasetKeys,
    "test_datasets": DatasetKeys,
    "bnb_config_kwargs": QuantizationKeys,
}
"""The keys that hold keys of their own."""

_LEAST: Values = {"base_model": "-", "datasets": [{"path": "-"}]}
"""What a configuration cannot be without."""


class Config(RunKeys, OptimizerKeys, DataKeys, AdapterKeys, ModelKeys):
    """A resolved configuration: every key has its value; `train.config.load.load_config` makes it."""

    def to_yaml(self) -> str:
        """The configuration as YAML that `load_config` reads back to the same values."""
        # max_steps decides alone; beside it num_epochs would contradict.
        without = {"num_epochs"} if self.max_steps else None
        values = self.model_dump(mode="json", exclude_none=True, exclude=without)
        return yaml.safe_dump(values, allow_unicode=True, sort_keys=False)


def load_config(path: Path, overrides: Mapping[str, object] | None = None) -> tuple[Config, list[str]]:
    """The configuration of a YAML file with `overrides` put over it, and notices of what is done otherwise than it says.

    Text in `overrides` is read as YAML; `datasets` may be one path or a list of paths. Without `strict`, contradictions
    are repaired and keys that are known but not followed are passed over, and a notice (one line) names each. Raises
    ConfigError for an unreadable file, an unknown key (with the nearest known one), a value of the wrong kind, and under
    `strict` for whatever would have been a notice.
    """
    values = _read(path)
    given = {key: _given_value(key, value) for key, value in (overrides or {}).items()}
    if "datasets" in given:
        given["datasets"] = _plain_paths(given["datasets"])
    if "base_model" in given and "base_model_config" not in given:
        # The file's belongs to the model that the command line has just replaced.
        values.pop("base_model_config", None)
    for rivals in RIVALS:
        for key, other in (rivals, rivals[::-1]):
            # What a command line asks for goes before the file's other key about the same thing.
            if given.get(key) and other not in given:
                values.pop(other, None)
    values.update(given)
    values = {key: value for key, value in values.items() if value is not None}
    unfilled = placeholder(values)
    if unfilled:
        raise ConfigError(f"{path}: {unfilled}: holds {{{{…}}}}, a placeholder of a template: put its value there")
    notices = _drop_not_followed(path, values, given)
    notices += _drop_of_data_sets(values)
    _type_values(values)
    if not isinstance(values.get("strict", False), bool):
        raise ConfigError(f"{path}: strict: should be true or false, not {values['strict']!r}")
    strict = bool(values.get("strict"))
    # What is of no kind that its key takes is an error, whatever a repair would put in its place.
    _validated(path, values, given)
    repairs = repair(values)
    config = _validated(path, values, given)
    notices += repairs
    if strict and notices:
        more = f" (and {len(notices) - 1} more)" if len(notices) > 1 else ""
        raise ConfigError(f"{path}: strict: {notices[0]}{more}")
    return config, notices


def check_push(config: Config, *, push: bool) -> None:
    """Raises ConfigError where the adapter is to be sent to the Hub and no name is given to it there."""
    if push and not config.hub_model_id:
        raise ConfigError("hub_model_id: --push needs it, as in --hub_model_id USER/NAME")


def _read(path: Path) -> Values:
    try:
        values = read_yaml(path.read_text(encoding="utf-8"), Config)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such configuration file") from None
    except IsADirectoryError:
        raise ConfigError(f"{path}: is a folder, not a configuration file") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text ({error.reason} at byte {error.start})") from error
    except WrongYamlError as error:
        raise ConfigError(f"{path}: {error}") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{line}: {getattr(error, 'problem', None) or 'is not YAML'}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: should hold keys and values, not {'nothing' if values is None else 'a list'}")
    return values


def _given_value(key: str, value: object) -> object:
    """A value of the command line, read as the file's are."""
    if not isinstance(value, str):
        return value
    field = Config.model_fields.get(key)
    try:
        return read_value(value, field.annotation if field else None)
    except WrongYamlError as error:
        raise ConfigError(f"command line: {key}: {error}") from error


def _type_values(values: Values) -> None:
    """Gives each value its key's kind, so that what is repaired is what will be followed: `"false"` is false.

    What is of no such kind stays as it is, and the check after this names it. Keys within keys are left to that check.
    """
    for key, value in values.items():
        if key in _WITHIN:
            continue
        with contextlib.suppress(ValidationError):
            values[key] = getattr(Config.model_validate(_LEAST | {key: value}), key)


def _plain_paths(value: object) -> object:
    """Paths of the command line as entries of `datasets`; entries that are mappings already stay."""
    entries = value if isinstance(value, list | tuple) else [value]
    return [{"path": str(entry)} if not isinstance(entry, Mapping) else dict(entry) for entry in entries]


def _drop_of_data_sets(values: Values) -> list[str]:
    """Takes keys of Axolotl's data sets that mean nothing for plain text out of their entries; a notice for each."""
    notices = []
    for outer in ("datasets", "test_datasets"):
        entries = values.get(outer)
        for entry in entries if isinstance(entries, list) else []:
            trusted = entry.pop("trust_remote_code", False) if isinstance(entry, dict) else False
            if trusted and str(trusted).lower() not in ("false", "no", "off", "0"):
                notices.append(f"{outer}: trust_remote_code is dropped: program text that data brings is never run")
            for key in [key for key in entry if key in NOT_FOLLOWED_OF_DATASETS] if isinstance(entry, dict) else []:
                value = entry.pop(key)
                if value not in (None, False, "", [], {}):
                    reason = NOT_FOLLOWED_OF_DATASETS[key]
                    notices.append(f"{outer}: {key}: {_as_yaml(value)} is not followed: {reason}")
    return notices


def _drop_not_followed(path: Path, values: Values, given: Mapping[str, object]) -> list[str]:
    """Takes keys that are not followed out of `values`; a notice for each that asks for something."""
    notices = []
    for key in list(values):
        if key in Config.model_fields:
            continue
        if key not in NOT_FOLLOWED:
            where = "command line" if key in given else path
            raise ConfigError(f"{where}: unknown key {key}{nearest(str(key), [*Config.model_fields, *NOT_FOLLOWED])}")
        value = values.pop(key)
        if value not in (None, False, "", [], {}):
            notices.append(f"{key}: {_as_yaml(value)} is not followed: {NOT_FOLLOWED[key]}")
    return notices


def _as_yaml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _validated(path: Path, values: Values, given: Mapping[str, object]) -> Config:
    """The checked configuration. An empty value means that the key is not given, as in Axolotl's files."""
    try:
        return Config.model_validate({key: value for key, value in values.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"] if isinstance(part, int) or _is_key(str(part), values))
        top = str(first["loc"][0]) if first["loc"] else ""
        where = "command line" if top in given else str(path)
        if first["type"] == "missing":
            raise ConfigError(f"{where}: the key {key} is missing; `--explain {top}` says what it is") from error
        if first["type"] == "extra_forbidden":
            raise ConfigError(
                f"{where}: unknown key {key}{nearest(str(first['loc'][-1]), _fields_beside(first['loc']))}"
            ) from error
        found = "" if first["type"] == "value_error" else f", not {first['input']!r}"
        raise ConfigError(f"{where}: {key}: {_lower(first['msg'])}{found}") from error


def _is_key(part: str, values: Values) -> bool:
    """Whether a part of an error's place is a key; for a value of several kinds pydantic names the kind as well."""
    known = {*values, *Config.model_fields, *(name for keys in _WITHIN.values() for name in keys.model_fields)}
    return part in known or (part not in ("str", "int", "float", "bool") and not _KIND.match(part))


def _fields_beside(location: tuple[int | str, ...]) -> list[str]:
    keys = _WITHIN.get(str(location[0]))
    return list(keys.model_fields if keys else Config.model_fields)


def _lower(text: str) -> str:
    text = text.removeprefix("Input ").removeprefix("Value error, ")
    return text[:1].lower() + text[1:]
