"""By which rules a spider for a site would read its pages, and why."""

from __future__ import annotations

from collections.abc import Sequence

from aurora_crawl.addresses import canonical_address
from aurora_crawl.extraction.rules import (
    BLOCKSY,
    ELEMENTOR,
    FOX,
    GHOST_CASPER,
    NEWSPAPER_CLASSIC,
    NEWSPAPER_TDB,
    Rules,
    matches,
)
from aurora_crawl.inspection.learned_fields import learn_fields
from aurora_crawl.inspection.learned_rules import better_of, learn_rules
from aurora_crawl.inspection.look import Look
from aurora_crawl.inspection.proposal import Proposal
from aurora_crawl.inspection.samples import Sample
from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.route import Found

_THEMES: tuple[tuple[str, Rules], ...] = (
    ("NEWSPAPER_TDB", NEWSPAPER_TDB),
    ("NEWSPAPER_CLASSIC", NEWSPAPER_CLASSIC),
    ("BLOCKSY", BLOCKSY),
    ("FOX", FOX),
    ("ELEMENTOR", ELEMENTOR),
)
_OF_THEME = {
    "newspaper": ("NEWSPAPER_TDB", "NEWSPAPER_CLASSIC"),
    "blocksy": ("BLOCKSY",),
    "fox": ("FOX",),
    "hello-elementor": ("ELEMENTOR",),
}


def choose_rules(found: Proposal) -> None:
    """Put rules into a proposal, where they read the samples better than the general reading."""
    samples = [one for one in found.look.samples if one.general.paragraphs or one.declared]
    if not samples:
        return
    if found.platform == "Ghost":
        if not any(matches(one.tree, ".gh-article-title") for one in samples) and any(
            matches(one.tree, "h1.article-title") for one in samples
        ):
            found.rules, found.rules_name = GHOST_CASPER, "GHOST_CASPER"
        return
    theme = (found.look.front.theme if found.look.front else "").lower()
    known = [rules for name, rules in _THEMES if name in _OF_THEME.get(theme, ())] or [
        rules for _, rules in _THEMES if _has_title(samples, rules)
    ]
    is_rest = bool(found.look.rest and found.look.rest.is_open)
    learned = None if is_rest or known else learn_rules(samples, found.name)
    rules, score, against = better_of(samples, known, learned)
    if rules is not None:
        found.rules = rules
        found.rules_name = next((name for name, one in _THEMES if one is rules), "")
        said = {
            "name": found.rules_name or ", ".join(rules.container),
            "score": f"{100 * score:.1f} %",
            "source": against,
        }
        found.reasons.append(Message(N_("rules: {name}; {score} of agreement with {source}"), **said))
    if not is_rest and found.platform == "Static":
        found.rules = learn_fields(samples, found.rules, _told(found.look), found.look.site_url, found.name)
    if rules is None and not is_rest:
        found.reasons.append(Message(N_("rules: none; the general reading reads these pages better")))


def _told(look: Look) -> dict[str, Found]:
    """What feed, listings and the front page's links say of articles, by their canonical addresses; what says most first."""
    told: dict[str, Found] = {}
    linked = [Found(url, title=text) for url, text in (look.front.link_texts if look.front else {}).items()]
    for one in (*look.feed.items, *(card for listing in look.listings for card in listing.found), *linked):
        told.setdefault(canonical_address(one.url, look.site_url), one)
    return told


def _has_title(samples: Sequence[Sample], rules: Rules) -> bool:
    """Whether pages have the theme's container and its own title; a container alone, many themes share."""
    trees = [one.tree for one in samples]
    own = [css for css in rules.container if css.startswith((".td", ".elementor", ".single-body"))]
    return bool(own) and all(any(matches(tree, css) for css in own) for tree in trees)
