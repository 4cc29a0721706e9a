"""Compares two assessments.

An improvement counts only if at least as much was read as before: with a smaller scope, fewer permissions or a changed
question, the two are incomparable.
"""

from __future__ import annotations

import msgspec

from readiness_kit.assessment.judge import counted
from readiness_kit.model import Assessment, Choice, Level, Outcome, Question, Reason, State, Verdict

ONLY_ANSWER = "only the answer changed"
"""Why a change counts for nothing: neither evidence nor a confirmed proof supports it."""

_UNREAD = (Reason.FORBIDDEN, Reason.UNREACHABLE, Reason.ERROR, Reason.NOT_COLLECTED, Reason.ABSENT)


class Milestone(msgspec.Struct, frozen=True):
    """A frozen assessment. `scope` are the namespaces that its snapshot is limited to, empty for the whole cluster."""

    schema: int
    name: str
    assessment: Assessment
    scope: tuple[str, ...] = ()


class Change(msgspec.Struct, frozen=True):
    """One question in both assessments, the older first; None where it was not asked. `why` explains the change."""

    question: Question
    before: State | None
    after: State | None
    answers: tuple[Choice | None, Choice | None]
    outcomes: tuple[Outcome | None, Outcome | None]
    why: str = ""


class Comparison(msgspec.Struct, frozen=True):
    """Every question of the two assessments, each in exactly one list, in the order of the newer checklist.

    `new`: a gap or partly met now, and not before. `resolved`: the reverse. `worse`, `better`: other changes of state.
    A change of the answer alone improves nothing unless evidence or a confirmed proof supports it.
    `scores` are what is proven. They can be compared if `incomparable` is empty. Of each
    pair, the older assessment comes first.
    """

    new: tuple[Change, ...]
    worse: tuple[Change, ...]
    resolved: tuple[Change, ...]
    better: tuple[Change, ...]
    unchanged: tuple[Change, ...]
    incomparable: tuple[Change, ...]
    scores: tuple[float, float]
    possible: tuple[float, float]
    coverages: tuple[float, float]
    levels: tuple[Level, Level]


def compare(old: Milestone | Assessment, new: Milestone | Assessment) -> Comparison:
    """The changes from `old` to `new`. Only milestones have a scope; without one it is the whole cluster."""
    before, old_scope = _parts(old)
    after, new_scope = _parts(new)
    shrank = bool(new_scope) and (not old_scope or not set(old_scope) <= set(new_scope))
    olds = {verdict.question.id: verdict for verdict in before.verdicts}
    news = {verdict.question.id: verdict for verdict in after.verdicts}
    lists: dict[str, list[Change]] = {name: [] for name in Comparison.__struct_fields__[:6]}
    for id in dict.fromkeys((*news, *olds)):
        name, change = _change(olds.get(id), news.get(id), shrank)
        lists[name].append(change)
    return Comparison(
        **{name: tuple(changes) for name, changes in lists.items()},
        scores=(before.total.proven, after.total.proven),
        possible=(before.total.possible, after.total.possible),
        coverages=(before.total.coverage, after.total.coverage),
        levels=(before.level, after.level),
    )


def _parts(item: Milestone | Assessment) -> tuple[Assessment, tuple[str, ...]]:
    return (item.assessment, item.scope) if isinstance(item, Milestone) else (item, ())


def _change(old: Verdict | None, new: Verdict | None, shrank: bool) -> tuple[str, Change]:
    present = new or old
    assert present is not None  # noqa: S101 - one of them exists, for the type checker
    name, why = _kind(old, new, shrank)
    return name, Change(
        present.question,
        old.state if old else None,
        new.state if new else None,
        (counted(old.answer) if old else None, counted(new.answer) if new else None),
        (_outcome(old), _outcome(new)),
        why,
    )


def _outcome(verdict: Verdict | None) -> Outcome | None:
    return verdict.finding.outcome if verdict and verdict.finding else None


_RANK = {
    State.CONTRADICTED: 0,
    State.GAP: 1,
    State.PARTLY: 2,
    State.OPEN: 3,
    State.ATTESTED: 4,
    State.VERIFIED: 5,
}
_GAPS = (State.CONTRADICTED, State.GAP, State.PARTLY)


def _kind(old: Verdict | None, new: Verdict | None, shrank: bool) -> tuple[str, str]:
    """The list that a question belongs to, and the explanation."""
    if old is None or new is None:
        return "incomparable", "not asked then" if old is None else "no longer asked"
    if old.question.revision != new.question.revision:
        return "incomparable", "the text of the question changed"
    was, now = old.without_waiver or old.state, new.without_waiver or new.state
    if (was is State.NOT_APPLICABLE) != (now is State.NOT_APPLICABLE):
        return "incomparable", "now applies" if now is not State.NOT_APPLICABLE else "no longer applies"
    lost = _lost_evidence(old, new, shrank)
    step = _RANK.get(now, 0) - _RANK.get(was, 0)
    if lost and not (now in _GAPS and step <= 0):
        return "incomparable", lost  # an improvement, or no change, may only be apparent
    waived = (old.state is State.ACCEPTED, new.state is State.ACCEPTED)
    why = {(False, True): "accepted now", (True, False): "no longer accepted"}.get(waived, "")
    if step == 0:
        return "unchanged", why
    if step < 0:
        return ("worse" if was in _GAPS or now not in _GAPS else "new"), why
    if was in _GAPS and now is State.OPEN:
        return "incomparable", "no longer known"
    if _answer_alone(old, new) and was is not State.OPEN and not new.proved:
        return "unchanged", ONLY_ANSWER
    return ("resolved" if was in _GAPS and now not in _GAPS else "better"), why


def _answer_alone(old: Verdict, new: Verdict) -> bool:
    """Whether the answer changed and the evidence did not."""
    return counted(old.answer) is not counted(new.answer) and _outcome(old) is _outcome(new)


def _lost_evidence(old: Verdict, new: Verdict, shrank: bool) -> str:
    """Why less was read for the newer assessment; empty if as much was read."""
    if old.finding is None or old.finding.outcome is Outcome.UNKNOWN:
        return ""
    if new.finding is None or new.finding.reason in _UNREAD:
        return "its evidence can no longer be read"
    gone = sorted(set(new.finding.missing) - set(old.finding.missing))
    if gone:
        return f"no longer read: {', '.join(gone)}"
    return "the newer snapshot covers fewer namespaces" if shrank else ""
