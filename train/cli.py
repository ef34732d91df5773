"""What the programs of this package share on the command line: keys as options, and errors as one line."""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import TextIOWrapper

from train.console import fitted
from train.errors import ConfigError, TrainError

USER_ERROR = 2
"""The exit status of what a user can mend."""

INTERRUPTED = 130
"""The exit status after a signal, as shells have it."""

MOST_SCALE = 4.0
"""Times an adapter's own strength; beyond it no adapter of a trial said anything."""

EXTRA = {
    *(
        "accelerate",
        "bitsandbytes",
        "datasets",
        "huggingface_hub",
        "peft",
        "psutil",
        "pydantic",
        "safetensors",
        "sentencepiece",
    ),
    *("tokenizers", "torch", "transformers", "yaml"),
}
"""What the extra `train` brings; a crawler's installation does without."""


@dataclass(slots=True)
class QloraArguments:
    """The command line of `train.qlora`; `overrides` are keys of the configuration with their values as text."""

    config: str | None = None
    overrides: dict[str, object] = field(default_factory=dict)
    dry_run: bool = False
    resume: bool = False
    push: bool = False
    explain: str | None = None
    help: bool = False


_SWITCHES = {"--dry-run": "dry_run", "--resume": "resume", "--push": "push"}


def read_qlora_arguments(words: Sequence[str]) -> QloraArguments:
    """The command line read. A key takes the words up to the next option: none is true, several are a list.

    `--KEY=VALUE` is the same as `--KEY VALUE`. Raises ConfigError for a word that belongs to nothing.
    """
    arguments = QloraArguments()
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        if word in ("-h", "--help"):
            arguments.help = True
            return arguments
        if word in _SWITCHES:
            setattr(arguments, _SWITCHES[word], True)
        elif word.startswith("--") and len(word) > 2:
            key, equals, value = word[2:].partition("=")
            values = [value] if equals else []
            while not equals and position < len(words) and not words[position].startswith("--"):
                values.append(words[position])
                position += 1
            if key == "explain":
                arguments.explain = values[0] if values else "all"
            else:
                arguments.overrides[key] = _value(key, values)
        elif arguments.config is None:
            arguments.config = word
        else:
            raise ConfigError(f"command line: {word} belongs to no option; the configuration is {arguments.config}")
    return arguments


def _value(key: str, values: list[str]) -> object:
    if not values:
        return True
    return values[0] if len(values) == 1 and key not in ("datasets", "test_datasets") else list(values)


def ended(program: Callable[[], int]) -> int:
    """The exit status of a program; an error that the user can mend is one line on standard error."""
    warnings.filterwarnings("ignore", category=FutureWarning)
    # It warns while it is imported, before `quiet_libraries` has its turn.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
    if isinstance(sys.stdout, TextIOWrapper):
        # A pipe of Windows, or an old locale, lacks letters; a sign in their place is better than an end in the middle.
        sys.stdout.reconfigure(errors="replace")
    try:
        return program()
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough, as with `| head`.
        sys.stderr.close()
        return 0
    except TrainError as error:
        return _said(str(error), error.status)
    except OSError as error:
        return _said(str(error), USER_ERROR)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise
        return _said(f"{error.name} is not installed; training needs it: pip install 'aurora-br[train]'", USER_ERROR)


def _said(text: str, status: int) -> int:
    print(fitted(f"error: {' '.join(text.split())}", sys.stderr), file=sys.stderr)
    return status
