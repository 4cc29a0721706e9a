"""What if: the memory that a pod would need under each scenario, against its limit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from readiness_kit.charts.chart import Chart, NoChart
from readiness_kit.charts.style import (
    BAD,
    GOOD,
    LIMIT,
    MARGIN,
    QUIET,
    ROW,
    SMALL,
    TRACK,
    USAGE,
    WARN_TEXT,
    WIDTH,
    Sheet,
    drawing,
)
from readiness_kit.charts.units import GIB, joined, memory_text
from readiness_kit.facts.analysis import what_if as growth
from readiness_kit.facts.analysis.what_if import SCENARIOS, Outcome, Scenario, Situation
from readiness_kit.labels import count

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from readiness_kit.facts import ClusterFacts

NAME, SUBJECT = "what_if", "What if the data grow, or a zone is lost"
COLORS = {"fits": GOOD, "tight": WARN_TEXT, "does not fit": BAD, "not known": QUIET}
_LABEL, _RIGHT = 2.0, 1.55


def what_if(facts: ClusterFacts) -> Chart | NoChart:
    """The report's fixed table of scenarios, from what the cluster tells."""
    return drawn(growth.situation(facts), SCENARIOS)


def drawn(now: Situation, scenarios: tuple[Scenario, ...]) -> Chart | NoChart:
    """Scenarios of a situation; no chart where neither the model nor a measurement says anything of memory."""
    outcomes = [growth.outcome(now, scenario) for scenario in scenarios]
    if all(one.memory == "not known" for one in outcomes):
        missing = joined(now.unknown[:6]) if now.unknown else "the objects of the collections"
        return NoChart(NAME, SUBJECT, f"not known: {missing}")
    title = _title(now, outcomes)
    table = _table(now, outcomes)
    alt = ". ".join([title, *(f"{one.scenario.name}: {one.memory}" for one in outcomes)])
    return Chart(NAME, title, f"{alt}.", _figure(now, outcomes), table, _note(now))


def _title(now: Situation, outcomes: list[Outcome]) -> str:
    bad = [one.scenario.name for one in outcomes if "does not fit" in (one.memory, one.disk_word)]
    tight = [one.scenario.name for one in outcomes if "tight" in (one.memory, one.disk_word)]
    if bad:
        return f"It does not fit any more in {len(bad)} of {count(len(outcomes), 'case')}: first {_named(bad[0])}"
    if tight:
        return f"It becomes tight in {len(tight)} of {count(len(outcomes), 'case')}: first {_named(tight[0])}"
    return f"It fits the {memory_text(now.limit)} of each pod in every case looked at"


def _named(case: str) -> str:
    return "in the current state" if case == growth.CURRENT else f"with {case}"


def _figure(now: Situation, outcomes: list[Outcome]) -> Figure:
    top = max([now.limit, *(max(one.need.high, one.projected) for one in outcomes)]) * 1.05 or 1.0
    width = WIDTH - 2 * MARGIN - _LABEL - _RIGHT
    with drawing():
        page = Sheet(0.45 + len(outcomes) * ROW)
        page.legend(
            0.14,
            [
                ("bar", USAGE, "model, low to high"),
                ("box", QUIET, "measured peak, grown alike"),
                ("tick", LIMIT, "limit"),
            ],
        )
        for place, one in enumerate(outcomes):
            y = 0.45 + place * ROW
            page.text(MARGIN, y, one.scenario.name, width=_LABEL - 0.1)
            x = MARGIN + _LABEL
            page.bar(x, y, width, 0.13, TRACK)
            if one.need.high:
                start = width * one.need.low / top
                page.bar(x + start, y, max(width * one.need.high / top - start, 0.02), 0.13, USAGE)
            if one.projected:
                page.bar(x + width * one.projected / top - 0.04, y, 0.08, 0.08, QUIET)
            if now.limit:
                page.line((x + width * now.limit / top,) * 2, (y - 0.1, y + 0.1), LIMIT, 1.8)
            words = f"{_range(one)}, {one.memory}" if _range(one) else one.memory
            page.text(
                WIDTH - MARGIN, y, words, align="right", size=SMALL, color=COLORS[one.memory], width=_RIGHT - 0.05
            )
    return page.figure


def _range(one: Outcome) -> str:
    if one.need.high and not one.need.unknown:
        return f"{one.need.low / GIB:.0f}–{one.need.high / GIB:.0f} GiB"
    return f"≈ {one.projected / GIB:.0f} GiB" if one.projected else ""


def _table(now: Situation, outcomes: list[Outcome]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "case": [one.scenario.name for one in outcomes],
            "pods": [one.pods for one in outcomes],
            "model low (GiB)": [_gib(one.need.low) for one in outcomes],
            "model high (GiB)": [_gib(one.need.high) for one in outcomes],
            "measured, grown (GiB)": [_gib(one.projected) for one in outcomes],
            "limit (GiB)": [_gib(now.limit) for _ in outcomes],
            "memory": [one.memory for one in outcomes],
            "disk (GiB)": [_gib(one.disk_used) for one in outcomes],
            "disk fits": [one.disk_word for one in outcomes],
            "what has to change": [one.change for one in outcomes],
        }
    )


def _gib(value: float) -> float:
    return value / GIB if value else math.nan


def _note(now: Situation) -> str:
    by_hand = [name for name, source in now.sources.items() if source == growth.ENGINEER]
    text = "Memory of one pod by the model of Weaviate's documentation."
    if by_hand:
        text += f" Given by hand: {joined(by_hand)}; the rest was read from the cluster."
    if now.unknown:
        text += f" Not known: {joined(now.unknown[:6])}."
    return text
