"""Portuguese forms that agree: determiners, verbs of the third person, adjectives and nouns by their endings.

No dictionary: closed classes are listed, open ones are known by endings that hardly any other kind of word has (an accent in
`-ica` tells `pública` from `publica`). What is in doubt is left out, so that a pair's wrong sentence is wrong.
"""

from __future__ import annotations

import re
from typing import Literal

Gender = Literal["m", "f"]
Number = Literal["s", "p"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _pairs(text: str) -> list[tuple[str, str]]:
    found = [pair.split() for pair in text.split(",")]
    return [(first, second) for first, second in found]


_DETERMINER_PAIRS = _pairs(
    "o a, os as, um uma, este esta, estes estas, esse essa, esses essas, aquele aquela, aqueles aquelas, do da, "
    "dos das, no na, pelo pela, pelos pelas, ao à, aos às, num numa, seu sua, seus suas, nosso nossa, nossos "
    "nossas, vários várias, alguns algumas, muitos muitas, neste nesta, nestes nestas, nesse nessa, deste desta, "
    "destes destas, desse dessa, daquele daquela, dois duas"
)
"""Masculine and feminine."""

OTHER_GENDER = dict(_DETERMINER_PAIRS) | {feminine: masculine for masculine, feminine in _DETERMINER_PAIRS}
DETERMINERS: dict[str, tuple[Gender, Number]] = {}
for _masculine, _feminine in _DETERMINER_PAIRS:
    _number: Number = "p" if _masculine.endswith("s") else "s"
    DETERMINERS |= {_masculine: ("m", _number), _feminine: ("f", _number)}

BEGINS_SUBJECT = _words(
    "o a os as um uma este esta estes estas esse essa esses essas aquele aquela aqueles aquelas seu sua seus suas "
    "vários várias alguns algumas muitos muitas"
)
"""Determiners that no preposition is part of."""

PREPOSITIONS = _words(
    "ao aos com contra da das de desde desta deste do dos em entre na nas no nos num numa para pela pelas pelo "
    "pelos por sem sob sobre à às"
)
ENDS_SUBJECT = _words(
    "como cuja cujo e ela elas ele eles isso isto já lhe mas me nem nos não onde ou porque quais qual quando que "
    "quem se só também"
)
"""Words after which a verb may be another subject's."""

SKIPPED_BEFORE_VERB = _words("agora ainda finalmente já nunca não sempre só também")
COLLECTIVE = _words(
    "bando casal centena conjunto dezena gente grupo maior maioria metade minoria número par parte pessoal porção "
    "povo quarto restante resto série terço total"
)
"""Nouns after which both numbers of the verb are right, or heard."""

PLURAL_VERB = dict(
    _pairs(
        "é são, foi foram, era eram, será serão, seria seriam, fosse fossem, está estão, esteve estiveram, estava "
        "estavam, estará estarão, tinha tinham, teve tiveram, terá terão, vai vão, ia iam, pode podem, podia podiam, "
        "poderá poderão, poderia poderiam, pôde puderam, deve devem, devia deviam, deverá deverão, deveria deveriam, "
        "fez fizeram, faz fazem, fará farão, disse disseram, diz dizem, quer querem, quis quiseram, veio vieram, vem "
        "vêm, deu deram, dá dão, viu viram, trouxe trouxeram, sabe sabem, soube souberam, pôs puseram, tem têm, "
        "mantém mantêm, manteve mantiveram, fica ficam, segue seguem, vive vivem, atende atendem, permanece "
        "permanecem, continua continuam, ocupa ocupam, mostra mostram, apresenta apresentam, atrai atraem, reúne "
        "reúnem, exige exigem, vale valem, custa custam, passa passam, leva levam, protege protegem, recebe recebem, "
        "produz produzem, revela revelam, garante garantem, usa usam, conhece conhecem, prevê preveem, guarda "
        "guardam, oferece oferecem, precisa precisam, começa começam, termina terminam, funciona funcionam, cai caem, "
        "sai saem, dorme dormem, sobe sobem, abriga abrigam, representa representam, depende dependem"
    )
)
"""Verbs of the third person whose other form their ending does not give: singular to plural."""

SINGULAR_VERB = {plural: singular for singular, plural in PLURAL_VERB.items()}
COPULAS = _words(
    "continua continuam era eram estava estavam está estão fica ficam ficaram ficará ficarão ficou foi foram "
    "parece parecem permanece permanecem será serão são é"
)
_NO_VERB = _words(
    "ateu brava camarão ceará chapéu dou escrava estou europeu goiava hebreu judeu liceu mausoléu museu oitava "
    "pará plebeu pneu réu sou troféu verão vou véu"
)
"""Nouns, and verbs of the first person, that end as verbs of the third do."""


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

_ADJECTIVES = _words(
    "aberto alto amarelo amargo antigo anônimo argentino ativo baixo bonito branco brasileiro caro caseiro certo "
    "cheio clandestino claro coberto completo comprido concreto contínuo correto costeiro curto denso deserto "
    "direto discreto divino eleito elétrico escuro espaçoso estrangeiro estreito eterno extenso externo farto "
    "feito feminino fresco frio futuro gasto genuíno gratuito grosso imenso imundo incerto inteiro intenso "
    "interno inédito justo largo latino legítimo lento limpo lindo longo maduro marinho marítimo masculino "
    "materno mineiro moderno morto máximo médio mínimo mútuo noturno novo paterno pequeno perfeito pesado preto "
    "primeiro profundo próprio próximo puro péssimo quebrado quieto raro redondo ribeirinho roxo rápido sadio "
    "seco secreto segundo seguro severo sincero solto sombrio sonoro sujo suspeito tardio terceiro vazio velho "
    "verdadeiro vermelho vivo vizinho íntimo ótimo último único"
)
_SURE_ENDING = re.compile(
    "(?:[áéíóúâêô]\\w{1,3}c|ári|óri|[^aeiou][ai]d|[aeiou]íd|[bcdfghjlmnpqrstvxzi]os|tiv|siv|\\w{3}an)[oa]$"
)
"""Of an adjective without its `s`. The accent tells `pública` from the verb `publica`."""

_NO_ADJECTIVE = _words(
    "acadêmico adversário advogada advogado agrada ambulatório aniversário arcano aritmética armário atentado "
    "ativa auditório avenida bacana banana bancada bancário bebida bibliotecária bibliotecário brada cabana "
    "calçada camada campana canário caravana cativa cenário cerâmica chegada cigana cigano clínica comida "
    "consolida convida corrida crítica cubana cubano cultiva cântico decano decida degrada depositário deputada "
    "deputado desativa dicionário diretivo diretório divida dormitório doutorado duvida década efetiva eleitorado "
    "elástico empada empresária empresário engana entrada escada escritório espada esposa esposo estado "
    "estagiário estrada executivo explana fachada ferida funcionária funcionário fábrica física físico glória "
    "gramado história horário incentiva informática intimida invalida italiana italiano jangada jornada "
    "laboratório lado largada lavada lida logística lógica madrugada manada marido mariposa matemática mecânica "
    "mecânico mediana medida memória mercado mestrado missionário moratória motiva motivo médica médico música "
    "músico noitada objetivo observatório oceano operária operário oratória oratório ouvido parada partida "
    "partido passado pedido persiana pitada plástico polêmica política político pomada pousada profana promotória "
    "proprietária proprietário prosa prática purgatório pânico pórtico química químico reativa refeitório "
    "relatório repertório república reservatório resida resultado rodada rosa ruído réplica salada salário savana "
    "saída secretária secretário semana senado sentido soberano sobrado soldado sábado súplica tecido teclado "
    "telhado temporada território tirano tomada torcida trajetória tratado tráfico trópico técnica técnico tópico "
    "túnica universitário usuária usuário valida ventana vestido veterinária veterinário vida vitória voluntária "
    "voluntário ácido ética ótica óxido"
)
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
_AGAINST_ENDING = _words(
    "aroma atleta cabeça cada caixa camarada capa cento colega como cura dia foto gorila grama guarda libido mapa "
    "mesma mesmo modelo moto muito nada outra outro papa pirata planeta polícia pouco quando quanto rádio "
    "salva-vidas sentinela sofá soprano tanto testemunha toda todo tribo tudo vítima zero"
)
"""Nouns of two genders, or of another than their ending has, and words that are no nouns."""

_KNOWN_FEMININE = _words("criança crianças pessoa pessoas testemunha testemunhas vítima vítimas")


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
