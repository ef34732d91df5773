"""What every group of keys shares: how values are checked, and the two spellings of a switch."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Switch = bool | Literal["auto"]
"""True, false, or `auto`: yes where the machine can."""


class Keys(BaseModel):
    """A group of keys: unknown ones are refused, values are not changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, protected_namespaces=())
