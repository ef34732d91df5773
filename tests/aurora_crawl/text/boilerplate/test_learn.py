"""Repeated blocks are learned, honest repetition is not, and what a person decided stays decided."""

import random
from dataclasses import replace

import pytest

from aurora_crawl.text.boilerplate.block_counts import counted
from aurora_crawl.text.boilerplate.block_file import Block
from aurora_crawl.text.boilerplate.cut import Boilerplate
from aurora_crawl.text.boilerplate.learn import learn, page_before_cuts

PLACES = "Itu Crato Bagé Lages Olinda Parintins Paraty Caicó Assis Jaú Goiana Tefé".split()
THINGS = (
    "a ponte|a feira|o rio|a escola|o mercado|a praça|o trem|a horta|a greve|o mutirão|a enchente|a colheita".split("|")
)
DEEDS = "mudou de lugar|voltou a crescer|parou na terça|reuniu os vizinhos|ficou sem luz|custou menos|abriu mais cedo".split(
    "|"
)
WORDS = "água pão terra rua casa livro festa chuva barco vento milho pedra sol noite".split()


def sentence(rng: random.Random) -> str:
    return f"Em {rng.choice(PLACES)}, {rng.choice(THINGS)} {rng.choice(DEEDS)}, contaram {rng.randint(2, 900)} pessoas ao repórter."


def corpus(count: int = 72) -> list[list[str]]:
    rng = random.Random(5)
    return [[" ".join(sentence(rng) for _ in range(2)) for _ in range(4)] for _ in range(count)]


def keys(pages: list[list[str]]) -> set[tuple[str, str]]:
    return {one.block.key for one in learn(pages)}


def test_articles_without_blocks_teach_nothing() -> None:
    assert keys(corpus()) == set()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (
            "Assine a Folha da Serra e receba o jornal em casa.",
            ("whole", "Assine a Folha da Serra e receba o jornal em casa."),
        ),
        (
            "Faltam {n} reais: apoie o nosso jornal até sexta.",
            ("whole", "Faltam {number} reais: apoie o nosso jornal até sexta."),
        ),
        (
            "{who} é jornalista e escreve na Folha da Serra.",
            ("whole", "{name} é jornalista e escreve na Folha da Serra."),
        ),
        (
            "Publicado originalmente na revista Mutirão em {day}.",
            ("whole", "Publicado originalmente na revista Mutirão em {date}."),
        ),
        (
            "Até {month} faltam assinantes: apoie o nosso jornal.",
            ("whole", "Até {month} faltam assinantes: apoie o nosso jornal."),
        ),
        ("Traduzido por {who} para a Folha.", ("whole", "Traduzido por {name} para a Folha.")),
        (
            "*{who} é historiadora e autora de {title}.",
            ("whole", "*{name} é historiadora e autora de {any}"),
        ),
        (
            "Publicado em {who}. Leia o original na Folha.",
            ("whole", "Publicado em {name}. Leia o original na Folha."),
        ),
        ("Leia a reportagem completa: {title}", ("whole", "Leia a reportagem completa: {any}")),
        ("Conheça a nossa campanha: {title}", ("whole", "Conheça a nossa campanha: {any}")),
        ("Ouça {title} no nosso podcast.", ("whole", "Ouça {any} no nosso podcast.")),
    ],
)
def test_paragraphs_that_speak_to_the_reader_are_learned_from_few_pages(text: str, key: tuple[str, str]) -> None:
    rng, pages = random.Random(1), corpus()
    for page in pages[::15]:
        who, day = (
            f"{rng.choice(PLACES)} {rng.choice(('Lima', 'Paz', 'Reis'))}",
            f"{rng.randint(1, 28)} de maio de 2020",
        )
        page.append(
            text.format_map(
                {
                    "n": rng.randint(5, 900),
                    "who": who,
                    "day": day,
                    "month": rng.choice(("março", "abril", "maio")),
                    "title": " ".join(rng.sample(WORDS, 4)),
                }
            )
        )
    assert keys(pages) == {key}


def test_beginnings_and_ends_of_paragraphs_are_learned() -> None:
    rng, pages = random.Random(2), corpus()
    for page in pages[::10]:
        page[0] = f"Série Água, parte {rng.randint(1, 30)} – {page[0]}"
    for page in pages[::6]:
        page[-1] = f"{page[-1]} Siga a Folha da Serra no Instagram."
    assert keys(pages) == {("head", "Série Água, parte {number} –"), ("tail", "Siga a Folha da Serra no Instagram.")}


def test_a_heading_of_capitals_and_a_name_keeps_its_own_words() -> None:
    rng, pages = random.Random(4), corpus()
    for page in pages[::5]:
        page.insert(0, f"Coluna Semanal de {rng.choice(PLACES)} {rng.choice(('Lima', 'Paz', 'Reis'))}")
    assert keys(pages) == {("whole", "Coluna Semanal de {name}")}


def test_a_beginning_in_brackets_lays_the_next_bare_to_the_general_rules() -> None:
    pages = corpus()
    for number, page in enumerate(pages):
        page[0] = f"Folha da Serra | {('Itu (SP)', 'Olinda (PE)', 'Lages (SC)')[number % 4 % 3]} | {page[0]}"
        if number % 9 == 0:
            page[0] = f"[Carta do Leitor nº {number}] {page[0]}"
    first = [page_before_cuts(*Boilerplate.general().strip(page)) for page in pages]
    learned = [one.block for one in learn(first)]
    assert [block.key for block in learned] == [("head", "[Carta do Leitor nº {number}]")]
    cut = [Boilerplate(learned).strip(page) for page in pages]
    assert all("|" not in kept[0] for kept, _ in cut)
    assert [one.block for one in learn([page_before_cuts(*one) for one in cut])] == learned


def test_what_stands_on_a_third_of_the_pages_is_learned_whatever_it_says() -> None:
    pages = corpus()
    for page in pages[::2]:
        page.append("A banca da praça abre aos domingos às oito da manhã.")
    assert keys(pages) == {("whole", "A banca da praça abre aos domingos às oito da manhã.")}


@pytest.mark.parametrize(
    "formula",
    [
        "A prefeitura não respondeu até o fechamento desta edição.",
        "Procurada, a empresa não se manifestou.",
        "O espaço segue aberto para a manifestação dos citados.",
        "“Você não pode desistir”, repetia a faixa na entrada.",
        "A Constituição de 1988 garante o direito de greve.",
        "Quem abria o aplicativo da prefeitura lia apenas: Clique aqui para esperar.",
        "Leia a nota na íntegra:",
        "Entenda o caso",
        "O outro lado",
        "Fonte: Dieese.",
        "Cabe recurso da decisão.",
        "O perfil foi suspenso pelo Instagram na semana passada.",
    ],
)
@pytest.mark.parametrize("is_paragraph", [True, False])
def test_honest_formulas_stay_text(formula: str, is_paragraph: bool) -> None:
    pages = corpus()
    for page in pages[::12]:
        if is_paragraph:
            page.append(formula)
        else:
            page[-1] = f"{page[-1]} {formula}"
    assert keys(pages) == set()


def test_what_three_articles_share_is_not_learned() -> None:
    pages = corpus(40)
    for page in pages[:3]:
        page.append("Assine a Folha da Serra e receba o jornal em casa.")
    assert keys(pages) == set()


def planted() -> list[list[str]]:
    pages = corpus()
    for number, page in enumerate(pages):
        page.insert(0, "Por Ana Lima")
        if number % 3 == 0:
            page[1] = f"Série Água, parte {number} – {page[1]}"
        if number % 2 == 0:
            page.append("Quer ajudar? Apoie a Folha da Serra com qualquer valor.")
    return pages


def test_a_second_learning_after_a_crawl_with_the_file_proposes_the_same() -> None:
    first = [page_before_cuts(*Boilerplate.general().strip(page)) for page in planted()]
    learned = learn(first)
    assert len(learned) == 2
    with_file = Boilerplate([one.block for one in learned])
    second = [page_before_cuts(*with_file.strip(page)) for page in planted()]
    assert {one.block for one in learn(second)} == {one.block for one in learned}


def test_known_blocks_are_not_proposed_again_and_counted_anew() -> None:
    pages = [page_before_cuts(*Boilerplate.general().strip(page)) for page in planted()]
    known = [replace(one.block, pages=0, of=0) for one in learn(pages)]
    assert learn(pages, known) == []
    assert sorted(block.pages for block in counted(pages, known)) == [24, 36]


def test_counts_do_not_depend_on_the_order_of_the_file() -> None:
    pages = corpus()
    for page in pages[::2]:
        page.append("Quer ajudar? Apoie a Folha da Serra.")
    for page in pages[::3]:
        page[-2] = f"{page[-2]} Apoie a Folha da Serra."
    blocks = [
        Block("tail", "Apoie a Folha da Serra."),
        Block("whole", "Quer ajudar? Apoie a Folha da Serra."),
    ]
    assert [block.pages for block in counted(pages, blocks)] == [24, 36]
    assert [block.pages for block in counted(pages, blocks[::-1])] == [36, 24]


def test_a_struck_block_is_not_proposed_again() -> None:
    pages = corpus()
    for page in pages[::2]:
        page.append("Quer ajudar? Ligue para a Folha da Serra e peça o boleto.")
    struck = replace(learn(pages)[0].block, struck=True)
    assert learn(pages, [struck]) == []
    assert Boilerplate([struck]).strip(pages[0]) == (pages[0], [])


def test_a_block_that_a_person_widened_covers_what_it_came_from() -> None:
    pages = corpus()
    for page in pages[::2]:
        page.append("Quer ajudar? Ligue para a Folha da Serra e peça o boleto.")
    assert learn(pages, [Block("whole", "Quer ajudar? Ligue para {any}")]) == []
