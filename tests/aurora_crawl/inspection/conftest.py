"""Looks at invented outlets over real HTTP, with all of the project's manners, in the tests' own process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from aurora_crawl.demo.outlets.outlet import Outlet
from aurora_crawl.demo.server import serve
from aurora_crawl.inspection.answers import Asking
from aurora_crawl.inspection.look import look_at
from aurora_crawl.inspection.proposal import Proposal
from aurora_crawl.inspection.propose import propose
from aurora_crawl.inspection.site_look import SiteLook


@dataclass
class Looked:
    """A proposal, and how many requests reached the server."""

    found: Proposal
    requests: int


@pytest.fixture
def look(crawl: Callable[..., Any]) -> Callable[[Outlet], Looked]:
    """Looks at an outlet as `scrapy newsite` does."""

    def looked(outlet: Outlet) -> Looked:
        found: list[Proposal] = []
        with serve(outlet.site) as address:

            async def work(asking: Asking) -> None:
                found.append(propose(await look_at(asking, address), outlet.name))

            crawl(SiteLook, url=address, work=work)
        return Looked(found[0], len(outlet.site.requests))

    return looked


Ask = Callable[[Asking, str], Awaitable[None]]
