"""Commands called in this process, as `scrapy` calls them: for all that crawls nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from scrapy.cmdline import execute

SPIDERS = "aurora_crawl.spiders,aurora_crawl.demo.spiders"


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended; named as `subprocess` names it."""

    returncode: int
    stdout: str
    stderr: str


Command = Callable[..., Done]


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """`command(data_dir, "verify", "mst")`: runs `scrapy verify mst` with DATA_DIR, and the demo's spider among the sites."""
    monkeypatch.setenv("SCRAPY_SETTINGS_MODULE", "aurora_crawl.settings")

    def run(data_dir: Path, *words: str | Path, last: Sequence[str] = ()) -> Done:
        settings = {"DATA_DIR": data_dir, "SPIDER_MODULES": SPIDERS}
        given = [part for key, value in settings.items() for part in ("-s", f"{key}={value}")]
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            execute(["scrapy", *map(str, words), *given, *last])
        said = capfd.readouterr()
        return Done(int(end.value.code or 0), said.out, said.err)

    before = logging.root.manager.disable
    yield run
    logging.disable(before)
