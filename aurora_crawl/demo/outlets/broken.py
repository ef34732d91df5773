"""Sites with spiders, healthy and broken in one place each: what a checkup must name, and what it must leave in peace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aurora_crawl.crawling.site_spider import SiteSpider
from aurora_crawl.demo.outlets.breakages import BREAKAGES, rewrite_answers
from aurora_crawl.demo.outlets.closed import scripts_with_data
from aurora_crawl.demo.outlets.listings import (
    atom_and_older,
    hashed_classes,
    linked_listing,
    numbered_listing,
    sections,
)
from aurora_crawl.demo.outlets.others import ghost
from aurora_crawl.demo.outlets.outlet import Outlet
from aurora_crawl.demo.outlets.sitemaps import flat_sitemap
from aurora_crawl.demo.outlets.wordpress import wordpress_outlets
from aurora_crawl.extraction.fragment import paragraphs
from aurora_crawl.extraction.rules import Rules
from aurora_crawl.inspection.stored import Stored
from aurora_crawl.items import Article, article_id, join_paragraphs
from aurora_crawl.platforms.ghost import GhostSpider
from aurora_crawl.platforms.static import StaticSpider
from aurora_crawl.platforms.wordpress import WordPressSpider
from aurora_crawl.routes.cards import Cards
from aurora_crawl.routes.listing import Listing


@dataclass
class Spidered:
    """An outlet, the spider that reads it, the route that its articles came by, and what a checkup must name; None for nothing."""

    name: str
    outlet: Outlet
    site: type[SiteSpider]
    route: str
    cause: str | None = None

    def stored(self, count: int = 20) -> Stored:
        """What a crawl of the healthy outlet would have stored, as the newest `count`; nothing for 0. To be asked while it is served."""
        rows = list(self.outlet.paths.items())[-count:] if count else []
        articles = []
        for path, story in rows:
            url, text = self.outlet.site.address + path, join_paragraphs(paragraphs(story.body))
            articles.append(
                Article(
                    id=article_id(url),
                    url=url,
                    site=self.site.name,
                    title=story.title,
                    text=text,
                    route=self.route,
                    published=story.published.isoformat(),
                    crawled_at="2024-01-01T00:00:00+00:00",
                    words=len(text.split()),
                )
            )
        return Stored(articles, len(self.outlet.paths) if count else 0)


def _spider(base: type[SiteSpider], name: str, **attributes: object) -> type[SiteSpider]:
    doc = f"Site: {name}, https://{name}.example\nAcervo: inventado\nLicença: não informada\nVerificado: nada\n"
    facts = {
        "__module__": f"invented.{name}",
        "__doc__": doc,
        "name": name,
        "site_url": f"https://{name}.example",
        "license": None,
    }
    made: type[SiteSpider] = type(f"{name.capitalize()}Spider", (base,), {**facts, **attributes})
    return made


_SPIDERS: dict[str, tuple[type[SiteSpider], str]] = {
    "wordpress": (_spider(WordPressSpider, "wordpress"), "rest"),
    "trancado": (_spider(WordPressSpider, "trancado", routes=("sitemap", "feed", "listing")), "sitemap"),
    "ghost": (_spider(GhostSpider, "ghost"), "sitemap"),
    "gazeta": (
        _spider(
            StaticSpider,
            "gazeta",
            routes=("sitemap",),
            articles=r"^/(?!(?:contato|quem-somos)/?$).",
            rules=Rules("gazeta", container=("div.texto-da-materia",), exclude=("div.caixa-doe",)),
        ),
        "sitemap",
    ),
    "folha": (
        _spider(
            StaticSpider,
            "folha",
            routes=("listing", "feed"),
            feed="/rss.php",
            rules=Rules("folha", container=("div.corpo",)),
            listings=(Listing("/ultimas?pagina={page}", Cards(card="li.chamada", title="h3", date="span.data")),),
        ),
        "listing",
    ),
    "oelo": (
        _spider(
            StaticSpider,
            "oelo",
            routes=("listing",),
            listings=(Listing("/arquivo/{page}/", Cards(card="div.bloco", title="h2")),),
        ),
        "listing",
    ),
    "portal": (
        _spider(StaticSpider, "portal", routes=("sitemap",), rules=Rules("portal", container=("div.css-b0dy",))),
        "sitemap",
    ),
    "diario": (
        _spider(
            StaticSpider,
            "diario",
            routes=("sitemap",),
            articles=r"/\d{4}/\d{2}/\d{2}/.",
            rules=Rules("diario", container=("div[itemprop=articleBody]",)),
        ),
        "sitemap",
    ),
    "caderno": (
        _spider(
            StaticSpider,
            "caderno",
            routes=("listing", "feed"),
            feed="/atom.xml",
            listings=(Listing("/", Cards(card="section.resumo", title="h2", date=""), next="a.mais-antigas"),),
        ),
        "listing",
    ),
    "aplicativo": (_spider(StaticSpider, "aplicativo", routes=("sitemap",)), "sitemap"),
}


def _outlet(name: str, articles: int) -> Outlet:
    makes: dict[str, Callable[[int], Outlet]] = {
        "wordpress": lambda count: wordpress_outlets(count)[0],
        "trancado": lambda count: wordpress_outlets(count)[3],
        "ghost": ghost,
        "gazeta": flat_sitemap,
        "folha": numbered_listing,
        "oelo": linked_listing,
        "portal": hashed_classes,
        "diario": sections,
        "caderno": atom_and_older,
        "aplicativo": scripts_with_data,
    }
    return makes[name](articles)


def healthy_sites(rounds: int = 10) -> Iterator[Spidered]:
    """Ten sites a round, each round with other numbers of articles."""
    for number in range(rounds):
        for name, (site, route) in _SPIDERS.items():
            yield Spidered(f"{name}, healthy {number}", _outlet(name, 24 + 7 * number), site, route)


def broken_sites(articles: int = 30) -> Iterator[Spidered]:
    """One breakage each."""
    for name, what, cause, rewrite in BREAKAGES:
        site, route = _SPIDERS[name]
        outlet = _outlet(name, articles)
        rewrite_answers(outlet, rewrite)
        yield Spidered(f"{name}: {what}", outlet, site, route, cause)
