"""Lists of outlets: hosts, one a line, or rows that name a `host`."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from aurora_crawl.addresses import host_of, refusal
from aurora_crawl.errors import WrongCommand
from aurora_crawl.messages import N_


def read_outlets(path: Path) -> set[str]:
    """The hosts in a list of outlets. Raises WrongCommand for a file that cannot be read, or has none."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongCommand(N_("{path}: cannot be read ({why})"), path=path, why=error) from error
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if path.suffix == ".csv" and lines:
        found = [row.get("host") or "" for row in csv.DictReader(lines)]
    else:
        found = [_host_in(line.strip(), path) for line in lines]
    hosts = {host_of(one if "://" in one else f"https://{one.strip()}") for one in found if one.strip()}
    bad = [one for one in hosts if not one or refusal(f"https://{one}/") is not None]
    if bad or not hosts:
        raise WrongCommand(N_("{path}: names no outlet, or one that is no host"), path=path)
    return hosts


def _host_in(line: str, path: Path) -> str:
    if not line.startswith("{"):
        return line.split()[0]
    try:
        return str(json.loads(line).get("host") or "")
    except (ValueError, AttributeError) as error:
        raise WrongCommand(N_("{path}: a line is no JSON"), path=path) from error
