"""`README.md` of a corpus: a data card in the Hub's format, from the manifest alone."""

from __future__ import annotations

from aurora_crawl.corpus.manifest import Count, Manifest
from aurora_crawl.corpus.options import UNKNOWN_LICENSE
from aurora_crawl.items import UNKNOWN_PROVENANCE, Article
from aurora_crawl.storage.readme import feature_lines

_SIZES = ("1K", "10K", "100K", "1M", "10M", "100M", "1B")
"""The bounds of the Hub's size categories, from a thousand on, each ten times the one before."""

_CARD = """---
language:
- pt
license: other
license_name: mixed
pretty_name: Corpus da imprensa brasileira
task_categories:
- text-generation
size_categories:
- {size}
configs:
- config_name: default
  data_files:
{splits}
dataset_info:
  features:
{features}
---

# Corpus da imprensa brasileira

{documents:,} documents, {words:,} words{tokens}, in Portuguese, from {sites} Brazilian {sites_word}. Made by `scrapy corpus` of Aurora BR;
`manifest.json` names every shard, setting and hash, and the same shards and settings make the same bytes.

{documents_pt} documentos, {words_pt} palavras{tokens_pt}, em português, de {sites} {sites_pt}.

{by_kind}

## Licences

Each document belongs to its publisher; its line carries the licence that its site declares. **This is no licence to publish
the texts again**: mind the field `license`, and what `opt_out` says.

{licenses}
{untold}
## Sites

{by_site}

## Years

{by_year}

## How it was selected

{steps}

Duplicates are found by MinHash over word 5-grams, over all sites together; of a group one document stays, of a book's
editions the best. What stands in a longer document, such as a chapter in its book, goes too. No relative of a validation document is in the
training part. Thresholds of quality are FineWeb-2's for Portuguese; those on lines are not for books, where verse and dialogue are short
lines by nature.

## Limits

News, opinion and books of political outlets: their vocabulary, their subjects, their views. Names of persons stand as they were
published. Whoever wants a text out writes to its publisher and to those who made this copy; `scrapy forget` takes it out.
"""


def card(manifest: Manifest) -> str:
    """The card of a corpus. Its front matter is what `datasets` reads the types of the fields from."""
    total = manifest.sum()
    sites = len(manifest.by("site"))
    splits = [name for name in ("train", "validation") if any(file.name.startswith(name) for file in manifest.files)]
    return _CARD.format(
        size=_size(total.documents),
        splits="\n".join(f"  - split: {name}\n    path: {name}-*.jsonl.gz" for name in splits),
        features="\n".join(feature_lines(Article)),
        documents=total.documents,
        words=total.words,
        documents_pt=f"{total.documents:,}".replace(",", "."),
        words_pt=f"{total.words:,}".replace(",", "."),
        tokens=f", {total.tokens:,} tokens ({manifest.tokenizer})" if total.tokens is not None else "",
        tokens_pt=f", {total.tokens:,} tokens".replace(",", ".").replace(".", ",", 1)
        if total.tokens is not None
        else "",
        sites=sites,
        sites_word="site" if sites == 1 else "sites",
        sites_pt="site brasileiro" if sites == 1 else "sites brasileiros",
        by_kind=_table("kind", manifest.by("kind")),
        untold=_untold(manifest),
        licenses=_table("licence", manifest.by("license")),
        by_site=_table("site", manifest.by("site")),
        by_year=_table("year", manifest.by("year")),
        steps=_steps(manifest),
    )


def _untold(manifest: Manifest) -> str:
    """What is to be said of texts of which nobody says where they are from; nothing where there are none."""
    count = manifest.by("provenance").get(UNKNOWN_PROVENANCE)
    if count is None:
        return ""
    shown = f"{count.documents:,}"
    return (
        f"\nOf {shown} documents, {count.words:,} words, it is not known where they are from: they were given as files, and"
        f' `provenance` says "{UNKNOWN_PROVENANCE}" on their lines. / De {shown.replace(",", ".")} documentos não se sabe a origem.\n'
    )


def _size(documents: int) -> str:
    """The Hub's name for a data set of so many rows."""
    power = max(0, len(str(documents)) - 3)
    if power == 0:
        return f"n<{_SIZES[0]}"
    return f"{_SIZES[power - 1]}<n<{_SIZES[power]}" if power < len(_SIZES) else f"n>{_SIZES[-1]}"


def _table(name: str, counts: dict[str, Count]) -> str:
    rows = [f"| {name} | documents | words | tokens |", "|---|---|---|---|"]
    for key, one in counts.items():
        tokens = f"{one.tokens:,}" if one.tokens is not None else "–"
        rows.append(f"| {key or UNKNOWN_LICENSE} | {one.documents:,} | {one.words:,} | {tokens} |")
    return "\n".join(rows)


def _steps(manifest: Manifest) -> str:
    rows = ["| step | documents left | dropped |", "|---|---|---|"]
    for step in manifest.steps:
        dropped = ", ".join(f"{reason}: {count:,}" for reason, count in step.dropped.items() if count)
        rows.append(f"| {step.name} | {step.documents:,} | {dropped or '–'} |")
    return "\n".join(rows)
