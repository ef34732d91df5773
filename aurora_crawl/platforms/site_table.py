"""The page of all sites, made from what their spiders' docstrings tell."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from aurora_crawl.crawling.declaration import DOC_FIELDS
from aurora_crawl.crawling.site_spider import SiteSpider


@dataclass(frozen=True, slots=True)
class _Words:
    """What stands around what the spiders tell, in one language."""

    head: str
    count: str
    columns: str
    unknown: str


_ENGLISH = _Words(
    """# Sites

*Em português: [sites.pt-BR.md](sites.pt-BR.md).*

Made by `scrapy sitedocs` from the docstrings of the spiders in `aurora_crawl/spiders/`; change those, then run it again.
"Verificado" says what was really seen of a site, and how; what it does not name was not seen.
""",
    "{count} sites.",
    "| `scrapy crawl` | platform | routes, in their order | licence |",
    "unknown",
)

_PORTUGUESE = _Words(
    """# Os sites

*In English: [sites.md](sites.md).*

Feita por `scrapy sitedocs` das docstrings dos spiders em `aurora_crawl/spiders/`; mude estas e rode o comando de novo.
"Verificado" diz o que de um site foi visto de fato, e como; o que não é dito ali não foi visto.
""",
    "{count} sites.",
    "| `scrapy crawl` | plataforma | rotas, na sua ordem | licença |",
    "desconhecida",
)

SITE_PAGES = {Path("docs/sites.md"): _ENGLISH, Path("docs/sites.pt-BR.md"): _PORTUGUESE}
"""The pages of all sites in a checkout, and the words of each."""


def doc_fields(site: type[SiteSpider]) -> dict[str, str]:
    """What a site's docstring tells, by field, in its order."""
    lines = (inspect.getdoc(site) or "").splitlines()
    return {found[1]: found[2].strip() for line in lines if (found := re.match(r"([A-ZÀ-Ú][\wçãéí]+): (.+)", line))}


def site_pages(sites: Iterable[type[SiteSpider]]) -> dict[Path, str]:
    """The pages of all sites, a language each, with their places in a checkout."""
    known = list(sites)
    return {page: _site_table(known, words) for page, words in SITE_PAGES.items()}


def _site_table(sites: Iterable[type[SiteSpider]], words: _Words) -> str:
    """The page, in Markdown: an overview, then each site with all that is known of it."""
    known = sorted(sites, key=lambda site: site.name)
    rows = [words.columns, "|---|---|---|---|"]
    parts = []
    for site in known:
        platform = site.__bases__[0].__name__.removesuffix("Spider")
        rows.append(
            f"| [{site.name}](#{site.name}) | {platform} | {', '.join(site.route_names())} | {site.license or words.unknown} |"
        )
        told = [f"- **{name}:** {value}" for name, value in doc_fields(site).items()]
        parts.append("\n".join([f"## {site.name}", "", *told]))
    assert set(DOC_FIELDS) <= set.intersection(*(set(doc_fields(site)) for site in known))
    return "\n".join([words.head, words.count.format(count=len(known)), "", *rows, "", "\n\n".join(parts), ""])
