"""Short invented stories by the thousand, for tests of crashes and for benchmarks: Portuguese, and no two alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from aurora_crawl.demo.newspaper import LOCAL_TIME, Story

FIRST_DAY = datetime(2012, 3, 1, 9, 30, tzinfo=LOCAL_TIME)
WORDS_A_PARAGRAPH = 45

_SECTIONS = ("Cidade", "Cultura", "Economia", "Educação", "Meio ambiente", "Saúde", "Trabalho")
_AUTHORS = ("Aparecida Lontra", "Benedito Calafate", "Jandira Mourão", "Otávio Pitanga", "Zulmira Frade")
_TAGS = ("água", "escola", "feira", "moradia", "rio", "safra", "transporte")
_WHO = (
    "a costureira", "o barqueiro", "uma vizinha", "o mestre de obras", "a diretora da escola", "um grupo de feirantes",
    "a enfermeira", "o maquinista", "a turma do coral", "um pescador antigo", "a agrônoma", "o vigia da represa",
    "a quitandeira", "um jovem padeiro", "a bibliotecária", "o relojoeiro", "a associação da rua", "o agente de saúde",
    "a delegada", "um casal de apicultores", "a cozinheira", "o sineiro", "a geógrafa", "o dono da balsa",
)  # fmt: skip
_DID = (
    "consertou", "pintou", "mediu", "recolheu", "distribuiu", "guardou", "defendeu", "inventariou", "reabriu", "vendeu",
    "fotografou", "trocou", "plantou", "desmontou", "emprestou", "anunciou", "examinou", "discutiu", "limpou", "levou",
)  # fmt: skip
_WHAT = (
    "o muro do cemitério", "as mudas de jequitibá", "um lote de bicicletas", "o telhado do mercado", "as contas da luz",
    "os cadernos da escola noturna", "a ponte de madeira", "o arquivo das enchentes", "três caixas de mel", "o poço fundo",
    "a bomba de água", "os bancos da praça", "uma coleção de sementes", "o mapa das nascentes", "as cadeiras do cinema",
    "a horta do presídio", "o relógio da estação", "os barcos parados", "uma carga de tijolos", "o forno comunitário",
)  # fmt: skip
_WHERE = (
    "na beira do ribeirão", "atrás da igreja", "no bairro da Estação", "em Vila Moura", "na subida da serra",
    "perto do matadouro velho", "na rua do Curtume", "no sítio dos Pintassilgos", "em frente ao posto", "na ilha pequena",
    "no galpão da cooperativa", "junto ao viaduto", "no salão paroquial", "na vila dos ferroviários", "no alto do Cedro",
)  # fmt: skip
_WHEN = (
    "antes da chuva", "no fim da tarde", "durante a feira", "na semana da festa", "ao longo de {n} dias",
    "depois de {n} reuniões", "com {n} voluntários", "por {n} reais", "às {h} horas", "no inverno passado",
    "desde as {h} da manhã", "sem pedir licença", "com ferramentas emprestadas", "diante de {n} pessoas",
)  # fmt: skip
_THEN = (
    "e ninguém reclamou", "mas faltou cimento", "porque a prefeitura não veio", "e o rio baixou {n} centímetros",
    "embora o prazo fosse de {n} semanas", "como se fazia há {n} anos", "para surpresa dos mais velhos",
    "e sobrou para a rua seguinte", "enquanto os netos olhavam", "e o recibo tem {n} linhas", "contra a vontade do prefeito",
    "até que a luz acabasse", "que custou {n} viagens de carroça", "sem que se gastasse um parafuso novo",
)  # fmt: skip


def generated_stories(count: int, seed: int, words: int) -> Iterator[Story]:
    """`count` stories of at least `words` words, in the order of their dates; the same for the same numbers.

    Any two share hardly a run of five words, so that no search for near-duplicates finds a pair.
    """
    for number in range(count):
        random = Random(seed * 1_000_003 + number)
        title = f"{_clause(random, random.choice(_WHO)).capitalize()}, edição {number + 1}"
        yield Story(
            title=title,
            slug=f"edicao-{number + 1}-{seed}",
            authors=(random.choice(_AUTHORS),),
            published=FIRST_DAY + timedelta(hours=7 * number),
            section=random.choice(_SECTIONS),
            body="\n".join(f"<p>{paragraph}</p>" for paragraph in _paragraphs(random, words)),
            tags=tuple(random.sample(_TAGS, 2)),
        )


def _paragraphs(random: Random, words: int) -> list[str]:
    paragraphs = []
    while words > 0:
        sentences: list[str] = []
        while sum(len(sentence.split()) for sentence in sentences) < min(words, WORDS_A_PARAGRAPH):
            sentences.append(_sentence(random))
        words -= sum(len(sentence.split()) for sentence in sentences)
        paragraphs.append(" ".join(sentences))
    return paragraphs


def _sentence(random: Random) -> str:
    pieces = [_clause(random, random.choice(_WHO)), random.choice(_WHERE), random.choice(_WHEN), random.choice(_THEN)]
    text = " ".join(pieces).format(n=random.randint(3, 980), h=random.randint(5, 11))
    return text[0].upper() + text[1:] + "."


def _clause(random: Random, who: str) -> str:
    return f"{who} {random.choice(_DID)} {random.choice(_WHAT)}"
