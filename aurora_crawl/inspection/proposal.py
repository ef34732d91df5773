"""From what was seen of a site to how it would be crawled: platform, routes, rules, licence; why, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from unicodedata import normalize
from urllib.parse import urlsplit

from aurora_crawl.addresses import canonical_address
from aurora_crawl.extraction.article import Extracted
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
from aurora_crawl.inspection.article_paths import learn_paths
from aurora_crawl.inspection.census import Counted
from aurora_crawl.inspection.front_page import GHOST, WORDPRESS
from aurora_crawl.inspection.learned_fields import learn_fields
from aurora_crawl.inspection.learned_rules import better_of, learn_rules
from aurora_crawl.inspection.look import Look
from aurora_crawl.inspection.samples import Sample, agreement
from aurora_crawl.items import split_paragraphs
from aurora_crawl.messages import N_, Message
from aurora_crawl.routes.feed import Feed
from aurora_crawl.routes.route import Found, RouteSettings
from aurora_crawl.text.language import detect_mostly, is_mostly

SURE, LIKELY, UNSURE = N_("sure"), N_("likely"), N_("not sure")

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
_NO_LETTERS = re.compile(r"[^a-z0-9]")
_AGREES = 0.9
_LEAST_SAMPLES = 3
_MOST_DECLARED_LISTINGS = 3


@dataclass(slots=True)
class Proposal:
    """How a site would be crawled.

    `platform`: the base class's name without "Spider". `routes`: names and settings as a class declares them, None for the
    platform's own. `rules_name`: of a constant of `extraction/rules.py`, where they are known ones. `refusal`: why not at all.
    """

    look: Look
    name: str
    title: str = ""
    platform: str = "Static"
    license: str | None = None
    license_words: str = "não informada"
    routes: tuple[str | RouteSettings, ...] | None = None
    post_types: tuple[str, ...] = ("posts",)
    articles: str = ""
    rules: Rules | None = None
    rules_name: str = ""
    archive: str = "extensão não conhecida"
    proofs: list[Extracted] = field(default_factory=list)
    reasons: list[Message] = field(default_factory=list)
    seen: str = ""
    """What was seen of the site, for its docstring, with `{day}` in it."""
    sureness: str = UNSURE
    refusal: Message | None = None


def propose(look: Look, name: str, *, obeys_opt_outs: bool = True) -> Proposal:
    """The proposal for a site that was looked at."""
    found = Proposal(look, name, title=look.front.name if look.front else "")
    if look.refusal:
        found.refusal = Message("{why}", why=look.refusal)
        return found
    front = look.front
    assert front is not None, "a look without a refusal has seen the front page"
    found.license, found.license_words = front.license, front.license_words
    found.platform = {WORDPRESS: "WordPress", GHOST: "Ghost"}.get(front.platform, "Static")
    if look.rest is not None and look.rest.is_open:
        found.platform = "WordPress"
    if look.opt_out and obeys_opt_outs:
        found.refusal = Message(
            N_("its publisher does not want its texts in training data: {signals}"), signals=", ".join(look.opt_out[:4])
        )
        return found
    _choose_routes(found)
    _choose_rules(found)
    _prove(found)
    return found


def site_name(url: str, title: str = "") -> str:
    """A name for a site's spider: of its host, else of what it calls itself; empty where neither has letters."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    labels = host.split(".")
    first = labels[0] if not labels[-1].isdigit() else ""
    for text in (first, title):
        name = _NO_LETTERS.sub("", _without_accents(text).lower()).lstrip("0123456789")
        if len(name) > 1 and name != "localhost":
            return name[:40]
    return ""


def _without_accents(text: str) -> str:
    return normalize("NFKD", text).encode("ascii", "ignore").decode()


def _choose_routes(found: Proposal) -> None:
    look, say = found.look, found.reasons.append
    rest, maps, feed = look.rest, look.sitemaps, look.feed
    if rest is not None and rest.is_open:
        found.post_types = ("posts", *rest.types)
        if rest.total is not None:
            say(Message(N_("rest: {count} posts, a hundred whole ones a request; so it comes first"), count=rest.total))
            found.archive = f"{rest.total + sum(filter(None, rest.types.values()))} matérias anunciadas pela API"
        else:
            say(Message(N_("rest: open, and tells no total; a hundred whole posts a request, so it comes first")))
    elif found.platform == "WordPress":
        say(Message(N_("rest: closed ({why}); left out"), why=rest.failure if rest else N_("not asked")))
    if maps.count is not None and maps.entries:
        if not (rest and rest.is_open):
            found.archive = f"cerca de {maps.count.value:.0f} endereços no sitemap"
        say(
            Message(
                N_("sitemap: {count} addresses in {files} files ({url})"),
                count=_shown(maps.count.value, maps.count.is_exact),
                files=maps.files,
                url=maps.url,
            )
        )
    else:
        say(Message(N_("sitemap: none ({why})"), why=maps.failure))
    if feed.items:
        whole = N_("with whole texts") if feed.texts else N_("teasers only")
        say(
            Message(
                N_("feed: the {count} newest, {kind} ({path})"),
                count=len(feed.items),
                kind=Message(whole),
                path=feed.path,
            )
        )
    else:
        say(Message(N_("feed: none ({why})"), why=feed.failure))
    for one in look.listings:
        say(Message(N_("listing: {count} cards on {path}"), count=one.cards, path=one.listing.pages))
    if found.platform == "WordPress" and not (rest and rest.is_open):
        found.routes = ("sitemap", "feed", "listing") if maps.entries else ("feed", "listing")
    elif found.platform == "Ghost":
        found.routes = None if maps.entries else ("listing", "feed")
    elif found.platform == "Static":
        found.routes = _routes_of_unknown(look)
        samples = [one.url for one in look.samples if one.is_article]
        listed = [entry.url for entry in maps.entries] or list(look.front.articles if look.front else ())
        found.articles = learn_paths([*samples, *look.addresses], listed, look.front.places if look.front else ())
        if found.articles:
            say(Message(N_("articles' addresses: {pattern}"), pattern=found.articles))


def _routes_of_unknown(look: Look) -> tuple[str | RouteSettings, ...]:
    """The routes of a site of unknown make, in the order in which they bring most."""
    routes: list[str | RouteSettings] = []
    maps = look.sitemaps
    if maps.entries:
        # robots.txt or a usual place led to it, and leads a crawl there too.
        routes.append("sitemap")
    routes += [one.listing for one in look.listings[:_MOST_DECLARED_LISTINGS]]
    if look.feed.items:
        routes.append(Feed(look.feed.path))
    return tuple(routes)


def _choose_rules(found: Proposal) -> None:
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


def _prove(found: Proposal) -> None:
    """Read the articles as a crawl would, and say how sure the proposal is."""
    look = found.look
    in_rest = look.rest.articles() if look.rest and look.rest.is_open else []
    for article in in_rest[:_LEAST_SAMPLES]:
        found.proofs.append(
            Extracted(
                split_paragraphs(article.text),
                title=article.title,
                published=article.published,
                authors=article.authors,
                read_by="rest",
            )
        )
    if not found.proofs:
        found.proofs = [read for sample in look.samples if (read := sample.by(found.rules)).paragraphs]
    walls = [sample for sample in look.samples if sample.is_behind_wall]
    if walls and not in_rest and len(walls) == len(look.samples):
        found.refusal = Message(N_("its articles are for subscribers: the pages say so"))
        return
    if not found.proofs:
        found.refusal = _why_nothing_was_read(look)
        return
    foreign = [spoken for proof in found.proofs if not is_mostly(spoken := detect_mostly(proof.paragraphs))]
    if len(foreign) == len(found.proofs):
        found.refusal = Message(N_("its texts are not Portuguese ({language})"), language=foreign[0].language)
        return
    found.seen = f"{len(found.proofs)} matérias e {look.requests} respostas em {{day}}, por `scrapy newsite`; o resto não foi visto"
    has_way = bool(in_rest or look.sitemaps.entries or any(one.turns for one in look.listings))
    some_way = bool(has_way or look.listings or look.feed.items)
    agrees = all(
        not sample.declared or agreement(sample.by(found.rules).text, sample.declared) >= _AGREES
        for sample in look.samples
        if sample.by(found.rules).paragraphs
    )
    enough = len(found.proofs) >= min(_LEAST_SAMPLES, _known_size(look))
    if has_way and enough and agrees and not foreign:
        found.sureness = SURE
    elif some_way and len(found.proofs) >= min(2, _known_size(look)):
        found.sureness = LIKELY
    if not some_way:
        found.refusal = Message(N_("no way to its articles was found: no interface, sitemap, feed, or listing"))


def _known_size(look: Look) -> int:
    """How many articles the site is known to have, at least one."""
    counts = [look.rest.total if look.rest else None, int(look.sitemaps.count.value) if look.sitemaps.count else None]
    return max(1, *(count for count in counts if count is not None), 0) if any(counts) else _LEAST_SAMPLES


def _why_nothing_was_read(look: Look) -> Message:
    if look.front is not None and (
        look.front.needs_scripts or (look.samples and not any(one.general.paragraphs for one in look.samples))
    ):
        return Message(
            N_(
                "its pages show their text only after their scripts ran; a spider with `growing` needs a browser, see docs/adding-a-site.md"
            )
        )
    if look.unread:
        return Message(N_("no article could be read ({why})"), why="; ".join(look.unread[:2]))
    return Message(N_("no article was found"))


def _shown(count: float, is_exact: bool) -> str:
    return f"{count:.0f}" if is_exact else f"≈{count:.0f}"


def proposal_of_census(row: Counted, name: str) -> Proposal:
    """The proposal for an outlet of which a census alone is known: its interface is open."""
    count = f"{row.articles.value:.0f} matérias anunciadas pela API" if row.articles else "extensão não conhecida"
    return Proposal(
        Look(row.site_url, requests=row.asked),
        name,
        title=row.name,
        platform="WordPress",
        license_words="não verificada",
        archive=count,
        seen="a API REST respondeu em {day} a `scrapy census`; as páginas não foram vistas",
        sureness=SURE,
    )
