"""The documents that a model is measured on: none of them was trained on."""

from __future__ import annotations

import hashlib
from pathlib import Path

from train.adapter.card import CONFIG_FILE, documents_of
from train.config.load import Config, load_config
from train.data.documents import Document, read_documents
from train.data.replay import replay_entries
from train.errors import ConfigError, DataError


def held_out_documents(config: Config, adapter: Path | None, limit: int | None) -> tuple[list[Document], str]:
    """The documents to measure on, and in words why these: none of them was trained on.

    The validation part of the data where it has one; else, with an adapter, those that the adapter held out; else those
    that are not among its training documents; without an adapter all. Raises DataError where none is left.
    """
    trained = documents_of(adapter, "train") | documents_of(adapter, "replay") if adapter else set()
    found, origin = read_documents(config.datasets, "validation"), "the validation part of the data"
    if not found:
        found, origin = read_documents(config.datasets), "all of the data"
        held = documents_of(adapter, "held_out") if adapter else set()
        chosen = [document for document in found if held & document.names]
        if chosen:
            found, origin = chosen, "those that training held out"
    left = [document for document in found if not trained & document.names]
    if len(left) < len(found):
        origin += f", without {len(found) - len(left):,} that were trained on"
    if not left:
        paths = ", ".join(entry.path for entry in config.datasets)
        raise DataError(f"datasets: {paths}: every document was trained on, none is left to measure with")
    if limit is not None and limit < len(left):
        left = sorted(left, key=lambda document: hashlib.sha256(document.id.encode()).digest())[:limit]
        origin += f", {limit:,} of them"
    return left, origin


def trained_texts(adapter: Path, config: Config | None) -> list[str] | None:
    """The texts that an adapter was trained on, from the data that its configuration and `config` name.

    None where the adapter does not say on what it was trained, or none of it is on this machine.
    """
    trained = documents_of(adapter, "train") | documents_of(adapter, "replay")
    if not trained or not (adapter / CONFIG_FILE).is_file():
        return None
    own, _ = load_config(adapter / CONFIG_FILE, {"strict": False})
    found: dict[str, str] = {}
    for entry in (*own.datasets, *replay_entries(own), *(config.datasets if config else ())):
        try:
            documents = read_documents([entry])
        except (ConfigError, DataError):
            continue
        found |= {each.text_sha256: each.text for each in documents if trained & each.names}
    return list(found.values()) or None
