"""What an adapter carries besides its weights: model card, resolved configuration, manifest of its data, its documents."""

from __future__ import annotations

import json
from pathlib import Path

import jinja2

from train.adapter.loss_curve import CURVE_FILE
from train.config.load import Config
from train.data.manifest import MANIFEST_FILE, NO_LICENSE, Figures, Manifest, make_manifest
from train.data.prepare import DocumentRecord, Prepared
from train.models.source import PACKAGED

CONFIG_FILE = "config.yml"
"""The resolved configuration: with the same data it makes the same adapter."""

DOCUMENTS_FILE = "documents.jsonl"
"""A line for each document: `id`, `url`, `site`, `license`, `revision`, `part` (`train` or `held_out`), `text_sha256`."""


def write_records(folder: Path, config: Config, data: Prepared, rows: str, figures: Figures) -> None:
    """Writes card, configuration, manifest and list of documents into the adapter's folder; `rows` is the rows' sha256."""
    (folder / CONFIG_FILE).write_text(
        "# The resolved configuration; `python -m train.qlora` with it and the same data makes the same adapter.\n"
        + config.to_yaml(),
        encoding="utf-8",
    )
    manifest = make_manifest(config, data, rows, figures)
    (folder / MANIFEST_FILE).write_text(manifest.to_json(), encoding="utf-8")
    with (folder / DOCUMENTS_FILE).open("w", encoding="utf-8") as lines:
        for part, documents in (("train", data.documents), ("held_out", data.held_out)):
            lines.writelines(json.dumps(_entry(document, part), ensure_ascii=False) + "\n" for document in documents)
    curve = CURVE_FILE if (folder / CURVE_FILE).is_file() else None
    (folder / "README.md").write_text(card(config, manifest, curve), encoding="utf-8")


def _entry(document: DocumentRecord, part: str) -> dict[str, object]:
    return {
        "id": document.id,
        "url": document.url,
        "site": document.site,
        "license": document.license,
        "revision": document.revision,
        "part": part,
        "text_sha256": document.text_sha256,
    }


def documents_of(adapter: Path, part: str | None = None) -> set[str]:
    """The documents that an adapter was trained (or, by `part`, evaluated) on, by their ids and by their texts' sha256.

    Empty where it does not say.
    """
    path = adapter / DOCUMENTS_FILE
    if not path.is_file():
        return set()
    with path.open(encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    chosen = [entry for entry in entries if part in (None, entry["part"])]
    return {entry["id"] for entry in chosen} | {entry["text_sha256"] for entry in chosen if entry.get("text_sha256")}


def card(config: Config, manifest: Manifest, curve: str | None = None) -> str:
    """The model card, first in Portuguese, then in English, with the Hub's front matter; `card.md.jinja` is its text.

    `curve`: the file with the picture of the losses, where there is one.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("train.adapter", "."),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 (Markdown, where escaped letters would be shown as such)
    )
    environment.filters |= {
        "number_in": _number,
        "decimals_in": _decimals,
        "cell": lambda text: text.replace("|", "\\|"),
        "quoted": lambda text: json.dumps(text, ensure_ascii=False),
    }
    return environment.get_template("card.md.jinja").render(
        base_model=config.base_model,
        rank=config.lora_r,
        bits=4 if config.load_in_4bit else 8 if config.load_in_8bit else None,
        storage=config.bnb_config_kwargs,
        # A base that only this program knows is loaded by it; any other by peft.
        only_here=config.base_model in PACKAGED or config.base_model.endswith(".gguf"),
        place=config.hub_model_id or ".",
        manifest=manifest,
        figures=manifest.figures,
        known_licenses=[name for name in manifest.licenses if name != NO_LICENSE],
        no_license=NO_LICENSE,
        config_file=CONFIG_FILE,
        manifest_file=MANIFEST_FILE,
        documents_file=DOCUMENTS_FILE,
        curve=curve,
    )


def _number(number: int, language: str) -> str:
    """A whole number with points or commas between thousands, as the language has them."""
    return f"{number:,}".replace(",", ".") if language == "pt" else f"{number:,}"


def _decimals(number: float, language: str) -> str:
    return f"{number:.3f}".replace(".", ",") if language == "pt" else f"{number:.3f}"
