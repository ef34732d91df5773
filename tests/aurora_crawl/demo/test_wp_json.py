"""The REST addresses answer as WordPress 6.1 does: shapes, paging, filters, refusals."""

from __future__ import annotations

import html
from datetime import UTC, datetime
from time import thread_time
from typing import Any

import pytest

from aurora_crawl.demo.newspaper import LOCAL_TIME, Story
from aurora_crawl.demo.server import answer
from aurora_crawl.demo.wordpress_site import Answer, Site

STORY = Story(
    "Água & “luz” – já",
    "agua",
    ("Ana", "Bia"),
    datetime(2030, 1, 2, 8, tzinfo=LOCAL_TIME),
    "Saúde",
    "<p>Oi.</p>",
    ("SUS",),
)


def ids(reply: Any) -> list[int]:
    assert reply.status == 200, reply.text
    return [row["id"] for row in reply.json]


def test_pages_by_ascending_id_hold_every_post_once(client: Any) -> None:
    first = client.rest("posts?per_page=25&orderby=id&order=asc")
    assert (first.headers["x-wp-total"], first.headers["x-wp-totalpages"]) == ("66", "3")
    seen = [
        number
        for page in (1, 2, 3)
        for number in ids(client.rest(f"posts?per_page=25&orderby=id&order=asc&page={page}"))
    ]
    assert seen == [post.id for post in client.site.posts()] == sorted(set(seen))
    assert 'rel="prev"' not in first.headers["link"]
    assert 'page=2>; rel="next"' in first.headers["link"]
    assert client.rest("posts?per_page=25&page=3").headers["link"].endswith('page=2>; rel="prev"')


def test_post_has_the_fields_of_a_real_one(small: Any) -> None:
    number = small.site.add(STORY)
    post = small.rest(f"posts/{number}?_embed=author,wp:term").json
    assert (
        list(post)
        == (
            "id date date_gmt guid modified modified_gmt slug status type link title content excerpt author featured_media "
            "comment_status ping_status sticky template format meta categories tags _links _embedded"
        ).split()
    )
    assert post["date"] == "2030-01-02T08:00:00"
    assert post["date_gmt"] == "2030-01-02T11:00:00"
    assert post["title"]["rendered"] == "Água &#038; &#8220;luz&#8221; &#8211; já"
    assert html.unescape(post["title"]["rendered"]) == STORY.title
    assert post["content"] == {"rendered": "<p>Oi.</p>", "protected": False}
    assert post["link"] == f"{small.site.address}/2030/01/02/agua/"
    assert post["_embedded"]["author"][0]["name"] == "Ana e Bia"
    assert [[term["name"] for term in group] for group in post["_embedded"]["wp:term"]] == [["Saúde"], ["SUS"]]
    assert [term["taxonomy"] for group in post["_embedded"]["wp:term"] for term in group] == ["category", "post_tag"]
    assert post["_embedded"]["author"][0]["id"] == post["author"]
    assert small.get(post["_links"]["author"][0]["href"]).json["name"] == "Ana e Bia"
    assert "\\/2030\\/01" in small.rest(f"posts/{number}").text


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("per_page=101", 400, "rest_invalid_param"),
        ("per_page=0", 400, "rest_invalid_param"),
        ("per_page=abc", 400, "rest_invalid_param"),
        ("page=0", 400, "rest_invalid_param"),
        ("orderby=sorte", 400, "rest_invalid_param"),
        ("after=2014-01-05", 400, "rest_invalid_param"),
        ("include=4,x", 400, "rest_invalid_param"),
        ("per_page=10&page=3", 400, "rest_post_invalid_page_number"),
    ],
)
def test_wordpress_refusals(small: Any, query: str, status: int, code: str) -> None:
    reply = small.rest("posts?" + query)
    assert (reply.status, reply.json["code"], reply.json["data"]["status"]) == (status, code, status)


def test_offset_past_the_end_is_empty_not_refused(small: Any) -> None:
    assert ids(small.rest("posts?offset=300")) == []
    assert len(ids(small.rest("posts?offset=10&per_page=5"))) == 2


def test_unknown_places_are_404(small: Any) -> None:
    assert small.rest("posts/99999").json["code"] == "rest_post_invalid_id"
    assert small.rest("nada").json["code"] == "rest_no_route"
    assert small.rest("tags/99999").status == small.rest("users/99999").status == 404


def test_include_exclude_slug_and_search(small: Any) -> None:
    first, second, third, *rest = [post.id for post in small.site.posts()]
    assert ids(small.rest(f"posts?include={third},{first}&orderby=include")) == [third, first]
    assert ids(small.rest(f"posts?include[]={third}&include[]={first}&orderby=id&order=asc")) == [first, third]
    assert ids(small.rest(f"posts?exclude={first},{second}&orderby=id&order=asc&per_page=100")) == [third, *rest]
    number = small.site.add(STORY)
    assert ids(small.rest("posts?slug=agua")) == ids(small.rest("posts?search=luz%E2%80%9D")) == [number]


def test_dates_are_strict_and_without_offset_local(small: Any) -> None:
    number = small.site.add(STORY)
    assert ids(small.rest("posts?after=2030-01-02T07:59:59")) == [number]
    assert ids(small.rest("posts?after=2030-01-02T08:00:00")) == []
    assert ids(small.rest("posts?after=2030-01-02T10:59:59Z")) == [number]
    assert ids(small.rest("posts?after=2030-01-02T11:00:00Z")) == []
    assert number not in ids(small.rest("posts?before=2030-01-02T11:00:00Z&per_page=100"))
    assert number in ids(small.rest("posts?before=2030-01-02T11:00:01Z&per_page=100"))


def test_modified_after_finds_what_was_edited(small: Any) -> None:
    number = small.site.posts()[3].id
    moment = datetime(2031, 5, 5, 12, tzinfo=UTC)
    small.site.edit(number, body="<p>Nova versão.</p>", modified=moment)
    assert ids(small.rest("posts?modified_after=2031-05-05T11:59:59Z")) == [number]
    assert ids(small.rest("posts?modified_after=2031-05-05T12:00:00Z")) == []
    assert ids(small.rest("posts?modified_before=2031-05-05T12:00:00Z&per_page=100&orderby=modified"))[0] != number
    assert ids(small.rest("posts?orderby=modified&per_page=1")) == [number]
    changed = small.rest(f"posts/{number}").json
    assert changed["content"]["rendered"] == "<p>Nova versão.</p>"
    assert (changed["modified_gmt"], changed["modified"]) == ("2031-05-05T12:00:00", "2031-05-05T09:00:00")


def test_order_by_date_is_latest_first_by_default(small: Any) -> None:
    dates = [row["date_gmt"] for row in small.rest("posts?per_page=100").json]
    assert dates == sorted(dates, reverse=True)


def test_fields_are_chosen_also_inside(small: Any) -> None:
    row = small.rest("posts?per_page=1&_fields=id,title.rendered,_links.author&_embed=author,wp:term").json[0]
    assert list(row) == ["id", "title", "_links", "_embedded"]
    assert list(row["_links"]) == list(row["_embedded"]) == ["author"]
    # Without its links WordPress embeds nothing.
    assert list(small.rest("posts?per_page=1&_fields=id&_embed=author").json[0]) == ["id"]


def test_post_deleted_between_two_pages_shifts_the_rest(small: Any) -> None:
    numbers = [post.id for post in small.site.posts()]
    assert ids(small.rest("posts?per_page=5&orderby=id&order=asc")) == numbers[:5]
    small.site.delete(numbers[0])
    second = small.rest("posts?per_page=5&orderby=id&order=asc&page=2")
    assert second.headers["x-wp-total"] == "11"
    assert ids(second) == numbers[6:11]


def test_people_sections_and_tags_can_be_looked_up(client: Any) -> None:
    sections = client.rest("categories?per_page=100").json
    assert sum(section["count"] for section in sections) == 66
    chosen = [section["id"] for section in sections[:2]]
    assert [row["id"] for row in client.rest(f"categories?include={chosen[0]},{chosen[1]}").json] == chosen
    in_section = client.rest(f"posts?categories={chosen[0]}&per_page=100").json
    assert len(in_section) == sections[0]["count"]
    people = client.rest("users?per_page=100")
    assert people.headers["x-wp-total"] == str(len(people.json))
    post = client.rest("posts?per_page=1").json[0]
    assert [row["id"] for row in client.rest(f"tags?post={post['id']}").json] == post["tags"]


def test_root_names_the_site_and_its_routes(client: Any) -> None:
    root = client.get("/wp-json/").json
    assert (root["name"], root["home"]) == ("O Farol do Vale", client.site.address)
    assert "/wp/v2/posts" in root["routes"]
    assert (root["gmt_offset"], root["timezone_string"]) == (-3, "America/Sao_Paulo")


def test_locked_rest_answers_401_and_the_pages_go_on(small: Any) -> None:
    small.site.rest_locked = True
    assert (small.rest("posts").status, small.rest("posts").json["code"]) == (401, "rest_disabled")
    assert small.get("/").status == 200
    small.site.rest_locked = False
    assert small.rest("posts").status == 200


def test_heavy_pages_fail_and_light_ones_do_not(small: Any) -> None:
    small.site.heavy_above = 4
    assert small.rest("posts?per_page=5").status == 500
    assert len(ids(small.rest("posts?per_page=4"))) == 4


def test_limit_below_a_hundred_is_refused_like_one_above(small: Any) -> None:
    small.site.per_page_limit = 20
    assert "between 1 (inclusive) and 20" in small.rest("posts?per_page=100").json["data"]["params"]["per_page"]


def test_any_answer_can_be_put_in_the_sites_place(small: Any) -> None:
    small.site.on_request = lambda path: Answer(b"<h1>Just a moment</h1>", status=503) if "page=2" in path else None
    assert small.rest("posts?per_page=5&page=2").status == 503
    assert small.rest("posts?per_page=5&page=1").status == 200


def test_twenty_thousand_posts_answer_quickly() -> None:
    site = Site.generated(20_000, words=10)
    answer(site, "/wp-json/wp/v2/posts?per_page=1&orderby=id&order=asc")
    # Time of the processor, which a busy machine does not stretch.
    start = thread_time()
    for page in range(1, 21):
        assert answer(site, f"/wp-json/wp/v2/posts?per_page=100&orderby=id&order=asc&page={page}").status == 200
    assert thread_time() - start < 10
