"""The WordPress REST addresses of the invented newspaper: `/wp-json/` and what lies under it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode

from aurora_crawl.demo.newspaper import LOCAL_TIME
from aurora_crawl.demo.wordpress_site import Answer, Order, Post, Site, Taxonomy
from aurora_crawl.demo.wp_records import Json, chosen, embedded, post_record, term_record

ROOT = "/wp-json"
DEFAULT_PER_PAGE = 10
_ORDERS = ("author", "date", "id", "include", "modified", "parent", "relevance", "slug", "include_slugs", "title")
_SORTABLE: tuple[Order, ...] = ("id", "date", "modified", "title", "slug", "author")
_TAXONOMIES: dict[str, Taxonomy] = {"users": "user", "categories": "category", "tags": "post_tag"}
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d(:?\d\d)?)?")


@dataclass(slots=True)
class InvalidParameters(Exception):  # noqa: N818 - the name that WordPress gives it
    """Parameters that WordPress refuses: for each, the message, and the code in the details."""

    problems: dict[str, tuple[str, str]]


@dataclass(slots=True)
class Query:
    """The parameters of a request, read as WordPress reads them; every reading notes what it refuses."""

    values: dict[str, list[str]]
    problems: dict[str, tuple[str, str]]

    @classmethod
    def of(cls, query: str) -> Query:
        """Read `a=1&b[]=2&b[]=3`; lists may also be written `b=2,3`."""
        values: dict[str, list[str]] = {}
        for key, value in parse_qsl(query, keep_blank_values=True):
            values.setdefault(re.sub(r"\[\d*\]$", "", key), []).append(value)
        return cls(values, {})

    def text(self, name: str, default: str) -> str:
        """The last value of a parameter."""
        return self.values.get(name, [default])[-1]

    def words(self, name: str) -> list[str]:
        """A list, one value after the other or separated by commas."""
        return [word.strip() for value in self.values.get(name, []) for word in value.split(",") if word.strip()]

    def number(self, name: str, default: int, least: int, most: int | None = None) -> int:
        """A whole number within bounds."""
        value = self.text(name, str(default))
        if not re.fullmatch(r"[+-]?\d+", value):
            self.problems[name] = (f"{name} is not of type integer.", "rest_invalid_type")
            return default
        if most is not None and not least <= int(value) <= most:
            self.problems[name] = (
                f"{name} must be between {least} (inclusive) and {most} (inclusive)",
                "rest_out_of_bounds",
            )
        elif int(value) < least:
            self.problems[name] = (f"{name} must be greater than or equal to {least}", "rest_out_of_bounds")
        return int(value)

    def numbers(self, name: str) -> list[int]:
        """A list of whole numbers."""
        words = self.words(name)
        for position, word in enumerate(words):
            if not re.fullmatch(r"\d+", word):
                self.problems[name] = (f"{name}[{position}] is not of type integer.", "rest_invalid_type")
                return []
        return [int(word) for word in words]

    def one_of(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """One of several words."""
        value = self.text(name, default)
        if value not in allowed:
            listed = ", ".join(allowed[:-1]) + f", and {allowed[-1]}"
            self.problems[name] = (f"{name} is not one of {listed}.", "rest_not_in_enum")
        return value

    def moment(self, name: str) -> datetime | None:
        """A date with a time; without an offset it is meant on the site's own clock. A bare day is refused."""
        value = self.text(name, "")
        if not value:
            return None
        try:
            if not _DATE_TIME.fullmatch(value):
                raise ValueError(value)
            moment = datetime.fromisoformat(value.upper())
        except ValueError:
            self.problems[name] = ("Invalid date.", "rest_invalid_date")
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=LOCAL_TIME)

    def check(self) -> None:
        """Raise InvalidParameters if any reading refused a value."""
        if self.problems:
            raise InvalidParameters(self.problems)


def answer(site: Site, path: str, query: str) -> Answer:
    """What WordPress answers to a path at or under `/wp-json`."""
    if site.rest_locked:
        return _refusal(401, "rest_disabled", "REST is locked.")
    place = path.removeprefix(ROOT).strip("/")
    parameters = Query.of(query)
    try:
        if not place:
            return _json(_index(site))
        found = re.fullmatch(r"wp/v2/(posts|pages|users|categories|tags)(?:/(\d+))?", place)
        if not found:
            return _refusal(404, "rest_no_route", "No route was found matching the URL and request method.")
        kind, number = found.groups()
        if number:
            return _single(site, kind, int(number), parameters)
        if kind == "posts":
            return _posts(site, path, parameters)
        return _terms(site, path, kind, parameters)
    except InvalidParameters as error:
        return _invalid(error.problems)


def _posts(site: Site, path: str, query: Query) -> Answer:
    per_page = query.number("per_page", DEFAULT_PER_PAGE, 1, site.per_page_limit)
    page = query.number("page", 1, 1)
    offset = query.number("offset", (page - 1) * per_page, 0)
    order = query.one_of("orderby", _ORDERS, "date")
    descending = query.one_of("order", ("asc", "desc"), "desc") == "desc"
    keep = _filter(site, query)
    include = query.numbers("include")
    query.check()
    if site.heavy_above is not None and per_page > site.heavy_above:
        return _refusal(500, "internal_server_error", "<p>Há um erro crítico no seu site.</p>")
    by: Order = next((name for name in _SORTABLE if name == order), "id")
    posts = [post for post in site.posts(by, descending) if keep(post)]
    if order == "include":
        posts.sort(key=lambda post: include.index(post.id) if post.id in include else -1)
    pages = -(-len(posts) // per_page)
    if posts and page > pages:
        message = "The page number requested is larger than the number of pages available."
        return _refusal(400, "rest_post_invalid_page_number", message)
    rows = [_shown(site, post, query) for post in posts[offset : offset + per_page]]
    return _json(rows, _paging(site, path, query, len(posts), page, pages))


def _filter(site: Site, query: Query) -> Callable[[Post], bool]:
    bounds = {name: query.moment(name) for name in ("after", "before", "modified_after", "modified_before")}
    include, exclude = set(query.numbers("include")), set(query.numbers("exclude"))
    names = {"categories": set(query.numbers("categories")), "tags": set(query.numbers("tags"))}
    authors, slugs = set(query.numbers("author")), set(query.words("slug"))
    searched = query.text("search", "").casefold()

    def keep(post: Post) -> bool:
        return (
            (bounds["after"] is None or post.published > bounds["after"])
            and (bounds["before"] is None or post.published < bounds["before"])
            and (bounds["modified_after"] is None or post.modified > bounds["modified_after"])
            and (bounds["modified_before"] is None or post.modified < bounds["modified_before"])
            and (not include or post.id in include)
            and post.id not in exclude
            and (not slugs or post.story.slug in slugs)
            and (not authors or site.terms_of(post, "user")[0].id in authors)
            and all(
                not wanted or wanted & {term.id for term in site.terms_of(post, _TAXONOMIES[kind])}
                for kind, wanted in names.items()
            )
            and (not searched or searched in f"{post.story.title} {post.story.body}".casefold())
        )

    return keep


def _shown(site: Site, post: Post, query: Query) -> Json:
    fields = query.words("_fields")
    record = chosen(post_record(site, post), fields)
    if "_embed" in query.values and "_links" in record:
        asked = set(query.words("_embed")) - {"1", "true"}
        offered = {name for name in ("author", "wp:term") if name in record["_links"]}
        found = embedded(site, post, (asked or offered) & offered)
        if found:
            record["_embedded"] = found
    return record


def _terms(site: Site, path: str, kind: str, query: Query) -> Answer:
    per_page = query.number("per_page", DEFAULT_PER_PAGE, 1, 100)
    page = query.number("page", 1, 1)
    include, exclude = query.numbers("include"), query.numbers("exclude")
    post = site.post(query.number("post", 0, 0))
    slugs = query.words("slug")
    query.check()
    terms = []
    if kind in _TAXONOMIES:
        taxonomy = _TAXONOMIES[kind]
        terms = site.terms_of(post, taxonomy) if post else site.terms(taxonomy)
    terms = [
        term
        for term in terms
        if (not include or term.id in include) and term.id not in exclude and (not slugs or term.slug in slugs)
    ]
    rows = [
        chosen(term_record(site, term), query.words("_fields"))
        for term in terms[(page - 1) * per_page : page * per_page]
    ]
    return _json(rows, _paging(site, path, query, len(terms), page, -(-len(terms) // per_page)))


def _single(site: Site, kind: str, number: int, query: Query) -> Answer:
    if kind == "posts":
        post = site.post(number)
        return (
            _json(_shown(site, post, query)) if post else _refusal(404, "rest_post_invalid_id", "ID de post inválida.")
        )
    for term in site.terms(_TAXONOMIES[kind]) if kind in _TAXONOMIES else []:
        if term.id == number:
            return _json(chosen(term_record(site, term), query.words("_fields")))
    code = {"users": "rest_user_invalid_id", "pages": "rest_post_invalid_id"}.get(kind, "rest_term_invalid")
    return _refusal(404, code, "Não existe.")


def _paging(site: Site, path: str, query: Query, total: int, page: int, pages: int) -> dict[str, str]:
    def link(number: int) -> str:
        values = {**{name: ",".join(given) for name, given in query.values.items()}, "page": str(number)}
        return f"<{site.address}{path}?{urlencode(values)}>"

    links = []
    if page > 1:
        links.append(f'{link(page - 1)}; rel="prev"')
    if page < pages:
        links.append(f'{link(page + 1)}; rel="next"')
    headers = {"X-WP-Total": str(total), "X-WP-TotalPages": str(pages)}
    return {**headers, "Link": ", ".join(links)} if links else headers


def _index(site: Site) -> Json:
    places = ("/", "/wp/v2", "/wp/v2/posts", "/wp/v2/pages", "/wp/v2/users", "/wp/v2/categories", "/wp/v2/tags")
    return {
        "name": site.name,
        "description": "Notícias do vale, escritas por quem mora nele",
        "url": site.address,
        "home": site.address,
        "gmt_offset": LOCAL_TIME.utcoffset(None) // timedelta(hours=1),
        "timezone_string": "America/Sao_Paulo",
        "namespaces": ["oembed/1.0", "wp/v2"],
        "authentication": [],
        "routes": {place: {"namespace": "wp/v2" if "v2" in place else "", "methods": ["GET"]} for place in places},
        "_links": {"help": [{"href": "https://developer.wordpress.org/rest-api/"}]},
    }


def _invalid(problems: dict[str, tuple[str, str]]) -> Answer:
    data = {
        "status": 400,
        "params": {name: message for name, (message, _) in problems.items()},
        "details": {
            name: {"code": code, "message": message, "data": None} for name, (message, code) in problems.items()
        },
    }
    return _refusal(400, "rest_invalid_param", f"Invalid parameter(s): {', '.join(problems)}", data)


def _refusal(status: int, code: str, message: str, data: Json | None = None) -> Answer:
    return _json({"code": code, "message": message, "data": data or {"status": status}}, status=status)


def _json(content: object, headers: dict[str, str] | None = None, status: int = 200) -> Answer:
    # WordPress escapes slashes and everything beyond ASCII.
    text = json.dumps(content, separators=(",", ":")).replace("/", "\\/")
    return Answer(
        text.encode("ascii"), "application/json; charset=UTF-8", status, {**(headers or {}), "X-Robots-Tag": "noindex"}
    )
