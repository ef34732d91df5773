"""Random valid HTML around known paragraphs: no word is lost that does not stand in `removed`."""

from __future__ import annotations

import random

import pytest

from aurora_crawl.extraction import extract_article
from aurora_crawl.extraction.fragment import read_fragment
from aurora_crawl.extraction.passages import kept, removals
from aurora_crawl.extraction.tree import MOST_TAGS, parse, raw_text_of

_WORDS = (
    "a prefeitura informou ontem que os moradores do bairro esperam há três anos pela ponte e pela escola nova da praça "
    "onde a feira de domingo junta agricultores músicos e crianças de todo o vale segundo a associação"
).split()
_INLINE = (
    "a abbr b bdi bdo cite code data del dfn em font i ins kbd label mark output q s samp small span strike strong sub sup "
    "time u var button"
).split()
_BLOCKS = "div section article blockquote aside figure ul ol table details dl pre header footer main h3 form nav fieldset center".split()
_CLASSES = (
    "date time autor author badge price label hashtag tags credit kicker share btn caption meta telegram nav-link comment "
    "popular paywall testimonial timeline-date accordion related newsletter promo hidden d-none sr-only visually-hidden "
    "entry-content texto x1 css-1abc podcast-transcricao whatsapp banner footnote note-ref social publicidade box-autor"
).split()
_ATTRIBUTES = (
    "", "", "", ' hidden', ' hidden="until-found"', ' style="display:none"', ' style="display:block"', ' aria-hidden="true"',
    ' role="note"', ' href="#n1"', ' href="https://x.example/a"', ' id="comments"', ' lang="pt"',
)  # fmt: skip
_ENTITIES = {"ã": "&atilde;", "é": "&#233;", "ç": "&#xE7;", "á": "&aacute;"}
_CONTAINERS = (
    '<div class="entry-content">{}</div>',
    '<article><h1>Ponte nova</h1><div itemprop="articleBody">{}</div></article>',
    "<main><h1>Ponte nova</h1>{}</main>",
    '<main><div class="c7">{}</div></main>',
    '<section class="gh-content">{}</section>',
)


class _Page:
    """A page made at random, and the words of its paragraphs, each of which stands once and in no other."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.words: list[str] = []

    def word(self) -> str:
        word = f"{self.random.choice(_WORDS)}{len(self.words)}z"
        self.words.append(word)
        return "".join(_ENTITIES.get(letter, letter) if self.random.random() < 0.3 else letter for letter in word)

    def attributes(self) -> str:
        classes = f' class="{" ".join(self.random.sample(_CLASSES, self.random.randint(1, 2)))}"'
        return (classes if self.random.random() < 0.6 else "") + self.random.choice(_ATTRIBUTES)

    def line(self, depth: int = 0) -> str:
        pieces = []
        for _ in range(self.random.randint(3, 9)):
            roll = self.random.random()
            if roll < 0.25 and depth < 3:
                tag = self.random.choice(_INLINE)
                pieces.append(f"<{tag}{self.attributes()}>{self.line(depth + 1)}</{tag}>")
            elif roll < 0.3:
                pieces.append(self.random.choice(("<br>", "<wbr>", '<img src="x.png" alt="">', "<!-- nota -->")))
            else:
                pieces.append(self.word())
        return " ".join(pieces)

    def paragraph(self) -> str:
        plain = " ".join(self.word() for _ in range(self.random.randint(8, 20)))
        return f"<p{self.attributes() if self.random.random() < 0.3 else ''}>{plain} {self.line()}.</p>"

    def block(self, depth: int = 0) -> str:
        if depth > 3 or self.random.random() < 0.6:
            return self.paragraph()
        tag, attributes = self.random.choice(_BLOCKS), self.attributes()
        if tag in {"pre", "h3"}:
            return f"<{tag}{attributes}>{self.line()}</{tag}>"
        inner = [self.block(depth + 1) for _ in range(self.random.randint(1, 3))]
        if tag in {"ul", "ol"}:
            content = "".join(f"<li{self.attributes()}>{one}</li>" for one in inner)
        elif tag == "table":
            content = "".join(f"<tr><td>{one}</td><td>{self.line()}</td></tr>" for one in inner)
        elif tag == "dl":
            content = "".join(f"<dt>{self.line()}</dt><dd>{one}</dd>" for one in inner)
        elif tag == "details":
            content = f"<summary>{self.line()}</summary>{''.join(inner)}"
        else:
            content = "".join(inner)
        return f"<{tag}{attributes}>{content}</{tag}>"

    def html(self) -> str:
        body = "".join(self.block() for _ in range(self.random.randint(4, 10)))
        plain = "".join(f"<p>{' '.join(self.word() for _ in range(30))}.</p>" for _ in range(4))
        content = self.random.choice(_CONTAINERS).format(body + plain)
        return f'<!DOCTYPE html><html lang="pt-BR"><head><title>Ponte nova</title></head><body>{content}</body></html>'


def _lost(words: list[str], shown: list[str]) -> list[str]:
    text = "\n".join(shown)
    return [word for word in words if word not in text]


@pytest.mark.parametrize("seed", range(120))
def test_no_word_of_a_page_is_lost_that_is_not_in_removed(seed: int) -> None:
    page = _Page(seed)
    html = page.html()
    read = extract_article(html, "https://serra.example/ponte-nova/")
    assert _lost(page.words, [*read.paragraphs, *(cut.text for cut in read.removed)]) == []


@pytest.mark.parametrize("seed", range(1000, 1060))
def test_no_word_of_a_fragment_is_lost_that_is_not_in_removed(seed: int) -> None:
    page = _Page(seed)
    html = "".join(page.block() for _ in range(6))
    passages = read_fragment(html)
    assert _lost(page.words, [*kept(passages), *(cut.text for cut in removals(passages))]) == []


@pytest.mark.parametrize(
    "name", ["date", "autor", "price", "hashtag", "badge", "share", "btn label", "comment", "related"]
)
@pytest.mark.parametrize("tag", ["span", "a", "em", "b", "time", "mark", "small"])
def test_running_text_is_never_cut_for_a_class(tag: str, name: str) -> None:
    sentence = "A feira abriu às nove e fechou tarde, segundo a associação dos agricultores do vale inteiro."
    marked = sentence.replace("às nove", f'<{tag} class="{name}" id="{name}">às nove</{tag}>')
    html = (
        f'<div class="entry-content"><p>{marked}</p>'
        + f"<p>{sentence}</p>" * 1
        + "<p>Outra frase do texto, comprida que baste.</p>" * 6
        + "</div>"
    )
    assert extract_article(html, "https://serra.example/feira/").paragraphs[0] == sentence


def test_a_page_of_more_tags_than_anybody_reads_is_cut_where_they_end() -> None:
    beginning = "<p>A assembleia começou às nove horas.</p>"
    root = parse(f"<html><body>{beginning}{'<p>a' * (MOST_TAGS + 50_000)}</body></html>")
    assert sum(1 for _ in root.iter("p")) <= MOST_TAGS
    assert raw_text_of(root).startswith("A assembleia começou às nove horas.")
