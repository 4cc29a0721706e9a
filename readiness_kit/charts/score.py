"""Score and coverage of each section."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from readiness_kit.charts.chart import Chart, NoChart, alt_text
from readiness_kit.charts.rows import legend, row_figure, row_text, rule
from readiness_kit.charts.style import BAD, GOOD, MARGIN, QUIET, SMALL, TRACK, USAGE, WARN, drawing
from readiness_kit.charts.units import instant
from readiness_kit.labels import SECTION_TITLES, STATE_ORDER, STATE_WORDS, count, percent, score_text, state_count
from readiness_kit.model import Assessment, Score, Section, State

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAME, SUBJECT = "score", "Score by section"
_LEFT, _BAR, _SCORE, _COUNTS = 2.16, 1.72, 0.84, 2.72
POSSIBLE = "#b9c2cb"
_SHOWN = {State.CONTRADICTED: BAD, State.GAP: BAD, State.PARTLY: WARN, State.OPEN: QUIET}


def score(assessment: Assessment) -> Chart | NoChart:
    """Sections in the order of the checklist, without those in which no question applies."""
    sections = [(section, assessment.sections[section]) for section in Section if section in assessment.sections]
    rows = {SECTION_TITLES[section]: result for section, result in sections if result.applicable}
    if not rows:
        return NoChart(NAME, SUBJECT, "no question applies")
    title = _title(assessment.total, rows)
    lines = {"All sections": assessment.total, **rows}
    table = _table(lines)
    alt = alt_text(title, table, 4, rows=len(table))
    return Chart(NAME, title, alt, _figure(lines), table, _note(assessment))


def _title(total: Score, rows: dict[str, Score]) -> str:
    if not total.judged:
        return f"No score yet: none of {count(total.applicable, 'question')} has been judged"
    title = f"The score is {score_text(total)}"
    scores = {section: result.proven for section, result in rows.items() if result.judged}
    if len(set(scores.values())) < 2:
        return title
    lowest = min(scores, key=scores.__getitem__)
    return f"{title}; {lowest.lower()} is lowest, at {percent(scores[lowest])} proven"


@drawing()
def _figure(lines: dict[str, Score]) -> Figure:
    figure, (axes,) = row_figure(len(lines), left=_LEFT, right=_SCORE + _COUNTS, top=0.56, pitch=0.42)
    results = pd.DataFrame([{"proven": result.proven, "possible": result.possible} for result in lines.values()])
    axes.barh(results.index, 1, 0.43, color=TRACK)
    axes.barh(results.index, results["proven"], 0.21, color=USAGE, zorder=2, label="proven")
    axes.barh(results.index, results["possible"], 0.43, color=POSSIBLE, label="possible")
    axes.set_xlim(0, 1)
    end = _LEFT + _BAR + _SCORE
    row_text(axes, end, -0.8, "score", size=SMALL, color=QUIET, align="right")
    row_text(axes, end + 0.25, -0.8, "judged, and what was found", size=SMALL, color=QUIET)
    for row, (section, result) in enumerate(lines.items()):
        row_text(axes, MARGIN, row, section, bold=row == 0, width=_LEFT - 0.16)
        text = f"{percent(result.proven).split()[0]}–{percent(result.possible)}" if result.judged else "none"
        row_text(axes, end, row, text, align="right", bold=True)
        _counts(axes, end + 0.25, row, result)
    rule(axes, 0.5)
    legend(figure, axes)
    return figure


def _counts(axes: Axes, x: float, row: int, result: Score) -> None:
    """How many questions were judged, and below it the states that need work, worst first."""
    row_text(axes, x, row - 0.2, f"{result.judged} of {result.applicable} judged", size=SMALL, color=QUIET)
    found = [
        (state_count(state, result.counts[state]), color) for state, color in _SHOWN.items() if result.counts.get(state)
    ]
    for text, color in found or [("no gaps", GOOD)]:
        x += row_text(axes, x, row + 0.2, text, size=SMALL, color=color, bold=color == BAD) + 0.1


def _table(lines: dict[str, Score]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "section": section,
                "proven (%)": round(result.proven * 100, 1),
                "possible (%)": round(result.possible * 100, 1),
                "judged": result.judged,
                "applicable": result.applicable,
                "coverage (%)": round(result.coverage * 100, 1),
                **{STATE_WORDS[state].lower(): result.counts.get(state, 0) for state in STATE_ORDER},
            }
            for section, result in lines.items()
        ]
    )


def _note(assessment: Assessment) -> str:
    when = f", {instant(assessment.as_of)}" if assessment.as_of else ""
    return (
        f"Profile {assessment.profile.value}{when}. Questions are weighted by severity (critical 8, high 4, medium 2,"
        " low 1); open questions are not proven, but possible."
    )
