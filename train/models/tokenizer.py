"""The base model's tokenizer, and text to arrays of tokens; a named substitute where it cannot be had for planning."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sentencepiece import SentencePieceProcessor
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from train.config.load import Config
from train.console import say
from train.errors import ConfigError, first_line
from train.models.hub import hub_answers
from train.models.source import Base, Source, cached_file, converted_folder

SUBSTITUTE = "Mistral v1 (mistral-common)"
"""The tokenizer that counts where the model's own is out of reach; 32,000 pieces, as Llama 2's."""

_FILES = ("tokenizer.json", "tokenizer.model", "tokenizer_config.json")


@dataclass(frozen=True, slots=True)
class Encoder:
    """Text to tokens, for many texts at once.

    `name` says whose tokenizer it is, `substitute` whether it only stands in for the model's own, `fingerprint` changes
    when the tokens would.
    """

    name: str
    vocabulary: int
    eos_id: int
    fingerprint: str
    encode_batch: Callable[[Sequence[str]], list[list[int]]]
    substitute: bool = False

    def encode(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """The texts' tokens, one text after the other, and the number of each; every text ends in the end token.

        The tokens are uint16 where the vocabulary allows, else uint32; the lengths int64.
        """
        kind = np.uint16 if self.vocabulary <= 1 << 16 else np.uint32
        every = self.encode_batch(texts)
        for tokens in every:
            if not tokens or tokens[-1] != self.eos_id:
                tokens.append(self.eos_id)
        lengths = np.fromiter(map(len, every), dtype=np.int64, count=len(every))
        flat = np.empty(int(lengths.sum()), dtype=kind)
        end = 0
        for tokens in every:
            flat[end : end + len(tokens)] = tokens
            end += len(tokens)
        return flat, lengths


def load_tokenizer(config: Config, base: Base, *, offline: bool = False) -> PreTrainedTokenizerBase:
    """The tokenizer of `tokenizer_config`, else of `base_model`, with `special_tokens` set and a padding token.

    Raises ConfigError where it cannot be had, and where it asks for program text of its own to be run, which is never done.
    With `offline` the network is not asked.
    """
    source = base.tokenizer
    source.require()
    location, arguments = _location(source)
    if config.tokenizer_legacy is not None and not source.gguf:
        arguments["legacy"] = config.tokenizer_legacy
    try:
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            location,
            trust_remote_code=False,
            local_files_only=offline or not (source.path is not None or hub_answers()),
            **arguments,
        )
    except (OSError, ValueError) as error:
        key = "tokenizer_config" if config.tokenizer_config else "base_model"
        raise ConfigError(f"{key}: the tokenizer of {source.name} cannot be had: {first_line(error)}") from error
    if source.gguf and "gguf_file" in arguments:
        _keep_tokenizer(source, tokenizer)
    if config.special_tokens:
        tokenizer.add_special_tokens(dict(_known_tokens(config, tokenizer, source.name)))
    if tokenizer.eos_token_id is None:
        raise ConfigError(f"base_model: the tokenizer of {source.name} has no end token; name one under special_tokens")
    if tokenizer.pad_token_id is None:
        # Padding is masked everywhere, so any token will do, and no new one enlarges the vocabulary.
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def _known_tokens(config: Config, tokenizer: PreTrainedTokenizerBase, name: str) -> dict[str, str]:
    """The special tokens that are set; a new one would stand outside the embedding."""
    vocabulary = tokenizer.get_vocab()
    tokens = dict(config.special_tokens)
    if tokens.get("pad_token") not in (None, *vocabulary):
        # Padding is masked everywhere, so this one is not worth an error.
        say(
            f"special_tokens: pad_token {tokens.pop('pad_token')} is not in the vocabulary of {name}: another token pads"
        )
    for key, token in tokens.items():
        if token not in vocabulary:
            raise ConfigError(f"special_tokens: {key} {token} is not in the vocabulary of {name}, which is not changed")
    return tokens


def encoder_of(tokenizer: PreTrainedTokenizerBase, name: str = "") -> Encoder:
    """The encoder of a loaded tokenizer; the begin token is put where the tokenizer puts it."""
    fast: Any = getattr(tokenizer, "backend_tokenizer", None)
    if fast is not None:
        fast.no_truncation()
        fast.no_padding()

        def encode_batch(texts: Sequence[str]) -> list[list[int]]:
            with text_taken_literally(tokenizer):
                return [encoding.ids for encoding in fast.encode_batch_fast(list(texts))]

        description = fast.to_str()
    else:

        def encode_batch(texts: Sequence[str]) -> list[list[int]]:
            with text_taken_literally(tokenizer):
                return [list(tokens) for tokens in tokenizer(list(texts))["input_ids"]]

        description = f"{type(tokenizer).__name__} {tokenizer.name_or_path} {len(tokenizer)}"
    eos = tokenizer.eos_token_id
    if not isinstance(eos, int):
        raise ConfigError(f"base_model: the tokenizer of {name or tokenizer.name_or_path} has no end token")
    fingerprint = hashlib.sha256(f"{description} {eos}".encode()).hexdigest()
    return Encoder(name or tokenizer.name_or_path, len(tokenizer), eos, fingerprint, encode_batch)


@contextlib.contextmanager
def text_taken_literally(tokenizer: PreTrainedTokenizerBase) -> Iterator[None]:
    """An article that writes of `</s>` means the four characters, not the end of a document; so does a prompt."""
    fast: Any = getattr(tokenizer, "backend_tokenizer", None)
    before = tokenizer.split_special_tokens, fast.encode_special_tokens if fast else False
    # A call of the tokenizer itself goes by the first and overwrites the second, by which the backend goes.
    tokenizer.split_special_tokens = True
    if fast:
        fast.encode_special_tokens = True
    try:
        yield
    finally:
        tokenizer.split_special_tokens = before[0]
        if fast:
            fast.encode_special_tokens = before[1]


def without_end(tokens: list[int], tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """A text's tokens without the end token that some tokenizers put after each; a text itself never holds it."""
    end = len(tokens)
    while end and tokens[end - 1] == tokenizer.eos_token_id:
        end -= 1
    return list(tokens[:end])


def planning_encoder(config: Config, base: Base) -> Encoder:
    """An encoder to count with: the model's own where it is on this machine, else the named substitute. No network."""
    source = base.tokenizer
    if source.missing:
        return substitute_encoder()
    location, _ = _location(source)
    place = Source(source.name, Path(location)) if Path(location).is_dir() else source
    if source.gguf or any(cached_file(place, name) for name in _FILES):
        return encoder_of(load_tokenizer(config, base, offline=True), source.name)
    return substitute_encoder()


def substitute_encoder() -> Encoder:
    """Mistral's first tokenizer from the package mistral-common, which brings it along.

    Raises ConfigError where mistral-common is not installed.
    """
    found = importlib.util.find_spec("mistral_common")
    if found is None or found.origin is None:
        raise ConfigError(
            "base_model: its tokenizer is not on this machine; pip install mistral-common to plan without it"
        )
    path = Path(found.origin).parent / "data" / "tokenizer.model.v1"
    model = SentencePieceProcessor(model_file=str(path))

    def encode_batch(texts: Sequence[str]) -> list[list[int]]:
        tokens: list[list[int]] = model.encode(list(texts), add_bos=True)
        return tokens

    return Encoder(SUBSTITUTE, model.vocab_size(), model.eos_id(), SUBSTITUTE, encode_batch, substitute=True)


def _keep_tokenizer(source: Source, tokenizer: PreTrainedTokenizerBase) -> None:
    """Keeps the tokenizer of a GGUF file, whose reading takes ten seconds and more, for the next time."""
    folder = _tokenizer_folder(source)
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        tokenizer.save_pretrained(unfinished)
        if not folder.exists():
            unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _tokenizer_folder(source: Source) -> Path:
    converted = converted_folder(source)
    return converted.with_name(f"{converted.name}-tokenizer")


def _location(source: Source) -> tuple[str, dict[str, str | bool]]:
    """Where a tokenizer is loaded from, and the arguments for it: a GGUF file's from what was converted, once it was."""
    if source.gguf:
        for folder in (converted_folder(source), _tokenizer_folder(source)):
            if (folder / "tokenizer.json").is_file():
                return str(folder), {}
    return source.location, dict(source.arguments)
