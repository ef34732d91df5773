"""Rows of wanted hosts out of a data set in Parquet: only theirs are read, with their provenance, and never twice."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aurora_crawl.corpus.hub import HubError
from aurora_crawl.corpus.hub_rows import Taken, files_in, host_in, rows_of, take
from aurora_crawl.storage.shards import read_shard
from aurora_crawl.storage.verify import verify_site
from aurora_crawl.text.clean import Rules

TEXT = "A ponte velha reabre\nA prefeitura anunciou ontem que a ponte velha será reformada até o fim do ano.\nOs moradores pediram mais ônibus {n}."


def data_set(folder: Path) -> Path:
    folder.mkdir()
    rows = [
        {
            "text": TEXT.format(n=n),
            "url": f"https://{'www.' if n % 2 else ''}{host}/materia-{n}/?utm_source=x",
            "date": "2021-05-08T03:56:27Z",
            "dump": "CC-MAIN-2021-21",
        }
        for n in range(40)
        for host in (
            ["jornal.com.br"] if n in (3, 4, 35) else ["loja.com.br", "blog.jornal.com.br"] if n == 6 else ["outro.com"]
        )
    ]
    rows.append({"text": "x", "url": "http://[x", "date": None, "dump": None})
    pq.write_table(pa.Table.from_pylist(rows), folder / "000.parquet", row_group_size=10)
    return folder


def test_only_wanted_rows_are_stored_with_where_they_come_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = data_set(tmp_path / "set")
    read: list[tuple[int, tuple[str, ...]]] = []
    real: Callable[..., pa.Table] = pq.ParquetFile.read_row_group
    monkeypatch.setattr(
        pq.ParquetFile,
        "read_row_group",
        lambda self, n, columns: read.append((n, tuple(columns))) or real(self, n, columns=columns),
    )
    for expected in (4, 0):
        taken = Taken()
        for file in files_in(str(folder)):
            take(
                rows_of(file, {"jornal.com.br"}, lambda rows: None),
                tmp_path / "data",
                host_in,
                lambda site: Rules(),
                taken,
            )
        assert taken.stored == expected
    texts = [n for n, columns in read if "text" in columns]
    assert texts == [0, 3, 0, 3]
    stored = [row for path in (tmp_path / "data").rglob("*.jsonl.gz") for row in read_shard(path)]
    assert {row["site"] for row in stored} == {"jornal.com.br", "blog.jornal.com.br"}
    assert {row["title"] for row in stored} == {"A ponte velha reabre"}
    assert stored[0]["capture"]["archive"].endswith("000.parquet CC-MAIN-2021-21")
    assert stored[0]["capture"]["moment"] == "2021-05-08T03:56:27Z"
    assert verify_site(tmp_path / "data", "jornal.com.br").problems == []


def test_what_is_no_data_set_is_said(tmp_path: Path) -> None:
    with pytest.raises(HubError, match="no folder"):
        files_in("nothing-of-the-kind")
    pq.write_table(pa.table({"a": [1]}), tmp_path / "x.parquet")
    with pytest.raises(HubError, match="url and text"):
        list(rows_of(str(tmp_path / "x.parquet"), {"a.com"}, lambda rows: None))
    (tmp_path / "y.parquet").write_bytes(b"no parquet")
    with pytest.raises(HubError, match="cannot be read"):
        list(rows_of(str(tmp_path / "y.parquet"), {"a.com"}, lambda rows: None))
