"""`scrapy reparse --archive`: of several captures the right one counts, in any order of files, and opting out is obeyed."""

import io
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aurora_crawl.addresses import canonical_address
from aurora_crawl.demo.warc_files import record
from aurora_crawl.items import Article, article_id
from aurora_crawl.storage.archive import Capture, record_of
from aurora_crawl.storage.ledger import Ledger
from aurora_crawl.storage.shards import read_shard
from aurora_crawl.storage.store import SiteStore
from aurora_crawl.storage.verify import verify_site

SITE, HOST = "ofaroldovale", "https://ofaroldovale.example"
SENTENCES = [
    "A prefeitura anunciou ontem que a ponte velha será reformada até o fim do ano.",
    "Os moradores do bairro pediram mais ônibus para as crianças que estudam à noite.",
    "Segundo a diretora, a escola recebeu novos livros e uma sala de leitura.",
    "O rio subiu dois metros durante a semana e deixou várias famílias desabrigadas.",
    "A cooperativa de catadores vendeu três toneladas de papel em apenas um mês.",
    "Não havia médicos no posto de saúde quando a reportagem esteve no local.",
    "O sindicato marcou para sexta-feira uma assembleia na praça central da cidade.",
    "As costureiras contam que trabalham dez horas por dia sem carteira assinada.",
    "O campeonato começa no domingo com quatro times e entrada gratuita para todos.",
    "Para o agricultor, a seca deste ano foi a pior das últimas três décadas.",
]
PAYWALL = "Este conteúdo é exclusivo para assinantes do jornal. Assine agora e continue lendo a matéria completa. "
CONSENT = "Nós e os nossos parceiros usamos cookies para melhorar a sua experiência e medir a audiência do portal. " * 4
MISSING = "A notícia que você procura mudou de lugar ou foi apagada por quem a escreveu há muito tempo. " * 3


def prose(seed: str, paragraphs: int = 12) -> list[str]:
    chance = random.Random(seed)
    return [
        " ".join(f"{one[:-1]}, {chance.randrange(10**6)}." for one in chance.sample(SENTENCES, 5))
        for _ in range(paragraphs)
    ]


def page(title: str, paragraphs: list[str], head: str = "") -> bytes:
    text = "".join(f"<p>{one}</p>" for one in paragraphs)
    return (
        f'<html lang="pt-BR"><head><title>{title}</title><meta property="og:type" content="article"><meta charset="utf-8">{head}'
        f'<meta property="og:title" content="{title}"></head><body><article><h1 class="entry-title">{title}</h1>'
        f'<div class="entry-content">{text}</div></article></body></html>'
    ).encode()


@dataclass
class Shot:
    """A capture, by its address and day."""

    path: str
    day: str
    body: bytes = b""
    status: int = 200
    truncated: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    host: str = HOST

    def packed(self) -> bytes:
        kind = (
            "text/plain"
            if self.path.endswith(".txt")
            else "application/json"
            if self.path.endswith(".json")
            else "text/html"
        )
        headers = [("Content-Type", kind), *self.headers]
        date = datetime.fromisoformat(self.day).replace(tzinfo=UTC)
        plain = io.BytesIO()
        record_of(Capture(self.host + self.path, self.status, headers, self.body, date, self.truncated)).write(plain)
        return zlib.compress(plain.getvalue(), 6, 31)


def whole(path: str, day: str, seed: str = "", **fields: Any) -> Shot:
    seed = seed or path
    return Shot(path, day, page(f"Matéria {seed}", prose(seed)), **fields)


def archive(folder: Path, name: str, *shots: Shot, behind: bytes = b"") -> Path:
    path = folder / f"{name}.warc.gz"
    path.write_bytes(b"".join(one.packed() for one in shots) + behind)
    return path


def id_of(path: str) -> str:
    return article_id(canonical_address(HOST + path, HOST))


def stored(data_dir: Path) -> dict[str, dict[str, Any]]:
    found = [row for path in data_dir.glob(f"articles/{SITE}/*.jsonl.gz") for row in read_shard(path)]
    assert len({row["id"] for row in found}) == len(found)
    return {row["id"]: row for row in found}


def reparse(command: Callable[..., Any], data_dir: Path, *paths: Path, last: tuple[str, ...] = ()) -> Any:
    given = [word for path in paths for word in ("--archive", path)]
    done = command(data_dir, "reparse", SITE, "--jobs", "1", *given, last=last)
    assert done.returncode == 0, done.stdout + done.stderr
    assert verify_site(data_dir, SITE).problems == []
    return done


REVISIT = zlib.compress(
    record(f"{HOST}/g8/", b"HTTP/1.1 200 OK\r\n\r\n", kind="revisit", date="2024-06-01T00:00:00Z"), 6, 31
)


@pytest.mark.parametrize("order", ["as it was", "reversed", "shuffled"])
def test_the_twelve_groups_of_captures(order: str, command: Callable[..., Any], tmp_path: Path) -> None:
    short = lambda path, words, title: page(title, [words])  # noqa: E731
    edited = [
        *prose("/g11/")[:11],
        "A versão corrigida traz os números da prefeitura, que respondeu depois da publicação.",
    ]
    shots = [
        whole("/g1/", "2024-01-01"),
        Shot("/g1/", "2024-02-01", page("Matéria /g1/", prose("/g1/")[:5]), truncated=True),
        whole("/g2/", "2024-01-01"),
        Shot("/g2/", "2024-02-01", short("/g2/", MISSING, "Página antiga")),
        whole("/g3/", "2024-01-01"),
        Shot("/g3/", "2024-02-01", page("Matéria /g3/", [prose("/g3/")[0], PAYWALL])),
        Shot(
            "/g4/",
            "2024-05-01",
            page("Matéria /g4/", [*prose("/g4/"), "Atualizada em maio com a resposta da empresa citada."]),
        ),
        whole("/g4/", "2016-01-01"),
        whole("/g5/", "2016-01-01", "/g5/ de 2016"),
        whole("/g6/", "2024-01-01", host="http://ofaroldovale.example"),
        whole("/g6/", "2024-01-02", host="https://www.ofaroldovale.example"),
        whole("/g6/?utm_source=x", "2024-01-03", "/g6/"),
        whole("/antigo/g7.html", "2015-01-01", "/g7/"),
        Shot("/antigo/g7.html", "2020-01-01", status=301, headers=(("Location", f"{HOST}/g7/"),)),
        whole("/g7/", "2021-01-01"),
        whole("/g8/", "2024-01-01"),
        whole("/g9/", "2024-01-01"),
        whole("/g9/copia/", "2024-01-01", "/g9/"),
        *(Shot(f"/g10/{n}/", "2024-01-01", page(f"Portal {n}", [CONSENT])) for n in range(5)),
        whole("/g11/", "2024-01-01"),
        Shot("/g11/", "2024-03-01", page("Matéria /g11/", edited)),
        whole("/g12/", "2020-01-01", "/g12/ do arquivo"),
        Shot("/g13/", "2024-01-01", page("Matéria /g13/", prose("/g13/")[:5]), truncated=True),
    ]
    data = tmp_path / "data"
    store = SiteStore(data, SITE)
    url = f"{HOST}/g12/"
    live = Article(
        id_of("/g12/"), url, SITE, "Matéria /g12/ da API", "\n\n".join(prose("live")), route="rest", words=700
    )
    live.published = live.crawled_at = "2023-01-01T00:00:00+00:00"
    store.ledger.find(live.id, url, "rest")
    store.keep(live)
    store.close()
    reparse(command, data, archive(tmp_path, "first", whole("/g5/", "2024-01-01", "/g5/ de 2024")))
    files = [
        archive(tmp_path, f"{number:03}", one, behind=REVISIT if number % 5 == 0 else b"")
        for number, one in enumerate(shots)
    ]
    if order == "reversed":
        files.reverse()
    elif order == "shuffled":
        random.Random(4).shuffle(files)
    done = reparse(command, data, *files)
    rows = stored(data)
    text = {path: rows[id_of(path)]["text"] for path in [f"/g{n}/" for n in (1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13)]}
    for number in (1, 2, 3, 6, 7, 8):
        assert text[f"/g{number}/"] == "\n\n".join(prose(f"/g{number}/")), number
    assert "Atualizada em maio" in text["/g4/"]
    assert text["/g5/"] == "\n\n".join(prose("/g5/ de 2024"))
    assert text["/g11/"] == "\n\n".join(edited)
    assert text["/g12/"] == live.text
    nines = {id_of("/g9/"), id_of("/g9/copia/")}
    assert len(nines & rows.keys()) == 1
    assert not {id_of(f"/g10/{n}/") for n in range(5)} & rows.keys()
    assert rows[id_of("/g13/")]["capture"]["truncated"] is True
    assert rows[id_of("/g1/")]["capture"] == {
        "archive": "000.warc.gz",
        "moment": "2024-01-01T00:00:00+00:00",
        "truncated": False,
    }
    assert len(rows) == 12
    ledger = Ledger(data / "ledger" / f"{SITE}.sqlite")
    entry = ledger.get(id_of("/antigo/g7.html"))
    ledger.close()
    assert entry is not None
    assert entry.id == id_of("/g7/")
    before = stored(data)
    reparse(command, data, *reversed(files))
    assert stored(data) == before
    assert "articles read again" in done.stdout


NOAI = '<meta name="robots" content="noai">'
TDM = '<meta name="tdm-reservation" content="1">'
BAN = b"User-agent: GPTBot\nDisallow: /reservado/\n\nUser-agent: *\nAllow: /\n"
RULES = b'[{"location": "/mina/*", "tdm-reservation": 1}]'

OPT_OUTS: dict[str, tuple[list[Shot], bool]] = {
    "a header": ([whole("/o/", "2024-01-01", headers=(("X-Robots-Tag", "noai"),))], True),
    "a header of TDMRep": ([whole("/o/", "2024-01-01", headers=(("TDM-Reservation", "1"),))], True),
    "a meta element": ([Shot("/o/", "2024-01-01", page("Matéria", prose("o"), NOAI))], True),
    "a meta element of TDMRep": ([Shot("/o/", "2024-01-01", page("Matéria", prose("o"), TDM))], True),
    "robots.txt": ([whole("/reservado/o/", "2024-01-01"), Shot("/robots.txt", "2023-01-01", BAN)], True),
    "a later robots.txt over earlier captures": (
        [
            whole("/reservado/o/", "2016-01-01"),
            Shot("/robots.txt", "2024-01-01", BAN),
            Shot("/robots.txt", "2015-01-01", b""),
        ],
        True,
    ),
    "tdmrep.json": ([whole("/mina/o/", "2024-01-01"), Shot("/.well-known/tdmrep.json", "2024-02-01", RULES)], True),
    "a later page over an earlier one": (
        [whole("/o/", "2023-01-01"), Shot("/o/", "2024-01-01", page("Matéria /o/", prose("/o/"), NOAI))],
        True,
    ),
    "a later error with a header": (
        [whole("/o/", "2023-01-01"), Shot("/o/", "2024-01-01", b"gone", 410, headers=(("X-Robots-Tag", "noai"),))],
        True,
    ),
    "a wall after an opt-out lifts none": (
        [
            Shot("/o/", "2023-01-01", page("Matéria /o/", prose("/o/"), NOAI)),
            Shot("/o/", "2024-01-01", page("Matéria /o/", [PAYWALL])),
        ],
        True,
    ),
    "of www": (
        [
            whole("/reservado/o/", "2024-01-01"),
            Shot("/robots.txt", "2023-01-01", BAN, host="https://www.ofaroldovale.example"),
        ],
        True,
    ),
    "a ban that was lifted": (
        [
            whole("/reservado/o/", "2024-01-01"),
            Shot("/robots.txt", "2020-01-01", BAN),
            Shot("/robots.txt", "2024-01-01", b"not found", 404),
        ],
        False,
    ),
    "a later page without it": (
        [Shot("/o/", "2023-01-01", page("Matéria /o/", prose("/o/"), NOAI)), whole("/o/", "2024-01-01")],
        False,
    ),
    "a robots.txt that could not be had": (
        [whole("/reservado/o/", "2024-01-01"), Shot("/robots.txt", "2024-01-01", BAN, status=503)],
        False,
    ),
}


@pytest.mark.parametrize("kind", OPT_OUTS)
def test_what_the_publisher_last_said_counts_for_all_captures(
    kind: str, command: Callable[..., Any], tmp_path: Path
) -> None:
    shots, is_out = OPT_OUTS[kind]
    other = whole("/outra/", "2024-01-01")
    for name, order in (("forth", [other, *shots]), ("back", [*reversed(shots), other])):
        data = tmp_path / name
        done = reparse(command, data, archive(tmp_path, name, *order))
        paths = {row["url"].removeprefix(HOST) for row in stored(data).values()}
        assert paths == {"/outra/"} | (set() if is_out else {shots[0].path}), done.stdout
        assert ("1 opted out" in done.stdout) == is_out, done.stdout


def test_a_later_word_takes_out_what_an_earlier_run_stored_and_mark_keeps_it(
    command: Callable[..., Any], tmp_path: Path
) -> None:
    reparse(
        command, tmp_path, archive(tmp_path, "a", whole("/reservado/o/", "2020-01-01"), whole("/outra/", "2020-01-01"))
    )
    assert len(stored(tmp_path)) == 2
    later = archive(tmp_path, "b", Shot("/robots.txt", "2024-01-01", BAN), whole("/nova/", "2024-01-01"))
    both = archive(tmp_path, "c", Shot("/robots.txt", "2024-01-01", BAN), whole("/reservado/o/", "2020-01-01"))
    other = tmp_path / "marked"
    reparse(command, other, both, last=("-s", "OPT_OUT=mark"))
    assert [row["opt_out"] for row in stored(other).values()] == [["robots.txt: GPTBot"]]
    reparse(command, tmp_path, later)
    assert {row["url"] for row in stored(tmp_path).values()} == {f"{HOST}/outra/", f"{HOST}/nova/"}


def test_damage_in_an_archive_is_said_with_its_place_and_costs_one_record(
    command: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "x.warc.gz"
    packed = [whole(f"/{n}/", "2024-01-01").packed() for n in range(6)]
    data = bytearray(b"".join(packed))
    begin = len(packed[0]) + len(packed[1])
    data[begin + 600 : begin + 620] = bytes(20)
    path.write_bytes(data)
    done = command(tmp_path, "reparse", SITE, "--jobs", "1", "--archive", path)
    assert done.returncode == 1
    assert len(stored(tmp_path)) == 5
    assert f"{path}: damaged at byte {begin} " in done.stderr
