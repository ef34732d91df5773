"""What answers amount to: chance, one answer only, and two models against each other."""

from __future__ import annotations

import numpy as np

from train.evaluation.items import Item, Task
from train.evaluation.scores import Answers, answers_of, compare, score
from train.evaluation.task_report import lines_of, task_report


def task(count: int, *, a_group: int = 1) -> Task:
    """Pairs whose right form is singular and plural in turns, so many of one text."""
    items = []
    for number in range(count):
        labels = ("singular", "plural")
        items.append(Item("", (f"um {number}", f"uns {number}"), number % 2, str(number // a_group), labels))
    return Task("pares", tuple(items), "acc")


def answers(given: Task, right: np.ndarray) -> Answers:
    """Answers that are right where it says so."""
    found = []
    for item, good in zip(given.items, right, strict=True):
        pair = [-20.0, -20.0]
        pair[item.gold if good else 1 - item.gold] = -10.0
        found.append(pair)
    return answers_of(given, found)


def drawn(count: int, part: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random(count) < part


def test_of_equal_choices_the_first_counts_as_the_harness_has_it() -> None:
    given = task(4)
    assert answers_of(given, [[-1.0, -1.0]] * 4).values == (1.0, 0.0, 1.0, 0.0)


def test_nothing_is_ranked_where_the_base_stands_at_chance() -> None:
    given = task(300)
    report = task_report(
        given, {"base": answers(given, drawn(300, 0.5, 1)), "adapter": answers(given, drawn(300, 0.8, 2))}
    )
    assert report.verdict == "no signal: the base stands at chance"
    shown = "\n".join(lines_of([report]))
    assert "adapter is better" not in shown
    assert "no signal" in shown


def test_a_better_adapter_is_called_so_and_an_equal_one_is_not() -> None:
    given = task(600)
    base = answers(given, drawn(600, 0.7, 1))
    report = task_report(given, {"base": base, "base_4bit": base, "adapter": answers(given, drawn(600, 0.82, 2))})
    assert report.verdict == "the adapter is better"
    assert report.differences["adapter-base"].difference > 0.05
    assert (
        task_report(given, {"base": base, "adapter": base}).verdict == "no difference that this many items could show"
    )


def test_fewer_bits_are_better() -> None:
    given = Task(
        "c", tuple(Item("a b", (" c",), 0, str(n)) for n in range(80)), "bits_per_word", higher_is_better=False
    )
    base = answers_of(given, [[-12.0 - n % 3] for n in range(80)])
    adapter = answers_of(given, [[-11.0 - n % 2] for n in range(80)])
    report = task_report(given, {"base": base, "adapter": adapter})
    assert report.chance is None
    assert report.verdict == "the adapter is better"


def test_a_model_that_answers_one_thing_only_shows_both_classes() -> None:
    given = task(200)
    always = answers_of(given, [[-1.0, -5.0]] * 200)
    figures = score(given, always)
    assert figures.answers_only == "singular"
    assert figures.by_answer == {"plural": 0.0, "singular": 1.0}
    shown = "\n".join(lines_of([task_report(given, {"base": always, "adapter": answers(given, drawn(200, 0.9, 1))})]))
    assert "always answers “singular”" in shown
    assert "“plural” 0 %" in shown


def test_two_equal_models_are_hardly_ever_called_different() -> None:
    """At 95 % some one of twenty; each draw has items and answers of its own."""
    called = 0
    for seed in range(20):
        given = task(300)
        one, other = (answers(given, drawn(300, 0.75, 100 * seed + each)) for each in (1, 2))
        called += compare(given, one, other).clear
    assert called <= 2


def test_items_of_one_text_are_no_independent_draws() -> None:
    alone, together = task(400), task(400, a_group=8)
    right = np.repeat(drawn(50, 0.7, 3), 8)
    narrow, wide = (score(given, answers(given, right)).interval for given in (alone, together))
    assert wide[1] - wide[0] > 2 * (narrow[1] - narrow[0])
