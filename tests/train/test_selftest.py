"""The proof on a machine: a table, a file, and failures that are seen as such."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from train import proofs
from train.models.device import FLASH
from train.rehearsal import isolation
from train.selftest import UNPROVEN, Proof, main, prove, table


def test_packing_is_proven_where_it_can_be_and_the_rest_is_called_unproven(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "relato.json"
    assert main(["--only", "packed documents apart", "--output", str(report)]) == 0
    found = {each["name"]: each["verdict"] for each in json.loads(report.read_text())["proofs"]}
    assert found["packed documents apart, sdpa, float32"] == "ok"
    if not torch.cuda.is_available():
        assert all(found[f"packed documents apart, {name}, bfloat16"] == UNPROVEN for name in FLASH)
        assert UNPROVEN in capsys.readouterr().out


def test_documents_that_see_each_other_fail_the_proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = proofs.make_model(tmp_path / "base")
    right = isolation.collate

    def leaking(*arguments: object, **named: object) -> object:
        batch = right(*arguments, **named)  # type: ignore[arg-type]
        batch["position_ids"] = torch.arange(batch["input_ids"].shape[1]).expand_as(batch["input_ids"])
        return batch

    monkeypatch.setattr(isolation, "collate", leaking)
    found = prove("isolation", dict(proofs.proofs(tmp_path))["packed documents apart, eager, float32"])
    assert base.is_dir()
    assert found.verdict == "FAILED"
    assert "other documents change" in found.seen


def test_a_proof_that_raises_is_a_line_and_fails_the_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise ZeroDivisionError("nothing\nworks")

    monkeypatch.setattr(proofs, "proofs", lambda folder: [("broken", broken), ("absent", lambda: None)])
    assert main(["--output", str(tmp_path / "relato.json")]) == 1
    shown = table([prove("broken", broken), Proof("absent", UNPROVEN, "", 0.0)])
    assert "ZeroDivisionError: nothing works" in shown
    assert shown.splitlines()[1].split("  ")[1].strip() == UNPROVEN
