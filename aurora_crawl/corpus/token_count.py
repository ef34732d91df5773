"""Counting tokens by a tokenizer of choice; where none can be fetched, by one that comes with a library."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from aurora_crawl.corpus.options import CorpusError
from aurora_crawl.messages import N_

OFFLINE = "mistral-v1"
"""Mistral's first tokenizer (32,000 pieces, that of Mistral 7B v0.1), inside the package `mistral-common`."""

NONE = "none"


class TokenizerError(CorpusError):
    """No such tokenizer can be had; the message says what to do."""


@lru_cache(maxsize=2)
def counter(name: str) -> Callable[[str], int]:
    """A function that counts a text's tokens, without those that mark its beginning and end. Raises TokenizerError.

    `name` is `mistral-v1`, a folder with a `tokenizer.json`, or a model on the Hub.
    """
    if name == OFFLINE:
        try:
            from mistral_common.tokens.tokenizers.mistral import MistralTokenizer
        except ImportError as error:
            raise TokenizerError(N_("--tokenizer mistral-v1 needs: pip install 'aurora-br[corpus]'")) from error
        plain = MistralTokenizer.v1().instruct_tokenizer.tokenizer
        return lambda text: len(plain.encode(text, bos=False, eos=False))
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise TokenizerError(N_("--tokenizer {name} needs: pip install 'aurora-br[train]'"), name=name) from error
    file = Path(name) / "tokenizer.json"
    # What goes wrong is said in one line below, and not before each of its attempts.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    try:
        fast = Tokenizer.from_file(str(file)) if file.is_file() else Tokenizer.from_pretrained(name)
    except Exception as error:
        why = str(error).splitlines()[0]
        raise TokenizerError(N_("--tokenizer {name}: cannot be had ({why})"), name=name, why=why) from error
    return lambda text: len(fast.encode(text, add_special_tokens=False).ids)
