"""A Hub that does not answer is noticed quickly, and what must not ask it does not."""

from __future__ import annotations

import subprocess
import sys

import pytest

from train.config.load import DatasetKeys
from train.data.documents import read_documents

QUESTION = "from train.models import hub; hub.HUB_PATIENCE = 2.0; print(hub.hub_answers())"


def answer(**environment: str) -> tuple[str, float]:
    """What a fresh process finds (the libraries read the environment once), and the seconds that the question took."""
    program = f"import time; started = time.monotonic(); {QUESTION}; print(time.monotonic() - started)"
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PATH": "", **environment}, capture_output=True, text=True, check=True
    )
    found, seconds = done.stdout.split()
    return found, float(seconds)


def test_a_hub_that_is_not_there_is_no_answer() -> None:
    assert answer(HF_ENDPOINT="http://127.0.0.1:9")[0] == "False"


def test_a_hub_that_says_nothing_is_waited_for_no_longer_than_its_patience() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        found, seconds = answer(HF_ENDPOINT=f"http://127.0.0.1:{server.getsockname()[1]}")
    assert found == "False"
    # The loading of the libraries is in it.
    assert 1 <= seconds < 30


def test_offline_means_not_asked() -> None:
    found, _ = answer(HF_HUB_OFFLINE="1", HF_ENDPOINT="http://127.0.0.1:9")
    assert found == "False"


def test_a_hub_that_answers_is_found() -> None:
    import http.server
    import threading

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found, _ = answer(HF_ENDPOINT=f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
    assert found == "True"


def test_a_data_set_of_the_hub_is_read_by_its_field_split_and_revision(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Hub itself cannot be had in a test; what is asked of `datasets`, and what becomes of its rows, can."""
    import datasets

    asked: list[object] = []

    def load(*names: object, **values: object) -> datasets.Dataset:
        asked.extend([*names, values])
        return datasets.Dataset.from_dict({"corpo": ["um texto", "outro texto"], "id": ["a", "b"]})

    monkeypatch.setattr(datasets, "load_dataset", load)
    monkeypatch.setattr("train.data.hub_dataset.offline_unless_hub_answers", lambda: True)
    entry = DatasetKeys(path="org/dados", name="pt", split="train[:2]", revision="v1", field="corpo", weight=2)
    found = read_documents([entry])
    assert [(document.id, document.text, document.repeats) for document in found] == [
        ("a", "um texto", 2),
        ("b", "outro texto", 2),
    ]
    assert asked == ["org/dados", "pt", {"split": "train[:2]", "revision": "v1", "data_files": None}]
