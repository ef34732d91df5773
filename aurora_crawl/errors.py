"""What a person must hear of, in one line: the tree of this package's errors, each with the exit status of a command that it ends.

    AuroraError                     1  the command could not do what it was asked for
    ├── WrongCommand                2  the command cannot be followed as it was given
    │   ├── ArchiveError            2  a WARC file that was named, and has nothing that was asked for
    │   ├── ArgumentError           2  an argument of a crawl
    │   ├── OutletsError            2  a list of outlets
    │   ├── SettingError            2  a setting
    │   └── UnknownSite             2  a name that no spider has
    ├── BrokenSpider                1  a file of spiders that cannot be imported
    ├── DeclarationError            1  a site's class lacks something or contradicts itself
    ├── BlockFileError              1  a site's file of learned blocks
    ├── StorageError                1  what is stored, or the disk
    │   ├── LedgerError             1
    │   ├── NotStored               1  an address that belongs to no site
    │   ├── ShardError              1
    │   │   └── NewerManifestError  1
    │   ├── RecordError             1  a line that is no article
    │   │   └── NewerSchemaError    1
    │   ├── StoreError              1
    │   └── TotalsError             1  a file of what sites announce
    ├── RouteFailed                 1  a way to a site's articles; the next one is tried
    │   ├── AnswerRefused           1
    │   ├── FetchFailed             1
    │   │   └── FetchStopped        1  a person stopped the crawl
    │   ├── NoSuchType              1
    │   └── NotASitemap             1
    ├── BookError                   1  a file that cannot be read as a book
    │   └── PictureBookError        1
    ├── Incomplete                  1  a document of which a part could not be had; asked for again
    ├── NotWanted                   1  a document that is not to be stored, such as a work under rights
    ├── CorpusError                 1  a corpus that cannot be made
    │   ├── HubError                1
    │   ├── ManifestError           1
    │   ├── PlaceError              1
    │   └── TokenizerError          1
    ├── HarvestError                1  a bulk archive that cannot be had, or the disk
    │   ├── DiskFull                1
    │   └── NotThere                1
    ├── ExecutorError               1  worker processes, or a cluster
    ├── BrokenStoryError            1  a page of the demo's newspaper
    └── StepFailed                  1  a program of the demo

A class stands in the module that raises it; here are those that have kinds of their own. Not in
the tree: what Scrapy expects of its own kind (`Refused`, `ArticleDropped`), and conditions that the next caller deals with.
"""

from __future__ import annotations

from typing import ClassVar

from aurora_crawl.messages import Message

FAILED = 1
WRONG_COMMAND = 2
INTERRUPTED = 130
"""The exit status of a process that Ctrl-C ended, by the shell's convention."""


class AuroraError(Exception):
    """One line: what is wrong with which file, key or address, and what to do; in English, with the names of its `values`.

    `str` is English, for logs and tests; `told` is in the language of the person who reads it.
    """

    exit_status: ClassVar[int] = FAILED

    def __init__(self, text: str, /, **values: object) -> None:
        super().__init__(text)
        self.message = text if isinstance(text, Message) else Message(text, **values)

    def __str__(self) -> str:
        return str(self.message)

    def told(self) -> str:
        """The line in the reader's language."""
        return self.message.told()


class WrongCommand(AuroraError):  # noqa: N818 - it names what is wrong
    """A command that cannot be followed as it was given; nothing was changed."""

    exit_status = WRONG_COMMAND


class SettingError(WrongCommand):
    """A setting that cannot be used; the message names it, its value, and what it takes."""


class StorageError(AuroraError):
    """Something that is stored cannot be read or written."""
