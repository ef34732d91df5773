"""Kept text and cuts, together again."""

from aurora_crawl.items import Removal
from aurora_crawl.text.boilerplate.cut import Boilerplate
from aurora_crawl.text.boilerplate.restore import NOT_STRUCK, STRUCK, rebuilt, struck_through

PARAGRAPHS = [
    "Por Ana Lima",
    "Jornal da Serra | Itu (SP) | Choveu muito na cidade. Leia mais: Chuva",
    "A água levou a ponte velha, e a prefeitura mandou erguer outra no lugar.",
    "Leia também: Ponte",
    "Ninguém ficou ferido, disse a defesa civil na manhã seguinte à enchente.",
    "Compartilhe:",
    "Edição: Rui Paz",
]


def test_an_article_can_be_put_together_again() -> None:
    kept, removed = Boilerplate.general().strip(PARAGRAPHS)
    assert len(removed) == 6
    assert rebuilt(kept, removed, lambda removal: removal.text) == PARAGRAPHS


def test_what_is_not_shown_stays_out() -> None:
    kept, removed = Boilerplate.general().strip(PARAGRAPHS)
    assert rebuilt(kept, removed, lambda _: "") == kept


def test_cuts_are_struck_through() -> None:
    removed = [Removal(0, "tail", "Leia mais: Chuva", "read-also"), Removal(1, "whole", "Foto: X", "photo-credit")]
    assert struck_through(["Choveu."], removed, colour=False) == [
        "Choveu. [-Leia mais: Chuva-] (read-also)",
        "[-Foto: X-] (photo-credit)",
    ]
    assert struck_through(["Choveu."], removed, colour=True)[1] == f"{STRUCK}Foto: X{NOT_STRUCK} (photo-credit)"
