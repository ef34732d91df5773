"""Outlets of unknown make: what `newsite` learns from three pages, and `learn` from all, against blocks that were planted.

    python benchmarks/unknown_outlets.py [--outlets 20] [--pages 40]

Each look-alike has its own names, its own order and its own blocks, inside its articles and around them: boxes that ask for money or
addresses, lists of other articles, authors' notes, licences, credits, some of them bare paragraphs. At least 99 % of the blocks must be
cut, no honest paragraph. Then the news pages of ../shared/data/extraction_more (fundus' tests), publisher by publisher: rules that are
taken must read them no worse than the general reading. It takes two minutes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from html import escape
from pathlib import Path
from urllib.parse import urlsplit

from planted import Planted, articles

from aurora_crawl.extraction.article import extract_article
from aurora_crawl.inspection.learned_rules import better_of, learn_rules
from aurora_crawl.inspection.samples import Sample, agreement
from aurora_crawl.text.boilerplate.cut import Boilerplate
from aurora_crawl.text.boilerplate.learn import learn, page_before_cuts

MORE = Path(__file__).resolve().parents[2] / "shared" / "data" / "extraction_more" / "fundus"
LEAST_CUT = 0.99
SAMPLES = 3
SYLLABLES = "ba ce di fo gu la me ni po ra se ti vo xa lo mu".split()
BLOCKS = (
    ("plea", "Apoie o {name}: com dez reais por mês você ajuda a manter uma imprensa que não deve favores a ninguém."),
    ("newsletter", "Receba o boletim do {name} toda sexta-feira no seu correio. É de graça e você sai quando quiser."),
    ("channel", "Entre no canal do {name} no WhatsApp e leia as notícias da cidade antes de todo mundo."),
    (
        "licence",
        "{name}. Os textos podem ser republicados de graça, desde que com o nome do autor e o endereço da página.",
    ),
    ("comments", "Os comentários não representam a opinião do {name}; a responsabilidade é de quem escreve."),
    (
        "about",
        "O {name} é feito por uma cooperativa de doze jornalistas e não recebe dinheiro de governos nem de empresas.",
    ),
    ("shop", "Conheça a loja do {name}: camisetas, cadernos e o livro dos nossos dez anos, com frete por nossa conta."),
)


def main(argv: Sequence[str] | None = None) -> int:
    """Prints the figures; exit status 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--outlets", type=int, default=20)
    parser.add_argument("--pages", type=int, default=40)
    options = parser.parse_args(argv)
    planted: Counter[str] = Counter()
    cut: Counter[str] = Counter()
    lost = honest = learned = 0
    for seed in range(options.outlets):
        figures = _look_alike(seed, options.pages)
        planted.update(figures[0])
        cut.update(figures[1])
        lost, honest, learned = lost + figures[2], honest + figures[3], learned + figures[4]
    share = cut.total() / planted.total()
    for kind, count in planted.most_common():
        print(f"  {kind:12} planted {count:5}  cut {cut[kind]:5}  {cut[kind] / count:.2%}")
    print(
        f"{learned} of {options.outlets} look-alikes read by learned rules; blocks cut {share:.2%} (goal {LEAST_CUT:.0%}); honest paragraphs lost {lost} of {honest} (goal 0)"
    )
    is_good = _news_pages() if MORE.is_dir() else True
    return int(share < LEAST_CUT or lost > 0 or not is_good)


def _look_alike(seed: int, count: int) -> tuple[Counter[str], Counter[str], int, int, int]:
    """One outlet: blocks planted and cut, honest paragraphs lost and in all, whether learned rules were taken."""
    rng = random.Random(seed)
    names = iter(rng.sample([a + b + c for a in SYLLABLES for b in SYLLABLES for c in SYLLABLES], 60))
    classes = {
        key: next(names) for key in ("page", "head", "body", "text", *(kind for kind, _ in BLOCKS), "more", "side")
    }
    outlet = f"Jornal {next(names).capitalize()}"
    kinds = rng.sample(BLOCKS, 5)
    places = {
        kind: rng.choice(("box inside", "bare inside", "box at the end", "bare at the end", "beside"))
        for kind, _ in kinds
    }
    truth = articles(count, seed=100 + seed)
    declares = seed % 2 == 0
    samples = []
    for number, article in enumerate(truth):
        html = _page(
            article, outlet, classes, [(kind, text.format(name=outlet)) for kind, text in kinds], places, rng, declares
        )
        samples.append(Sample(f"https://jornal{seed}.example/{number}/materia", html))
    rules, _, _ = better_of(samples[:SAMPLES], [], learn_rules(samples[:SAMPLES], "jornal"))
    general = Boilerplate.general()
    read = [sample.by(rules) for sample in samples]
    first = [general.strip(page.paragraphs, page.title) for page in read]
    blocks = [one.block for one in learn([page_before_cuts(*one) for one in first])]
    kept = [general.with_blocks(blocks).strip(page.paragraphs, page.title)[0] for page in read]
    planted: Counter[str] = Counter()
    cut: Counter[str] = Counter()
    lost = 0
    for article, paragraphs in zip(truth, kept, strict=True):
        text = "\n".join(paragraphs)
        for kind, template in kinds:
            planted[kind] += 1
            cut[kind] += template.format(name=outlet) not in text
        lost += sum(1 for paragraph in article.true if not any(paragraph in one for one in paragraphs))
    return planted, cut, lost, sum(len(one.true) for one in truth), int(rules is not None)


def _page(
    article: Planted,
    outlet: str,
    classes: dict[str, str],
    blocks: list[tuple[str, str]],
    places: dict[str, str],
    rng: random.Random,
    declares: bool,
) -> str:
    """A page in the outlet's structure."""
    body = [f"<p>{escape(one)}</p>" for one in article.true]
    after: list[str] = []
    beside: list[str] = []
    for kind, text in blocks:
        box = f'<div class="{classes[kind]}"><p>{text}</p></div>'
        bare = f"<p>{text}</p>"
        match places[kind]:
            case "box inside":
                body.insert(rng.randint(1, len(body) - 1), box)
            case "bare inside":
                body.insert(rng.randint(1, len(body) - 1), bare)
            case "box at the end":
                after.append(box)
            case "bare at the end":
                after.append(bare)
            case _:
                beside.append(box)
    about = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": "2024-05-01T10:00:00-03:00",
    }
    if declares:
        about["articleBody"] = "\n".join(article.true)
    return (
        f'<html lang="pt-BR"><head><title>{escape(article.title)} - {outlet}</title><script type="application/ld+json">{json.dumps(about)}</script></head><body>'
        f'<div class="{classes["head"]}"><a href="/">{outlet}</a> <a href="/contato">Contato</a></div><div class="{classes["page"]}"><div class="{classes["body"]}">'
        f'<h1>{escape(article.title)}</h1><div class="{classes["text"]}">{"".join(body)}{"".join(after)}</div></div>'
        f'<div class="{classes["side"]}">{"".join(beside)}<ul><li><a href="/1">Outra notícia da semana</a></li><li><a href="/2">Mais uma da cidade</a></li></ul></div></div>'
        f"</body></html>"
    )


def _news_pages() -> bool:
    """Real news pages: each publisher's, by rules learned from its own pages where such are taken, beside the general reading."""
    rows = [json.loads(line) for line in (MORE / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    by_host: dict[str, list[tuple[Sample, str]]] = defaultdict(list)
    for row in rows:
        html = gzip.decompress((MORE / "html" / row["file"]).read_bytes()).decode()
        host = re.sub(r"^www\.", "", urlsplit(row["url"]).netloc)
        by_host[host].append((Sample(row["url"], html), row["text"]))
    by_rules, general, taken, pages = 0.0, 0.0, 0, 0
    for host, known in by_host.items():
        samples = [sample for sample, _ in known[:SAMPLES]]
        rules, _, _ = better_of(samples, [], learn_rules(samples, "jornal"))
        for sample, text in known:
            before = agreement(sample.general.text, text)
            now = agreement(extract_article(sample.html, sample.url, rules).text, text) if rules else before
            general, by_rules, pages = general + before, by_rules + now, pages + 1
            taken += rules is not None
            if abs(now - before) > 0.004:
                print(
                    f"    on {host} ({len(known)} pages, {sample.source}): {before:.3f} -> {now:.3f} by {rules.container if rules else ()} without {rules.exclude if rules else ()}"
                )
    print(
        f"news pages: {taken} of {pages} by learned rules; F1 {by_rules / pages:.4f}, the general reading {general / pages:.4f}"
    )
    return by_rules >= general - 0.0005 * pages


if __name__ == "__main__":
    sys.exit(main())
