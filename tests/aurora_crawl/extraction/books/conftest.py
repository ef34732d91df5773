"""Made-up files: the builders of the benchmark's traps."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def made() -> ModuleType:
    """`benchmarks/book_traps.py`: builds EPUB and PDF files by hand."""
    path = Path(__file__).resolve().parents[4] / "benchmarks" / "book_traps.py"
    spec = importlib.util.spec_from_file_location("book_traps", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
