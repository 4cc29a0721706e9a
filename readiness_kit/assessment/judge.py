"""Answer and evidence on one line: the verdict on one question. Pure: no clock, no files.

`TABLE` is the rule; what surrounds it can only take away. A "don't know" is no answer, and no finding is an
unknown one. Evidence that ought to have been read and was not (`WITHHELD`) leaves every answer without credit,
so that less permission never makes a better score.
"""

from __future__ import annotations

from datetime import date, datetime

from readiness_kit.assessment.cadence import cadence_cap
from readiness_kit.assessment.waivers import is_live
from readiness_kit.model import (
    Answer,
    Choice,
    Finding,
    Outcome,
    Question,
    QuestionKind,
    Reason,
    Severity,
    State,
    Thresholds,
    Verdict,
    Waiver,
)

COLUMNS = (Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN, Outcome.NOT_APPLICABLE)

_NA = State.NOT_APPLICABLE
_TABLE: dict[Choice | None, tuple[State, ...]] = {
    # the answer            met             partly              not met             unknown         not applicable
    None:                  (State.VERIFIED, State.PARTLY,       State.GAP,          State.OPEN,     _NA),
    Choice.YES:            (State.VERIFIED, State.PARTLY,       State.CONTRADICTED, State.ATTESTED, State.ATTESTED),
    Choice.PARTLY:         (State.PARTLY,   State.PARTLY,       State.GAP,          State.PARTLY,   State.PARTLY),
    Choice.NO:             (State.GAP,      State.GAP,          State.GAP,          State.GAP,      State.GAP),
    Choice.NOT_APPLICABLE: (_NA,            State.CONTRADICTED, State.CONTRADICTED, _NA,            _NA),
}  # fmt: skip
TABLE: dict[tuple[Choice | None, Outcome], State] = {
    (said, outcome): state for said, row in _TABLE.items() for outcome, state in zip(COLUMNS, row, strict=True)
}

WITHHELD = (Reason.FORBIDDEN, Reason.UNREACHABLE, Reason.ERROR)
"""Reasons under which evidence is there and was not had; `absent`, `not_collected` and `not_observable` are not."""

BLOCKING = (Severity.CRITICAL, Severity.HIGH)
_SEVERITIES = list(Severity)


def verdict(
    question: Question,
    answer: Answer | None,
    finding: Finding | None,
    waiver: Waiver | None = None,
    parent_na: bool = False,
    as_of: date | datetime | None = None,
    thresholds: Thresholds | None = None,
) -> Verdict:
    """The verdict on one question.

    `as_of` is the time that ages and expiries are judged by; without it tests are not called old and no waiver
    counts. `waiver` is the one that may cover this question, expired or not.
    """
    on = as_of.date() if isinstance(as_of, datetime) else as_of
    lines = _answer_lines(question, answer)
    if parent_na:
        kept = " Its answer is kept." if answer is not None and answer.value else ""
        lines.append(f"Not applicable because {question.parent or 'the question above it'} is not.{kept}")
        state, beneath = State.NOT_APPLICABLE, None
    else:
        state = _state(question, answer, finding, on, thresholds or Thresholds(), lines)
        beneath = _waived(state, waiver, on, lines)
    severity = _severity(question, finding)
    shown = State.ACCEPTED if beneath else state
    return Verdict(
        question,
        shown,
        credit=_credit(shown, answer, finding),
        applicable=shown is not State.NOT_APPLICABLE,
        judged=shown not in (State.NOT_APPLICABLE, State.OPEN),
        blocker=shown in (State.CONTRADICTED, State.GAP) and severity in BLOCKING,
        severity=severity,
        answer=answer,
        finding=finding,
        waiver=waiver if beneath else None,
        beneath=beneath,
        lines=tuple(lines),
    )


def said(answer: Answer | None) -> Choice | None:
    """What counts as answered: None for no answer, for "don't know", and for "not applicable" without a reason."""
    if answer is None or answer.value is Choice.DONT_KNOW:
        return None
    if answer.value is Choice.NOT_APPLICABLE and not answer.reason.strip():
        return None
    return answer.value


def is_withheld(finding: Finding | None) -> bool:
    """Whether the evidence of a question is there and was not had."""
    return finding is not None and finding.reason in WITHHELD


def _state(
    question: Question,
    answer: Answer | None,
    finding: Finding | None,
    on: date | None,
    thresholds: Thresholds,
    lines: list[str],
) -> State:
    choice = said(answer)
    outcome = finding.outcome if finding else Outcome.UNKNOWN
    state = TABLE[choice, outcome]
    if state is State.NOT_APPLICABLE and is_withheld(finding):
        # Left out of the count it would lift the score where the evidence, once read, contradicts it.
        state = State.ATTESTED
    alone = outcome in (Outcome.UNKNOWN, Outcome.NOT_APPLICABLE) and choice in (Choice.YES, Choice.PARTLY)
    if alone and answer is not None and question.kind is QuestionKind.CADENCE:
        cap, why = cadence_cap(question.id, answer, on, thresholds)
        lines += [why] if why else []
        if cap is State.GAP or (cap is State.PARTLY and state is State.ATTESTED):
            state = cap
    lines += _combination_lines(choice, outcome, state, answer, finding)
    return state


def _waived(state: State, waiver: Waiver | None, on: date | None, lines: list[str]) -> State | None:
    """What a live waiver covers; None where none does."""
    if waiver is None or state not in (State.GAP, State.CONTRADICTED):
        return None
    if on is None:
        lines.append("Its waiver does not count: without a snapshot or a date there is no telling whether it expired.")
        return None
    if not is_live(waiver, on):
        lines.append(f"Its waiver expired on {waiver.expires} and no longer counts.")
        return None
    control = f" Compensating control: {waiver.control}" if waiver.control else ""
    lines.append(f"Accepted by {waiver.approver} until {waiver.expires}: {waiver.reason}{control}")
    return state


def _credit(state: State, answer: Answer | None, finding: Finding | None) -> float:
    if state is State.VERIFIED:
        return 1.0
    if state not in (State.ATTESTED, State.PARTLY) or is_withheld(finding):
        return 0.0
    proved = state is State.ATTESTED and answer is not None and bool(answer.link.strip())
    return 1.0 if proved else 0.5


def _severity(question: Question, finding: Finding | None) -> Severity:
    """The question's, or the lower one that a finding shows; never a higher one."""
    shown = finding.severity if finding else None
    if shown is not None and _SEVERITIES.index(shown) > _SEVERITIES.index(question.severity):
        return shown
    return question.severity


# --- sentences ------------------------------------------------------------------------------------


def _answer_lines(question: Question, answer: Answer | None) -> list[str]:
    if answer is None:
        return []
    lines = []
    if answer.value is not None and answer.revision < question.revision:
        lines.append(f"Answered to an earlier wording (revision {answer.revision}, now {question.revision}).")
    if answer.value is Choice.NOT_APPLICABLE and not answer.reason.strip():
        lines.append("“Not applicable” without a reason counts as no answer.")
    return lines


def _combination_lines(
    choice: Choice | None, outcome: Outcome, state: State, answer: Answer | None, finding: Finding | None
) -> list[str]:
    if choice is None:
        return []
    if is_withheld(finding):
        return ["It earns nothing until the evidence can be read."] if choice is not Choice.NO else []
    if outcome is Outcome.MET and choice in (Choice.NO, Choice.PARTLY):
        return ["The evidence says better than the answer, which decides: is it out of date?"]
    if outcome is Outcome.MET and choice is Choice.NOT_APPLICABLE:
        return ["The evidence finds it met all the same."]
    if outcome is Outcome.NOT_APPLICABLE and choice is not Choice.NOT_APPLICABLE:
        return ["The evidence sees nothing that this applies to; the answer decides."]
    if state is State.ATTESTED and not (answer and answer.link.strip()):
        return ["Taken on trust: with a link to proof it counts in full."]
    return []
