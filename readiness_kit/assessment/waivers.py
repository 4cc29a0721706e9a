"""Accepted risks: which waivers are live, which one covers a question, and what is wrong with the list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from readiness_kit.model import State, Verdict, Waiver


def is_live(waiver: Waiver, on: date) -> bool:
    """A waiver holds through its last day."""
    return on <= waiver.expires


def waiver_for(question: str, waivers: Iterable[Waiver]) -> Waiver | None:
    """Of several for one question the one that lasts longest, expired or not; the first of equals."""
    return max((one for one in waivers if one.question == question), key=lambda one: one.expires, default=None)


def audit(waivers: Sequence[Waiver], verdicts: Iterable[Verdict], on: date | None) -> tuple[str, ...]:
    """One sentence for each waiver that does not do what its author thinks: unknown, expired, unused, doubled."""
    by_id = {verdict.question.id: verdict for verdict in verdicts}
    said = (_fault(waiver, by_id.get(waiver.question), waivers, on) for waiver in waivers)
    return tuple(sentence for sentence in said if sentence)


def _fault(waiver: Waiver, verdict: Verdict | None, waivers: Sequence[Waiver], on: date | None) -> str:
    named = f"Waiver for {waiver.question} (owner {waiver.owner}, until {waiver.expires})"
    if verdict is None:
        return f"{named}: unknown, this checklist has no such question."
    named = f"Waiver for {verdict.question.number} {waiver.question} (owner {waiver.owner}, until {waiver.expires})"
    if on is None:
        return f"{named}: not applied, there is no snapshot or date to judge its expiry by."
    if not is_live(waiver, on):
        return f"{named}: expired, it no longer counts."
    if waiver_for(waiver.question, waivers) is not waiver:
        return f"{named}: unused, another one for the same question lasts longer."
    if verdict.state is not State.ACCEPTED:
        return f"{named}: unused, the verdict is {verdict.state.value.replace('_', ' ')}."
    return ""
