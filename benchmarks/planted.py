"""Invented articles into which repeated blocks are planted, and sentences that articles share honestly: known truth."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

SUBJECTS = (
    "O sindicato dos motoristas|A assembleia de professores|A cooperativa de catadores|O conselho de saúde|A associação de moradores|"
    "O grêmio da escola técnica|A pesquisadora Lúcia Brandão|O vereador Otávio Nunes|A federação das quilombolas|O movimento por creches|"
    "A comissão de fábrica|O coletivo de artistas|A defensora Marta Reis|O comitê da bacia|A rede de cozinhas solidárias"
).split("|")
VERBS = "anunciou denunciou aprovou rejeitou defendeu discutiu publicou criticou cobrou explicou retomou adiou celebrou".split()
OBJECTS = (
    "o reajuste das tarifas|a ampliação das creches|o corte no orçamento|a construção de moradias|a greve marcada para sexta|o novo plano diretor|"
    "a falta de remédios|a redução da jornada|a reforma do mercado|o acordo com os produtores|a volta do trem noturno|a demarcação da serra|"
    "o fechamento da biblioteca|a limpeza do rio|a merenda das escolas rurais|o piso da enfermagem"
).split("|")
CIRCUMSTANCES = (
    "durante reunião na manhã de terça|após semanas de negociação|em ato que reuniu {n} pessoas|com apoio de {n} entidades|apesar da chuva|"
    "num contexto de inflação de {n}%|diante de {n} testemunhas|na véspera do feriado|com {n} votos a favor|sem a presença do governo|"
    "depois de {n} dias de vigília|em carta aberta aos deputados|por causa da seca|no aniversário do bairro"
).split("|")
FIRST = "Ana Rui Clara Davi Elisa Fábio Gilda Hugo Iara João Karen Lia Márcio Nair Otto Paula".split()
LAST = "Lima Prado Souza Nunes Reis Brandão Paz Teles Moura Viana Castro Dias Rocha Melo Farias Leal".split()
CITIES = "Ouro Preto (MG)|Itu (SP)|Crato (CE)|Belém (PA)|Olinda (PE)|Lages (SC)|Parintins (AM)|Bagé (RS)".split("|")
MONTHS = "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro".split()

HONEST = (
    "A prefeitura não respondeu até o fechamento desta edição.",
    "Procurada, a empresa não se manifestou até a publicação da reportagem.",
    "O espaço segue aberto para manifestação dos citados.",
    "Os nomes foram trocados para preservar a identidade das entrevistadas.",
    "A defesa dos acusados não foi localizada pela reportagem.",
    "Segundo a Polícia Civil, o caso é investigado.",
    "“Nada sobre nós sem nós”, repetiam as faixas na praça.",
    "A Constituição de 1988 garante o direito de greve.",
    "O desemprego na região ficou em 9% no trimestre (Fonte: IBGE).",
    "Quem abria o aplicativo da prefeitura lia apenas: Clique aqui para esperar.",
)
"""Ten sentences, each shared by one article in twenty, as a paragraph or as a paragraph's last sentence."""


@dataclass(slots=True)
class Planted:
    """An article's title and paragraphs, the true paragraphs among them, and what was planted in it."""

    title: str
    paragraphs: list[str]
    true: list[str]
    blocks: list[tuple[str, str]] = field(default_factory=list)

    @property
    def html(self) -> str:
        """The paragraphs as WordPress holds them."""
        return "\n".join(f"<p>{paragraph}</p>" for paragraph in self.paragraphs)


def articles(count: int, seed: int = 7) -> list[Planted]:
    """Invented articles with blocks planted by `KINDS` and honest sentences shared by one in twenty."""
    rng = random.Random(seed)
    return [_article(rng) for _ in range(count)]


def _article(rng: random.Random) -> Planted:
    true = [" ".join(_sentence(rng) for _ in range(rng.randint(2, 5))) for _ in range(rng.randint(5, 11))]
    for sentence in HONEST:
        if rng.random() < 0.05:
            place = rng.randrange(1, len(true))
            if rng.random() < 0.5:
                true.insert(place + (rng.random() < 0.4), sentence)
            else:
                true[place] = f"{true[place]} {sentence}"
    article = Planted(_sentence(rng).rstrip("."), list(true), true)
    for name, share, plant in KINDS:
        if rng.random() < share:
            plant(article, rng, name)
    return article


def _sentence(rng: random.Random) -> str:
    circumstance = rng.choice(CIRCUMSTANCES).replace("{n}", str(rng.randint(3, 950)))
    return f"{rng.choice(SUBJECTS)} {rng.choice(VERBS)} {rng.choice(OBJECTS)} {circumstance}."


def _name(rng: random.Random) -> str:
    return f"{rng.choice(FIRST)} {rng.choice(LAST)}"


def _date(rng: random.Random) -> str:
    return f"{rng.randint(1, 28)} de {rng.choice(MONTHS)} de {rng.randint(2012, 2024)}"


Text = Callable[[random.Random], str]
Plant = Callable[[Planted, random.Random, str], None]


def _last(text: Text) -> Plant:
    def plant(article: Planted, rng: random.Random, name: str) -> None:
        block = text(rng)
        article.paragraphs.append(block)
        article.blocks.append((name, block))

    return plant


def _first(text: Text) -> Plant:
    def plant(article: Planted, rng: random.Random, name: str) -> None:
        block = text(rng)
        article.paragraphs.insert(0, block)
        article.blocks.append((name, block))

    return plant


def _between(text: Text) -> Plant:
    def plant(article: Planted, rng: random.Random, name: str) -> None:
        block = text(rng)
        article.paragraphs.insert(rng.randint(2, 4), block)
        article.blocks.append((name, block))

    return plant


def _head(text: Text) -> Plant:
    def plant(article: Planted, rng: random.Random, name: str) -> None:
        block = text(rng)
        place = next(i for i, paragraph in enumerate(article.paragraphs) if article.true[0] in paragraph)
        article.paragraphs[place] = f"{block} {article.paragraphs[place]}"
        article.blocks.append((name, block))

    return plant


def _tail(text: Text) -> Plant:
    def plant(article: Planted, rng: random.Random, name: str) -> None:
        block = text(rng)
        place = max(i for i, paragraph in enumerate(article.paragraphs) if article.true[-1] in paragraph)
        article.paragraphs[place] = f"{article.paragraphs[place]} {block}"
        article.blocks.append((name, block))

    return plant


KINDS: tuple[tuple[str, float, Plant], ...] = (
    ("tail: closing appeal", 0.5, _tail(lambda r: "Quer receber outras histórias como esta? Entre no canal da Gazeta da Mata no WhatsApp.")),
    ("tail: read in full", 0.06, _tail(lambda r: f"Leia a íntegra em {_sentence(r).rstrip('.')}")),
    ("head: outlet and city", 0.6, _head(lambda r: f"Gazeta da Mata | {r.choice(CITIES)} |")),
    ("head: series", 0.03, _head(lambda r: f"Série Terra e Trabalho, capítulo {r.randint(1, 40)} –")),
    ("teaser", 0.7, _between(lambda r: f"Leia também: {_sentence(r).rstrip('.')}")),
    ("photo credit", 0.4, _between(lambda r: f"Foto: {_name(r)}/Gazeta da Mata")),
    ("audio player", 0.1, _first(lambda r: f"Ouça a entrevista de {_name(r)} na íntegra no tocador de áudio, na edição de {_date(r)}.")),
    ("byline", 0.35, _first(lambda r: f"Por {_name(r)} | {r.choice(CITIES)[:-5]}")),
    ("video", 0.08, _last(lambda r: f"Assista ao programa Roda de Prosa, edição {r.randint(1, 300)}, com {_name(r)}, no nosso canal.")),
    ("editor", 0.5, _last(lambda r: f"Edição: {_name(r)}")),
    ("author's note", 0.05, _last(lambda r: f"{_name(r)} é jornalista e escreve às quintas-feiras na Gazeta da Mata.")),
    ("self-portrait", 0.2, _last(lambda r: "Com informações das agências. Somos um instituto de comunicação e cultura das cidades da mata.")),
    (
        "plea",
        1.0,
        _last(
            lambda r: f"Você que chegou até aqui sabe o que custa a imprensa livre: com {r.randint(5, 90)} reais por mês, "
            "a Gazeta da Mata segue nas ruas. Assine o nosso financiamento coletivo."
        ),
    ),
    ("first printed elsewhere", 0.03, _last(lambda r: f"Publicado originalmente na revista Mutirão em {_date(r)}.")),
    ("licence", 0.9, _last(lambda r: "Gazeta da Mata. Todo o conteúdo pode ser livremente reproduzido, desde que citada a fonte.")),
    ("comment form", 0.3, _last(lambda r: "Salve meu nome, e-mail e site neste navegador para quando eu comentar de novo.")),
    ("opening times", 0.4, _last(lambda r: f"A banca da Gazeta da Mata fica na rua do Sol, {r.randint(2, 9)}, e abre de segunda a sábado.")),
)  # fmt: skip
"""What is planted: a name, on which share of the articles, and where."""
