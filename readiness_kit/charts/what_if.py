"""Growth scenarios: the memory that a pod would need in each, against its limit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.ticker import MaxNLocator

from readiness_kit.charts.chart import Chart, NoChart, alt_text
from readiness_kit.charts.rows import legend, row_figure, row_labels, row_text, ticks
from readiness_kit.charts.style import BAD, GOOD, MARGIN, QUIET, SMALL, TRACK, USAGE, WARN, WIDTH, drawing
from readiness_kit.charts.units import GIB, joined, memory_text
from readiness_kit.facts.analysis import what_if as growth
from readiness_kit.facts.analysis.sizing import COMFORT
from readiness_kit.facts.analysis.what_if import CURRENT, IMPOSSIBLE, SCENARIOS, Outcome, Scenario, Situation
from readiness_kit.labels import count, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from readiness_kit.facts import ClusterFacts

NAME, SUBJECT = "what_if", "Growth and failure scenarios"
COLORS = {"fits": GOOD, "tight": WARN, "does not fit": BAD, "not known": QUIET, IMPOSSIBLE: BAD}
TIGHT = f"tight above {percent(COMFORT)} of the limit"
"""The one rule for tight memory."""
_LEFT, _RIGHT = 2.75, 1.55


def what_if(facts: ClusterFacts) -> Chart | NoChart:
    """The fixed scenarios of the report, from what the cluster reports."""
    return scenario_chart(growth.situation(facts), SCENARIOS)


def scenario_chart(now: Situation, scenarios: tuple[Scenario, ...]) -> Chart | NoChart:
    """Scenarios of a situation; no chart where neither the model nor a measurement covers memory."""
    outcomes = [growth.outcome(now, scenario) for scenario in scenarios]
    if all(outcome.memory in ("not known", IMPOSSIBLE) for outcome in outcomes):
        missing = joined(now.unknown[:6]) if now.unknown else "the objects of the collections"
        return NoChart(NAME, SUBJECT, f"not known: {missing}")
    title, table = _title(now, outcomes), _table(now, outcomes)
    alt = alt_text(title, table[["scenario", "memory", "disk"]], rows=len(table))
    return Chart(NAME, title, alt, _figure(now, outcomes), table, _note(now))


def _title(now: Situation, outcomes: list[Outcome]) -> str:
    possible = [outcome for outcome in outcomes if not outcome.refused]
    if len(possible) < len(outcomes) == 2:  # the current state beside a single scenario, which is refused
        refused = next(outcome for outcome in outcomes if outcome.refused)
        return f"Not possible: {refused.refused}"
    scenarios = count(len(possible), "growth scenario")
    for word, one, several in (
        ("does not fit", "exceeds the limit", "exceed the limit"),
        ("tight", "comes close to the limit", "come close to the limit"),
    ):
        found = [outcome.scenario.name for outcome in possible if word in (outcome.memory, outcome.disk_word)]
        if found:
            first = f"the {CURRENT}" if found[0] == CURRENT else found[0]
            return f"{len(found)} of {scenarios} {one if len(found) == 1 else several}, the first being {first}"
    return f"All {scenarios} fit within the {memory_text(now.limit)} of each pod"


@drawing()
def _figure(now: Situation, outcomes: list[Outcome]) -> Figure:
    figure, (axes,) = row_figure(len(outcomes) + 1, left=_LEFT, right=_RIGHT, top=0.32)
    low = pd.Series([outcome.need.low for outcome in outcomes])
    high = pd.Series([outcome.need.high or math.nan for outcome in outcomes])
    projected = pd.Series([outcome.projected or math.nan for outcome in outcomes])
    top = max(now.limit, high.max(), projected.max()) * 1.05
    axes.barh(low.index, top, 0.48, color=TRACK)
    axes.barh(low.index, (high - low).clip(lower=top / 250), 0.48, low, color=USAGE, label="model, low to high")
    axes.plot(projected, projected.index, "s", color=QUIET, markersize=6, label="measured peak, scaled")
    ticks(axes, low * 0 + (now.limit or math.nan), "limit")
    if now.limit:
        axes.plot([COMFORT * now.limit] * 2, [-0.5, len(outcomes) - 0.5], color=WARN, linewidth=1, label=TIGHT)
    axes.set_xlim(0, top)
    _axis(axes, top, len(outcomes))
    row_labels(axes, [outcome.scenario.name for outcome in outcomes], _LEFT - MARGIN - 0.1)
    for row, outcome in enumerate(outcomes):
        text = ", ".join(part for part in (_range(outcome), outcome.memory) if part)
        color = COLORS[outcome.memory]
        row_text(axes, WIDTH - MARGIN, row, text, align="right", size=SMALL, color=color, width=_RIGHT - 0.05)
    legend(figure, axes)
    return figure


def _axis(axes: Axes, top: float, row: int) -> None:
    """The values of the bars in GiB, below the last row."""
    for value in MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(0, top / GIB):
        if 0 <= value * GIB <= top:
            axes.text(
                value * GIB, row, f"{value:,g} GiB", fontsize=SMALL, color=QUIET, ha="center", va="center_baseline"
            )


def _range(outcome: Outcome) -> str:
    """The amounts that decide: the model's estimate, and never less than the measured peak."""
    known = outcome.need.high and not outcome.need.unknown
    low, high = (
        max(amount if known else 0, outcome.projected) / GIB for amount in (outcome.need.low, outcome.need.high)
    )
    if not high:
        return ""
    return f"{high:.1f} GiB" if round(low, 1) == round(high, 1) else f"{low:.0f}–{high:.0f} GiB"


def _table(now: Situation, outcomes: list[Outcome]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "scenario": outcome.scenario.name,
                "pods": outcome.pods,
                "model low (GiB)": _gib(outcome.need.low),
                "model high (GiB)": _gib(outcome.need.high),
                "measured peak, scaled (GiB)": _gib(outcome.projected),
                "limit (GiB)": _gib(now.limit),
                "memory": outcome.memory,
                "disk (GiB)": _gib(outcome.disk_used),
                "disk": outcome.disk_word,
                "required change": outcome.change,
            }
            for outcome in outcomes
        ]
    )


def _gib(value: float) -> float:
    return value / GIB if value else math.nan


def _note(now: Situation) -> str:
    by_hand = [name for name, source in now.sources.items() if source == growth.ENGINEER]
    parts = ["Memory of one pod, estimated by the sizing model of the Weaviate documentation."]
    if by_hand:
        parts.append(f"Entered by hand: {joined(by_hand)}; the rest was read from the cluster.")
    if now.unknown:
        parts.append(f"Not known: {joined(now.unknown[:6])}.")
    return " ".join(parts)
