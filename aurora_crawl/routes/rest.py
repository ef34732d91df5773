"""The route through WordPress' REST API: whole articles, a hundred to a request.

Posts are read by ascending id, and every request overlaps the one before by one post, the anchor. If the first post of
an answer is newer than the anchor, posts were deleted meanwhile and the rest has moved up: the route steps back until it
meets known ground. So nothing is missed whatever is deleted or added between two requests, also when that is days later,
and the size of a page can change on the way.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

from aurora_crawl.addresses import refusal
from aurora_crawl.extraction.wordpress_post import read_post
from aurora_crawl.routes.rest_api import PAGE_SIZES, NoSuchType, PageSize, RestApi, TooHeavy
from aurora_crawl.routes.rest_steps import Position, rest_steps
from aurora_crawl.routes.route import Found, Page, Route, RouteFailed, RouteSettings

MOST_PASSED_OVER = 10
"""Posts in a row that the server cannot bring, after which the route gives up."""


@dataclass(slots=True, frozen=True)
class Rest(RouteSettings):
    """WordPress' REST API, where WordPress keeps it; the scope's post types say what is read."""

    name: ClassVar[str] = "rest"
    attribute: ClassVar[str] = ""


class RestRoute(Route):
    """WordPress' `/wp-json/wp/v2/`, for each of the scope's post types in turn."""

    settings = Rest
    brings_articles = True
    announces_at_once = True

    def whole_cost(self, known: int) -> int:
        """See `Route.whole_cost`."""
        return -(-known // PAGE_SIZES[0]) * len(self.scope.post_types)

    @cached_property
    def _api(self) -> RestApi:
        return RestApi(self.scope.site_url, self.fetch, self.tell)

    async def pages(self, position: dict[str, Any] | None, changed_since: str | None) -> AsyncIterator[Page]:
        """See `Route.pages`. `changed_since` becomes `modified_after`, which WordPress knows since 5.7."""
        steps = rest_steps(self.scope, changed_since)
        here = Position(**position) if position else Position()
        if here.step >= len(steps):
            here = Position()
        for number in range(here.step, len(steps)):
            type_, query = steps[number]
            here = here if here.step == number else here.next_step()
            try:
                async for page, after in self._step_pages(type_, query, here, is_last=number + 1 == len(steps)):
                    yield page
                    here = after
            except NoSuchType as error:
                if type_ == self.scope.post_types[0]:
                    raise
                self.tell(f"{error}; passed over")

    async def again(self, keys: list[str]) -> AsyncIterator[Page]:
        """Posts by their keys, `TYPE/ID`. Those that are gone are not among what is found."""
        by_type: dict[str, list[str]] = {}
        for key in keys:
            type_, _, number = key.partition("/")
            by_type.setdefault(type_, []).append(number)
        for type_, numbers in by_type.items():
            for start in range(0, len(numbers), PAGE_SIZES[0]):
                wanted = numbers[start : start + PAGE_SIZES[0]]
                async for rows in self._by_number(type_, wanted):
                    yield Page([self._found(type_, row) for row in rows], {})

    async def _by_number(self, type_: str, numbers: list[str]) -> AsyncIterator[list[dict[str, Any]]]:
        try:
            rows, _ = await self._api.posts(type_, {"include": ",".join(numbers), "per_page": len(numbers)})
            yield rows
        except TooHeavy as error:
            if len(numbers) == 1:
                self.tell(f"{type_}/{numbers[0]} cannot be had: {error}")
                return
            half = len(numbers) // 2
            for part in (numbers[:half], numbers[half:]):
                async for rows in self._by_number(type_, part):
                    yield rows

    async def _step_pages(
        self, type_: str, select: dict[str, Any], here: Position, *, is_last: bool
    ) -> AsyncIterator[tuple[Page, Position]]:
        size = PageSize()
        back, passed_over = 0, 0
        previous_asked, previous_first = None, None
        while True:
            asked = max(here.offset - int(here.anchored) - back, 0)
            query = {"offset": asked, "per_page": max(size.posts, 1 + here.anchored), "orderby": "id", "order": "asc"}
            try:
                rows, total = await self._api.posts(type_, query | select)
            except TooHeavy as error:
                if size.shrink(capped=error.capped):
                    self.tell(f"{error}; asking for {size.posts} posts at a time")
                elif passed_over == MOST_PASSED_OVER:
                    raise RouteFailed(
                        f"{type_}: no post can be had from number {here.offset + 1} on: {error}"
                    ) from error
                else:
                    passed_over += 1
                    self.tell(f"{type_}: post number {here.offset + 1} cannot be had and is passed over: {error}")
                    here = replace(here, offset=here.offset + 1, anchored=False)
                continue
            if here.anchored and asked > 0 and (not rows or rows[0]["id"] > here.last):
                back = max(2 * back, size.posts // 2, 1)
                self.tell(f"{type_}: posts were deleted meanwhile; reading some again from before number {asked + 1}")
                continue
            if len(rows) > 1 and asked != previous_asked and rows[0]["id"] == previous_first:
                raise RouteFailed(f"the server answers with the same {type_} again from number {asked + 1} on")
            previous_asked, previous_first = asked, rows[0]["id"] if rows else None
            new = [row for row in rows if row["id"] > here.last]
            end = asked + len(rows)
            stuck = not back and end <= here.offset
            here = replace(here, offset=end, last=new[-1]["id"] if new else here.last, anchored=bool(rows))
            expected = here.done + total if total is not None else None
            is_end = not rows or stuck or (total is not None and end >= total)
            # At the end of the last step the next crawl looks for what came since; no other step is asked again.
            note = here.next_step() if is_end and not is_last else here
            yield Page([self._found(type_, row) for row in new], note.as_note(), expected), here
            if is_end:
                if total is not None and end < total:
                    self.tell(f"{type_}: the server announces {total} posts and stops at {end}")
                return
            size.grow()
            back = passed_over = 0

    def _found(self, type_: str, row: dict[str, Any]) -> Found:
        article = read_post(row, site=self.scope.site, site_url=self.scope.site_url, license=self.scope.license)
        if refusal(article.url) is not None:
            # WordPress answers at this one whatever the post says of itself.
            article.url = f"{self.scope.site_url}/?p={row['id']}"
        return Found(
            url=article.url,
            key=f"{type_}/{row['id']}",
            title=article.title,
            published=article.published,
            modified=article.modified,
            authors=article.authors,
            section=article.section,
            article=article,
        )
