"""The action plan as CSV (RFC 4180): a row for each action of the plan, for Jira, GitHub, GitLab and spreadsheets.

Open decisions and practices follow the numbered actions.

Where Weaviate is not running properly, or that is not known, the first row is about it. Advisories that apply are rows
too: critical ones before the plan, the others after it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from readiness_kit.assessment.score import running_bound
from readiness_kit.labels import (
    APPLICABILITY_WORDS,
    FIX_STATE_WORDS,
    LEVEL_WORDS,
    RESTART_WORDS,
    RUNNING_ID,
    SECTION_TITLES,
    SEVERITY_WORDS,
    advisory_text,
    running_lines,
)
from readiness_kit.markup import limited
from readiness_kit.model import AdvisoryMatch, Applicability, RunningState, Severity
from readiness_kit.report.action_plan import Action
from readiness_kit.report.action_plan import action_plan as plan_of
from readiness_kit.report.content import Content
from readiness_kit.report.reasons import reason

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


def _action_row(action: Action) -> tuple[str, ...]:
    """An action with what was found and the questions that it closes; the most serious one gives the priority."""
    worst = min(action.closes, key=lambda row: list(Severity).index(row.severity), default=None)
    severity = worst.severity if worst is not None else Severity.CRITICAL
    sections = dict.fromkeys(SECTION_TITLES[row.question.section] for row in action.closes)
    return (
        f"{action.number} {action.title}" if action.number else action.title,
        "\n\n".join(_description(action)),
        PRIORITIES[severity],
        action.owner,
        action.due.isoformat() if action.due else "",
        f"weaviate-readiness severity-{SEVERITY_WORDS[severity].lower()} {action.wave.value.replace('_', '-')}",
        FIX_STATE_WORDS[action.state],
        action.effort,
        ", ".join(sections),
        ", ".join([*(row.question.id for row in action.closes), *action.advisories]),
        ", ".join(row.question.number for row in action.closes),
    )


def _description(action: Action) -> Iterator[str]:
    yield from (f"Decide first: {text}." for text in action.decisions)
    yield from dict.fromkeys(f"{row.question.number} {row.question.short}\nWhy: {reason(row)}" for row in action.closes)
    if action.restarts is not None:
        yield f"Restart: {RESTART_WORDS[action.restarts]}."
    if action.done_when:
        yield f"Done when: {action.done_when}"


def action_plan(content: Content) -> str:
    """The plan in its order, then decisions and practices; lines end in CR LF, the first is the head."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    applying = [row for row in content.assessment.advisories if row.applicability is Applicability.APPLIES]
    urgent = [row for row in applying if row.severity is Severity.CRITICAL]
    if row := _running_row(content.assessment.running):
        writer.writerow([cell(value) for value in row])
    writer.writerows([cell(value) for value in _advisory_row(advisory)] for advisory in urgent)
    plan = plan_of(content)
    lines = (*(action for action in plan.actions if not action.advisories), *plan.open_decisions, *plan.practices)
    writer.writerows([cell(value) for value in _action_row(action)] for action in lines)
    rest = [row for row in applying if row not in urgent]
    writer.writerows([cell(value) for value in _advisory_row(advisory)] for advisory in rest)
    return _BOM + out.getvalue()
