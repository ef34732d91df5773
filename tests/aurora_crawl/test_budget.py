"""Work on a stranger's page ends when its time is over, whatever it is busy with, and costs itself only."""

import re
import signal
import threading

import pytest

from aurora_crawl import budget
from aurora_crawl.budget import OverBudget, within_budget
from aurora_crawl.crawling.arguments import read_arguments
from aurora_crawl.crawling.article_page import read_page
from aurora_crawl.crawling.site_spider import reading_of
from aurora_crawl.demo.spiders.ofaroldovale import OfaroldovaleSpider


def for_ever() -> None:
    while True:
        pass


def in_a_pattern() -> None:
    re.compile(r"(a+)+b").match("a" * 60)


def by_somebody_who_catches_everything() -> None:
    for _ in range(3):
        try:
            for_ever()
        except Exception:  # noqa: BLE001, S112 - as libraries do
            continue


@pytest.mark.parametrize("work", [for_ever, in_a_pattern, by_somebody_who_catches_everything])
def test_work_beyond_its_budget_ends(work: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "_AGAIN", 0.05)
    assert callable(work)
    with pytest.raises(OverBudget), within_budget(0.05):
        work()
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_work_within_it_is_left_alone_and_the_outer_of_two_counts() -> None:
    with within_budget(5.0), within_budget(0.0001):
        sum(range(1_000_000))
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)


def test_another_thread_has_none() -> None:
    done: list[int] = []

    def work() -> None:
        with within_budget(0.0001):
            done.append(sum(range(100_000)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done


def test_a_page_beyond_its_budget_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "PAGE_SECONDS", 0.01)
    reading = reading_of(OfaroldovaleSpider, read_arguments({}, OfaroldovaleSpider.route_names()))
    page = (
        "<html><body><article>"
        + "<p>Um parágrafo da matéria, com algumas palavras.</p>" * 3000
        + "</article></body></html>"
    )
    with pytest.raises(OverBudget):
        read_page(page, f"{OfaroldovaleSpider.site_url}/2020/01/materia/", reading, route="sitemap")
