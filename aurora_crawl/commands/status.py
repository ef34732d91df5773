"""`scrapy status`: a line a site."""

from __future__ import annotations

from aurora_crawl.command import AuroraCommand
from aurora_crawl.messages import N_


class Command(AuroraCommand):
    """Says of every site what is stored, and how its last crawl went."""

    usage = "[options] [SITE …]"
    example = "scrapy status outraspalavras"
    short = N_("A line a site: stored, new, due, last crawl, health")
    long = N_(
        "Prints of every site, or of those that are named: articles that are stored, those that the last crawl stored, those"
        " that are found and not fetched yet, when the last crawl ended, and whether somebody should look."
        " Exit status: 0 when all is well, 1 when a site needs somebody, 2 for a wrong command."
    )
