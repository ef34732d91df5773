"""How much an outlet holds, asked in at most three requests: robots.txt, the interface, a sitemap."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import ceil
from urllib.parse import urlsplit

from aurora_crawl.addresses import same_site
from aurora_crawl.budget import OverBudget
from aurora_crawl.corpus.token_budget import TOKENS_A_WORD
from aurora_crawl.inspection.answers import Asking, Got
from aurora_crawl.inspection.counts import Estimate, mean_of
from aurora_crawl.inspection.opt_outs import said_with
from aurora_crawl.inspection.rest_interface import look_at_rest
from aurora_crawl.inspection.sitemaps import look_at_sitemaps
from aurora_crawl.routes.route import Scope

WORDS_AN_ARTICLE = Estimate(600, 350, 950)
"""Where no text was seen: news sites' means lie between these, most near 600."""
_POSTS = 10
"""What WordPress grants by default; a list of ten whole posts is some 60 KB."""
_A_REQUEST = 100
_WORDPRESS = re.compile(r"/wp-(?:admin|content|includes|sitemap)|sitemap_index\.xml|post-sitemap", re.IGNORECASE)


@dataclass(slots=True)
class Counted:
    """What a census found of an outlet. `articles` and `tokens` are None where nobody told; `why` says why.

    `route`: the one that a crawl would take, `rest` or `sitemap`. `asked`: requests of this look; `requests`: those that fetching
    everything takes. `is_sure`: the interface is open, told its total, and sent texts.
    """

    host: str
    name: str = ""
    state: str = ""
    site_url: str = ""
    route: str = ""
    articles: Estimate | None = None
    tokens: Estimate | None = None
    requests: int = 0
    delay: float = 1.0
    opt_out: list[str] = field(default_factory=list)
    is_sure: bool = False
    asked: int = 0
    why: str = ""


async def count_outlet(asking: Asking, url: str, found: Counted) -> None:
    """Fill in what can be known of the outlet at `url`."""
    try:
        await _count(asking, url, found)
    except OverBudget as error:
        found.asked, found.why = asking.spent, f"an answer {error}"


async def _count(asking: Asking, url: str, found: Counted) -> None:
    robots = await asking.get(f"{url}/robots.txt")
    found.asked = asking.spent
    if robots.failure:
        found.why = robots.failure
        return
    found.site_url = site_url = _moved(url, robots.url)
    found.opt_out = asking.says(f"{site_url}/")
    scope = Scope("site", site_url)
    rules = robots.text or robots.body.decode("utf-8", "replace")
    is_other = "sitemap:" in rules.lower() and not _WORDPRESS.search(rules)
    reasons: list[str] = []
    if not is_other:
        await _by_interface(asking, found, reasons)
    if found.articles is None and asking.left:
        await _by_sitemap(asking, found, scope, robots, reasons, is_wordpress=bool(_WORDPRESS.search(rules)))
    if found.articles is None and is_other and asking.left:
        await _by_interface(asking, found, reasons)
    found.asked = asking.spent
    if found.articles is None:
        found.why = "; ".join(reasons)


async def _by_interface(asking: Asking, found: Counted, reasons: list[str]) -> None:
    rest = await look_at_rest(asking, found.site_url, _POSTS, may_be_plain=False, envelope=True)
    answer = asking.known(rest.url) if rest.url else None
    if answer is not None:
        found.opt_out = list(dict.fromkeys([*found.opt_out, *said_with(asking, answer)]))
    if not rest.is_open:
        reasons.append(f"interface: {rest.failure}")
        return
    words = mean_of([float(len(article.text.split())) for article in rest.articles()])
    found.route = "rest"
    if rest.total is None:
        reasons.append("interface: open, tells no total")
        return
    found.articles = Estimate.exact(rest.total)
    found.tokens = _tokens(found.articles, words)
    found.requests = ceil(rest.total / _A_REQUEST)
    found.is_sure = words is not None and rest.total > 0


async def _by_sitemap(
    asking: Asking, found: Counted, scope: Scope, robots: Got, reasons: list[str], *, is_wordpress: bool
) -> None:
    places = (
        ("/wp-sitemap.xml",)
        if found.route == "rest"
        else ("/sitemap_index.xml",)
        if is_wordpress
        else ("/sitemap.xml",)
    )
    maps = await look_at_sitemaps(asking, scope, robots, asking.left, places)
    if maps.count is None:
        reasons.append(f"sitemap: {maps.failure}")
        return
    found.articles = maps.count
    found.tokens = _tokens(maps.count, None)
    if found.route == "rest":
        found.requests = ceil(maps.count.value / _A_REQUEST)
    else:
        found.route, found.requests = "sitemap", ceil(maps.count.value) + maps.files


def _tokens(articles: Estimate, words: Estimate | None) -> Estimate:
    return articles.times(words or WORDS_AN_ARTICLE).scaled(TOKENS_A_WORD)


def _moved(url: str, robots_url: str) -> str:
    """Where the outlet's server is, when robots.txt came from another form of its address."""
    if not same_site(robots_url, url):
        return url
    parts = urlsplit(robots_url)
    return f"{parts.scheme}://{parts.netloc}{urlsplit(url).path.rstrip('/')}"
