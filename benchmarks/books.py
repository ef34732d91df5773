"""Reading and cleaning books: ours beside pdftotext, pypdf and pypdfium2's plain text.

    python benchmarks/books.py [--ocr] [--no-peers]

Reads ../shared/data/books where it is there, and builds the files that are made to harm. Needs the extra `dev`, and
poppler-utils for pdftotext. Takes two minutes; exits with 1 where a bound is not held.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pypdfium2
from rapidfuzz.distance import LCSseq, Levenshtein

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from aurora_crawl.corpus.build import Plan, build, lines_of
from aurora_crawl.corpus.options import Selection
from aurora_crawl.crawling.book_files import BookOptions, read_book_file
from aurora_crawl.extraction.books.book_errors import BookError
from aurora_crawl.extraction.books.docx import read_docx
from aurora_crawl.extraction.books.epub import read_epub
from aurora_crawl.extraction.books.html_book import decode, read_html
from aurora_crawl.extraction.books.pdf_book import read_pdf
from aurora_crawl.extraction.books.plain_text import read_string, read_text
from aurora_crawl.extraction.readers import Budget, read_book
from aurora_crawl.extraction.tree import parse, raw_text_of
from aurora_crawl.storage.shards import encode
from aurora_crawl.text.books.clean_book import clean
from aurora_crawl.text.books.document import Book
from aurora_crawl.text.books.ocr import correct, noise
from benchmarks.book_traps import TRAPS

BOOKS = Path(__file__).resolve().parents[2] / "shared" / "data" / "books"
CASMURRO_PDF = "machado_dom-casmurro_indesign.pdf"
CASMURRO_EPUB = "machado_dom_casmurro.epub"
TRISTE_FIM = "limabarreto_triste-fim_ghostscript.pdf"
DEBIAN = "debian-reference.pt-br.pdf"
BRAS_CUBAS = "machado_bras_cubas_machadodeassis-net.htm"
FOCA = "focalinux-iniciante.txt"

WORD = re.compile(r"\w+(?:-\w+)*")
FIRST, LAST = "uma noite destas vindo da".split(), "à história dos subúrbios".split()
SPELLINGS = {"cousa": "coisa", "cousas": "coisas", "dous": "dois", "capítulo": "", "noute": "noite", "oiro": "ouro"}
RESIDUE = re.compile(r"[^\W\d_]- [^\W\d_]")
READERS = {".pdf": read_pdf, ".epub": read_epub, ".htm": read_html, ".txt": read_text, ".docx": read_docx}
MEGABYTE = 1 << 20

failed: list[str] = []


def shown(what: str, figure: str, held: bool | None = None) -> None:
    """Prints a figure, and notes a bound that is not held."""
    mark = {True: "  ok", False: "  NOT HELD", None: ""}[held]
    print(f"  {what:<58} {figure}{mark}", flush=True)
    if held is False:
        failed.append(what)


def words(text: str) -> list[str]:
    """The words of a text, in lower case."""
    return [word.lower() for word in WORD.findall(text)]


def agreement(ours: list[str], truth: list[str]) -> float:
    """Twice the longest common subsequence over all words."""
    return 2 * LCSseq.similarity(ours, truth) / max(1, len(ours) + len(truth))


def cut(found: list[str]) -> list[str]:
    """The novel, by its first and last words."""
    start = next((n for n in range(len(found)) if found[n : n + len(FIRST)] == FIRST), 0)
    end = max((n for n in range(len(found)) if found[n : n + len(LAST)] == LAST), default=len(found))
    return found[start : end + len(LAST)]


def folded(found: list[str]) -> list[str]:
    """Words in one edition's spelling."""
    return [word for word in (SPELLINGS.get(one, one) for one in found) if word]


def read(name: str) -> Book:
    """A book of the collection, in this process."""
    path = BOOKS / name
    return clean(READERS[path.suffix](path))


def whole_paragraphs(ours: list[str], truth: list[str]) -> float:
    """The share of the truth's paragraphs that begin and end where one of ours does; words may differ, as editions do."""
    our_words, our_starts, our_ends = _spans(ours)
    true_words, _, _ = _spans(truth)
    place: dict[int, int] = {}
    for step in LCSseq.opcodes(true_words, our_words):
        if step.tag == "equal" or step.src_end - step.src_start == step.dest_end - step.dest_start:
            place.update(zip(range(step.src_start, step.src_end), range(step.dest_start, step.dest_end), strict=True))
    right = total = start = 0
    for paragraph in truth:
        end = start + len(words(paragraph))
        if end > start:
            total += 1
            first = next((place[n] - (n - start) for n in range(start, min(start + 4, end)) if n in place), -1)
            last = next(
                (place[n] + (end - 1 - n) for n in range(end - 1, max(end - 5, start - 1), -1) if n in place), -1
            )
            right += first in our_starts and last in our_ends and our_starts[first] == our_ends[last]
        start = end
    return right / max(1, total)


def _spans(paragraphs: list[str]) -> tuple[list[str], dict[int, int], dict[int, int]]:
    every: list[str] = []
    starts: dict[int, int] = {}
    ends: dict[int, int] = {}
    for index, paragraph in enumerate(paragraphs):
        found = words(paragraph)
        if found:
            starts[len(every)] = index
            every += found
            ends[len(every) - 1] = index
    return every, starts, ends


def hyphen_differences(ours: list[str], truth: list[str]) -> list[tuple[str, str]]:
    """Places where two texts differ by nothing but hyphens and spaces."""
    found = []
    left: list[str] = []
    right: list[str] = []
    for step in [*LCSseq.opcodes(ours, truth), None]:
        if step is not None and step.tag != "equal":
            left += ours[step.src_start : step.src_end]
            right += truth[step.dest_start : step.dest_end]
            continue
        one, other = " ".join(left), " ".join(right)
        if one != other and one.replace("-", "").replace(" ", "") == other.replace("-", "").replace(" ", ""):
            found.append((one, other))
        left, right = [], []
    return found


def casmurro(peers: bool) -> None:
    """Two editions of one novel, PDF and EPUB."""
    print("Dom Casmurro: PDF against EPUB")
    ours, truth = read(CASMURRO_PDF), read(CASMURRO_EPUB)
    a, b = words(ours.text), words(truth.text)
    shown("agreement, both whole (>= .985)", f"{agreement(a, b):.4f}", agreement(a, b) >= 0.985)
    a, b = cut(a), cut(b)
    shown("agreement, cut by first and last words (>= .992)", f"{agreement(a, b):.4f}", agreement(a, b) >= 0.992)
    both = agreement(folded(a), folded(b))
    shown("agreement, folded (>= .996)", f"{both:.4f}", both >= 0.996)
    share = whole_paragraphs(ours.paragraphs, truth.paragraphs)
    shown("paragraphs that are exactly one (>= .97)", f"{share:.4f}", share >= 0.97)
    bare = [[re.sub(r"\W", "", chapter.title.split(".")[0]) for chapter in book.chapters] for book in (ours, truth)]
    shown(
        "headings of chapters, in order (148)",
        f"{len(ours.chapters)} and {len(truth.chapters)}",
        bare[0] == bare[1] and len(bare[0]) == 148,
    )
    heads = [line for line in ours.text.split("\n") if re.search(r"• \d+ •|^\d+$", line)]
    shown("running heads and page numbers (0)", str(len(heads)), not heads)
    different = hyphen_differences(a, b)
    shown("differences of hyphen or space (<= 15)", str(len(different)), len(different) <= 15)
    repeated = sum(word in ours.text for word in _repeated_hyphens(BOOKS / CASMURRO_PDF))
    of = len(set(_repeated_hyphens(BOOKS / CASMURRO_PDF)))
    shown("words whose hyphen the next line repeats, kept", f"{repeated} of {of}", repeated == of)
    notes = words(" ".join(truth.notes))
    there = words(_notes_in_file())
    recall = LCSseq.similarity(notes, there) / len(there)
    shown("EPUB: notes apart (477)", f"{len(truth.notes)} notes", len(truth.notes) == 477)
    shown("  of the words of its file of notes (1)", f"{recall:.4f} of {len(there)}", recall >= 0.999)
    if peers:
        for name, text in _peers(BOOKS / CASMURRO_PDF):
            c = cut(words(text))
            lines = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", text)]
            shown(
                f"  {name}: agreement cut, folded, paragraphs",
                f"{agreement(c, b):.4f}  {agreement(folded(c), folded(b)):.4f}  {whole_paragraphs(lines, truth.paragraphs):.3f}",
            )


def _notes_in_file() -> str:
    with zipfile.ZipFile(BOOKS / CASMURRO_EPUB) as archive:
        root = parse(archive.read("EPUB/notas.html").decode())
    return " ".join(raw_text_of(one) for one in root.iter("aside"))


def one_corpus() -> None:
    """Two editions and a chapter that a site printed, in one corpus."""
    print("PDF, EPUB and a chapter as an article in one corpus")
    editions = [read_book_file(BOOKS / name, BookOptions()) for name in (CASMURRO_PDF, CASMURRO_EPUB)]
    for edition in editions:
        begin, end = (chapter.offset for chapter in edition.chapters[17:19])
        article = replace(edition, id="a" * 16, url="https://mst.org.br/capitulo", site="mst", kind="article")
        article = replace(
            article, text=edition.text[begin:end].strip(), chapters=[], removed=[], format=None, route="rest"
        )
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(1) as pool:
            for one in (*editions, article):
                shard = Path(folder) / "articles" / one.site / f"{one.site}-{one.id[:6]}.jsonl.gz"
                shard.parent.mkdir(parents=True, exist_ok=True)
                shard.write_bytes(gzip.compress(encode(one)))
            plan = Plan(Path(folder) / "articles", Path(folder), Path(folder) / "corpus", Selection(), "none")
            build(plan, pool, lambda _stage, _done, _all: None)
            kept = [(str(line["kind"]), str(line["format"])) for line in lines_of(plan.output)]
        shown(f"documents, the chapter from the {edition.format} (1, epub)", str(kept), kept == [("book", "epub")])


def _repeated_hyphens(path: Path) -> list[str]:
    """Words of which the file repeats the hyphen at the next line's beginning."""
    found = []
    with pypdfium2.PdfDocument(path) as document:
        for page in document:
            text = page.get_textpage().get_text_range()
            found += [f"{a}-{b}" for a, b in re.findall(r"(\w+)[\ufffe\x02-]\s*-(\w+)", text)]
    return sorted(set(found))


def _peers(path: Path) -> Iterator[tuple[str, str]]:
    if shutil.which("pdftotext"):
        yield (
            "pdftotext",
            subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True).stdout,
        )
    import pypdf

    yield "pypdf", "\n\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    with pypdfium2.PdfDocument(path) as document:
        yield "pypdfium2, plain text", "\n\n".join(page.get_textpage().get_text_range() for page in document)


def other_books() -> None:
    """Hyphens of three PDFs, HTML in ISO-8859-1, hard-wrapped text."""
    print("Other books")
    for name in (CASMURRO_PDF, TRISTE_FIM, DEBIAN):
        book = read(name)
        left = len(RESIDUE.findall(book.text))
        total = len(book.text.split())
        shown(f"{name}: residues of hyphens (<= 1 in 5,000 words)", f"{left} in {total}", left * 5000 <= total)
        if name == TRISTE_FIM:
            kept = [word in book.text for word in ("pince-nez", "tupi-guarani")]
            shown("  breaks left (0), pince-nez and tupi-guarani kept", f"{left}, {kept}", left == 0 and all(kept))
    book = read(BRAS_CUBAS)
    root = parse(decode((BOOKS / BRAS_CUBAS).read_bytes()))
    for script in list(root.iter("script", "style", "head")):
        tail = script.tail or ""
        script.clear()
        script.tail = tail
    body = words(raw_text_of(root))
    start = next(n for n in range(len(body)) if body[n : n + 4] == "prólogo da quarta edição".split())
    found = LCSseq.similarity(words(book.text), body[start:]) / len(body[start:])
    shown(
        "Brás Cubas: recall of the page's own words (>= .995)",
        f"{found:.4f}, {len(book.chapters)} chapters",
        found >= 0.995,
    )
    shown(
        "  U+FFFD (0), notes of its scripts (0)",
        f"{book.text.count(chr(0xFFFD))}, {book.text.count('HelpBalloon')}",
        "\ufffd" not in book.text and "HelpBalloon" not in book.text,
    )
    book = read(FOCA)
    share, total = _unbroken(book)
    shown("TXT: paragraphs unbroken (>= .95)", f"{share:.4f} of {total}", share >= 0.95)


def _unbroken(book: Book) -> tuple[float, int]:
    """Of the source's groups of full lines between blank ones: the share that is one paragraph of ours."""
    source = decode((BOOKS / FOCA).read_bytes())
    flat = {"".join(paragraph.split()) for paragraph in book.text.split("\n\n") if "\n" not in paragraph}
    lines = {"".join(line.split()).lstrip("-*") for line in book.text.split("\n")}
    right = total = 0
    for group in source[source.find("1.1. Antes") :].split("\n\n"):
        rows = [row for row in group.split("\n") if row.strip()]
        plain = all(row.startswith("     ") and not row.startswith("      ") and "\t" not in row for row in rows)
        if len(rows) < 2 or not plain or any(len(row) < 62 for row in rows[:-1]):
            continue
        total += 1
        bare = "".join(group.split())
        right += bare in flat or bare in lines
    return right / max(1, total), total


def misread() -> None:
    """Texts that Tesseract read from poor pictures, against the truth."""
    print("Texts read from pictures")
    gains = []
    for name in ("dom-casmurro_p12-23", "triste-fim_p3-14"):
        seen = (BOOKS / "derived" / f"ocr_{name}.txt").read_text("utf-8")
        true = words(clean(read_string((BOOKS / "derived" / f"truth_{name}.txt").read_text("utf-8"))).text)
        before = _error(clean(read_string(seen.replace("\f", "\n\n"))).text, true)
        after = _error(clean(read_string(seen)).text, true)
        as_it_is = _error(re.sub(r"-\n", "", seen), true)
        gains.append(1 - after / before)
        shown(
            f"{name}: word error as it is, read, put right",
            f"{as_it_is:.4f}  {before:.4f}  {after:.4f}",
            after <= before,
        )
        truth_noise = noise(clean(read_string((BOOKS / "derived" / f"truth_{name}.txt").read_text("utf-8"))).text)
        seen_noise = noise(clean(read_string(seen)).text)
        shown("  noise: truth below OCR", f"{truth_noise:.4f} {seen_noise:.4f}", truth_noise < seen_noise)
    shown(
        "gain (10 % on the first or 20 % on the second)",
        " ".join(f"{gain:.0%}" for gain in gains),
        gains[0] >= 0.1 or gains[1] >= 0.2,
    )
    for name in (CASMURRO_EPUB, BRAS_CUBAS, TRISTE_FIM):
        text = read(name).text
        _, changes = correct(text)
        share = 10_000 * changes / len(text.split())
        shown(f"{name}: words changed in 10,000 (<= 2)", f"{share:.2f}", share <= 2)


def _error(text: str, true: list[str]) -> float:
    return Levenshtein.distance(words(text), true) / len(true)


def speed(peers: bool) -> None:
    """1,990 pages: ten times a book, in one file."""
    print("1,990 pages")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "long.pdf"
        with pypdfium2.PdfDocument(BOOKS / CASMURRO_PDF) as source, pypdfium2.PdfDocument.new() as target:
            for _ in range(10):
                target.import_pages(source)
            target.save(path)
            pages = len(target)
        ours = _measured("ours", path)
        shown("memory above the interpreter (<= 200 MB)", f"{ours['memory']:.0f} MB", ours["memory"] <= 200)
        told: list[int] = []
        read_book(path, progress=lambda done, _total: told.append(done))
        shown("progress told", f"{len(told)} times", len(told) > 10)
        rate = pages / ours["seconds"]
        if peers:
            theirs = _measured("pypdf", path)
            times = rate / (pages / theirs["seconds"])
            shown(
                "pages per CPU-second: ours, pypdf (>= 3 times)",
                f"{rate:.0f}, {pages / theirs['seconds']:.0f}: {times:.1f} times",
                times >= 3,
            )
        else:
            shown("pages per CPU-second", f"{rate:.0f}")


def _measured(who: str, path: Path) -> dict[str, float]:
    """CPU-seconds and megabytes of reading a file, in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--measure", who, str(path)], capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout))


def measure(who: str, path: Path) -> None:
    """What `_measured` starts."""
    if who == "pypdf":
        import pypdf
    work: dict[str, Callable[[], object]] = {
        "ours": lambda: clean(read_pdf(path)),
        "pypdf": lambda: [page.extract_text() for page in pypdf.PdfReader(path).pages],
    }
    memory = _peak_memory()
    before = resource.getrusage(resource.RUSAGE_SELF)
    work[who]()
    after = resource.getrusage(resource.RUSAGE_SELF)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"seconds": seconds, "memory": _peak_memory() - memory}))


def _peak_memory() -> float:
    """Megabytes that this process held at most; `getrusage` would count its parent's too."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


def traps() -> None:
    """Files that are made to harm: one line each, under 200 MB and 5 seconds."""
    print(f"{len(TRAPS)} traps")
    with tempfile.TemporaryDirectory() as folder:
        for name, (suffix, build, holds_book) in TRAPS.items():
            path = Path(folder) / f"trap{suffix}"
            path.write_bytes(build())
            start = time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
            try:
                book = read_book(path, budget=Budget(seconds=5, memory=200 * MEGABYTE))
                line, right = f"read: {len(book.text.split())} words {' '.join(book.remarks)}", holds_book
            except BookError as error:
                line, right = str(error).removeprefix(f"{path}: "), not holds_book
            seconds = time.process_time() + sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2]) - start
            shown(f"{name}", f"{seconds:.1f} s  {line[:90]}", right and "\n" not in line and seconds < 5)


def pictures() -> None:
    """Four pages rendered and read again."""
    print("Pictures of four pages (--ocr)")
    with tempfile.TemporaryDirectory() as folder:
        few, scan = Path(folder) / "few.pdf", Path(folder) / "scan.pdf"
        with pypdfium2.PdfDocument(BOOKS / CASMURRO_PDF) as source, pypdfium2.PdfDocument.new() as target:
            target.import_pages(source, [12, 13, 14, 15])
            target.save(few)
            with pypdfium2.PdfDocument.new() as pictured:
                for page in target:
                    width, height = page.get_size()
                    bitmap = page.render(scale=300 / 72)
                    image = pypdfium2.PdfImage.new(pictured)
                    image.set_bitmap(bitmap)
                    image.set_matrix(pypdfium2.PdfMatrix().scale(width, height))
                    empty = pictured.new_page(width, height)
                    empty.insert_obj(image)
                    empty.gen_content()
                pictured.save(scan)
        try:
            read_book(scan)
        except BookError as error:
            shown("a PDF without text is named", str(error).rpartition("/")[2], "no text layer" in str(error))
        book = read_book(scan, ocr=Path(folder) / "kept")
        error_rate = _error(book.text, words(clean(read_pdf(few)).text))
        shown("word error (<= .01)", f"{error_rate:.4f}", error_rate <= 0.01)


def main() -> int:
    """The benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ocr", action="store_true", help="read four rendered pages by Tesseract too")
    parser.add_argument("--no-peers", action="store_true", help="ours alone")
    parser.add_argument("--measure", nargs=2, metavar=("WHO", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.measure[0], Path(arguments.measure[1]))
        return 0
    if BOOKS.is_dir():
        casmurro(not arguments.no_peers)
        one_corpus()
        other_books()
        misread()
        speed(not arguments.no_peers)
        if arguments.ocr:
            pictures()
    else:
        print(f"{BOOKS} is not there: only the traps")
    traps()
    counts = Counter(failed)
    print(f"{len(counts)} bounds not held" if failed else "every bound is held")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
