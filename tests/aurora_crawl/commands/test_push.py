"""`scrapy corpus --push`: what arrives at a server that answers as the Hub does, and what is said where none does."""

import base64
import json
import os
import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import processes
import pytest

ROOT = Path(__file__).resolve().parents[3]
TOKEN = "hf_of_a_test"  # noqa: S105 - opens nothing


class Hub(ThreadingHTTPServer):
    """As much of the Hub as an upload asks for: repositories, the way of each file, and commits."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        self.commit = f"{self.address}/datasets/nos/imprensa/commit/{'1' * 40}"
        self.repositories: dict[str, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {"train-00007.jsonl.gz": b"of an older corpus"}


class Answer(BaseHTTPRequestHandler):
    server: Hub

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            self._answer(401, {"error": "Invalid username or password."})
        elif self.path == "/api/repos/create":
            asked = json.loads(body)
            self.server.repositories[f"{asked.get('organization') or 'nos'}/{asked['name']}"] = asked
            self._answer(200, {"url": f"{self.server.address}/datasets/nos/{asked['name']}"})
        elif self.path.endswith("/validate-yaml"):
            assert json.loads(body)["content"].startswith("---\nlanguage:")
            self._answer(200, {"errors": [], "warnings": []})
        elif self.path.endswith("/preupload/main"):
            files = [
                {"path": one["path"], "uploadMode": "regular", "shouldIgnore": False}
                for one in json.loads(body)["files"]
            ]
            self._answer(200, {"files": files})
        elif self.path.endswith("/commit/main"):
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "file":
                    self.server.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
                elif line["key"] == "deletedFile":
                    del self.server.files[line["value"]["path"]]
            self._answer(200, {"commitUrl": self.server.commit, "commitOid": "1" * 40, "hookOutput": ""})
        else:
            self._answer(404, {})

    def do_GET(self) -> None:
        if self.path.endswith("/auth-check/write"):
            is_known = self.headers["Authorization"] == f"Bearer {TOKEN}"
            self._answer(200 if is_known and "/nos/" in self.path else 403 if is_known else 401, {"error": "no"})
        elif "/tree/" in self.path:
            rows = [
                {"type": "file", "path": path, "size": len(data), "oid": "0" * 40}
                for path, data in self.server.files.items()
            ]
            self._answer(200, rows)
        else:
            self._answer(200, {"id": "nos/imprensa", "sha": "0" * 40, "siblings": [], "private": True})

    def _answer(self, status: int, content: object) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[Hub]:
    server = Hub()
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def push(data: Path, repo: str, endpoint: str, token: str = TOKEN) -> subprocess.CompletedProcess[str]:
    command = [*processes.SCRAPY, "corpus", "-s", f"DATA_DIR={data}", "--tokenizer", "none", "--jobs", "1"]
    environment = os.environ | {"HF_ENDPOINT": endpoint, "HF_TOKEN": token, "HF_HOME": str(data / "hub")}
    return processes.run(
        [*command, "--push", repo],
        cwd=ROOT,
        env=environment | {"HF_HUB_DISABLE_PROGRESS_BARS": "1"},
    )


@pytest.fixture
def data(shards: Any, invent: Callable[[int, int], str]) -> Path:
    for number in range(20):
        shards.add("mst", invent(120, number))
    folder: Path = shards.write()
    return folder


def test_the_whole_corpus_arrives_private_and_takes_the_place_of_the_old_one(data: Path, hub: Hub) -> None:
    done = push(data, "nos/imprensa", hub.address)
    assert done.returncode == 0, done.stderr
    assert hub.repositories["nos/imprensa"]["type"] == "dataset"
    assert (
        hub.repositories["nos/imprensa"].get("private") or hub.repositories["nos/imprensa"]["visibility"] == "private"
    )
    assert hub.files == {path.name: path.read_bytes() for path in (data / "corpus").iterdir()}
    assert f"sent to {hub.commit}" in done.stdout


@pytest.mark.parametrize(
    ("repo", "token", "said"),
    [
        ("nos/im prensa!", TOKEN, "not the name of a data set; write OWNER/NAME"),
        ("nos/imprensa", "hf_of_nobody", "the Hub does not know you"),
        ("outros/imprensa", TOKEN, "your token may not write there"),
    ],
)
def test_what_the_hub_will_not_take_is_said_before_anything_is_built(
    data: Path, hub: Hub, repo: str, token: str, said: str
) -> None:
    done = push(data, repo, hub.address, token)
    assert done.returncode == 1
    assert re.fullmatch(rf"scrapy corpus: --push {re.escape(repo)}: {said}.*\n", done.stderr)
    assert not (data / "corpus").exists()


def test_without_a_network_it_is_one_line(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        done = push(data, "nos/imprensa", f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert done.returncode == 1
    assert re.fullmatch(r"scrapy corpus: --push nos/imprensa: the Hub cannot be reached.*\n", done.stderr), done.stderr
    assert not (data / "corpus").exists()
