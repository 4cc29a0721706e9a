"""Every method of the page, on ordinary and on hostile content."""

from __future__ import annotations

import html5lib

from readiness_kit.model import State
from tests.report import sample


def test_every_fragment_of_a_hostile_assessment_parses_strictly() -> None:
    page = sample.hostile_page()
    for chapter, make in sample.CHAPTERS:
        made = make(page)
        html5lib.HTMLParser(strict=True).parse(f"<!DOCTYPE html><title>t</title>{made.html}")
        assert "&lt;img src=x" in made.html, chapter
        assert "<img" not in made.html, chapter


def test_sample_has_every_state() -> None:
    assert {v.state for v in sample.assessment().verdicts} == set(State)
