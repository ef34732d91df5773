"""What is asked of a host once: everybody who waits gets the answer, or the failure."""

import asyncio

import pytest

from aurora_crawl.web.once import OncePerHost


def test_all_who_wait_get_the_one_answer() -> None:
    async def whole() -> tuple[list[str], int]:
        once: OncePerHost[str] = OncePerHost()
        ready, asked = asyncio.Event(), 0

        async def ask() -> str:
            nonlocal asked
            asked += 1
            await ready.wait()
            return "rules"

        waiting = [asyncio.ensure_future(once.of("a", ask)) for _ in range(8)]
        await asyncio.sleep(0)
        assert once.known("a") is None
        waiting[0].cancel()
        ready.set()
        answers = await asyncio.gather(*waiting[1:])
        assert once.known("a") == "rules"
        return answers, asked

    assert asyncio.run(whole()) == (["rules"] * 7, 1)


def test_a_failure_is_everybodys() -> None:
    async def whole() -> list[object]:
        once: OncePerHost[str] = OncePerHost()

        async def ask() -> str:
            raise OSError("gone")

        found = await asyncio.gather(*(once.of("a", ask) for _ in range(3)), return_exceptions=True)
        assert once.known("a") is None
        return list(found)

    found = asyncio.run(whole())
    assert [str(one) for one in found] == ["gone"] * 3
    with pytest.raises(OSError, match="gone"):
        raise found[0]  # type: ignore[misc]
