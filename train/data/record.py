"""A record of a data set, as its file has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Record = dict[str, Any]
"""A record's fields; which there are, and of what kind, is the data set's own affair."""

Records = Iterator[tuple[str, Record]]
"""Records, each with its place (file and line) for error messages."""
