"""Weaviate's state comes first in every output."""

from __future__ import annotations

import json

import jsonschema
import pytest
from msgspec.structs import replace

from readiness_kit.assessment import assess
from readiness_kit.checklist import load_checklist
from readiness_kit.labels import NOT_RUNNING
from readiness_kit.model import Level, RunningState, Settings
from readiness_kit.report.content import Content
from readiness_kit.report.exports.schema import schema
from readiness_kit.report.exports.terminal import as_text
from tests.report import sample
from tests.report.sample import words, written

DOWN = RunningState(("0 of 3 pods are ready.",), ("weaviate-0: it was evicted <b>from</b> its node.",))
NOTES = RunningState((), ("weaviate-1: it was replaced on 20 November 2026.",))


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
    assert html.index(f"✗ {NOT_RUNNING}") < html.index("0 of 3 pods are ready.") < html.index("rk-result")
    assert "evicted &lt;b&gt;" in html and 'role="alert"' in html
    assert 'role="alert"' not in sample.page(assessment=whole(NOTES).assessment).cover().html
    assert NOT_RUNNING not in words(sample.page().cover())


@pytest.mark.parametrize(("running", "down"), [(DOWN, True), (NOTES, False), (None, False)])
def test_only_what_blocks_makes_the_level_not_ready(running: RunningState | None, down: bool) -> None:
    questions = load_checklist().questions
    found = assess(questions, {}, {}, (), Settings(), running=running)
    assert (found.level is Level.NOT_READY) is down
    assert found.level_why.startswith(f"{NOT_RUNNING}.") is down and found.running == running
