"""The contradictions: answer and evidence next to each other."""

from __future__ import annotations

import msgspec

from tests.report import sample
from tests.report.sample import words


def test_contradictions_put_both_sides_next_to_each_other() -> None:
    shown = words(sample.page().contradictions())
    assert "Your answer Yes Spread over three zones since the move in spring." in shown
    assert "Evidence from the cluster Not met Two of three pods run in zone eu-central-1a" in shown
    assert "Pod vectors/weaviate-1" not in shown  # the facts are with the question


def test_no_contradiction_differs_from_nothing_to_compare() -> None:
    none = msgspec.structs.replace(sample.assessment(), contradictions=())
    assert "No answer contradicts the evidence" in words(sample.page(assessment=none).contradictions())
    assert "Nothing to compare yet" in words(sample.empty_page().contradictions())
