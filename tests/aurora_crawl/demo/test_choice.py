"""What is trained on and what is held out: enough, bounded, and no two nearly the same."""

from __future__ import annotations

from pathlib import Path

from aurora_crawl.demo.choice import TOO_ALIKE, TRAINING_WORDS, alike, choose, shingles, write_choice
from aurora_crawl.demo.newspaper import expected_paragraphs, read_newspaper
from aurora_crawl.items import Article, article_id
from aurora_crawl.storage.articles import read_articles


def article(title: str, text: str) -> Article:
    return Article(id=article_id(title), title=title, text=text, words=len(text.split()))


RECORDS = [
    article(story.title, "\n\n".join(expected_paragraphs(story)))
    for story in read_newspaper()
    if story.language == "pt"
]


def test_newspaper_is_divided_without_near_duplicates_across() -> None:
    choice = choose(RECORDS)
    assert len(choice.held_out) >= 8
    assert len(choice.repeated) == 1
    for held in choice.held_out:
        for trained in choice.training:
            assert alike(shingles(held.text), shingles(trained.text)) < TOO_ALIKE
    titles = [chosen.title for chosen in (*choice.training, *choice.held_out)]
    assert len(set(titles)) == len(titles)


def test_training_part_is_bounded_and_nearly_filled() -> None:
    choice = choose(RECORDS)
    assert TRAINING_WORDS * 0.95 < choice.training_words <= TRAINING_WORDS
    assert choose(RECORDS, words=1000).training_words <= 1000


def test_near_duplicate_of_a_held_out_article_is_not_trained_on() -> None:
    original = RECORDS[0]
    for number in range(20):
        edited = original.text.replace(" de ", f" {number} ", 2)
        choice = choose([*RECORDS[:15], article(f"Republicação {number}", edited)], held_out=5)
        both = [*choice.training, *choice.held_out]
        assert sum(alike(shingles(one.text), shingles(original.text)) > TOO_ALIKE for one in both) == 1


def test_order_of_the_articles_decides_nothing() -> None:
    assert choose(RECORDS) == choose(RECORDS[::-1])


def test_short_texts_do_not_pass_for_alike() -> None:
    choice = choose([article("a", "um dois"), article("b", "três quatro"), article("c", "um dois")], held_out=1)
    assert len(choice.repeated) == 1
    assert len(choice.held_out) + len(choice.training) == 2


def test_parts_are_written_as_shards_that_can_be_read(tmp_path: Path) -> None:
    choice = choose(RECORDS)
    training, held_out = write_choice(choice, tmp_path / "training")
    changed = training.stat().st_mtime_ns
    assert list(read_articles(training.rename(tmp_path / "x.jsonl.part"))) == choice.training
    assert list(read_articles(held_out.rename(tmp_path / "y.jsonl.part"))) == choice.held_out
    assert changed


def test_unchanged_parts_are_not_written_again(tmp_path: Path) -> None:
    choice = choose(RECORDS)
    before = [path.stat().st_mtime_ns for path in write_choice(choice, tmp_path)]
    assert [path.stat().st_mtime_ns for path in write_choice(choice, tmp_path)] == before
