"""A small month of CC-NEWS: invented outlets, a quarter of them Portuguese, of which some do not say so."""

from __future__ import annotations

import gzip
import random
import zlib

from aurora_crawl.demo.warc_files import answer, record
from aurora_crawl.demo.web_archive import WebArchive

PORTUGUESE = [
    "A prefeitura anunciou ontem que a ponte velha será reformada até o fim do ano, disse a secretária.",
    "Os moradores do bairro pediram mais ônibus para as crianças que estudam à noite e não têm transporte.",
    "Segundo a diretora, a escola recebeu novos livros e uma sala de leitura para os alunos mais novos.",
]
ENGLISH = [
    "The council said yesterday that the old bridge will be repaired before the end of the year.",
    "Residents of the district asked for more buses for the children who study in the evening.",
    "According to the head teacher, the school was given new books and a reading room for pupils.",
]


def page(host: int, number: int, lines: list[str], lang: str) -> bytes:
    chance = random.Random(f"{host} {number}")
    text = "".join(f"<p>{' '.join(chance.sample(lines, 3))} {chance.randrange(10**9)}</p>" for _ in range(8))
    title = f"Matéria {host} {number}"
    return (
        f'<html{lang}><head><title>{title}</title><meta property="og:type" content="article">'
        f'<meta property="article:published_time" content="2024-05-01T10:00:00-03:00"></head><body><article><h1>{title}</h1>{text}</article>'
    ).encode()


def url(host: int, number: int) -> str:
    return f"https://jornal{host}.invalid/2024/05/materia-{number}/"


def month(archive: WebArchive, files: int = 3, records: int = 60) -> dict[str, bytes]:
    """Hosts 0 to 2 are Portuguese: one says so, one says English, one nothing; the body of each wanted address."""
    wanted: dict[str, bytes] = {}
    names = []
    for number in range(files):
        name = f"crawl-data/CC-NEWS/2024/05/CC-NEWS-2024050{number + 1}000000-0000{number}.warc.gz"
        names.append(name)
        out = [record("", b"x", kind="warcinfo")]
        for n in range(records):
            host = n % 12
            lang = {0: ' lang="pt-BR"', 1: ' lang="en-US"', 2: ""}.get(host, ' lang="en"')
            body = page(host, number * records + n, PORTUGUESE if host < 3 else ENGLISH, lang)
            out.append(record(url(host, number * records + n), answer(body)))
            if host < 3:
                wanted[url(host, number * records + n)] = body
        archive.files[f"/{name}"] = b"".join(zlib.compress(one, 6, 31) for one in out)
    names.append("crawl-data/CC-NEWS/2024/05/CC-NEWS-20240509000000-00009.warc.gz")
    archive.files["/crawl-data/CC-NEWS/2024/05/warc.paths.gz"] = gzip.compress("\n".join(names).encode())
    return wanted
