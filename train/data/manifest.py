"""What an adapter was made of and what its run came to: the record beside its weights, written once and read back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from train.config.load import Config, DatasetKeys
from train.data.prepare import Prepared
from train.errors import DataError, first_line

MANIFEST_FILE = "data_manifest.json"
"""Files with their sha256, counts, sites, licences, versions, figures."""

NO_LICENSE = "unknown"
"""What stands for a text that names no licence."""

_SHARED = ("sites", "licenses", "years")
_LIBRARIES = ("torch", "transformers", "peft", "bitsandbytes", "accelerate", "tokenizers")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run came to: losses in nats a token, `seconds` and `tokens_per_second` of the last start only.

    `computed_in` is the type that the base was loaded in, which merging has to repeat. `curve` has steps with their losses;
    `watt_hours` is what the machine says that it drew, of the last start too.
    """

    steps: int
    tokens: int
    loss: float | None
    held_out_loss: float | None
    tokens_per_second: float
    seconds: float
    peak_memory: int
    machine: str
    computed_in: str
    curve: tuple[tuple[int, float], ...] = ()
    watt_hours: float | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """Documents and tokens of one site, or under one licence."""

    documents: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the adapter was made of. `rows_sha256` is that of the packed rows; sites and licences have most tokens first."""

    base_model: str
    datasets: list[dict[str, object]]
    files: dict[str, str]
    rows_sha256: str
    documents: int
    held_out_documents: int
    tokens: int
    rows: int
    sequence_len: int
    fill: float
    sites: dict[str, Share]
    licenses: dict[str, Share]
    figures: Figures
    versions: dict[str, str]
    years: dict[str, Share] = field(default_factory=dict)

    def to_json(self) -> str:
        """The manifest as the file holds it. Raises ValueError for a figure that is no number."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """What is read back from a manifest: of which base and row length, how fast, in which type and on what machine.

    `computed_in` is empty in the manifests of a time that did not say it.
    """

    base_model: str
    sequence_len: int
    tokens_per_second: float
    computed_in: str
    machine: str = ""


def make_manifest(config: Config, data: Prepared, rows_sha256: str, figures: Figures) -> Manifest:
    """The manifest of a run of this configuration on these rows."""
    return Manifest(
        base_model=config.base_model,
        datasets=[_dataset(entry) for entry in config.datasets],
        files=data.files,
        rows_sha256=rows_sha256,
        documents=len(data.documents),
        held_out_documents=len(data.held_out),
        tokens=data.train.tokens,
        rows=len(data.train),
        sequence_len=config.sequence_len,
        fill=round(data.train.fill, 5),
        sites=shares((document.site, document.tokens) for document in data.documents),
        licenses=shares((document.license, document.tokens) for document in data.documents),
        figures=figures,
        versions=library_versions(),
        years=dict(
            sorted(shares(((document.published or "")[:4], document.tokens) for document in data.documents).items())
        ),
    )


def read_whole_manifest(folder: Path) -> Manifest:
    """The manifest in an adapter's folder. Raises DataError for one that is not there or not of this program's form."""
    path = folder / MANIFEST_FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        figures = dict(found["figures"])
        figures["curve"] = tuple((int(step), float(loss)) for step, loss in figures.get("curve", ()))
        shared = {name: {key: Share(**share) for key, share in found.get(name, {}).items()} for name in _SHARED}
        return Manifest(**{**found, **shared, "figures": Figures(**figures)})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: is no manifest of this program ({first_line(error)})") from error


def read_manifest(folder: Path) -> EarlierRun | None:
    """What the manifest in an adapter's folder says; None where there is none.

    Raises DataError for one that is damaged: what it says decides how an adapter is merged.
    """
    path = folder / MANIFEST_FILE
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        figures = found["figures"]
        return EarlierRun(
            base_model=str(found["base_model"]),
            sequence_len=int(found["sequence_len"]),
            tokens_per_second=float(figures["tokens_per_second"]),
            computed_in=str(figures.get("computed_in", "")),
            machine=str(figures.get("machine", "")),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(f"{path} is damaged ({first_line(error)}); put back the one that the training wrote") from error


def library_versions() -> dict[str, str]:
    """The versions of the libraries that decide the numbers."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def shares(documents: Iterable[tuple[str | None, int]]) -> dict[str, Share]:
    """Documents and tokens by name, most tokens first; given a name and the tokens of each document."""
    counts: Counter[str] = Counter()
    tokens: Counter[str] = Counter()
    for name, size in documents:
        counts[name or NO_LICENSE] += 1
        tokens[name or NO_LICENSE] += size
    return {name: Share(counts[name], total) for name, total in tokens.most_common()}


def _dataset(entry: DatasetKeys) -> dict[str, object]:
    return entry.model_dump(exclude_none=True)
