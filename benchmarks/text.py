"""Articles per CPU-second of the text steps, each and together.

    python benchmarks/text.py [--articles 300]

Invented articles of some 600 words with planted blocks, cut by the general rules and by the blocks learned from them; one in
fifty with broken encoding. The goal: 400 a second together.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence

from ftfy import fix_text
from planted import Planted, articles

from aurora_crawl.text.boilerplate.cut import Boilerplate
from aurora_crawl.text.boilerplate.learn import learn, page_before_cuts
from aurora_crawl.text.language import detect, detect_mostly
from aurora_crawl.text.quality import measure
from aurora_crawl.text.unicode import normalise

GOAL = 400
WORDS = 600
LEARNED_FROM = 500
"""Articles, so that blocks on 3 % of them are learned too."""


def main(argv: Sequence[str] | None = None) -> int:
    """Prints a line for each step; exit status 1 where the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=300)
    options = parser.parse_args(argv)
    texts = ["\n\n".join(_long(article)) for article in articles(3 * options.articles) if article][: options.articles]
    texts = [
        text.encode().decode("cp1252", "replace") if number % 50 == 0 else text for number, text in enumerate(texts)
    ]
    words = sum(len(text.split()) for text in texts) / len(texts)
    print(f"{len(texts)} articles of {words:.0f} words")
    general = Boilerplate.general()
    learned = learn([page_before_cuts(*general.strip(article.paragraphs)) for article in articles(LEARNED_FROM)])
    boilerplate = general.with_blocks([one.block for one in learned])
    print(f"{len(learned)} learned blocks")
    boilerplate.strip(["aquecimento"])
    detect("aquecimento")
    normalise("aquecimento Ã©")
    split = [text.split("\n\n") for text in texts]
    _time("unicode", lambda number: normalise(texts[number]), len(texts))
    _time("  ftfy on every text, for comparison", lambda number: fix_text(texts[number]), len(texts))
    _time("boilerplate", lambda number: boilerplate.strip(split[number]), len(texts))
    _time("language", lambda number: detect_mostly(split[number]), len(texts))
    _time("quality", lambda number: measure(texts[number]), len(texts))

    def together(number: int) -> object:
        kept, _ = boilerplate.strip(normalise(texts[number]).split("\n\n"))
        return measure("\n\n".join(kept), detect_mostly(kept).score)

    rate = _time("together", together, len(texts))
    print(f"goal {GOAL} articles per CPU-second: {'reached' if rate >= GOAL else 'missed'}")
    return 0 if rate >= GOAL else 1


def _long(article: Planted) -> list[str]:
    """The article's paragraphs, its true text repeated up to some 600 words."""
    paragraphs = list(article.paragraphs)
    while sum(len(paragraph.split()) for paragraph in paragraphs) < WORDS:
        paragraphs[2:2] = article.true[:2]
    return paragraphs


def _time(name: str, step: Callable[[int], object], count: int) -> float:
    started = time.process_time()
    for number in range(count):
        step(number)
    rate = count / (time.process_time() - started)
    print(f"{name:38} {rate:8.0f} articles per CPU-second")
    return rate


if __name__ == "__main__":
    sys.exit(main())
