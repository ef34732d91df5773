"""A tokenizer as GGUF holds it: its pieces, kinds, merges or scores, and how llama.cpp cuts words before them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gguf import TokenType
from transformers import PreTrainedTokenizerBase

from train.errors import ConfigError

_LLAMA_3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_QWEN_2 = _LLAMA_3.replace(r"\p{N}{1,3}", r"\p{N}")
_TEKKEN = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|"
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|"
    r"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

PRE: dict[tuple[tuple[str, ...], bool], str] = {
    (("bytes",), False): "gpt-2",
    (("digits", "bytes"), False): "smollm",
    ((_LLAMA_3,), True): "llama-bpe",
    ((_LLAMA_3,), False): "smaug-bpe",
    ((_QWEN_2,), False): "qwen2",
    ((_TEKKEN,), True): "tekken",
}
"""llama.cpp's names for the ways a text is cut before byte-level BPE: the cuts in their order (a regular expression, digits
one by one, or GPT-2's own as `bytes`), and whether a word that is a piece is taken without merges."""

_UNREACHED = -1e6
"""The score of a piece that no merge makes: those of one letter."""


@dataclass(slots=True)
class Vocabulary:
    """What GGUF holds of a tokenizer.

    `model` is `gpt2` (byte-level BPE, with `merges`) or `llama` (SentencePiece's, with `scores`); `special` gives the
    ids of tokens by what they do (`bos`, `eos`, `unk`, `pad`).
    """

    model: str
    pre: str
    pieces: list[str]
    kinds: list[int]
    merges: list[str] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    special: dict[str, int] = field(default_factory=dict)
    adds_begin: bool = False
    adds_end: bool = False
    adds_space: bool = False
    chat_template: str | None = None


def vocabulary_of(tokenizer: PreTrainedTokenizerBase, size: int, name: str) -> Vocabulary:
    """The vocabulary of a tokenizer, filled up to `size` pieces, the embedding's rows.

    Raises ConfigError for a tokenizer that is neither byte-level BPE that llama.cpp knows, nor SentencePiece's BPE.
    """
    backend: Any = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise ConfigError(f"base_model: the tokenizer of {name} has no tokenizer.json, so it cannot be exported")
    described = json.loads(backend.to_str())
    model = described["model"]
    if model.get("type") != "BPE":
        raise ConfigError(f"base_model: the tokenizer of {name} is {model.get('type')}, and only BPE is exported")
    pieces, kinds = _pieces(model, described.get("added_tokens") or [], size)
    merges = [pair.split(" ", 1) if isinstance(pair, str) else pair for pair in model["merges"]]
    begin, end = _put_around(tokenizer)
    template = tokenizer.chat_template
    found = Vocabulary(
        "llama" if model.get("byte_fallback") else "gpt2",
        "default",
        pieces,
        kinds,
        special=_special(tokenizer),
        adds_begin=begin,
        adds_end=end,
        chat_template=template if isinstance(template, str) else None,
    )
    if model.get("byte_fallback"):
        ranks: dict[str, int] = {}
        for rank, (left, right) in enumerate(merges):
            ranks.setdefault(left + right, rank)
        found.scores = [float(-ranks[piece]) if piece in ranks else _UNREACHED for piece in pieces]
        found.adds_space = _adds_space(described)
    else:
        found.pre = _pre(described, name)
        # A blank within a piece cannot stand in a merge, where it divides the two.
        found.merges = [" ".join(part.replace(" ", "Ġ") for part in pair) for pair in merges]
    return found


def _pieces(model: Mapping[str, Any], added: list[dict[str, Any]], size: int) -> tuple[list[str], list[int]]:
    named = {int(index): piece for piece, index in model["vocab"].items()}
    named |= {int(token["id"]): token["content"] for token in added}
    kinds = {index: _kind(piece, model) for index, piece in named.items()}
    kinds |= {
        int(token["id"]): int(TokenType.CONTROL if token["special"] else TokenType.USER_DEFINED)
        for token in added
        if token["content"] != model.get("unk_token")
    }
    count = max(size, max(named) + 1)
    return (
        [named.get(index, f"[PAD{index}]") for index in range(count)],
        [kinds.get(index, int(TokenType.UNUSED)) for index in range(count)],
    )


def _kind(piece: str, model: Mapping[str, Any]) -> int:
    if piece == model.get("unk_token"):
        return int(TokenType.UNKNOWN)
    if model.get("byte_fallback") and len(piece) == 6 and piece.startswith("<0x") and piece.endswith(">"):
        return int(TokenType.BYTE)
    return int(TokenType.NORMAL)


def _special(tokenizer: PreTrainedTokenizerBase) -> dict[str, int]:
    named = {
        "bos": tokenizer.bos_token_id,
        "eos": tokenizer.eos_token_id,
        "unk": tokenizer.unk_token_id,
        "pad": tokenizer.pad_token_id,
    }
    return {name: index for name, index in named.items() if isinstance(index, int)}


def _put_around(tokenizer: Any) -> tuple[bool, bool]:
    """Whether the tokenizer puts its begin token before a text, and its end token after it."""
    ids = list(tokenizer("a")["input_ids"])
    return bool(ids) and ids[0] == tokenizer.bos_token_id, bool(ids) and ids[-1] == tokenizer.eos_token_id


def _steps(part: dict[str, Any] | None, inner: str) -> list[dict[str, Any]]:
    if not part:
        return []
    return list(part[inner]) if part["type"] == "Sequence" else [part]


def _adds_space(described: dict[str, Any]) -> bool:
    """Whether a text gets a space before its first word, as SentencePiece's dummy prefix."""
    normalizers = _steps(described.get("normalizer"), "normalizers")
    cuts = _steps(described.get("pre_tokenizer"), "pretokenizers")
    return any(step["type"] == "Prepend" for step in normalizers) or any(
        step["type"] == "Metaspace" and step.get("prepend_scheme") != "never" for step in cuts
    )


def _pre(described: dict[str, Any], name: str) -> str:
    """llama.cpp's name for how a text is cut into words. Raises ConfigError where it has none."""
    cuts: list[str] = []
    for step in _steps(described.get("pre_tokenizer"), "pretokenizers"):
        if step["type"] == "ByteLevel":
            if step.get("add_prefix_space"):
                cuts.append("space")
            cuts += ["bytes"] if step.get("use_regex", True) else []
        elif step["type"] == "Digits" and step.get("individual_digits"):
            cuts.append("digits")
        elif step["type"] == "Split" and step["behavior"] == "Isolated" and not step.get("invert"):
            cuts.append(str(step["pattern"].get("Regex")))
        else:
            cuts.append(f"unknown {step['type']}")
    normalizers = {step["type"] for step in _steps(described.get("normalizer"), "normalizers")} - {"NFC"}
    found = PRE.get((tuple(cuts), bool(described["model"].get("ignore_merges"))))
    if found is None or normalizers:
        raise ConfigError(
            f"base_model: the tokenizer of {name} cuts words in a way that train.export has no name of llama.cpp's for "
            f"({', '.join(sorted(normalizers)) or '; '.join(cuts)[:80] or 'not at all'})"
        )
    return found
