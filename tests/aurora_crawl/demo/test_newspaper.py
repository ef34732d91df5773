"""The invented newspaper's stories: complete, readable, and as varied as the demo and later tests need them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import html

from aurora_crawl.demo.clutter import DONATION, LICENSE_LINE, MOJIBAKE_EVERY, mojibake, plant, split_blocks
from aurora_crawl.demo.generate import generated_stories
from aurora_crawl.demo.newspaper import BrokenStoryError, Story, expected_paragraphs, read_newspaper, read_story

STORIES = read_newspaper()
PLANTED = plant(STORIES)

HEADER = "Title: T\nSlug: t\nAuthor: Ana; Bia\nPublished: 2024-05-17T08:00\nSection: S\nTags: a; b\nLanguage: pt\n"


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def shingles(text: str, length: int = 5) -> set[tuple[str, ...]]:
    found = words(text.lower())
    return {tuple(found[start : start + length]) for start in range(len(found) - length + 1)}


def overlap(left: set[tuple[str, ...]], right: set[tuple[str, ...]]) -> float:
    return len(left & right) / len(left | right)


def garbled(story: Story) -> bool:
    return "Ã" in story.body


def test_at_least_sixty_stories_of_150_to_500_words() -> None:
    lengths = {story.slug: len(" ".join(expected_paragraphs(story)).split()) for story in STORIES}
    assert len(lengths) >= 60
    assert {slug: length for slug, length in lengths.items() if not 150 <= length <= 500} == {}


def test_one_story_is_spanish_and_one_pair_nearly_the_same() -> None:
    assert [story.language for story in STORIES].count("es") == 1
    texts = {story.slug: shingles(" ".join(expected_paragraphs(story))) for story in STORIES}
    slugs = sorted(texts)
    alike = [(a, b) for a in slugs for b in slugs if a < b and overlap(texts[a], texts[b]) > 0.5]
    assert len(alike) == 1


def test_story_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "t.html"
    path.write_text(HEADER + "\n<p>Um.</p>\n\n<p>Dois.</p>\n", encoding="utf-8")
    story = read_story(path)
    assert (story.authors, story.tags, story.byline) == (("Ana", "Bia"), ("a", "b"), "Ana e Bia")
    assert story.published.isoformat() == "2024-05-17T08:00:00-03:00"
    assert expected_paragraphs(story) == ["Um.", "Dois."]
    assert story.path == "/2024/05/17/t/"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (HEADER, "the body"),
        (HEADER.replace("Slug: t\n", "") + "\n<p>x</p>", "Slug"),
        (HEADER + "Sluug: x\n\n<p>x</p>", "Sluug"),
        (HEADER.replace("2024-05-17T08:00", "ontem") + "\n<p>x</p>", "ontem"),
    ],
)
def test_broken_story_is_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "broken.html"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BrokenStoryError, match=rf"broken\.html.*{named}"):
        read_story(path)


def test_two_stories_with_one_slug_are_refused(tmp_path: Path) -> None:
    for name in ("a.html", "b.html"):
        (tmp_path / name).write_text(HEADER + "\n<p>x</p>", encoding="utf-8")
    with pytest.raises(BrokenStoryError, match="slug 't'"):
        read_newspaper(tmp_path)


def test_folder_without_stories_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BrokenStoryError, match="no story"):
        read_newspaper(tmp_path)


def test_expected_paragraphs_lose_no_word_outside_pictures_and_embeds() -> None:
    for story in STORIES:
        if re.search(r"<figure|<iframe|\[caption", story.body):
            continue
        written = words(" ".join(html.fragment_fromstring(story.body, create_parent="div").itertext()))
        kept = words("\n".join(expected_paragraphs(story)))
        # The numbers of ordered lists are the browser's, so numbers are left out of both.
        assert [word for word in kept if not word.isdigit()] == [word for word in written if not word.isdigit()], (
            story.slug
        )


def test_lists_tables_verses_and_quotes_are_expected_as_lines() -> None:
    body = (
        "<ul><li>um</li>\n<li>dois</li></ul><ol><li>a</li><li>b</li></ol>"
        "<table><tr><th>c</th><th>d</th></tr><tr><td>1</td><td>2</td></tr></table>"
        "<p>verso<br />\noutro</p><blockquote><p>q</p><p>r</p></blockquote><figure><figcaption>não</figcaption></figure>"
    )
    story = Story("t", "t", ("a",), STORIES[0].published, "s", body)
    assert expected_paragraphs(story) == ["- um\n- dois", "1. a\n2. b", "c | d\n1 | 2", "verso\noutro", "q", "r"]


def test_clutter_stands_between_the_blocks_and_changes_none() -> None:
    for story, planted in zip(STORIES, PLANTED, strict=True):
        if garbled(planted):
            continue
        blocks = split_blocks(planted.body)
        assert [block for block in blocks if block in split_blocks(story.body)] == split_blocks(story.body)
        assert len(blocks) >= len(split_blocks(story.body)) + 2


def test_about_six_in_ten_carry_a_teaser_of_varying_titles() -> None:
    teasers = [
        block for story in PLANTED for block in split_blocks(story.body) if re.search("leia (também|mais)", block, re.I)
    ]
    assert 0.45 * len(PLANTED) < len(teasers) < 0.75 * len(PLANTED)
    assert len(set(re.findall('href="([^"]+)"', "".join(teasers)))) > 20


def test_every_story_ends_with_the_licence_and_most_plead() -> None:
    readable = [story for story in PLANTED if not garbled(story)]
    assert all(LICENSE_LINE in split_blocks(story.body)[-1] for story in readable)
    assert 0.5 < sum(DONATION in story.body for story in readable) / len(readable) < 0.9


def test_three_or_four_stories_are_garbled_and_can_be_recovered() -> None:
    hurt = [(story, planted) for story, planted in zip(STORIES, PLANTED, strict=True) if garbled(planted)]
    assert len(hurt) in (3, 4)
    assert len(hurt) == len(
        [number for number in range(len(STORIES)) if number % MOJIBAKE_EVERY == MOJIBAKE_EVERY // 2]
    )
    for story, planted in hurt:
        assert recovered(planted.title) == story.title
        assert story.body.splitlines()[0] in recovered(planted.body)


def test_planting_twice_gives_the_same() -> None:
    assert plant(STORIES) == PLANTED
    assert plant(STORIES, seed=8) != PLANTED


def test_generated_stories_are_alike_run_by_run_and_unlike_each_other() -> None:
    stories = list(generated_stories(200, seed=3, words=120))
    assert stories == list(generated_stories(200, seed=3, words=120))
    assert len({story.slug for story in stories}) == len({story.title for story in stories}) == 200
    assert all(120 <= len(" ".join(expected_paragraphs(story)).split()) <= 160 for story in stories)
    assert [story.published for story in stories] == sorted(story.published for story in stories)
    texts = [shingles(" ".join(expected_paragraphs(story))) for story in stories]
    assert max(overlap(a, b) for a in texts[:60] for b in texts if a is not b) < 0.2


def recovered(text: str) -> str:
    """The inverse of the damage, by the table of bytes."""
    table = {mojibake_of_byte(byte): byte for byte in range(256)}
    return bytes(table[sign] for sign in text).decode()


def mojibake_of_byte(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


def test_mojibake_is_what_browsers_show() -> None:
    assert mojibake("não é “bom”") == "nÃ£o Ã© â€œbomâ€\x9d"
