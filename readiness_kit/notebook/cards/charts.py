"""The chart of a question, drawn when a reader opens it."""

from __future__ import annotations

from markupsafe import Markup

from readiness_kit.notebook.controller import Controller
from readiness_kit.notebook.views.charts import chart_html
from readiness_kit.report.chart_places import QUESTION_CHARTS


def subject(question_id: str) -> str:
    """What the chart of a question is about; empty where it has none."""
    return QUESTION_CHARTS.get(question_id, ("", ""))[1]


def question_chart(controller: Controller, question_id: str) -> Markup:
    """The chart of a question, or the reason why it cannot be drawn. Raises ReadinessError without facts."""
    return chart_html(QUESTION_CHARTS[question_id][0], controller.facts)
