"""The report as Markdown: level, blockers, changes, action plan and every verdict."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from readiness_kit.labels import (
    APPLICABILITY_WORDS,
    LEVEL_WORDS,
    SCORE_EXPLAINED,
    SECTION_TITLES,
    SEVERITY_WORDS,
    STATE_SIGNS,
    STATE_WORDS,
    advisory_text,
    count,
    outcome_words,
    running_lines,
    score_text,
)
from readiness_kit.markup import limited
from readiness_kit.model import Assessment, Question, Section, Verdict
from readiness_kit.report.content import Content
from readiness_kit.report.exports.schema import KINDS_OF_CHANGE, plan
from readiness_kit.report.reasons import reason

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&$])")
_LINE_START = re.compile(r"^(\d{0,9})([-+=.)])")
_AT = re.compile(r"@(?=\w)")
_WEB = re.compile(r"(?i)\b(https?|ftp|mailto)(?=:)|\b(www)(?=\.)")
_WORD_JOINER = "\u2060"


def safe(value: object, limit: int = 0) -> str:
    """Text on one line that no renderer takes for markup, HTML, a link or a mention."""
    flat = limited(" ".join(limited(value, 0).split()), limit)
    flat = _LINE_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", flat))
    return _WEB.sub(lambda match: match[0] + _WORD_JOINER, _AT.sub("@" + _WORD_JOINER, flat))


def markdown(content: Content) -> str:
    """The document, to paste into a ticket or a wiki."""
    judged = content.assessment
    lines = [f"# {safe(content.subject.title)}", ""]
    lines += [f"**{LEVEL_WORDS[judged.level]}.** {safe(judged.level_why)}", ""]
    lines += [line for warning in content.warnings for line in (f"> {safe(warning)}", "")]
    title, state = running_lines(judged.running)
    if state:
        lines += [f"**{title}.**", "", *(f"- {safe(line)}" for line in state), ""]
    lines += [f"- Score: {score_text(judged.total)}. {SCORE_EXPLAINED}"]
    lines += [f"- {term}: {safe(value)}" for term, value in _particulars(content) if value]
    lines += ["", *_changes(content)]
    lines += ["## Blockers", ""]
    lines += [f"- {_named(verdict)}{_because(verdict)}" for verdict in judged.blockers] or [
        "None among the questions judged."
    ]
    if judged.disagreements:
        lines += ["", "## The cluster shows more than the answer claims", ""]
        lines += [f"- {_named(verdict)}{_because(verdict)}" for verdict in judged.disagreements]
    lines += ["", *_advisories(judged), *_plan(content), *_verdicts(content)]
    if judged.waiver_audit:
        lines += ["## Audit of the waivers", "", *(f"- {safe(line)}" for line in judged.waiver_audit), ""]
    return "\n".join(lines).rstrip() + "\n"


def _advisories(judged: Assessment) -> list[str]:
    if not judged.advisories:
        return []
    rows = [
        f"- **{safe(found.id)} {safe(found.title)}** ({APPLICABILITY_WORDS[found.applicability].lower()}, "
        f"{SEVERITY_WORDS[found.severity].lower()}): {safe(advisory_text(found))} <{found.source.url}>"
        for found in judged.advisories
    ]
    return ["## Known faults and support", "", *rows, ""]


def _particulars(content: Content) -> Iterable[tuple[str, object]]:
    subject = content.subject
    yield "Workload", subject.workload
    yield "Weaviate", subject.weaviate
    yield "Kubernetes", subject.kubernetes
    yield "Date", subject.on.isoformat() if subject.on else ""
    yield "Assessor", content.settings.assessor
    yield "Kit", content.kit


def _named(verdict: Verdict) -> str:
    word = f"{STATE_SIGNS[verdict.state]} {STATE_WORDS[verdict.state]}"
    return f"{word} · {SEVERITY_WORDS[verdict.severity]} · **{_title(verdict.question)}**"


def _title(question: Question) -> str:
    return f"{safe(question.number)} {safe(question.short)}"


def _because(verdict: Verdict) -> str:
    return f": {safe(reason(verdict))}"


def _changes(content: Content) -> list[str]:
    since = content.since
    if since is None:
        return []
    lines = [f"## Changes since {safe(since.name)}", ""]
    for kind in KINDS_OF_CHANGE:
        for change in getattr(since.comparison, kind):
            before = STATE_WORDS[change.before] if change.before else "not asked"
            after = STATE_WORDS[change.after] if change.after else "not asked"
            why = f" ({safe(change.why)})" if change.why else ""
            lines.append(f"- {kind.capitalize()}: {_title(change.question)}, {before} → {after}{why}")
    return [*lines, f"- Unchanged: {count(len(since.comparison.unchanged), 'question')}", ""]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in rows), ""]


def _plan(content: Content) -> list[str]:
    actions = plan(content.assessment)
    if not actions:
        return []
    rows = [
        (
            str(action.position),
            f"{safe(action.number)} {safe(action.title)}",
            safe(action.remedy, 600),
            SEVERITY_WORDS[action.severity],
            safe(action.owner, 200) or "Unassigned",
            action.due.isoformat() if action.due else "No date",
            action.effort,
        )
        for action in actions
    ]
    head = ("No.", "Question", "What to do", "Severity", "Owner", "Due", "Effort")
    return ["## Action plan", "", *_table(head, rows)]


def _verdicts(content: Content) -> list[str]:
    lines: list[str] = []
    for section in Section:
        rows = [
            (
                _title(verdict.question),
                f"{STATE_SIGNS[verdict.state]} {STATE_WORDS[verdict.state]}",
                SEVERITY_WORDS[verdict.severity],
                safe(reason(verdict)),
                safe(outcome_words(verdict.finding)) if verdict.finding else "No evidence",
            )
            for verdict in content.assessment.verdicts
            if verdict.question.section is section
        ]
        if rows:
            head = ("Question", "Verdict", "Severity", "Reason", "Evidence")
            lines += [f"## {SECTION_TITLES[section]}", "", *_table(head, rows)]
    return lines
