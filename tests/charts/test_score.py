"""The score by section: title, numbers, and no score where nothing was judged."""

from __future__ import annotations

from datetime import UTC, datetime

from readiness_kit.charts import Chart, NoChart, score
from readiness_kit.model import Assessment, Level, Profile, Score, Section, State
from tests.charts.layout import drawn, texts

EMPTY = Score(0.0, 0.0, 0.0, 0, 0, 0, {})
AS_OF = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def assessed(total: Score, **sections: Score) -> Assessment:
    named = {Section(name): result for name, result in sections.items()}
    return Assessment(Profile.CORE, Level.NOT_READY, "", total, named, (), (), (), (), AS_OF)


def score_chart(assessment: Assessment) -> Chart:
    return drawn(score(assessment))


SECURITY = Score(0.4, 0.65, 0.75, 8, 6, 2, {State.CONTRADICTED: 1, State.GAP: 2, State.OPEN: 2, State.VERIFIED: 3})
MONITORING = Score(0.9, 1.0, 1.0, 5, 5, 0, {State.VERIFIED: 5})
TOTAL = Score(0.615, 0.77, 0.846, 13, 11, 2, {State.CONTRADICTED: 1, State.GAP: 2, State.OPEN: 2, State.VERIFIED: 8})


def test_title_states_score_coverage_and_the_lowest_section() -> None:
    chart = score_chart(assessed(TOTAL, security=SECURITY, monitoring=MONITORING))
    assert chart.title == (
        "The score is 62 % proven, up to 77 % possible, at 85 % coverage; security is lowest, at 40 % proven"
    )
    assert "Security: proven (%) 40, possible (%) 65, judged 6" in chart.alt


def test_table_and_texts_count_the_states() -> None:
    chart = score_chart(assessed(TOTAL, security=SECURITY, monitoring=MONITORING))
    assert list(chart.table["section"]) == ["All sections", "Security", "Monitoring and observability"]
    assert list(chart.table["proven (%)"]) == [61.5, 40.0, 90.0]
    assert list(chart.table["possible (%)"]) == [77.0, 65.0, 100.0]
    assert list(chart.table["coverage (%)"]) == [84.6, 75.0, 100.0]
    assert list(chart.table["gap"]) == [2, 2, 0]
    assert {"1 contradicted", "2 gaps", "2 open", "no gaps", "6 of 8 judged"} <= set(texts(chart))


def test_without_judged_questions_there_is_no_score() -> None:
    nothing = Score(0.0, 1.0, 0.0, 8, 0, 8, {State.OPEN: 8})
    chart = score_chart(assessed(nothing, security=nothing))
    assert chart.title == "No score yet: none of 8 questions has been judged"
    assert (chart.table.iloc[0]["proven (%)"], chart.table.iloc[0]["possible (%)"]) == (0, 100)
    assert texts(chart).count("none") == 2


def test_sections_without_applicable_questions_are_left_out() -> None:
    chart = score_chart(assessed(TOTAL, security=SECURITY, tenants=EMPTY))
    assert list(chart.table["section"]) == ["All sections", "Security"]
    none = score(assessed(EMPTY, tenants=EMPTY))
    assert isinstance(none, NoChart) and none.why == "no question applies"
