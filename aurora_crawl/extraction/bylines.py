"""The names of authors in bylines: who wrote, without where, when, in which office and for whom."""

from __future__ import annotations

import re
from collections.abc import Iterable

from aurora_crawl.extraction.dates import dates_in
from aurora_crawl.extraction.plain_title import text_of_title

LONGEST_NAME = 80
"""Characters; what is longer is no name of a person, a section or a tag."""

LONGEST_BYLINE = 250
"""Characters; a line that is longer is text."""

_LONGEST_TEXT = 2_000
"""Characters, tags among them, that are read of what is said to be a name."""

_ROLES = (
    r"(?:rep[oó]rter(?:es)?|jornalistas?|editor(?:a|es|as)?|colunistas?|articulistas?|correspondentes?|enviad[oa]s?|estagi[aá]ri[oa]s?|"
    r"colaborador(?:a|es|as)?|redator(?:a|es|as)?|fot[oó]graf[oa]s?|cronistas?|coment(?:ador|arista)(?:a|es|s)?|escritor(?:a|es)?|analistas?|"
    r"sub-?editor(?:a|es)?|coordenador(?:a|es)?|diretor(?:a|es)?|redakteur\w*|redaktion\w*|writer|staff|author|contributor|freelancer?s?|기자)"
)
_FUNCTION_WORDS = (
    r"(?:d[aeo]s?|em|n[ao]s?|para|com|sob|especial|enviad[oa]s?|correspondentes?|direto|sobre|in|for|aus|im|at|exclusivo|texto|"
    rf"atualizad[oa]|publicad[oa]|postad[oa]|especialista|colaborou|colaboraram|colabora[cç][aã]o|{_ROLES[3:-1]})"
)
_KIND = r"(?:artigo|coluna|opini[aã]o|cr[oô]nica|an[aá]lise|ensaio|entrevista|resenha|texto|reportagem|mat[eé]ria|not[ií]cia|post|conte[uú]do|edi[cç][aã]o de texto)s?"
_LABEL = re.compile(
    r"^\W*(?:(?:ver|veja|leia|todos|todas|mais|outros|outras|os|as|view|more|all)\s+)*"
    rf"(?:(?:(?:escrito|publicado|postado|produzido|enviado|elaborado|redigido|assinado|posted|written|published|{_KIND})(?:\s+e\s+\w+)?\s+)?(?:por|by|von|pela|pelo)\b"
    rf"|{_KIND}(?:\s+e\s+(?:fotos?|imagens|v[ií]deos?))?(?:\s+d[aeo]s?\b|\s*:)|(?:texto|reportagem)\b|from\b|words\b|author(?:s|ia)?\b|autor(?:a|es|as|ia)?\b)\s*:?\s*",
    re.IGNORECASE,
)
_FROM_OFFICE = re.compile(
    r"^d[aeo]s?\s+(?=(?-i:[A-Z]{2,6}$)|(?:reda[cç][aã]o|equipe|ag[eê]ncia|assessoria|sucursal|coletivo|p[aá]gina|site|jornal|portal|secretaria|comunica[cç][aã]o)\b)",
    re.IGNORECASE,
)
_OF_SMALL = re.compile(r"^d[aeo]s?\s+")
_OTHER_WORK = re.compile(
    r"^\W*(?:colabora(?:ram|[cç][aã]o)|colaborou|edi[cç][aã]o(?! de texto)|revis[aã]o|tradu[cç][aã]o|tradutor(?:a|es)?|fotos?|fotografias?|imagens?|imagem|arte|artes|ilustra[cç](?:[aã]o|[oõ]es)|infogr[aá]fi(?:a|co)s?|"
    r"v[ií]deos?|[aá]udio|sonora|supervis[aã]o|apoio|produ[cç][aã]o|roteiro|diagrama[cç][aã]o|cr[eé]ditos?|fontes?|com informa[cç][oõ]es|image|photos?|editado|edited|"
    r"editor(?:a)?|translated|leitura|tempo|local|data)\b(?:\s+(?:por|de|da|do|by)\b|\s*:|\s+(?=[A-ZÀ-Ý])|$)",
    re.IGNORECASE,
)
_BY = re.compile(r"^(?:por|by)\b\s*:?\s+", re.IGNORECASE)
_SEGMENT = re.compile(
    r"(?<!\s)\s+(?=(?:edi[cç][aã]o|fotos?|revis[aã]o|tradu[cç][aã]o|imagens)\s*:|da\s(?:p[aá]gina|reda[cç][aã]o)\b)|[.,]\s+(?=(?:tradu[cç]|edi[cç][aã]o|fotos?\b|fotografia|revis[aã]o|colabor|ilustra[cç]|imagens|v[ií]deos?\b))|(?<!\s)(?:\s+[|•·–—]\s*|\s*[|•·]\s+|\s+-\s+|\s*\n\s*|\s+/\s+)|;",
    re.IGNORECASE,
)
_LIST = re.compile(r"(?<!\s)(?:\s*[;|]\s*|\s+/\s+)")
_DASH = re.compile(r"(?<!\s)\s+[–—-]\s+")
_PLACE_OR_ROLE = re.compile(rf"^(?:{_FUNCTION_WORDS})\b", re.IGNORECASE)
_WHEN = re.compile(
    r"\b(?:em|on|às|as|at|no dia)\s+\d|\bh[aá]\s+\d|\d{1,2}[/.:h]\d|\b\d+\s*(?:min\b|minutos?|horas?|h\b|anos|coment|visualiza|leituras)|\s[eé]\s(?=(?:jornalista|rep[oó]rter|professor|escritor|doutor|mestr|membro|militante|um|uma)\w*\b)|\b(?:atualizad[oa]|publicad[oa]|postad[oa]|updated|published)\b|"
    r"\b(?:segunda|ter[cç]a|quarta|quinta|sexta)-feira\b|\d{4}|\bem\s+(?:\d|primeiro)",
    re.IGNORECASE,
)
_BEFORE_DATE = re.compile(r"\s(?:em|on|às|no dia)$", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"(?<!\s)\s*[(\[][^()\[\]]{0,80}[)\]]")
_ADDRESS = re.compile(r"(?<!\S)<?\S*@\S*>?|https?://\S+|www\.\S+")
_AND = re.compile(r"(?<!\s)(?:\s*,\s*(?:e|and|und)\s+|\s+(?:e|and|und|&)\s+|\s*,\s+)", re.IGNORECASE)
_COMMA = re.compile(r"\s*,\s+")
_COMMENT = re.compile(r",\s+(?:com|em|de|da|do|especial|para)\s")
_PLACE_BEHIND = re.compile(r"(?<!\s)\s+(?:em|para|especial|direto|enviad[oa]|correspondente|aus|in)\s+", re.IGNORECASE)
_LOCATED = re.compile(
    r"^(?:"
    + "|".join(
        "brasília|são paulo|rio de janeiro|belo horizonte|salvador|recife|fortaleza|porto alegre|curitiba|manaus|belém|goiânia|são luís|maceió|natal|"
        "teresina|joão pessoa|aracaju|cuiabá|campo grande|florianópolis|vitória|palmas|macapá|porto velho|rio branco|boa vista|lisboa|buenos aires|"
        "londres|paris|nova york|washington|havana|caracas|madri|brasil".split("|")
    )
    + r")(?:\s*[-/(]\s*\w\w\)?)?$|.*(?:/|\s-\s?|\s?\()(?-i:[A-Z]{2})\)?$",
    re.IGNORECASE,
)
_COLLECTIVE = re.compile(
    r"^(?:(?:a|o|as|os)\s+)?(?:ag[eê]ncia|assembleia|assessoria|associa[cç][aã]o|brigada|c[aâ]mara|campanha|central|centro|c[ií]rculo|coletiv[ao]|comiss[aã]o|comit[eê]|"
    r"comunica[cç][aã]o|confedera[cç][aã]o|conselho|cooperativa|coordena[cç][aã]o|departamento|dire[cç][aã]o|diret[oó]rio|editora|editorial|equipe|escola|faculdade|"
    r"federa[cç][aã]o|f[oó]rum|frente|funda[cç][aã]o|gabinete|grupo|instituto|jornal|laborat[oó]rio|mandato|minist[eé]rio|movimento|n[uú]cleo|observat[oó]rio|"
    r"organiza[cç][aã]o|partido|pastoral|plataforma|portal|prefeitura|r[aá]dio|rede|revista|secretaria|setor|sindicato|tribunal|uni[aã]o|universidade)\b",
    re.IGNORECASE,
)
_TWO_SURNAMES = re.compile(r"[^\s,]+(?:\s+[^\s,]+)+\s+e\s+(?P<last>[^\W\d_]+)", re.IGNORECASE)
"""As in "Ana da Costa e Silva", which is one author; two have more names each."""
_NO_NAME = re.compile(
    r"[{}<>@]|^\d|\d{3}|^(?:admin\w*|administra(?:dor|tor)|user|usu[aá]rio|root|editor|wordpress|web ?master|webmaster|suporte|teste|null|undefined|none|"
    r"autor(?:a|es)?|author|por|by|an[oô]nimo|leia mais|ver mais|ver todos|saiba mais|siga|seguir|sobre\b.*|compartilh\w+|coment\w+|redes sociais|d[ao]s?|seg|ter|qua|qui|sex|s[áa]b|dom|domingo|s[áa]bado|fotos?|imagens)$|developer|"
    r"^(?:image|foto|photo|reprodu[cç][aã]o|divulga[cç][aã]o)\b|getty images",
    re.IGNORECASE,
)
_PEOPLE = re.compile(r"[A-ZÀ-Ý]\w+s\s[A-ZÀ-Ý]\w+s")
"""As in "Jornalistas Livres": a collective, though it begins with an office's name."""
_KIND_ALONE = re.compile(rf"{_KIND}", re.IGNORECASE)
_LATER_BY = re.compile(r"^(?=.{0,60}\d).{0,80}?\b(?:por|by)\s*:?\s+(?=[A-ZÀ-Ý])")
_ROLE_ONLY = re.compile(rf"^(?:\w+\s+)?{_ROLES}(?:\s.*)?$", re.IGNORECASE)
_OFFICE = re.compile(r"reda[cç][aã]o|equipe|staff|editorial|ag[eê]ncias?", re.IGNORECASE)
_LONGEST_ACRONYM = 4
_BUTTON = re.compile(r"(?<!\s)\s+(?:seguir|siga|follow)$", re.IGNORECASE)
_ROLE_ALONE = re.compile(rf"^{_ROLES}$", re.IGNORECASE)
_ROLE_BEFORE = re.compile(rf"^(?i:{_ROLES})\s*:?\s+(?=[A-ZÀ-Ý]\S+\s+\S)")
_ROLE_BEHIND = re.compile(rf"(?<!\s)\s+(?:{_ROLES})(?:\s+d[aeo]s?\s.*)?$", re.IGNORECASE)
_TRIMMED = " ¹²³.,;:–—-|•·/\"'“”*"


def names_in(texts: Iterable[str]) -> list[str]:
    """The names in bylines such as "Por Ana Lima, de Brasília, e Rui Paz - 5/3/2021"; each once.

    Places, dates, offices, addresses, and who edited, translated or photographed are left out. A collective or an
    institution is one author, whatever "e" and commas are in its name.
    """
    names: dict[str, str] = {}
    for text in texts:
        for name in _names_in_byline(text_of_title(_kept_lines(text[:_LONGEST_TEXT]))[:LONGEST_BYLINE]):
            names.setdefault(name.lower(), name)
    return list(names.values())


def declared_names(texts: Iterable[str]) -> list[str]:
    """Names that a page declares as such: taken as they are, but for "Por", brackets, and several in one text."""
    names: dict[str, str] = {}
    for text in texts:
        whole = _ADDRESS.sub("", _without_brackets(text_of_title(text[:_LONGEST_TEXT])[:LONGEST_BYLINE])).strip(
            _TRIMMED
        )
        whole = _FROM_OFFICE.sub("", _BY.sub("", whole))
        for segment in _LIST.split(whole):
            segment = _DASH.split(segment)[0]
            for part in _people(segment) if _AND.search(segment) else [segment]:
                name = part.strip(_TRIMMED)
                if _is_name(name) and not _ROLE_ALONE.match(name):
                    names.setdefault(name.lower(), name)
    return list(names.values())


def _kept_lines(text: str) -> str:
    return " | ".join(line for line in text.split("\n") if line.strip())


def _names_in_byline(text: str) -> list[str]:
    found: list[str] = []
    has_label = False
    for number, segment in enumerate(_SEGMENT.split(_ADDRESS.sub(" ", text))):
        segment = _without_brackets(segment).strip(_TRIMMED)
        if not segment or _OTHER_WORK.match(segment) or _KIND_ALONE.fullmatch(segment):
            continue
        bare = _LATER_BY.sub("", _LABEL.sub("", segment, count=1))
        is_labelled = bare != segment
        if number and found and has_label and not is_labelled:
            # "Por Ana Lima | Cidades": what follows a labelled name is something else.
            continue
        has_label = has_label or (is_labelled and bool(bare))
        if found and (_LOCATED.match(bare) or _PLACE_OR_ROLE.match(bare)):
            continue
        named = _OF_SMALL.sub("", _FROM_OFFICE.sub("", bare))
        if named == bare or not _LOCATED.match(named):
            found += _people(named)
    return found


def _people(text: str) -> list[str]:
    """The names in a list of names that begins a text."""
    text = _until_date(_ROLE_BEFORE.sub("", text.strip(_TRIMMED))).strip(_TRIMMED)
    if _COLLECTIVE.match(text):
        first = _COMMA.split(text)[0] if _COMMENT.search(text) else text
        return [first] if _is_name(first) else []
    names: list[str] = []
    for part in [text] if _has_two_surnames(text) else _AND.split(text):
        name = _BUTTON.sub("", _ROLE_BEHIND.sub("", part.strip(_TRIMMED))).strip(_TRIMMED)
        if (
            names
            and not _PEOPLE.fullmatch(name)
            and (_PLACE_OR_ROLE.match(name) or _LOCATED.match(name) or (name[:1].islower() and names[0][0].isupper()))
        ):
            # "Ana Lima, de Brasília, agricultora, e Rui Paz": what she is goes, the next name stays.
            continue
        name = _without_place(name) if names or " " in name else name
        if _is_name(name) and not (
            _ROLE_ONLY.match(name) and not _PEOPLE.fullmatch(name) and (names or not name.istitle())
        ):
            names.append(name)
    return names


def _has_two_surnames(text: str) -> bool:
    match = _TWO_SURNAMES.fullmatch(text)
    if match is None or _AND.search(text[: match.start("last")].rstrip()[:-2]):
        return False
    last = match["last"]
    return not _OFFICE.match(last) and (last.istitle() or (text.isupper() and len(last) > _LONGEST_ACRONYM))


def _without_place(name: str) -> str:
    """A name without "em Brasília" behind it; "Ana Lima de Brasília" cannot be told from a name."""
    return _PLACE_BEHIND.split(name, maxsplit=1)[0].strip(_TRIMMED)


def _until_date(text: str) -> str:
    when = _WHEN.search(text)
    text = text[: when.start()] if when else text
    return _BEFORE_DATE.sub("", text.rstrip(_TRIMMED)).rstrip(_TRIMMED)


def _without_brackets(text: str) -> str:
    return _IN_BRACKETS.sub("", text)


def _is_name(name: str) -> bool:
    return (
        1 < len(name) <= LONGEST_NAME
        and any(map(str.isalpha, name))
        and not _NO_NAME.search(name)
        and not dates_in(name)
    )
