"""Waivers: whether one is live, which one covers a question, and the audit of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from readiness_kit.labels import STATE_WORDS
from readiness_kit.model import State, Verdict, Waiver


def is_live(waiver: Waiver, on: date) -> bool:
    """Whether a waiver counts on a day; its last day is included."""
    return on <= waiver.expires


def waiver_for(question: str, waivers: Iterable[Waiver]) -> Waiver | None:
    """The waiver for a question, expired or not; of several the first with the latest expiry."""
    matching = (waiver for waiver in waivers if waiver.question == question)
    return max(matching, key=lambda waiver: waiver.expires, default=None)


def audit(waivers: Sequence[Waiver], verdicts: Iterable[Verdict], on: date | None) -> tuple[str, ...]:
    """One sentence for each waiver without effect: its question is unknown, or it is expired or unused."""
    by_id = {verdict.question.id: verdict for verdict in verdicts}
    problems = (_problem(waiver, by_id.get(waiver.question), waivers, on) for waiver in waivers)
    return tuple(problem for problem in problems if problem)


def _problem(waiver: Waiver, verdict: Verdict | None, waivers: Sequence[Waiver], on: date | None) -> str:
    number = f"{verdict.question.number} " if verdict else ""
    named = f"Waiver for {number}{waiver.question} (owner {waiver.owner}, until {waiver.expires})"
    if verdict is None:
        return f"{named}: unused; the checklist has no such question."
    if on is None:
        return f"{named}: not applied; there is no snapshot or date to check its expiry."
    if not is_live(waiver, on):
        return f"{named}: expired; it no longer counts."
    if waiver_for(waiver.question, waivers) is not waiver:
        return f"{named}: unused; a waiver with a later expiry covers the same question."
    if verdict.state is not State.ACCEPTED:
        return f"{named}: unused; the verdict is “{STATE_WORDS[verdict.state].lower()}”."
    return ""
