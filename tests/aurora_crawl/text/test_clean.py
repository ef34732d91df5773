"""One chain of cleaning: its order, what it leaves alone, and what a corrected rule gives back."""

import ast
import random
from copy import deepcopy
from pathlib import Path

import pytest

import aurora_crawl
from aurora_crawl.demo.clutter import plant, site_blocks
from aurora_crawl.demo.newspaper import read_newspaper
from aurora_crawl.extraction.fragment import paragraphs
from aurora_crawl.items import Article, Quality, Removal, join_paragraphs
from aurora_crawl.text import clean as chain
from aurora_crawl.text.boilerplate.block_file import Block, Part, read_blocks
from aurora_crawl.text.boilerplate.cut import Boilerplate
from aurora_crawl.text.clean import Dropped, Rules, clean
from aurora_crawl.text.personal import without_personal_data
from aurora_crawl.text.quality import Thresholds

SERVED = plant(read_newspaper())
BLOCKS = site_blocks(SERVED)
TEXT = (
    "A assembleia dos motoristas decidiu manter a paralisação até segunda-feira, segundo a direção do sindicato.",
    "A empresa afirmou, em nota, que respeita o direito de greve e que apresentará nova proposta.",
    "Moradores ouvidos pela reportagem disseram apoiar o movimento, apesar da dificuldade para chegar ao trabalho.",
)


def pages() -> list[Article]:
    return [
        Article(title=story.title, text=join_paragraphs(paragraphs(story.body)), language=None)
        for story in SERVED
        if story.language == "pt"
    ]


def article(*paragraphs: str, **fields: object) -> Article:
    return Article(title="A greve", text=join_paragraphs([*paragraphs]), **fields)  # type: ignore[arg-type]


def rules(*lines: str, **fields: object) -> Rules:
    blocks = read_blocks("\n".join(lines), "blocks")
    return Rules(Boilerplate.general().with_blocks(blocks), **fields)  # type: ignore[arg-type]


def cleaned(one: Article, by: Rules) -> Article:
    outcome = clean(one, by)
    assert isinstance(outcome, Article), outcome
    return outcome


def told(one: Article) -> tuple[str, list[Removal], list[str], int]:
    """What cleaning makes of an article; the score of its language stays that of its first cleaning."""
    return one.text, one.removed, one.quality.marks, one.words


def test_the_order_stands_in_one_place() -> None:
    assert [step.__name__ for step in chain.STEPS] == [
        "in_one_spelling",
        "without_boilerplate",
        "without_personal_data",
        "in_wanted_language",
        "measured",
    ]
    root = Path(aurora_crawl.__file__).parent
    measuring = [
        path.relative_to(root).as_posix()
        for path in sorted(root.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("measure", "masked")
    ]
    assert {*measuring} <= {"text/clean.py", "text/boilerplate/learn.py", "text/boilerplate/templates.py"}


def test_the_article_that_is_given_stays_as_it_is() -> None:
    one = article(*TEXT, "Leia também: Outra  greve", authors=["Ana  Lima"], quality=Quality(), language=None)
    before = deepcopy(one)
    after = cleaned(one, Rules(mask_personal_data=True))
    assert one == before
    assert after.text == join_paragraphs([*TEXT])
    assert [(cut.position, cut.text, cut.rule) for cut in after.removed] == [
        (3, "Leia também: Outra greve", "read-also")
    ]
    assert (after.authors, after.language, after.words) == (["Ana Lima"], "pt", len(after.text.split()))


def test_cleaning_twice_is_cleaning_once() -> None:
    by = Rules(Boilerplate.general().with_blocks(BLOCKS))
    for page in pages():
        once = cleaned(page, by)
        assert cleaned(once, by) == once


def test_what_another_file_of_blocks_cut_is_cut_as_from_the_page_itself() -> None:
    everything = Boilerplate.general().with_blocks(BLOCKS)
    drawn = random.Random(5)
    for page in pages():
        struck = [block for block in BLOCKS if drawn.random() < 0.5]
        some = Rules(Boilerplate.general().with_blocks(struck))
        assert told(cleaned(cleaned(page, Rules(everything)), some)) == told(cleaned(page, some))
        assert told(cleaned(cleaned(page, some), Rules(everything))) == told(cleaned(page, Rules(everything)))


@pytest.mark.parametrize(
    ("part", "paragraph"),
    [
        ("whole", "Venha à roda de leitura do sindicato."),
        ("head", "Direto da Rádio Vale: a greve continua na cidade, disse o sindicato nesta manhã."),
        ("tail", "A greve continua na cidade, disse o sindicato. Direto da Rádio Vale, sempre com você."),
    ],
)
@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_struck_out_block_gives_back_what_it_cut_where_it_stood(part: Part, paragraph: str, place: int) -> None:
    block = {
        "whole": paragraph,
        "head": "Direto da Rádio Vale:",
        "tail": "Direto da Rádio Vale, sempre com você.",
    }[part]
    page = article(*TEXT[:place], paragraph, *TEXT[place:], "Leia também: Outra greve")
    stored = cleaned(page, rules(f"{part} | 9/9 | {block}"))
    assert block not in stored.text
    back = cleaned(stored, rules(f"- {part} | 9/9 | {block}"))
    assert back.text == join_paragraphs([*TEXT[:place], paragraph, *TEXT[place:]])
    assert [cut.rule for cut in back.removed] == ["read-also"]


def test_line_breaks_beside_a_cut_stay_where_nothing_changes_and_patterns_that_need_one_go_on_cutting() -> None:
    verse = "Direto da Rádio Vale: A cidade acorda\nLeia mais: Outra greve"
    block = "head | 9/9 | Direto da Rádio Vale:"
    stored = cleaned(article(*TEXT, verse), rules(block))
    assert stored.paragraphs[-1] == "A cidade acorda"
    assert cleaned(stored, rules(block)) == stored
    assert cleaned(stored, rules(f"- {block}")).paragraphs[-1] == "Direto da Rádio Vale: A cidade acorda"


def test_what_was_cut_while_the_page_was_read_stays_out() -> None:
    caption = Removal(1, "whole", "Motoristas na praça, na manhã de ontem", "caption")
    after = cleaned(article(*TEXT, removed=[caption]), Rules())
    assert after.text == join_paragraphs([*TEXT])
    assert after.removed == [caption]


def test_positions_beyond_the_text_cost_nothing() -> None:
    removed = [Removal(position, "whole", "Leia também: Outra", "read-also") for position in (10**12, -7, 4)]
    assert cleaned(article(*TEXT, removed=removed), Rules()).text == join_paragraphs([*TEXT])


def test_personal_data_is_masked_in_cuts_too_and_blocks_cut_the_same_whether_learned_with_it_or_without() -> None:
    plain = "Fale com a redação do jornal: (11) 98765-4321 ou vale@exemplo.org.br"
    hidden, count = without_personal_data(plain)
    assert count == 2
    page = article(*TEXT, "A mãe ligou para (11) 91234-5678.", plain)
    for learned in (plain, hidden):
        by = rules(f"whole | 9/9 | {learned}", mask_personal_data=True)
        after = cleaned(page, by)
        assert after.paragraphs[-1] == "A mãe ligou para [telefone]."
        assert [cut.text for cut in after.removed] == [hidden]
    assert cleaned(after, by) == after


def test_what_is_dropped_says_why() -> None:
    outcomes = {
        "no text": article("\u200b"),
        "only boilerplate": article("Leia também: Outra greve"),
        "language es": article("La asamblea de los conductores decidió mantener el paro hasta el lunes. " * 4),
    }
    for reason, one in outcomes.items():
        outcome = clean(one, Rules())
        assert isinstance(outcome, Dropped)
        assert outcome.reason == reason


def test_thresholds_mark_and_drop_nothing() -> None:
    assert cleaned(article(*TEXT), Rules(thresholds=Thresholds(stop_words=900))).quality.marks == ["stop_words"]


def test_blocks_that_were_struck_out_by_no_rule_are_not_in_a_boilerplate() -> None:
    struck = Boilerplate([Block("whole", "Venha à roda de leitura.", struck=True)])
    assert struck.strip(["Venha à roda de leitura."])[0] == ["Venha à roda de leitura."]
