"""What a site's sitemaps tell in a few requests: where they are, how many articles they name, some of them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from aurora_crawl.addresses import refusal
from aurora_crawl.inspection.answers import Asking, Got
from aurora_crawl.inspection.counts import Estimate, total
from aurora_crawl.routes.route import Scope
from aurora_crawl.routes.sitemap import WELL_KNOWN
from aurora_crawl.routes.sitemap_files import Entry, NotASitemap, read_sitemap, sitemaps_in_robots, sitemaps_of_articles

_USUAL_SIZES = ((re.compile(rb"rank-?math", re.IGNORECASE), 200), (re.compile(rb"yoast", re.IGNORECASE), 1000))
"""Addresses in a file, by the plugin that signs the index; WordPress' own holds 2,000."""
_WORDPRESS_SIZE = 2000
_PLUGIN_SIZE = 1000
_BY_DAY = re.compile(r"(?:19|20)\d\d[-_/]?(?:0[1-9]|1[0-2])?")


@dataclass(slots=True)
class Sitemaps:
    """What was seen. `path`: of the one that was read, empty where robots.txt or the usual places lead to it."""

    count: Estimate | None = None
    entries: list[Entry] = field(default_factory=list)
    files: int = 0
    read: int = 0
    path: str = ""
    url: str = ""
    failure: str = ""


async def look_at_sitemaps(
    asking: Asking, scope: Scope, robots: Got | None, most: int, places: tuple[str, ...] = WELL_KNOWN
) -> Sitemaps:
    """Read the first sitemap that is there, and of an index its first and last file of articles; at most `most` requests."""
    found = Sitemaps()
    named = [
        url
        for url in (sitemaps_in_robots(robots.body, robots.url) if robots and robots.is_there else ())
        if refusal(url, scope.site_url) is None
    ]
    before, reasons = asking.spent, []
    for url in dict.fromkeys((*_ranked(named, scope), *(scope.site_url + path for path in places if not named))):
        if asking.spent - before >= most or not asking.left:
            break
        answer = await asking.get(url)
        entries = _entries(answer)
        if isinstance(entries, str):
            reasons.append(f"{url}: {entries}")
            continue
        found.url = url
        children = [one for one in entries if one.is_sitemap]
        if not children:
            found.files = found.read = 1
            found.entries = _articles(entries, scope)
            found.count = Estimate.exact(len(found.entries))
            if found.entries:
                return found
            continue
        wanted = [
            one for one in sitemaps_of_articles(children, scope.post_types) if refusal(one.url, scope.site_url) is None
        ]
        if wanted:
            await _count(asking, scope, found, wanted, answer, most - (asking.spent - before))
            return found
        reasons.append(f"{url}: an index without sitemaps of articles")
    found.failure = "; ".join(reasons) or "none at the usual places"
    return found


def _ranked(named: list[str], scope: Scope) -> list[str]:
    """The sitemaps that robots.txt names, those of news and pictures last: they hold the newest alone, or none."""
    fit = {one.url for one in sitemaps_of_articles([Entry(url, True) for url in named], scope.post_types)}
    return sorted(named, key=lambda url: (url not in fit, "news" in url.lower()))[:4]


async def _count(asking: Asking, scope: Scope, found: Sitemaps, wanted: list[Entry], index: Got, most: int) -> None:
    """How many articles the files of an index hold, by the first and the last of them, or by what is usual."""
    found.files = len(wanted)
    # Of files whose size is known the last one tells how many there are; of others the first one comes nearer.
    ends = (len(wanted) - 1, 0) if _known_size(index) else (0, len(wanted) - 1)
    order = list(dict.fromkeys(ends))
    sizes: dict[int, int] = {}
    for number in order[:most]:
        if not asking.left:
            break
        entries = _entries(await asking.get(wanted[number].url))
        if not isinstance(entries, str):
            articles = _articles([one for one in entries if not one.is_sitemap], scope)
            sizes[number] = len(articles)
            found.entries += articles
            found.read += 1
    unread = [number for number in range(len(wanted)) if number not in sizes]
    parts = [Estimate.exact(sum(sizes.values()))]
    if unread:
        parts += _guessed(wanted, unread, sizes, index)
    found.count = total(parts) if unread else parts[0]


def _guessed(wanted: list[Entry], unread: list[int], sizes: dict[int, int], index: Got) -> list[Estimate]:
    """How many addresses stand in files that were not read."""
    if any(_BY_DAY.search(wanted[number].url.rpartition("/")[2]) for number in unread):
        # A file for each year or month: as many as those that were read, more or less.
        mean = sum(sizes.values()) / len(sizes) if sizes else _PLUGIN_SIZE / 5
        return [Estimate(mean, mean / 3, mean * 3) for _ in unread]
    last, known = len(wanted) - 1, _known_size(index)
    # All but the last are full.
    full = known or max(sizes.get(0, 0), *sizes.values()) if sizes else known or _PLUGIN_SIZE
    is_measured = 0 in sizes or bool(known)
    middle = Estimate(full, full * 0.97, full) if is_measured else Estimate(full, full * 0.7, full * 1.5)
    found = [middle for number in unread if number != last]
    if last in unread:
        found.append(Estimate(full / 2, full * 0.05, full * 0.95))
    return found


def _known_size(index: Got) -> int | None:
    """How many addresses a full file has by the index's make; None for makes that are not known."""
    if index.url.rpartition("/")[2].startswith("wp-sitemap"):
        return _WORDPRESS_SIZE
    signature = index.body[:2000] + index.body[-2000:]
    return next((size for mark, size in _USUAL_SIZES if mark.search(signature)), None)


def _articles(entries: list[Entry], scope: Scope) -> list[Entry]:
    return [one for one in entries if scope.has_article(one.url)]


def _entries(answer: Got) -> list[Entry] | str:
    """The entries of a sitemap, or why there are none."""
    if not answer.is_there:
        return answer.why_not
    try:
        return read_sitemap(answer.body, answer.url).entries
    except NotASitemap as error:
        return str(error)
