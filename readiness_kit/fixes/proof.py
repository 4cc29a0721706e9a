"""The proof of fixes: the snapshot with the fixes applied, judged again by the same evidence.

An answer "no" or "partly" is withdrawn where the fixes close all failed checks of its question. What only the running
cluster can show stays unknown: such a question is "to confirm", by collecting again after the change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from readiness_kit import evidence
from readiness_kit.advisories import match
from readiness_kit.assessment import assess
from readiness_kit.assessment.judge import counted
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.advise import NEEDS_ACTION, failed_checks
from readiness_kit.fixes.applying import applied
from readiness_kit.fixes.model import PreparedFix, Restarts
from readiness_kit.fixes.rollout import immutable_changes
from readiness_kit.labels import count
from readiness_kit.model import Answer, Assessment, Check, Choice, Finding, Outcome, Settings, Verdict

HISTORY = frozenset({"pods", "events", "podmetrics", "nodemetrics"})
"""The sources that show what pods did; the state of pods stays as the snapshot has it."""
UPGRADE = "upgraded"
"""The effect of an upgrade, whose commands restart all pods one after the other."""
_RANK = {Outcome.NOT_MET: 0, Outcome.PARTLY: 1, Outcome.UNKNOWN: 2, Outcome.NOT_APPLICABLE: 3, Outcome.MET: 3}


class Step(msgspec.Struct, frozen=True):
    """One question before and after.

    left:     the sentences of the checks that still fail
    observed: those of them that an applied fix is for, and that only show what happened before it (an OOM kill)
    """

    before: Verdict
    after: Verdict
    left: tuple[str, ...] = ()
    observed: tuple[str, ...] = ()
    withdrawn: bool = False

    @property
    def id(self) -> str:
        """The id of the question."""
        return self.before.question.id

    @property
    def due(self) -> bool:
        """Whether the question needed action before."""
        return self.before.state in NEEDS_ACTION

    @property
    def closed(self) -> bool:
        """Whether it needed action before, and no longer does."""
        return self.due and not self.left and self.after.state not in NEEDS_ACTION

    @property
    def to_confirm(self) -> bool:
        """Nothing is left to fix as far as the projection shows; the running cluster has to confirm it."""
        if self.closed:
            return _outcome(self.after) is Outcome.UNKNOWN
        return self.due and bool(self.observed) and len(self.observed) == len(self.left)

    @property
    def worse(self) -> bool:
        """Whether the change makes the evidence worse than it was."""
        after = _outcome(self.after)
        return after in (Outcome.PARTLY, Outcome.NOT_MET) and _RANK[after] < _RANK[_outcome(self.before)]


class Proof(msgspec.Struct, frozen=True):
    """What the fixes lead to. `restart` are sentences on what their restart means for availability."""

    fixes: tuple[str, ...]
    after: Assessment
    steps: tuple[Step, ...]
    restart: tuple[str, ...] = ()

    @property
    def closed(self) -> tuple[Step, ...]:
        """The questions that no longer need action, those to confirm included."""
        return tuple(step for step in self.steps if step.closed)

    @property
    def remaining(self) -> tuple[Step, ...]:
        """The questions that still need action: by a person, or by a fix that was not chosen."""
        return tuple(step for step in self.steps if step.due and not step.closed and not step.to_confirm)

    @property
    def to_confirm(self) -> tuple[Step, ...]:
        """The questions for which only a new collection can show that the fixes worked."""
        return tuple(step for step in self.steps if step.to_confirm)

    @property
    def worse(self) -> tuple[Step, ...]:
        """The questions whose evidence would get worse."""
        return tuple(step for step in self.steps if step.worse)


def prove(
    assessment: Assessment,
    facts: ClusterFacts,
    fixes: Iterable[PreparedFix],
    settings: Settings,
    *,
    restart: bool = True,
) -> Proof:
    """Applies the fixes to the snapshot and judges every question of the assessment again.

    Without `restart` the effect of restarts is left out, which takes as long again.
    """
    fixes = tuple(fixes)
    changed = applied(facts, fixes)
    questions = [row.question for row in assessment.verdicts]
    findings = (
        evidence.evaluate(changed, settings, questions)
        if changed is not facts
        else {row.question.id: row.finding for row in assessment.verdicts if row.finding is not None}
    )
    withdrawn = {row.question.id for row in assessment.verdicts if _is_withdrawn(row, findings)}
    after = assess(
        questions,
        findings,
        {id: answer for id, answer in _answers(assessment).items() if id not in withdrawn},
        [row.waiver for row in assessment.verdicts if row.waiver is not None],
        settings,
        assessment.as_of,
        match(changed) if changed is not facts else assessment.advisories,
        assessment.running,
    )
    steps = tuple(
        _step(before, row, frozenset(fix.id for fix in fixes if fix.applicable), before.question.id in withdrawn)
        for before, row in zip(assessment.verdicts, after.verdicts, strict=True)
    )
    return Proof(tuple(fix.id for fix in fixes), after, steps, restart_effect(facts, fixes) if restart else ())


def _answers(assessment: Assessment) -> dict[str, Answer]:
    return {row.question.id: row.answer for row in assessment.verdicts if row.answer is not None}


def _is_withdrawn(row: Verdict, findings: Mapping[str, Finding]) -> bool:
    """Whether the answer only stated a gap that the fixes close: there were failed checks, and none is left."""
    found = findings.get(row.question.id)
    if found is None or counted(row.answer) not in (Choice.NO, Choice.PARTLY) or not failed_checks(row):
        return False
    return not any(check.outcome in (Outcome.PARTLY, Outcome.NOT_MET) for check in found.facts)


def _step(before: Verdict, after: Verdict, applied_fixes: frozenset[str], withdrawn: bool) -> Step:
    left = {_sentence(check): check for check in failed_checks(after)}
    observed = (text for text, check in left.items() if check.fix in applied_fixes and _is_history(check))
    return Step(before, after, tuple(left), tuple(observed), withdrawn)


def _is_history(check: Check) -> bool:
    """Whether a check shows what has happened, which no change of the objects undoes."""
    return check.source in HISTORY or check.source.startswith("prometheus/")


def _sentence(check: Check) -> str:
    return check.message or f"{check.ref.kind} {check.ref.name}: {check.field} is {check.seen}."


def _outcome(row: Verdict) -> Outcome:
    return row.finding.outcome if row.finding is not None else Outcome.UNKNOWN


def restart_effect(facts: ClusterFacts, fixes: Iterable[PreparedFix]) -> tuple[str, ...]:
    """What the changes mean for availability; empty without a restart and without a recreated StatefulSet."""
    fixes = tuple(fix for fix in fixes if fix.applicable)
    return (*_recreation(facts, fixes), *_restarts(facts, fixes))


def _recreation(facts: ClusterFacts, fixes: tuple[PreparedFix, ...]) -> tuple[str, ...]:
    """The API server refuses changes of some fields of a running StatefulSet, such as the size of its volumes."""
    target, after = facts.target, applied(facts, fixes).snapshot.kept
    fields = immutable_changes(facts.snapshot.kept, after, namespace=target.namespace, name=target.name)
    if not fields:
        return ()
    refused = f"The API server refuses to change {names(fields)} of a running StatefulSet"
    return (
        f"{refused}: {target.name} is deleted with --cascade=orphan and recreated. Its pods keep running; a pod that "
        "fails during this time is not replaced.",
    )


def _restarts(facts: ClusterFacts, fixes: tuple[PreparedFix, ...]) -> tuple[str, ...]:
    """What the restarts mean, by what the loss of the node of each pod would mean now."""
    kinds = {fix.fix.restarts for fix in fixes} - {Restarts.NO}
    if not kinds:
        return ()
    if Restarts.ALL in kinds:
        return ("All pods restart at once: Weaviate is not available until they are ready again.",)
    replicas = facts.weaviate.replicas
    if replicas < 2:
        return ("The only pod restarts: Weaviate is not available until it is ready again.",)
    found = [f"{count(replicas, 'pod')} restart once, one at a time, if the changes are applied together."]
    steps = sum(len(fix.commands) for fix in fixes if fix.fix.effect == UPGRADE)
    if steps:
        found.append(f"The upgrade restarts them once more at each of its {count(steps, 'step')}.")
    if facts.loss.shards_missing is not None:
        return (*found, "Which data is then unavailable is not known: the shards were not read.")
    if not (broken := _without_quorum(facts)):
        return (*found, "All shards keep their quorum during the restart.")
    found.append(f"While a pod restarts, shards of {names(broken)} have no quorum: choose a time with few requests.")
    first = [fix for fix in fixes if fix.fix.restarts is Restarts.NO and fix.fix.effect]
    enough = [fix for fix in first if not _without_quorum(applied(facts, [fix]))]
    if enough or (first and not _without_quorum(applied(facts, first))):
        titles = names(fix.title for fix in enough or first)
        found.append(f"This is avoided where this is done before the restart: {titles}.")
    return tuple(found)


def _without_quorum(facts: ClusterFacts) -> list[str]:
    """The collections with a shard that has no quorum while one of the pods is away."""
    return sorted({cell.collection for loss in facts.loss.nodes for cell in loss.broken})
