"""Text shown while it is written."""

from __future__ import annotations

import sys
from typing import Any, TextIO

from transformers.generation.streamers import BaseStreamer


class Stream(BaseStreamer):
    """Prints what is new of prompt and continuation decoded together.

    Decoded alone, a continuation loses the space before its first word with tokenizers that keep spaces in words.
    """

    def __init__(self, tokenizer: Any, out: TextIO | None = None) -> None:
        """Prints to `out`, else to standard output."""
        self.tokenizer = tokenizer
        self.out = out or sys.stdout
        self.ids: list[int] = []
        self.shown: str | None = None

    def put(self, value: Any) -> None:
        """Takes the prompt first, then each new token; both are tensors of ids."""
        self.ids += value.flatten().tolist()
        text = self.tokenizer.decode(self.ids, skip_special_tokens=True)
        if self.shown is None:
            self.shown = text
            return
        # A letter may take several tokens, and is shown when it is whole.
        if text.endswith("\ufffd"):
            return
        self.out.write(text[len(self.shown) :])
        self.out.flush()
        self.shown = text

    def end(self) -> None:
        """Ends the line."""
        self.out.write("\n")
        self.out.flush()
