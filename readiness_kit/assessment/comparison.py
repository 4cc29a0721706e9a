"""What changed between two assessments.

Something is called better only where as much was read as before: where scope or permission shrank, or the question
itself changed, the two are incomparable.
"""

from __future__ import annotations

import msgspec

from readiness_kit.assessment.judge import said
from readiness_kit.model import Assessment, Choice, Level, Outcome, Question, Reason, State, Verdict

_NO_LONGER_SEEN = (Reason.FORBIDDEN, Reason.UNREACHABLE, Reason.ERROR, Reason.NOT_COLLECTED, Reason.ABSENT)


class Milestone(msgspec.Struct, frozen=True):
    """`scope`: the namespaces the snapshot was limited to, empty for the whole cluster."""

    schema: int
    name: str
    assessment: Assessment
    scope: tuple[str, ...] = ()


class Change(msgspec.Struct, frozen=True):
    """One question then and now. `why` explains what the states alone do not say."""

    question: Question
    before: State | None
    after: State | None
    answers: tuple[Choice | None, Choice | None]
    outcomes: tuple[Outcome | None, Outcome | None]
    why: str = ""


class Comparison(msgspec.Struct, frozen=True):
    """Each question of the two assessments stands in exactly one list, in checklist order of the newer.

    `new`: falls short now and did not. `worse`, `better`: moved without such a step. `resolved`: fell short and
    holds now. Scores are comparable where `incomparable` is empty.
    """

    new: tuple[Change, ...]
    worse: tuple[Change, ...]
    resolved: tuple[Change, ...]
    better: tuple[Change, ...]
    unchanged: tuple[Change, ...]
    incomparable: tuple[Change, ...]
    scores: tuple[float | None, float | None]
    coverages: tuple[float, float]
    levels: tuple[Level, Level]


def compare(old: Milestone | Assessment, new: Milestone | Assessment) -> Comparison:
    """What changed from `old` to `new`; only milestones know their scope."""
    before, was = _parts(old)
    after, now = _parts(new)
    shrank = bool(now) and (not was or not set(was) <= set(now))
    olds = {verdict.question.id: verdict for verdict in before.verdicts}
    news = {verdict.question.id: verdict for verdict in after.verdicts}
    lists: dict[str, list[Change]] = {name: [] for name in Comparison.__struct_fields__[:6]}
    for id in dict.fromkeys((*news, *olds)):
        name, change = _change(olds.get(id), news.get(id), shrank)
        lists[name].append(change)
    return Comparison(
        **{name: tuple(changes) for name, changes in lists.items()},
        scores=(before.total.score, after.total.score),
        coverages=(before.total.coverage, after.total.coverage),
        levels=(before.level, after.level),
    )


def _parts(one: Milestone | Assessment) -> tuple[Assessment, tuple[str, ...]]:
    return (one.assessment, one.scope) if isinstance(one, Milestone) else (one, ())


def _change(old: Verdict | None, new: Verdict | None, shrank: bool) -> tuple[str, Change]:
    present = new or old
    assert present is not None
    name, why = _kind(old, new, shrank)
    return name, Change(
        present.question,
        old.state if old else None,
        new.state if new else None,
        (said(old.answer) if old else None, said(new.answer) if new else None),
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
_SHORT = (State.CONTRADICTED, State.GAP, State.PARTLY)


def _kind(old: Verdict | None, new: Verdict | None, shrank: bool) -> tuple[str, str]:
    """Which list a question belongs to, and the sentence that explains it."""
    if old is None or new is None:
        return "incomparable", "not asked then" if old is None else "not asked any more"
    if old.question.revision != new.question.revision:
        return "incomparable", "the text of the question changed"
    was, now = old.beneath or old.state, new.beneath or new.state
    if (was is State.NOT_APPLICABLE) != (now is State.NOT_APPLICABLE):
        return "incomparable", "applies now and did not" if now is not State.NOT_APPLICABLE else "no longer applies"
    lost = _less_seen(old, new, shrank)
    step = _RANK.get(now, 0) - _RANK.get(was, 0)
    if lost and not (now in _SHORT and step <= 0):
        return "incomparable", lost  # it may only look better, or just as good
    waived = (old.state is State.ACCEPTED, new.state is State.ACCEPTED)
    why = {(False, True): "accepted now", (True, False): "no longer accepted"}.get(waived, "")
    if step == 0:
        return "unchanged", why
    if step < 0:
        return ("worse" if was in _SHORT or now not in _SHORT else "new"), why
    if was in _SHORT and now is State.OPEN:
        return "incomparable", "no longer known"
    return ("resolved" if was in _SHORT and now not in _SHORT else "better"), why


def _less_seen(old: Verdict, new: Verdict, shrank: bool) -> str:
    """Why the evidence of the newer assessment saw less; empty where it did not."""
    if old.finding is None or old.finding.outcome is Outcome.UNKNOWN:
        return ""
    if new.finding is None or new.finding.reason in _NO_LONGER_SEEN:
        return "its evidence could be read then and not now"
    gone = sorted(set(new.finding.missing) - set(old.finding.missing))
    if gone:
        return f"not read any more: {', '.join(gone)}"
    return "the newer snapshot covers fewer namespaces" if shrank else ""
