"""Learns where a site of unknown make writes titles and days, where feed, listing or links tell them and its pages are read otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lxml import etree

from aurora_crawl.addresses import canonical_address
from aurora_crawl.extraction.dates import parse_date
from aurora_crawl.extraction.rules import Rules
from aurora_crawl.extraction.tree import text_of
from aurora_crawl.inspection.learned_rules import names_with_place
from aurora_crawl.inspection.samples import Sample
from aurora_crawl.routes.route import Found
from aurora_crawl.text.unicode import letters_of

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "strong", "b", "div", "span", "p", "font")
_LONGEST = 400
_LONGEST_DAY = 120
_DAY = 10
_LEAST = 2


def learn_fields(
    samples: Sequence[Sample], rules: Rules | None, told: Mapping[str, Found], site_url: str, name: str
) -> Rules | None:
    """The rules with `title` and `published` where pages are read otherwise than is told of them, and a place for it is found.

    `told`: what feed, listing and links say of addresses, by their canonical form.
    """
    known = [(sample, one) for sample in samples if (one := told.get(canonical_address(sample.url, site_url)))]
    now = rules or Rules(name)
    titled = [(sample, one.title) for sample, one in known if one.title]
    if css := _learned(titled, now, "title", _title_of, _shows_title):
        now = now.but(title=(css,))
    dated = [(sample, one.published[:_DAY]) for sample, one in known if one.published and len(one.published) >= _DAY]
    if css := _learned(dated, now, "published", _day_of, _shows_day):
        now = now.but(published=(css,))
    return now if now.title or now.published or rules is not None else None


def _learned(
    told: Sequence[tuple[Sample, str]],
    rules: Rules,
    field: str,
    read: Callable[[Sample, Rules], str],
    shows: Callable[[etree._Element, str], bool],
) -> str:
    """A selector that all pages share and that gives what is told; empty where the pages are read rightly, or there is none."""
    wrong = [(sample, value) for sample, value in told if letters_of(read(sample, rules)) != letters_of(value)]
    if len(told) < _LEAST or 2 * len(wrong) <= len(told):
        return ""
    shared: dict[str, int] = {}
    for sample, value in told:
        places = [
            one
            for one in sample.tree.iter(*_HEADINGS, "time", "i", "em", "small", "li", "dd", "td")
            if shows(one, value)
        ]
        for css in dict.fromkeys(name for one in places[::-1] for name in names_with_place(one)):
            shared[css] = shared.get(css, 0) + 1
    for css in [css for css, count in shared.items() if count == len(told)]:
        tried = rules.but(**{field: (css,)})
        if all(letters_of(read(sample, tried)) == letters_of(value) for sample, value in told):
            return css
    return ""


def _title_of(sample: Sample, rules: Rules) -> str:
    return sample.by(rules).title or ""


def _day_of(sample: Sample, rules: Rules) -> str:
    return (sample.by(rules).published or "")[:_DAY]


def _shows_title(element: etree._Element, title: str) -> bool:
    text = text_of(element)
    return len(text) < _LONGEST and letters_of(text) == letters_of(title)


def _shows_day(element: etree._Element, day: str) -> bool:
    text = element.get("datetime") or text_of(element)
    return len(text) < _LONGEST_DAY and (parse_date(text) or "")[:_DAY] == day
