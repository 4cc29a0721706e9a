"""The details editor of a section."""

from __future__ import annotations

from readiness_kit.model import Choice, Section
from readiness_kit.notebook.kit import Kit
from tests.support.questions import section_ids


def test_not_applicable_is_stored_only_with_its_reason(kit: Kit) -> None:
    card, details = kit.ask("ha.canary"), kit.details("high_availability")
    card._choice.value = Choice.NOT_APPLICABLE
    assert kit.folder.answers.get("ha.canary").value is Choice.NO  # type: ignore[union-attr]
    assert "not saved yet" in card._card.value and "needs a reason" in details._status.value
    assert details._which.value == "ha.canary"
    details._fields["reason"].value = "one team, one release a quarter"
    stored = kit.folder.answers.get("ha.canary")
    assert stored is not None and stored.value is Choice.NOT_APPLICABLE
    assert stored.reason == "one team, one release a quarter"


def test_unreadable_detail_stays_on_screen_and_is_not_saved(kit: Kit) -> None:
    details = kit.details("security")
    details.load("sec.tls")
    details._fields["due"].value = "next week"
    assert details._fields["due"].value == "next week" and "not saved yet" in details._status.value
    assert kit.folder.answers.get("sec.tls").due is None  # type: ignore[union-attr]
    details._fields["due"].value = "2027-01-15"
    assert str(kit.folder.answers.get("sec.tls").due) == "2027-01-15"  # type: ignore[union-attr]


def test_the_assessor_confirms_a_proof(kit: Kit) -> None:
    details = kit.details("security")
    kit.answer("sec.secret_process", "yes", note="The runbook was shown.")
    details.load("sec.secret_process")
    kit.write_settings(assessor="")
    details._confirm.click()
    assert "nobody is named" in details._status.value
    kit.write_settings(assessor="Erin")
    details._confirm.click()
    stored = kit.folder.answers.get("sec.secret_process")
    assert stored is not None and stored.confirmed_by == "Erin" and "proof confirmed" in details._status.value


def test_selecting_a_question_saves_nothing(kit: Kit) -> None:
    before = kit.folder.answers.all()
    details = kit.details("security")
    for question in section_ids(Section.SECURITY):
        details._which.value = question
    assert kit.folder.answers.all() == before


def test_cadence_fields_are_shown_for_cadence_questions_only(kit: Kit) -> None:
    details = kit.details("high_availability")
    details.load("ha.multi_az")
    assert details._fields["every"] not in details._box.children
    details.load("ha.failover_tested")
    assert details._fields["every"] in details._box.children
    details._fields["every"].value = "90"
    details._fields["last_done"].value = "2026-09-01"
    assert "every 90 days, last done on 2026-09-01" in kit.ask("ha.failover_tested")._card.value


def test_every_control_has_a_unique_label(kit: Kit) -> None:
    card, details = kit.ask("ha.multi_az"), kit.details("high_availability")
    controls = [card._choice, details._which, *details._fields.values(), details._confirm]
    assert all(control.description.strip() for control in controls)
    assert len({control.description for control in controls}) == len(controls)
