"""`scrapy harvest ccnews` over an invented month: recall, memory, kills, workers that die, and outlets that are named later.

    python benchmarks/harvest.py [--records 30000] [--kills 20] [--seed 1]

Eight files and a ninth that is missing; 60 hosts, three in a hundred records Portuguese: of outlets that say so, that say another language, or nothing,
and of foreign ones with a Portuguese section. One file is cut, one is damaged, and the server cuts 30 % of its answers and says 503 to 15 %.
Wanted are 99 % of the Portuguese records that are whole, at most 300 MB in all processes; after the kills nothing lost and nothing twice; the same bytes
by one process and by four Dask workers of which one is killed; and at most 1.2 times its records' bytes for an outlet that is named later.
It takes some minutes. Finding and reading beside fundus and news-please: harvest_peers.py.
"""

from __future__ import annotations

import argparse
import gzip
import logging
import random
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from footprint import run
from loopback import ROOT

from aurora_crawl.addresses import host_of
from aurora_crawl.demo.news_month import ENGLISH, PORTUGUESE
from aurora_crawl.demo.warc_files import record
from aurora_crawl.demo.web_archive import WebArchive, served
from aurora_crawl.executor import each, executor
from aurora_crawl.harvest.ccnews import FileTask, files_of, harvest_file, own_indexes
from aurora_crawl.harvest.record_index import read_rows
from aurora_crawl.harvest.stream import Server

FILES, HOSTS = 8, 60
MONTH = "crawl-data/CC-NEWS/2024/05"
PORTUGUESE_SHARE = 0.03
LEAST_RECALL, MOST_BYTES, MOST_READ = 0.99, 300 << 20, 1.2
SERVER = Server("benchmark", 0.001)
SPANISH = [
    "El ayuntamiento anunció ayer que el puente viejo será reparado antes de que termine el año, dijo la alcaldesa.",
    "Los vecinos del barrio pidieron más autobuses para los niños que estudian por la noche y no tienen transporte.",
    "Según la directora, la escuela recibió libros nuevos y una sala de lectura para los alumnos más pequeños.",
]
PAPERS = {
    "folha": ' lang="pt-BR"',
    "correio": ' lang="pt"',
    "diario": ' lang="en-US"',
    "tribuna": "",
    "gazeta": ' class="no-js" lang=pt-br',
}
"""Portuguese outlets, and what their pages say of their language."""
FOREIGN = {"agency": (' lang="pt"', "/pt/"), "onda": ("", "/portugues/"), "world": (' lang="pt-br"', "/brasil/")}
"""Outlets of which one page in eight is Portuguese, what that says, and where it stands."""
MARKUP_BYTES = 30_000


@dataclass
class Month:
    """What the server holds, and which addresses of it are Portuguese and whole; the bytes of each host's records, the whole ones."""

    archive: WebArchive
    portuguese: set[str] = field(default_factory=set)
    sizes: Counter[str] = field(default_factory=Counter)
    records: int = 0


class Packer:
    """Packs records whose pages end alike: the end is packed once, which spares nine tenths of the time."""

    def __init__(self) -> None:
        self._ends: dict[bytes, bytes] = {}

    def __call__(self, begin: bytes, end: bytes) -> bytes:
        """A gzip member of the two."""
        if end not in self._ends:
            pack = zlib.compressobj(6, zlib.DEFLATED, -15)
            self._ends[end] = pack.compress(end) + pack.flush()
        pack = zlib.compressobj(6, zlib.DEFLATED, -15)
        # Whole bytes, and nothing that the end could refer to.
        packed = pack.compress(begin) + pack.flush(zlib.Z_FULL_FLUSH) + self._ends[end]
        crc = zlib.crc32(end, zlib.crc32(begin))
        return b"\x1f\x8b\x08\0\0\0\0\0\x02\x03" + packed + struct.pack("<II", crc, len(begin) + len(end))


def month(records: int, seed: int) -> Month:
    """Make the month."""
    chance = random.Random(seed)
    made = Month(WebArchive(chance=random.Random(seed + 1)))
    pack = Packer()
    names = list(PAPERS)
    foreign = list(FOREIGN)
    others = HOSTS - len(names) - len(foreign)
    paths = []
    for number in range(FILES):
        path = f"{MONTH}/CC-NEWS-2024050{number + 1}000000-{number:05d}.warc.gz"
        paths.append(path)
        data, places = bytearray(zlib.compress(record("", b"x", kind="warcinfo"), 6, 31)), []
        for n in range(records // FILES):
            where, is_portuguese = number * records + n, chance.random() < PORTUGUESE_SHARE
            if is_portuguese and chance.random() < 0.8:
                host = chance.choice(names)
                url, lang, lines = f"https://www.{host}.invalid/2024/05/{where}/", PAPERS[host], PORTUGUESE
            elif is_portuguese:
                host = chance.choice(foreign)
                lang, section = FOREIGN[host]
                url, lines = f"https://www.{host}.invalid{section}{where}", PORTUGUESE
            else:
                # The foreign outlets have seven pages in another language for each Portuguese one.
                host = chance.choice(foreign) if chance.random() < 0.043 else f"journal{chance.randrange(others)}"
                lang, lines = (' lang="es"', SPANISH) if chance.random() < 0.4 else (' lang="en"', ENGLISH)
                url = f"https://www.{host}.invalid/news/{where}"
            begin, end = page(chance, where, lang, lines)
            packed = pack(
                _without_end(record(url, _head() + begin, length=len(_head()) + len(begin) + len(end))),
                end + b"\r\n\r\n",
            )
            places.append((url, len(data), len(packed), is_portuguese))
            data += packed
        whole = _spoilt(number, data, places, chance)
        made.records += len(whole)
        made.portuguese |= {url for url, _, _, is_portuguese in whole if is_portuguese}
        for url, _, length, _ in whole:
            made.sizes[host_of(url)] += length
        made.archive.files[f"/{path}"] = bytes(data)
    paths.append(f"{MONTH}/CC-NEWS-20240509000000-00009.warc.gz")
    made.archive.files[f"/{MONTH}/warc.paths.gz"] = gzip.compress("\n".join(paths).encode())
    return made


def _spoilt(
    number: int, data: bytearray, places: list[tuple[str, int, int, bool]], chance: random.Random
) -> list[tuple[str, int, int, bool]]:
    """Cut one file and damage another; the records that are whole."""
    if number == 3:
        del data[len(data) * 19 // 20 :]
        return [one for one in places if one[1] + one[2] <= len(data)]
    if number == 5:
        hit = set(chance.sample(range(len(places)), max(1, len(places) // 500)))
        for one in hit:
            _, start, length, _ = places[one]
            data[start + length // 2 : start + length // 2 + 40] = chance.randbytes(40)
        return [one for place, one in enumerate(places) if place not in hit]
    return places


def page(chance: random.Random, number: int, lang: str, lines: list[str]) -> tuple[bytes, bytes]:
    """A page, its own part and what it shares with some others."""
    title = f"<title>{number}</title><meta property='og:type' content='article'>"
    own = "".join(f"<p>{' '.join(chance.sample(lines, 3))} {chance.randrange(10**9)}</p>" for _ in range(6))
    menu = "".join(f"<a href='/{n}'>{n}</a>" for n in range(40))
    begin = f"<!doctype html><html{lang}><head>{title}</head><body><nav>{menu}</nav><article><h1>{number}</h1>{own}</article>"
    theme = random.Random(number % 50)
    end = "".join(
        f"<div class='td-{theme.randrange(10**6)}' data-id='{theme.randrange(10**6)}'></div>\n"
        for _ in range(MARKUP_BYTES // 45)
    )
    return begin.encode(), f"{end}</body></html>".encode()


def _head() -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"


def _without_end(plain: bytes) -> bytes:
    return plain.removesuffix(b"\r\n\r\n")


def command(data_dir: Path, base: str, *more: str) -> list[str]:
    """The harvest as a person types it."""
    given = ("-s", f"DATA_DIR={data_dir}", "-s", f"CCNEWS_URL={base}", "-s", "RETRY_BACKOFF=0.001", "--keep-free", "0")
    return [sys.executable, "-m", "scrapy", "harvest", "ccnews", "--since", "2024-05", "--jobs", "1", *given, *more]


def files(data_dir: Path) -> dict[str, bytes]:
    """What a harvest left, by name."""
    found = (path for path in (data_dir / "harvest").rglob("*") if path.is_file())
    return {path.name: path.read_bytes() for path in found if not path.name.startswith(".")}


def kept(data_dir: Path) -> list[str]:
    """The addresses of what was kept."""
    return [row.url for path in own_indexes(data_dir / "harvest" / "ccnews" / "2024-05") for row in read_rows(path)]


def judge(what: str, *, is_right: bool) -> bool:
    """Print a line, and pass on whether it is right."""
    print(f"{'ok ' if is_right else 'NOT'} {what}", flush=True)
    return is_right


def undisturbed(made: Month, base: str, folder: Path) -> Iterator[bool]:
    """One harvest: recall, what is kept beside, memory, time."""
    # Status 1 says that files are damaged, and this month's are.
    cost = run(["sh", "-c", '"$@"; test $? -le 1', "sh", *command(folder, base)])
    addresses = kept(folder)
    recall = len(made.portuguese & set(addresses)) / len(made.portuguese)
    beside = len(set(addresses) - made.portuguese)
    size = sum(map(len, made.archive.files.values())) / 1e6
    told = f"{made.records} whole records, {size:.0f} MB, in {cost.cpu:.1f} CPU-s: {recall:.2%} of {len(made.portuguese)} Portuguese ones, {beside} others kept"
    yield judge(told, is_right=recall >= LEAST_RECALL)
    yield judge(f"none twice: {len(addresses)} records", is_right=len(addresses) == len(set(addresses)))
    yield judge(f"at most {cost.memory >> 20} MB", is_right=cost.memory <= MOST_BYTES)


def killed(wanted: dict[str, bytes], base: str, folder: Path, kills: int, seconds: float, seed: int) -> Iterator[bool]:
    """Kill it again and again."""
    chance, killed = random.Random(seed), 0
    for _ in range(kills):
        process = subprocess.Popen(
            command(folder, base), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(seconds * chance.uniform(0.05, 0.15))
        killed += process.poll() is None
        process.kill()
        process.wait()
    # A worker process ends with its command, within the second.
    time.sleep(1)
    ended = subprocess.run(command(folder, base), cwd=ROOT, check=False, capture_output=True).returncode
    yield judge(f"{killed} kill -9: the same bytes as undisturbed", is_right=files(folder) == wanted and ended <= 1)


def on_workers(wanted: dict[str, bytes], base: str, folder: Path) -> Iterator[bool]:
    """On a cluster of four workers, of which one is killed."""
    from distributed import LocalCluster

    # The worker that is killed has much to say of it.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    target = folder / "harvest" / "ccnews" / "2024-05"
    tasks = [FileTask(one, target, (), SERVER, 0) for one in files_of(base, "2024-05", SERVER)]
    with (
        LocalCluster(n_workers=4, threads_per_worker=1, dashboard_address=None) as cluster,  # type: ignore[no-untyped-call]
        executor(1, cluster.scheduler_address) as pool,
    ):
        for done, _ in enumerate(each(pool, harvest_file, tasks)):
            if done == 0:
                cluster.workers[0].process.process.kill()
    yield judge("four Dask workers, one killed: the same bytes", is_right=files(folder) == wanted)


def named_later(made: Month, base: str, folder: Path) -> Iterator[bool]:
    """An outlet of which nothing was kept."""
    host = "journal7.invalid"
    (folder / "later.txt").write_text(f"{host}\n")
    made.archive.cut = made.archive.busy = 0.0
    before = made.archive.sent
    subprocess.run(
        command(folder, base, "--outlets", str(folder / "later.txt")), cwd=ROOT, check=False, capture_output=True
    )
    found = sum(host_of(url) == host for url in kept(folder))
    ratio = (made.archive.sent - before) / made.sizes[host]
    yield judge(
        f"an outlet named later: {found} records, {ratio:.2f} times their bytes",
        is_right=ratio <= MOST_READ and found > 0,
    )


def main() -> int:
    """Measure and print; 1 where a bound is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=30_000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    made = month(given.records, given.seed)
    made.archive.cut, made.archive.busy = 0.3, 0.15
    right: list[bool] = []
    with tempfile.TemporaryDirectory() as folder, served(made.archive) as base:
        whole = Path(folder) / "whole"
        began = time.monotonic()
        right += undisturbed(made, base, whole)
        seconds, wanted = time.monotonic() - began, files(whole)
        proofs: list[Callable[[], Iterator[bool]]] = [
            lambda: killed(wanted, base, Path(folder) / "killed", given.kills, seconds, given.seed),
            lambda: on_workers(wanted, base, Path(folder) / "workers"),
            lambda: named_later(made, base, whole),
        ]
        for proof in proofs:
            right += proof()
    return 0 if all(right) else 1


if __name__ == "__main__":
    sys.exit(main())
