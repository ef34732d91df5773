"""What a harvest has kept: where each record stands, outlet by outlet; and records taken out of it again."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import Path

from aurora_crawl.files import whole_file
from aurora_crawl.harvest.ccnews import own_indexes
from aurora_crawl.harvest.record_index import IndexRow, read_rows, without, write_rows
from aurora_crawl.storage.archive import BrokenRecord, Capture, capture_at, capture_of, is_answer, record_of
from aurora_crawl.storage.members import CHUNK, Member, members

ARCHIVE = "ccnews"
_OWN = ".own.gz"


@dataclass(slots=True, frozen=True)
class KeptRecord:
    """A record's place in a file of a harvest."""

    path: Path
    offset: int
    length: int


def folders(data_dir: Path) -> list[Path]:
    """A folder a month."""
    return sorted(path for path in (data_dir / "harvest" / ARCHIVE).glob("*") if path.is_dir())


def kept_records(data_dir: Path, site_of: Callable[[str], str | None]) -> dict[str, list[KeptRecord]]:
    """The kept records of each site, in the order of their files; `site_of` names the site of an address, or none."""
    found: dict[str, list[KeptRecord]] = defaultdict(list)
    for folder in folders(data_dir):
        for path in own_indexes(folder):
            file = path.with_name(path.name.removesuffix(_OWN) + ".warc.gz")
            for row in read_rows(path):
                if (site := site_of(row.url)) is not None:
                    found[site].append(KeptRecord(file, row.offset, row.length))
    return found


def captures_at(records: Iterable[KeptRecord], lost: Callable[[KeptRecord], None]) -> Iterator[Capture]:
    """The answers in some records; those that are damaged are told to `lost`."""
    for one in records:
        try:
            with one.path.open("rb") as file:
                file.seek(one.offset)
                capture = capture_at(file.read(one.length))
        except (BrokenRecord, OSError):
            lost(one)
            continue
        if capture is not None:
            yield replace(capture, archive=ARCHIVE)


def redact_harvests(
    data_dir: Path,
    is_of_site: Callable[[str], bool],
    judge: Callable[[Capture], Capture | None],
    is_out: Callable[[str], bool],
) -> int:
    """Take answers out of all harvests, and addresses out of their indexes; how many answers went or lost a part.

    Only records of addresses for which `is_of_site` holds are looked at. Files take each other's place in one step; an index is written again
    after its file, and by the same call once more where a process died between the two.
    """
    changed = 0
    for folder in folders(data_dir):
        for path in own_indexes(folder):
            if any(is_of_site(row.url) for row in read_rows(path)):
                changed += _redacted(path, is_of_site, judge)
        for path in sorted(folder.glob("*.index.gz")):
            without(path, lambda url: is_of_site(url) and is_out(url))
    return changed


def _redacted(index: Path, is_of_site: Callable[[str], bool], judge: Callable[[Capture], Capture | None]) -> int:
    file = index.with_name(index.name.removesuffix(_OWN) + ".warc.gz")
    changed, rows, place = 0, list[IndexRow](), 0
    with whole_file(file) as out, file.open("rb") as source:
        for member in members(iter(partial(source.read, CHUNK), b""), lambda head: True, lambda damage: None):
            packed: bytes | None = member.packed
            if is_of_site(member.head.url) and is_answer(member.head):
                packed = _judged(member, judge)
                changed += packed is not member.packed
            if packed is not None:
                out.write(packed)
                rows.append(IndexRow(place, len(packed), member.head.date, member.head.url))
                place += len(packed)
    write_rows(index, rows)
    return changed


def _judged(member: Member, judge: Callable[[Capture], Capture | None]) -> bytes | None:
    """A record as it stays; None where it goes. One that cannot be read goes: what is in it cannot be told."""
    try:
        capture = capture_of(member)
    except BrokenRecord:
        return None
    if capture is None:
        return None
    stays = judge(capture)
    if stays is None or stays is capture:
        return member.packed if stays is capture else None
    plain = BytesIO()
    record_of(stays).write(plain, checksum_data=True)
    return zlib.compress(plain.getvalue(), 6, 31)
