"""The report as Markdown: level, blockers, changes, plan and every verdict, to paste into a ticket or a wiki."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from readiness_kit.labels import LEVEL_WORDS, SECTION_TITLES, SEVERITY_WORDS, STATE_SIGNS, STATE_WORDS, count, percent
from readiness_kit.markup import clean
from readiness_kit.model import Question, Section, Verdict
from readiness_kit.report.content import Content
from readiness_kit.report.exports.schema import KINDS_OF_CHANGE, action

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&$])")
_LINE_START = re.compile(r"^(\d{0,9})([-+=.)])")
_AT = re.compile(r"@(?=\w)")
_WEB = re.compile(r"(?i)\b(https?|ftp|mailto)(?=:)|\b(www)(?=\.)")
_JOINER = "\u2060"


def safe(value: object, limit: int = 0) -> str:
    """Text that stays text: no markup, no HTML, no links or mentions made of it, on one line."""
    flat = " ".join(clean(value).split())
    if limit and len(flat) > limit:
        flat = flat[: limit - 1] + "…"
    flat = _LINE_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", flat))
    return _WEB.sub(lambda found: found[0] + _JOINER, _AT.sub("@" + _JOINER, flat))


def markdown(content: Content) -> str:
    judged = content.assessment
    lines = [f"# {safe(content.subject.title)}", ""]
    lines += [f"**{LEVEL_WORDS[judged.level]}.** {safe(judged.level_why)}", ""]
    lines += [f"- Score: {percent(judged.total.score)}, coverage {percent(judged.total.coverage)}"]
    lines += [f"- {term}: {safe(value)}" for term, value in _particulars(content) if value]
    lines += ["", *_changes(content)]
    lines += ["## Blockers", ""]
    lines += [f"- {_named(verdict)}{_because(verdict)}" for verdict in judged.blockers] or [
        "None among what was judged."
    ]
    lines += ["", *_plan(content), *_verdicts(content)]
    if judged.waiver_audit:
        lines += ["## Waivers to look at", "", *(f"- {safe(line)}" for line in judged.waiver_audit), ""]
    return "\n".join(lines).rstrip() + "\n"


def _particulars(content: Content) -> Iterable[tuple[str, object]]:
    about = content.subject
    yield "Workload", about.workload
    yield "Weaviate", about.weaviate
    yield "Kubernetes", about.kubernetes
    yield "Date", about.on.isoformat() if about.on else ""
    yield "Assessor", content.settings.assessor
    yield "Kit", content.kit


def _named(verdict: Verdict) -> str:
    word = f"{STATE_SIGNS[verdict.state]} {STATE_WORDS[verdict.state]}"
    return f"{word} · {SEVERITY_WORDS[verdict.severity]} · **{_title(verdict.question)}**"


def _title(question: Question) -> str:
    return f"{safe(question.number)} {safe(question.short)}"


def _because(verdict: Verdict) -> str:
    return f": {safe(verdict.finding.sentence, 600)}" if verdict.finding else ""


def _changes(content: Content) -> list[str]:
    since = content.since
    if since is None:
        return []
    lines = [f"## Changes since {safe(since.name)}", ""]
    for kind in KINDS_OF_CHANGE:
        for change in getattr(since.comparison, kind):
            was = STATE_WORDS[change.before] if change.before else "not asked"
            now = STATE_WORDS[change.after] if change.after else "not asked"
            why = f" ({safe(change.why)})" if change.why else ""
            lines.append(f"- {kind.capitalize()}: {_title(change.question)}, {was} → {now}{why}")
    return [*lines, f"- Unchanged: {count(len(since.comparison.unchanged), 'question')}", ""]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in rows), ""]


def _plan(content: Content) -> list[str]:
    todo = [action(place, verdict) for place, verdict in enumerate(content.assessment.actions, start=1)]
    if not todo:
        return []
    rows = [
        (
            str(one.place),
            f"{safe(one.number)} {safe(one.title)}",
            safe(one.what, 600),
            SEVERITY_WORDS[one.severity],
            safe(one.owner, 200) or "to be named",
            one.due.isoformat() if one.due else "open",
            one.effort,
        )
        for one in todo
    ]
    head = ("No.", "Question", "What to do", "Severity", "Owner", "Due", "Effort")
    return ["## Action plan", "", *_table(head, rows)]


def _verdicts(content: Content) -> list[str]:
    lines: list[str] = []
    for section in Section:
        own = [verdict for verdict in content.assessment.verdicts if verdict.question.section is section]
        if own:
            rows = [
                (
                    _title(one.question),
                    f"{STATE_SIGNS[one.state]} {STATE_WORDS[one.state]}",
                    SEVERITY_WORDS[one.severity],
                    safe(one.finding.sentence, 600) if one.finding else "",
                )
                for one in own
            ]
            lines += [
                f"## {SECTION_TITLES[section]}",
                "",
                *_table(("Question", "Verdict", "Severity", "Evidence"), rows),
            ]
    return lines
