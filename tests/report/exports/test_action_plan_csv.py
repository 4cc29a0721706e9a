"""The action plan as CSV, read back by pandas."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pandas as pd
import pytest

from readiness_kit.demo import install
from readiness_kit.model import Severity
from readiness_kit.report.action_plan import action_plan
from readiness_kit.report.content import Content, of_session
from readiness_kit.report.exports import action_plan_csv as csv_form
from readiness_kit.workspace.session import Session
from tests.report import sample
from tests.report.exports.test_sarif import ADVISORY, POSSIBLE, judged
from tests.report.sample import written


def frame(of: Content) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(written("csv", of).encode("utf-8")), dtype=str, keep_default_na=False)


def test_pandas_reads_the_plan(whole: Content) -> None:
    read = frame(whole)
    assert tuple(read.columns) == csv_form.HEAD
    assert list(read["Question"]) == [verdict.question.id for verdict in whole.assessment.actions]


def test_the_rows_of_the_demonstration_are_the_actions_of_its_plan(tmp_path: Path) -> None:
    of = of_session(Session(install(tmp_path)))
    plan = action_plan(of)
    read = frame(of)
    titles = [f"{action.number} {action.title}" for action in plan.actions if not action.advisories]
    titles += [action.title for action in (*plan.open_decisions, *plan.practices)]
    assert [text for text in read["Summary"] if text in titles] == titles
    first = read[read["Summary"] == "1 Give Sessions three replicas"].iloc[0]
    assert first["Number"].startswith("Q1, Q2") and "Done when: " in first["Description"]
    assert set(read["State"]) <= {"Open", "Applies"} and "Decide first: " in " ".join(read["Description"])


def test_the_plan_has_what_a_tracker_asks_for() -> None:
    row = frame(sample.whole()).iloc[0]
    assert row["Summary"] == "1 Multiple availability zones" and row["Priority"] == "Highest"
    assert row["Assignee"] == "Platform team" and row["Due date"] == "2026-12-15"
    assert "Two of three pods run in zone eu-central-1a" in row["Description"]


@pytest.mark.parametrize(
    "text",
    ["=cmd()", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "＝1", '=HYPERLINK("http://x")'],
)
def test_no_cell_is_a_formula(text: str) -> None:
    assert csv_form.cell(text).startswith("'")


def test_ordinary_cells_stay_as_they_are() -> None:
    assert [csv_form.cell(value) for value in ("Q1 a-b", "a=b", "", 12)] == ["Q1 a-b", "a=b", "", "12"]


def test_a_formula_in_an_owner_or_a_note_is_disarmed() -> None:
    of = sample.whole()
    first = of.assessment.actions[0]
    evil = msgspec.structs.replace(first, answer=msgspec.structs.replace(first.answer, owner='=cmd|" /C calc"!A1'))
    rows = tuple(evil if row.question.id == first.question.id else row for row in of.assessment.verdicts)
    judged = msgspec.structs.replace(of.assessment, verdicts=rows)
    assert frame(msgspec.structs.replace(of, assessment=judged)).iloc[0]["Assignee"] == '\'=cmd|" /C calc"!A1'


def test_spreadsheets_see_utf8_and_crlf() -> None:
    body = written("csv").encode("utf-8")
    assert body.startswith(b"\xef\xbb\xbfSummary,") and body.endswith(b"\r\n")


def test_advisories_that_apply_are_rows_and_critical_ones_come_first() -> None:
    minor = msgspec.structs.replace(ADVISORY, id="X-3", severity=Severity.MEDIUM)
    read = frame(judged(advisories=(minor, ADVISORY, POSSIBLE)))
    names = list(read["Question"])
    assert names[0] == "X-1" and names[-1] == "X-3" and "X-2" not in names
    first = read.iloc[0]
    assert (first["Summary"], first["Priority"], first["State"]) == ("X-1 Data are lost", "Highest", "Applies")
    assert "Upgrade. Nearest release with the fix: 1.38.9." in first["Description"]
