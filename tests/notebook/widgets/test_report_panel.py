"""Owners of the next actions, and the report button."""

from __future__ import annotations

from readiness_kit.notebook.kit import Kit


def test_owner_and_due_date_are_stored_with_the_question(kit: Kit) -> None:
    actions = kit.next_actions()
    first = kit.assessment.actions[0].question
    assert len(actions._fields) == 10 and actions._fields[0].description == f"{first.number} owner"
    actions._fields[0].value = "platform team"
    actions._fields[1].value = "2027-02-01"
    stored = kit.folder.answers.get(first.id)
    assert stored is not None and stored.owner == "platform team" and str(stored.due) == "2027-02-01"
    actions._fields[1].value = "soon"
    assert "not saved yet" in actions._status.value
