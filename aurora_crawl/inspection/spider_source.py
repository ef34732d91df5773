"""Writes a site's spider as a person would: attributes of a class, formatted, with what was seen of the site and what was not."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

from aurora_crawl.extraction.rules import Rules
from aurora_crawl.inspection.proposal import Proposal
from aurora_crawl.routes.cards import Cards
from aurora_crawl.routes.feed import Feed
from aurora_crawl.routes.listing import Listing
from aurora_crawl.routes.route import RouteSettings

WIDTH = 120
"""The project's formatter's."""


def spider_source(found: Proposal, today: date) -> str:
    """The module of the site's spider."""
    imports = {f"aurora_crawl.platforms.{found.platform.lower()}": f"{found.platform}Spider"}
    title = found.title or found.name
    attributes = [
        ("name", _quoted(found.name)),
        ("site_url", _quoted(found.look.site_url)),
        ("license", _quoted(found.license) if found.license else "None"),
    ]
    settings = [one for one in found.routes or () if isinstance(one, RouteSettings)]
    if found.routes is not None:
        names = [one if isinstance(one, str) else one.name for one in found.routes]
        attributes.append(("routes", _tuple([_quoted(name) for name in dict.fromkeys(names)])))
    if found.post_types != ("posts",):
        attributes.append(("post_types", _tuple([_quoted(one) for one in found.post_types])))
    if found.articles:
        attributes.append(("articles", f"r{_quoted(found.articles)}"))
    if found.rules is not None:
        imports["aurora_crawl.extraction.rules"] = found.rules_name or "Rules"
        attributes.append(("rules", found.rules_name or _rules(found.rules)))
    for one in settings:
        if isinstance(one, Listing):
            imports["aurora_crawl.routes.listing"], imports["aurora_crawl.routes.cards"] = "Listing", "Cards"
    if feed := next((one for one in settings if isinstance(one, Feed)), None):
        attributes.append(("feed", _quoted(feed.path)))
    listings = [one for one in settings if isinstance(one, Listing)]
    if listings:
        attributes.append(("listings", _listings(listings)))
    lines = [f"    {line}" if line else "" for key, value in attributes for line in f"{key} = {value}".split("\n")]
    return "\n".join(
        [
            f'"""{_safe(title)}."""',
            "",
            *(f"from {module} import {name}" for module, name in sorted(imports.items())),
            "",
            "",
            f"class {found.name.capitalize()}Spider({found.platform}Spider):",
            '    """',
            f"    Site: {_safe(title)}, {found.look.site_url}",
            f"    Acervo: {found.archive}",
            f"    Licença: {found.license_words}",
            f"    Verificado: {found.seen.format(day=f'{today:%d/%m/%Y}')}",
            '    """',
            "",
            *lines,
            "",
        ]
    )


def _safe(text: str) -> str:
    """A stranger's words as a docstring can hold them."""
    return " ".join(text.replace("\\", "/").replace('"', "'").split()) or "Site"


def _quoted(text: str) -> str:
    """A string as the formatter writes it."""
    shown = "".join(letter if letter.isprintable() else "" for letter in text)
    if '"' in shown and "'" not in shown:
        return f"'{shown}'" if "\\" not in shown else repr(shown)
    return f'"{shown}"' if '"' not in shown else repr(shown)


def _tuple(items: list[str]) -> str:
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"


def _rules(rules: Rules) -> str:
    empty = Rules(rules.name)
    given = [f"name={_quoted(rules.name)}"]
    for one in fields(Rules):
        value = getattr(rules, one.name)
        if one.name != "name" and value != getattr(empty, one.name):
            given.append(f"{one.name}={_tuple([_quoted(css) for css in value]) if isinstance(value, tuple) else value}")
    return _call("Rules", given, len("    rules = "), 4)


def _listings(listings: list[Listing]) -> str:
    """The listings, on one line each, or with an argument a line where that is too long."""
    whole = [_listing(one, WIDTH) for one in listings]
    on_one = f"listings = {_tuple(whole)}"
    if len(on_one) + 4 <= WIDTH and not any("\n" in one for one in whole):
        return _tuple(whole)
    inner = ["\n".join(f"    {line}" for line in _listing(one, 8).split("\n")) + "," for one in listings]
    return "(\n" + "\n".join(inner) + "\n)"


def _listing(one: Listing, indent: int) -> str:
    cards = one.cards
    usual = Cards(card="", title="")
    given = [f"card={_quoted(cards.card)}", f"title={_quoted(cards.title)}"]
    given += [
        f"{key}={_quoted(getattr(cards, key))}"
        for key in ("date", "author", "section")
        if getattr(cards, key) != getattr(usual, key)
    ]
    words = [_quoted(one.pages), f"Cards({', '.join(given)})"]
    if one.next != Listing("/", usual).next:
        words.append(f"next={_quoted(one.next)}")
    return f"Listing({', '.join(words)})" if indent == WIDTH else _call("Listing", words, 8, 0, tail=1)


def _call(name: str, given: list[str], before: int, indent: int, tail: int = 0) -> str:
    """A call on one line, or with its arguments on the next, or with one a line: as the formatter lays it out."""
    line = f"{name}({', '.join(given)})"
    if before + len(line) + tail <= WIDTH:
        return line
    inner = 4 + max(indent, before if not indent else 4)
    if inner + len(", ".join(given)) <= WIDTH:
        return f"{name}(\n    {', '.join(given)}\n)"
    return f"{name}(\n" + "".join(f"    {one},\n" for one in given) + ")"
