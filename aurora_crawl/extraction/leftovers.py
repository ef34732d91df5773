"""Paragraphs that are left of something else: labels of the page, traces of embeds, code that leaked into the text."""

from __future__ import annotations

import re

_INTERFACE = re.compile(
    r"(?:advertis(?:e?ment|ing)|(?:sponsored|partner)(?: (?:content|links?|posts?))?|share(?: (?:this|on|via|with|the)(?: [\w&’' ]{1,30})?)?|tweet|pin(?: it)?|print|"
    r"(?:e-?mail|save)(?: this(?: (?:article|page|story|post))?)?|(?:un)?subscribe(?: (?:now|today|here|to [\w' ]{1,40}))?|sign (?:in|up|me up)(?: [\w' ]{1,30})?|log ?in|register|"
    r"(?:read|see|view|learn|show|load) (?:more|less|all)(?: (?:about|from|in|on|stories|articles|posts)[\w’' ]{0,40})?|continue reading|keep reading|read (?:next|now|also|this next)|"
    r"(?:(?:browse|more|our|view|other|latest|recent|popular|top|most (?:read|popular)) )?(?:related|recommended|suggested)(?: (?:articles?|posts?|stories|content|reading|links?|topics?|reports?|resources|news|products?|guides?|pages?))?|"
    r"(?:other|more|recent|latest|popular|similar|trending|featured|previous|next) (?:articles?|posts?|stories|news)(?: (?:you|from|by|in|like)[\w’' ]{0,40})?|(?:you (?:may|might) (?:also )?(?:like|enjoy|be interested in)|more (?:like this|from us|in this section|to explore)|up next|trending(?: now)?|editors?[’'] picks?|don[’']t miss)|"
    r"(?:join|follow) (?:us|our|the|me)(?: [\w’' ]{1,50})?|stay (?:connected|in touch|up to date|informed)(?: [\w’' ]{1,30})?|(?:get|receive|sign up for|subscribe to) (?:our|the|your)? ?(?:free )?(?:weekly |daily |monthly )?newsletters?|newsletters?|"
    r"reply by email|leave a (?:comment|reply)(?: below)?|(?:\d+ )?comments?(?: \(\d+\))?|no comments(?: yet)?|add a comment|join the (?:discussion|conversation)|was this (?:article|page|post|information) helpful|back to (?:top|blog)|table of contents|in this (?:article|post|guide|story|section)|on this page|jump to(?: recipe)?|skip to (?:content|main content)|quick links|"
    r"(?:start|try)(?: (?:your|a|for|it))? ?free(?: trial)?|(?:book|get|request|schedule) (?:a|your|my)? ?(?:free )?(?:demo|quote|consultation|appointment)(?: (?:now|today))?|get (?:started|in touch)(?: (?:today|now|for free))?|contact us(?: (?:today|now))?|buy now|shop now|order now|add to cart|download (?:now|the app|pdf)|"
    r"\d{1,3}[- ]min(?:ute)?s? (?:read|read time|of reading)|(?:estimated )?reading time:? \d{1,3} min(?:ute)?s?|"
    r"publicidade|continua (?:após|depois d)?\s?a? ?publicidade|anúncio|compartilh(?:e|ar)(?: (?:est[ea]|n[oa]s?|via|em|por|com)[\w’' ]{0,40})?|copiar link|imprimir|assine(?: (?:já|agora|o|a|nossa|nosso)[\w’' ]{0,40})?|"
    r"(?:leia|veja|saiba|confira) (?:também|mais|ainda)|continue lendo|(?:artigos|posts|notícias|matérias|conteúdos?|textos) relacionad[oa]s?|relacionad[oa]s?|mais lid[oa]s|mais notícias|últimas notícias|você (?:também )?pode gostar|"
    r"(?:siga|acompanhe)(?: (?:-?nos|a gente|o|a|nossas?|nossos?))[\w’' ]{0,40}|inscreva-se|receba (?:nossa|nossas|a|as)? ?(?:newsletter|notícias)[\w’' ]{0,40}|deixe (?:um|seu) comentário|comentários?|voltar ao topo|índice|sumário|neste artigo|"
    # what embed codes of other networks leave behind
    r"ver (?:no|n[oa] aplicativo do) (?:threads|instagram|twitter|x|facebook|tiktok|bluesky|telegram|mastodon)|view (?:this post )?on (?:threads|instagram|twitter|x|facebook|tiktok|bluesky|mastodon)|"
    r"(?:ver|veja) (?:ess[ae]|est[ae]) (?:foto|post|publicação|vídeo) no (?:instagram|facebook|threads|tiktok)|(?:uma|um) (?:publicação|post) (?:partilhad|compartilhad)[ao] por [^\n]{1,60}|a post shared by [^\n]{1,60}|"
    r"(?:publicação|post) de @[\w.@-]{1,50}|pic\.twitter\.com/\w{1,20})",
)  # fmt: skip
"""In small letters: so each alternative is passed over at its first letter, which takes a fifth of the time."""
_INTERFACE_ELSEWHERE = frozenset(
    "sobre o autor|sobre a autora|sobre os autores|about the author|about the authors|about these ads|latest news|house rules|"
    "mehr zum thema|mehr dazu|weitere informationen|weitere artikel|weitere themen|lesen sie auch|auch interessant|schlagworte|"
    "über den autor|über die autorin|anzeige|werbung|zobacz także|czytaj także|przeczytaj także|reklama|temas relacionados|"
    "noticias relacionadas|te puede interesar|lea también|lee también|leer más|le puede interesar|publicidad|sobre el autor|"
    "à lire aussi|lire aussi|sur le même sujet|publicité|leggi anche|potrebbe interessarti|pubblicità|lees ook|läs också|"
    "читайте также".split("|")
)
"""The same labels in the words of other languages, whole and in small letters."""
_RIGHTS = re.compile(r"(?:©|copyright\s*(?:©|\(c\)|\d{4})|\(c\)\s*\d{4})", re.IGNORECASE)
_LABEL_LONGEST = 160
_INTERFACE_LONGEST = 90
_ENDS = " \t.:!?…›»>→▶❯*-–—•|"

_CODE_BEGINS = re.compile(
    r"\(?\s*adsbygoogle\b|(?:var|let|const)\s+[\w$]+\s*=|window\.[\w.]+\s*=|window\.[\w.]+\(|document\.\w+|googletag\.|_?gaq\.|gtag\(|"
    r"dataLayer\b|jQuery\s*\(|\$\s*\(|!?\(?function\s*[\w$]*\s*\(|try\s*\{|if\s*\(\s*(?:typeof|window|!|document)|"
    r"/[/*]|@(?:media|import|font-face)\b|<!--|<!\[|<[/!]?[a-z][a-z0-9-]*[\s/>]|(?://)?\s*<?!?\[CDATA\[|\{\s*\"|\[if\s|"
    r"[.#]?[\w-]+(?:[\s,>]+[.#]?[\w-]+){0,4}\s*\{[^{}]{0,500}:"
)
_CODE_ENDS = (";", "}", ")", ">", "]", "*/", "//", "-->")
_SIGNS_OF_CODE = frozenset("{}()[];=<>")
_LEAST_SIGNS = 4
_LEAST_SHARE_OF_SIGNS = 0.03
_WORD_LEFTOVER = re.compile(
    r"Normal\s+0\s+(?:\d+\s+)?(?:false\s+){1,3}(?:[A-Za-z]{2}(?:-[A-Za-z]{2,4})?\s+)?X-NONE.{0,80}|(?:[A-Z]{2}-[A-Z]{2}\s+)?X-NONE\s+X-NONE|"
    r"MicrosoftInternetExplorer4|(?:false\s+){2,3}|\[(?:if|endif)\b.{0,60}",
    re.DOTALL,
)
_WORD_STYLES = ("mso-", "Mso")


def is_interface(paragraph: str) -> bool:
    """Whether a whole short paragraph is a label of the page ("Share this", "Leia também:"), in English or Portuguese mostly."""
    if len(paragraph) > _INTERFACE_LONGEST:
        return False
    bare = paragraph.strip(_ENDS).lower()
    return bare in _INTERFACE_ELSEWHERE or _INTERFACE.fullmatch(bare) is not None


def is_label(paragraph: str) -> bool:
    """Whether a whole short paragraph is a label of the page, or says whose the page is."""
    return len(paragraph) <= _LABEL_LONGEST and (is_interface(paragraph) or _RIGHTS.match(paragraph) is not None)


def is_code(paragraph: str) -> bool:
    """Whether a whole paragraph is a script, a style sheet, markup or a word processor's settings that leaked into the text.

    A sentence that speaks of code is none: code begins and ends as code does, and is full of its signs.
    """
    text = paragraph.strip()
    if text[:1] in "NMXfP[" and _WORD_LEFTOVER.fullmatch(text):
        return True
    if not text.endswith(_CODE_ENDS) or not _CODE_BEGINS.match(text):
        return False
    if text.startswith("<") or any(mark in text for mark in _WORD_STYLES):
        return True
    signs = sum(map(_SIGNS_OF_CODE.__contains__, text))
    return signs >= _LEAST_SIGNS and signs >= _LEAST_SHARE_OF_SIGNS * len(text)
