"""Portuguese forms that agree: determiners, verbs of the third person, adjectives and nouns by their endings.

No dictionary: closed classes are listed, open ones are known by endings that hardly any other kind of word has (an accent in
`-ica` tells `pública` from `publica`). What is in doubt is left out, so that a pair's wrong sentence is wrong.
"""

from __future__ import annotations

import re
from typing import Literal

Gender = Literal["m", "f"]
Number = Literal["s", "p"]

_PAIRED = (
    *("o a", "os as", "um uma", "este esta", "estes estas", "esse essa", "esses essas", "aquele aquela"),
    *("aqueles aquelas", "do da", "dos das", "no na", "pelo pela", "pelos pelas", "ao à", "aos às"),
    *(
        "num numa",
        "seu sua",
        "seus suas",
        "nosso nossa",
        "nossos nossas",
        "vários várias",
        "alguns algumas",
        "muitos muitas",
    ),
    *("neste nesta", "nestes nestas", "nesse nessa", "deste desta", "destes destas", "desse dessa", "daquele daquela"),
    *("dois duas",),
)

OTHER_GENDER: dict[str, str] = {}
DETERMINERS: dict[str, tuple[Gender, Number]] = {}
for _pair in _PAIRED:
    _masculine, _feminine = _pair.split()
    OTHER_GENDER |= {_masculine: _feminine, _feminine: _masculine}
    _number: Number = "p" if _masculine.endswith("s") else "s"
    DETERMINERS[_masculine] = ("m", _number)
    DETERMINERS[_feminine] = ("f", _number)
BEGINS_SUBJECT = {"o", "a", "os", "as", "um", "uma"} | {
    *("este", "esta", "estes", "estas", "esse", "essa", "esses", "essas", "aquele", "aquela", "aqueles", "aquelas"),
    *("vários", "várias", "alguns", "algumas", "muitos", "muitas", "seu", "sua", "seus", "suas"),
}
"""Determiners that no preposition is part of."""

PREPOSITIONS = {
    *("de", "do", "da", "dos", "das", "em", "no", "na", "nos", "nas", "por", "pelo", "pela", "pelos", "pelas", "para"),
    *(
        "com",
        "sem",
        "sob",
        "sobre",
        "contra",
        "entre",
        "desde",
        "ao",
        "à",
        "aos",
        "às",
        "num",
        "numa",
        "deste",
        "desta",
    ),
}
ENDS_SUBJECT = {
    *(
        "que",
        "e",
        "ou",
        "mas",
        "se",
        "como",
        "quando",
        "onde",
        "porque",
        "cujo",
        "cuja",
        "nem",
        "quem",
        "qual",
        "quais",
    ),
    *("não", "também", "já", "só", "lhe", "me", "nos", "isto", "isso", "ele", "ela", "eles", "elas"),
}
SKIPPED_BEFORE_VERB = {"não", "também", "já", "ainda", "só", "agora", "sempre", "nunca", "finalmente"}

COLLECTIVE = {
    *("maioria", "minoria", "maior", "parte", "metade", "grupo", "série", "conjunto", "número", "dezena", "centena"),
    *("total", "resto", "restante", "casal", "gente", "pessoal", "povo", "par", "terço", "quarto", "porção", "bando"),
}
"""Nouns after which both numbers of the verb are right, or heard."""

_VERBS = (
    *("é são", "foi foram", "era eram", "será serão", "seria seriam", "fosse fossem", "está estão", "esteve estiveram"),
    *("estava estavam", "estará estarão", "tinha tinham", "teve tiveram", "terá terão", "vai vão", "ia iam"),
    *("pode podem", "podia podiam", "poderá poderão", "poderia poderiam", "pôde puderam", "deve devem", "devia deviam"),
    *("deverá deverão", "deveria deveriam", "fez fizeram", "faz fazem", "fará farão", "disse disseram", "diz dizem"),
    *("quer querem", "quis quiseram", "veio vieram", "vem vêm", "deu deram", "dá dão", "viu viram", "trouxe trouxeram"),
    *("sabe sabem", "soube souberam", "pôs puseram", "tem têm", "mantém mantêm", "manteve mantiveram", "fica ficam"),
    *("segue seguem", "vive vivem", "atende atendem", "permanece permanecem", "continua continuam", "ocupa ocupam"),
    *("mostra mostram", "apresenta apresentam", "atrai atraem", "reúne reúnem", "exige exigem", "vale valem"),
    *("custa custam", "passa passam", "leva levam", "protege protegem", "recebe recebem", "produz produzem"),
    *("revela revelam", "garante garantem", "usa usam", "conhece conhecem", "prevê preveem", "guarda guardam"),
    *("oferece oferecem", "precisa precisam", "começa começam", "termina terminam", "funciona funcionam"),
    *(
        "cai caem",
        "sai saem",
        "dorme dormem",
        "sobe sobem",
        "abriga abrigam",
        "representa representam",
        "depende dependem",
    ),
)
PLURAL_VERB: dict[str, str] = dict(pair.split() for pair in _VERBS)
SINGULAR_VERB = {plural: singular for singular, plural in PLURAL_VERB.items()}
COPULAS = {
    *(
        "é",
        "são",
        "foi",
        "foram",
        "era",
        "eram",
        "será",
        "serão",
        "está",
        "estão",
        "estava",
        "estavam",
        "ficou",
        "ficaram",
    ),
    *("fica", "ficam", "permanece", "permanecem", "continua", "continuam", "ficará", "ficarão", "parece", "parecem"),
}
_NO_VERB = {
    *(
        "museu",
        "europeu",
        "judeu",
        "ateu",
        "pneu",
        "troféu",
        "chapéu",
        "hebreu",
        "plebeu",
        "liceu",
        "mausoléu",
        "réu",
        "véu",
    ),
    *(
        "oitava",
        "escrava",
        "brava",
        "clava",
        "goiava",
        "verão",
        "ceará",
        "pará",
        "canapé",
        "sofará",
        "estou",
        "sou",
        "vou",
    ),
    *("dou", "escravam", "camarão"),
}


def verb_numbers(form: str) -> tuple[Number, str] | None:
    """The number of a verb of the third person and its form of the other number; None where it is no verb for sure."""
    if form in PLURAL_VERB:
        return "s", PLURAL_VERB[form]
    if form in SINGULAR_VERB:
        return "p", SINGULAR_VERB[form]
    if form in _NO_VERB or len(form) < 5:
        return None
    for ending, other, number in _ENDINGS:
        if form.endswith(ending):
            stem = form.removesuffix(ending)
            if ending == "iu":
                vowel = stem[-1:] in "aeou" and not stem.endswith(("gu", "qu"))
                return number, stem + ("íram" if vowel else "iram")
            if ending == "eram" and _IRREGULAR.search(form):
                return None
            return number, stem + other
    return None


_ENDINGS: tuple[tuple[str, str, Number], ...] = (
    ("aram", "ou", "p"),
    ("íram", "iu", "p"),
    ("iram", "iu", "p"),
    ("eram", "eu", "p"),
    ("avam", "ava", "p"),
    ("arão", "ará", "p"),
    ("erão", "erá", "p"),
    ("irão", "irá", "p"),
    ("ou", "aram", "s"),
    ("eu", "eram", "s"),
    ("iu", "iram", "s"),
    ("ará", "arão", "s"),
    ("erá", "erão", "s"),
    ("irá", "irão", "s"),
    ("ava", "avam", "s"),
)
"""Endings of the third person with those of the other number; the present tense looks like nouns and is left to the list."""

_IRREGULAR = re.compile("(?:iveram|izeram|useram|ieram|ouberam|ouxeram|isseram|ouveram|uderam)$")
"""Pasts in `-eram` whose singular is not in `-eu`; those of the list are found before."""

_ADJECTIVES = frozenset(
    (
        "novo velho antigo primeiro segundo terceiro último próprio pequeno médio alto baixo longo curto largo claro escuro "
        "rápido lento cheio vazio bonito branco preto vermelho amarelo seco fresco frio sujo limpo caro raro justo gratuito "
        "aberto moderno externo interno eterno noturno materno paterno comprido profundo redondo pesado estreito perfeito "
        "correto direto completo concreto quieto discreto secreto inédito maduro seguro futuro puro sincero severo grosso "
        "imenso intenso denso imundo mútuo contínuo vivo solto morto coberto deserto certo incerto farto extenso gasto feito "
        "eleito suspeito estrangeiro brasileiro inteiro verdadeiro mineiro caseiro costeiro ribeirinho vizinho marinho "
        "feminino masculino divino genuíno clandestino latino argentino sonoro sadio tardio sombrio íntimo mínimo máximo ótimo "
        "péssimo legítimo marítimo próximo anônimo único enorme ativo roxo lindo amargo quebrado maior espaçoso elétrico"
    ).split()
)
_SURE_ENDING = re.compile(
    "(?:[áéíóúâêô]\\w{1,3}c|ári|óri|[^aeiou][ai]d|[aeiou]íd|[bcdfghjlmnpqrstvxzi]os|tiv|siv|\\w{3}an)[oa]$"
)
"""Of an adjective without its `s`. The accent tells `pública` from the verb `publica`."""

_NO_ADJECTIVE = frozenset(
    (
        "convida duvida decida resida consolida liquida intimida invalida valida divida agrada degrada brada vida ativa "
        "cultiva motiva incentiva cativa efetiva desativa reativa engana emana explana semana medida comida bebida corrida "
        "partida estrada entrada lado estado mercado passado resultado deputado deputada advogado advogada senado soldado "
        "pedido sentido partido vestido sábado plano ano campana humano oceano pano médico médica política político técnico "
        "técnica música músico prática fábrica república história memória vitória glória categoria secretário secretária "
        "empresário empresária funcionário funcionária salário horário cenário usuário usuária território relatório "
        "diretório laboratório escritório crítica objetivo motivo executivo arquivo caso coisa rosa prosa esposa esposo "
        "mariposa século página lógica ética ótica república clínica cerâmica acadêmico químico química física físico "
        "biblioteca logística informática matemática aritmética polêmica espada escada fachada jornada temporada década "
        "camada chegada parada rodada tomada jangada calçada noitada largada bancada madrugada empada salada pomada manada "
        "fazenda linguado gramado telhado sobrado teclado tratado mestrado doutorado eleitorado atentado feriado lida "
        "marido ouvido tecido líquido ácido óxido fluido ruído avenida ferida lavada pitada pousada torcida saída ida vinda "
        "campeonato jornal teatro cenário diário bancário dicionário armário aniversário operário operária bibliotecário "
        "bibliotecária proprietário proprietária voluntário voluntária estagiário universitário canário veterinário "
        "veterinária depositário missionário adversário páreo cemitério diretivo coletivo fundo mundo corredor nervosa "
        "oratório auditório dormitório refeitório ambulatório observatório reservatório repertório purgatório promotória "
        "reitoria trajetória oratória moratória fábrica réplica súplica túnica mecânico mecânica elástico plástico tráfico "
        "tópico trópico pórtico público-alvo cântico pânico mosaico arcano tirano decano soberano cigano cigana urbano "
        "profana savana cabana banana bacana caravana ventana persiana mediana humana africano africana americano americana "
        "cubano cubana italiano italiana"
    ).split()
) - {"humano", "humana", "urbano", "coletivo", "diário", "americana", "americano", "africana", "africano", "nervosa"}
"""Nouns and verbs that end as adjectives do."""


def adjective_forms(form: str) -> tuple[Gender, Number, str, str] | None:
    """Gender and number of an adjective in `-o` or `-a`, and its form of the other gender and of the other number.

    None where it is no adjective for sure, or has one form for both genders.
    """
    number: Number = "p" if form.endswith("s") else "s"
    one = form.removesuffix("s") if number == "p" else form
    if len(one) < 4 or one[-1] not in "oa" or one in _NO_ADJECTIVE:
        return None
    stem = one[:-1]
    if stem + "o" not in _ADJECTIVES and not _SURE_ENDING.search(one):
        return None
    ending = form.removeprefix(one)
    other_number = one if number == "p" else one + "s"
    if one.endswith("o"):
        return "m", number, stem + "a" + ending, other_number
    return "f", number, stem + "o" + ending, other_number


_FEMININE = re.compile("(?:ção|ções|são|sões|gião|giões|nião|niões|dade|dades|agem|agens|tude|ície)$")
_MASCULINE = re.compile("(?:mento|mentos|ismo|ismos|tório|tórios)$")
_EITHER = re.compile("(?:ista|istas|ante|antes|ente|entes|ema|emas|oma|omas|ama|amas|ota|otas|eta|etas|ita|itas)$")
_AGAINST_ENDING = frozenset(
    (
        "dia mapa papa foto moto tribo rádio polícia caixa guarda cura capa planeta atleta pirata colega camarada nada cada "
        "tudo todo toda outro outra mesmo mesma quando como pouco muito tanto quanto zero cento salva-vidas sofá gorila "
        "vítima testemunha libido soprano aroma grama cabeça sentinela modelo"
    ).split()
)
"""Nouns of two genders, or of another than their ending has, and words that are no nouns."""

_KNOWN_FEMININE = {"criança", "crianças", "pessoa", "pessoas", "vítima", "vítimas", "testemunha", "testemunhas"}


def noun_gender(form: str) -> Gender | None:
    """The gender of a noun by its ending; None where the ending does not decide."""
    if form in _KNOWN_FEMININE or _FEMININE.search(form):
        return "f"
    if _MASCULINE.search(form):
        return "m"
    if form.removesuffix("s") in _AGAINST_ENDING or _EITHER.search(form) or len(form) < 4:
        return None
    one = form.removesuffix("s")
    return {"o": "m", "a": "f"}.get(one[-1:])  # type: ignore[return-value]


def noun_fits(form: str, gender: Gender, number: Number) -> bool:
    """Whether a word may be a noun of that gender and number: nothing in its form speaks against it."""
    if len(form) < 3 or form in PREPOSITIONS | ENDS_SUBJECT | DETERMINERS.keys():
        return False
    if (number == "p") != form.endswith("s"):
        return False
    found = noun_gender(form)
    return found is None or found == gender
