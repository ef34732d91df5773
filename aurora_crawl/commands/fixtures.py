"""`scrapy fixtures [SITE …]`: write each site's invented page, and what reading it must give."""

from __future__ import annotations

from aurora_crawl.command import AuroraCommand
from aurora_crawl.messages import N_


class Command(AuroraCommand):
    """Makes the pages that the tests of the spiders read."""

    usage = "[options] [SITE …]"
    example = "scrapy fixtures"
    short = N_(
        "Write the invented page of each site, and what reading it must give, into tests/aurora_crawl/spiders/pages"
    )
