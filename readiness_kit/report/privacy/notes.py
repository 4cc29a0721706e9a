"""The removal of free text from a pseudonymised report: notes and reasons may hold names that the kit does not know."""

from __future__ import annotations

from typing import Any

import msgspec

from readiness_kit.model import Assessment, Verdict
from readiness_kit.report.privacy import rules

NO_NOTE = "[free text removed]"
_FREE_TEXT = {"answer": ("note", "reason"), "waiver": ("reason", "control")}


def without_notes(assessment: Assessment) -> Assessment:
    """The assessment without free text of people, also where sentences of the kit quote it."""
    written = {
        text
        for verdict in assessment.verdicts
        for part, fields in _FREE_TEXT.items()
        if getattr(verdict, part) is not None
        for field in fields
        if (text := getattr(getattr(verdict, part), field))
    }
    longest = sorted(written, key=len, reverse=True)
    lists = ("verdicts", "blockers", "contradictions", "actions")
    changes: dict[str, Any] = {
        name: tuple(_without_notes(verdict, longest) for verdict in getattr(assessment, name)) for name in lists
    }
    changes["waiver_audit"] = tuple(_without(line, longest) for line in assessment.waiver_audit)
    return msgspec.structs.replace(assessment, **changes)


def _without_notes(verdict: Verdict, written: list[str]) -> Verdict:
    changes: dict[str, Any] = {"lines": tuple(_without(line, written) for line in verdict.lines)}
    for part, fields in _FREE_TEXT.items():
        if (struct := getattr(verdict, part)) is not None:
            removed = {field: NO_NOTE for field in fields if getattr(struct, field)}
            changes[part] = msgspec.structs.replace(struct, **removed)
    return msgspec.structs.replace(verdict, **changes)


def _without(line: str, written: list[str]) -> str:
    for text in written:
        # Sentences end a quoted text without its full stop, or add one.
        for form in (text, text.rstrip(". ")):
            line = line.replace(form, NO_NOTE) if len(form) > rules.MIN_LENGTH else line
    return line
