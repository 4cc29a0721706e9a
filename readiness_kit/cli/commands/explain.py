"""`explain`: one question with its verdict, evidence and remedy, as in `kubectl explain`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from readiness_kit import evidence
from readiness_kit.bundles import as_snapshot
from readiness_kit.checklist import load_checklist
from readiness_kit.cli import completion
from readiness_kit.cli.folder import assessment_folder
from readiness_kit.cli.forms import Output, output_option, write_output, write_styled
from readiness_kit.cli.inputs import piped
from readiness_kit.cli.options import FOLDER, SNAPSHOT, WEAVIATE
from readiness_kit.errors import ConfigError
from readiness_kit.fixes.model import PreparedFix
from readiness_kit.labels import CHOICE_WORDS, REASON_WORDS, SEVERITY_WORDS, STATE_SIGNS, STATE_WORDS, outcome_words
from readiness_kit.markup import limited, one_line, ref_text
from readiness_kit.model import Check, Finding, Question, Remedy, Verdict
from readiness_kit.report.exports.terminal import BAD, FAINT, GOOD, STRONG, Line, line
from readiness_kit.report.what_to_do import with_fixes
from readiness_kit.workspace.session import Session

AUTOMATION = {"full": "decides alone", "partly": "supports an answer", "none": "hints only"}


@click.command()
@click.argument("question", shell_complete=completion.questions)
@FOLDER
@SNAPSHOT
@WEAVIATE
@output_option("text", "json")
def explain(question: str, folder: Path | None, snapshot: Path | None, weaviate: str, outputs: Output) -> None:
    """Explain one question: its verdict, evidence and remedy.

    QUESTION is an id or a number, such as Q15. Without an assessment, the question itself is explained.
    """
    asked, verdict, fixes = _found(question, folder, snapshot, weaviate)
    if outputs.form == "json":
        write_output(outputs, json.dumps(_data(asked, verdict, fixes), indent=2, ensure_ascii=False))
        return
    write_styled(outputs, list(_lines(asked, verdict, fixes)))


def _found(
    question: str, folder: Path | None, snapshot: Path | None, weaviate: str
) -> tuple[Question, Verdict | None, tuple[PreparedFix, ...]]:
    """The question, and its verdict and fixes where there is an assessment to take them from."""
    try:
        with (
            assessment_folder(folder, optional=bool(snapshot)) as workspace,
            piped(snapshot) as file,
            as_snapshot(file) as read,
        ):
            session = Session(workspace, read, weaviate)
            session.require_choice()
            asked = (
                session.checklist.get(question) if question_of(session, question) else load_checklist().get(question)
            )
            judged = with_fixes(session.assessment(), session.facts, session.settings)
            verdict = next((row for row in judged.verdicts if row.question.id == asked.id), None)
            return asked, verdict, _fixes(session, asked)
    except ConfigError:
        if folder is not None or snapshot is not None:
            raise
        return load_checklist().get(question), None, ()


def _fixes(session: Session, asked: Question) -> tuple[PreparedFix, ...]:
    """The fixes of the failed checks of the question, in the order of the plan; none without facts."""
    if session.facts is None:
        return ()
    planned = (item.prepared for item in session.plan(project=False).fixes)
    return tuple(fix for fix in planned if any(found.id == asked.id for found in fix.questions))


def question_of(session: Session, question: str) -> bool:
    """Whether the profile of the assessment has the question."""
    return any(question.upper() == row.number.upper() or question == row.id for row in session.checklist)


def _lines(asked: Question, verdict: Verdict | None, fixes: tuple[PreparedFix, ...]) -> Iterator[Line]:
    yield Line(((f"{asked.number} {asked.short}", STRONG), (f"  [{SEVERITY_WORDS[asked.severity].lower()}]", FAINT)))
    yield line(one_line(asked.text), indent=2)
    yield line(f"{asked.id}; evidence {AUTOMATION[asked.automation.value]}", FAINT, indent=2)
    if verdict is not None:
        yield from _verdict(verdict)
    yield from _titled("Why it matters", asked.why)
    remedy = (verdict.question if verdict else asked).remedy
    for fix in fixes:
        yield from _fix(fix)
    if not fixes:
        yield from _titled("What to do", remedy.text)
        yield from _details(remedy)
    for link in asked.links:
        yield line(f"See {one_line(link.title)}: {link.url}", FAINT, indent=2, hang=2)
    if verdict is None:
        reads = ", ".join(evidence.reads_of(asked.id)) or "nothing; an answer is needed"
        yield from _titled("What is read", reads)


def _fix(fix: PreparedFix) -> Iterator[Line]:
    """One fix; `readiness fix` writes its values and commands into files."""
    yield from _titled("What to do", f"{fix.title}. {fix.why}")
    for decision in fix.decisions:
        yield line(one_line(f"To decide: {decision.what}"), indent=2, hang=2)
    for command in fix.commands:
        yield from (line(row, FAINT, indent=4, hang=2) for row in command.rstrip().splitlines())
    for title, text in (
        ("Risk", fix.risk),
        ("To undo", fix.rollback),
        ("Files", f"readiness fix --only {fix.id} -o DIR"),
    ):
        if text:
            yield line(one_line(f"{title}: {text}"), indent=2, hang=2)


def _details(remedy: Remedy) -> Iterator[Line]:
    for snippet in remedy.snippets:
        yield Line()
        yield from (line(row, FAINT, indent=4, hang=2) for row in snippet.code.rstrip().splitlines())
    for title, text in (("Risk", remedy.risk), ("To undo", remedy.rollback)):
        if text:
            yield from _titled(title, text)


def _verdict(verdict: Verdict) -> Iterator[Line]:
    yield Line()
    style = BAD if verdict.blocker else ""
    yield Line(((f"{STATE_SIGNS[verdict.state]} {STATE_WORDS[verdict.state]}", style or STRONG),))
    answer = verdict.answer
    if answer is not None and answer.value is not None:
        note = f": {one_line(answer.note)}" if answer.note else ""
        yield line(f"You answered {CHOICE_WORDS[answer.value].lower()}{note}", indent=2, hang=2)
    yield from (line(one_line(text), indent=2, hang=2) for text in verdict.lines)
    if verdict.finding is not None:
        yield from _finding(verdict.finding)


def _finding(finding: Finding) -> Iterator[Line]:
    yield from _titled("What the cluster shows", f"{outcome_words(finding)}. {finding.sentence}")
    yield from (_check(check) for check in finding.facts)
    if finding.missing:
        yield line(f"Not read: {', '.join(finding.missing)}", indent=2, hang=2)


def _check(check: Check) -> Line:
    sign, style = {True: ("✓", GOOD), False: ("✗", BAD), None: ("·", "")}[check.ok]
    seen = limited(check.seen, 160) if check.reason is None else REASON_WORDS[check.reason]
    expected = f" (expected: {check.expected})" if check.expected and check.ok is False else ""
    text = one_line(f"{ref_text(check.ref)}: {check.field} = {seen}{expected}")
    return Line(((f"{sign} ", style), (text, "")), 2, 4)


def _titled(title: str, text: str) -> Iterator[Line]:
    yield Line()
    yield line(title, STRONG)
    yield line(one_line(text), indent=2)


def _data(asked: Question, verdict: Verdict | None, fixes: tuple[PreparedFix, ...]) -> dict[str, object]:
    finding = verdict.finding if verdict else None
    remedy = (verdict.question if verdict else asked).remedy
    return {
        "id": asked.id,
        "number": asked.number,
        "text": asked.text,
        "severity": asked.severity.value,
        "why": asked.why,
        "reads": list(evidence.reads_of(asked.id)),
        "state": verdict.state.value if verdict else None,
        "answer": verdict.answer.value.value if verdict and verdict.answer and verdict.answer.value else None,
        "outcome": finding.outcome.value if finding else None,
        "sentence": finding.sentence if finding else "",
        "facts": [
            {"object": ref_text(check.ref), "field": check.field, "seen": check.seen, "expected": check.expected,
             "ok": check.ok}
            for check in (finding.facts if finding else ())
        ],
        "remedy": remedy.text,
        "fixes": [{"id": fix.id, "title": fix.title, "why": fix.why} for fix in fixes],
    }  # fmt: skip
