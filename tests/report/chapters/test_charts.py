"""The charts: each once, at its question, the others in their chapter."""

from __future__ import annotations

import re
from pathlib import Path

from readiness_kit import demo
from readiness_kit.charts import report_charts
from readiness_kit.report.chart_places import QUESTION_CHARTS, report_places
from readiness_kit.report.content import of_session
from readiness_kit.report.rendering.page import ReportPage
from readiness_kit.workspace.session import Session
from tests.report import sample


def test_no_charts_without_a_cluster() -> None:
    assert sample.empty_page().charts().html == ""


def test_each_chart_stands_once_in_the_report(tmp_path: Path) -> None:
    whole = of_session(Session(demo.install(tmp_path / "demo").create()))
    page = ReportPage.of(whole)
    sections, others = page.sections().html, page.charts().html
    assert whole.facts is not None
    drawn = report_charts(whole.facts, whole.assessment)
    assert (sections + others).count('<figure class="rk-chart">') == len(drawn)
    for question, name in report_places().items():
        card = re.search(rf'<article [^>]*id="q-{question.replace(".", "-")}".*?</article>', sections, re.DOTALL)
        title = next(chart.title for chart in drawn if chart.name == name)
        assert card and title.split(" ")[0] in card[0] and '<figure class="rk-chart">' in card[0]
    assert set(report_places().values()) == {name for name, _ in QUESTION_CHARTS.values()}
