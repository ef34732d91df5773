"""How much of what repeats goes, and whether anything honest goes with it.

    python benchmarks/boilerplate.py [--articles 500 40] [--offline]

A real WordPress (../shared/tools/wordpress_up.sh) is filled with invented articles into which 17 kinds of blocks are
planted, crawled by `scrapy crawl`, learned from by `scrapy learn`, crawled again with what was learned; then learned from
again: with the file, without it, and with a block struck out by hand. `--offline` takes the same articles without WordPress.
Beside it: what rules of the kind "cut from 'Fonte:' to the end" do to the same articles.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from planted import HONEST, KINDS, Planted, articles

from aurora_crawl.extraction.fragment import paragraphs
from aurora_crawl.items import split_paragraphs
from aurora_crawl.storage.shards import read_shard
from aurora_crawl.text.boilerplate.block_file import Block, read_blocks
from aurora_crawl.text.boilerplate.cut import Boilerplate
from aurora_crawl.text.boilerplate.learn import learn, page_before_cuts

ROOT = Path(__file__).resolve().parents[1]
WORDPRESS = ROOT.parent / "shared" / "tools" / "wordpress_up.sh"
SITE = "outraspalavras"
PORT = "18099"
LEAST_SHARE = 0.1
"""Of 40 articles, only what stands on a tenth or more can be told from chance."""

TO_THE_END = [
    re.compile(pattern, re.DOTALL)
    for pattern in (
        r"Edição\:.*",
        r"Fonte\:.*",
        r"Clique aqui.*",
        r"Leia também.*",
        r"Foto\:.*",
        r"Assista.*",
        r"Ouça.*",
        r"Publicado.*",
        r"Você que chegou.*",
    )
]
"""Rules of the kind that cut everything after their first match."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs each size, prints a table; exit status 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, nargs="+", default=[500, 40])
    parser.add_argument("--offline", action="store_true", help="without WordPress")
    options = parser.parse_args(argv)
    if not options.offline and not WORDPRESS.is_file():
        print(f"{WORDPRESS} is not here: going on as with --offline", file=sys.stderr)
        options.offline = True
    good = True
    for count in options.articles:
        truth = articles(count)
        texts, is_same = _offline(truth) if options.offline else _through_wordpress(truth)
        good &= _report(truth, texts, "a WordPress and scrapy" if not options.offline else "the functions")
        good &= is_same
        print(f"  a second learning proposes the same blocks, and a struck one stays out: {'yes' if is_same else 'NO'}")
    return 0 if good else 1


def _offline(truth: list[Planted]) -> tuple[list[list[str]], bool]:
    pages = [paragraphs(article.html) for article in truth]
    general = Boilerplate.general()
    first = [general.strip(page, article.title) for page, article in zip(pages, truth, strict=True)]
    learned = learn([page_before_cuts(*cut) for cut in first])
    blocks = [one.block for one in learned]
    cut = [general.with_blocks(blocks).strip(page, article.title) for page, article in zip(pages, truth, strict=True)]
    again = [page_before_cuts(*one) for one in cut]
    struck = [replace(block, struck=True) for block in blocks]
    is_same = (
        {one.block for one in learn(again)} == set(blocks) and not learn(again, blocks) and not learn(again, struck)
    )
    return [kept for kept, _ in cut], is_same


def _through_wordpress(truth: list[Planted]) -> tuple[list[list[str]], bool]:
    with tempfile.TemporaryDirectory(prefix="aurora-boilerplate-") as folder:
        Path(folder).chmod(0o755)
        posts, lab = Path(folder) / "posts.jsonl", Path(folder) / "wordpress"
        rows = [
            {
                "title": f"{number} {article.title}",
                "content": article.html,
                "date": f"2023-0{number % 9 + 1}-11T12:00:00Z",
            }
            for number, article in enumerate(truth)
        ]
        posts.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        environment = {**os.environ, "PORT": PORT, "WP_LAB": str(lab), "POSTS_FILE": str(posts)}
        try:
            subprocess.run([WORDPRESS, "up"], env=environment, check=True, stdout=subprocess.DEVNULL)
            _scrapy("crawl", SITE, "-a", f"site_url=http://127.0.0.1:{PORT}", data=Path(folder) / "first")
            _scrapy("learn", SITE, data=Path(folder) / "first")
            second = Path(folder) / "second"
            (second / "boilerplate").mkdir(parents=True)
            learned = (Path(folder) / "first" / "boilerplate" / f"{SITE}.txt").read_text("utf-8")
            (second / "boilerplate" / f"{SITE}.txt").write_text(learned, "utf-8")
            print(learned)
            _scrapy("crawl", SITE, "-a", f"site_url=http://127.0.0.1:{PORT}", data=second)
            found = {}
            for shard in sorted((second / "articles" / SITE).glob("*.jsonl.gz")):
                found |= {
                    int(record["title"].split()[0]): split_paragraphs(record["text"]) for record in read_shard(shard)
                }
            is_same = _learns_the_same(second)
        finally:
            subprocess.run([WORDPRESS, "reset"], env=environment, check=False, stdout=subprocess.DEVNULL)
    return [found.get(number, []) for number in range(len(truth))], is_same


def _learns_the_same(data: Path) -> bool:
    """Whether learning from a crawl that used a file finds that file's blocks, and leaves out what a person strikes."""
    path = data / "boilerplate" / f"{SITE}.txt"
    first = _blocks(path)
    _scrapy("learn", SITE, data=data)
    with_file = _blocks(path)
    path.unlink()
    _scrapy("learn", SITE, data=data)
    without_file = _blocks(path)
    text = path.read_text("utf-8")
    path.write_text(text.replace(first[0].line, f"- {first[0].line}"), "utf-8")
    _scrapy("learn", SITE, data=data)
    struck = [replace(block, struck=block == first[0]) for block in first]
    return first == with_file == without_file and _blocks(path) == struck


def _blocks(path: Path) -> list[Block]:
    return read_blocks(path.read_text("utf-8"), str(path))


def _scrapy(*words: str, data: Path) -> None:
    polite_to_ourselves = ["-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=0"]
    command = [sys.executable, "-m", "scrapy", *words, "-s", f"DATA_DIR={data}", *polite_to_ourselves]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"scrapy {' '.join(words)} ended with {done.returncode}:\n{done.stderr}")


def _report(truth: list[Planted], texts: list[list[str]], through: str) -> bool:
    planted: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    touched = []
    for article, kept in zip(truth, texts, strict=True):
        text = "\n".join(kept)
        touched += [paragraph for paragraph in article.true if not any(paragraph in one for one in kept)]
        for name, block in article.blocks:
            planted[name] += 1
            gone[name] += block not in text
    shares = {name: share for name, share, _ in KINDS}
    print(f"\n{len(truth)} articles through {through}")
    for name, count in planted.most_common():
        print(
            f"  {name:26} on {shares[name]:4.0%} of the pages  planted {count:4}  gone {gone[name]:4}  {gone[name] / count:7.1%}"
        )
    counted = [name for name in planted if len(truth) > 100 or planted[name] >= LEAST_SHARE * len(truth)]
    share = sum(gone[name] for name in counted) / sum(planted[name] for name in counted)
    goal = 0.99 if len(truth) > 100 else 0.8
    print(
        f"  gone {share:.2%} (goal {goal:.0%}); true paragraphs touched: {len(touched)} of {sum(len(a.true) for a in truth)} (goal 0)"
    )
    for paragraph in touched[:5]:
        print(f"    touched: {paragraph[:120]}")
    honest = sum(any(sentence in paragraph for sentence in HONEST) for article in truth for paragraph in article.true)
    print(f"  honest shared sentences among them: {honest}")
    _report_rules_to_the_end(truth)
    return share >= goal and not touched


def _report_rules_to_the_end(truth: list[Planted]) -> None:
    total = lost = hit = 0
    by_rule: dict[str, int] = defaultdict(int)
    for article in truth:
        text = " ".join(article.paragraphs)
        for rule in TO_THE_END:
            shorter = rule.sub("", text)
            by_rule[rule.pattern] += shorter != text
            text = shorter
        missing = sum(len(paragraph) for paragraph in article.true if paragraph not in text)
        total += sum(map(len, article.true))
        lost += missing
        hit += bool(missing)
    print(f"  rules that cut to the end: {lost / total:.0%} of the true text lost, in {hit} of {len(truth)} articles")


if __name__ == "__main__":
    sys.exit(main())
