"""What an adapter carries besides its weights: model card, resolved configuration, manifest of its data, its documents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import jinja2

from train.adapter.evaluation_part import EvaluationPart, Figure, SamplePart
from train.adapter.loss_curve import CURVE_FILE
from train.adapter.written_samples import first_and_last, read_samples
from train.config.load import Config, load_config
from train.data.manifest import MANIFEST_FILE, NO_LICENSE, Figures, Manifest, make_manifest, read_whole_manifest
from train.data.prepare import DocumentRecord, Prepared
from train.errors import ConfigError, DataError, first_line
from train.models.source import PACKAGED

CONFIG_FILE = "config.yml"
"""The resolved configuration: with the same data it makes the same adapter."""

CARD_FILE = "README.md"
PAGE_FILE = "card.html"
"""The card as a page that opens without a network."""

CURVE_SIZE = (640, 160)
"""Width and height of the page's curve, in its own units."""

SHARES = ("acc", "acc_norm", "exact_match", "change")
"""Figures that are shown in hundredths."""

DOCUMENTS_FILE = "documents.jsonl"
"""A line for each document: `id`, `url`, `site`, `license`, `revision`, `part` (`train`, `replay` or `held_out`), `text_sha256`."""


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
        for part, documents in (("train", data.documents), ("replay", data.replayed), ("held_out", data.held_out)):
            lines.writelines(json.dumps(_entry(document, part), ensure_ascii=False) + "\n" for document in documents)
    curve = curve_in(folder)
    written = first_and_last(read_samples(Path(config.output_dir)))
    (folder / CARD_FILE).write_text(card(config, manifest, curve=curve, written=written), encoding="utf-8")
    (folder / PAGE_FILE).write_text(page(config, manifest, written=written), encoding="utf-8")


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

    Empty where it does not say. Raises DataError for a list that is damaged: what was trained on would pass for unseen.
    """
    path = adapter / DOCUMENTS_FILE
    if not path.is_file():
        return set()
    try:
        with path.open(encoding="utf-8") as lines:
            entries = [json.loads(line) for line in lines]
        chosen = [entry for entry in entries if part in (None, entry["part"])]
        return {entry["id"] for entry in chosen} | {
            entry["text_sha256"] for entry in chosen if entry.get("text_sha256")
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path} is damaged ({first_line(error)}); put back the one that the training wrote") from error


def rewrite_card(folder: Path, evaluation: EvaluationPart) -> None:
    """Writes an evaluation into a finished adapter's folder, and card and page anew with it.

    Raises ConfigError for an adapter that is not of this program's making, DataError for a manifest that cannot be read.
    """
    if not (folder / CONFIG_FILE).is_file():
        raise ConfigError(f"--card: {folder} has no {CONFIG_FILE}, so its card is not this program's to write")
    manifest = read_whole_manifest(folder)
    config, _ = load_config(folder / CONFIG_FILE, {"strict": False})
    evaluation.write(folder)
    written = first_and_last(read_samples(folder))
    for name, text in (
        (CARD_FILE, card(config, manifest, evaluation, curve_in(folder), written)),
        (PAGE_FILE, page(config, manifest, evaluation, written)),
    ):
        unfinished = folder / f".{name}.part"
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(folder / name)


def curve_in(folder: Path) -> str | None:
    """The file in an adapter's folder with the picture of its losses, where there is one."""
    return CURVE_FILE if (folder / CURVE_FILE).is_file() else None


def card(
    config: Config,
    manifest: Manifest,
    evaluation: EvaluationPart | None = None,
    curve: str | None = None,
    written: Sequence[SamplePart] = (),
) -> str:
    """The model card, first in Portuguese, then in English, with the Hub's front matter; `card.md.jinja` is its text.

    `curve`: the file with the picture of the losses, where there is one; `written`: what the run made of `sample_prompts`.
    """
    return _rendered("card.md.jinja", config, manifest, evaluation, written, escaped=False, curve=curve)


def page(
    config: Config,
    manifest: Manifest,
    evaluation: EvaluationPart | None = None,
    written: Sequence[SamplePart] = (),
) -> str:
    """The same as a page that opens without a network; `card.html.jinja` is its text."""
    return _rendered("card.html.jinja", config, manifest, evaluation, written, escaped=True)


def _rendered(
    template: str,
    config: Config,
    manifest: Manifest,
    evaluation: EvaluationPart | None,
    written: Sequence[SamplePart],
    *,
    escaped: bool,
    curve: str | None = None,
) -> str:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("train.adapter", "."),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
        # In Markdown escaped letters would be shown as such.
        autoescape=escaped,  # noqa: S701
    )
    environment.filters |= {
        "number_in": _number,
        "decimals_in": _decimals,
        "cell": lambda text: text.replace("|", "\\|"),
        "quoted": lambda text: json.dumps(text, ensure_ascii=False),
        "figure_in": _figure,
        "signed_in": _signed,
        "one_line": lambda text: " ".join(text.split()),
        "quote_block": lambda text: "\n".join(f"> {line}" for line in text.splitlines()),
    }
    figures = manifest.figures
    evaluation = evaluation or EvaluationPart()
    return environment.get_template(template).render(
        base_model=config.base_model,
        rank=config.lora_r,
        bits=4 if config.load_in_4bit else 8 if config.load_in_8bit else None,
        storage=config.bnb_config_kwargs,
        # A base that only this program knows is loaded by it; any other by peft.
        only_here=config.base_model in PACKAGED or config.base_model.endswith(".gguf"),
        place=config.hub_model_id or ".",
        manifest=manifest,
        figures=figures,
        evaluation=evaluation,
        samples=(*evaluation.samples, *written),
        written=written,
        replay=config.replay,
        points=_points(figures.curve),
        few_points=figures.curve[:: max(1, -(-len(figures.curve) // 6))],
        known_licenses=[name for name in manifest.licenses if name != NO_LICENSE],
        no_license=NO_LICENSE,
        config_file=CONFIG_FILE,
        manifest_file=MANIFEST_FILE,
        documents_file=DOCUMENTS_FILE,
        curve=curve,
    )


def _points(curve: tuple[tuple[int, float], ...]) -> str:
    """The curve as the points of an SVG polyline, in a field of `CURVE_SIZE`."""
    if len(curve) < 2:
        return ""
    steps, losses = [step for step, _ in curve], [loss for _, loss in curve]
    width, height = CURVE_SIZE
    across, up = max(1, steps[-1] - steps[0]), max(1e-9, max(losses) - min(losses))
    return " ".join(
        f"{width * (step - steps[0]) / across:.1f},{height * (max(losses) - loss) / up:.1f}" for step, loss in curve
    )


def _number(number: int, language: str) -> str:
    """A whole number with points or commas between thousands, as the language has them."""
    return f"{number:,}".replace(",", ".") if language == "pt" else f"{number:,}"


def _decimals(number: float, language: str, places: int = 3) -> str:
    return f"{number:.{places}f}".replace(".", ",") if language == "pt" else f"{number:.{places}f}"


def _figure(figure: Figure | None, language: str, metric: str) -> str:
    """A figure with its interval; accuracies in hundredths."""
    if figure is None:
        return "–"
    times, places = (100, 1) if metric in SHARES else (1, 2)
    value, low, high = (_decimals(times * each, language, places) for each in (figure.value, figure.low, figure.high))
    return f"{value} ({low}–{high})"


def _signed(figure: Figure | None, language: str, metric: str = "") -> str:
    """A difference with its interval, with their signs."""
    if figure is None:
        return "–"
    times, places = (100, 1) if metric in SHARES else (1, 2 if metric else 3)
    found = [f"{times * each:+.{places}f}" for each in (figure.value, figure.low, figure.high)]
    if language == "pt":
        found = [each.replace(".", ",") for each in found]
    return f"{found[0]} [{found[1]}; {found[2]}]"
