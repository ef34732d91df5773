"""What lies under a folder, for tests that look for what must not be there."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from aurora_crawl.extraction.answer import readable_body
from aurora_crawl.storage.archive import captures


def unpacked(folder: Path) -> bytes:
    """All bytes of all files, unpacked, those of archived answers too, with what JSON escapes written out."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            read = path.read_bytes()
            found.append(gzip.decompress(read) if path.suffix == ".gz" else read)
            if path.name.endswith(".warc.gz"):
                found += [readable_body(capture.headers, capture.body) for capture in captures(path)]
    return re.sub(
        rb"\\u([0-9a-f]{4})", lambda code: chr(int(code[1], 16)).encode("utf-8", "replace"), b"\n".join(found)
    )
