"""`readiness explain`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.commands import run


@pytest.mark.parametrize("name", ["Q15", "q15", "res.memory_sized"])
def test_question_with_verdict_facts_reason_and_remedy(demo_folder: Path, name: str) -> None:
    text = run("explain", name).stdout
    assert text.startswith("Q15 Memory sizing  [critical]\n")
    for part in ("✗ Gap", "You answered partly", "What the cluster shows", "Why it matters", "What to do", "To undo"):
        assert f"{part}" in text
    assert "  ✗ Pod search/weaviate-1: lastState.terminated = OOMKilled" in text


def test_question_without_an_assessment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = run("explain", "Q15").stdout
    assert "What is read" in text and "What the cluster shows" not in text
    assert run("explain", "Q15", "-d", tmp_path).exit_code == 3  # a folder that was named must exist


def test_extended_question_in_an_assessment_of_the_core_profile(demo_folder: Path) -> None:
    assert run("explain", "tenant.offload").exit_code == 0


def test_as_json(demo_folder: Path) -> None:
    body = json.loads(run("explain", "Q28", "-o", "json").stdout)
    assert (body["id"], body["state"], body["outcome"]) == ("sec.secrets", "contradicted", "not_met")
    assert any(fact["ok"] is False for fact in body["facts"])
