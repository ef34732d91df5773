"""The card beside the shards that tells `datasets` the types of every field.

Without it `datasets` guesses from the first shard, and a first shard of nulls makes it guess wrongly.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from aurora_crawl.files import write_whole
from aurora_crawl.items import Article
from aurora_crawl.storage.shards import FINISHED_SUFFIX

CARD = "README.md"
_SCALARS = {str: "string", int: "int32", float: "float64", bool: "bool"}

_CARD_TEXT = """---
configs:
- config_name: default
  data_files: '*/*{suffix}'
dataset_info:
  features:
{features}
---

# Articles, site by site

One folder a site, one JSON object a line. `datasets.load_dataset` reads this folder as it is; the types above are those of
the fields. Of several lines with the same `id`, the one with the highest `revision` holds. Each article belongs to its
publisher: mind the field `license`.
"""


def write_card(folder: Path) -> None:
    """Put the card into the folder of all sites' shards, where it is missing or old."""
    text = _CARD_TEXT.format(suffix=FINISHED_SUFFIX, features="\n".join(feature_lines(Article)))
    path = folder / CARD
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        # Every site's crawl writes it, and several may begin at once.
        write_whole(path, text, has_rivals=True)


def feature_lines(record: type, indent: int = 2) -> list[str]:
    """The fields of a dataclass as the `features` of a Hub data card, in YAML."""
    assert is_dataclass(record)
    hints = get_type_hints(record)
    pad = " " * indent
    lines: list[str] = []
    for field in fields(record):
        lines.append(f"{pad}- name: {field.name}")
        lines.extend(f"{pad}  {line}" for line in _type_lines(hints[field.name]))
    return lines


def _type_lines(hint: Any) -> list[str]:
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        (inner,) = [part for part in get_args(hint) if part is not type(None)]
        return _type_lines(inner)
    if origin is Literal:
        return ["dtype: string"]
    if origin is list:
        (inner,) = get_args(hint)
        if is_dataclass(inner) and isinstance(inner, type):
            return ["list:", *feature_lines(inner, indent=0)]
        return [f"list: {_SCALARS[inner]}"]
    if is_dataclass(hint) and isinstance(hint, type):
        return ["struct:", *feature_lines(hint, indent=0)]
    return [f"dtype: {_SCALARS[hint]}"]
