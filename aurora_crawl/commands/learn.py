"""`scrapy learn SITE`: the site's repeated blocks, learned from its shards, in a file that a person reads and corrects."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from scrapy.commands import ScrapyCommand

from aurora_crawl.commands.article_view import text_view
from aurora_crawl.commands.sites import UnknownSite, complain, site_class
from aurora_crawl.files import write_whole
from aurora_crawl.items import Article
from aurora_crawl.storage.articles import newest_articles
from aurora_crawl.storage.shards import ShardError, ShardFolder
from aurora_crawl.text.boilerplate.block_counts import counted
from aurora_crawl.text.boilerplate.block_file import Block, BlockFileError, read_blocks, with_blocks_added
from aurora_crawl.text.boilerplate.cut import Boilerplate
from aurora_crawl.text.boilerplate.learn import learn, page_before_cuts
from aurora_crawl.text.boilerplate.recut import recut

SHOWN_ARTICLES = 3

HEADING = """\
# Blocos que se repetem nos artigos de {site}, aprendidos por `scrapy learn {site}`. Pode ser editado à mão.
# Cada linha: parte (whole, o parágrafo inteiro; head, o começo; tail, o fim) | em quantas páginas, de quantas | texto.
# {{number}}, {{date}}, {{month}}, {{name}} e {{any}} são o que varia.
# Acima de um bloco que varia está um exemplo.
# Para que um bloco não seja cortado, ponha "-" no início da linha: ele fica no arquivo, e não será proposto de novo.
"""


class Command(ScrapyCommand):
    """Learns, or shows what is cut."""

    requires_project = True

    def syntax(self) -> str:
        """Shown by --help."""
        return "[--show [--limit N]] SITE"

    def short_desc(self) -> str:
        """Shown by `scrapy`."""
        return "Learn the blocks that repeat over a site's articles, into DATA_DIR/boilerplate/SITE.txt"

    def long_desc(self) -> str:
        """Shown by --help."""
        return (
            "Looks through the stored articles of SITE for paragraphs, and beginnings and ends of paragraphs, that repeat, and"
            " writes them into DATA_DIR/boilerplate/SITE.txt. Lines struck out there with '-' stay struck out. The next crawl,"
            " `scrapy reparse` and `scrapy corpus` cut what the file holds."
        )

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """See --help."""
        super().add_options(parser)
        parser.add_argument(
            "--show", action="store_true", help="write nothing; print articles with what is cut struck through"
        )
        parser.add_argument(
            "--limit", type=int, default=SHOWN_ARTICLES, metavar="N", help="with --show: how many articles"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Learn or show, and set the exit status."""
        assert self.crawler_process is not None
        assert self.settings is not None
        if len(args) != 1:
            self.exitcode = complain("learn: name one site")
            return
        data = Path(self.settings["DATA_DIR"])
        try:
            site = site_class(self.crawler_process.spider_loader, args[0]).name
            path = data / "boilerplate" / f"{site}.txt"
            known = read_blocks(path.read_text("utf-8"), str(path)) if path.is_file() else []
            articles = [
                article
                for article in newest_articles(ShardFolder(data / "articles" / site).paths())
                if article.kind == "article"
            ]
        except (UnknownSite, BlockFileError, ShardError) as error:
            self.exitcode = complain(f"learn: {error}")
            return
        except UnicodeDecodeError:
            self.exitcode = complain(f"learn: {path}: is not UTF-8 text; save it as UTF-8")
            return
        if not articles:
            self.exitcode = complain(
                f"learn: no articles of {site} in {data / 'articles'}; run `scrapy crawl {site}` first"
            )
            return
        if opts.show:
            _show(articles, known, opts.limit)
            return
        pages = [page_before_cuts(article.paragraphs, article.removed) for article in articles]
        news = learn(pages, known)
        before = path.read_text("utf-8") if path.is_file() else HEADING.format(site=site)
        examples = {one.block.key: one.example for one in news if one.block.template != one.example}
        text = with_blocks_added(before, counted(pages, known), [one.block for one in news], examples)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
        for one in news:
            print(one.block.line)
        struck = sum(block.struck for block in known)
        print(
            f"{_told(len(pages), 'artigo lido', 'artigos lidos')}: {_told(len(news), 'bloco novo', 'blocos novos')}, "
            f"{_told(len(known), 'já conhecido', 'já conhecidos')} ({_told(struck, 'riscado', 'riscados')}). "
            f"Confira e corrija: {path}"
        )


def _show(articles: Sequence[Article], blocks: list[Block], limit: int) -> None:
    """Prints articles from all over the archive, as the general rules and the site's file would cut them now."""
    boilerplate = Boilerplate(blocks)
    shown = min(limit, len(articles))
    for number in range(shown):
        one = articles[(2 * number + 1) * len(articles) // (2 * shown)]
        kept, removed = recut(one.paragraphs, one.removed, one.title, boilerplate)
        print(text_view(one.title, [one.url], kept, removed, sys.stdout), end="\n\n\n")


def _told(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
