"""The documentation's site speaks the language of each page, and names what the theme leaves without a name."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import material
import pytest

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class File:
    src_uri: str


@dataclass
class Page:
    file: File


@dataclass
class Config:
    theme: dict[str, str] = field(default_factory=lambda: {"language": "en"})


@pytest.fixture(scope="module")
def language() -> ModuleType:
    spec = importlib.util.spec_from_file_location("language", ROOT / "docs" / "site" / "language.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_page_is_in_its_own_language_and_its_search_has_a_name(language: ModuleType) -> None:
    config = Config()
    for name, spoken, said in (("a.pt-BR.md", "pt-BR", "Busca"), ("a.md", "en", "Search")):
        page = Page(File(name))
        language.on_page_context({}, page=page, config=config, nav=None)
        assert config.theme["language"] == spoken
        assert f'aria-label="{said}"' in language.on_post_page(f"<p>{language.SEARCH}", page=page, config=config)


def test_the_theme_has_what_is_named(language: ModuleType) -> None:
    templates = Path(str(material.__file__)).parent / "templates"
    assert language.SEARCH in (templates / "partials" / "search.html").read_text(encoding="utf-8")
    assert (templates / "partials" / "languages" / "pt-BR.html").is_file()
