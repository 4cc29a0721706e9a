"""The action plan as CSV (RFC 4180): a row for each action, with columns that Jira, GitLab and spreadsheets can map.

Where Weaviate is not running properly, or that is not known, the first row is about it. Advisories that apply are rows
too: critical ones before the plan, the others after it.
"""

from __future__ import annotations

import csv
import io

from readiness_kit.assessment.score import running_bound
from readiness_kit.labels import (
    APPLICABILITY_WORDS,
    LEVEL_WORDS,
    RUNNING_ID,
    SECTION_TITLES,
    SEVERITY_WORDS,
    STATE_WORDS,
    advisory_text,
    running_lines,
)
from readiness_kit.markup import limited
from readiness_kit.model import AdvisoryMatch, Applicability, RunningState, Severity
from readiness_kit.report.content import Content
from readiness_kit.report.exports.schema import plan

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
MAX_CELL = 32_000
"""A cell of a spreadsheet holds 32,767 characters."""

_BOM = "\ufeff"
"""Without it Excel reads UTF-8 as the code page of the machine."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def cell(value: object) -> str:
    """A value that no spreadsheet reads as a formula: an apostrophe precedes what could begin one."""
    shown = limited(value, MAX_CELL)
    return f"'{shown}" if shown.lstrip(" \u00a0\u200b\ufeff").startswith(_FORMULA) or shown[:1] in _FORMULA else shown


def _running_row(running: RunningState | None) -> tuple[str, ...]:
    """What comes before every other action; empty where Weaviate runs."""
    bound = running_bound(running)
    if bound is None:
        return ()
    title, sentences = running_lines(running)
    return (
        title,
        "\n".join(sentences),
        PRIORITIES[Severity.CRITICAL],
        "",
        "",
        f"weaviate-readiness severity-{SEVERITY_WORDS[Severity.CRITICAL].lower()}",
        LEVEL_WORDS[bound],
        "",
        "Weaviate now",
        RUNNING_ID,
        "",
    )


def _advisory_row(row: AdvisoryMatch) -> tuple[str, ...]:
    return (
        f"{row.id} {row.title}",
        advisory_text(row),
        PRIORITIES[row.severity],
        "",
        "",
        f"weaviate-readiness severity-{SEVERITY_WORDS[row.severity].lower()}",
        APPLICABILITY_WORDS[row.applicability],
        "",
        "Known faults and support",
        row.id,
        "",
    )


def action_plan(content: Content) -> str:
    """The plan in its order; lines end in CR LF, the first is the head."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    applying = [row for row in content.assessment.advisories if row.applicability is Applicability.APPLIES]
    urgent = [row for row in applying if row.severity is Severity.CRITICAL]
    if row := _running_row(content.assessment.running):
        writer.writerow([cell(value) for value in row])
    writer.writerows([cell(value) for value in _advisory_row(advisory)] for advisory in urgent)
    for action, verdict in zip(plan(content.assessment), content.assessment.actions, strict=True):
        columns = (
            f"{action.number} {action.title}",
            f"{action.remedy}\n\nWhy: {action.reason}\n\nQuestion: {verdict.question.text}",
            PRIORITIES[action.severity],
            action.owner,
            action.due.isoformat() if action.due else "",
            f"weaviate-readiness severity-{SEVERITY_WORDS[action.severity].lower()}",
            STATE_WORDS[action.state],
            action.effort,
            SECTION_TITLES[verdict.question.section],
            action.question,
            action.number,
        )
        writer.writerow([cell(value) for value in columns])
    rest = [row for row in applying if row not in urgent]
    writer.writerows([cell(value) for value in _advisory_row(advisory)] for advisory in rest)
    return _BOM + out.getvalue()
