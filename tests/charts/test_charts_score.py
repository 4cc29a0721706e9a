"""The score by section: title, numbers, and nothing that looks like a score where nothing was judged."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from readiness_kit.charts import Chart, NoChart, score
from readiness_kit.model import Assessment, Level, Profile, Score, Section, State

EMPTY = Score(None, 0.0, 0, 0, 0, {})
AS_OF = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def assessed(total: Score, **sections: Score) -> Assessment:
    named = {Section(name): one for name, one in sections.items()}
    return Assessment(Profile.CORE, Level.NOT_READY, "", total, named, (), (), (), (), AS_OF)


def drawn(assessment: Assessment) -> Chart:
    chart = score(assessment)
    assert isinstance(chart, Chart)
    return chart


SECURITY = Score(0.4, 0.75, 8, 6, 2, {State.CONTRADICTED: 1, State.GAP: 2, State.OPEN: 2, State.VERIFIED: 3})
MONITORING = Score(0.9, 1.0, 5, 5, 0, {State.VERIFIED: 5})
TOTAL = Score(0.615, 0.846, 13, 11, 2, {State.CONTRADICTED: 1, State.GAP: 2, State.OPEN: 2, State.VERIFIED: 8})


def test_title_gives_score_coverage_and_the_lowest_section() -> None:
    chart = drawn(assessed(TOTAL, security=SECURITY, monitoring=MONITORING))
    assert chart.title == "The score is 62 %, with 85 % of the questions judged; security is lowest, at 40 %"
    assert chart.alt.endswith("Security 40 %, 6 of 8 judged; Monitoring and observability 90 %, 5 of 5 judged.")


def test_table_and_words_hold_what_was_found() -> None:
    chart = drawn(assessed(TOTAL, security=SECURITY, monitoring=MONITORING))
    assert list(chart.table["section"]) == ["All sections", "Security", "Monitoring and observability"]
    assert list(chart.table["score (%)"]) == [61.5, 40.0, 90.0]
    assert list(chart.table["coverage (%)"]) == [84.6, 75.0, 100.0]
    assert list(chart.table["gap"]) == [2, 2, 0]
    assert {"1 contradicted", "2 gaps", "2 open", "nothing to mend", "6 of 8 judged"} <= set(texts(chart))


def test_nothing_judged_is_no_score() -> None:
    nothing = Score(None, 0.0, 8, 0, 8, {State.OPEN: 8})
    chart = drawn(assessed(nothing, security=nothing))
    assert chart.title == "There is no score yet: none of 8 questions has been judged"
    assert math.isnan(chart.table.iloc[0]["score (%)"])
    assert texts(chart).count("none") == 2


def test_sections_in_which_nothing_applies_are_left_out() -> None:
    chart = drawn(assessed(TOTAL, security=SECURITY, tenants=EMPTY))
    assert list(chart.table["section"]) == ["All sections", "Security"]
    none = score(assessed(EMPTY, tenants=EMPTY))
    assert isinstance(none, NoChart) and none.why == "no question applies"


def texts(chart: Chart) -> list[str]:
    return [text.get_text() for axes in chart.figure.axes for text in axes.texts]
