"""Signs that say a state in a word and a shape, colour being the third and never the only one."""

from __future__ import annotations

from readiness_kit.labels import (
    LEVEL_SIGNS,
    LEVEL_WORDS,
    OUTCOME_SIGNS,
    OUTCOME_WORDS,
    SEVERITY_WORDS,
    STATE_ORDER,
    STATE_SIGNS,
    STATE_WORDS,
    percent,
)
from readiness_kit.model import Level, Outcome, Score, Severity, State
from readiness_kit.report.chapters.html import text


def state(value: State) -> str:
    return _badge("state", value.value, STATE_SIGNS[value], STATE_WORDS[value])


def outcome(value: Outcome) -> str:
    return _badge("outcome", value.value, OUTCOME_SIGNS[value], OUTCOME_WORDS[value])


def level(value: Level) -> str:
    return _badge("level", value.value, LEVEL_SIGNS[value], LEVEL_WORDS[value])


def severity(value: Severity) -> str:
    return f'<span class="rk-severity rk-severity-{value.value}">{text(SEVERITY_WORDS[value])}</span>'


def _badge(family: str, value: str, sign: str, word: str) -> str:
    return (
        f'<span class="rk-badge rk-{family}-{value}"><span class="rk-sign" aria-hidden="true">{sign}</span> '
        f"{text(word)}</span>"
    )


def score_line(score: Score) -> str:
    """`63 % at 88 % coverage`; without anything judged there is no number to show."""
    if score.score is None:
        return "no score yet: nothing judged"
    return f"{percent(score.score)} at {percent(score.coverage)} coverage"


def counts(score: Score) -> str:
    """How many verdicts of each state, as a list of chips; states that do not occur are left out."""
    chips = [
        f'<li class="rk-state-{value.value}"><span class="rk-sign" aria-hidden="true">{STATE_SIGNS[value]}</span>'
        f"<strong>{score.counts[value]}</strong> {text(STATE_WORDS[value])}</li>"
        for value in STATE_ORDER
        if score.counts.get(value)
    ]
    return f'<ul class="rk-counts">{"".join(chips)}</ul>' if chips else ""


def strip(score: Score) -> str:
    """A bar of the verdicts, one piece a state, with the same in words for those who do not see it."""
    present = [(value, score.counts[value]) for value in STATE_ORDER if score.counts.get(value)]
    total = sum(number for _, number in present)
    if not total:
        return ""
    words = ", ".join(f"{number} {STATE_WORDS[value].lower()}" for value, number in present)
    pieces, x = [], 0.0
    for value, number in present:
        width = 100 * number / total
        pieces.append(f'<rect class="rk-fill-{value.value}" x="{x:.2f}" y="0" width="{width:.2f}" height="8"/>')
        x += width
    return (
        f'<svg class="rk-strip" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{text(words)}">'
        f"{''.join(pieces)}</svg>"
    )


def meter(fraction: float | None, label: str) -> str:
    """A plain bar from 0 to 100 %; empty and dashed where there is no number."""
    width = 0.0 if fraction is None else 100 * fraction
    css = "rk-meter rk-meter-none" if fraction is None else "rk-meter"
    return (
        f'<svg class="{css}" viewBox="0 0 100 6" preserveAspectRatio="none" role="img" '
        f'aria-label="{text(label)}: {text(percent(fraction))}">'
        f'<rect class="rk-meter-track" x="0" y="0" width="100" height="6"/>'
        f'<rect class="rk-meter-bar" x="0" y="0" width="{width:.2f}" height="6"/></svg>'
    )
