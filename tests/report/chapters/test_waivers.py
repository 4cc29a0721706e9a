"""Accepted risks and the audit of the waivers."""

from __future__ import annotations

from tests.report import sample
from tests.report.sample import words


def test_waivers_list_accepted_risks_and_the_audit() -> None:
    shown = words(sample.page().waivers())
    assert "The namespace runs on nodes of its own. Platform team Security office 31 January 2027" in shown
    assert "The waiver for ha.canary expired on 1 October 2026." in shown
    assert "No risk has been accepted" in words(sample.empty_page().waivers())
