"""The action plan as CSV (RFC 4180): a row an action, columns that Jira, GitLab and spreadsheets know how to map."""

from __future__ import annotations

import csv
import io

from readiness_kit.labels import SECTION_TITLES, SEVERITY_WORDS, STATE_WORDS
from readiness_kit.markup import clean
from readiness_kit.model import Severity
from readiness_kit.report.content import Content
from readiness_kit.report.exports.schema import action

HEAD = (
    "Summary",
    "Description",
    "Priority",
    "Assignee",
    "Due date",
    "Labels",
    "State",
    "Effort",
    "Section",
    "Question",
    "Number",
)
PRIORITIES = {Severity.CRITICAL: "Highest", Severity.HIGH: "High", Severity.MEDIUM: "Medium", Severity.LOW: "Low"}
_BOM = "\ufeff"
"""Without it Excel reads UTF-8 as the code page of the machine."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LIMIT = 32_000
"""A cell of a spreadsheet holds 32,767 letters."""


def cell(value: object) -> str:
    """A value that no spreadsheet takes for a formula: what could begin one is preceded by an apostrophe."""
    shown = clean(value)
    if len(shown) > LIMIT:
        shown = shown[: LIMIT - 1] + "…"
    return f"'{shown}" if shown.lstrip(" \u00a0\u200b\ufeff").startswith(_FORMULA) or shown[:1] in _FORMULA else shown


def plan(content: Content) -> str:
    """The plan in its order; lines end in CR LF, the first is the head."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    for place, verdict in enumerate(content.assessment.actions, start=1):
        todo = action(place, verdict)
        text = f"{todo.what}\n\nWhy: {todo.why}\n\nAsked: {verdict.question.text}"
        severity = SEVERITY_WORDS[todo.severity].lower()
        row = (
            f"{todo.number} {todo.title}",
            text,
            PRIORITIES[todo.severity],
            todo.owner,
            todo.due.isoformat() if todo.due else "",
            f"weaviate-readiness severity-{severity}",
            STATE_WORDS[todo.state],
            todo.effort,
            SECTION_TITLES[verdict.question.section],
            todo.question,
            todo.number,
        )
        writer.writerow([cell(value) for value in row])
    return _BOM + out.getvalue()
