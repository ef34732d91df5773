"""An export from adapter to file: what is looked at, what is written, in this order."""

from __future__ import annotations

import sys
from pathlib import Path

from train.errors import ConfigError
from train.export.beside import modelfile, readme
from train.export.gguf_file import whole_file
from train.export.model import check_lora_places, lora_tensors, model_writer, planned_tensors, write_lora, write_model
from train.export.source import Exported, exported
from train.models.device import peak_memory
from train.models.library_logs import quiet_libraries

_MIB = 1 << 20


def export(
    adapter: Path,
    outfile: Path,
    *,
    outtype: str | None = None,
    lora: bool = False,
    base_model: str | None = None,
    bits: int | None = None,
    dry: bool = False,
) -> None:
    """Writes adapter and base, or with `lora` the adapter alone, into `outfile`, and a Modelfile and a README beside it.

    `outtype` is one of `train.export.tensors.OUTTYPES`, by default f16, or f32 for the adapter alone. With `dry` it only says
    what would be written. Raises ConfigError for what cannot be exported, before anything is written.
    """
    quiet_libraries()
    found = exported(adapter, base_model=base_model, bits=bits)
    kind = outtype or ("f32" if lora else "f16")
    if lora:
        check_lora_places(found)
    model_writer(found, kind)
    tensors = [tensor for tensor, _ in lora_tensors(found, kind)] if lora else planned_tensors(found, kind)
    size = sum(tensor.bytes for tensor in tensors)
    print(
        f"{outfile}: {len(tensors):,} tensors, {size / _MIB:,.0f} MiB in {kind}; llama.cpp's {found.family.architecture}, "
        f"tokenizer {found.vocabulary.model} ({found.vocabulary.pre})"
    )
    if dry:
        for line in held_only_by_the_model(found):
            print(line)
        return
    with whole_file(outfile) as unfinished:
        if lora:
            write_lora(unfinished, found, kind)
        else:
            write_model(unfinished, found, kind)
        _write_beside(found, outfile, lora=lora)
    print(f"{outfile} is whole; peak memory {peak_memory() / _MIB:,.0f} MiB", file=sys.stderr)


def held_only_by_the_model(found: Exported) -> list[str]:
    """What of the adapter a LoRA file could not hold, as a line; none where it could."""
    try:
        check_lora_places(found)
    except ConfigError as error:
        return [f"as a LoRA file (--lora): {error}"]
    return []


def _write_beside(found: Exported, outfile: Path, *, lora: bool) -> None:
    """Modelfile and README, under the file's own name."""
    model_name = f"{outfile.stem}.Modelfile"
    outfile.with_name(model_name).write_text(modelfile(found, outfile, lora=lora), encoding="utf-8")
    text = readme(found, outfile, model_name, lora=lora)
    outfile.with_name(f"{outfile.stem}.README.md").write_text(text, encoding="utf-8")
