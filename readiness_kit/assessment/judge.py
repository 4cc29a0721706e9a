"""The verdict on one question, from its answer and its finding. Pure: no clock, no files.

`TABLE` gives the state; the rules around it can only lower it. “Don't know” counts as no answer, a missing finding as
unknown; partly at best counts as partly. If existing evidence could not be read (`WITHHELD`), an answer earns no
credit, so fewer permissions never raise the score.
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
    (choice, outcome): state for choice, row in _TABLE.items() for outcome, state in zip(COLUMNS, row, strict=True)
}

WITHHELD = (Reason.FORBIDDEN, Reason.UNREACHABLE, Reason.ERROR)
"""Reasons for which existing evidence was not read, in contrast to `absent`, `not_collected`, `not_observable`."""

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

    `waiver` is the one for this question, expired or not. `parent_na` means that the question above does not apply.
    `as_of` is the time by which ages and expiries are judged; without it no test is too old and no waiver counts.
    """
    on = as_of.date() if isinstance(as_of, datetime) else as_of
    lines = _answer_lines(question, answer)
    if parent_na:
        kept = " The answer is kept." if answer is not None and answer.value else ""
        lines.append(f"Not applicable because {question.parent or 'the question above it'} does not apply.{kept}")
        state, without_waiver = State.NOT_APPLICABLE, None
    else:
        state = _state(question, answer, finding, on, thresholds or Thresholds(), lines)
        without_waiver = _waived(state, waiver, on, lines)
    severity = _severity(question, finding)
    shown = State.ACCEPTED if without_waiver else state
    by_evidence = finding is not None and finding.outcome in (Outcome.NOT_APPLICABLE, Outcome.MET)
    known_na = shown is State.NOT_APPLICABLE and (parent_na or by_evidence)
    confirmed = shown in (State.ATTESTED, State.NOT_APPLICABLE) and is_confirmed(answer)
    return Verdict(
        question,
        shown,
        credit=_credit(shown, answer, finding),
        applicable=shown is not State.NOT_APPLICABLE,
        judged=shown not in (State.NOT_APPLICABLE, State.OPEN),
        blocker=shown in (State.CONTRADICTED, State.GAP) and severity in BLOCKING,
        severity=severity,
        withheld=is_withheld(finding),
        proved=shown is State.VERIFIED or known_na or confirmed,
        answer=answer,
        finding=finding,
        waiver=waiver if without_waiver else None,
        without_waiver=without_waiver,
        lines=tuple(lines),
    )


def counted(answer: Answer | None) -> Choice | None:
    """The choice that counts: None without an answer, for “don't know” and for “not applicable” without a reason."""
    if answer is None or answer.value is Choice.DONT_KNOW:
        return None
    if answer.value is Choice.NOT_APPLICABLE and not answer.reason.strip():
        return None
    return answer.value


def is_confirmed(answer: Answer | None) -> bool:
    """Whether the assessor has confirmed the proof of an answer, with name and date."""
    return answer is not None and bool(answer.confirmed_by.strip()) and answer.confirmed_on is not None


def is_withheld(finding: Finding | None) -> bool:
    """Whether existing evidence that could change the outcome was not read: refused, unreachable or failed."""
    if finding is None or finding.outcome is Outcome.NOT_MET:
        return False
    return finding.reason in WITHHELD or any(check.reason in WITHHELD for check in finding.facts)


def _state(
    question: Question,
    answer: Answer | None,
    finding: Finding | None,
    on: date | None,
    thresholds: Thresholds,
    lines: list[str],
) -> State:
    choice = counted(answer)
    outcome = finding.outcome if finding else Outcome.UNKNOWN
    state = TABLE[choice, outcome]
    if state is State.NOT_APPLICABLE and outcome is not Outcome.NOT_APPLICABLE and is_withheld(finding):
        # Left out, it would raise the score although the evidence, once read, may contradict it.
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
    """The state that a live waiver covers, None if there is no such waiver."""
    if waiver is None or state not in (State.GAP, State.CONTRADICTED):
        return None
    if on is None:
        lines.append("The waiver does not count: there is no snapshot or date to check its expiry.")
        return None
    if not is_live(waiver, on):
        lines.append(f"The waiver expired on {waiver.expires} and no longer counts.")
        return None
    texts = (waiver.reason, f"Compensating control: {waiver.control}" if waiver.control else "")
    reason = " ".join(f"{text.rstrip(' .')}." for text in texts if text)
    lines.append(f"Accepted by {waiver.approver} until {waiver.expires}: {reason}")
    return state


def _credit(state: State, answer: Answer | None, finding: Finding | None) -> float:
    if state is State.VERIFIED:
        return 1.0
    if state not in (State.ATTESTED, State.PARTLY) or is_withheld(finding):
        return 0.0
    return 1.0 if state is State.ATTESTED and is_confirmed(answer) else 0.5


def _severity(question: Question, finding: Finding | None) -> Severity:
    """The severity of the question, or a lower one of its finding; never a higher one."""
    lowered = finding.severity if finding and finding.severity else question.severity
    return max(question.severity, lowered, key=_SEVERITIES.index)


# --- sentences ------------------------------------------------------------------------------------


def _answer_lines(question: Question, answer: Answer | None) -> list[str]:
    if answer is None:
        return []
    lines = []
    if answer.value is not None and answer.revision < question.revision:
        lines.append(
            f"Answered before the question was reworded (revision {answer.revision}, now {question.revision})."
        )
    if answer.value is Choice.NOT_APPLICABLE and not answer.reason.strip():
        lines.append("“Not applicable” without a reason counts as no answer.")
    return lines


def _combination_lines(
    choice: Choice | None, outcome: Outcome, state: State, answer: Answer | None, finding: Finding | None
) -> list[str]:
    if choice is None:
        return []
    lines = []
    if choice is Choice.YES and finding is not None and finding.at_best:
        lines.append("A lack is known, so this is partly met at best, whatever the unread evidence shows.")
    if is_withheld(finding):
        if choice is not Choice.NO:
            lines.append("Adds nothing to the score until the evidence can be read.")
        return lines
    if outcome is Outcome.MET and choice in (Choice.NO, Choice.PARTLY):
        return ["The evidence is better than the answer. The answer decides; check whether it is out of date."]
    if outcome is Outcome.MET and choice is Choice.NOT_APPLICABLE:
        return ["The evidence shows that the requirement is met."]
    if outcome is Outcome.NOT_APPLICABLE and choice is not Choice.NOT_APPLICABLE:
        return ["The evidence shows nothing that this question applies to. The answer decides."]
    if state is State.ATTESTED and answer is not None:
        if is_confirmed(answer):
            lines.append(f"Proof confirmed by {answer.confirmed_by} on {answer.confirmed_on}.")
        else:
            given = "The proof is not confirmed" if answer.link.strip() else "There is no proof"
            lines.append(f"{given}: the answer counts half, and in full once the assessor has confirmed its proof.")
    return lines
