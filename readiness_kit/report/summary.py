"""What the first page states in a few sentences: where the cluster stands, its worst risk, how the score is made."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from readiness_kit.assessment.score import weight
from readiness_kit.labels import CHOICE_WORDS, count, running_lines
from readiness_kit.markup import first_sentences
from readiness_kit.model import AdvisoryMatch, Applicability, Assessment, Level, Outcome, Severity, State, Verdict
from readiness_kit.report.action_plan import Action, ActionPlan, blocking_advisories

SENTENCE, SHORT, NOTE = 160, 120, 90
LEVEL_HEADINGS = {
    Level.NOT_READY: "Not ready for production",
    Level.NOT_ENOUGH_KNOWN: "Not enough known to decide",
    Level.READY_WITH_RISKS: "Ready for production, with risks",
    Level.READY: "Ready for production",
}


class Cause(msgspec.Struct, frozen=True):
    """Blockers with one cause: what was found, the questions, and the action that closes them."""

    found: str
    blockers: tuple[Verdict, ...]
    action: Action | None


def blockers_of(judged: Assessment) -> int:
    """The number of blockers: questions and critical known faults; a Weaviate that is not running has its own line."""
    return len(judged.blockers) + len(blocking_advisories(judged))


def heading(judged: Assessment) -> str:
    """`Not ready for production: 9 blockers`."""
    number = blockers_of(judged)
    return f"{LEVEL_HEADINGS[judged.level]}: {count(number, 'blocker')}" if number else LEVEL_HEADINGS[judged.level]


def standing(judged: Assessment) -> str:
    """Where the cluster stands: what is verified, what fails, what is not known."""
    total, counts = judged.total, judged.total.counts
    if not total.judged:
        return f"Nothing has been judged yet: {count(total.applicable, 'question')} are open."
    verified, bad = counts.get(State.VERIFIED, 0), counts.get(State.CONTRADICTED, 0)
    text = f"{verified} of {count(total.applicable, 'applicable question')} {_is(verified)} verified"
    gaps, partly = counts.get(State.GAP, 0), counts.get(State.PARTLY, 0)
    lacks = [count(gaps, "has a gap", "have gaps")] if gaps else []
    lacks += [f"{partly} {_is(partly)} partly met"] if partly else []
    lacks += [count(bad, "answer contradicts", "answers contradict") + " what the cluster shows"] if bad else []
    lacks += [f"{total.open} {_is(total.open)} open"] if total.open else []
    return f"{text}; {_listed(lacks)}." if lacks else f"{text}."


def worst_risk(judged: Assessment) -> tuple[str, Verdict | AdvisoryMatch | None]:
    """The worst risk in one or two sentences, and the question or advisory that it comes from.

    Weaviate that does not run comes first, then contradictions and gaps by severity, then critical known faults.
    """
    if judged.running is not None and judged.running.blocking:
        title, _ = running_lines(judged.running)
        return f"{title}: {first_sentences(judged.running.blocking[0], SENTENCE)}", None
    due = [row for row in (*judged.blockers, *judged.actions) if row.state is not State.OPEN]
    ranked = sorted(due, key=lambda row: list(Severity).index(row.severity))
    faults = blocking_advisories(judged)
    if faults and not any(row.severity is Severity.CRITICAL for row in judged.blockers):
        return first_sentences(f"{faults[0].title}. {faults[0].happens}", SENTENCE), faults[0]
    if ranked:
        return reason(ranked[0]), ranked[0]
    if judged.level is Level.NOT_ENOUGH_KNOWN:
        return "No gap is known, but too much is open to rule one out.", None
    return "No gap is known.", None


def reason(row: Verdict, length: int = SENTENCE) -> str:
    """Why a question needs action: the evidence where it decided, otherwise the answer and why it matters."""
    if row.finding is not None and row.finding.outcome in (Outcome.NOT_MET, Outcome.PARTLY):
        return first_sentences(row.finding.sentence, length)
    if row.answer is None or row.answer.value is None:
        return first_sentences(row.question.why, length)
    note = row.answer.note.strip() or row.question.why
    return f"Answered “{CHOICE_WORDS[row.answer.value].lower()}”. {first_sentences(note, NOTE)}"


def causes(judged: Assessment, plan: ActionPlan) -> tuple[Cause, ...]:
    """The blocking questions, those that one action closes together; most serious first."""
    grouped: dict[int, list[Verdict]] = {}
    for row in judged.blockers:
        action = plan.of(row.question.id)
        grouped.setdefault(action.number if action else -len(grouped) - 1, []).append(row)
    by_number = {action.number: action for action in plan.actions}
    found = [Cause(reason(rows[0], SHORT), tuple(rows), by_number.get(number)) for number, rows in grouped.items()]
    return tuple(sorted(found, key=lambda cause: min(list(Severity).index(row.severity) for row in cause.blockers)))


def notices(judged: Assessment) -> str:
    """The known faults and ends of support in addition to the blockers: "G-4 and G-6 apply; G-10 may apply"."""
    blocking = {found.id for found in blocking_advisories(judged)}
    parts = []
    for kind, verbs in ((Applicability.APPLIES, ("applies", "apply")), (Applicability.MAY_APPLY, ("may apply",) * 2)):
        rows = [row for row in judged.advisories if row.applicability is kind and row.id not in blocking]
        parts += [f"{_listed([row.id for row in rows])} {verbs[len(rows) > 1]}"] if rows else []
    return f"{'; '.join(parts)}." if parts else ""


def worked_score(judged: Assessment) -> str:
    """How the two ends of the range come about, in points: weights of the questions times their credit."""
    rows = [row for row in judged.verdicts if row.applicable]
    total = sum(map(weight, rows))
    if not total or not judged.total.judged:
        return ""
    full, half = [row for row in rows if row.credit == 1], [row for row in rows if 0 < row.credit < 1]
    parts = [f"{_points(full)} from {count(len(full), 'question')} in full"] if full else []
    parts += [f"{_points(half)} from {len(half)} at half"] if half else []
    proven = sum(weight(row) * row.credit for row in rows)
    possible = judged.total.possible * total
    made = f": {', '.join(parts)}" if parts else ""
    return (
        f"{proven:g} of {count(total, 'point')} are proven{made}. {possible:g} are possible if all that is open, "
        "claimed or not read proves true."
    )


def _points(rows: Iterable[Verdict]) -> str:
    return f"{sum(weight(row) * row.credit for row in rows):g}"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _listed(parts: list[str]) -> str:
    return ", ".join(parts[:-1]) + " and " + parts[-1] if len(parts) > 1 else "".join(parts)
