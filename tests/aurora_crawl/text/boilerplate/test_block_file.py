"""The file of a site's blocks: what it says is what is cut, and a person's hand in it stays."""

import pytest

from aurora_crawl.text.boilerplate.block_file import Block, escaped, read_blocks, with_blocks_added


@pytest.mark.parametrize(
    ("template", "matching", "other"),
    [
        ("Faltam {number} reais para a meta", "Faltam 1.250,50 reais para a meta", "Faltam mil reais para a meta"),
        (
            "Atualizado pela equipe em {date}",
            "Atualizado pela equipe em 3 de maio de 2020",
            "Atualizado pela equipe em maio",
        ),
        ("Texto cedido por {name}", "Texto cedido por Ana de Souza", "Texto cedido por amigos da casa"),
        ("Texto cedido por {name}", "Texto cedido por J. B. de Souza", "Texto cedido por Ana. Leia"),
        ("Faltam dois mil até {month}", "Faltam dois mil até março", "Faltam dois mil até lá"),
        (
            "Leia a íntegra em {any}",
            "Leia a íntegra em Quem ganha com a tarifa",
            "Leia a íntegra em casa. A greve continua",
        ),
        ("Chaves {{assim}} mesmo", "Chaves {assim} mesmo", "Chaves assim mesmo"),
        ("Primeira linha{break}segunda", "Primeira linha\nsegunda", "Primeira linha segunda"),
        ("Custa R$ 5 (cinco)? Sim.", "Custa R$ 5 (cinco)? Sim.", "Custa R$ 5 cinco Sim!"),
    ],
)
def test_a_whole_block_matches_its_paragraph(template: str, matching: str, other: str) -> None:
    pattern = Block("whole", template).pattern
    assert pattern.fullmatch(matching)
    assert not pattern.fullmatch(other)


def test_a_head_ends_where_its_text_ends() -> None:
    pattern = Block("head", "Da sucursal de Itu –").pattern
    assert pattern.match("Da sucursal de Itu – Choveu")
    assert not Block("head", "Da sucursal").pattern.match("Da sucursalidade das coisas")


def test_a_tail_begins_at_a_word() -> None:
    pattern = Block("tail", "entre no canal do jornal").pattern
    assert pattern.search("Choveu. entre no canal do jornal")
    assert not pattern.search("Choveu. reentre no canal do jornal")


def test_text_with_braces_and_lines_survives_the_file() -> None:
    block = Block("whole", escaped("Linha {um}\nlinha dois"), 3, 10)
    assert read_blocks(block.line, "x.txt") == [block]
    assert block.pattern.fullmatch("Linha {um}\nlinha dois")


def test_a_persons_lines_stay_and_counts_are_renewed() -> None:
    text = (
        "# cabeça\n\n# minha nota\n- whole | 3/10 | O jornal vive de leitores.\nhead  | 2/10 | Da sucursal de Itu –\n"
    )
    known = [
        Block("whole", "O jornal vive de leitores.", 30, 100, struck=True),
        Block("head", "Da sucursal de Itu –", 20, 100),
    ]
    new = Block("tail", "Leia a íntegra em {any}", 9, 100)
    assert with_blocks_added(text, known, [new], {new.key: "Leia a íntegra em Tarifa"}) == (
        "# cabeça\n\n# minha nota\n- whole | 30/100 | O jornal vive de leitores.\nhead  | 20/100 | Da sucursal de Itu –\n"
        "\n# ex.: Leia a íntegra em Tarifa\ntail  | 9/100 | Leia a íntegra em {any}\n"
    )
