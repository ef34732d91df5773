"""What is not the article is cut, what only looks like it stays, and every cut is told."""

from pathlib import Path

import pytest

from aurora_crawl.items import Removal
from aurora_crawl.text.boilerplate.block_file import BlockFileError
from aurora_crawl.text.boilerplate.cut import Boilerplate

TEXT = [
    "A assembleia dos motoristas decidiu manter a paralisação até segunda-feira, segundo a direção do sindicato.",
    "A empresa afirmou, em nota, que respeita o direito de greve e que apresentará nova proposta.",
    "Moradores ouvidos pela reportagem disseram apoiar o movimento, apesar da dificuldade para chegar ao trabalho.",
    "“Não há outra saída”, disse a motorista Joana Prado, que trabalha na linha há doze anos.",
]
GENERAL = Boilerplate.general()


@pytest.mark.parametrize(
    ("paragraph", "rule"),
    [
        ("Leia também: Motoristas param pelo terceiro dia", "read-also"),
        ("LEIA TAMBÉM: Motoristas param; veja o que muda", "read-also"),
        ("Leia mais: Motoristas param\nGreve chega ao interior", "read-also"),
        ("Leia também", "read-also"),
        (">> Veja também: Quem ganha com a tarifa?", "read-also"),
        ("➡️ Leia também: Motoristas param pelo terceiro dia", "read-also"),
        ("👉🏽 LEIA TAMBÉM 👇", "read-also"),
        ("✅ Leia mais ➡️ Tarifa: quem ganha", "read-also"),
        ("↪️ Saiba mais sobre a greve → Motoristas param", "read-also"),
        ("LEIA TAMBÉM\nGreve chega ao interior\nTarifa: quem ganha?", "read-also"),
        ("📷 Foto: Ana Lima/Agência Aurora", "photo-credit"),
        ("Saiba mais: Entenda o reajuste", "read-also"),
        ("Leia mais sobre a greve: Motoristas param", "read-also"),
        ("Veja também como fica o trânsito na semana", "read-also"),
        ("Continua após a publicidade", "navigation"),
        ("Notícias relacionadas:", "navigation"),
        ("Foto: Ana Lima/Agência Aurora", "photo-credit"),
        ("Fotos: Ana Lima e João de Souza", "photo-credit"),
        ("(Foto: Reprodução/Redes sociais)", "photo-credit"),
        ("Foto de capa: Ana Lima / Coletivo Olho", "photo-credit"),
        ("Ilustração: Rui Paz", "photo-credit"),
        ("Crédito da foto: divulgação", "photo-credit"),
        ("Divulgação/Prefeitura de Itu", "photo-credit"),
        ("Compartilhe:", "share"),
        ("Compartilhe nas redes sociais", "share"),
        ("Compartilhe esta notícia com seus amigos!", "share"),
        ("Facebook Twitter WhatsApp", "share"),
        ("Compartilhar no Facebook", "share"),
        ("Assine nossa newsletter e receba as notícias da semana", "newsletter"),
        ("Receba o boletim do jornal no seu e-mail. É de graça!", "newsletter"),
        ("Inscreva-se para receber as notícias por e-mail", "newsletter"),
        ("Siga nossas redes sociais: Instagram, Facebook e YouTube", "follow"),
        ("Entre no nosso canal do WhatsApp e fique por dentro", "follow"),
        ("Clique aqui para receber as notícias no WhatsApp", "click-here"),
        ("Apoie o jornalismo independente: faça um PIX para o jornal.", "plea"),
        ("Contribua com a nossa campanha de financiamento coletivo e mantenha o jornal vivo.", "plea"),
        (
            "Você que chegou até aqui sabe o valor da imprensa popular. Com R$ 10 por mês, a redação segue. Colabore!",
            "plea",
        ),
        (
            "Todo o conteúdo deste site pode ser livremente reproduzido, desde que citada a fonte.",
            "licence",
        ),
        ("A reprodução deste texto é permitida, desde que citados o autor e a fonte.", "licence"),
        ("© 2024 Jornal da Serra", "licence"),
        ("Jornal da Serra – Todos os direitos reservados", "licence"),
        ("É proibida a reprodução total ou parcial sem autorização", "licence"),
        ("As opiniões expressas neste artigo não refletem necessariamente a opinião do jornal.", "opinion-disclaimer"),
        ("*Este é um artigo de opinião. O jornal não se responsabiliza.", "opinion-disclaimer"),
        ("Salve meu nome, e-mail e site neste navegador para a próxima vez que eu comentar.", "comment-form"),
        ("Deixe um comentário", "comment-form"),
        ("O seu endereço de e-mail não será publicado. Campos obrigatórios são marcados com *", "comment-form"),
        ("A- A A+", "text-size"),
        ("A+ A-", "text-size"),
        ("Ouça o áudio:", "audio"),
        ("Ouça a entrevista na íntegra no tocador abaixo da foto", "audio"),
        ("00:00 / 03:25", "audio"),
        ("Assista:", "watch"),
        ("Assista: Motoristas explicam a greve", "watch"),
        ("Confira abaixo o vídeo da assembleia:", "watch"),
        ("Tempo de leitura: 5 minutos", "reading-time"),
        ("Publicado em 12 de setembro de 2023", "published"),
        ("Atualizado em 12/09/2023 às 11h33", "published"),
        ("Jornal da Serra | Ouro Preto (MG) |", "dateline"),
    ],
)
def test_common_cases_go_without_a_learned_file(paragraph: str, rule: str) -> None:
    kept, removed = GENERAL.strip([*TEXT[:2], paragraph, *TEXT[2:]])
    assert kept == TEXT
    assert removed == [Removal(2, "whole", paragraph, rule)]


@pytest.mark.parametrize(
    ("paragraph", "rule"),
    [
        ("Edição: Maria das Dores", "editor"),
        ("Edição: Maria Prado e João Lima", "editor"),
        ("Texto: Rui Paz\nRevisão: Ana Lima", "editor"),
        ("Redação", "newsroom"),
        ("Da Redação", "newsroom"),
        ("*Com informações da Agência Aurora.", "agencies"),
        ("Tags: greve, transporte, tarifa", "tags"),
    ],
)
def test_credits_go_at_the_end_only(paragraph: str, rule: str) -> None:
    assert GENERAL.strip([*TEXT, paragraph, "Leia também: Outra"])[1][0] == Removal(4, "whole", paragraph, rule)
    kept, removed = GENERAL.strip([TEXT[0], TEXT[1], TEXT[2], paragraph, *TEXT])
    assert (paragraph in kept, removed) == (True, [])


@pytest.mark.parametrize(
    ("paragraph", "rule"),
    [
        ("Por Ana Lima", "byline"),
        ("Por Ana Lima e João de Souza | Ouro Preto", "byline"),
        ("Da redação do Jornal da Serra", "newsroom"),
        ("12 de setembro de 2023 às 11:33", "published"),
    ],
)
def test_bylines_go_at_the_beginning_only(paragraph: str, rule: str) -> None:
    assert GENERAL.strip([paragraph, *TEXT])[1] == [Removal(0, "whole", paragraph, rule)]
    assert GENERAL.strip([*TEXT, paragraph, *TEXT]) == ([*TEXT, paragraph, *TEXT], [])


@pytest.mark.parametrize(
    ("paragraph", "kept", "removal"),
    [
        (
            "Jornal da Serra | Ouro Preto (MG) | A chuva destruiu duas pontes na região.",
            "A chuva destruiu duas pontes na região.",
            Removal(1, "head", "Jornal da Serra | Ouro Preto (MG) |", "dateline"),
        ),
        (
            "A chuva destruiu duas pontes na região. Leia também: Prefeitura decreta calamidade",
            "A chuva destruiu duas pontes na região.",
            Removal(1, "tail", "Leia também: Prefeitura decreta calamidade", "read-also"),
        ),
        (
            "A chuva destruiu duas pontes na região. (Foto: Ana Lima/Agência Aurora)",
            "A chuva destruiu duas pontes na região.",
            Removal(1, "tail", "(Foto: Ana Lima/Agência Aurora)", "photo-credit"),
        ),
    ],
)
def test_heads_and_tails_go_and_the_rest_stays(paragraph: str, kept: str, removal: Removal) -> None:
    assert GENERAL.strip([TEXT[0], paragraph, TEXT[1]]) == ([TEXT[0], kept, TEXT[1]], [removal])


@pytest.mark.parametrize(
    "honest",
    [
        "O desemprego caiu para 8,1% (Fonte: IBGE), o menor índice desde 2014, e a renda subiu.",
        "Fonte: IBGE. Elaboração própria a partir dos microdados da pesquisa de 2019.",
        "Quem abria a página lia apenas um aviso: Clique aqui. Ninguém clicava.",
        "Clique aqui, diziam as mensagens falsas que roubaram a senha de duzentos aposentados da cidade.",
        "Edição: a palavra vem do latim e significa dar à luz, explica a historiadora em seu livro mais recente.",
        "A prefeitura não respondeu até o fechamento desta edição.",
        "Leia também é o nome do projeto que leva livros às escolas do campo há dez anos.",
        "➡️ Leia também quem não gosta de ler, dizia a placa na entrada da feira.",
        "➡️ O primeiro passo é registrar a queixa; o segundo, guardar o recibo.",
        "Leia mais\nVote melhor.",
        "Saiba mais quem estuda mais? Não necessariamente, responde a pesquisadora da universidade.",
        "Compartilhar o pão é um gesto político, repetia o padre nas reuniões da comunidade.",
        "Compartilhe-se o pão, dizia o padre.",
        "Foto: a palavra, lembra o curador, era escrita à mão no verso de cada imagem da exposição.",
        "Assista quem quiser, disse o diretor, o filme não foi feito para agradar.",
        "Ouça o povo, pediu a deputada ao encerrar seu discurso na tribuna da Câmara.",
        "A redação do projeto de lei foi alterada duas vezes antes da votação em plenário.",
        "Por Deus, gritou ela, e ninguém mais se mexeu.",
        "Publicado em 1938, o romance conta a história de uma família de retirantes.",
        "O texto da lei pode ser reproduzido em cartazes, decidiu o tribunal na semana passada.",
        "O jornalismo independente depende de doações: só no ano passado, os leitores doaram R$ 2 milhões a dez sites.",
        "O sindicato pediu que a categoria apoie a greve e contribua com o fundo, por PIX, para as famílias.",
        "Assine a petição, dizia o cartaz na porta da fábrica, e muitos assinaram.",
        "Comentários racistas de torcedores levaram o clube a perder o mando de campo.",
        "Edição de livros didáticos cresce no interior do estado, segundo a câmara do setor.",
        "Siga o dinheiro, aconselhava o velho delegado aos repórteres mais novos da cidade.",
        "Brasil (1964) | Chile (1973)",
        "A",
        "Mais",
        "Em 12 de setembro de 2023, às 11h, começou a marcha.",
        "O que querem os trabalhadores",
        "Reprodução assistida chega ao sistema público",
        "Tradução e revolução: a obra de uma militante",
        "Apoie-se a greve ou não, o fato é que a imprensa livre e crítica já não existe na cidade, escreveu o autor.",
    ],
)
def test_honest_uses_survive(honest: str) -> None:
    for paragraphs in ([honest, *TEXT], [*TEXT[:2], honest, *TEXT[2:]], [*TEXT, honest]):
        assert GENERAL.strip(paragraphs) == (paragraphs, [])


def test_a_list_of_titles_after_read_also_goes_and_a_list_of_sentences_stays() -> None:
    titles = "- Greve chega ao interior\n- Tarifa sobe de novo"
    demands = "- O reajuste deve cobrir a inflação.\n- A jornada deve cair."
    assert GENERAL.strip([TEXT[0], "Leia também:", titles, TEXT[1]])[0] == TEXT[:2]
    assert GENERAL.strip([TEXT[0], "Leia também:", demands, TEXT[1]])[0] == [TEXT[0], demands, TEXT[1]]
    assert GENERAL.strip([TEXT[0], titles, TEXT[1]])[0] == [TEXT[0], titles, TEXT[1]]


@pytest.mark.parametrize("heading", ["LEIA TAMBÉM", "➡️ Leia também:", "Veja também 👇"])
def test_titles_in_a_row_after_read_also_go_and_what_follows_them_stays(heading: str) -> None:
    titles = ["Motoristas param pelo terceiro dia contra o corte de linhas", "➡️ Quem ganha com a tarifa?"]
    assert GENERAL.strip([TEXT[0], heading, titles[0], *TEXT[1:]])[0] == TEXT
    assert GENERAL.strip([*TEXT, heading, *titles])[0] == TEXT
    assert GENERAL.strip([*TEXT, heading, *titles])[1][1:] == [
        Removal(5, "whole", titles[0], "read-also"),
        Removal(6, "whole", titles[1], "read-also"),
    ]


@pytest.mark.parametrize(
    "following",
    [
        [TEXT[1], TEXT[2]],
        ["O que querem os trabalhadores", TEXT[1]],
        ["“Não há outra saída e ninguém aqui vai recuar”", TEXT[1]],
        ["A proposta, lida na praça, dizia:", TEXT[1]],
    ],
)
def test_what_is_no_title_stays_after_read_also(following: list[str]) -> None:
    assert GENERAL.strip([TEXT[0], "LEIA TAMBÉM", *following])[0] == [TEXT[0], *following]


def test_no_more_titles_go_than_a_box_has() -> None:
    titles = [f"Motoristas param pelo {number}º dia contra o corte de linhas" for number in range(9)]
    assert GENERAL.strip([TEXT[0], "LEIA TAMBÉM", *titles])[0] == [TEXT[0], *titles[6:]]


def test_a_first_paragraph_that_repeats_the_title_goes() -> None:
    kept, removed = GENERAL.strip(["GREVE CONTINUA!", *TEXT, "Greve continua"], title="Greve continua")
    assert kept == [*TEXT, "Greve continua"]
    assert removed == [Removal(0, "whole", "GREVE CONTINUA!", "title")]


def test_positions_are_those_before_any_cut() -> None:
    paragraphs = ["Leia também: Um", TEXT[0], "Compartilhe:", TEXT[1], "Leia também: Dois"]
    assert [removal.position for removal in GENERAL.strip(paragraphs)[1]] == [0, 2, 4]


def test_kept_and_removed_together_are_the_text(tmp_path: Path) -> None:
    paragraphs = [
        "Por Ana Lima",
        "Jornal da Serra | Itu (SP) | Choveu muito. Leia mais: Chuva",
        *TEXT,
        "Edição: Rui Paz",
    ]
    kept, removed = GENERAL.strip(paragraphs)
    words = " ".join(kept).split() + " ".join(removal.text for removal in removed).split()
    assert sorted(words) == sorted(" ".join(paragraphs).split())


def test_a_sites_file_adds_its_blocks(tmp_path: Path) -> None:
    path = tmp_path / "serra.txt"
    path.write_text(
        "# blocos\n"
        "whole | 90/100 | O jornal vive de {number} leitores desde {date}.\n"
        "head | 60/100 | Da sucursal de {name} –\n"
        "tail | 40/100 | Ouviu, leu, contou: {any} segue.\n"
        "- whole | 30/100 | A prefeitura não respondeu até o fechamento.\n",
        "utf-8",
    )
    site = GENERAL.with_file(path)
    kept, removed = site.strip(
        [
            "Da sucursal de Belo Horizonte – " + TEXT[0],
            TEXT[1] + " Ouviu, leu, contou: Ana segue.",
            "O jornal vive de 1.200 leitores desde 3 de maio de 2001.",
            "A prefeitura não respondeu até o fechamento.",
        ]
    )
    assert kept == [TEXT[0], TEXT[1], "A prefeitura não respondeu até o fechamento."]
    assert [(removal.position, removal.part, removal.rule) for removal in removed] == [
        (0, "head", "site"),
        (1, "tail", "site"),
        (2, "whole", "site"),
    ]


def test_the_version_changes_with_the_rules_that_cut(tmp_path: Path) -> None:
    path = tmp_path / "serra.txt"
    path.write_text("whole | 9/10 | O jornal vive de leitores.\n", "utf-8")
    struck = tmp_path / "struck.txt"
    struck.write_text("- whole | 9/10 | O jornal vive de leitores.\n", "utf-8")
    assert GENERAL.with_file(path).version != GENERAL.version
    assert GENERAL.with_file(struck).version == GENERAL.version
    assert GENERAL.with_file(tmp_path / "absent.txt").version == GENERAL.version


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("whole 9/10 O jornal vive de leitores", "line 2: expected"),
        ("middle | 9/10 | O jornal vive de leitores", "line 2: expected"),
        ("whole | 9/10 | O jornal vive de {leitores}", "unknown slot {leitores}"),
        ("whole | 9/10 | {any} de", "at least 8 letters"),
    ],
)
def test_a_line_that_is_no_block_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    path = tmp_path / "serra.txt"
    path.write_text(f"# blocos\n{line}\n", "utf-8")
    with pytest.raises(BlockFileError, match=r"serra\.txt") as caught:
        GENERAL.with_file(path)
    assert complaint in str(caught.value)
