"""The training configuration: Axolotl's keys, read from YAML, checked, and made consistent."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from train.config.keys.base import Keys, Switch, nearest
from train.config.keys.data import DataKeys, DatasetKeys
from train.config.keys.model import AdapterKeys, ModelKeys, QuantizationKeys
from train.config.keys.running import OptimizerKeys, RunKeys
from train.config.reconcile import Values, repair
from train.config.unsupported import NOT_FOLLOWED
from train.errors import ConfigError

__all__ = [
    "Config",
    "DatasetKeys",
    "QuantizationKeys",
    "Switch",
    "check_push",
    "load_config",
    "nearest",
    "parse_value",
]

GROUPS = (ModelKeys, AdapterKeys, DataKeys, OptimizerKeys, RunKeys)
"""The groups of keys, in the order that the documentation shows them in."""


class Config(RunKeys, OptimizerKeys, DataKeys, AdapterKeys, ModelKeys):
    """A resolved configuration: every key has its value; `train.config.load.load_config` makes it."""

    def to_yaml(self) -> str:
        """The configuration as YAML that `load_config` reads back to the same values."""
        return yaml.safe_dump(self.model_dump(mode="json", exclude_none=True), allow_unicode=True, sort_keys=False)


class _UniqueKeyLoader(yaml.SafeLoader):
    """Reads YAML and refuses a key that stands twice in a mapping, which YAML's loader would silently overwrite."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=deep)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key} stands there twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def parse_value(text: str) -> object:
    """A value of the command line, read as YAML; what is no YAML stays text."""
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def load_config(path: Path, overrides: Mapping[str, object] | None = None) -> tuple[Config, list[str]]:
    """The configuration of a YAML file with `overrides` put over it, and notices of what is done otherwise than it says.

    Text in `overrides` is read as YAML; `datasets` may be one path or a list of paths. Without `strict`, contradictions
    are repaired and keys that are known but not followed are passed over, and a notice (one line) names each. Raises
    ConfigError for an unreadable file, an unknown key (with the nearest known one), a value of the wrong kind, and under
    `strict` for whatever would have been a notice.
    """
    values = _read(path)
    given = {key: parse_value(value) if isinstance(value, str) else value for key, value in (overrides or {}).items()}
    if "datasets" in given:
        given["datasets"] = _plain_paths(given["datasets"])
    if "base_model" in given and "base_model_config" not in given:
        # The file's belongs to the model that the command line has just replaced.
        values.pop("base_model_config", None)
    values.update(given)
    if not isinstance(values.get("strict", False), bool | None):
        raise ConfigError(f"{path}: strict: should be true or false, not {values['strict']!r}")
    strict = bool(values.get("strict"))
    notices = _drop_not_followed(path, values, given)
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
        values = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506 (a SafeLoader)
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such configuration file") from None
    except IsADirectoryError:
        raise ConfigError(f"{path}: is a folder, not a configuration file") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text ({error.reason} at byte {error.start})") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{line}: {getattr(error, 'problem', None) or 'is not YAML'}") from error
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: should hold keys and values, not {'nothing' if values is None else 'a list'}")
    return values


def _plain_paths(value: object) -> object:
    """Paths of the command line as entries of `datasets`; entries that are mappings already stay."""
    entries = value if isinstance(value, list | tuple) else [value]
    return [{"path": str(entry)} if not isinstance(entry, Mapping) else dict(entry) for entry in entries]


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
        key = ".".join(str(part) for part in first["loc"] if isinstance(part, int) or not str(part).startswith("list["))
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


def _fields_beside(location: tuple[int | str, ...]) -> list[str]:
    inner: dict[str, type[Keys]] = {
        "datasets": DatasetKeys,
        "test_datasets": DatasetKeys,
        "bnb_config_kwargs": QuantizationKeys,
    }
    keys = inner.get(str(location[0]))
    return list(keys.model_fields if keys else Config.model_fields)


def _lower(text: str) -> str:
    text = text.removeprefix("Input ").removeprefix("Value error, ")
    return text[:1].lower() + text[1:]
