"""The REST route against a server that loses, gains and withholds posts while it is read."""

import asyncio
import json
import random
import urllib.error
import urllib.request
from collections.abc import Callable

import pytest
from scrapy import Request
from scrapy.http import Response

from aurora_crawl.budget import OverBudget
from aurora_crawl.demo.generate import generated_stories
from aurora_crawl.demo.server import answer, serve
from aurora_crawl.demo.wordpress_site import Answer, Site
from aurora_crawl.extraction.wordpress_post import read_post
from aurora_crawl.routes.rest import RestRoute
from aurora_crawl.routes.route import FetchFailed, Found, RouteFailed, Scope, Window


async def fetch(request: Request) -> Response:
    try:
        with urllib.request.urlopen(request.url, timeout=10) as got:  # noqa: S310
            return Response(request.url, got.status, dict(got.headers), got.read())
    except urllib.error.HTTPError as error:
        return Response(request.url, error.code, dict(error.headers), error.read())
    except OSError as error:
        raise FetchFailed(str(error)) from error


def read(
    site: Site,
    *,
    position: dict | None = None,
    changed_since: str | None = None,
    stop_after: int | None = None,
    window: Window | None = None,
    before_request: Callable[[int], None] = lambda number: None,
) -> tuple[list[Found], dict | None, list[str]]:
    """What the route finds, its last position, and what it told."""
    told: list[str] = []
    found: list[Found] = []
    asked = 0

    async def counted(request: Request) -> Response:
        nonlocal asked
        before_request(asked)
        asked += 1
        return await fetch(request)

    async def walk(address: str) -> dict | None:
        scope = Scope("exemplo", address, window or Window())
        last = position
        pages = 0
        async for page in RestRoute(scope, counted, told.append).pages(position, changed_since):
            found.extend(page.found)
            last = json.loads(json.dumps(page.position))
            pages += 1
            if stop_after == pages:
                break
        return last

    with serve(site) as address:
        last = asyncio.run(walk(address))
    return found, last, told


def numbers(found: list[Found]) -> list[int]:
    return [int(one.key.partition("/")[2]) for one in found]


def ids(site: Site) -> list[int]:
    return [post.id for post in site.posts()]


def test_every_post_once_a_hundred_to_a_request() -> None:
    site = Site.generated(1000)
    found, _, told = read(site)
    assert numbers(found) == ids(site)
    assert len(site.requests) <= 20
    assert told == []


@pytest.mark.parametrize("count", [0, 1, 2, 99, 100, 101, 199, 200])
def test_archives_of_every_size_are_read_to_the_end(count: int) -> None:
    site = Site.generated(count)
    assert numbers(read(site)[0]) == ids(site)


@pytest.mark.parametrize("deleted", [1, 3, 99, 150])
def test_posts_deleted_between_two_pages_cost_no_other(deleted: int) -> None:
    site = Site.generated(450)
    survivors = ids(site)

    def delete(number: int) -> None:
        if number == 2:
            for id in survivors[:deleted]:
                site.delete(id)

    found, _, told = read(site, before_request=delete)
    assert set(numbers(found)) >= set(survivors[deleted:])
    assert len(numbers(found)) == len(set(numbers(found)))
    assert any("deleted" in line for line in told)


def test_a_deletion_hidden_by_a_new_post_is_noticed() -> None:
    site = Site.generated(300)
    before = ids(site)

    def swap(number: int) -> None:
        if number == 1:
            site.delete(before[5])
            site.add(next(iter(generated_stories(1, seed=99, words=50))))

    found, _, _ = read(site, before_request=swap)
    assert set(numbers(found)) == set(before) | {ids(site)[-1]}


def test_the_anchor_itself_may_be_deleted() -> None:
    site = Site.generated(250)
    before = ids(site)

    def delete(number: int) -> None:
        if number == 1:
            site.delete(before[99])

    assert set(numbers(read(site, before_request=delete)[0])) == set(before)


def test_reading_goes_on_from_a_position_after_days_of_changes() -> None:
    site = Site.generated(350)
    before = ids(site)
    first, position, _ = read(site, stop_after=2)
    for id in before[10:40]:
        site.delete(id)
    rest, _, _ = read(site, position=position)
    assert not set(numbers(first)) & set(numbers(rest))
    assert set(numbers(first)) | set(numbers(rest)) == set(before)


def test_smaller_pages_where_the_server_fails_on_large_ones() -> None:
    site = Site.generated(130)
    site.heavy_above = 20
    found, _, told = read(site)
    assert numbers(found) == ids(site)
    assert any("asking for 20 posts" in line for line in told)


def test_smaller_pages_where_the_server_caps_them() -> None:
    site = Site.generated(130)
    site.per_page_limit = 10
    found, _, _ = read(site)
    assert numbers(found) == ids(site)
    assert len(site.requests) <= 3 + 15


def test_a_post_that_breaks_the_server_costs_only_itself() -> None:
    site = Site.generated(120)
    before = ids(site)
    broken = before[57]

    def fail(path: str) -> Answer | None:
        query = dict(pair.split("=") for pair in path.partition("?")[2].split("&"))
        offset, size = int(query["offset"]), int(query["per_page"])
        return Answer(b"", status=500) if offset <= before.index(broken) < offset + size else None

    site.on_request = fail
    found, _, told = read(site)
    assert numbers(found) == [id for id in before if id != broken]
    assert any("post number 58 cannot be had" in line for line in told)


def test_a_locked_api_fails_with_its_reason() -> None:
    site = Site.generated(3)
    site.rest_locked = True
    with pytest.raises(RouteFailed, match=r"locked or absent.*HTTP 401"):
        read(site)


@pytest.mark.parametrize("body", [b"<html>Just a moment</html>", b'{"code": "nope"}', b'[{"title": 1}]'])
def test_something_else_than_posts_fails(body: bytes) -> None:
    site = Site.generated(3)
    site.on_request = lambda path: Answer(body)
    with pytest.raises(RouteFailed):
        read(site)


def test_a_server_that_repeats_itself_ends_the_route() -> None:
    site = Site.generated(150)
    first: list[Answer] = []

    def repeat(path: str) -> Answer | None:
        if not first:
            site.on_request = None
            first.append(answer(site, path))
            site.on_request = repeat
        return first[0]

    site.on_request = repeat
    with pytest.raises(RouteFailed, match="same posts again"):
        read(site)


def test_update_brings_new_edited_and_scheduled_posts_alone() -> None:
    site = Site.generated(120)
    # Generated posts lie in the past; these happened after the last reading.
    edited = ids(site)[3:6]
    for id in edited:
        site.edit(id, body="<p>Texto corrigido depois da publicação.</p>")
    found, _, _ = read(site, changed_since="2026-06-01T00:00:00Z")
    assert set(numbers(found)) == set(edited)


def test_window_is_inclusive_in_the_sites_own_time() -> None:
    site = Site.generated(60)
    days = sorted(post.story.published.date() for post in site.posts())
    window = Window(days[10], days[40])
    found, _, _ = read(site, window=window)
    expected = {p.id for p in site.posts() if days[10] <= p.story.published.date() <= days[40]}
    assert set(numbers(found)) == expected


def test_again_brings_posts_by_their_keys_and_leaves_out_what_is_gone() -> None:
    site = Site.generated(250)
    wanted = [f"posts/{id}" for id in ids(site)[:150]]
    site.delete(ids(site)[7])

    async def walk(address: str) -> list[Found]:
        route = RestRoute(Scope("exemplo", address), fetch, print)
        return [found async for page in route.again(wanted) for found in page.found]

    with serve(site) as address:
        found = asyncio.run(walk(address))
    assert len(found) == 149
    assert {one.key for one in found} < set(wanted)


def in_order(
    site: Site, order: Callable[[list[dict]], None], *, ignore: tuple[str, ...] = (), bound: int = 10**9
) -> None:
    """Let the server sort as it likes, ignore parameters, and hand out nothing beyond a bound."""

    def sorted_otherwise(path: str) -> Answer | None:
        route, _, written = path.partition("?")
        query = dict(pair.split("=", 1) for pair in written.split("&"))
        if "include" in query or not route.endswith("/posts"):
            return None
        chosen = "&".join(
            f"{name}={query[name]}" for name in ("after", "before") if name in query and name not in ignore
        )
        site.on_request = None
        whole = answer(site, f"{route}?per_page=100&orderby=id&order=asc&_embed=author,wp:term&{chosen}")
        rows = json.loads(whole.body)
        total = int((whole.headers or {})["X-WP-Total"])
        while len(rows) < total:
            more = answer(site, f"{route}?per_page=100&orderby=id&order=asc&_embed=1&offset={len(rows)}&{chosen}")
            rows += json.loads(more.body)
        site.on_request = sorted_otherwise
        order(rows)
        size = int(query["per_page"])
        start = int(query.get("offset", 0)) if "offset" not in ignore else 0
        start = start or size * (int(query.get("page", 1)) - 1)
        part = rows[start : start + size] if start < bound else []
        return Answer(json.dumps(part).encode(), "application/json", headers={"X-WP-Total": str(total)})

    site.on_request = sorted_otherwise


def newest_first(rows: list[dict]) -> None:
    rows.sort(key=lambda row: -row["id"])


def one_on_top(rows: list[dict]) -> None:
    rows.insert(0, rows.pop(70))


def anew_each_time() -> Callable[[list[dict]], None]:
    return random.Random(5).shuffle


@pytest.mark.parametrize(
    ("order", "ignore"),
    [
        (newest_first, ()),
        (one_on_top, ()),
        (newest_first, ("offset",)),
        (newest_first, ("after", "before")),
        (anew_each_time(), ()),
        (list[dict].reverse, ("offset", "after", "before")),
    ],
)
def test_a_server_that_keeps_no_order_loses_no_post(
    order: Callable[[list[dict]], None], ignore: tuple[str, ...]
) -> None:
    site = Site.generated(330)
    in_order(site, order, ignore=ignore)
    found, _, told = read(site)
    assert sorted(numbers(found)) == ids(site)
    assert any("order by id" in line for line in told)
    assert len(site.requests) <= 60


def test_a_server_that_hands_out_no_post_beyond_a_bound_is_asked_by_days() -> None:
    site = Site.generated(330)
    in_order(site, lambda rows: None, bound=200)
    found, _, _ = read(site)
    assert sorted(numbers(found)) == ids(site)


def test_posts_that_cannot_be_had_in_any_way_fail_the_route() -> None:
    site = Site.generated(330)
    in_order(site, newest_first, ignore=("after", "before", "offset"), bound=200)
    with pytest.raises(RouteFailed, match=r"330 posts|takes no notice of days"):
        read(site)


@pytest.mark.parametrize("total", ["0", "-5", "1e30", "9" * 5000, "100", "7", "²", ""])
@pytest.mark.parametrize("count", [24, 250])
def test_totals_that_lie_lose_no_post(total: str, count: int) -> None:
    site = Site.generated(count)

    def lie(path: str) -> Answer | None:
        site.on_request = None
        found = answer(site, path)
        site.on_request = lie
        found.headers = {"X-WP-Total": total} if total.isascii() else {}
        return found

    site.on_request = lie
    assert numbers(read(site)[0]) == ids(site)


@pytest.mark.parametrize(
    "content", ["", "<!-- wp:acf/secoes /-->\n", "<div> &nbsp; </div>", '<iframe src="https://x.invalid"></iframe>']
)
def test_posts_whose_text_the_api_withholds_are_left_to_their_pages(content: str) -> None:
    site = Site.generated(3)
    site.edit(ids(site)[1], body=content)
    found, _, _ = read(site)
    assert [one.article is None for one in found] == [False, True, False]
    assert found[1].title == site.posts()[1].story.title


def test_where_documents_are_files_posts_only_lead_to_their_pages() -> None:
    with serve(Site.generated(5)) as address:

        async def walk() -> list[Found]:
            route = RestRoute(Scope("exemplo", address, reads=("pdf",)), fetch, lambda line: None)
            return [one async for page in route.pages(None, None) for one in page.found]

        found = asyncio.run(walk())
    assert len(found) == 5
    assert all(one.article is None and one.title and one.key for one in found)


def test_posts_that_take_too_long_are_left_to_their_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site.generated(9)

    def slow_from_the_fourth_on(post: dict, **given: object) -> object:
        if post["id"] == ids(site)[3]:
            raise OverBudget
        return read_post(post, **given)

    monkeypatch.setattr("aurora_crawl.extraction.wordpress_post.read_post", slow_from_the_fourth_on)
    found, _, told = read(site)
    assert [one.article is None for one in found] == [False] * 3 + [True] * 6
    assert {one.url for one in found} == {site.link(post) for post in site.posts()}
    assert any("6 posts are read from their pages" in line for line in told)


def test_a_server_that_never_answers_is_left_soon() -> None:
    asked: list[str] = []

    async def fetch(request: Request) -> Response:
        asked.append(request.url)
        raise FetchFailed("it did not answer in time", less_may_help=True)

    async def first() -> None:
        async for _ in RestRoute(Scope("a", "http://a.example"), fetch, lambda line: None).pages(None, None):
            pass

    with pytest.raises(RouteFailed, match="in time"):
        asyncio.run(first())
    assert len(asked) <= 3


def test_posts_under_one_number_are_left_to_the_next_route() -> None:
    site = Site.generated(8)

    def all_seven(path: str) -> Answer | None:
        if not path.startswith("/wp-json/wp/v2/posts"):
            return None
        site.on_request = None
        found = answer(site, path)
        site.on_request = all_seven
        found.body = json.dumps([row | {"id": 7} for row in json.loads(found.body)]).encode()
        return found

    site.on_request = all_seven
    with pytest.raises(RouteFailed, match="bear others' numbers"):
        read(site)
