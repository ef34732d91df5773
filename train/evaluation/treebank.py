"""Minimal pairs out of a treebank in CoNLL-U, the form of Universal Dependencies: what agrees with what is annotated there."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from train.errors import DataError
from train.evaluation.agreement import PAIRS_A_SENTENCE, Change, Feature, pair
from train.evaluation.forms import Gender, Number
from train.evaluation.items import Item, Task
from train.evaluation.sentences import Word

_VALUES: dict[str, Gender | Number] = {"Masc": "m", "Fem": "f", "Sing": "s", "Plur": "p"}
_FLIPPED = {"Masc": "Fem", "Fem": "Masc", "Sing": "Plur", "Plur": "Sing"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word as the treebank annotates it; `features` are its morphological ones, `head` the place of what it belongs to."""

    place: int
    form: str
    lemma: str
    kind: str
    features: tuple[tuple[str, str], ...]
    head: int
    relation: str

    def value(self, feature: str) -> str | None:
        """A feature's value, `Fem` or `Plur` say."""
        return dict(self.features).get(feature)


Sentence = tuple[str, list[Token]]


def read_treebank(path: Path) -> list[Sentence]:
    """The sentences of a file, each as its text and its words; a part of a contraction has no form of its own.

    Raises DataError for a file that cannot be read or is not of this form.
    """
    found: list[Sentence] = []
    try:
        blocks = path.read_text(encoding="utf-8").split("\n\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({error})") from error
    for block in blocks:
        lines = block.splitlines()
        text = next((line.partition("=")[2].strip() for line in lines if line.startswith("# text =")), "")
        try:
            tokens = list(_tokens(lines))
        except ValueError as error:
            raise DataError(f"{path}: {error}; a treebank in CoNLL-U has ten columns a line") from error
        if text and tokens:
            found.append((text, tokens))
    return found


def _tokens(lines: Iterable[str]) -> Iterator[Token]:
    """The words in the order of the text; a contraction is one, without features, in the place of its parts."""
    contracted_to = 0
    for line in lines:
        if not line or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) != 10:
            raise ValueError(f"{line[:40]!r} has {len(columns)} columns")
        number, form, lemma, kind, _, features, head, relation = columns[:8]
        first, dash, last = number.partition("-")
        if dash:
            contracted_to = int(last)
            yield Token(-int(first), form, form, "", (), 0, "")
        elif number.isdigit():
            inside = int(number) <= contracted_to
            pairs = tuple(
                (key, value) for key, _, value in (part.partition("=") for part in features.split("|")) if value
            )
            found = int(head) if head.isdigit() else 0
            yield Token(int(number), "" if inside else form, lemma, kind, pairs, found, relation.partition(":")[0])


def treebank_task(
    name: str, feature: Feature, sentences: Iterable[Sentence], *, seed: int, limit: int | None = None
) -> Task:
    """The pairs of one feature. The other form of a word is one that the treebank itself has of the same lemma."""
    every = list(sentences)
    forms: dict[tuple[str, str, tuple[tuple[str, str], ...]], str] = {}
    for _, tokens in every:
        for token in tokens:
            if token.form:
                forms.setdefault((token.lemma, token.kind, token.features), token.form.lower())
    draw = random.Random(f"{name} {seed}")
    items: dict[str, list[Item]] = defaultdict(list)
    for text, tokens in every:
        found = [change for change in _changes(text, tokens, forms) if change.feature == feature]
        draw.shuffle(found)
        if text not in items:
            items[text] = [pair(text, change, draw) for change in found[: PAIRS_A_SENTENCE[feature]]]
    flat = [item for of_text in items.values() for item in of_text]
    draw.shuffle(flat)
    return Task(name, tuple(flat[:limit]), "acc")


def _changes(
    text: str, tokens: list[Token], forms: dict[tuple[str, str, tuple[tuple[str, str], ...]], str]
) -> Iterator[Change]:
    by_place = {token.place: token for token in tokens}
    position = 0
    for token in tokens:
        begin = text.find(token.form, position)
        if begin < 0 or not token.form:
            continue
        position = begin + len(token.form)
        word = Word(token.form, begin, position, False)
        for feature, name, kind in _agreements(token, tokens, by_place):
            value = token.value(name) or ""
            if value not in _FLIPPED:
                continue
            flipped = tuple((key, _FLIPPED[value] if key == name else each) for key, each in token.features)
            other = forms.get((token.lemma, token.kind, flipped))
            if other and other != token.form.lower():
                yield Change(feature, kind, word, other, _VALUES[value])


def _agreements(token: Token, tokens: list[Token], by_place: dict[int, Token]) -> Iterator[tuple[Feature, str, str]]:
    """The features in which a word must follow another, with the relation's name for people."""
    head = by_place.get(token.head)
    if head is not None and head.kind == "NOUN" and (token.kind, token.relation) in (("DET", "det"), ("ADJ", "amod")):
        kind = "determiner" if token.kind == "DET" else "adjective"
        if head.value("Gender") is not None and head.value("Gender") == token.value("Gender"):
            yield "gender", "Gender", kind
        if token.kind == "ADJ" and head.value("Number") is not None and head.value("Number") == token.value("Number"):
            yield "number", "Number", kind
    if token.kind in ("VERB", "AUX") and token.value("VerbForm") == "Fin" and token.value("Person") in (None, "3"):
        owner = token.place if token.kind == "VERB" else token.head
        joined = any(
            each.relation in ("conj", "nummod", "cc") and by_place.get(each.head, token).relation == "nsubj"
            for each in tokens
        )
        subjects = [each for each in tokens if each.head == owner and each.relation == "nsubj" and each.kind == "NOUN"]
        if len(subjects) == 1 and not joined and subjects[0].value("Number") == token.value("Number"):
            yield "number", "Number", "verb"
