"""The page of all sites, made from what their spiders' docstrings tell."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable

from aurora_crawl.crawling.declaration import DOC_FIELDS
from aurora_crawl.crawling.site_spider import SiteSpider

_HEAD = """# Sites

Made by `scrapy sitedocs` from the docstrings of the spiders in `aurora_crawl/spiders/`; change those, then run it again.
"Verificado" says what was really seen of a site, and how; what it does not name was not seen.
"""


def doc_fields(site: type[SiteSpider]) -> dict[str, str]:
    """What a site's docstring tells, by field, in its order."""
    lines = (inspect.getdoc(site) or "").splitlines()
    return {found[1]: found[2].strip() for line in lines if (found := re.match(r"([A-ZÀ-Ú][\wçãéí]+): (.+)", line))}


def site_table(sites: Iterable[type[SiteSpider]]) -> str:
    """The page, in Markdown: an overview, then each site with all that is known of it."""
    known = sorted(sites, key=lambda site: site.name)
    rows = ["| `scrapy crawl` | platform | routes, in their order | licence |", "|---|---|---|---|"]
    parts = []
    for site in known:
        platform = site.__bases__[0].__name__.removesuffix("Spider")
        rows.append(
            f"| [{site.name}](#{site.name}) | {platform} | {', '.join(site.route_names())} | {site.license or 'unknown'} |"
        )
        told = [f"- **{name}:** {value}" for name, value in doc_fields(site).items()]
        parts.append("\n".join([f"## {site.name}", "", *told]))
    assert set(DOC_FIELDS) <= set.intersection(*(set(doc_fields(site)) for site in known))
    return "\n".join([_HEAD, f"{len(known)} sites.", "", *rows, "", "\n\n".join(parts), ""])
