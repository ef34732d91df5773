"""The README's commands and the examples of every --help, run as they stand: on the invented newspaper, in place of a real one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from urllib.request import urlopen

import pytest

from aurora_crawl import commands
from aurora_crawl.demo.server import serve
from aurora_crawl.demo.wordpress_site import Site

ROOT = Path(__file__).resolve().parents[2]
SITE = "ofaroldovale"
LOOKS_ROUND = ("crawl", "crawlall", "discover", "extract")
"""Commands that ask the site, and must be told where it is."""
OF_OTHER_SERVERS = ("newsite", "census", "checkup", "harvest")
"""They ask sites that nobody has declared, or archives; their own tests run them, each with a server of its kind."""
OF_A_CHECKOUT = ("fixtures", "sitedocs", "genspider")
"""They write into the project; the tests of `scrapy genspider` and the guide's run them."""


def readme() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    lines = [re.sub(r"\s+#.*", "", line).strip() for line in blocks.splitlines()]
    return [line for line in lines if line.startswith("scrapy ")]


def examples() -> list[str]:
    modules = [import_module(f"{commands.__name__}.{one.name}") for one in iter_modules(commands.__path__)]
    return [module.Command.example for module in modules if hasattr(module, "Command")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder where the newspaper has been crawled, with its archive and one of its pages at hand, and its address."""
    place = tmp_path_factory.mktemp("person")
    site = Site.generated(30)
    with serve(site) as address:
        first = run(place, address, f"scrapy crawl {SITE} -s ARCHIVE=1 -a via=sitemap")
        assert first.returncode == 0, first.stderr
        with urlopen(site.link(site.posts()[0]), timeout=30) as page:  # noqa: S310
            (place / "page.html").write_bytes(page.read())
        (place / "books").mkdir()
        (place / "books" / "conto.txt").write_text("O rio passa devagar diante da casa, e ninguém o vê. " * 40, "utf-8")
        yield place, address


def run(place: Path, address: str, line: str) -> subprocess.CompletedProcess[str]:
    """A command line as a person's shell runs it."""
    word = line.split()[1]
    where = f" -a site_url={address}" if word in LOOKS_ROUND and "livros" not in line else ""
    settings = {
        "SPIDER_MODULES": "aurora_crawl.spiders,aurora_crawl.demo.spiders",
        "DOWNLOAD_DELAY": 0,
        "AUTOTHROTTLE_ENABLED": 0,
    }
    given = "".join(f" -s {name}={value}" for name, value in settings.items())
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "SCRAPY_SETTINGS_MODULE": "aurora_crawl.settings",
    }
    return subprocess.run(
        ["bash", "-c", f"{line}{where}{given}"],
        cwd=place,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
        timeout=900,
    )


@pytest.mark.parametrize("line", dict.fromkeys([*readme(), *examples()]))
def test_it_runs(line: str, folder: tuple[Path, str]) -> None:
    place, address = folder
    word = line.split()[1]
    if word in OF_A_CHECKOUT:
        pytest.skip("writes into the project; another test runs it")
    if word in OF_OTHER_SERVERS:
        pytest.skip("asks other servers than the newspaper's; another test runs it")
    line = re.sub(r"\b(?:outraspalavras|mst)\b", SITE, line)
    if word == "forget":
        listed = run(place, address, f"scrapy articles {SITE} --csv all.csv --limit 1")
        assert listed.returncode == 0
        url = re.search(r"https?://[^,\s]+", (place / "all.csv").read_text(encoding="utf-8"))
        assert url is not None
        line = f"scrapy forget {url[0]}"
    done = run(place, address, line)
    # A window without articles, and a reason that nothing has, are answers too.
    answers = 1 if re.search(r"since=|again=", line) else 0
    assert done.returncode in (0, answers), f"{line}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
