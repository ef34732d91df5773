"""What is in a corpus and what is not, and that every document that went is counted with its reason."""

import random
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from aurora_crawl.corpus.options import CorpusError
from aurora_crawl.corpus.output_folder import PlaceError
from aurora_crawl.items import Quality
from aurora_crawl.storage.shards import ShardError

Invent = Callable[[int, int], str]
Edit = Callable[[str, float, int], str]


def test_of_equal_texts_the_earliest_stays(shards: Any, invent: Invent, make: Any) -> None:
    text = invent(200, 1)
    shards.add("averdade", text, published="2023-05-06")
    first = shards.add("mst", text, published="2023-05-04")
    shards.add("operamundi", text, published=None)
    other = shards.add("mst", invent(200, 2))
    built = make(shards)
    assert built.ids == {first, other}
    assert built.dropped == {"same text": 2}


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2023-05-04T10:00:00+00:00", "2023-05-04T09:00:00-03:00"),
        ("2023-05-04T01:30:00.123456+02:00", "2023-05-04T00:00:00.123456+00:00"),
        ("2023-05-04", "2023-05-04T10:00:00-03:00"),
        ("2022", "2023-05-04"),
        ("2023-05-04", None),
    ],
)
def test_the_earliest_is_so_by_time_and_not_by_letters(
    shards: Any, invent: Invent, make: Any, earlier: str, later: str | None
) -> None:
    text = invent(200, 1)
    shards.add("averdade", text, published=later)
    first = shards.add("mst", text, published=earlier)
    assert make(shards).ids == {first}


def test_of_what_is_equally_old_the_longest_stays(shards: Any, invent: Invent, make: Any) -> None:
    text = invent(400, 1)
    shards.add("averdade", text)
    longest = shards.add("mst", f"{text}\n\n{invent(20, 2)}")
    assert make(shards).ids == {longest}


def test_common_words_that_are_also_a_name_credit_nobody(shards: Any, invent: Invent, make: Any) -> None:
    text = f"Em outras palavras, a verdade é simples. {invent(200, 1)}"
    named = shards.add("outraspalavras", text, published="2023-05-06")
    shards.add("averdade", text, published="2023-05-06")
    first = shards.add("mst", text, published="2023-05-04")
    assert make(shards).ids == {first}
    # A near copy that does name it tells whose all the exact ones are.
    shards.add("mst", f"{text}\n\nPublicado em Outras Palavras.", published="2020", address="https://mst.org.br/2")
    built = make(shards, output="other")
    assert built.ids == {named}
    assert built.dropped == {"same text": 2, "nearly the same text": 1}


def test_a_sites_shards_are_no_corpus_to_be_replaced(shards: Any, invent: Invent, make: Any) -> None:
    shards.add("mst", invent(200, 1))
    (shards.write() / "articles" / "mst" / "manifest.json").write_text('{"version": 1, "shards": []}')
    with pytest.raises(PlaceError, match="not a corpus"):
        make(shards, output="articles/mst")


def test_the_publisher_whom_a_copy_names_stays_even_when_copies_are_dated_earlier(
    shards: Any, invent: Invent, edit: Edit, make: Any
) -> None:
    text = invent(300, 1)
    original = shards.add("brasildefato", text, published="2023-05-06")
    shards.add(
        "mst", f"{edit(text, 0.01, 2)}\n\nPublicado em Brasil de Fato na semana passada.", published="2023-05-04"
    )
    shards.add("averdade", edit(text, 0.01, 3), published="2023-05-05")
    assert make(shards).ids == {original}


def test_a_copy_that_names_its_source_goes(shards: Any, invent: Invent, make: Any) -> None:
    text = invent(300, 1)
    original = shards.add("brasildefato", text, published="2023-05-06")
    shards.add("mst", f"{text}\n\nDo Brasil de Fato", published="2023-05-04")
    assert make(shards).ids == {original}


def test_a_name_in_a_text_that_has_no_double_takes_nothing_away(shards: Any, invent: Invent, make: Any) -> None:
    ids = {shards.add("brasildefato", invent(200, 1)), shards.add("mst", f"Brasil de Fato: {invent(200, 2)}")}
    assert make(shards).ids == ids


def test_of_near_duplicates_one_stays_over_all_sites(shards: Any, invent: Invent, edit: Edit, make: Any) -> None:
    for number in range(40):
        text = invent(400, number)
        shards.add("averdade", text)
        shards.add("mst", edit(text, 0.01, number))
    built = make(shards)
    assert len(built.lines) == 40


def test_texts_that_share_a_third_of_their_paragraphs_both_stay(shards: Any, invent: Invent, make: Any) -> None:
    for number in range(30):
        common = invent(200, 1000 + number)
        shards.add("averdade", f"{common}\n\n{invent(420, number)}")
        shards.add("mst", f"{invent(420, 500 + number)}\n\n{common}")
    assert len(make(shards).lines) == 60


def test_duplicates_stay_where_they_are_wanted(shards: Any, invent: Invent, make: Any) -> None:
    for _ in range(3):
        shards.add("mst", invent(200, 1))
    assert len(make(shards, keep_duplicates=True).lines) == 3


def test_the_highest_revision_of_an_id_stays(shards: Any, invent: Invent, make: Any) -> None:
    address = "https://mst.org.br/nota"
    shards.add("mst", invent(200, 1), address=address)
    shards.add("mst", invent(200, 3), address=address, revision=2, shard="000002")
    shards.add("mst", invent(200, 2), address=address, revision=1, shard="000003")
    built = make(shards)
    assert [line["revision"] for line in built.lines] == [2]
    assert built.dropped == {"older revision": 2}


@pytest.mark.parametrize(
    ("choices", "sites"),
    [
        ({"licenses": ("CC-BY-4.0",)}, {"a"}),
        ({"exclude_licenses": ("CC-BY-4.0",)}, {"b", "c"}),
        ({"exclude_licenses": ("unknown",)}, {"a", "b"}),
        ({"licenses": ("CC-BY-4.0", "unknown")}, {"a", "c"}),
    ],
)
def test_licences_are_in_or_out(
    shards: Any, invent: Invent, make: Any, choices: dict[str, Any], sites: set[str]
) -> None:
    for number, (site, license_) in enumerate((("a", "CC-BY-4.0"), ("b", "LicenseRef-credito"), ("c", None))):
        shards.add(site, invent(200, number), license=license_)
    built = make(shards, **choices)
    assert {line["site"] for line in built.lines} == sites


def test_a_cap_holds_for_each_site_and_does_not_choose_by_date(shards: Any, invent: Invent, make: Any) -> None:
    for number in range(60):
        shards.add("mst", invent(120, number), published=f"{1990 + number // 2}")
    shards.add("averdade", invent(120, 99))
    built = make(shards, most_per_site=20)
    years = sorted(int(str(line["published"])) for line in built.lines if line["site"] == "mst")
    assert len(years) == 20
    assert years[0] < 2005 < years[-1]
    assert built.dropped == {"more than a site may have": 40}


def test_languages_and_quality_are_counted(shards: Any, invent: Invent, make: Any) -> None:
    shards.add("mst", invent(200, 1))
    shards.add("mst", invent(200, 2), language="es")
    shards.add("mst", "1 2 3 4 5 6. " * 30)
    built = make(shards)
    assert len(built.lines) == 1
    assert built.dropped["not pt"] == 1
    assert sum(built.dropped.values()) >= 2
    assert len(make(shards, ignored_marks=tuple(built.dropped)[1:], output="other").lines) >= 1


def test_a_text_whose_language_nobody_told_is_asked(shards: Any, make: Any, invent: Invent) -> None:
    spoken = "A greve dos professores continua na segunda-feira, disse a presidenta do sindicato, e a prefeitura não quis falar. "
    foreign = "La huelga de los maestros sigue el lunes, dijo ayer la presidenta del sindicato, y el ayuntamiento no quiso hablar. "
    kept = shards.add("mst", spoken * 4, language=None, quality=Quality())
    shards.add("mst", foreign * 4, language=None, quality=Quality())
    built = make(shards)
    assert built.ids == {kept}
    assert built.lines[0]["language"] == "pt"


def test_learned_blocks_are_cut_before_texts_are_compared(shards: Any, invent: Invent, make: Any) -> None:
    plea = invent(250, 77)
    for number in range(4):
        shards.add("mst", f"{invent(150, number)}\n\n{plea}")
    folder = shards.data / "boilerplate"
    folder.mkdir()
    block = " ".join(plea.split("\n\n"))
    text = "\n".join(f"whole | 4 / 4 | {paragraph}" for paragraph in plea.split("\n\n"))
    (folder / "mst.txt").write_text(text + "\n", encoding="utf-8")
    built = make(shards)
    assert len(built.lines) == 4
    assert not any(block[:60] in str(line["text"]) for line in built.lines)
    assert all(line["words"] == len(str(line["text"]).split()) for line in built.lines)


def test_an_open_shard_is_read_up_to_its_last_whole_line(shards: Any, invent: Invent, make: Any) -> None:
    whole = shards.add("mst", invent(200, 1), shard="000002.part")
    data = shards.write()
    with (data / "articles" / "mst" / "mst-000002.jsonl.part").open("ab") as file:
        file.write(b'{"id": "cut of')
    shards.write = lambda: data
    assert make(shards).ids == {whole}


def test_a_broken_line_is_named_and_nothing_is_written(shards: Any, invent: Invent, make: Any) -> None:
    shards.add("mst", invent(200, 1), shard="000002.part")
    shards.add("averdade", invent(200, 2))
    data = shards.write()
    path = data / "articles" / "mst" / "mst-000002.jsonl.part"
    path.write_bytes(b'{"id": 1\n' + path.read_bytes())
    shards.write = lambda: data
    with pytest.raises(ShardError, match=r"mst-000002.*line 1"):
        make(shards)
    assert not (data / "corpus").exists()


def test_a_corpus_without_documents_says_where_they_went(shards: Any, invent: Invent, make: Any) -> None:
    shards.add("mst", invent(200, 1), license="CC-BY-4.0")
    with pytest.raises(CorpusError, match=r"1 CC-BY-4\.0"):
        make(shards, exclude_licenses=("CC-BY-4.0",))


def test_another_folder_is_never_replaced(shards: Any, invent: Invent, make: Any) -> None:
    shards.add("mst", invent(200, 1))
    precious = shards.data / "corpus"
    precious.mkdir()
    (precious / "thesis.txt").write_text("years of work")
    with pytest.raises(PlaceError, match="not a corpus"):
        make(shards)
    assert (precious / "thesis.txt").read_text() == "years of work"


def shingles(text: str) -> set[str]:
    words = text.split()
    return {" ".join(words[n : n + 5]) for n in range(max(1, len(words) - 4))}


def test_no_validation_document_has_a_relative_in_the_training_part(
    shards: Any, invent: Invent, edit: Edit, make: Any
) -> None:
    # Chains: each text is an edit of the one before, so that the last is far from the first but near its neighbour.
    rng = random.Random(5)
    for number in range(60):
        text = invent(250, number)
        for step in range(4):
            shards.add(rng.choice(["mst", "averdade"]), text, published=f"20{step + 10}")
            text = edit(text, rng.choice([0.03, 0.06, 0.1]), 10 * number + step)
    built = make(shards, validation=0.3, similarity=0.99)
    parts: dict[bool, list[set[str]]] = {True: [], False: []}
    for file in built.manifest.files:
        is_validation = file.name.startswith("validation")
        parts[is_validation] += [shingles(str(line["text"])) for line in _lines(built.folder / file.name)]
    assert len(parts[True]) > 20
    assert len(parts[False]) > 60
    nearest = max(len(a & b) / len(a | b) for a, b in product(parts[True], parts[False]))
    assert nearest < 0.5


def _lines(path: Any) -> Any:
    import gzip
    import json

    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]
