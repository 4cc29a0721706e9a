"""Every form of the report gives the same reason for a verdict: each answer with each outcome, waived ones too."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from itertools import product
from xml.etree import ElementTree

import pytest

from readiness_kit.assessment import assess
from readiness_kit.checklist import load_checklist
from readiness_kit.model import (
    Answer,
    Assessment,
    Choice,
    Finding,
    Outcome,
    Profile,
    Reason,
    Settings,
    State,
    Verdict,
    Waiver,
)
from readiness_kit.report.content import Content, content
from readiness_kit.report.exports.markdown_report import safe
from readiness_kit.report.exports.terminal import as_text
from readiness_kit.report.reasons import NOTHING, reason
from readiness_kit.report.rendering.page import ReportPage
from tests.report import sample

ON = date(2026, 11, 20)


@pytest.fixture(scope="module")
def judged() -> Assessment:
    """Every answer, and none, with every outcome, and none; each second gap is covered by a waiver."""
    questions = [row for row in load_checklist(profile=Profile.EXTENDED).questions if row.parent is None]
    cells = list(product((None, *Choice), (None, *Outcome)))
    assert len(questions) >= len(cells)
    answers, findings = {}, {}
    for question, (choice, outcome) in zip(questions, cells, strict=False):
        if choice is not None:
            why = "It is not used here." if choice is Choice.NOT_APPLICABLE else ""
            answers[question.id] = Answer(question.id, choice, reason=why)
        if outcome is not None:
            unknown = Reason.NOT_OBSERVABLE if outcome is Outcome.UNKNOWN else None
            sentence = f"Seen on {question.number}: <{outcome.value}> & more."
            findings[question.id] = Finding(question.id, outcome, sentence, reason=unknown)
    waivers = [Waiver(row.id, "Accepted", "Ann", "Bob", date(2027, 1, 1)) for row in questions[::2]]
    settings = Settings(profile=Profile.EXTENDED)
    return assess(questions, findings, answers, waivers, settings, sample.AT)


@pytest.fixture(scope="module")
def whole(judged: Assessment) -> Content:
    return content(judged, Settings(profile=Profile.EXTENDED))


def test_every_state_occurs_and_has_a_reason(judged: Assessment) -> None:
    assert {row.state for row in judged.verdicts} == set(State)
    assert all(reason(row).strip() for row in judged.verdicts)


def test_the_html_has_the_reason_of_each_verdict(judged: Assessment, whole: Content) -> None:
    shown = sample.words(ReportPage.of(whole).sections())
    assert [row.question.id for row in judged.verdicts if reason(row) not in shown] == []


def test_markdown_and_json_have_it(judged: Assessment, whole: Content) -> None:
    text = sample.written("markdown", whole)
    items = {item["id"]: item["reason"] for item in json.loads(sample.written("json", whole))["questions"]}
    for row in judged.verdicts:
        assert safe(reason(row)) in text and items[row.question.id] == reason(row)


def test_junit_has_it(judged: Assessment, whole: Content) -> None:
    root = ElementTree.fromstring(sample.written("junit", whole))
    cases = {case.get("name"): "".join(case.itertext()) for case in root.iter("testcase")}
    for row in judged.verdicts:
        assert f"Reason: {reason(row)}" in cases[f"{row.question.number} {row.question.id}"]


def test_sarif_has_it_for_each_problem_and_each_open_question(judged: Assessment, whole: Content) -> None:
    run = json.loads(sample.written("sarif", whole))["runs"][0]
    assert run["tool"]["driver"]["informationUri"].startswith("https://")
    messages = {result["ruleId"]: result["message"]["text"] for result in run["results"]}
    passed = (State.VERIFIED, State.ATTESTED, State.NOT_APPLICABLE)
    for row in judged.verdicts:
        if row.state not in passed:
            assert reason(row) in messages["readiness.open" if row.state is State.OPEN else row.question.id]


def test_the_action_plan_as_csv_has_it(judged: Assessment, whole: Content) -> None:
    rows = list(csv.DictReader(io.StringIO(sample.written("csv", whole).lstrip("\ufeff"))))
    described = "\n".join(row["Description"] for row in rows)
    assert judged.actions
    for row in judged.actions:
        assert reason(row) in described


def test_the_terminal_has_it_for_each_gap(judged: Assessment) -> None:
    shown = as_text(judged)
    assert all(reason(row) in shown for row in judged.verdicts if row.state in (State.GAP, State.CONTRADICTED))


def test_an_answer_that_decides_is_the_reason_whatever_the_evidence() -> None:
    def of(choice: Choice | None, outcome: Outcome | None) -> str:
        question = sample.assessment().verdicts[0].question
        finding = Finding(question.id, outcome, "Three zones.") if outcome else None
        answer = Answer(question.id, choice) if choice else None
        state = State.GAP if choice else State.OPEN
        return reason(Verdict(question, state, 0, True, True, True, question.severity, answer, finding))

    assert of(Choice.NO, Outcome.MET) == "Answered “no”. Three zones."
    assert of(Choice.NO, Outcome.NOT_MET) == "Three zones."
    assert of(None, None) == NOTHING
