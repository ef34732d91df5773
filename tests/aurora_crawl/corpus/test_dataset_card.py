"""The data card's front matter: what the Hub has a list of is named as it is there."""

from dataclasses import replace

import pytest

from aurora_crawl.corpus.dataset_card import card
from aurora_crawl.corpus.manifest import CorpusFile, GroupCount, Manifest
from aurora_crawl.corpus.options import Selection


def manifest(documents: int) -> Manifest:
    count = GroupCount("mst", "2020", "unknown", documents, 9, 1_234_567)
    file = CorpusFile("train-00000.jsonl.gz", documents, 9, 1_234_567, 100, "0" * 64)
    return Manifest(Selection(), "mistral-v1", [], [], [file], [count])


@pytest.mark.parametrize(
    ("documents", "size"),
    [
        (1, "n<1K"),
        (999, "n<1K"),
        (1_000, "1K<n<10K"),
        (88_000, "10K<n<100K"),
        (9_999_999, "1M<n<10M"),
        (10_000_000, "10M<n<100M"),
        (2_000_000_000, "n>1B"),
    ],
)
def test_sizes_are_those_of_the_hub(documents: int, size: str) -> None:
    assert f"size_categories:\n- {size}\n" in card(manifest(documents))


def test_both_languages_tell_the_same() -> None:
    text = card(manifest(1_500))
    assert "1,500 documents, 9 words, 1,234,567 tokens (mistral-v1), in Portuguese, from 1 Brazilian site." in text
    assert "1.500 documentos, 9 palavras, 1.234.567 tokens, em português, de 1 site brasileiro." in text
    assert "| mst | 1,500 | 9 | 1,234,567 |" in text
    assert "| article | 1,500 | 9 | 1,234,567 |" in text
    assert "| 2020 | 1,500 | 9 | 1,234,567 |" in text


def test_books_and_texts_of_unknown_origin_are_counted_apart() -> None:
    counts = [
        GroupCount("livros", "1899", "CC0-1.0", 2, 70_000, 0, "book"),
        GroupCount("livros", "", "LicenseRef-unknown", 1_200, 9, 0, "article", "unknown"),
        GroupCount("mst", "2020", "unknown", 3, 5, 0),
    ]
    text = card(replace(manifest(1_205), counts=counts, tokenizer=None))
    assert "| book | 2 | 70,000 | – |" in text
    assert "| article | 1,203 | 14 | – |" in text
    assert "Of 1,200 documents, 9 words, it is not known where they are from" in text
    assert "not known where" not in card(manifest(3))
