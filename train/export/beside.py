"""What lies beside an exported file: Ollama's Modelfile, and the commands to run it."""

from __future__ import annotations

from pathlib import Path

from train.export.source import Exported

_TEMPLATES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "<|im_start|>",
        "{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}<|im_start|>assistant\n",
        ("<|im_end|>", "<|im_start|>"),
    ),
    (
        "<|start_header_id|>",
        (
            "{{- range .Messages }}<|start_header_id|>{{ .Role }}<|end_header_id|>\n\n{{ .Content }}<|eot_id|>{{ end }}"
            "<|start_header_id|>assistant<|end_header_id|>\n\n"
        ),
        ("<|eot_id|>", "<|start_header_id|>"),
    ),
    (
        "<start_of_turn>",
        (
            '{{- range .Messages }}<start_of_turn>{{ if eq .Role "assistant" }}model{{ else }}user{{ end }}\n'
            "{{ .Content }}<end_of_turn>\n{{ end }}<start_of_turn>model\n"
        ),
        ("<end_of_turn>", "<start_of_turn>"),
    ),
    (
        "[INST]",
        (
            '{{- range .Messages }}{{ if eq .Role "assistant" }} {{ .Content }}</s>{{ else }}[INST] {{ .Content }} [/INST]{{ end }}'
            "{{ end }}"
        ),
        ("[INST]", "[/INST]"),
    ),
)
"""What a chat template holds, the same for Ollama (a template of Go's), and where a turn ends."""

_PLAIN = "{{ .Prompt }}"
"""For a model of plain text: it goes on from what it is given."""


def modelfile(exported: Exported, file: Path, *, lora: bool) -> str:
    """Ollama's Modelfile: the file, the template that turns messages into a text, and the words that end an answer."""
    template: str = _PLAIN
    stops: tuple[str, ...] = ()
    for sign, found, ends in _TEMPLATES:
        if sign in (exported.vocabulary.chat_template or ""):
            template, stops = found, ends
            break
    end = exported.vocabulary.special.get("eos")
    words = dict.fromkeys([*stops, *([exported.vocabulary.pieces[end]] if end is not None else [])])
    lines = [
        "FROM ./BASE.gguf" if lora else f"FROM ./{file.name}",
        *([f"ADAPTER ./{file.name}"] if lora else []),
        f'TEMPLATE """{template}"""',
        *(f'PARAMETER stop "{word}"' for word in words),
    ]
    return "\n".join(lines) + "\n"


def readme(exported: Exported, file: Path, modelfile_name: str, *, lora: bool) -> str:
    """A text with the commands for llama.cpp and Ollama."""
    name = exported.name
    if lora:
        run = f'llama-cli -m BASE.gguf --lora {file.name} -no-cnv -p "A greve dos professores"'
        what = (
            f"`{file.name}` is the LoRA adapter `{name}` alone, for `BASE.gguf`: {exported.base_model} as llama.cpp's "
            "`convert_hf_to_gguf.py` makes it. Put that file's name into the commands and into "
            f"`{modelfile_name}`.\n\n"
            "On a base of 16 bits, or of llama.cpp's own quantisation, this is another function than the model on 4 bits "
            "(NF4) that was trained and measured: on SmolLM2 135M two in three first choices were the same, at equal loss. "
            "The merged model (`train.export` without `--lora`) is the measured one."
        )
    else:
        run = f'llama-cli -m {file.name} -no-cnv -p "A greve dos professores"'
        what = f"`{file.name}` is {exported.base_model} with the adapter `{name}` merged in, through the 4 bits it was trained on."
    return (
        f"# {name} for llama.cpp and Ollama\n\n{what}\n\n"
        f"    {run}\n    ollama create {name} -f {modelfile_name}\n    ollama run {name}\n"
    )
