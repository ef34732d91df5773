"""The invented newspaper's WordPress: posts that come, change and go while it is served, and switches that make it clumsy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import RLock
from typing import Literal

from aurora_crawl.demo.generate import generated_stories
from aurora_crawl.demo.newspaper import LOCAL_TIME, NAME, Story, slugify

Taxonomy = Literal["user", "category", "post_tag"]
Order = Literal["id", "date", "modified", "title", "slug", "author"]

FIRST_ID = 11
"""WordPress gives numbers to drafts, pages and pictures too, so posts neither start at 1 nor follow each other closely."""


@dataclass(frozen=True, slots=True)
class Post:
    """A published story: `modified` is in UTC, in whole seconds, as WordPress keeps it."""

    id: int
    story: Story
    modified: datetime

    @property
    def published(self) -> datetime:
        """When it was published, in UTC."""
        return self.story.published.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Term:
    """An author, a section or a tag, as WordPress numbers it."""

    id: int
    name: str
    slug: str
    taxonomy: Taxonomy


@dataclass(frozen=True, slots=True)
class StaticPage:
    """A page that is not an article, though menus and search results hold it."""

    title: str
    path: str
    body: str


@dataclass(slots=True)
class Answer:
    """What the server answers; `headers` are those beyond type and length."""

    body: bytes
    content_type: str = "text/html; charset=UTF-8"
    status: int = 200
    headers: dict[str, str] | None = None
    modified: datetime | None = None
    etag: str | None = None


STATIC_PAGES = (
    StaticPage("Quem somos", "/quem-somos/", "<p>O Farol do Vale é um jornal feito por seus leitores desde 2011.</p>"),
    StaticPage("Apoie", "/apoie/", "<p>Toda contribuição paga reportagem. O balanço sai todo mês.</p>"),
    StaticPage("Contato", "/contato/", "<p>Rua da Estação, 41, Vale do Cedro. Escreva ou apareça.</p>"),
)


class Site:
    """A WordPress site in memory. Every method may be called while it is being served.

    `requests` lists the paths asked for, with their queries, in the order in which they came. Switches, to be set at will:
    `rest_locked` answers 401 on REST; `per_page_limit` is the most that REST grants (more is refused with 400);
    `heavy_above` makes REST fail with 500 on more posts a page than this; `delay` waits so many seconds before each
    answer; `on_request` is called with each path and may answer in the site's place, or change the site.
    """

    def __init__(self, stories: Iterable[Story] = (), name: str = NAME) -> None:
        self.name = name
        self.address = "http://127.0.0.1"
        self.requests: list[str] = []
        self.rest_locked = False
        self.per_page_limit = 100
        self.heavy_above: int | None = None
        self.delay = 0.0
        self.on_request: Callable[[str], Answer | None] | None = None
        self._lock = RLock()
        self._posts: dict[int, Post] = {}
        self._paths: dict[str, int] = {}
        self._terms: dict[tuple[Taxonomy, str], Term] = {}
        self._sorted: dict[Order, list[Post]] = {}
        self._counts: Counter[tuple[Taxonomy, str]] = Counter()
        self._next_id = FIRST_ID
        for story in stories:
            self.add(story)

    @classmethod
    def generated(cls, count: int, seed: int = 1, words: int = 120) -> Site:
        """A site of `count` generated stories of about `words` words each; the same for the same numbers."""
        return cls(generated_stories(count, seed, words))

    def add(self, story: Story) -> int:
        """Publish a story; returns the number of its post."""
        with self._lock:
            number = self._next_id
            self._next_id += 1 + (number * 2_654_435_761 >> 8) % 4
            modified = (story.modified or story.published).astimezone(UTC).replace(microsecond=0)
            self._posts[number] = Post(number, story, modified)
            self._paths[story.path] = number
            self.term("user", story.byline)
            self.term("category", story.section)
            for tag in story.tags:
                self.term("post_tag", tag)
            self._sorted.clear()
            self._counts.clear()
            return number

    def edit(
        self, number: int, *, title: str | None = None, body: str | None = None, modified: datetime | None = None
    ) -> None:
        """Change a post; it counts as modified now, or at `modified`. Raises KeyError when there is no such post."""
        with self._lock:
            post = self._posts[number]
            story = replace(
                post.story,
                title=post.story.title if title is None else title,
                body=post.story.body if body is None else body,
            )
            moment = (modified or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
            self._posts[number] = Post(number, story, moment)
            self._sorted.clear()
            self._counts.clear()

    def delete(self, number: int) -> None:
        """Take a post away for good. Raises KeyError when there is no such post."""
        with self._lock:
            self._paths.pop(self._posts.pop(number).story.path, None)
            self._sorted.clear()
            self._counts.clear()

    def posts(self, by: Order = "id", descending: bool = False) -> list[Post]:
        """All posts in an order; those with equal values follow their numbers."""
        with self._lock:
            if by not in self._sorted:
                self._sorted[by] = sorted(self._posts.values(), key=_KEYS[by])
            found = self._sorted[by]
            return found[::-1] if descending else found[:]

    def post(self, number: int) -> Post | None:
        """The post of this number, or none."""
        with self._lock:
            return self._posts.get(number)

    def post_at(self, path: str) -> Post | None:
        """The post whose page is at this path, or none."""
        with self._lock:
            return self._posts.get(self._paths.get(path, -1))

    def term(self, taxonomy: Taxonomy, name: str) -> Term:
        """The author, section or tag of this name, numbered at first sight."""
        with self._lock:
            if (taxonomy, name) not in self._terms:
                # Sections and tags share one row of numbers, people have their own.
                alike = [term for term in self._terms.values() if (term.taxonomy == "user") == (taxonomy == "user")]
                self._terms[taxonomy, name] = Term(len(alike) + 2, name, slugify(name), taxonomy)
            return self._terms[taxonomy, name]

    def terms(self, taxonomy: Taxonomy) -> list[Term]:
        """All authors, sections or tags, by name."""
        with self._lock:
            return sorted((term for term in self._terms.values() if term.taxonomy == taxonomy), key=lambda t: t.slug)

    def terms_of(self, post: Post, taxonomy: Taxonomy) -> list[Term]:
        """A post's author, section or tags."""
        return [self.term(taxonomy, name) for name in _names(post.story, taxonomy)]

    def posts_of(self, term: Term) -> list[Post]:
        """The posts of an author, a section or a tag, latest first."""
        return [post for post in self.posts("date", descending=True) if term.name in _names(post.story, term.taxonomy)]

    def count_of(self, term: Term) -> int:
        """How many posts an author, a section or a tag has."""
        with self._lock:
            if not self._counts:
                taxonomies: tuple[Taxonomy, ...] = ("user", "category", "post_tag")
                posts = self._posts.values()
                self._counts = Counter(
                    (kind, name) for kind in taxonomies for p in posts for name in _names(p.story, kind)
                )
            return self._counts[term.taxonomy, term.name]

    def link(self, post: Post) -> str:
        """The address of a post's page."""
        return self.address + post.story.path

    def content(self, post: Post) -> str:
        """A post's HTML with the addresses of its own site whole, as WordPress' editor writes them."""
        return post.story.body.replace('href="/', f'href="{self.address}/').replace('src="/', f'src="{self.address}/')


def _names(story: Story, taxonomy: Taxonomy) -> tuple[str, ...]:
    if taxonomy == "user":
        return (story.byline,)
    return (story.section,) if taxonomy == "category" else tuple(story.tags)


def local(moment: datetime) -> datetime:
    """The moment on the newspaper's own clock."""
    return moment.astimezone(LOCAL_TIME)


_KEYS: dict[Order, Callable[[Post], tuple[object, int]]] = {
    "id": lambda post: (0, post.id),
    "date": lambda post: (post.published, post.id),
    "modified": lambda post: (post.modified, post.id),
    "title": lambda post: (post.story.title, post.id),
    "slug": lambda post: (post.story.slug, post.id),
    "author": lambda post: (post.story.byline, post.id),
}
