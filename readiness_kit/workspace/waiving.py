"""Accepting a risk: checks a new waiver and stores it in the assessment folder."""

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
    """Accepts the risk of one question until a date and stores it; an earlier one of the same expiry is replaced.

    `on` is the day that the assessment speaks for. Raises UsageError for a field without text, for an expiry that
    is past already, and where the owner approves of the risk without anybody else.
    """
    texts = {"reason": reason, "owner": owner, "approver": approver}
    for field, value in texts.items():
        if not value.strip():
            raise UsageError(f"the waiver for {question.id} has no {field}", f"say it: {field}=…")
    if owner.strip().casefold() == approver.strip().casefold():
        raise UsageError(
            f"the waiver for {question.id} is owned and approved by the same: {owner.strip()}",
            "have somebody with the authority to accept the risk approve it",
        )
    if on is not None and expires < on:
        raise UsageError(f"the waiver for {question.id} expired on {expires}, before {on}", "give a day to come")
    waiver = Waiver(question.id, reason.strip(), owner.strip(), approver.strip(), expires, control.strip())
    folder.add_waiver(waiver)
    return waiver
