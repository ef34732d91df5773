"""Who wrote an article, as its page tells it: declared, marked, or in a byline near the heading."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from lxml import etree

from aurora_crawl.extraction.bylines import LONGEST_BYLINE, LONGEST_NAME, declared_names, names_in
from aurora_crawl.extraction.declaration import Declaration
from aurora_crawl.extraction.element_index import BYLINES, Census
from aurora_crawl.extraction.line_text import is_unseen, line_of, lines_of
from aurora_crawl.extraction.rules import Rules, select
from aurora_crawl.extraction.site_name import bare
from aurora_crawl.extraction.surroundings import Place, Surroundings
from aurora_crawl.extraction.tree import raw_text_of

_AUTHOR_META = (
    "author article:author_name dc.creator dcterms.creator parsely-author sailthru.author byl og:article:author "
    "cxenseparse:author article:author"
).split()
_AUTHOR_PATH = re.compile(
    r"/(?:author|autor|autora|autores|autoras|autoren|colunistas?|equipe|reporter(?:es)?|profile|perfil)/[^/?#]",
    re.IGNORECASE,
)
_NAME_CLASS = re.compile(r"(?:^|[\s_-])(?:name|nome|fn)(?:$|[\s_-])")
_NO_NAME_CLASS = re.compile(
    r"(?:^|[\s_-])(?:role|job|cargo|func[aã]o|bio\w*|descri\w+|desc|date|data|time|hora|local\w*|location|social\w*|redes|avatar|image|imagem|"
    r"email|twitter|label|count|category|categoria|section|reading\w*|leitura|updated|editor)(?:$|[\s_-])"
)
_NOBODY = re.compile(
    r"^(?:d[ao] )?(?:reda[cç][aã]o|equipe|staff|editorial|newsroom|redaktion|assessoria|comunica[cç][aã]o|ascom|imprensa|nachrichten|colaboradores)\b",
    re.IGNORECASE,
)
_DOMAIN = re.compile(r"^\S+\.[a-z]{2,4}$", re.IGNORECASE)
_MOST_BYLINES = 60


class Authors:
    """The sources of a page's authors, and the first that names somebody."""

    def __init__(
        self,
        tree: etree._Element,
        census: Census,
        rules: Rules,
        meta: Mapping[str, list[str]],
        declaration: Declaration,
        surroundings: Surroundings,
        site_names: Iterable[str],
    ) -> None:
        self.tree = tree
        self.census = census
        self.rules = rules
        self.meta = meta
        self.declaration = declaration
        self.surroundings = surroundings
        self.site_names = {bare(name) for name in site_names}

    def names(self) -> list[str]:
        """The authors; the site itself, or "Redação", only where no source names anybody else."""
        nobody: list[str] = []
        for found in self._sources():
            strangers = [name for name in found if not self._is_nobody(name)]
            # What stands in for the site itself must plainly be somebody: no place, no part of the site.
            if strangers and not (
                nobody and (len(strangers) < len(found) or not any(" " in name for name in strangers))
            ):
                return [name for name in found if not self._is_site(name)]
            nobody = nobody or found
        return nobody

    def _sources(self) -> Iterator[list[str]]:
        if selected := select(self.tree, self.rules.authors):
            yield names_in(map(_byline_of, selected))
        yield declared_names(self.declaration.names("author") or self.declaration.names("creator"))
        yield declared_names(self._microdata())
        for name in _AUTHOR_META:
            if contents := self.meta.get(name):
                yield declared_names(contents)
        yield names_in(self._near(self.census.rels.get("author", []), linked=True))
        for name in BYLINES:
            if elements := self.census.named.get(name):
                yield names_in(self._near(elements)[:3])
        if self._label_says_author():
            yield declared_names(self.meta.get("twitter:data1", []))
        yield names_in(self._near(self._links(), linked=True))

    def _is_nobody(self, name: str) -> bool:
        return self._is_site(name) or _NOBODY.match(name) is not None

    def _is_site(self, name: str) -> bool:
        return bare(name) in self.site_names or _DOMAIN.match(name) is not None

    def _microdata(self) -> list[str]:
        found = []
        for element in self.census.itemprops.get("author", [])[:_MOST_BYLINES]:
            if self.surroundings.place(element) is Place.ELSEWHERE or (is_unseen(element) and element.tag != "meta"):
                continue
            inner = [one for one in element.iter() if (one.get("itemprop") or "").lower() == "name"]
            for one in inner or [element]:
                text = one.get("content") or line_of(one, _NO_NAME_CLASS)
                if len(text) < 2 * LONGEST_NAME:
                    found.append(text)
        return found

    def _near(self, elements: list[etree._Element], *, linked: bool = False) -> list[str]:
        """The bylines among elements that stand in the article, else of those beside it; none of comments and lists."""
        places: dict[Place, list[str]] = {}
        for element in elements[:_MOST_BYLINES]:
            if len(raw_text_of(element)) > 2 * LONGEST_BYLINE:
                continue
            place = self.surroundings.place(element)
            if place is not Place.ELSEWHERE and (
                text := line_of(element, _NO_NAME_CLASS) if linked else _byline_of(element)
            ):
                places.setdefault(place, []).append(text)
        return places.get(Place.BEFORE, []) + places.get(Place.AFTER, []) or places.get(Place.BESIDE, [])

    def _label_says_author(self) -> bool:
        label = " ".join(self.meta.get("twitter:label1", [])).lower()
        return label.startswith(("escrito por", "written by", "por", "autor", "verfasst von"))

    def _links(self) -> list[etree._Element]:
        """Links to authors' pages, by their addresses."""
        links = (link for link in self.surroundings.root.iter("a") if _AUTHOR_PATH.search(link.get("href") or ""))
        return list(islice(links, _MOST_BYLINES))


def _byline_of(element: etree._Element) -> str:
    """A byline's lines; of one with links to authors or with names marked as such only these."""
    if not len(element):
        return line_of(element)
    marked = [
        one
        for one in element.iter("a", "span", "strong", "b", "div", "h4", "p", "li")
        if one is not element
        and (
            (one.get("itemprop") or "").lower() == "name"
            or "author" in (one.get("rel") or "").lower().split()
            or _is_name_class(one)
        )
    ]
    if not marked:
        marked = [link for link in element.iter("a") if _AUTHOR_PATH.search(link.get("href") or "")]
    outermost = [one for one in marked if not any(ancestor in marked for ancestor in one.iterancestors())]
    if names := [text for one in outermost if (text := line_of(one, _NO_NAME_CLASS))]:
        return "\n".join(names)
    return "\n".join(lines_of(element, _NO_NAME_CLASS))


def _is_name_class(element: etree._Element) -> bool:
    classes = element.get("class")
    return bool(classes) and _NAME_CLASS.search((classes or "").lower()) is not None
