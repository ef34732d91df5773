"""What a command loads before it does anything: nothing that only a crawl, a corpus or a training needs."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {
    "torch",
    "transformers",
    "dask",
    "distributed",
    "pandas",
    "pyarrow",
    "datasets",
    "numpy",
    "scipy",
    "trafilatura",
    "tqdm",
    "jsonlines",
}
LATER = {
    "aurora_crawl.extraction.article",
    "aurora_crawl.text.clean",
    "aurora_crawl.text.boilerplate.phrases",
    "aurora_crawl.storage.store",
    "aurora_crawl.corpus.build",
    "aurora_crawl.crawling.site_crawl",
    "aurora_crawl.extraction.blocks",
}
LISTS = """
import sys
sys.argv = ["scrapy", "list"]
from scrapy.cmdline import execute
try:
    execute()
except SystemExit:
    print("loaded", *sys.modules)
"""


def loaded(program: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=900)
    return set(done.stdout.splitlines()[-1].split())


def test_scrapy_list_loads_neither_heavy_libraries_nor_what_a_crawl_does() -> None:
    modules = loaded(LISTS)
    assert "aurora_crawl.spiders.mst" in modules
    assert modules & (HEAVY | LATER) == set()
    assert not [name for name in modules if name.startswith("aurora_crawl.actions")]


def test_importing_the_package_loads_no_heavy_library() -> None:
    assert loaded("import sys, aurora_crawl, aurora_crawl.extraction; print(*sys.modules)") & HEAVY == set()
