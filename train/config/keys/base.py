"""What every group of keys shares: how values are checked, and what a switch is."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from pydantic.config import JsonDict

Switch = bool | Literal["auto"]
"""True, false, or `auto`: yes where the machine can."""


LibraryOptions = dict[str, Any]
"""Options that a library defines and takes as they are."""


NOT_LEARNED: JsonDict = {"learned": False}
"""Marks a key that does not change what is learned: a run may go on with another value of it."""


class Keys(BaseModel):
    """A group of keys: unknown ones are refused, values are not changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, protected_namespaces=())


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
