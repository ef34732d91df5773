"""The errors of training, and the exit status that each ends a program with.

    TrainError                 1
    ├── ConfigError            2   a configuration or a command line that cannot be followed
    ├── DataError              2   data that cannot be read
    ├── NotANumberError        2   a loss that is no number
    ├── DivergedError          2   a run that forgets instead of learning
    ├── OutOfMemoryError       2   a run that does not fit the machine
    └── MissingLibraryError    2   a library that is not installed

`train.cli.ended` turns them into one line on standard error; nothing else does.
"""

from __future__ import annotations


class TrainError(Exception):
    """What ends a program with one line; the text is that line: which file or key, what is wrong, what to do."""

    status = 1


class ConfigError(TrainError):
    """A configuration or command line that cannot be followed."""

    status = 2


class DataError(TrainError):
    """Data that cannot be read; the text says which file and line, and what is wrong with it."""

    status = 2


class NotANumberError(TrainError):
    """A loss that is no number any more."""

    status = 2


class DivergedError(TrainError):
    """A run that forgets what its base knew instead of learning; the text says since when, and what to lower."""

    status = 2


class OutOfMemoryError(TrainError):
    """A run that does not fit the machine; the text says what to change."""

    status = 2


class MissingLibraryError(TrainError):
    """A library that is not installed; the text says how to install it."""

    status = 2


def first_line(error: BaseException) -> str:
    """What a library's error says, in its first line; the error's kind where it says nothing."""
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__
