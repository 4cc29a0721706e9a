"""Owner, due date and state of the fixes."""

from __future__ import annotations

from datetime import date

from readiness_kit.fixes.model import FixState
from readiness_kit.notebook.kit import Kit
from readiness_kit.workspace.folder import Folder


def test_owner_due_date_and_state_of_a_fix_are_kept_in_the_folder(kit: Kit) -> None:
    shown, form = kit.plan(), kit.plan_form()
    fix = kit.session.plan(project=False).fixes[0].prepared.fix.id
    form._fields[fix, "owner"].value = " Platform team "
    form._fields[fix, "due"].value = date(2027, 2, 1)
    form._fields[fix, "state"].value = FixState.IN_PROGRESS
    stored = Folder(kit.folder.path).plan.all()[fix]
    assert (stored.owner, stored.due, stored.state) == ("Platform team", date(2027, 2, 1), FixState.IN_PROGRESS)
    assert "Platform team" in shown._repr_html_(), "the plan on screen follows"
    assert "Platform team, 2027-02-01, in progress" in kit.plan_form().static_html()


def test_a_plan_file_that_cannot_be_read_is_named_and_kept(kit: Kit) -> None:
    form = kit.plan_form()
    kit.folder.plan.path.write_text("[]", "utf-8")
    next(iter(form._fields.values())).value = "Platform team"
    assert "Not saved" in form._status.value and kit.folder.plan.path.read_text("utf-8") == "[]"
