"""What the theme does not say of a page: its language, and the name of its search, for who hears pages instead of seeing them."""

from __future__ import annotations

from typing import Any

PORTUGUESE, ENGLISH = "pt-BR", "en"
SEARCH = '<div class="md-search" data-md-component="search" role="dialog">'
_NAMES = {ENGLISH: "Search", PORTUGUESE: "Busca"}


def on_page_context(context: Any, /, *, page: Any, config: Any, nav: Any) -> Any:
    """MkDocs calls it before a page is put into the theme, which then speaks the page's language."""
    config.theme["language"] = PORTUGUESE if page.file.src_uri.endswith(f".{PORTUGUESE}.md") else ENGLISH
    return context


def on_post_page(output: str, /, *, page: Any, config: Any) -> str:
    """MkDocs calls it with each page as it is written."""
    return _named(output, config.theme["language"])


def on_post_template(output: str, /, *, template_name: str, config: Any) -> str:
    """MkDocs calls it with what is no page; of that 404.html is shown."""
    return _named(output, ENGLISH)


def _named(output: str, language: str) -> str:
    return output.replace(SEARCH, f'{SEARCH[:-1]} aria-label="{_NAMES[language]}">', 1)
