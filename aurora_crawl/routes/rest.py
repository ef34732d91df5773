"""The route through WordPress' REST API: whole articles, a hundred to a request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from aurora_crawl.budget import OverBudget, within_budget
from aurora_crawl.extraction.rest_answer import Row
from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.rest_api import PAGE_SIZES, NoSuchType, Query, RestApi, TooHeavy
from aurora_crawl.routes.rest_order import NoOrder, StepReading
from aurora_crawl.routes.rest_steps import Position, rest_steps
from aurora_crawl.routes.route import Found, Note, Page, Route, RouteFailed, RouteSettings

SOME_MISSING, SHARE_MISSING = 2, 0.02
"""Posts that may be missing of those that a server announces: filters of a site take some out after counting."""


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
    counts_cheaply = True

    def whole_cost(self, known: int) -> int:
        """See `Route.whole_cost`."""
        return -(-known // PAGE_SIZES[0]) * len(self.scope.post_types)

    @cached_property
    def _api(self) -> RestApi:
        return RestApi(self.scope.site_url, self.fetch, self.tell)

    async def pages(self, position: Note | None, changed_since: str | None) -> AsyncIterator[Page]:
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
                self.tell(Message("{why}; passed over", why=error))

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
                    yield Page(self._all_found(type_, rows), {})

    async def _by_number(self, type_: str, numbers: list[str]) -> AsyncIterator[list[Row]]:
        try:
            page = await self._api.posts(type_, {"include": ",".join(numbers), "per_page": len(numbers)})
            yield page.rows
        except TooHeavy as error:
            if len(numbers) == 1:
                self.tell(Message("{kind}/{first} cannot be had: {why}", kind=type_, first=numbers[0], why=error))
                return
            half = len(numbers) // 2
            for part in (numbers[:half], numbers[half:]):
                async for rows in self._by_number(type_, part):
                    yield rows

    async def _step_pages(
        self, type_: str, select: Query, here: Position, *, is_last: bool
    ) -> AsyncIterator[tuple[Page, Position]]:
        """The pages of one step from a position on, with the position after each. Raises RouteFailed."""
        reading = StepReading(self._api, type_, select, self.tell)
        try:
            async for rows, after, is_end in reading.by_id(here):
                here = after
                # At the end of the last step the next crawl looks for what came since; no other step is asked again.
                is_done = is_end and not is_last and not _is_far_from(reading.total, here.offset)
                yield self._page(type_, rows, here.next_step() if is_done else here, reading), here
            if not _is_far_from(reading.total, here.offset):
                if _is_far_from(here.offset, here.offset - reading.unusable):
                    raise RouteFailed(
                        N_("{kind}: {count} of its entries are no posts, or bear others' numbers"),
                        kind=type_,
                        count=reading.unusable,
                    )
                self._say_what_is_missing(type_, reading.total, here.offset)
                return
            reason: str = Message(
                "it announces {total} posts and stops at {offset}", total=reading.total, offset=here.offset
            )
        except NoOrder as error:
            reason = error.args[0]
        self.tell(
            Message(
                "{kind}: the server cannot be read in steps: {reason}; reading all its pages, and counting",
                kind=type_,
                reason=reason,
            )
        )
        # In another order there is no position to go on from: one that is left in the middle begins anew.
        start = Position(step=here.step, done=here.done)
        async for rows in reading.in_any_order():
            yield self._page(type_, rows, start, reading), start
        if reading.lacks:
            async for rows in reading.by_spans_of_time():
                yield self._page(type_, rows, start, reading), start
        if _is_far_from(reading.total, len(reading.seen) + reading.unusable):
            raise RouteFailed(
                N_("{kind}: the server announces {total} posts and keeps no order; {count} were found"),
                kind=type_,
                total=reading.total,
                count=len(reading.seen),
            )
        self._say_what_is_missing(type_, reading.total, len(reading.seen) + reading.unusable)
        end = Position(here.step, len(reading.seen), max(reading.seen, default=0), here.done)
        yield self._page(type_, [], end, reading), end

    def _page(self, type_: str, rows: list[Row], here: Position, reading: StepReading) -> Page:
        expected = here.done + reading.total if reading.total is not None else None
        return Page(self._all_found(type_, rows), here.as_note(), expected)

    def _say_what_is_missing(self, type_: str, announced: int | None, found: int) -> None:
        if announced is not None and found < announced:
            self.tell(
                Message(
                    "{kind}: the server announces {announced} posts and stops at {found}",
                    kind=type_,
                    announced=announced,
                    found=found,
                )
            )

    def _all_found(self, type_: str, rows: list[Row]) -> list[Found]:
        """The posts in some rows, read in the time that one page may take; those beyond it are left to their pages."""
        from aurora_crawl.extraction.wordpress_post import post_address

        found: list[Found] = []
        try:
            with within_budget():
                # Not `extend`, which would keep nothing of what was read before the end came.
                for row in rows:
                    found.append(self._found(type_, row))
        except OverBudget as error:
            left = rows[len(found) :]
            self.tell(
                Message(
                    "{kind}: an answer {why}; {count} posts are read from their pages",
                    kind=type_,
                    why=error,
                    count=len(left),
                )
            )
            found += [Found(post_address(row, self.scope.site_url), key=f"{type_}/{row['id']}") for row in left]
        return found

    def _found(self, type_: str, row: Row) -> Found:
        from aurora_crawl.extraction.wordpress_post import is_protected, read_post

        article = read_post(row, site=self.scope.site, site_url=self.scope.site_url, license=self.scope.license)
        # The API withholds what page builders make, and files; the page itself has it.
        is_on_page = (not article.text and not is_protected(row)) or self.scope.reads != ("html",)
        return Found(
            url=article.url,
            key=f"{type_}/{row['id']}",
            title=article.title,
            published=article.published,
            modified=article.modified,
            authors=article.authors,
            section=article.section,
            article=None if is_on_page else article,
        )


def _is_far_from(announced: int | None, found: int) -> bool:
    """Whether so much is missing that no filter of the site explains it."""
    return announced is not None and announced - found > max(SOME_MISSING, SHARE_MISSING * announced)
