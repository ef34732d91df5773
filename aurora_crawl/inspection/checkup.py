"""What broke on a site: its front page, its routes and its pages looked at as a crawl does, and compared with what is stored of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from aurora_crawl.budget import OverBudget
from aurora_crawl.crawling.arguments import CrawlArguments
from aurora_crawl.crawling.site_spider import SiteSpider, reading_of, scope_of
from aurora_crawl.extraction.rules import Rules
from aurora_crawl.inspection.answers import FORBIDDEN, UNREACHABLE, WALL, Asking, Got
from aurora_crawl.inspection.checked_pages import CheckedPage, check_page, findings_of_pages
from aurora_crawl.inspection.checked_routes import CheckedRoute, check_route, findings_of_routes
from aurora_crawl.inspection.findings import Finding
from aurora_crawl.inspection.front_page import read_front_page
from aurora_crawl.inspection.opt_outs import said_with
from aurora_crawl.inspection.stored import Stored
from aurora_crawl.messages import N_
from aurora_crawl.routes.route import Scope

MOST_REQUESTS = 25
"""What a checkup may cost a server."""
NEW_PAGES = 3
OLD_PAGES = 2
_UNKNOWN_NAME = re.compile(r"the name (\S+) does not resolve")


@dataclass(slots=True)
class Checkup:
    """A site looked at: what is wrong with it, and how many requests that took."""

    site: str
    findings: list[Finding] = field(default_factory=list)
    requests: int = 0

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong that a person must see to."""
        return not any(one.is_alarm for one in self.findings)


async def check_site(
    asking: Asking, site: type[SiteSpider], arguments: CrawlArguments, stored: Stored, checkup: Checkup
) -> None:
    """Look at a site, and write down what is wrong with it."""
    try:
        await _check(asking, site, arguments, stored, checkup)
    except OverBudget as error:
        said = N_("an answer of it {why}")
        checkup.findings.append(
            Finding(
                "slow answer",
                said,
                N_("see in a browser what it sends; else read it from an archive"),
                values={"why": error},
            )
        )
    checkup.requests = asking.spent


async def _check(
    asking: Asking, site: type[SiteSpider], arguments: CrawlArguments, stored: Stored, checkup: Checkup
) -> None:
    scope = scope_of(site, arguments)
    front = await asking.get(f"{scope.site_url}/")
    closed = _closed(front, scope)
    if closed is not None:
        checkup.findings.append(closed)
        return
    opt_outs = said_with(asking, front)
    facts = read_front_page(front, scope.site_url)
    routes: list[CheckedRoute] = []
    for name in site.declared:
        routes.append(await check_route(asking, name, scope, facts, front))
        # The first that works is the one that a crawl reads; what a site declares for itself must work too.
        if routes[-1].works and not _is_own(site, name):
            break
    checkup.findings += findings_of_routes(routes, site, stored)
    pages = await _pages(asking, routes, scope, site.rules, stored, arguments, site)
    for page in pages:
        opt_outs += said_with(asking, page.got)
    in_rest = next((route.articles for route in routes if route.name == "rest" and route.works), [])
    checkup.findings += findings_of_pages(pages, in_rest, reading_of(site, arguments), stored)
    if opt_outs:
        checkup.findings.append(
            Finding(
                "opted out",
                N_("its publisher does not want its texts in training data any more: {signals}"),
                N_("leave it; OPT_OUT=obey drops what comes, and `scrapy forget` takes out what is stored"),
                values={"signals": ", ".join(dict.fromkeys(opt_outs))},
            )
        )


def _closed(front: Got, scope: Scope) -> Finding | None:
    """Why nothing can be asked of the site, if that is so."""
    values = {"why": front.why_not, "url": scope.site_url}
    if front.is_there:
        return None
    if front.kind == FORBIDDEN:
        return Finding(
            "robots.txt", N_("robots.txt forbids the site ({why})"), N_("leave it; ask its publisher"), values=values
        )
    if front.kind == WALL:
        return Finding(
            "bot wall",
            N_("a bot wall stands in the place of its pages"),
            N_("try another day and slower; read it from an archive"),
            values=values,
        )
    if front.kind == UNREACHABLE and _leads_elsewhere(front.failure, scope.site_url):
        return Finding(
            "moved", N_("it moved to another address ({why})"), N_("change site_url, and keep the name"), values=values
        )
    if front.kind == UNREACHABLE:
        return Finding(
            "unreachable",
            N_("it does not answer ({why})"),
            N_("try another day; if it is gone, read it from an archive"),
            values=values,
        )
    if front.status in (401, 402, 403, 407):
        return Finding(
            "locked",
            N_("its front page is locked ({why})"),
            N_("try another day and slower; else read it from an archive"),
            values=values,
        )
    return Finding(
        "front page",
        N_("its front page is not there ({why})"),
        N_("see in a browser whether it moved: change site_url"),
        values=values,
    )


def _leads_elsewhere(failure: str, site_url: str) -> bool:
    """Whether what failed is the address of another server, to which the front page leads."""
    host = urlsplit(site_url).hostname or ""
    said = failure.removeprefix(f"{site_url}/: ")
    if "leads to another site" in said or "leads into a private network" in said:
        return True
    named = _UNKNOWN_NAME.search(said)
    return named is not None and named[1].partition(":")[0].removeprefix("www.") != host.removeprefix("www.")


def _is_own(site: type[SiteSpider], name: str) -> bool:
    """Whether the site's own class, rather than its platform, declares settings for a route."""
    return any(
        one in site.__dict__
        for one in ("routes", *(value.attribute for value in site.declared[name] if value.attribute))
    )


async def _pages(
    asking: Asking,
    routes: Sequence[CheckedRoute],
    scope: Scope,
    rules: Rules | None,
    stored: Stored,
    arguments: CrawlArguments,
    site: type[SiteSpider],
) -> list[CheckedPage]:
    """The newest pages that the routes lead to, and some that are stored; none of a site whose route brings whole articles."""
    first = next((route for route in routes if route.works), None)
    if first is not None and first.articles:
        return []
    reading = reading_of(site, arguments)
    found = list(dict.fromkeys(url for route in routes for url in route.addresses[:NEW_PAGES]))[:NEW_PAGES]
    known = {reading.canonical(article.url): article for article in stored.articles}
    old = [article.url for article in stored.articles[::-1] if scope.has_article(article.url)][:OLD_PAGES]
    pages = []
    for url in dict.fromkeys([*found, *old]):
        if asking.left:
            got = await asking.get(url)
            pages.append(check_page(got, url, rules, known.get(reading.canonical(url))))
    return pages
