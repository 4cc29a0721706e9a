"""The tools found in the cluster."""

from __future__ import annotations

from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import PROVES
from readiness_kit.labels import label
from scripts.demo.make import build
from tests.report import sample
from tests.report.sample import words


def test_each_tool_has_what_it_shows_and_does_not_show() -> None:
    shown = words(sample.page().ecosystem())
    assert "2 tools detected" in shown
    assert "volumes can be backed up that a backup ran, or that it can be restored" in shown
    assert "Karpenter Node scaling API installed APIGroup karpenter.sh: served" in shown
    assert sample.empty_page().ecosystem().html == ""


def test_a_tool_without_a_relation_to_weaviate_shows_nothing_about_weaviate() -> None:
    found = ClusterFacts(build()).detections
    assert {tool.level for tool in found} == {1, 2, 3}
    for tool in found:
        assert (tool.proves == PROVES.get(tool.level)) is (tool.level < 3), tool.tool


def test_the_verdict_stands_beside_the_tool() -> None:
    shown = words(sample.page().ecosystem())
    verdict = next(row for row in sample.assessment().verdicts if row.question.id == "res.data_backed_up")
    assert f"{verdict.question.number} {label(verdict.state).lower()}" in shown
