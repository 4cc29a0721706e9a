"""Weaviate's state comes first in every output."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from msgspec.structs import replace

from readiness_kit.assessment import assess
from readiness_kit.checklist import load_checklist
from readiness_kit.cli.commands.assess import gate
from readiness_kit.fleet.page import Fleet, _member, to_html
from readiness_kit.labels import NOT_KNOWN_TO_RUN, NOT_RUNNING, RUNNING_ID
from readiness_kit.model import Level, Reason, RunningState, Settings, Severity
from readiness_kit.notebook.views.scope import running_html
from readiness_kit.report.content import Content
from readiness_kit.report.exports.schema import schema
from readiness_kit.report.exports.terminal import as_text
from tests.report import sample
from tests.report.sample import words, written

DOWN = RunningState(("0 of 3 pods are ready.",), ("weaviate-0: it was evicted <b>from</b> its node.",))
NOTES = RunningState((), ("weaviate-1: it was replaced on 20 November 2026.",))
UNREAD = RunningState((), ("The pods could not be read in full.",), (), Reason.FORBIDDEN)


def whole(running: RunningState | None) -> Content:
    made = sample.whole()
    return replace(made, assessment=replace(made.assessment, running=running))


def test_the_text_begins_with_it() -> None:
    lines = as_text(whole(DOWN).assessment).splitlines()
    assert lines[:3] == [NOT_RUNNING, "  0 of 3 pods are ready.", "  weaviate-0: it was evicted <b>from</b> its node."]
    assert as_text(whole(NOTES).assessment).splitlines()[0] == "Weaviate's pods, for information"
    assert not as_text(whole(RunningState()).assessment).startswith("Weaviate")


def test_markdown_shows_it_before_the_score() -> None:
    text = written("markdown", whole(DOWN))
    assert text.index(f"**{NOT_RUNNING}.**") < text.index("0 of 3 pods are ready") < text.index("Score: ")
    assert "<b>" not in text


def test_json_holds_its_sentences_and_keeps_the_schema() -> None:
    body = json.loads(written("json", whole(DOWN)))
    assert body["running"]["blocking"] == ["0 of 3 pods are ready."]
    jsonschema.validate(body, schema())


def test_the_cover_of_the_report_shows_it_before_the_level() -> None:
    html = sample.page(assessment=whole(DOWN).assessment).cover().html
    assert html.index(NOT_RUNNING) < html.index("0 of 3 pods are ready.") < html.index("rk-first")
    assert "evicted &lt;b&gt;" in html and 'role="alert"' in html
    assert 'role="alert"' not in sample.page(assessment=whole(NOTES).assessment).cover().html
    assert NOT_RUNNING not in words(sample.page().cover())


@pytest.mark.parametrize(("running", "down"), [(DOWN, True), (NOTES, False), (None, False)])
def test_only_what_blocks_makes_the_level_not_ready(running: RunningState | None, down: bool) -> None:
    questions = load_checklist().questions
    found = assess(questions, {}, {}, (), Settings(), running=running)
    assert (found.level is Level.NOT_READY) is down
    assert found.level_why.startswith(f"{NOT_RUNNING}.") is down and found.running == running


def test_junit_begins_with_a_case_for_it() -> None:
    failed = ElementTree.fromstring(written("junit", whole(DOWN)))
    first = next(failed.iter("testcase"))
    failure = first.find("failure")
    assert first.get("name") == RUNNING_ID and failure is not None and failure.get("message") == NOT_RUNNING
    assert str(failure.text).startswith("0 of 3 pods are ready.")
    skipped = next(ElementTree.fromstring(written("junit", whole(UNREAD))).iter("testcase")).find("skipped")
    assert skipped is not None and skipped.get("message") == NOT_KNOWN_TO_RUN
    for running in (NOTES, RunningState()):
        passed = next(ElementTree.fromstring(written("junit", whole(running))).iter("testcase"))
        assert passed.find("failure") is None and passed.find("skipped") is None


@pytest.mark.parametrize(
    ("running", "level"), [(DOWN, "error"), (UNREAD, "warning"), (NOTES, ""), (RunningState(), ""), (None, "")]
)
def test_sarif_begins_with_a_result_for_it_unless_weaviate_runs(running: RunningState | None, level: str) -> None:
    (run,) = json.loads(written("sarif", whole(running)))["runs"]
    found = [(result["ruleId"], result["level"]) for result in run["results"]]
    assert found[0] == (RUNNING_ID, level) if level else RUNNING_ID not in dict(found)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [rules[result["ruleIndex"]] for result in run["results"]] == [result["ruleId"] for result in run["results"]]


def test_the_action_plan_begins_with_it_unless_weaviate_runs() -> None:
    rows = list(csv.DictReader(io.StringIO(written("csv", whole(DOWN)).lstrip("\ufeff"))))
    assert all(None not in row and None not in row.values() for row in rows), "a row has other columns than the head"
    assert rows[0]["Summary"] == NOT_RUNNING and rows[0]["Priority"] == "Highest" and rows[0]["State"] == "Not ready"
    assert rows[0]["Description"].startswith("0 of 3 pods are ready.\n")
    assert (rows[0]["Section"], rows[0]["Question"], rows[0]["Number"]) == ("Weaviate now", RUNNING_ID, "")
    assert all(None not in row and None not in row.values() for row in rows)
    unread = next(csv.DictReader(io.StringIO(written("csv", whole(UNREAD)).lstrip("\ufeff"))))
    assert unread["Summary"] == NOT_KNOWN_TO_RUN and unread["State"] == "Not enough known"
    assert written("csv", whole(NOTES)) == written("csv", whole(None))


@pytest.mark.parametrize(
    ("running", "title", "level"),
    [(DOWN, NOT_RUNNING, "not_ready"), (UNREAD, NOT_KNOWN_TO_RUN, "not_enough_known")],
)
def test_the_fleet_page_names_the_cluster_before_all_levels(running: RunningState, title: str, level: str) -> None:
    found = Fleet(1, "1", (_member(Path("south"), whole(running)), _member(Path("north"), whole(None))), ())
    html = to_html(found)
    assert html.index(title) < html.index("0 of 3 pods" if running is DOWN else "could not be read")
    assert html.index("0 of 3 pods" if running is DOWN else "could not be read") < html.index('rk-particulars"')
    assert f"rk-now rk-level-{level}" in html and html.count('class="rk-now') == 1


def test_pods_that_were_not_read_are_said_in_every_form() -> None:
    assert as_text(whole(UNREAD).assessment).startswith(NOT_KNOWN_TO_RUN)
    assert f"**{NOT_KNOWN_TO_RUN}.**" in written("markdown", whole(UNREAD))
    html = sample.page(assessment=whole(UNREAD).assessment).cover().html
    assert NOT_KNOWN_TO_RUN in html and "rk-level-not_enough_known" in html
    assert NOT_KNOWN_TO_RUN in running_html(UNREAD)


def test_a_gate_fails_where_weaviate_is_down_and_nothing_else_is_wrong() -> None:
    judged = replace(whole(DOWN).assessment, verdicts=(), advisories=())
    assert gate(judged, Severity.CRITICAL) == (1, f"failed by {NOT_RUNNING}")


LEVELS_BY_STATE = [
    (DOWN, Level.READY, Level.NOT_READY),
    (UNREAD, Level.READY, Level.NOT_ENOUGH_KNOWN),
    (UNREAD, Level.READY_WITH_RISKS, Level.NOT_ENOUGH_KNOWN),
    (UNREAD, Level.NOT_ENOUGH_KNOWN, Level.NOT_ENOUGH_KNOWN),
    (UNREAD, Level.NOT_READY, Level.NOT_READY),
    (replace(DOWN, reason=Reason.FORBIDDEN), Level.READY, Level.NOT_READY),
    (NOTES, Level.READY, Level.READY),
]


@pytest.mark.parametrize(("running", "reached", "expected"), LEVELS_BY_STATE)
def test_the_level_is_bounded_by_the_running_state(
    running: RunningState, reached: Level, expected: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("readiness_kit.assessment.level", lambda *_: (reached, "Why."))
    found = assess(load_checklist().questions, {}, {}, (), Settings(), running=running)
    assert found.level is expected
    assert found.level_why.endswith("Why.") or reached is not expected
