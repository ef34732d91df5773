"""Lists of outlets: who they are, as facts, each with its source; JSON Lines or CSV."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from aurora_crawl.addresses import refusal
from aurora_crawl.errors import WrongCommand
from aurora_crawl.messages import N_

BRAZIL = Path(__file__).with_name("outlets_brazil.csv")
"""The list that comes with the project."""
FIELDS = ("host", "name", "state", "source", "verified")
_HOST = re.compile(r"(?:https?://)?[^\s/]+(?:/[^\s]*)?")


class OutletsError(WrongCommand):
    """A list of outlets that cannot be used; the message names the file and the line."""


@dataclass(slots=True, frozen=True)
class OutletRow:
    """An outlet: `host` or address, its name, its state (two letters, BR for the whole country), where that is known from, and who checked it."""

    host: str
    name: str = ""
    state: str = ""
    source: str = ""
    verified: str = "not verified"

    @property
    def url(self) -> str:
        """The address of the front page, without a slash at the end."""
        return (self.host if "://" in self.host else f"https://{self.host}").rstrip("/")


def read_outlets(path: Path) -> list[OutletRow]:
    """The outlets of a file, each host once; lines that begin with # are remarks. Raises OutletsError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8"
        raise OutletsError(N_("{path}: {why}"), path=path, why=why) from error
    lines = [
        (number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")
    ]
    if not lines:
        raise OutletsError(N_("{path} names no outlets"), path=path)
    rows = _in_json(path, lines) if lines[0][1].lstrip().startswith("{") else _in_csv(path, lines)
    found: dict[str, OutletRow] = {}
    for number, values in rows:
        outlet = _outlet(path, number, values)
        found.setdefault(outlet.url.partition("://")[2].removeprefix("www."), outlet)
    return list(found.values())


def _in_json(path: Path, lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, Mapping[str, object]]]:
    for number, line in lines:
        try:
            row = json.loads(line)
        except ValueError as error:
            raise OutletsError(N_("{path}, line {line}: not JSON"), path=path, line=number) from error
        yield number, row if isinstance(row, dict) else {"host": row}


def _in_csv(path: Path, lines: list[tuple[int, str]]) -> Iterator[tuple[int, Mapping[str, object]]]:
    dialect = ";" if lines[0][1].count(";") > lines[0][1].count(",") else ","
    head = next(csv.reader([lines[0][1]], delimiter=dialect))
    names = [name.strip().lower() for name in head]
    if "host" not in names:
        if len(names) > 1 or not _HOST.fullmatch(lines[0][1].strip()):
            raise OutletsError(N_("{path}: its first line names no column 'host'"), path=path)
        # A list of hosts alone.
        names, rows = ["host"], lines
    else:
        rows = lines[1:]
    for number, line in rows:
        yield number, dict(zip(names, next(csv.reader([line], delimiter=dialect)), strict=False))


def _outlet(path: Path, number: int, values: Mapping[str, object]) -> OutletRow:
    texts = {name: " ".join(str(values[name]).split())[:200] for name in FIELDS if values.get(name)}
    outlet = OutletRow(**{"host": "", **texts})
    if not outlet.host or refusal(outlet.url) is not None:
        raise OutletsError(
            N_("{path}, line {line}: '{host}' is no host like jornal.example"), path=path, line=number, host=outlet.host
        )
    return outlet
