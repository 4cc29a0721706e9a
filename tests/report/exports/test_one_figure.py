"""One number from one place: the demonstration's JSON and its remedies have no two figures for one quantity."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.demo import install
from readiness_kit.facts.analysis.advice import advice
from readiness_kit.facts.analysis.sizing import recommended
from readiness_kit.facts.analysis.what_if import CURRENT, Scenario, outcome, situation
from readiness_kit.report import content
from readiness_kit.report.content import Content
from readiness_kit.report.exports.json_report import to_json
from readiness_kit.workspace.session import Session


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Content:
    folder: Path = tmp_path_factory.mktemp("demonstration")
    return content.of_session(Session(install(folder)))


@pytest.fixture(scope="module")
def facts(demonstration: Content) -> list[dict[str, Any]]:
    """All lines of all findings in the JSON report."""
    body = json.loads(to_json(demonstration))
    findings = [question["finding"] for question in body["questions"] if question["finding"]]
    return [fact for finding in findings for fact in finding.get("facts", [])]


def test_a_field_of_an_object_has_one_value_in_all_questions(facts: list[dict[str, Any]]) -> None:
    values: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for fact in facts:
        ref = fact["ref"]
        # A rule that is expected over zones is another quantity than one over nodes.
        key = (ref["kind"], ref.get("namespace", ""), ref["name"], fact["field"], fact.get("expected", ""))
        values[key].add(fact["seen"])
    assert {key: sorted(seen) for key, seen in values.items() if len(seen) > 1} == {}


def test_oom_kills_are_counted_once(facts: list[dict[str, Any]]) -> None:
    reported = {
        fact["ref"]["name"] for fact in facts if fact["seen"].startswith("OOMKilled") and fact.get("ok") is False
    }
    counted = {fact["seen"] for fact in facts if "OOM kills" in fact["field"]}
    assert reported and counted == {str(len(reported))}


def codes(whole: Content) -> list[str]:
    """The snippets of all remedies, filled with the figures of this cluster."""
    questions = [verdict.question for verdict in whole.assessment.verdicts]
    return [snippet.code for question in questions for snippet in question.remedy.snippets]


def test_one_amount_of_memory_is_recommended(demonstration: Content) -> None:
    made = demonstration.facts
    assert made is not None
    amount = recommended(made)
    texts = [
        snippet.code for verdict in demonstration.assessment.verdicts for snippet in verdict.question.remedy.snippets
    ]
    texts += [item.helm for item in advice(made)]
    named = {int(found) for text in texts for found in re.findall(r"memory: (\d+)Gi", text)}
    change = outcome(situation(made), Scenario(CURRENT)).change
    named |= {int(found) for found in re.findall(r"memory limit to about (\d+) GiB", change)}
    assert named == {amount}


def test_every_gomemlimit_that_is_recommended_fits_that_memory(demonstration: Content) -> None:
    assert demonstration.facts is not None
    codes = [
        snippet.code for verdict in demonstration.assessment.verdicts for snippet in verdict.question.remedy.snippets
    ]
    limits = {int(found) for code in codes for found in re.findall(r"GOMEMLIMIT: (\d+)GiB", code)}
    assert len(limits) == 1 and 0.8 <= limits.pop() / recommended(demonstration.facts) <= 0.9
