"""What to do about a question: the fixes of its failed checks, each with its steps once in the document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from readiness_kit.fixes.advise import fixes_for
from readiness_kit.fixes.model import Fragment, PreparedFix
from readiness_kit.fixes.writing.bundle import yaml_text
from readiness_kit.fixes.writing.commands import recorded_text
from readiness_kit.labels import RESTART_WORDS
from readiness_kit.model import QuestionId
from readiness_kit.report.action_plan import ActionPlan, action_plan
from readiness_kit.report.content import Content

MAX_RECORDED = 1
"""Fields of a rollback that are listed; the files of `readiness fix` have all."""

MAX_LINES = 12
"""Lines of a manifest on a card."""


class Step(NamedTuple):
    """One fix on the card of a question. `at` is the question with its steps, where that is another one."""

    fix: PreparedFix
    at: tuple[QuestionId, str] | None
    code: tuple[tuple[str, str], ...]
    in_patch: bool
    rollback: str
    restarts: str


class Remedies:
    """The fixes of all questions of a report; each shows its steps at its first question."""

    def __init__(self, content: Content) -> None:
        self.plan: ActionPlan = action_plan(content)
        judged, facts = content.assessment, content.facts
        fixes = fixes_for(judged, facts, content.settings) if facts is not None else ()
        shown = [row.question.id for row in judged.verdicts]
        self._by_question: dict[QuestionId, list[PreparedFix]] = {id: [] for id in shown}
        self._first: dict[str, tuple[QuestionId, str]] = {}
        for fix in fixes:
            questions = sorted(fix.questions, key=lambda question: shown.index(question.id))
            for question in questions:
                self._by_question[question.id].append(fix)
                self._first.setdefault(fix.id, (question.id, question.number))

    def number(self, id: QuestionId) -> int:
        """The number of the action for a question in the plan, 0 for none."""
        action = self.plan.of(id)
        return action.number if action is not None else 0

    def of(self, id: QuestionId) -> tuple[Step, ...]:
        """The steps that close the gap of a question; empty where no fix of the catalogue does."""
        return tuple(self._step(fix, id) for fix in self._by_question.get(id, ()))

    def _step(self, fix: PreparedFix, id: QuestionId) -> Step:
        first = self._first[fix.id]
        in_patch = bool(fix.applicable and fix.values)
        return Step(
            fix,
            first if first[0] != id else None,
            tuple(code(fix)) if first[0] == id else (),
            in_patch,
            rollback(fix),
            RESTART_WORDS[fix.fix.restarts],
        )


def code(fix: PreparedFix) -> Iterator[tuple[str, str]]:
    """Title and text of each block. Values that are in the patch of the plan are not repeated."""
    if fix.before:
        yield "Before", "\n".join(fix.before)
    if fix.values and not fix.applicable:
        yield "Helm values, with what is to be decided in <brackets>", yaml_text(fix.values)
    for manifest in fix.manifests:
        yield "Manifest", _shown(manifest)
    if fix.commands:
        yield "Commands", "\n".join(fix.commands)
    if fix.verify:
        yield "Check the result", "\n".join(fix.verify)


def _shown(manifest: Fragment) -> str:
    """The manifest; a long one only by name, because a part of it could be applied by mistake."""
    text = yaml_text(manifest)
    if text.count("\n") <= MAX_LINES:
        return text
    named = f"{manifest['kind']} {manifest['metadata']['name']}"
    return f"# {named}: `readiness fix` writes its {text.count(chr(10))} lines to the folder manifests"


def rollback(fix: PreparedFix) -> str:
    """How to undo it, with the values that the snapshot recorded."""
    recorded = [recorded_text(change) for change in fix.recorded]
    more = f"; and {len(recorded) - MAX_RECORDED} more" if len(recorded) > MAX_RECORDED else ""
    before = f"Recorded before: {'; '.join(recorded[:MAX_RECORDED])}{more}." if recorded else ""
    return " ".join(_sentences((fix.rollback, before)))


def _sentences(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if text.strip():
            yield text.strip() if text.strip()[-1] in ".!?" else f"{text.strip()}."
