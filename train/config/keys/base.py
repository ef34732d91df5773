"""What every group of keys shares: how values are checked, and what a switch is."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterable
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator
from pydantic.config import JsonDict

Switch = bool | Literal["auto"]
"""True, false, or `auto`: yes where the machine can."""


LibraryOptions = dict[str, Any]
"""Options that a library defines and takes as they are."""


NOT_LEARNED: JsonDict = {"learned": False}
"""Marks a key that does not change what is learned: a run may go on with another value of it."""


LARGEST_WHOLE = (1 << 32) - 1
"""The largest seed that numpy takes; no other whole number of a run comes near it."""

LARGEST = 1e100
"""No quantity of a run comes near it, and what is reckoned from several of them stays a number."""


class Keys(BaseModel):
    """A group of keys: unknown ones are refused, values are not changed once read."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, coerce_numbers_to_str=True, protected_namespaces=(), allow_inf_nan=False
    )

    @field_validator("*", mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, value: object, info: ValidationInfo) -> object:
        """Python counts true as 1; and where truth and text are both allowed, a quoted truth value is meant as one."""
        kinds = members(cls.model_fields[info.field_name or ""].annotation)
        if isinstance(value, bool) and bool not in kinds and (int in kinds or float in kinds):
            raise ValueError(f"should be a number, not {str(value).lower()}")
        if isinstance(value, str) and str in kinds and bool in kinds and value.strip().lower() in ("true", "false"):
            return value.strip().lower() == "true"
        return value

    @field_validator("*")
    @classmethod
    def _within_bounds(cls, value: object) -> object:
        if (isinstance(value, int) and abs(value) > LARGEST_WHOLE) or (
            isinstance(value, float) and abs(value) > LARGEST
        ):
            raise ValueError("is too large a number")
        return value


def members(annotation: Any) -> list[Any]:
    """The kinds of value that an annotation allows, without None."""
    if get_origin(annotation) in (Union, types.UnionType):
        return [kind for part in get_args(annotation) for kind in members(part)]
    return [] if annotation is type(None) else [annotation]


def nearest(key: str, known: Iterable[str]) -> str:
    """The end of an error about an unknown name: the known one that may be meant, or how to see which there are."""
    names = list(known)
    close = difflib.get_close_matches(key.lower(), names, n=4, cutoff=0.6)
    if not close:
        # Half a name: `lern` is near to the first word of `learning_rate`.
        words = {name.partition("_")[0]: name for name in reversed(names)}
        alike = difflib.get_close_matches(key.lower(), words, n=4, cutoff=0.6)
        alike.sort(key=lambda word: not word.startswith(key[:2].lower()))
        close = [words[word] for word in alike]
    # `lora_rank` is nearer to `local_rank` by its letters, and means `lora_r`.
    close.sort(key=lambda name: not key.startswith(name))
    return f"; did you mean {close[0]}?" if close else "; `--explain all` lists what there is"
