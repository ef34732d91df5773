"""Minimal pairs out of clean text: the wrong sentence is wrong, whatever the text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from train.evaluation.agreement import PAIRS_A_SENTENCE, agreement_task, changes_of
from train.evaluation.contamination import contaminated
from train.evaluation.suite import INVENTED, TASKS, own_tasks


def changed(sentence: str) -> set[tuple[str, str, str]]:
    """Feature, word, and what takes its place."""
    return {(change.feature, change.word.text, change.wrong) for change in changes_of(sentence)}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "As obras da passarela nova foram concluídas em maio.",
            {("number", "foram", "foi"), ("gender", "concluídas", "concluídos"), ("gender", "nova", "novo")},
        ),
        ("O prefeito da capital viajou para o litoral.", {("number", "viajou", "viajaram")}),
        ("Os moradores do bairro saíram da reunião cedo.", {("number", "saíram", "saiu")}),
        ("A empresa construiu um depósito ao lado.", {("number", "construiu", "construíram")}),
        ("O time da casa conseguiu um empate fora.", {("number", "conseguiu", "conseguiram")}),
        ("As máquinas já têm um dono certo.", {("number", "têm", "tem"), ("gender", "As", "os")}),
        ("O custo elevado da obra assustou a câmara.", {("number", "elevado", "elevados"), ("gender", "a", "o")}),
    ],
)
def test_what_must_agree_is_changed(sentence: str, expected: set[tuple[str, str, str]]) -> None:
    assert expected <= changed(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "A maioria dos moradores votou contra a proposta.",  # both numbers are heard after it
        "Chegaram ontem os livros da escola.",  # the subject comes later
        "O prefeito e o vice viajaram juntos para lá.",  # two subjects
        "O homem que vendia flores morreu cedo demais.",  # the first verb is not the subject's
        "O prefeito, segundo os vereadores, viajou em maio.",  # something stands between
    ],
)
def test_a_verb_whose_subject_is_in_doubt_is_left_alone(sentence: str) -> None:
    assert not [change for change in changes_of(sentence) if change.kind == "verb"]


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        ("Ela mora perto da loja que a pesquisa indica sempre.", "indica"),
        ("Na semana passada a estudante convida o colega novo.", "convida"),
        ("Muita gente procura a foto tirada no parque.", "a"),
        ("O artista da vila vendeu a tela maior.", "artista"),
        ("A polícia do estado prendeu um homem alto.", "polícia"),
        ("Ontem o jornalista da rádio falou do dia frio.", "do"),
    ],
)
def test_words_that_only_look_as_if_they_agreed_are_left_alone(sentence: str, word: str) -> None:
    assert word not in {change.word.text for change in changes_of(sentence) if change.feature == "gender"}


def test_the_shipped_text_gives_enough_pairs_of_one_changed_word_each() -> None:
    tasks = {task.name: task for task in own_tasks(list(TASKS), None, seed=0, limit=None)}
    assert len(tasks["pt_number"].items) >= 600
    assert len(tasks["pt_gender"].items) >= 1000
    assert len(tasks["pt_cloze"].items) >= 150
    for name, feature in (("pt_number", "number"), ("pt_gender", "gender")):
        groups: dict[str, int] = {}
        for item in tasks[name].items:
            right, wrong = item.choices[item.gold].split(), item.choices[1 - item.gold].split()
            assert len(right) == len(wrong)
            assert sum(a != b for a, b in zip(right, wrong, strict=True)) == 1
            assert item.labels[0] != item.labels[1]
            groups[item.group] = groups.get(item.group, 0) + 1
        assert max(groups.values()) <= PAIRS_A_SENTENCE[feature]
        # Whoever always takes the first, or always the same form, is right by about half.
        gold = [item.gold for item in tasks[name].items]
        assert 0.4 < sum(gold) / len(gold) < 0.6


def test_a_seed_decides_which_items_there_are_and_more_items_begin_with_the_same() -> None:
    text = INVENTED.read_text(encoding="utf-8")
    first = agreement_task("n", "number", [text], seed=3, limit=50)
    assert first == agreement_task("n", "number", [text], seed=3, limit=50)
    assert first.items == agreement_task("n", "number", [text], seed=3).items[:50]
    assert first != agreement_task("n", "number", [text], seed=4, limit=50)


def test_a_sentence_that_stands_in_the_text_twice_gives_its_pairs_once() -> None:
    sentence = "As obras da passarela nova foram concluídas em maio."
    assert agreement_task("n", "number", [sentence, sentence], seed=0) == agreement_task(
        "n", "number", [sentence], seed=0
    )


def test_the_demos_newspaper_holds_none_of_the_shipped_text() -> None:
    articles = (Path(__file__).parents[3] / "aurora_crawl" / "demo" / "articles").glob("*.html")
    texts = [path.read_text(encoding="utf-8") for path in articles]
    for task in own_tasks(list(TASKS), None, seed=0, limit=None):
        assert contaminated(task.items, texts) == set()


def test_items_are_made_of_shards_as_training_reads_them(tmp_path: Path) -> None:
    path = tmp_path / "textos.jsonl"
    path.write_text(
        json.dumps({"text": "As obras da passarela nova foram concluídas em maio."}) + "\n", encoding="utf-8"
    )
    (task,) = own_tasks(["pt_number"], path, seed=0, limit=None)
    assert {item.text for item in task.items} == {"As obras da passarela nova foram concluídas em maio."}
