"""Welcome, agenda, progress and parked questions."""

from __future__ import annotations

import pytest

from readiness_kit.errors import UsageError
from readiness_kit.notebook.kit import Kit
from readiness_kit.workspace.folder import Folder


def test_progress_counts_answered_and_open_questions(kit: Kit) -> None:
    text = repr(kit.progress("security"))
    assert text.startswith("Security: 8 of 8 answered, 0 open, ⚠ ")
    kit.answer("sec.rbac", None)
    assert "7 of 8 answered" in repr(kit.progress("security"))


def test_welcome_links_to_the_last_answer_and_the_first_unanswered_question(kit: Kit) -> None:
    assert "01_high_availability.ipynb#cell-id=ask-ha-dev-test-env" in kit.welcome()._repr_html_()
    kit.answer("sec.rbac", "no")
    text = Kit(Folder(kit.folder.path)).welcome()._repr_html_()
    assert "03_security.ipynb#cell-id=ask-sec-rbac" in text and "first unanswered question" in text


def test_agenda_starts_at_the_given_time(kit: Kit) -> None:
    html = kit.agenda("09:30")._repr_html_()
    assert "09:30 – 09:40" in html and "11:30" in html and "Break" in html and "2:32 min a question" in html
    assert "01_high_availability.ipynb" in html and "12 of 13 answered" in html
    assert "05_performance" not in html
    with pytest.raises(UsageError, match="not a time of day"):
        kit.agenda("half past nine")


def test_welcome_lists_the_known_faults_of_the_running_release(kit: Kit) -> None:
    html = kit.welcome()._repr_html_()
    assert "Known faults and support: 8 advisories" in html
    for name in ("KI-1 Read repair writes partial objects", "G-2 ", "G-12 ", "G-13 ", "S-4b "):
        assert f">{name}" in html
    assert "Nearest release with the fix: 1.38.7" in html and "may apply" in html.lower()


def test_welcome_without_a_snapshot_lists_none(empty: Kit) -> None:
    assert "Known faults" not in empty.welcome()._repr_html_()


def test_next_leads_to_the_next_section_of_the_profile(kit: Kit) -> None:
    assert "02_resource_management.ipynb" in kit.next("high_availability")._repr_html_()
    assert "90_report.ipynb" in kit.next("monitoring")._repr_html_()
    kit.write_settings(profile="extended")
    assert "05_performance.ipynb" in kit.next("monitoring")._repr_html_()
