"""The fixes of an assessment: for each check that failed its fix, filled for this cluster, and nothing else.

A verdict that is a gap or partly met by the answer alone has no failed check; there, the fixes of the checks count that
no cluster shows, which ask for a decision or a practice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from readiness_kit.errors import ConfigError
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.fixes.applying import with_values
from readiness_kit.fixes.changes import changes
from readiness_kit.fixes.filling import filled, filled_text
from readiness_kit.fixes.fragments import with_running_entries
from readiness_kit.fixes.loading import catalogue
from readiness_kit.fixes.merging import Objects
from readiness_kit.fixes.model import ITEM, Change, FailedCheck, Fix, OpenDecision, PreparedFix, Value
from readiness_kit.fixes.parameters import PARAMETERS, Context
from readiness_kit.fixes.rollout import immutable_changes
from readiness_kit.model import Assessment, Check, Outcome, Reason, Settings, State, Verdict

NEEDS_ACTION = (State.GAP, State.CONTRADICTED, State.PARTLY)


def failed_checks(row: Verdict) -> tuple[Check, ...]:
    """The checks of a verdict that failed."""
    checks = (fact for fact in row.finding.facts if isinstance(fact, Check)) if row.finding else ()
    return tuple(check for check in checks if check.outcome in (Outcome.PARTLY, Outcome.NOT_MET))


def causes(row: Verdict) -> Iterator[FailedCheck]:
    """What the fixes of one verdict have to close; nothing where no action is needed, or a waiver covers the gap."""
    if row.state not in NEEDS_ACTION:
        return
    checks = failed_checks(row)
    if not checks and row.finding is not None:
        checks = tuple(
            check for check in row.finding.facts if isinstance(check, Check) and check.reason is Reason.NOT_OBSERVABLE
        )
    for check in checks:
        if check.fix:
            yield FailedCheck(row.question, row.severity, check)


def fixes_for(assessment: Assessment, facts: ClusterFacts, settings: Settings) -> tuple[PreparedFix, ...]:
    """The fixes of all verdicts, each once with all its causes, in checklist order."""
    return prepared((cause for row in assessment.verdicts for cause in causes(row)), facts, settings)


def prepared(found: Iterable[FailedCheck], facts: ClusterFacts, settings: Settings) -> tuple[PreparedFix, ...]:
    """The fixes that checks name. One whose values the cluster has already is left out."""
    by_fix: dict[str, list[FailedCheck]] = {}
    for cause in found:
        by_fix.setdefault(cause.check.fix, []).append(cause)
    table = catalogue()
    filled_fixes = (prepare(table[id], facts, settings, each) for id, each in by_fix.items())
    return tuple(fix for fix in filled_fixes if not _is_in_place(fix, facts))


def _is_in_place(fix: PreparedFix, facts: ClusterFacts) -> bool:
    only_values = fix.applicable and fix.values and not (fix.manifests or fix.fix.effect)
    return bool(only_values) and with_values(facts, fix.values) == facts.snapshot.kept


def prepare(fix: Fix, facts: ClusterFacts, settings: Settings, found: Iterable[FailedCheck] = ()) -> PreparedFix:
    """One fix with the values of this cluster."""
    found = tuple(found)
    context = Context(facts, settings, tuple(cause.check for cause in found))
    known = {name: PARAMETERS[name](context) for name in fix.parameters}
    texts = {name: filled_text(getattr(fix, name), known) for name in ("title", "why", "risk", "rollback", "done_when")}
    values = with_running_entries(filled(fix.values, known), facts)
    decisions = tuple(dict.fromkeys(value for value in known.values() if isinstance(value, OpenDecision)))
    recorded: tuple[Change, ...] = ()
    if values and not decisions:
        try:
            after = with_values(facts, values)
            recorded = changes(facts.snapshot.kept, after)
            decisions = _refused(facts, after)
        except ConfigError as problem:  # such as an object of the same name that Helm did not make
            decisions = (OpenDecision("place", problem.what, problem.hint),)
    return PreparedFix(
        fix,
        **texts,
        causes=found,
        values=values,
        recorded=recorded,
        manifests=tuple(filled(manifest, known) for manifest in fix.manifests),
        before=tuple(filled_text(text, known) for text in fix.before),
        commands=tuple(_repeated(fix, known)),
        verify=tuple(filled_text(text, known) for text in fix.verify),
        sources={name: value.source for name, value in known.items() if isinstance(value, Value)},
        decisions=decisions,
    )


def _refused(facts: ClusterFacts, after: Objects) -> tuple[OpenDecision, ...]:
    """The decision to recreate the StatefulSet, where the API server refuses to change a field of a running one."""
    target = facts.target
    fields = immutable_changes(facts.snapshot.kept, after, namespace=target.namespace, name=target.name)
    if not fields:
        return ()
    what = f"when to recreate the StatefulSet: {names(fields)} of a running one cannot be changed"
    how = f"kubectl -n {target.namespace} delete statefulset {target.name} --cascade=orphan keeps the pods running"
    return (OpenDecision("recreation", what, how),)


def _repeated(fix: Fix, known: Mapping[str, Value | OpenDecision]) -> Iterator[str]:
    """The commands, once for each element of the parameter that `each` names."""
    whole = known.get(fix.each)
    items = [Value(item, whole.source) for item in whole.value] if isinstance(whole, Value) else [whole]
    for item in items:
        for text in fix.commands:
            yield filled_text(text, {**known, ITEM: item} if item is not None else known)
