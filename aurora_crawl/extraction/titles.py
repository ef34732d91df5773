"""Titles as pages tell them: which heading shows the article's, and how, without kickers and subtitles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from lxml import etree

from aurora_crawl.extraction.line_text import is_unseen, line_of, lines_of
from aurora_crawl.extraction.site_name import LEAST_HEAD, SEPARATED, bare, without_site_name
from aurora_crawl.extraction.tree import descendants, raw_text_of
from aurora_crawl.text.unicode import letters_of

_WORD = re.compile(r"\w+")
_SAME_WORDS = 0.5
_NO_TITLE = frozenset(
    "home inicio início index untitled semtítulo semtitulo páginainicial paginainicial notícias noticias notícia noticia artigo "
    "artigos post posts blog matéria materia undefined null".split()
)
_BESIDE = re.compile(
    r"(?:^|[\s_-])(?:chapeu|chap[eé]u|kicker|overline|topline|roofline|eyebrow|cartola|antet[ií]tulo|retranca|sub-?t[ií]tulo|sub-?title|"
    r"sub-?head(?:ing|line)?|subheader|bigode|linha-?fina|deck|dek|badge|label|categor\w+|cat-links|editoria|tags?|selo|share\w*|sharing|"
    r"compartilh\w+|autor|author|byline|data|date|time|icon|edit-link|headerlink|anchor\w*|permalink|count|site-?name|brand)(?:$|[\s_-])"
)
"""Classes, inside a heading, of what is not its title."""
_NO_HEADING_TAGS = frozenset({"nav", "aside", "footer", "form", "noscript", "dialog", "template"})
_NO_HEADING = tuple(
    "breadcrumb migalha logo site-title site-name sitetitle sitename brand navbar menu sidebar related relacionad comments comentario comentário "
    "newsletter cookie modal mais-lidas maislidas".split()
)
"""Beginnings of classes of what holds no article's heading."""
_TITLE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:entry|post|article|single|news|story|materia|noticia|titulo|title|headline)(?:$|[\s_-])"
)
_LOGO = re.compile(r"(?:^|[\s_-])(?:logo\w*|site-?(?:title|name)|brand(?:ing)?)(?:$|[\s_-])")
_MOST_HEADINGS = 40
_MOST_LOWER_HEADINGS = 150
_LONGEST_LOWER = 300


class Headings:
    """The headings of a page that can be its article's title, and the names of the site that stand among them."""

    def __init__(self, first: Sequence[etree._Element], lower: Sequence[etree._Element]) -> None:
        self.lower = lower
        self.main: list[etree._Element] = []
        self.site_names: list[str] = []
        for heading in first[:_MOST_HEADINGS]:
            if _is_logo(heading):
                self.site_names.append(line_of(heading))
            elif not _is_elsewhere(heading):
                self.main.append(heading)

    def texts(self) -> list[str]:
        """What the main headings say, empty ones left out."""
        return [text for heading in self.main if (text := line_of(heading))]


def best_title(
    headings: Headings, declared: Sequence[str], names: Iterable[str]
) -> tuple[str | None, etree._Element | None]:
    """The article's title, and the heading that shows it.

    `declared` is what JSON-LD, `og:title` and `<title>` say, the surest first; `names` those by which the site calls
    itself. A heading counts if it says what is declared; else the declared title that a lower heading shows; else a
    heading that is plainly the article's; else the first declared.
    """
    known = {bare(name) for name in (*names, *headings.site_names)} - {""}
    cleaned = [
        (title, short)
        for title in declared
        if (short := without_site_name(title, known)) and bare(short) not in _NO_TITLE
    ]
    main = [
        one for one in headings.main if (text := bare(line_of(one))) and text not in known and text not in _NO_TITLE
    ]
    for heading in main:
        readings = {bare(text): text for text in reversed(list(_readings(heading)))}
        for pair in cleaned:
            for one in pair:
                if (shown := readings.get(bare(one))) is not None:
                    return _better_spelling(without_site_name(shown, known) or shown, pair[1]), heading
    below = _shown_below(headings, cleaned)
    for heading in main:
        text = _text_of_heading(heading)
        if not _is_last_part(text, heading, cleaned, below) and any(
            says_the_same(text, one) for pair in cleaned for one in pair
        ):
            return without_site_name(text, known) or text, heading
    if below is not None:
        return below
    agree = len({bare(short) for _, short in cleaned}) < len(cleaned)
    for heading in main:
        if (not cleaned and len(main) == 1) or (not agree and _is_plainly_the_title(heading)):
            text = _text_of_heading(heading)
            return without_site_name(text, known) or text, heading
    if cleaned:
        return cleaned[0][1], None
    if main:
        return line_of(main[0]), main[0]
    # A page that calls itself what its site is called: better than nothing.
    return next((one for one in (*declared, *headings.site_names) if one), None), None


def _is_last_part(
    text: str,
    heading: etree._Element,
    cleaned: Sequence[tuple[str, str]],
    below: tuple[str, etree._Element] | None,
) -> bool:
    """Whether a heading is only the end of a declared title, and the site's name: a lower heading shows the beginning, or it is the header's.

    The header is the page's own, outside the article.
    """
    own = bare(text)
    if not any(bare(parts[-1]) == own for title, _ in cleaned if len(parts := SEPARATED.split(title)) > 1):
        return False
    if below is not None and bare(below[0]) != own:
        return True
    tags = [ancestor.tag for ancestor in heading.iterancestors()]
    return "header" in tags and "article" not in tags and "main" not in tags


def _shown_below(headings: Headings, cleaned: Sequence[tuple[str, str]]) -> tuple[str, etree._Element] | None:
    """The declared title that a lower heading shows, and that heading."""
    if not cleaned:
        return None
    wanted: dict[str, str] = {}
    for title, short in cleaned:
        # "Greve continua - Cidades - Jornal da Serra", of which no part is known
        first = SEPARATED.split(title)[0]
        for text in (short, first if len(first.split()) > 1 else short):
            wanted.setdefault(bare(text), text)
    shown: dict[str, etree._Element] = {}
    for heading in headings.lower[:_MOST_LOWER_HEADINGS]:
        # Each way to read a heading leaves some of its letters out.
        letters = letters_of(raw_text_of(heading))
        if any(_is_within(one, letters) for one in wanted):
            for text in _readings(heading):
                shown.setdefault(bare(text), heading)
    for letters, text in wanted.items():
        if (lower := shown.get(letters)) is not None and not _is_elsewhere(lower):
            return text, lower
    return None


def _is_within(letters: str, others: str) -> bool:
    """Whether the letters stand among the others in their order."""
    if len(letters) > len(others):
        return False
    rest = iter(others)
    return all(letter in rest for letter in letters)


def says_the_same(heading: str, declared: str) -> bool:
    """Whether a heading is a declared title, in part or in other words: at least half of the words, and two."""
    words, others = set(_WORD.findall(heading.lower())), set(_WORD.findall(declared.lower()))
    common = len(words & others)
    if len(words) == 1 and len(others) > 1:
        return False
    begins = declared.lower().startswith(heading.lower())
    return common >= _SAME_WORDS * max(len(words), 1) and (begins or common >= _SAME_WORDS * len(others))


def _text_of_heading(heading: etree._Element) -> str:
    """A heading without kickers and subtitles, unless most of it is in what their classes mark."""
    whole = line_of(heading)
    title = line_of(heading, _BESIDE)
    return title if 2 * len(title) >= len(whole) else whole


def _readings(heading: etree._Element) -> Iterator[str]:
    """The ways to read a heading: whole, without kickers and subtitles, each of its lines and of its spans."""
    yield line_of(heading)
    if not len(heading):
        return
    yield line_of(heading, _BESIDE)
    lines = lines_of(heading)
    if len(lines) > 1:
        yield from (" ".join(lines[start:end]) for start, end in ((1, None), (0, -1), (0, 1), (-1, None)))
    for child in heading:
        if child.tag in ("span", "a", "strong", "div") and not is_unseen(child) and not _is_beside(child):
            yield line_of(child, _BESIDE)


def _is_beside(element: etree._Element) -> bool:
    return _BESIDE.search((element.get("class") or "").lower()) is not None


def _better_spelling(shown: str, declared: str) -> str:
    """Of two spellings the heading's, unless words run into each other or all is in capitals there."""
    if len(shown.split()) < len(declared.split()) or (shown.isupper() and not declared.isupper()):
        return declared
    return shown


def _is_plainly_the_title(heading: etree._Element) -> bool:
    """Whether a main heading is the article's by where it stands, though nothing declared says the same."""
    if len(line_of(heading).split()) <= LEAST_HEAD:
        return False
    if (
        _TITLE_CLASS.search((heading.get("class") or "").lower())
        or "headline" in (heading.get("itemprop") or "").lower()
    ):
        return True
    return any(ancestor.tag in ("article", "main") for ancestor in heading.iterancestors()) and not _is_linked(heading)


def _is_linked(heading: etree._Element) -> bool:
    return any(True for _ in heading.iter("a")) or any(ancestor.tag == "a" for ancestor in heading.iterancestors())


def _is_elsewhere(heading: etree._Element) -> bool:
    """Whether a heading is hidden, or belongs to a page's navigation, margin or comments."""
    for element in (heading, *heading.iterancestors()):
        tag = element.tag
        if tag in ("article", "main", "body"):
            return False
        if tag in _NO_HEADING_TAGS:
            return True
        if (is_unseen(element) or _is_no_heading_class(element.get("class") or "")) and not _holds_the_text(element):
            return True
    return False


def _holds_the_text(element: etree._Element) -> bool:
    """Whether an element holds half of a page's paragraphs: then its class tells how the page is laid out, not what it is."""
    own = len(descendants(element, "p"))
    return own > 0 and 2 * own >= len(descendants(element.getroottree().getroot(), "p"))


@lru_cache(maxsize=10_000)
def _is_no_heading_class(classes: str) -> bool:
    return any([name.startswith(_NO_HEADING) for name in classes.lower().split()])  # noqa: C419


def _is_logo(heading: etree._Element) -> bool:
    """Whether a heading is the site's name: by its class, or as the link to the front in the page's own header."""
    own = f"{heading.get('class') or ''} {heading.get('id') or ''}".lower()
    if _LOGO.search(own):
        return True
    for link in heading.iter("a"):
        address = (link.get("href") or "").strip()
        try:
            parts = urlsplit(address)
        except ValueError:
            return False
        return bool(address) and parts.path in ("", "/") and not parts.query and not address.startswith("#")
    return False
