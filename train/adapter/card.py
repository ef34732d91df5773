"""What an adapter carries besides its weights: model card, resolved configuration, manifest of its data, its documents."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from train.config.load import Config
from train.data.prepare import DocumentRecord, Prepared

CONFIG_FILE = "config.yml"
"""The resolved configuration: with the same data it makes the same adapter."""

MANIFEST_FILE = "data_manifest.json"
"""Files with their sha256, counts, sites, licences, versions, figures."""

DOCUMENTS_FILE = "documents.jsonl"
"""A line for each document: `id`, `url`, `site`, `license`, `revision`, `part` (`train` or `held_out`)."""

_LIBRARIES = ("torch", "transformers", "peft", "bitsandbytes", "accelerate", "tokenizers")

_NO_LICENSE = "unknown"


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run came to: losses in nats a token, `seconds` and `tokens_per_second` of the last start only.

    `computed_in` is the type that the base was loaded in, which merging has to repeat.
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


def write_records(folder: Path, config: Config, data: Prepared, rows: str, figures: Figures) -> None:
    """Writes card, configuration, manifest and list of documents into the adapter's folder; `rows` is the rows' sha256."""
    (folder / CONFIG_FILE).write_text(
        "# The resolved configuration; `python -m train.qlora` with it and the same data makes the same adapter.\n"
        + config.to_yaml(),
        encoding="utf-8",
    )
    manifest = make_manifest(config, data, rows, figures)
    (folder / MANIFEST_FILE).write_text(
        json.dumps(manifest, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8"
    )
    with (folder / DOCUMENTS_FILE).open("w", encoding="utf-8") as lines:
        for part, documents in (("train", data.documents), ("held_out", data.held_out)):
            lines.writelines(json.dumps(_entry(document, part), ensure_ascii=False) + "\n" for document in documents)
    (folder / "README.md").write_text(card(config, data, manifest, figures), encoding="utf-8")


def _entry(document: DocumentRecord, part: str) -> dict[str, Any]:
    return {
        "id": document.id,
        "url": document.url,
        "site": document.site,
        "license": document.license,
        "revision": document.revision,
        "part": part,
    }


def documents_of(adapter: Path, part: str | None = None) -> set[str]:
    """The ids of the documents that an adapter was trained (or, by `part`, evaluated) on; empty where it does not say."""
    path = adapter / DOCUMENTS_FILE
    if not path.is_file():
        return set()
    with path.open(encoding="utf-8") as lines:
        entries = [json.loads(line) for line in lines]
    return {entry["id"] for entry in entries if part in (None, entry["part"])}


def make_manifest(config: Config, data: Prepared, rows: str, figures: Figures) -> dict[str, Any]:
    """What the adapter was made of, as JSON's types."""
    return {
        "base_model": config.base_model,
        "datasets": [entry.model_dump(exclude_none=True) for entry in config.datasets],
        "files": data.files,
        "rows_sha256": rows,
        "documents": len(data.documents),
        "held_out_documents": len(data.held_out),
        "tokens": data.train.tokens,
        "rows": len(data.train),
        "sequence_len": config.sequence_len,
        "fill": round(data.train.fill, 5),
        "sites": _tokens_by(data.documents, "site"),
        "licenses": _tokens_by(data.documents, "license"),
        "figures": asdict(figures),
        "versions": library_versions(),
    }


def library_versions() -> dict[str, str]:
    """The versions of the libraries that decide the numbers."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _tokens_by(documents: Iterable[DocumentRecord], field: str) -> dict[str, dict[str, int]]:
    """Documents and tokens by a field of theirs, most tokens first."""
    counts: Counter[str] = Counter()
    tokens: Counter[str] = Counter()
    for document in documents:
        name = getattr(document, field) or _NO_LICENSE
        counts[name] += 1
        tokens[name] += document.tokens
    return {name: {"documents": counts[name], "tokens": total} for name, total in tokens.most_common()}


def card(config: Config, data: Prepared, manifest: dict[str, Any], figures: Figures) -> str:
    """The model card, first in Portuguese, then in English, with the Hub's front matter."""
    return "\n".join(
        (
            *_front_matter(config, manifest),
            *_portuguese(config, manifest, figures),
            *_english(config, manifest, figures),
        )
    )


def _front_matter(config: Config, manifest: dict[str, Any]) -> Iterator[str]:
    yield "---"
    yield f"base_model: {json.dumps(config.base_model, ensure_ascii=False)}"
    yield "library_name: peft"
    yield "pipeline_tag: text-generation"
    yield "language:\n- pt"
    yield "tags:\n- lora\n- qlora\n- portuguese"
    known = [name for name in manifest["licenses"] if name != _NO_LICENSE]
    if known:
        yield "# licences of the texts: " + ", ".join(known)
    yield "---\n"


def _portuguese(config: Config, manifest: dict[str, Any], figures: Figures) -> Iterator[str]:
    yield f"# Adaptador de {config.base_model} para o português do Brasil\n"
    yield (
        f"Adaptador LoRA de posto {config.lora_r}, treinado sobre `{config.base_model}` em "
        f"{'4 bits' if config.load_in_4bit else '8 bits' if config.load_in_8bit else 'precisão plena'} "
        f"com {_pt(manifest['documents'])} textos ({_pt(manifest['tokens'])} tokens).\n"
    )
    yield "## Dados\n"
    yield from _table(("site", "textos", "tokens"), manifest["sites"], _pt)
    yield from _table(("licença", "textos", "tokens"), manifest["licenses"], _pt, unknown="desconhecida")
    yield (
        f"`{DOCUMENTS_FILE}` traz o endereço e a licença de cada texto; `{MANIFEST_FILE}`, os arquivos com seu sha256; "
        f"`{CONFIG_FILE}`, a configuração, com a qual o treino pode ser repetido.\n"
    )
    yield "## Medidas\n"
    yield f"- passos: {_pt(figures.steps)}, tokens vistos: {_pt(figures.tokens)}"
    if figures.loss is not None:
        yield f"- perda no último passo: {_comma(figures.loss)} nats por token"
    if figures.held_out_loss is not None:
        yield f"- perda em {_pt(manifest['held_out_documents'])} textos não vistos: {_comma(figures.held_out_loss)}"
    speed = f"{_pt(round(figures.tokens_per_second))} tokens/s, " if figures.tokens_per_second else ""
    yield f"- máquina: {speed}{figures.machine}\n"
    yield "## Uso\n"
    yield f'```sh\npython -m train.generate --base_model {config.base_model} --adapter . --prompt "A cidade"\n```\n'


def _english(config: Config, manifest: dict[str, Any], figures: Figures) -> Iterator[str]:
    yield f"# Adapter of {config.base_model} for Brazilian Portuguese\n"
    yield (
        f"LoRA adapter of rank {config.lora_r}, trained on `{config.base_model}` in "
        f"{'4 bits' if config.load_in_4bit else '8 bits' if config.load_in_8bit else 'full precision'} "
        f"with {manifest['documents']:,} texts ({manifest['tokens']:,} tokens).\n"
    )
    yield "## Data\n"
    yield from _table(("site", "texts", "tokens"), manifest["sites"], _en)
    yield from _table(("licence", "texts", "tokens"), manifest["licenses"], _en)
    yield (
        f"`{DOCUMENTS_FILE}` has each text's address and licence, `{MANIFEST_FILE}` the files with their sha256, "
        f"`{CONFIG_FILE}` the configuration, which repeats the training.\n"
    )
    yield "## Figures\n"
    yield f"- steps: {figures.steps:,}, tokens seen: {figures.tokens:,}"
    if figures.loss is not None:
        yield f"- loss at the last step: {figures.loss:.3f} nats a token"
    if figures.held_out_loss is not None:
        yield f"- loss on {manifest['held_out_documents']:,} texts not seen: {figures.held_out_loss:.3f}"
    speed = f"{figures.tokens_per_second:,.0f} tokens/s, " if figures.tokens_per_second else ""
    yield f"- machine: {speed}{figures.machine}"
    libraries = ", ".join(f"{name} {number}" for name, number in manifest["versions"].items())
    yield f"- libraries: {libraries}\n"
    yield "## Use\n"
    yield _usage(config)


def _usage(config: Config) -> str:
    """How peft loads base and adapter; a base that only this program knows is loaded by it."""
    from train.models.source import PACKAGED

    if config.base_model in PACKAGED or config.base_model.endswith(".gguf"):
        return (
            f'```sh\npython -m train.generate --base_model {config.base_model} --adapter . --prompt "A cidade"\n```\n'
        )
    place = config.hub_model_id or "."
    if not config.load_in_4bit:
        load = f'model = AutoPeftModelForCausalLM.from_pretrained("{place}")'
        return f"```python\nfrom peft import AutoPeftModelForCausalLM\n\n{load}\n```\n"
    details = config.bnb_config_kwargs
    bits = (
        f'load_in_4bit=True, bnb_4bit_quant_type="{details.bnb_4bit_quant_type}", '
        f"bnb_4bit_use_double_quant={details.bnb_4bit_use_double_quant}"
    )
    return (
        "```python\nfrom peft import AutoPeftModelForCausalLM\nfrom transformers import BitsAndBytesConfig\n\n"
        f"bits = BitsAndBytesConfig({bits})\n"
        f'model = AutoPeftModelForCausalLM.from_pretrained("{place}", quantization_config=bits)\n```\n'
    )


def _table(
    heads: tuple[str, str, str], counts: dict[str, dict[str, int]], number: Any, unknown: str = _NO_LICENSE
) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |\n|---|--:|--:|"
    for name, count in counts.items():
        shown = unknown if name == _NO_LICENSE else name.replace("|", "\\|")
        yield f"| {shown} | {number(count['documents'])} | {number(count['tokens'])} |"
    yield ""


def _pt(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _en(number: int) -> str:
    return f"{number:,}"


def _comma(number: float) -> str:
    return f"{number:.3f}".replace(".", ",")
