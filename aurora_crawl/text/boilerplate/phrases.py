"""The general Portuguese patterns of what stands among an article's paragraphs and is not the article.

No publisher's sentences: those are learned per site. Each pattern is anchored at both ends of a whole paragraph, or at
its beginning or end, and bounded in length, so that nothing beyond its own match can go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

FIRST = 2
"""How many kept paragraphs may stand before one that only an article's beginning has: bylines, dates."""

LAST = 2
"""How many kept paragraphs may stand after one that only an article's end has: editors, agencies, tags."""

_CAPITAL = "A-ZÀ-ÖØ-Þ"
_PARTICLE = "d[aeo]s?|e|y|von|van|del|di|em|via|para|com|pel[ao]|na|no"
_SOURCE = (
    "divulgação|reprodução|arquivo|pessoal|acervo|redes|sociais|internet|agência|ascom|assessoria|comunicação|montagem|cedida|"
    "imprensa|coletivo|site|vídeo|twitter|instagram|facebook|youtube|cortesia"
)
_NAME_WORD = rf"(?:@?[{_CAPITAL}\d][\w.'’&-]*|@\w[\w.]*|(?:{_PARTICLE})(?!\w)|(?:{_SOURCE})(?!\w))"
_NAMES = rf"{_NAME_WORD}(?:\s?[/|,–()-]\s?{_NAME_WORD}|\s{_NAME_WORD}|\)){{0,11}}"
_NAME = rf"[{_CAPITAL}][\w.'’-]*(?:\s(?:(?:d[aeo]s?|e|von|van|del|di)\s)?[{_CAPITAL}][\w.'’-]*){{0,6}}"
_STATE = "A[CLMP]|BA|CE|DF|ES|GO|M[AGST]|P[ABEIR]|R[JNORS]|S[CEP]|TO"
_MONTH = "janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro"
_CLOCK = r"\d{1,2}\s?[h:]\s?(?:\d{2})?(?:\s?min)?(?::\d{2})?"
_DATE = (
    rf"(?:(?:segunda|terça|quarta|quinta|sexta)(?:-feira)?,?\s|sábado,?\s|domingo,?\s)?(?:\d{{1,2}}º?\s(?:de\s)?(?:{_MONTH}|[a-z]{{3}}\.?)\s"
    rf"(?:de\s|,\s?)?\d{{4}}|\d{{1,2}}\s?[/.-]\s?\d{{1,2}}\s?[/.-]\s?\d{{2,4}}|\d{{4}}-\d{{2}}-\d{{2}}|(?:{_MONTH})\s\d{{1,2}},\s\d{{4}})"
    rf"(?:(?:\s?[-–|,]\s?|\s(?:às|as|à)\s|\s){_CLOCK})?"
)
_NETWORK = (
    "facebook|twitter|x|whats?app|telegram|linkedin|instagram|e-?mail|imprimir|print|copiar link|copiar|pinterest|youtube|"
    "threads|bluesky|tiktok|compartilhar|compartilhe|share|tweet|tuitar|curtir|flipboard|reddit|messenger|link|copy link|mais"
)
_ALSO = r"(?:leia|veja|saiba|confira|ouça|assista|relembre|entenda|lei?a)\s(?:também|mais|ainda)|(?:leia|veja)-?\s?mais"
_EMOJI = "\u2190-\u2bff\U0001f000-\U0001faff\ufe0f\u200d"
"""Arrows, signs and pictures that editors put before and after such lines."""

_OPEN = rf"[\s*_>•·|»{_EMOJI}\[(\"“–—-]{{0,40}}"
_CLOSE = rf"[\s*_|»{_EMOJI}\])\"”]{{0,40}}"


Where = Literal["anywhere", "first", "last"]


@dataclass(frozen=True, slots=True)
class Phrase:
    """A pattern: which part of a paragraph it takes, where in the article it may, and how long the match may be.

    Every match has one of `hints` in lower case, so that the pattern need not be tried where none is; empty for no such.
    """

    name: str
    part: Literal["whole", "head", "tail"]
    pattern: re.Pattern[str]
    longest: int
    where: Where = "anywhere"
    hints: tuple[str, ...] = ()


def _whole(name: str, pattern: str, longest: int, where: Where = "anywhere", hints: tuple[str, ...] = ()) -> Phrase:
    return Phrase(name, "whole", re.compile(rf"{_OPEN}(?:{pattern}){_CLOSE}"), longest, where, hints)


PHRASES = (
    # other articles
    _whole("read-also", rf"(?i:(?:{_ALSO})(?:\s(?:em|sobre|no|na)\s[^\n:.]{{1,60}})?\s?(?:[:>»|{_EMOJI}–—-]+\s?[^\n]{{0,220}}(?:\n[^\n]{{1,200}}){{0,6}})?)", 400),
    _whole("read-also", rf"(?i:(?:{_ALSO}))[:{_EMOJI}]*(?:\n[^\n]{{1,160}}[^\n.:;,!…]){{1,6}}", 700),
    _whole("read-also", rf"(?i:(?:{_ALSO}))\s[^\n.:;]{{3,140}}[^\n.:;!…]", 180),
    _whole(
        "navigation",
        r"(?i:(?:continua (?:após |depois d)a publicidade|publicidade|anúncio|continue (?:lendo|a leitura)|voltar ao (?:topo|início)|"
        r"(?:artigo|post|notícia|matéria) (?:anterior|seguinte)|próxim[oa] (?:artigo|post|notícia|matéria)|página inicial|quem somos|"
        r"(?:notícias|artigos|matérias|posts|conteúdos?) relacionad[oa]s?|relacionad[oa]s|mais lid[oa]s|últimas notícias|"
        r"você (?:também )?pode gostar|recomendad[oa]s(?: para você)?|saiba mais|ver mais|mostrar mais|carregar mais|sumário)[.:…]{0,3})",
        60,
    ),
    # pictures and players
    _whole("photo-credit", rf"(?i:(?:legenda\se\s)?(?:foto|imagem|imagen|crédito|ilustração|arte|charge|vídeo|capa)s?(?:\sd[aeo]s?\s(?:fotos?|imag\w+|capa))?)(?:\s(?i:de\scapa|da\scapa))?\s?[:|]\s?{_NAMES}\.?", 140),
    _whole("photo-credit", rf"(?i:(?:foto|ilustração|arte|charge)s?\s(?:de|por)\s){_NAME}\s?[/|–-]\s?{_NAMES}\.?", 140),
    _whole("photo-credit", rf"(?i:(?:reprodução|divulgação|arquivo\spessoal))(?:\s?[/|–-]\s?{_NAMES})?\.?", 90),
    Phrase("photo-credit", "tail", re.compile(rf"\s?[(\[](?i:(?:foto|imagem|ilustração|arte|crédito)s?)\s?:\s?{_NAMES}[)\]]\.?$"), 140, hints=("foto:", "fotos:", "foto :", "imagem:", "imagens:", "ilustração:", "arte:", "crédito:", "créditos:")),
    _whole("audio", r"(?i:(?:ouça|escute)\s(?:aqui\s|agora\s|abaixo\s|também\s)?(?:n?[oae]s?\s|est[ea]\s)?(?:na\síntegra|áudio|entrevista|reportagem|matéria|programa|episódio|podcast|texto|notícia|íntegra|conteúdo|artigo|boletim|edição)[^\n]{0,140})", 170),
    _whole("audio", r"(?i:(?:00?:)?0?0:00\s?(?:/\s?[\d:]{4,8})?|baixar(?:\so)?\s(?:áudio|mp3)|download(?:\sdo)?\sáudio|reproduzir\sáudio|ouvir\s(?:a\s)?(?:notícia|matéria|texto|artigo)|tocador de áudio)[.:]?", 60),
    _whole("watch", r"(?i:(?:assista|confira|veja))\s?:\s?[^\n.]{0,120}[^\n.:;]?", 130),
    _whole("watch", r"(?i:(?:assista|confira|veja)\s(?:abaixo\s|aqui\s|a\sseguir\s|também\s|agora\s)?(?:[àao]s?\s)?(?:ao\s)?(?:vídeo|entrevista|íntegra\sd[ao]\s(?:vídeo|programa|entrevista|live)|programa|trailer|episódio|live|transmissão|fotos|galeria|imagens|reportagem em vídeo)[^\n.]{0,90}[:.]?)", 130),
    _whole("reading-time", r"(?i:(?:tempo\s(?:estimado\s)?de\sleitura\s?:?\s?(?:menos\sde\s)?\d{1,3}\s?min(?:utos?)?|\d{1,3}\s?min(?:utos?)?\sde\sleitura))\.?", 60),
    _whole("text-size", r"(?:A\s?[-−–+]\s?A?\s?|A\s){1,4}(?:A\s?[-−–+]{1,2})?|(?i:(?:aumentar|diminuir|tamanho)\s(?:d?[ao]\s)?(?:fonte|letra|texto))", 40),
    # sharing, following, subscribing
    _whole("share", r"(?i:compartilhe(?:\s?:|\s(?:[oa]\s(?:notícia|matéria|texto|artigo|reportagem|post|publicação|conteúdo|link)|est[ea]\s\w+|ess[ea]\s\w+|isso|n[oa]s?\s(?:suas\s)?(?:redes|facebook|whatsapp|twitter|x\b|telegram)|com\s(?:seus|suas|os|as)\s\w+|via|em|por)|(?=\s?[.!]?$))[^\n]{0,80})", 110),
    _whole("share", r"(?i:compartilhar\s?:?(?:\s(?:n[oa]s?|via|em|por|com|est[ea]|[oa])\s[^\n.]{1,50})?)", 70),
    _whole("share", rf"(?i:(?:{_NETWORK})(?:[\s|,•·/]+(?:{_NETWORK})){{1,14}})", 200),
    _whole("follow", r"(?i:(?:siga|acompanhe|curta|inscreva-se|se inscreva|entre|participe|faça parte)\s(?:d?[ao]s?\s|n[ao]s?\s|em\s)?(?:noss[oa]s?\s|[ao]\s|seu\s)?(?=[^\n]{0,140}(?:redes sociais|instagram|whats?app|telegram|youtube|facebook|twitter|tiktok|bluesky|google notícias|google news|nosso canal|nosso grupo|nossa comunidade))(?:gente|nós|canal|canais|grupo|perfil|página|conta|comunidade|redes|nas|no|na|\w+(?=\s(?:no|nas|em|pelo)\s))[^\n.]{0,170})[.!:]?", 220),
    _whole("newsletter", r"(?i:(?:assine|cadastre-se|inscreva-se|se inscreva|receba|quer receber|gostaria de receber)\b(?=[^\n]{0,200}(?:newsletter|boletim|boletins|notificaç|no seu e-?mail|em seu e-?mail|por e-?mail|pelo whats?app|caixa de entrada))[^\n]{0,280})", 300),
    _whole("newsletter", r"(?i:(?:assine|receba|conheça)\s(?:já\s|agora\s|aqui\s)?(?:a\s|o\s|as\s)?(?:noss[oa]s?\s)(?:newsletters?|boletim|boletins|jornal|revista|catarse|canal)[^\n.]{0,120})[.!]?", 170),
    _whole("click-here", r"(?i:(?:clique|toque|acesse)\s(?:aqui|neste link|no link)(?:\s(?:abaixo|ao lado))?\s(?:e|para)\s(?:receba|assine|apoie|entre|siga|saiba mais|participe|contribua|inscreva-se|receber|assinar|apoiar|entrar|seguir|saber mais|contribuir|doar|se inscrever|fazer parte)[^\n.]{0,150})[.!]?", 190),
    # money: found by `is_plea`, see there
    # rights and opinions
    _whole("licence", r"(?=[^\n]{0,300}(?i:conteúdos?|textos?|artigos?|matérias?|reportage(?:m|ns)|publicação|publicações|site|materia[li]s?))(?=[^\n]{0,400}(?i:fonte|autor|crédito|origem|citad|cite))[^\n]{0,200}(?i:\b(?:pode|podem|poderá|poderão|livre|permitida|autorizada)\b[^\n]{0,60}\breprodu(?:zid[oa]s?|ção))[^\n]{0,250}", 420, hints=("reprodu",)),
    _whole("licence", r"(?i:(?:a\s)?reprodução\s[^\n]{0,60}\s(?:é|está)\s(?:permitida|autorizada|livre|proibida|vedada)\b[^\n]{0,160})", 260),
    _whole("licence", r"(?i:(?:é\s)?(?:permitida|autorizada|livre|proibida|vedada)\sa\sreprodução\b[^\n]{0,220})", 260),
    _whole("licence", r"[^\n]{0,90}(?i:todos os direitos reservados|alguns direitos reservados|all rights reserved)[^\n]{0,60}", 170, hints=("reserv",)),
    _whole("licence", r"(?:©|\([cC]\)|(?i:copyright|copyleft))\s?[^\n]{0,120}", 140),
    _whole("licence", r"(?i:(?:est[ea]|o|a|todo o|nosso)\s(?:obra|conteúdo|texto|artigo|material|site|trabalho|publicação)\s[^\n]{0,60}licen(?:ciad|ça)[^\n]{0,30}(?:creative commons|cc[ -]by)[^\n]{0,160})", 280),
    _whole("opinion-disclaimer", r"(?i:(?:est[ea]s?|ess[ea]s?|o|a|as?|os)\s(?:texto|artigo|coluna|conteúdo|opini\w+|artigos|textos|colunas|ponto)s?\b[^\n]{0,120}\b(?:não|nem sempre)\s(?:necessariamente\s)?(?:reflet|represent|express|correspond|é|são|traduz)\w*[^\n]{0,40}(?:opini|posi[cç]|linha editorial|ponto de vista|responsabilidade|pensamento)[^\n]{0,120})", 350),
    _whole("opinion-disclaimer", r"(?i:\*?\s?est[ea]\s(?:é\sum\s)?(?:artigo|texto)\s(?:é\s)?de\sopinião\b[^\n]{0,250})", 300),
    # comments
    _whole("comment-form", r"(?i:(?:salve|salvar)\s(?:o\s)?(?:meu|meus)\s(?:nome|dados)[^\n]{0,160}|deixe\s(?:um|seu|uma|sua)\s(?:comentário|resposta|opinião)[^\n.]{0,60}|(?:o\sseu|seu)\s(?:endereço\sde\s)?e-?mail\snão\sserá\s(?:publicado|divulgado)[^\n]{0,100}|(?:os\s)?campos\sobrigatórios\s(?:são|estão)\smarcados[^\n]{0,40}|cancelar\sresposta|(?:você\sprecisa\s|é\spreciso\s)(?:fazer|estar)\s(?:o\s)?log(?:in|ado)\b[^\n]{0,80}|faça\slogin\spara\scomentar|notifique-me\s(?:sobre|por)\s[^\n]{0,90}|\d{1,4}\scomentários?|comentários?|nenhum\scomentário|seja o primeiro a comentar|publicar comentário|enviar comentário|nome\s\*|e-?mail\s\*)[.!:]?", 240),
    # who and when
    _whole("editor", rf"(?:(?i:(?:com\s)?(?:edição|revisão|editad[oa]\spor|editora?|reportagem|texto|textos|apuração|colaboração|tradução|traduzido\spor|produção|fotos|fotografia|diagramação|supervisão|redação))(?:\s(?i:de\stexto|final|de\sarte))?\s?[:|]\s?{_NAMES}\.?(?:\s|\n|$)?){{1,6}}", 260, "last"),
    Phrase("editor", "tail", re.compile(rf"(?:(?<=[.!?”\"…)])\s|\n)(?i:edição|revisão)\s?:\s?{_NAME}(?:\se\s{_NAME})?\.?$"), 90, "last", hints=("edição", "revisão")),
    _whole("newsroom", rf"(?i:(?:por\s|pela\s|da\s)?redação)(?:\s?[-–—|,/:]?\s?(?:(?:d[aeo]|com)\s)?{_NAMES})?\.?", 80, "first"),
    _whole("newsroom", rf"(?i:(?:por\s|pela\s|da\s)?redação)(?:\s?[-–—|,/:]?\s?(?:(?:d[aeo]|com)\s)?{_NAMES})?\.?", 80, "last"),
    _whole("byline", rf"(?:Por|POR)\s?:?\s{_NAME}(?:(?:,\s|\se\s){_NAME}){{0,4}}(?:\s?[|–—*/-]{{1,2}}\s?{_NAMES}|,\s(?:d[aeo]s?|para)\s{_NAMES})?\*?\.?", 140, "first"),
    _whole("agencies", rf"\*?\s?(?i:com\sinformações\sd[aeo]s?(?:\sagências?|\sportal|\ssites?|\sjornal)?)\s{_NAMES}\.?", 120, "last"),
    _whole("published", rf"(?i:(?:publicad[oa]|postad[oa]|atualizad[oa]|criad[oa]|modificad[oa]|última\s(?:atualização|modificação)|data(?:\sde\s(?:publicação|atualização))?)(?:\s(?:originalmente\s)?(?:em|às|há|n[oa]))?\s?:?\s?{_DATE})(?:\s?[-–—|,]?\s?(?i:(?:por|e?\s?atualizad[oa]\s(?:em)?)\s)(?:{_NAME}|(?i:{_DATE})))?\.?", 140),
    _whole("published", rf"(?i:{_DATE})", 60, "first"),
    _whole("dateline", rf"{_NAME}\s\|\s{_NAME}\s\((?:{_STATE})\)\s?\|?(?:\s?(?i:{_DATE}))?", 140),
    Phrase("dateline", "head", re.compile(rf"{_NAME}\s\|\s{_NAME}\s\((?:{_STATE})\)\s?\|\s(?=\S)"), 120, hints=("|",)),
    _whole("tags", r"(?i:(?:tags?|palavras?-chave|marcador(?:es)?|editorias?|assuntos?|arquivado em|publicado em|categorias?)\s?:)\s[^\n.:]{2,150}", 180, "last"),
    # inside a paragraph
    Phrase("read-also", "tail", re.compile(r"(?:(?<=[.!?”\"…)])\s|\n)[(\[]?(?i:(?:leia|veja|saiba|confira)\s(?:também|mais))(?:\s(?i:aqui))?(?:\s?:\s?[^\n.:]{3,160}|(?<=aqui))?[)\]]?\.?$"), 190, hints=("leia ", "veja ", "saiba ", "confira ")),
    Phrase("read-also", "head", re.compile(r"(?i:(?:leia|veja|saiba)\s(?:também|mais))\s?:\s?[^\n]{3,180}\n(?=\S)"), 220, hints=("leia ", "veja ", "saiba ")),
)  # fmt: skip
"""In the order in which they are tried. `_CLOSE` and `_OPEN` allow for the marks that editors put around such lines."""

PLEA_LONGEST = 1_200
"""The longest plea for money that is taken, in characters; real ones have 150 to 900."""

_PLEA_ASK = re.compile(
    r"(?:^|[.!?…:\n–—][^\S\n]*)(?i:(?:apoie|contribua|colabore|doe|assine|ajude|financie)(?![\w-])|seja\s(?:um\s|uma\s)?(?:nosso\s|nossa\s)?(?:apoiador|assinante|membro|sóci|colaborador)|"
    r"faça\s(?:já\s|agora\s)?(?:uma|sua|a\ssua)\s(?:doação|assinatura|contribuição)|torne-se|considere\s\w+|precisamos\s(?:de|do|da)\s(?:você|seu|sua|ajuda|apoio)|"
    r"você\sque\schegou|se\svocê\s(?:chegou|gosta|gostou|acredita|valoriza)|(?:antes|não)\s(?:de\s)?sai[ra]|gostou\sd|para\scontinuar\s|"
    r"clique\saqui\s(?:e|para)\s(?:apoi|contrib|colabor|doe|doar))"
)
_PLEA_CUES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:jornalismo|jornal|imprensa|mídia|comunicação|reportagens|veículo|redação|portal)\b",
        r"\b(?:independente|autônom[oa]|contra-?hegemônic[oa]|alternativ[oa]|sem\s(?:anúncios|patrocínio|publicidade)|livre e|crític[oa] e|popular e)\b",
        r"\b(?:pix|catarse|apoia\.se|benfeitoria|financiamento\scoletivo|vaquinha|doaç(?:ão|ões)|assinaturas?|assinantes?|apoiador(?:es|as?)?|boleto|cartão)\b|r\$\s?\d+[^.]{0,25}\b(?:mês|mensa\w+|ano)\b",
        (
            r"\b(?:nosso\s(?:trabalho|jornal|jornalismo|projeto|site)|nossa\s(?:equipe|redação|cobertura|independência|campanha)|noss[oa]s\s(?:leitor\w+|reportagens|assinantes)|nos\s(?:ajud|apoi)\w+|conosco|"
            r"(?:seu|sua)\s(?:apoio|ajuda|contribuição|doação|assinatura)|chegou até aqui|leitoras? e leitores|quem nos lê)\b"
        ),
    )
)
PLEA_HINTS = tuple(
    "apoi|contribu|colabor|doe|doaç|assine|assinante|ajude|financi|torne-se|considere|precisamos|se você|que chegou|saia|gostou|"
    "para continuar|clique aqui|faça".split("|")
)
"""One of them is in every plea, in lower case."""

PLEA_CUES = 2
PLEA_CUES_LONG = 3
_PLEA_LONG = 500
"""From so many characters on, a plea must have a cue more: a columnist's paragraph may plead too."""


def has_any(lower: str, hints: tuple[str, ...]) -> bool:
    """Whether one of the hints stands in a text in lower case."""
    # A loop: a generator, `any` over a map and a pattern of alternatives all cost more than these searches.
    for hint in hints:  # noqa: SIM110
        if hint in lower:
            return True
    return False


def is_plea(paragraph: str) -> bool:
    """Whether a whole paragraph asks its reader for money: it asks, and has at least two of four kinds of cues.

    The kinds: the press; its independence; means of payment; "our work", "your support". A report about journalism or
    about a collection has cues, but does not ask its reader.
    """
    if not 20 <= len(paragraph) <= PLEA_LONGEST or not _PLEA_ASK.search(paragraph):
        return False
    wanted = PLEA_CUES if len(paragraph) < _PLEA_LONG else PLEA_CUES_LONG
    return sum(bool(cue.search(paragraph)) for cue in _PLEA_CUES) >= wanted
