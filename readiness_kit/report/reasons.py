"""Why a verdict is what it is: the sentences that the HTML report and every export print.

No form words its own reason, so that a ticket, an alert of a CI and the page that a manager reads say the same.
"""

from __future__ import annotations

from readiness_kit.labels import CHOICE_WORDS, outcome_words
from readiness_kit.model import Answer, Choice, Outcome, State, Verdict

NOTHING = "Not answered, and no evidence available."
_FAILED = (Outcome.NOT_MET, Outcome.PARTLY)


def reason(row: Verdict) -> str:
    """The reason in whole sentences: the evidence where it decided, otherwise the answer with the evidence."""
    parts = [_decided(row), *row.lines]
    return " ".join(dict.fromkeys(part for part in parts if part))


def decided_by_evidence(row: Verdict) -> bool:
    """Whether the evidence alone explains the verdict: it failed, or it is met and no answer claims less."""
    if row.finding is None:
        return False
    state = row.without_waiver or row.state
    met = (State.VERIFIED, State.CONTRADICTED)
    return state is not State.NOT_APPLICABLE and (row.finding.outcome in _FAILED or state in met)


def _decided(row: Verdict) -> str:
    finding = row.finding
    if finding is not None and decided_by_evidence(row):
        return f"{outcome_words(finding)}: {finding.sentence}" if finding.at_best else finding.sentence
    answered = _answered(row.answer)
    evidence = finding.sentence if finding is not None else ""
    return " ".join(filter(None, (answered, evidence))) or NOTHING


def _answered(answer: Answer | None) -> str:
    if answer is None or answer.value is None:
        return ""
    words = f"Answered “{CHOICE_WORDS[answer.value].lower()}”"
    why = answer.reason.strip() if answer.value is Choice.NOT_APPLICABLE else ""
    return f"{words}: {why}" if why else f"{words}."
