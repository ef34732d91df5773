"""Text from a base model or with an adapter, as it is written: `python -m train.generate`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from jinja2 import TemplateError

from train.cli import ended
from train.errors import ConfigError, first_line


def main(words: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    arguments = _parser().parse_args(words)
    return ended(lambda: _run(arguments))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m train.generate", description=__doc__)
    parser.add_argument(
        "--base_model", help="the base: a folder, a GGUF file, a name on the Hub; the adapter knows its own"
    )
    parser.add_argument("--adapter", type=Path, help="the adapter's folder; without it the base writes alone")
    start = parser.add_mutually_exclusive_group(required=True)
    start.add_argument("--prompt", help="the text to go on from")
    start.add_argument("--prompt-file", type=Path, metavar="FILE", help="a file with it; - is standard input")
    parser.add_argument("--chat", action="store_true", help="the prompt is a question, put through the chat template")
    parser.add_argument("--max-new-tokens", type=int, default=200, metavar="N", help="default %(default)s")
    parser.add_argument("--min-new-tokens", type=int, default=0, metavar="N", help="no end before so many tokens")
    parser.add_argument("--greedy", action="store_true", help="always the likeliest token; no sampling")
    parser.add_argument("--temperature", type=float, default=0.8, help="default %(default)s")
    parser.add_argument("--top-p", type=float, default=0.95, help="default %(default)s")
    parser.add_argument("--top-k", type=int, default=50, help="default %(default)s")
    parser.add_argument("--repetition-penalty", type=float, default=1.1, help="default %(default)s; 1 for none")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same text (default %(default)s)")
    parser.add_argument("--full-precision", action="store_true", help="the base as it is, not in 4 bits")
    return parser


def _run(arguments: argparse.Namespace) -> int:
    prompt = read_prompt(arguments)
    _check(arguments)
    # Only now, because the libraries take seconds to load.
    import torch

    from train.adapter.load import load_to_read
    from train.models.tokenizer import text_taken_literally, without_end

    model: Any
    tokenizer: Any
    model, tokenizer, config = load_to_read(
        arguments.base_model, arguments.adapter, full_precision=arguments.full_precision
    )
    text = chat_prompt(tokenizer, prompt, config.chat_template, config.base_model) if arguments.chat else prompt
    # A chat template puts its own begin token.
    if arguments.chat:
        ids = tokenizer(text, return_tensors="pt", add_special_tokens=False).input_ids.to(model.device)
    else:
        with text_taken_literally(tokenizer):
            tokens = without_end(tokenizer(text).input_ids, tokenizer)
        ids = torch.tensor([tokens], device=model.device)
    context = getattr(model.config, "max_position_embeddings", None)
    if context and ids.shape[1] >= context:
        raise ConfigError(f"--prompt: {ids.shape[1]:,} tokens leave no room in the model's context of {context:,}")
    room = context - ids.shape[1] if context else arguments.max_new_tokens
    torch.manual_seed(arguments.seed)
    print(prompt, end="\n" if arguments.chat else "", flush=True)
    with torch.no_grad():
        model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            streamer=Stream(tokenizer),
            use_cache=True,
            max_new_tokens=min(arguments.max_new_tokens, room),
            min_new_tokens=arguments.min_new_tokens or None,
            eos_token_id=end_tokens(model, tokenizer),
            pad_token_id=tokenizer.pad_token_id,
            repetition_penalty=arguments.repetition_penalty,
            **_sampling(arguments),
        )
    return 0


def read_prompt(arguments: argparse.Namespace) -> str:
    """The prompt, without white space at its end: most tokenizers put a word's space before it.

    Raises ConfigError for a file that cannot be read and for an empty prompt.
    """
    text = arguments.prompt
    if arguments.prompt_file is not None:
        try:
            if str(arguments.prompt_file) == "-":
                text = sys.stdin.read()
            else:
                text = arguments.prompt_file.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise ConfigError(f"--prompt-file: {arguments.prompt_file} is not UTF-8 text") from error
        except OSError as error:
            raise ConfigError(f"--prompt-file: {arguments.prompt_file} cannot be read ({error.strerror})") from error
    text = (text or "").rstrip()
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ConfigError("--prompt: is not UTF-8 text")
    if not text:
        raise ConfigError("--prompt: is empty; give the beginning of a text")
    return text


def _check(arguments: argparse.Namespace) -> None:
    for name, value, allowed in (
        ("--temperature", arguments.temperature, arguments.temperature > 0),
        ("--top-p", arguments.top_p, 0 < arguments.top_p <= 1),
        ("--top-k", arguments.top_k, arguments.top_k >= 0),
        ("--max-new-tokens", arguments.max_new_tokens, arguments.max_new_tokens > 0),
        ("--repetition-penalty", arguments.repetition_penalty, arguments.repetition_penalty > 0),
    ):
        if not allowed:
            raise ConfigError(f"{name}: {value} is out of range")


def _sampling(arguments: argparse.Namespace) -> dict[str, bool | float | None]:
    if arguments.greedy:
        return {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
    return {
        "do_sample": True,
        "temperature": arguments.temperature,
        "top_p": arguments.top_p,
        "top_k": arguments.top_k,
    }


class Stream:
    """Text shown while it is written: what is new of prompt and continuation decoded together.

    It has the two methods of transformers' BaseStreamer, which is not loaded for a `--help`.

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


def end_tokens(model: Any, tokenizer: Any) -> list[int]:
    """The tokens that end a text: the tokenizer's, which training put after each document, and the model's own."""
    own = getattr(model.generation_config, "eos_token_id", None)
    named = [own] if isinstance(own, int) else list(own or [])
    return sorted({tokenizer.eos_token_id, *named})


def chat_prompt(tokenizer: Any, question: str, chat_template: str | None, base_model: str) -> str:
    """The question as the chat template puts it.

    Raises ConfigError for a model that has none, a template that cannot be followed, and a question that holds a special
    token: the template's own are read as such, a text's are not, as in training.
    """
    template = chat_template or tokenizer.chat_template
    if not template:
        raise ConfigError(f"--chat: {base_model} has no chat template; leave --chat out, or set chat_template")
    sign = next((token for token in tokenizer.all_special_tokens if token in question), None)
    if sign:
        raise ConfigError(f"--chat: the question holds {sign}, which the model would read as a sign, not as text")
    messages = [{"role": "user", "content": question}]
    try:
        text: str = tokenizer.apply_chat_template(
            messages, chat_template=template, tokenize=False, add_generation_prompt=True
        )
    except (TemplateError, ValueError, TypeError, KeyError) as error:
        raise ConfigError(f"--chat: the chat template cannot be followed: {first_line(error)}") from error
    return text


if __name__ == "__main__":
    sys.exit(main())
