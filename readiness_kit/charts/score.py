"""The score by section, beside how much of each section was judged at all."""

from __future__ import annotations

from typing import Any

import pandas as pd

from readiness_kit.charts.chart import Chart, NoChart
from readiness_kit.charts.style import (
    BAD,
    GOOD,
    LINE,
    MARGIN,
    QUIET,
    SMALL,
    TRACK,
    USAGE,
    WARN_TEXT,
    WIDTH,
    Sheet,
    drawing,
)
from readiness_kit.charts.units import instant
from readiness_kit.labels import SECTION_TITLES, STATE_ORDER, STATE_WORDS, count, percent
from readiness_kit.model import Assessment, Score, Section, State

NAME = "score"
SUBJECT = "Score by section"

_LABEL, _BAR, _SCORE, _ROW, _TOP = 2.16, 1.9, 0.52, 0.42, 0.56
_COVERED = "#b9c2cb"


def score(assessment: Assessment) -> Chart | NoChart:
    """Sections in checklist order; those in which nothing applies are left out."""
    sections = {section: assessment.sections[section] for section in Section if section in assessment.sections}
    rows = {section: one for section, one in sections.items() if one.applicable}
    if not rows:
        return NoChart(NAME, SUBJECT, "no question applies")
    total = assessment.total
    title = _title(total, rows)
    return Chart(NAME, title, _alt(title, rows), _figure(total, rows), _table(total, rows), _note(assessment))


def _title(total: Score, rows: dict[Section, Score]) -> str:
    if total.score is None:
        return f"There is no score yet: none of {count(total.applicable, 'question')} has been judged"
    said = f"The score is {percent(total.score)}, with {percent(total.coverage)} of the questions judged"
    scored = [(one.score, section) for section, one in rows.items() if one.score is not None]
    if len(scored) < 2:
        return said
    lowest, section = min(scored, key=lambda item: item[0])
    if all(one == lowest for one, _ in scored):
        return said
    return f"{said}; {SECTION_TITLES[section].lower()} is lowest, at {percent(lowest)}"


def _alt(title: str, rows: dict[Section, Score]) -> str:
    said = "; ".join(
        f"{SECTION_TITLES[section]} {percent(one.score)}, {one.judged} of {one.applicable} judged"
        for section, one in rows.items()
    )
    return f"{title}. By section: {said}."


def _figure(total: Score, rows: dict[Section, Score]) -> Any:
    lines = [("All sections", total), *((SECTION_TITLES[section], one) for section, one in rows.items())]
    with drawing():
        sheet = Sheet(_TOP + _ROW * len(lines) + 0.06)
        sheet.legend(0.13, [("thin", USAGE, "score"), ("bar", _COVERED, "share of questions judged")])
        score_at = _LABEL + _BAR + _SCORE
        sheet.text(score_at, _TOP - 0.14, "score", size=SMALL, color=QUIET, align="right")
        sheet.text(score_at + 0.25, _TOP - 0.14, "judged, and what was found", size=SMALL, color=QUIET)
        for place, (title, one) in enumerate(lines):
            _line(sheet, _TOP + _ROW * (place + 0.5), title, one, bold=place == 0)
        sheet.line((MARGIN, WIDTH - MARGIN), (_TOP + _ROW, _TOP + _ROW), LINE)
    return sheet.figure


def _line(sheet: Sheet, y: float, title: str, one: Score, bold: bool) -> None:
    sheet.text(MARGIN, y, title, bold=bold, width=_LABEL - MARGIN - 0.1)
    sheet.bar(_LABEL, y, _BAR, 0.18, TRACK)
    sheet.bar(_LABEL, y, _BAR * one.coverage, 0.18, _COVERED)
    if one.score is not None:
        sheet.bar(_LABEL, y, _BAR * one.score, 0.09, USAGE)
    end = _LABEL + _BAR + _SCORE
    sheet.text(end, y, percent(one.score) if one.score is not None else "none", align="right", bold=True)
    x = end + 0.25
    sheet.text(x, y - 0.085, f"{one.judged} of {one.applicable} judged", size=SMALL, color=QUIET)
    for text, color in _found(one):
        x += sheet.text(x, y + 0.085, text, size=SMALL, color=color, bold=color == BAD) + 0.1


def _found(one: Score) -> list[tuple[str, str]]:
    """What calls for work, worst first, each a number and a word."""
    counts = one.counts
    parts = [
        (State.CONTRADICTED, "contradicted", BAD),
        (State.GAP, "gap" if counts.get(State.GAP, 0) == 1 else "gaps", BAD),
        (State.PARTLY, "partly", WARN_TEXT),
        (State.OPEN, "open", QUIET),
    ]
    found = [(f"{counts[state]} {word}", color) for state, word, color in parts if counts.get(state, 0)]
    return found or [("nothing to mend", GOOD)]


def _table(total: Score, rows: dict[Section, Score]) -> pd.DataFrame:
    lines = [("All sections", total), *((SECTION_TITLES[section], one) for section, one in rows.items())]
    return pd.DataFrame(
        [
            {
                "section": title,
                "score (%)": round(one.score * 100, 1) if one.score is not None else float("nan"),
                "judged": one.judged,
                "applicable": one.applicable,
                "coverage (%)": round(one.coverage * 100, 1),
                **{STATE_WORDS[state].lower(): one.counts.get(state, 0) for state in STATE_ORDER},
            }
            for title, one in lines
        ]
    )


def _note(assessment: Assessment) -> str:
    when = f", {instant(assessment.as_of)}" if assessment.as_of else ""
    return (
        f"Profile {assessment.profile.value}{when}. Questions weigh by severity (critical 8, high 4, medium 2, low 1);"
        " what is open counts as not met in the score."
    )
