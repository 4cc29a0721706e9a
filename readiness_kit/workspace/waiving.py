"""Accepts a risk: checks a new waiver and stores it in the assessment folder."""

from __future__ import annotations

from datetime import date

from readiness_kit.errors import UsageError
from readiness_kit.model import Question, Waiver
from readiness_kit.workspace.folder import Folder


def waive(
    folder: Folder,
    question: Question,
    *,
    reason: str,
    owner: str,
    approver: str,
    expires: date,
    control: str = "",
    on: date | None = None,
) -> Waiver:
    """Accepts the risk of one question until `expires`, that day included, and returns the stored waiver.

    An earlier waiver for the question with the same expiry is replaced. `on` is the day of the assessment. Raises
    UsageError for an empty field, for an expiry before `on`, and if owner and approver are the same person.
    """
    texts = {"reason": reason, "owner": owner, "approver": approver}
    for field, value in texts.items():
        if not value.strip():
            raise UsageError(f"the waiver for {question.id} has no {field}", f"add a text for {field}")
    if owner.strip().casefold() == approver.strip().casefold():
        raise UsageError(
            f"the waiver for {question.id} is owned and approved by the same person: {owner.strip()}",
            "name an approver who has the authority to accept the risk",
        )
    if on is not None and expires < on:
        raise UsageError(
            f"the waiver for {question.id} would have expired on {expires}, before {on}", "choose a later date"
        )
    waiver = Waiver(question.id, reason.strip(), owner.strip(), approver.strip(), expires, control.strip())
    folder.add_waiver(waiver)
    return waiver
