"""Servers that want to be left alone, and servers that are gone: the crawl ends, and no article is given up for it."""

from typing import Any


def of_articles(result: Any) -> list[Any]:
    return [entry for path, entry in result.entries.items() if path.startswith("/20")]


def test_a_long_wait_ends_the_crawl_at_once_and_counts_against_no_page(server: Any, crawl: Any) -> None:
    server.site = type(server.site).generated(40)
    server.site.address = server.address
    refused: list[int] = []

    def lie(asked: str) -> bytes | None:
        if asked != server.site.posts()[4].story.path:
            return None
        refused.append(len(server.asked))
        return server.http(b"", "429 X", "Retry-After: 4000")

    server.lie = lie
    result = crawl("-s", "DOWNLOAD_DELAY=0.1", "-s", "DOWNLOAD_DELAY_JITTER=0")
    assert result.status == 1
    assert (
        "asks to be left alone for 67 min; run the same command again then, or with -s FORGET_WAITING=1 at once"
        in result.said
    )
    assert server.asked[refused[0] :] == [], "what waited for its turn was still asked for"
    assert len(of_articles(result)) == 40
    assert {entry.tries for entry in of_articles(result)} == {0}
    assert sum(entry.due for entry in of_articles(result)) == 40 - len(result.kept)


def test_a_server_that_only_says_503_is_left_alone_after_a_while_and_counts_against_no_page(
    server: Any, crawl: Any
) -> None:
    server.lie = lambda asked: server.http(b"", "503 X") if asked.startswith("/20") else None
    result = crawl("-s", "RETRY_BACKOFF=0", "-s", "RETRY_TIMES=50")
    assert result.status == 1
    assert "answers HTTP 503, 20 times in a row" in result.said
    assert 20 <= len(server.paths("/20")) < 30
    assert {(entry.tries, entry.due) for entry in of_articles(result)} == {(0, True)}


def test_503_without_a_time_is_waited_for_longer_each_time_by_everybody(server: Any, crawl: Any) -> None:
    path = server.site.posts()[3].story.path
    answers = [server.http(b"", "503 X"), server.http(b"", "503 X")]
    server.lie = lambda asked: answers.pop() if asked == path and answers else None
    result = crawl("-s", "RETRY_BACKOFF=1", "-s", "DOWNLOAD_DELAY=0.1", "-s", "DOWNLOAD_DELAY_JITTER=0")
    assert len(result.kept) == 8, result.said
    first, second, third = (when for when, asked, _ in server.asked if asked == path)
    assert second - first >= 1
    assert third - second >= 2
    # One may have been on its way; who has the answer waits from then on, so later.
    assert len([asked for when, asked, _ in server.asked if first < when < first + 1]) <= 1


def test_a_server_that_is_gone_ends_the_crawl_and_the_next_one_goes_on(server: Any, crawl: Any) -> None:
    server.site = type(server.site).generated(150)
    server.site.address = server.address
    middle = server.site.posts()[40].story.path

    def leave(asked: str) -> None:
        if asked == middle:
            server.close()

    server.lie = leave
    result = crawl("-s", "RETRY_TIMES=0")
    assert result.status == 1
    assert "20 pages in a row failed, the last with: 127.0.0.1" in result.said
    assert "refuses connections; is the server running?; run the same command again later" in result.said
    assert 0 < len(result.kept) < 150
    assert sum(entry.state == "failed" for entry in of_articles(result)) < 60, "it went on asking"
    # Nor do those whose connection broke because the server left.
    assert {entry.tries for entry in of_articles(result)} == {0}
    back = type(server)(server.site, server.port)
    again = crawl()
    back.close()
    assert again.status == 0, again.said
    assert len({row["id"] for row in again.kept}) == len(again.kept) == 150


def test_pages_that_fail_while_the_server_answers_others_count_a_try_each(server: Any, crawl: Any) -> None:
    broken, failing = (server.site.posts()[number].story.path for number in (2, 5))
    server.lie = {broken: b"", failing: server.http(b"", "500 X")}.get
    for tries in (1, 2):
        result = crawl("-s", "RETRY_TIMES=0")
        assert len(result.kept) == 6, result.said
        assert {(result.entries[path].tries, result.entries[path].due) for path in (broken, failing)} == {(tries, True)}
