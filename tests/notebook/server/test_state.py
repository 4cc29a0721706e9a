"""The state of an assessment for the side panel."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.demo import install
from readiness_kit.errors import UnreadableFileError
from readiness_kit.model import Answer, Choice
from readiness_kit.notebook.launcher import copy_notebooks
from readiness_kit.notebook.server.state import Panels
from readiness_kit.workspace.folder import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    home = install(tmp_path / "demo").create()
    copy_notebooks(home)
    return home


def state(panels: Panels, folder: Folder, root: Path) -> dict[str, Any]:
    return json.loads(panels.state(folder, root)[1])  # type: ignore[no-any-return]


def question(shown: dict[str, Any], number: str) -> dict[str, Any]:
    return next(q for section in shown["sections"] for q in section["questions"] if q["number"] == number)


def test_demonstration_is_shown_with_score_progress_and_next_question(folder: Folder) -> None:
    shown = state(Panels(), folder, folder.path)
    assert shown["customer"] == "Fjord Outfitters" and shown["cluster"].endswith("Weaviate 1.38.2")
    assert (shown["answered"], shown["applicable"]) == (31, 34)
    assert shown["level"] == {"word": "Not ready", "state": "gap"}
    assert shown["score"]["proven"].endswith(" %") and shown["notebooks"] == "notebooks"
    assert [len(section["questions"]) for section in shown["sections"]] == [13, 8, 8, 5]
    assert shown["next"] == next(
        q["id"] for section in shown["sections"] for q in section["questions"] if not q["answered"]
    )
    tls = question(shown, "Q22")
    assert tls["state"] == "contradicted" and tls["address"] == "03_security.ipynb#cell-id=ask-sec-tls"


def test_state_follows_the_folder_whatever_changed_it(folder: Folder) -> None:
    panels = Panels()
    mark, _ = panels.state(folder, folder.path)
    assert panels.state(folder, folder.path)[0] == mark, "nothing changed"
    other = Folder(folder.path)
    other.answers.put(Answer("sec.tls", Choice.NO, owner="Platform team"))
    other.write_state(parked=["ha.multi_az"])
    other.write_settings(customer="Harbour Bank")
    changed, _ = panels.state(folder, folder.path)
    shown = state(panels, folder, folder.path)
    assert changed != mark and shown["customer"] == "Harbour Bank"
    assert question(shown, "Q22")["state"] == "gap" and question(shown, "Q22")["owner"] == "Platform team"
    assert question(shown, "Q1")["parked"]


def test_parked_questions_come_last(folder: Folder) -> None:
    shown = state(Panels(), folder, folder.path)
    waiting = [q["id"] for section in shown["sections"] for q in section["questions"] if not q["answered"]]
    folder.write_state(parked=[waiting[0]])
    assert state(Panels(), folder, folder.path)["next"] == waiting[1]


def test_notes_and_evidence_are_not_part_of_the_state(folder: Folder) -> None:
    folder.answers.put(Answer("sec.tls", Choice.YES, note="the mesh encrypts", link="https://wiki.example/tls"))
    text = Panels().state(folder, folder.path)[1]
    assert "the mesh encrypts" not in text and "wiki.example" not in text


def test_modules_beside_the_notebooks_prevent_a_run_on_open(folder: Folder) -> None:
    assert state(Panels(), folder, folder.path)["run_on_open"]
    (folder.notebooks / "readiness_kit.py").write_text("", "utf-8")
    assert not state(Panels(), folder, folder.path)["run_on_open"]


def test_folder_without_evidence_has_no_score(tmp_path: Path) -> None:
    empty = Folder(tmp_path / "new").create()
    shown = state(Panels(), empty, tmp_path)
    assert shown["score"] is None and not shown["collected"] and shown["notebooks"] == "" and not shown["run_on_open"]


def test_unreadable_answers_are_named(folder: Folder) -> None:
    folder.answers.path.write_text("{", "utf-8")
    with pytest.raises(UnreadableFileError, match=r"answers\.json"):
        Panels().state(folder, folder.path)
