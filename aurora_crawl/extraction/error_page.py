"""Pages that answer 200 and hold no article: an error in words, a wall that asks for consent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from lxml import etree

from aurora_crawl.extraction.metadata import Metadata
from aurora_crawl.extraction.tree import text_of, title_in_head

ERROR = "error page"
CONSENT = "consent wall"

_ERROR_TITLE = re.compile(
    r"(?:(?:oh no|ops|oops|opa|ooops|desculpe|lo sentimos|sorry|ah|uh)\b[\s!,.:…-]*)?(?:"
    r"(?:erro|error|http|status)?[\s:#-]*(?:400|401|403|404|410|429|500|502|503|504)"
    r"(?:[\s:,.–—|-]+(?:(?:file |page |url )?not found|error|erro|p[áa]gina n[ãa]o.{0,30}|n[ãa]o encontrad[oa]|forbidden|proibido|acesso.{0,20}|unauthorized|gone|server error|"
    r"bad gateway|internal.{0,20}|service unavailable|indispon[íi]vel|too many requests))?|"
    r"(?:essa |esta |a |o |the |this |that |la |el |esse |este )?(?:p[áa]gina|conte[úu]do|not[íi]cia|mat[ée]ria|artigo|texto|post|endere[çc]o|url|link|page|content|article|entry|contenido|art[íi]culo)"
    r"(?: que (?:voc[êe]|o senhor) (?:procura|tentou|busca|est[áa] procurando).{0,30})?"
    r"(?: (?:solicitad[oa]|requisitad[oa]|procurad[oa]|requested|you (?:requested|were looking for|are looking for)))?"
    r",? (?:n[ãa]o (?:foi |p[ôo]de ser |est[áa] )?(?:encontrad[oa]|existe|localizad[oa]|dispon[íi]vel)(?: mais)?|inexistente|indispon[íi]vel|removid[oa]|"
    r"(?:was |is |could |can )?(?:not (?:be )?(?:found|available)|cannot be found|no longer (?:exists|available))|(?:doesn[’']t|does not) exist|missing|gone|no (?:fue )?(?:encontrad[oa]|existe|disponible))|"
    r"(?:n[ãa]o encontr(?:amos|ad[oa])|nada (?:foi )?encontrado|nada por aqui|nenhum resultado(?: encontrado)?|nothing (?:was )?found(?: here)?|not found|no results found)(?: (?:a|o|essa|esta|esse|este) (?:p[áa]gina|conte[úu]do|endere[çc]o))?|"
    r"acesso (?:negado|proibido)|access denied|forbidden|(?:service|servi[çc]o|site) (?:temporarily )?(?:unavailable|indispon[íi]vel)(?: temporariamente)?|"
    r"(?:site|p[áa]gina|portal)? ?em manuten[çc][ãa]o|(?:under|down for|scheduled) maintenance|internal server error|bad gateway|gateway time-?out|"
    r"erro (?:interno|no servidor|inesperado).{0,20}|just a moment|attention required"
    r")[\s!.…:(]*",
    re.IGNORECASE,
)
_ERROR_WORDS = re.compile(
    r"(?:p[áa]gina|conte[úu]do|endere[çc]o|not[íi]cia|mat[ée]ria|link|url|page|address|content|article)[^.!?\n]{0,80}?"
    r"(?:n[ãa]o (?:foi |p[ôo]de ser )?(?:encontrad|existe|localizad|est[áa] (?:mais )?dispon)|mudou de (?:lugar|endere)|foi (?:removid|movid|apagad|exclu[íi]d)|deixou de existir|"
    r"(?:not|cannot|can[’']t) be found|not found|does(?:n[’']t| not) exist|no longer (?:exists|available)|(?:been|was) (?:removed|moved|deleted))",
    re.IGNORECASE,
)
_ERROR_CLASS = re.compile(
    r"(?:^|[\s_-])(?:error-?(?:page-?)?40[34]|error-?page|page-?(?:error|not-?found|404)|(?:is-)?not-?found|http-?error|erro-?404|pagina-nao-encontrada)(?:$|[\s_-])"
)
_ERROR_ADDRESS = re.compile(
    r"/(?:404|40[34]\.\w+|erro(?:-?404)?|error(?:-?404)?|not-?found|pagina-nao-encontrada)/?(?:$|[?#])", re.IGNORECASE
)
_CONSENT_WORDS = re.compile(
    r"\bcookies?\b|\bconsent(?:imento|ement|ir)?\b|privacidade|privacy|\blgpd\b|\bgdpr\b|dados pessoais|personal data|publicidade personalizada",
    re.IGNORECASE,
)
_OURS = re.compile(
    r"\b(?:n[óo]s|nosso[as]?|nossa|usamos|utilizamos|parceiros|we|our|us|partners|seu (?:navegador|dispositivo)|your (?:browser|device))\b",
    re.IGNORECASE,
)
_CONSENT_SHARE = 0.6
_SHORT_PAGE = 1500
_LONGEST_WALL = 3000
_ENOUGH = 3
_MOST_HEADINGS = 3
_MOST_WORDS_OF_SITE = 5
_TITLE_PARTS = re.compile(r"(?<!\s)(?:\s+[|–—\-·•»:>/]\s+|\s*\|\s*)")
_ROBOTS = etree.XPath("/descendant::meta[@name='robots' or @name='ROBOTS']/@content")
_TYPES = etree.XPath("/descendant::meta[@property='og:type' or @name='og:type']/@content")


def why_no_article(
    tree: etree._Element, headings: Sequence[etree._Element], metadata: Metadata, paragraphs: Sequence[str]
) -> str:
    """`ERROR` or `CONSENT` for a page that holds no article; empty for an article. `headings` are its `h1`.

    Several signs must agree, and a page that declares itself an article and has a date is one: an article may be called
    "Página não encontrada", and a broken theme may name the page of errors as canonical on every page.
    """
    text = "\n".join(paragraphs)
    signs = _signs_of_error(tree, headings, metadata, text)
    if signs >= _ENOUGH:
        is_declared = bool(metadata.published) and any("article" in one.lower() for one in _strings(_TYPES, tree))
        if signs >= _ENOUGH + (2 if is_declared else 0):
            return ERROR
    return CONSENT if not metadata.published and _is_wall(paragraphs, text) else ""


def _signs_of_error(tree: etree._Element, headings: Sequence[etree._Element], metadata: Metadata, text: str) -> int:
    body, head = next(tree.iterchildren("body"), None), title_in_head(tree)
    title = text_of(head) if head is not None else ""
    signs = 0
    if body is not None and _is_of_error(f"{body.get('class', '')} {body.get('id', '')}".lower()):
        signs += 2
    names = {_stripped(one) for one in (metadata.title or "", title, *_without_short_parts(title)) if one}
    said = {_stripped(text_of(one)) for one in headings[:_MOST_HEADINGS]}
    told = sum(any(len(name) < 120 and _ERROR_TITLE.fullmatch(name) for name in group) for group in (names, said))
    if not signs and not told:
        return 0
    signs += 2 if told else 0
    signs += told == 2
    signs += len(text) < _SHORT_PAGE and bool(_ERROR_WORDS.search(text))
    signs += len(text) < _SHORT_PAGE // 5
    signs += any("noindex" in one.lower() for one in _strings(_ROBOTS, tree))
    signs += bool(_ERROR_ADDRESS.search(metadata.canonical or ""))
    signs -= bool(metadata.published) and len(text) >= _SHORT_PAGE // 5
    return signs


def _is_of_error(names: str) -> bool:
    """Whether classes and ids, in small letters, say that a page is one of errors."""
    # Most pages have long lists of names, and none of these words in it.
    return ("err" in names or "found" in names or "404" in names or "encontrada" in names) and (
        _ERROR_CLASS.search(names) is not None
    )


def _without_short_parts(title: str) -> list[str]:
    """The first and the last part of a title whose other parts are as short as a site's name."""
    parts = [part for part in _TITLE_PARTS.split(title) if part.strip()]
    if len(parts) < 2:
        return []
    return [
        part
        for part, others in ((parts[0], parts[1:]), (parts[-1], parts[:-1]))
        if all(len(other.split()) <= _MOST_WORDS_OF_SITE for other in others)
    ]


def _is_wall(paragraphs: Sequence[str], text: str) -> bool:
    """Whether nearly all of a short page speaks of its own cookies and partners."""
    if not text or len(text) > _LONGEST_WALL:
        return False
    about = sum(len(one) for one in paragraphs if _CONSENT_WORDS.search(one))
    return about >= _CONSENT_SHARE * len(text) and bool(_OURS.search(text))


def _strings(path: etree.XPath, tree: etree._Element) -> list[str]:
    return [str(one) for one in cast("list[str]", path(tree))]


def _stripped(text: str) -> str:
    return " ".join(text.split()).strip(" .!…")
