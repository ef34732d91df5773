"""What each key means: for `--explain KEY`, and as the tables of docs/training.md.

`python -m train.config.docs docs/training.md` writes the tables anew between the two marks in that file.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from train.config.keys.base import Keys
from train.config.load import GROUPS, Config, DatasetKeys, QuantizationKeys, nearest
from train.config.unsupported import NOT_FOLLOWED
from train.errors import ConfigError

BEGIN = "<!-- keys: written by `python -m train.config.docs docs/training.md` -->"
END = "<!-- end of keys -->"

_INNER: dict[str, type[Keys]] = {
    "datasets": DatasetKeys,
    "test_datasets": DatasetKeys,
    "bnb_config_kwargs": QuantizationKeys,
}


def explain(key: str) -> str:
    """What a key means, its kind of value and its default; `all` gives every key in a line.

    A key within another is named with a point: `datasets.weight`. Raises ConfigError for an unknown key, with the nearest.
    """
    if key == "all":
        return "\n".join(_overview())
    if key in NOT_FOLLOWED:
        return f"{key}: known from Axolotl and not followed: {NOT_FOLLOWED[key]}"
    outer, _, inner = key.partition(".")
    group: type[Keys] = _INNER.get(outer, Keys) if inner else Config
    field = group.model_fields.get(inner or outer)
    if field is None:
        raise ConfigError(f"unknown key {key}{nearest(inner or outer, [*group.model_fields, *NOT_FOLLOWED])}")
    lines = [f"{key}: {field.description}", f"  value: {kind(field)}", f"  default: {default(field)}"]
    if not inner and outer in _INNER:
        lines.append("  keys within:")
        lines += [f"    {name}: {part.description}" for name, part in _INNER[outer].model_fields.items()]
    return "\n".join(lines)


def _overview() -> Iterator[str]:
    for group in GROUPS:
        yield _title(group)
        for name, field in group.model_fields.items():
            yield f"  {name}: {field.description}"
    yield "Known from Axolotl and not followed"
    yield "  " + ", ".join(sorted(NOT_FOLLOWED))


def _title(group: type[Keys]) -> str:
    return (group.__doc__ or "").strip().splitlines()[0].rstrip(".")


def kind(field: FieldInfo) -> str:
    """The values that a key takes, in words."""
    limits = [text for item in field.metadata for text in _limit(item)]
    return _kind(field.annotation) + (f" ({', '.join(limits)})" if limits else "")


def _limit(item: Any) -> Iterator[str]:
    for name, words in (("ge", "at least"), ("gt", "above"), ("le", "at most"), ("lt", "below")):
        if getattr(item, name, None) is not None:
            yield f"{words} {getattr(item, name):g}"


def _kind(annotation: Any) -> str:
    names = {str: "text", int: "whole number", float: "number", bool: "true or false", type(None): ""}
    if annotation in names:
        return names[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin in (Union, types.UnionType):
        return " or ".join(text for text in (_kind(part) for part in arguments) if text)
    if origin is list:
        return f"list of {_kind(arguments[0])}" if arguments[0] in names else "list of keys and values"
    return "keys and values"


def default(field: FieldInfo) -> str:
    """The default of a key, as YAML has it."""
    if field.is_required():
        return "none, must be given"
    value = field.get_default(call_default_factory=True)
    if value is None or value is PydanticUndefined or value in ([], {}):
        return "none"
    if isinstance(value, Keys):
        return "those of its keys"
    return str(value).lower() if isinstance(value, bool) else str(value)


def tables() -> str:
    """The tables of all keys, as Markdown."""
    return "\n".join(_table_lines())


def _table_lines() -> Iterator[str]:
    for group in (*GROUPS, DatasetKeys, QuantizationKeys):
        yield f"### {_title(group)}\n"
        yield "| key | value | default | meaning |\n|---|---|---|---|"
        for name, field in group.model_fields.items():
            cells = (f"`{name}`", kind(field), default(field), str(field.description))
            yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
        yield ""
    yield "### Known from Axolotl and not followed\n"
    yield "| key | instead |\n|---|---|"
    yield from (f"| `{name}` | {reason} |" for name, reason in sorted(NOT_FOLLOWED.items()))


def with_tables(page: str) -> str:
    """The page with the tables between its two marks. Raises ValueError where a mark is missing."""
    return between(page, BEGIN, END, tables())


def between(page: str, begin: str, end: str, text: str) -> str:
    """A page with a text in the place of what stands between two marks. Raises ValueError where a mark is missing."""
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"the marks {begin} and {end} are not both in the page")
    return f"{before}{begin}\n\n{text}\n\n{end}{after}"


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(with_tables(page.read_text(encoding="utf-8")), encoding="utf-8")
