"""What WordPress' REST interface tells in a request or two: whether it is open, how many posts there are, some of them whole."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

from aurora_crawl.budget import bounded
from aurora_crawl.extraction.rest_answer import NotRows, Row, error_code, read_rows
from aurora_crawl.extraction.wordpress_post import is_protected, read_post
from aurora_crawl.inspection.answers import FORBIDDEN, Asking, Got
from aurora_crawl.items import Article

FIELDS = "id,link,date,title,content"
_NOT_ARTICLES = frozenset(
    "pages media attachment blocks wp_block menu-items nav_menu_item templates wp_template template-parts wp_template_part navigation"
    " wp_navigation global-styles font-families font-faces wp_font_family products product elementor_library e-landing-page"
    " revisions popup banners".split()
)
_ARTICLES = re.compile(
    r"not[ií]cia|mat[eé]ria|artigo|reportage|entrevista|coluna|opini|news|story|stories|article|blog|dossi|edi[cç]|impress|cr[oô]nica|ensaio",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d{1,9}")


@dataclass(slots=True)
class RestInterface:
    """The interface of a site. `total` is null where it tells none; `failure` says why it is not to be had.

    `is_plain`: it answers at `?rest_route=` only. `rows`: some posts, the newest. `cap`: the most posts a request that it grants,
    where that is fewer than were asked for. `types`: further kinds of content that look like articles, with their numbers.
    """

    site_url: str
    is_open: bool = False
    is_plain: bool = False
    total: int | None = None
    rows: list[Row] = field(default_factory=list)
    cap: int | None = None
    types: dict[str, int | None] = field(default_factory=dict)
    failure: str = ""
    is_locked: bool = False
    url: str = ""

    @bounded
    def articles(self) -> list[Article]:
        """The posts with their texts, those that a password keeps and empty ones left out. Raises OverBudget."""
        read = [
            read_post(row, site="site", site_url=self.site_url, license=None)
            for row in self.rows
            if not is_protected(row)
        ]
        return [article for article in read if article.text]


async def look_at_rest(
    asking: Asking, site_url: str, posts: int, *, may_be_plain: bool, envelope: bool = False
) -> RestInterface:
    """Ask for the newest posts; a second time, in another form, where the first fails or tells no total.

    With `envelope` the first request already asks for the headers in the body: what caches and plugins strip from the head
    still stands there.
    """
    found = RestInterface(site_url)
    answer = await _posts(asking, found, "posts", posts, envelope=envelope)
    if not found.is_open and found.cap and asking.left:
        answer = await _posts(asking, found, "posts", 1, envelope=envelope)
    if not found.is_open and may_be_plain and not found.is_locked and answer.kind != FORBIDDEN and asking.left:
        found.is_plain = True
        await _posts(asking, found, "posts", posts, envelope=envelope)
        found.is_plain = found.is_open
    if found.is_open and found.total is None and not envelope and asking.left:
        await _posts(asking, found, "posts", posts, envelope=True)
    return found


async def look_at_types(asking: Asking, found: RestInterface, most: int) -> None:
    """Ask which other kinds of content there are, and of `most` that look like articles, how many."""
    answer = await asking.get(_address(found, "types", {}))
    try:
        listed = json.loads(answer.text or answer.body or b"null") if answer.is_there else None
    except (ValueError, RecursionError):
        return
    kinds = [
        base
        for one in (listed.values() if isinstance(listed, dict) else ())
        if isinstance(one, dict)
        and isinstance(base := one.get("rest_base"), str)
        and re.fullmatch(r"[\w-]{1,60}", base)
        if base != "posts" and base not in _NOT_ARTICLES and _ARTICLES.search(f"{base} {one.get('name', '')}")
    ]
    for kind in kinds[:most]:
        if not asking.left:
            return
        other = RestInterface(found.site_url, is_plain=found.is_plain)
        await _posts(asking, other, kind, 1, envelope=False)
        if other.is_open and other.rows and other.total != 0:
            found.types[kind] = other.total


def _address(found: RestInterface, path: str, query: Row) -> str:
    if found.is_plain:
        return f"{found.site_url}/?{urlencode({'rest_route': f'/wp/v2/{path}'} | query, safe=',:/')}"
    return f"{found.site_url}/wp-json/wp/v2/{path}{'?' if query else ''}{urlencode(query, safe=',:')}"


async def _posts(asking: Asking, found: RestInterface, kind: str, posts: int, *, envelope: bool) -> Got:
    """Ask, and write what came into `found`."""
    query: Row = {"per_page": posts, "_fields": FIELDS} | ({"_envelope": 1} if envelope else {})
    answer = await asking.get(_address(found, kind, query))
    status = _refused_in_envelope(answer.body) if envelope and answer.is_there else answer.status
    if status != 200:
        code = error_code(answer.body)
        # One that was open stays open, whatever it says to the second question.
        if not found.is_open:
            found.cap = posts if status == 400 and posts > 1 else None
            found.is_locked = status in (401, 403) or answer.kind == FORBIDDEN
            found.failure = f"{answer.failure or f'HTTP {status}'}{f', {code}' if code else ''}"
        return answer
    try:
        read = read_rows(answer.body)
    except NotRows as error:
        found.failure = found.failure or f"it answers with something else than posts: {error}"
        return answer
    rows = [row for row in read.rows if isinstance(row.get("link"), str)]
    if read.size and not rows:
        found.failure = "it answers with a list of something else than posts"
        return answer
    found.is_open, found.failure, found.url = True, "", answer.url
    found.rows = found.rows or rows
    total = _total(answer.headers.get("x-wp-total", ""))
    if total is None:
        total = _in_envelope(answer.body)
    # Some count the page alone: as many as were asked for, and not one more, is what they would say.
    if total is not None and not (total == len(rows) == posts and posts > 1):
        found.total = total
    return answer


def _total(value: str) -> int | None:
    return int(value) if _DIGITS.fullmatch(value.strip()) else None


def _refused_in_envelope(body: bytes) -> int:
    """The status that an answer has within its envelope, which itself always comes with 200."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return 200
    status = answer.get("status") if isinstance(answer, dict) and isinstance(answer.get("body"), dict) else None
    return status if isinstance(status, int) and "code" in answer["body"] else 200


def _in_envelope(body: bytes) -> int | None:
    """The number of posts among the headers in an answer's body."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    headers = answer.get("headers") if isinstance(answer, dict) else None
    for name, value in headers.items() if isinstance(headers, dict) else ():
        if name.lower() == "x-wp-total":
            return _total(str(value[0] if isinstance(value, list) and value else value))
    return None
