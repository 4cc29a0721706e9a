"""Every export: deterministic, and free of control characters."""

from __future__ import annotations

import re

import pytest

from readiness_kit.report.exports import FORMS
from tests.report import sample
from tests.report.sample import written


@pytest.mark.parametrize("form", FORMS)
def test_the_same_content_gives_the_same_text(form: str) -> None:
    assert written(form) == written(form)


@pytest.mark.parametrize("form", FORMS)
def test_no_form_has_a_control_character_or_a_direction_mark(form: str) -> None:
    text = written(form, sample.hostile_whole())
    assert not re.findall("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\ud800]", text)
    assert "\U0001f600" in text
    text.encode("utf-8")
