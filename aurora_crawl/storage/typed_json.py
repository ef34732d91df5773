"""Dataclasses from JSON that somebody may have written: every field is looked at, and what is wrong is named."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

Record = TypeVar("Record")


def from_json(cls: type[Record], value: object) -> Record:
    """The dataclass that a JSON object stands for; keys that are no fields are passed over.

    Raises ValueError, naming the field, for one that lacks a field without a default, or has something else in it.
    """
    if not isinstance(value, dict):
        raise ValueError(f"expected an object, found {_shown(value)}")
    hints = get_type_hints(cls)
    found = {}
    for one in fields(cls):  # type: ignore[arg-type]
        if one.name in value:
            try:
                found[one.name] = _typed(hints[one.name], value[one.name])
            except ValueError as error:
                raise ValueError(f"{one.name}: {error}") from error
        elif one.default is MISSING and one.default_factory is MISSING:
            raise ValueError(f"{one.name} is missing")
    return cls(**found)


def _typed(hint: Any, value: object) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        if value is None and NoneType in arguments:
            return None
        return _typed(next(one for one in arguments if one is not NoneType), value)
    if origin is Literal and value in arguments:
        return value
    if origin in (list, tuple) and isinstance(value, list):
        return origin(_typed(arguments[0], one) for one in value)
    if origin is dict and isinstance(value, dict):
        return {key: _typed(arguments[1], one) for key, one in value.items()}
    if isinstance(hint, type) and is_dataclass(hint):
        return from_json(hint, value)
    if hint is float and type(value) in (int, float):
        return value
    if isinstance(hint, type) and type(value) is hint:
        return value
    raise ValueError(f"found {_shown(value)}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


_SHOWN = 60
"""Characters of a wrong value that a message shows."""
