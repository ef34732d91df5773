"""A census: outlets counted in at most three requests, none asked twice, lists read with what is wrong in them named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aurora_crawl.demo.outlets.counted import CountedOutlet, counted_outlets
from aurora_crawl.demo.server import serve
from aurora_crawl.inspection.answers import Asking
from aurora_crawl.inspection.census import Counted, count_outlet
from aurora_crawl.inspection.census_file import CensusFile, sum_of
from aurora_crawl.inspection.counts import Estimate, mean_of, total
from aurora_crawl.inspection.outlets_file import BRAZIL, OutletsError, read_outlets
from aurora_crawl.inspection.site_look import CensusLook
from aurora_crawl.web.answer_journal import MOST_LOST, answers_folder, journal_path

OUTLETS = {one.kind: one for one in counted_outlets(seed=3)}


@pytest.fixture
def count(crawl: Callable[..., Any]) -> Callable[[str], Counted]:
    """Counts the outlet at an address."""

    def counted(address: str) -> Counted:
        found = Counted(address)

        async def work(asking: Asking) -> None:
            await count_outlet(asking, address, found)

        crawl(CensusLook, url=address, work=work)
        return found

    return counted


@pytest.mark.parametrize("outlet", OUTLETS.values(), ids=OUTLETS.keys())
def test_an_outlet_is_counted_in_three_requests_within_its_bounds(
    count: Callable[[str], Counted], outlet: CountedOutlet
) -> None:
    outlet.site.requests.clear()
    with serve(outlet.site) as address:
        found = count(address)
    assert found.articles is not None, found.why
    assert found.tokens is not None
    assert found.articles.low <= outlet.articles <= found.articles.high or outlet.kind in ("one sitemap",)
    assert abs(found.articles.value / outlet.articles - 1) < (1e-9 if found.is_sure else 4)
    assert len(outlet.site.requests) == found.asked <= 3


def test_what_was_answered_is_not_asked_again(count: Callable[[str], Counted], tmp_path: Path) -> None:
    outlet = OUTLETS["locked, WordPress' sitemaps"]
    outlet.site.requests.clear()
    with serve(outlet.site) as address:
        first = count(address)
        again = count(address)
    assert again == first
    assert max(Counter(outlet.site.requests).values()) == 1


@pytest.mark.parametrize("kind", ["locked, WordPress' sitemaps", "an index of sitemaps"])
@pytest.mark.parametrize("lost", [1, MOST_LOST])
def test_a_request_under_way_at_a_kill_is_sent_once_more(
    kind: str, lost: int, count: Callable[[str], Counted], tmp_path: Path
) -> None:
    outlet = OUTLETS[kind]
    outlet.site.requests.clear()
    with serve(outlet.site) as address:
        _killed_while_asking(tmp_path, address, lost)
        found = count(address)
    assert found.articles is not None, found.why
    assert max(Counter(outlet.site.requests).values()) == 1
    assert len(outlet.site.requests) == found.asked <= 3


def test_a_host_that_ends_the_process_each_time_is_let_alone(count: Callable[[str], Counted], tmp_path: Path) -> None:
    outlet = OUTLETS["open"]
    outlet.site.requests.clear()
    with serve(outlet.site) as address:
        _killed_while_asking(tmp_path, address, MOST_LOST + 3)
        found = count(address)
    assert outlet.site.requests == []
    assert (found.articles, found.asked) == (None, 3)


def _killed_while_asking(folder: Path, address: str, times: int) -> None:
    """Leave the journal of a host whose robots.txt was asked for so often, each time until a kill."""
    journal = journal_path(answers_folder(folder / "data"), address.removeprefix("http://"))
    journal.parent.mkdir(parents=True)
    journal.write_text(f'{{"asked": "{address}/robots.txt"}}\n' * times, encoding="ascii")


def test_an_outlet_that_forbids_or_opts_out_is_told_so(count: Callable[[str], Counted]) -> None:
    outlet = OUTLETS["open"]
    inner = outlet.site.on_request
    assert inner is not None
    outlets = {"User-agent: *\nDisallow: /\n": "forbids", "User-agent: GPTBot\nDisallow: /\n": ""}
    for robots, why in outlets.items():
        answer = type(inner("/robots.txt"))(robots.encode(), "text/plain")  # type: ignore[misc]
        outlet.site.on_request = lambda target, answer=answer: answer if target == "/robots.txt" else inner(target)  # type: ignore[misc]
        with serve(outlet.site) as address:
            found = count(address)
        assert why in found.why
        if not why:
            assert found.opt_out == ["robots.txt: GPTBot"]
            assert sum_of([found], obeys_opt_outs=True).opted_out == 1
    outlet.site.on_request = inner


def test_results_are_on_disk_and_a_cut_line_is_counted_again(tmp_path: Path) -> None:
    kept = CensusFile(tmp_path / "census" / "lista.jsonl")
    kept.add(Counted("a.example", articles=Estimate.exact(10), tokens=Estimate(11_400, 9_000, 14_000), requests=1))
    with kept.path.open("a") as file:
        file.write('{"host": "b.exam')
    again = CensusFile(kept.path)
    assert list(again.counted) == ["a.example"]
    again.add(Counted("b.example", why="HTTP 500"))
    assert list(CensusFile(kept.path).counted) == ["a.example", "b.example"]
    whole = sum_of(list(again.counted.values()), obeys_opt_outs=True)
    assert (whole.counted, whole.unknown, whole.requests) == (1, 1, 1)
    assert whole.missing(20_000) == (8_600, 6_000, 11_000)


def test_errors_of_a_sum_add_as_squares() -> None:
    assert total([Estimate(100, 70, 130), Estimate(100, 60, 140)]) == Estimate(200, 135, 265)
    assert Estimate.exact(10).times(Estimate(100, 50, 200)) == Estimate(1000, 500, 2000)
    assert mean_of([]) is None
    mean = mean_of([100.0] * 10)
    assert mean is not None
    assert mean.low < 100 < mean.high


def test_the_list_that_ships_holds_facts_with_their_sources() -> None:
    outlets = read_outlets(BRAZIL)
    assert len(outlets) >= 150
    assert len({one.host for one in outlets}) == len(outlets)
    assert all(one.name and one.source and one.verified == "not verified" for one in outlets)
    assert len({one.state for one in outlets} - {"BR"}) == 27


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ('{"host": "a.example", "name": "A"}\n{"host": "b.example"}\n', ["a.example", "b.example"]),
        ("host,name,state\na.example,A,SP\n# remark\nwww.a.example,again,SP\n", ["a.example"]),
        ("Host;Name\na.example;A\n", ["a.example"]),
        ("\ufeffa.example\nb.example\n", ["a.example", "b.example"]),
    ],
)
def test_lists_come_in_several_forms(tmp_path: Path, text: str, hosts: list[str]) -> None:
    path = tmp_path / "lista.csv"
    path.write_text(text, encoding="utf-8")
    assert [one.host for one in read_outlets(path)] == hosts


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names no outlets"),
        ("name,state\nA,SP\n", "names no column 'host'"),
        ('{"host": "a.example"}\n{"host": ', "line 2: not JSON"),
        ("host,name\nnot a host,A\n", "line 2: 'not a host' is no host"),
        ('{"name": "A"}\n', "line 1: '' is no host"),
    ],
)
def test_what_is_wrong_in_a_list_is_named(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "lista.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(OutletsError, match=said):
        read_outlets(path)
