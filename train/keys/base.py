"""What every group of keys shares: how values are checked, what a switch is, and the error of a wrong one."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

Switch = bool | Literal["auto"]
"""True, false, or `auto`: yes where the machine can."""


class ConfigError(ValueError):
    """A configuration that cannot be followed; the text is one line: file, key, what to do."""


class Keys(BaseModel):
    """A group of keys: unknown ones are refused, values are not changed once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True, protected_namespaces=())
