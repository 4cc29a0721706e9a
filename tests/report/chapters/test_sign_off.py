"""The sign-off: result and contact."""

from __future__ import annotations

from readiness_kit.model import Settings
from tests.report import sample
from tests.report.sample import words


def test_sign_off_repeats_the_result_and_gives_the_contact() -> None:
    shown = words(sample.page().sign_off())
    assert "Not ready. 29 % proven, up to 79 % possible, at 55 % coverage (as of 20 November 2026)" in shown
    assert "Help Talk to your Weaviate solutions engineer." in shown


def test_a_contact_that_is_an_address_is_a_link() -> None:
    settings = Settings(contact="https://example.com/help")
    html = sample.page(settings=settings).sign_off().html
    assert '<a href="https://example.com/help" rel="noreferrer">https://example.com/help</a>' in html
