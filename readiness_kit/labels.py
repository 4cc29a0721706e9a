"""How the kit's terms are written for people: one label, one sign and one order for each, the same in every output."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from readiness_kit.model import (
    AdvisoryMatch,
    Applicability,
    Choice,
    Finding,
    Level,
    Outcome,
    Reason,
    RunningState,
    Score,
    Section,
    Severity,
    State,
)
from readiness_kit.terms import FixKind, FixState, Restarts, Wave

SECTION_TITLES = {
    Section.HIGH_AVAILABILITY: "High availability and resilience",
    Section.RESOURCE_MANAGEMENT: "Resource management",
    Section.SECURITY: "Security",
    Section.MONITORING: "Monitoring and observability",
    Section.PERFORMANCE: "Ingestion and query performance",
    Section.TENANTS: "Tenants",
    Section.VERSIONS: "Versions and settings",
}

STATE_WORDS = {
    State.CONTRADICTED: "Contradicted",
    State.GAP: "Gap",
    State.PARTLY: "Partly",
    State.ACCEPTED: "Accepted risk",
    State.OPEN: "Open",
    State.ATTESTED: "Attested",
    State.VERIFIED: "Verified",
    State.NOT_APPLICABLE: "Not applicable",
}
_STATE_PLURALS = {State.GAP: "gaps", State.ACCEPTED: "accepted risks"}
STATE_SIGNS = {
    State.CONTRADICTED: "⚠",
    State.GAP: "✗",
    State.PARTLY: "◐",
    State.ACCEPTED: "⚑",
    State.OPEN: "○",
    State.ATTESTED: "✎",
    State.VERIFIED: "✓",
    State.NOT_APPLICABLE: "–",
}

STATE_ORDER = tuple(STATE_WORDS)
"""Worst first; what is not known comes between what is bad and what is good."""

OUTCOME_WORDS = {
    Outcome.MET: "Met",
    Outcome.PARTLY: "Partly met",
    Outcome.NOT_MET: "Not met",
    Outcome.UNKNOWN: "Unknown",
    Outcome.NOT_APPLICABLE: "Not applicable",
}
OUTCOME_SIGNS = {
    Outcome.MET: "✓",
    Outcome.PARTLY: "◐",
    Outcome.NOT_MET: "✗",
    Outcome.UNKNOWN: "?",
    Outcome.NOT_APPLICABLE: "–",
}

REASON_WORDS = {
    Reason.FORBIDDEN: "not permitted to read it",
    Reason.UNREACHABLE: "could not be reached",
    Reason.ABSENT: "this cluster does not have it",
    Reason.NOT_COLLECTED: "not collected",
    Reason.NOT_OBSERVABLE: "cannot be seen from outside",
    Reason.ERROR: "an error while reading",
}

LEVEL_WORDS = {
    Level.NOT_READY: "Not ready",
    Level.NOT_ENOUGH_KNOWN: "Not enough known",
    Level.READY_WITH_RISKS: "Ready with risks",
    Level.READY: "Ready",
}
LEVEL_SIGNS = {
    Level.NOT_READY: "✗",
    Level.NOT_ENOUGH_KNOWN: "?",
    Level.READY_WITH_RISKS: "◐",
    Level.READY: "✓",
}

CHOICE_WORDS = {
    Choice.YES: "Yes",
    Choice.PARTLY: "Partly",
    Choice.NO: "No",
    Choice.NOT_APPLICABLE: "Not applicable",
    Choice.DONT_KNOW: "Don't know",
}

SEVERITY_WORDS = {
    Severity.CRITICAL: "Critical",
    Severity.HIGH: "High",
    Severity.MEDIUM: "Medium",
    Severity.LOW: "Low",
}
APPLICABILITY_WORDS = {Applicability.APPLIES: "Applies", Applicability.MAY_APPLY: "May apply"}
APPLICABILITY_SIGNS = {Applicability.APPLIES: "✗", Applicability.MAY_APPLY: "?"}
SEVERITY_ORDER = tuple(SEVERITY_WORDS)
"""Most severe first."""

SIZING_HEAD = ("What", "Usage against limit", "Why", "Helm values")
"""The columns of the sizing advice."""
SIZING_UNCHANGED = "Nothing to change: memory, CPU and disk have enough headroom in the history that was read."

_WORDS: tuple[Mapping[Any, str], ...] = (
    SECTION_TITLES,
    STATE_WORDS,
    OUTCOME_WORDS,
    REASON_WORDS,
    LEVEL_WORDS,
    CHOICE_WORDS,
    SEVERITY_WORDS,
    APPLICABILITY_WORDS,
)
# Members of different enumerations can be equal (they are strings), so that the type belongs to the key.
_LABELS = {(type(key), key): word for words in _WORDS for key, word in words.items()}
_ALL_SIGNS: tuple[Mapping[Any, str], ...] = (STATE_SIGNS, OUTCOME_SIGNS, LEVEL_SIGNS, APPLICABILITY_SIGNS)
_SIGNS = {(type(key), key): sign for signs in _ALL_SIGNS for key, sign in signs.items()}


RUNNING_ID = "weaviate.running"
"""Names Weaviate's present state among question ids."""
NOT_RUNNING = "Weaviate is not running properly now"
NOT_KNOWN_TO_RUN = "It is not known whether Weaviate is running properly now"
RUNNING_NOTES = "Weaviate's pods, for information"


def running_lines(running: RunningState | None) -> tuple[str, tuple[str, ...]]:
    """Title and sentences on Weaviate's present state, those that block first; both empty where there is none."""
    if running is None or not (running.blocking or running.shown or running.reason):
        return "", ()
    unknown = NOT_KNOWN_TO_RUN if running.reason else RUNNING_NOTES
    return NOT_RUNNING if running.blocking else unknown, (*running.blocking, *running.shown)


def label(value: Enum) -> str:
    """The label of a section, state, outcome, reason, level, choice, severity or applicability."""
    return _LABELS[type(value), value]


def sign(value: State | Outcome | Level | Applicability) -> str:
    """The sign shown with the label."""
    return _SIGNS[type(value), value]


def by_state(counts: Mapping[State, int]) -> list[tuple[State, int]]:
    """The states that occur with their numbers, worst first."""
    return [(state, counts[state]) for state in STATE_ORDER if counts.get(state)]


def percent(fraction: float) -> str:
    """0.834 -> "83 %". Never rounded up to 100 %."""
    return f"{int(fraction * 100 + 1e-9) if fraction > 0.99 else round(fraction * 100)} %"


def score_range(score: Score) -> str:
    """35 % proven, up to 61 % possible; without a judged question "No score yet: nothing judged"."""
    if not score.judged:
        return NO_SCORE
    return f"{percent(score.proven)} proven, up to {percent(score.possible)} possible"


def score_text(score: Score) -> str:
    """The range with its coverage: "35 % proven, up to 61 % possible, at 88 % coverage"."""
    return f"{score_range(score)}, at {percent(score.coverage)} coverage" if score.judged else NO_SCORE


NO_SCORE = "No score yet: nothing judged"
SCORE_EXPLAINED = (
    "Proven counts what the cluster shows and proof that the assessor confirmed, claims without it and partly met "
    "questions half; possible counts as met all that is open, claimed or not read."
)


def outcome_words(finding: Finding) -> str:
    """The outcome of a finding: "Partly met at best" where more was not read than could improve it."""
    return f"{OUTCOME_WORDS[finding.outcome]} at best" if finding.at_best else OUTCOME_WORDS[finding.outcome]


WAVE_WORDS = {Wave.NOW: "Now", Wave.WEEK: "This week", Wave.QUARTER: "This quarter"}
FIX_KIND_WORDS = {
    FixKind.VALUES: "Helm values",
    FixKind.MANIFEST: "Manifest",
    FixKind.WEAVIATE_CALL: "Call to Weaviate",
    FixKind.COMMAND: "Command",
    FixKind.DECISION: "Decision",
    FixKind.PRACTICE: "Practice",
}
RESTART_WORDS = {
    Restarts.NO: "no restart",
    Restarts.ROLLING: "restarts pods one at a time",
    Restarts.ALL: "restarts all pods",
}
FIX_STATE_WORDS = {
    FixState.OPEN: "Open",
    FixState.IN_PROGRESS: "In progress",
    FixState.DONE: "Done",
    FixState.DECLINED: "Declined",
}


def count(number: int, singular: str, plural: str = "") -> str:
    """1, "gap" -> "1 gap"; 3, "gap" -> "3 gaps"; 3, "reply", "replies" -> "3 replies"."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def state_count(state: State, number: int) -> str:
    """GAP, 3 -> "3 gaps"; VERIFIED, 3 -> "3 verified"."""
    word = STATE_WORDS[state].lower()
    return f"{number:,} {word if number == 1 else _STATE_PLURALS.get(state, word)}"


def advisory_text(found: AdvisoryMatch) -> str:
    """What an advisory means here: versions, condition, what happens, the nearest fix, what would settle it."""
    subject = "Kubernetes" if found.id == "SUP-KUBERNETES" else "Weaviate"
    because = f", because {found.because}" if found.because else ""
    parts = [f"{subject} {', '.join(found.versions)}{because}." if found.versions else "", found.happens, found.action]
    parts.append(f"Nearest release with the fix: {found.fixed_in}." if found.fixed_in else "")
    parts.append(f"Not certain: {found.settles}" if found.settles else "")
    parts.append(f"The table of {found.as_of} is old; update the kit." if found.old else "")
    return " ".join(part for part in parts if part)
