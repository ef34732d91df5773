"""Learns where a site of unknown make keeps an article's text, and what stands in it that is none, from a few of its pages."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from lxml import etree

from aurora_crawl.extraction.containers import declared
from aurora_crawl.extraction.passages import BY_SITE
from aurora_crawl.extraction.rules import Rules, matches
from aurora_crawl.extraction.tree import raw_text_of
from aurora_crawl.extraction.unknown_page import TRAFILATURA
from aurora_crawl.inspection.samples import Sample, judge, words_in
from aurora_crawl.text.unicode import letters_of

_NAME = re.compile(r"[A-Za-z][\w-]{1,60}")
_NUMBER = re.compile(r"\d{3,}|-\d+$")
_MOST_TEXT = 1.6
"""How much more text than the wanted one a container may hold: what is beside it is clutter."""
_UP = 4
"""Steps from the smallest element that holds the text to those around it, for one that has a name."""
_LEAST_LETTERS = 25
_LEAST_PAGES = 2
"""One page tells nothing of what a site's pages share."""
_NEARLY = 0.01
"""Differences in agreement below this are none."""
_CLEARLY = 0.02
_AGREES = 0.985
_AGREES_BY_THEME = 0.95
_MOSTLY = 0.7
"""The share of a reading that paragraphs must be to stand for it."""
_MOST_EXCLUDED = 8
_WITHOUT_NAMES = frozenset({"article", "main"})
_HEADINGS = frozenset({"h1", "h2", "h3", "time"})


def learn_rules(samples: Sequence[Sample], name: str) -> Rules | None:
    """Rules with a container, and what is to be cut out of it; None where the pages have nothing in common to name.

    The container is the smallest element that holds what the page, the feed or the interface declares as the text; else those
    paragraphs of the general reading that stand on this page alone; else all that it finds. It is called by a name that all pages
    share and that means one element on each.
    """
    holders: list[tuple[Sample, etree._Element]] = []
    for sample in samples:
        found = declared(sample.tree, sample.declared or _own_text(sample, samples))
        if found is None and sample.declared:
            found = declared(sample.tree, sample.general.text)
        if found is not None:
            holders.append((sample, found.elements[0]))
    if len(holders) < max(_LEAST_PAGES, len(samples) - 1):
        return None
    for css in _shared_names(holders):
        if all(_means(sample, holder, css) for sample, holder in holders):
            rules = Rules(name=name, container=(css,))
            return rules.but(exclude=_clutter(holders, css))
    return None


def better_of(
    samples: Sequence[Sample], known: Sequence[Rules], learned: Rules | None
) -> tuple[Rules | None, float, str]:
    """The rules that read the samples best, with the agreement, and with what; None for the general reading.

    Rules of `known` themes are taken where they are as near to what is declared as the general reading. Learned ones too, of pages
    that nothing but a search for the main content can read, which they do in a sixth of the time; of others only where they are clearly
    nearer. Where nothing is declared, rules must bring what each page has alone of the general reading, and nothing that it lacks. Rules
    that find their container not on every page are none.
    """
    has_declared = any(sample.declared for sample in samples)
    general = judge(samples, None).score if has_declared else 1.0
    best: tuple[Rules | None, float] = (None, general)
    is_searched = all(sample.general.read_by == TRAFILATURA for sample in samples)
    for rules in (*known, *([learned] if learned is not None else [])):
        if not all(sample.by(rules).read_by == rules.name for sample in samples):
            continue
        brought, shared = _beside_general(samples, rules)
        score = judge(samples, rules).score if has_declared else min(brought, shared)
        if rules is learned:
            # What is declared often lacks the lead, which the general reading has: where no less is read, little is gained.
            is_better = has_declared and score > general + _CLEARLY
            is_same = is_searched and shared >= _AGREES and score >= general - _NEARLY
            is_taken = brought >= _AGREES and (is_better or is_same)
        else:
            is_taken = score >= general - _NEARLY if has_declared else score >= _AGREES_BY_THEME
        if is_taken and (best[0] is None or score > best[1] + _NEARLY):
            best = (rules, score)
    if has_declared:
        sources = Counter(sample.source for sample in samples if sample.declared)
        return best[0], best[1], sources.most_common(1)[0][0]
    return best[0], best[1], "the general reading" if best[0] is not None else ""


def _own_text(sample: Sample, samples: Sequence[Sample]) -> str:
    """The page's paragraphs that no other page has, as far as the general reading has them; all that it has, where those are few."""
    others = {letters_of(raw_text_of(one)) for other in samples if other is not sample for one in other.tree.iter("p")}
    whole = letters_of(sample.general.text)
    own = [
        text
        for one in sample.tree.iter("p")
        if len(bare := letters_of(text := raw_text_of(one))) >= _LEAST_LETTERS and bare not in others and bare in whole
    ]
    read = {letters_of(paragraph): paragraph for paragraph in sample.general.paragraphs}
    if not any(sum(letters_of(text) in bare for text in own) > 1 for bare in read):
        # The general reading knows these paragraphs from each other, and others too that no `p` is, such as leads.
        others |= {
            letters_of(paragraph) for other in samples if other is not sample for paragraph in other.general.paragraphs
        }
        own = [text for bare, text in read.items() if bare not in others]
    return "\n".join(own) if sum(map(len, map(letters_of, own))) >= _MOSTLY * len(whole) else sample.general.text


def _beside_general(samples: Sequence[Sample], rules: Rules) -> tuple[float, float]:
    """How much of each page's own text rules bring, and how much of what they bring the general reading has; both on average."""
    brought, shared = [], []
    for sample in samples:
        read = sample.by(rules)
        found, own, whole = (words_in(text) for text in (read.text, _own_text(sample, samples), sample.general.text))
        # A byline that reading knows and cuts is not lost.
        seen = found + words_in("\n".join(removal.text for removal in read.removed if removal.rule != BY_SITE))
        if own:
            brought.append((seen & own).total() / own.total())
            shared.append((found & whole).total() / found.total() if found else 0.0)
    return sum(brought) / len(brought) if brought else 0.0, sum(shared) / len(shared) if shared else 0.0


def _shared_names(holders: Sequence[tuple[Sample, etree._Element]]) -> list[str]:
    """The names of the holders, or of what is around them, that all pages have; the nearest and shortest first."""
    ranks: dict[str, list[int]] = defaultdict(list)
    for _, holder in holders:
        for rank, css in enumerate(dict.fromkeys(_names(holder))):
            ranks[css].append(rank)
    shared = {css: max(rank) for css, rank in ranks.items() if len(rank) == len(holders)}
    return sorted(shared, key=lambda css: (shared[css], len(css)))


def _names(holder: etree._Element) -> Iterator[str]:
    """What an element may be called, by itself, by its parent, and by what is around it."""
    element: etree._Element | None = holder
    for _ in range(_UP):
        if element is None or element.tag in ("body", "html"):
            return
        yield from _own_names(element)
        if element.tag in _WITHOUT_NAMES:
            yield str(element.tag)
        parent = element.getparent()
        if parent is not None and parent.tag not in ("html",):
            for css in _own_names(parent):
                yield f"{css} {element.tag}"
        element = parent


def names_with_place(element: etree._Element) -> Iterator[str]:
    """What an element may be called: by itself, by its tag within one of the named elements around it."""
    yield from _own_names(element)
    around = element.getparent()
    for _ in range(_UP):
        if around is None or around.tag in ("body", "html"):
            break
        for css in _own_names(around):
            yield f"{css} {element.tag}"
        around = around.getparent()
    if element.tag in _HEADINGS:
        yield str(element.tag)


def _own_names(element: etree._Element) -> Iterator[str]:
    if _is_name(identity := element.get("id") or ""):
        yield f"#{identity}"
    classes = [one for one in (element.get("class") or "").split() if _is_name(one)]
    for one in classes[:6]:
        yield f"{element.tag}.{one}"
    if len(classes) > 1:
        yield f"{element.tag}.{classes[0]}.{classes[1]}"
    if _is_name(prop := element.get("itemprop") or ""):
        yield f"{element.tag}[itemprop={prop}]"


def _is_name(name: str) -> bool:
    return bool(_NAME.fullmatch(name)) and not _NUMBER.search(name)


def _means(sample: Sample, holder: etree._Element, css: str) -> bool:
    """Whether a name finds the holder, or something little larger around it, before anything else."""
    found = matches(sample.tree, css)
    if not found:
        return False
    longest = max(found, key=lambda element: len(raw_text_of(element)))
    if longest is not holder and longest not in set(holder.iterancestors()):
        return False
    return len(letters_of(raw_text_of(longest))) <= _MOST_TEXT * len(letters_of(sample.wanted)) + 400


def _clutter(holders: Sequence[tuple[Sample, etree._Element]], container: str) -> tuple[str, ...]:
    """Names of what stands in the container and is no part of any page's text.

    Where a text is declared, what it lacks; else what stands, word for word, on several pages.
    """
    votes: Counter[str] = Counter()
    spoilt: set[str] = set()
    own: Counter[str] = Counter()
    for sample, _ in holders:
        own.update({letters_of(raw_text_of(one)) for one in _blocks(_container(sample, container))})
    for sample, _ in holders:
        text, box = letters_of(sample.wanted), _container(sample, container)
        cut: list[etree._Element] = []
        for block in _blocks(box):
            bare = letters_of(raw_text_of(block))
            if any(one in cut for one in block.iterancestors()) or not bare:
                continue
            is_repeated = own[bare] > 1 and len(bare) >= _LEAST_LETTERS
            if is_repeated or (sample.declared and len(bare) >= _LEAST_LETTERS and not _shows_any(block, text)):
                cut.append(block)
                votes.update(set(_block_names(block)))
        spoilt.update(
            css for css in votes for found in matches(box, css) if _shows_any(found, text) and not _in(found, cut)
        )
    least = min(2, len(holders))
    wanted = [css for css, count in votes.most_common() if count >= least and css not in spoilt]
    return tuple(_without_covered(wanted, holders, container))[:_MOST_EXCLUDED]


def _without_covered(
    wanted: Iterable[str], holders: Sequence[tuple[Sample, etree._Element]], container: str
) -> Iterator[str]:
    """One name for each thing: those that find nothing which another has not found are left out."""
    covered: set[etree._Element] = set()
    for css in wanted:
        found = {one for sample, _ in holders for one in matches(_container(sample, container), css)}
        if found - covered:
            covered |= found
            yield css


def _container(sample: Sample, css: str) -> etree._Element:
    return max(matches(sample.tree, css), key=lambda element: len(raw_text_of(element)))


def _blocks(box: etree._Element) -> Iterator[etree._Element]:
    """The elements in a container that a name could cut."""
    for element in box.iterdescendants():
        if isinstance(element.tag, str) and next(_block_names(element), None):
            yield element


def _block_names(element: etree._Element) -> Iterator[str]:
    for one in (element.get("class") or "").split()[:4]:
        if _is_name(one):
            yield f"{element.tag}.{one}"
    if _is_name(identity := element.get("id") or ""):
        yield f"#{identity}"
    if element.tag in ("aside", "form"):
        yield str(element.tag)


def _shows_any(element: etree._Element, text: str) -> bool:
    """Whether a passage in an element is part of a text."""
    pieces = [
        piece for text_inside in element.itertext() if len(piece := letters_of(str(text_inside))) >= _LEAST_LETTERS
    ]
    return any(piece in text for piece in pieces) if pieces else letters_of(raw_text_of(element)) in text


def _in(element: etree._Element, cut: Sequence[etree._Element]) -> bool:
    return element in cut or any(one in cut for one in element.iterancestors())
