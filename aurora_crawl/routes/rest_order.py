"""Reading all posts of a type: by ascending id where the server keeps that order, else whatever order it has.

By id, every request overlaps the one before by one post, the anchor. If the first post of an answer is newer than the
anchor, posts were deleted meanwhile and the rest has moved up: the reading steps back until it meets known ground. So
nothing is missed whatever is deleted or added between two requests, also when that is days later, and the size of a page
can change on the way.

A server that answers in another order is read page by page until what was found is as many as it announces, and where
that fails, by spans of time, halved until each fits on a page.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from aurora_crawl.extraction.rest_answer import Row
from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.rest_api import PageSize, Query, RestApi, RestPage, TooHeavy
from aurora_crawl.routes.rest_steps import Position
from aurora_crawl.routes.route import RouteFailed

MOST_PASSED_OVER = 10
"""Posts in a row that the server cannot bring, after which the route gives up."""
MOST_EMPTY = 10
"""So many empty pages in a row, of a server that announces more posts, and it has no more: filters can empty one page."""
MOST_SWEEPS = 4
"""So often all pages are asked for anew while that brings further posts."""
MOST_FAILED = 40
"""Spans in a row that the server cannot bring; a century is halved 32 times down to a second."""
FIRST_MOMENT = datetime(1900, 1, 1)  # noqa: DTZ001 - in the site's own time, as the API takes it
_MARGIN = timedelta(days=366)
_SECOND = timedelta(seconds=1)


class NoOrder(Exception):  # noqa: N818 - a condition, not an error: the posts are read in another way
    """The server does not keep to ascending ids; the message says how that was seen."""


class StepReading:
    """Reads the posts of one type that a query selects; `seen` are the ids that it has brought."""

    def __init__(self, api: RestApi, type_: str, select: Query, tell: Callable[[str], None]) -> None:
        self._api = api
        self._type = type_
        self._select = select
        self._tell = tell
        self._largest = 1
        self.total: int | None = None
        self.seen: set[int] = set()
        self.unusable = 0

    @property
    def lacks(self) -> bool:
        """Whether fewer posts were seen than the server announces, as far as it announces a number."""
        return self.total is not None and len(self.seen) + self.unusable < self.total

    async def by_id(self, here: Position) -> AsyncIterator[tuple[list[Row], Position, bool]]:
        """The posts after a position by ascending id, the position after them, and whether they are the last.

        Raises NoOrder and RouteFailed.
        """
        size = PageSize()
        back = passed_over = empty = in_vain = 0
        previous: tuple[int, int] | None = None
        while True:
            asked = max(here.offset - int(here.anchored) - back, 0)
            asked_for = max(size.posts, 1 + here.anchored)
            query = {"offset": asked, "per_page": asked_for, "orderby": "id", "order": "asc"}
            try:
                page = await self._page(query)
            except TooHeavy as error:
                if size.shrink(error):
                    self._tell(Message("{why}; asking for {posts} posts at a time", why=error, posts=size.posts))
                elif error.capped and not here.offset:
                    raise NoOrder(Message("it refuses the order by id")) from error
                else:
                    passed_over = self._pass_over(error, here.offset, passed_over)
                    here = replace(here, offset=here.offset + 1, anchored=False)
                continue
            ids = [row["id"] for row in page.rows]
            if any(one > other for one, other in pairwise(ids)):
                raise NoOrder(Message("it does not keep the order by id"))
            if here.anchored and asked > 0 and (not ids or ids[0] > here.last):
                back = max(2 * back, size.posts // 2, 1)
                self._tell(
                    Message(
                        "{kind}: posts were deleted meanwhile; reading some again from before number {number}",
                        kind=self._type,
                        number=asked + 1,
                    )
                )
                continue
            if len(ids) > 1 and previous == (ids[0], ids[-1]) and asked and not back:
                raise NoOrder(
                    Message(
                        "it answers with the same {kind} again from number {number} on",
                        kind=self._type,
                        number=asked + 1,
                    )
                )
            previous = (ids[0], ids[-1]) if ids else None
            new = [row for row in page.rows if row["id"] > here.last]
            end = asked + page.size
            stuck = not back and end <= here.offset
            here = replace(here, offset=end, last=new[-1]["id"] if new else here.last, anchored=bool(ids))
            self._note(new, page)
            looks_over = not page.size or stuck
            # A page of posts that a filter took out looks like the end.
            is_filtered = looks_over and self.total is not None and end < self.total and empty < MOST_EMPTY
            is_end = not is_filtered and (looks_over or page.ends(asked_for, end))
            yield new, here, is_end
            in_vain = 0 if new else in_vain + 1
            if in_vain > MOST_EMPTY:
                raise NoOrder(Message("{in_vain} pages in a row brought nothing new", in_vain=in_vain))
            if is_end:
                return
            if is_filtered:
                empty += 1
                here = replace(here, offset=end + size.posts - 1, anchored=False)
                continue
            size.grow()
            back = passed_over = empty = 0

    async def in_any_order(self) -> AsyncIterator[list[Row]]:
        """All posts, page after page, again while that brings further ones, until they are as many as announced."""
        by_number = False
        for sweep in range(MOST_SWEEPS):
            before = len(self.seen)
            moved = False
            async for rows, state in self._sweep(by_number=by_number):
                by_number, moved = state[0], moved or state[1]
                yield rows
            is_complete = self.total is not None and not self.lacks
            brought_nothing = len(self.seen) == before and sweep > 0
            if (is_complete and not moved) or brought_nothing:
                return

    async def _sweep(self, *, by_number: bool) -> AsyncIterator[tuple[list[Row], tuple[bool, bool]]]:
        """The pages from the first to the last; beside each, whether they are asked for by number, and whether posts moved.

        By offset, a page begins with the last post of the one before, as by id; by number only where the server ignores offsets.
        """
        size = PageSize()
        offset, number, passed_over, empty, in_vain = 0, 1, 0, 0, 0
        anchor: int | None = None
        first: list[int] = []
        while True:
            overlap = int(anchor is not None and not by_number)
            asked_for = max(size.posts, 1 + overlap)
            start = {"page": number} if by_number else {"offset": offset - overlap}
            try:
                page = await self._page(start | {"per_page": asked_for})
            except TooHeavy as error:
                if size.shrink(error):
                    self._tell(Message("{why}; asking for {posts} posts at a time", why=error, posts=size.posts))
                    offset, number, anchor = (0, 1, None) if by_number else (offset, number, anchor)
                else:
                    passed_over = self._pass_over(error, offset, passed_over)
                    offset, number, anchor = offset + 1, number + 1, None
                continue
            ids = [row["id"] for row in page.rows]
            if ids and ids == first and offset:
                if by_number:
                    raise RouteFailed(
                        N_("the server answers with the same {kind} again, whatever page is asked for"), kind=self._type
                    )
                by_number, offset, number, anchor, first = True, 0, 1, None, []
                continue
            first = first or ids
            moved = bool(overlap) and (not ids or ids[0] != anchor)
            new = [row for row in page.rows if row["id"] not in self.seen]
            offset += page.size - overlap
            number += 1
            self._note(new, page)
            yield new, (by_number, moved)
            in_vain = 0 if new else in_vain + 1
            if in_vain > MOST_EMPTY + len(self.seen) // self._largest:
                return
            if page.size <= overlap:
                if self.total is None or offset >= self.total or empty == MOST_EMPTY:
                    return
                empty += 1
                offset, anchor = offset + size.posts, None
                continue
            if page.ends(asked_for, offset):
                return
            anchor = ids[-1] if ids else None
            passed_over = empty = 0
            if not by_number:
                # Where pages have numbers, their size may not change on the way.
                size.grow()

    async def by_spans_of_time(self) -> AsyncIterator[list[Row]]:
        """All posts, asked for by their day of publication in spans that are halved until each fits on a page.

        What a span holds does not depend on the order. Raises RouteFailed where the server takes no notice of days.
        """
        after, before = self._select.get("after"), self._select.get("before")
        first = datetime.fromisoformat(after).replace(tzinfo=None) if after else FIRST_MOMENT
        last = datetime.fromisoformat(before).replace(tzinfo=None) if before else datetime.now(UTC).replace(tzinfo=None)
        passed_over = failed = 0
        spans = [(first, last if before else last + _MARGIN)]
        size = PageSize()
        while spans:
            start, end = spans.pop()
            query = {"after": start.isoformat(timespec="seconds"), "before": end.isoformat(timespec="seconds")}
            try:
                page = await self._page({"per_page": size.posts} | query, select=query)
            except TooHeavy as error:
                failed += 1
                if failed > MOST_FAILED:
                    raise RouteFailed(f"{self._type}: {error}") from error
                if error.capped and size.shrink(error):
                    spans.append((start, end))
                elif end - start > 2 * _SECOND:
                    # A shorter span is lighter, and leads to the post that breaks the server.
                    spans += _halves(start, end)
                else:
                    passed_over = self._pass_over(error, len(self.seen), passed_over)
                continue
            failed = 0
            if any(not _is_within(row.get("date"), start, end) for row in page.rows):
                raise RouteFailed(N_("{kind}: the server takes no notice of days of publication"), kind=self._type)
            new = [row for row in page.rows if row["id"] not in self.seen]
            self._note(new, page, is_part=True)
            yield new
            is_whole = page.total is not None and page.total <= page.size
            if is_whole or not page.size or page.size < min(self._largest, size.posts) or end - start <= 2 * _SECOND:
                continue
            spans += _halves(start, end)

    async def _page(self, query: Query, select: Query | None = None) -> RestPage:
        return await self._api.posts(self._type, query | self._select | (select or {}))

    def _note(self, new: list[Row], page: RestPage, *, is_part: bool = False) -> None:
        self.seen.update(row["id"] for row in new)
        self._largest = max(self._largest, page.size)
        if page.unusable:
            self.unusable += page.unusable
            self._tell(
                Message(
                    "{kind}: {unusable} entries of an answer are no posts (no id) and are left out",
                    kind=self._type,
                    unusable=page.unusable,
                )
            )
        if not is_part and page.total is not None:
            self.total = page.total

    def _pass_over(self, error: TooHeavy, number: int, passed_over: int) -> int:
        if passed_over == MOST_PASSED_OVER:
            raise RouteFailed(
                N_("{kind}: no post can be had from number {number} on: {why}"),
                kind=self._type,
                number=number + 1,
                why=error,
            ) from error
        self._tell(
            Message(
                "{kind}: post number {number} cannot be had and is passed over: {why}",
                kind=self._type,
                number=number + 1,
                why=error,
            )
        )
        return passed_over + 1


def _halves(start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The later and the earlier half of a span. Bounds are exclusive: the middle second belongs to the earlier one."""
    middle = (start + (end - start) // 2).replace(microsecond=0)
    return [(middle, end), (start, middle + _SECOND)]


def _is_within(date: object, start: datetime, end: datetime) -> bool:
    """Whether a post's day may lie in a span; an unreadable one may."""
    if not isinstance(date, str):
        return True
    try:
        moment = datetime.fromisoformat(date).replace(tzinfo=None)
    except ValueError:
        return True
    return start - timedelta(days=1) <= moment <= end + timedelta(days=1)
