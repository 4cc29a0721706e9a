"""The charts of the facts, each a picture with alternative text and its table of data.

A chart is shown with its question. The chapter has those that belong to no question of the checklist that was used.
"""

from __future__ import annotations

from markupsafe import Markup

from readiness_kit.markup import render
from readiness_kit.model import QuestionId
from readiness_kit.report.content import Content

ID = "charts"
TITLE = "Charts"
KEY_TITLE = "Failure, memory, disk and growth"


class Figures:
    """The charts of a report as HTML, drawn once; empty without facts."""

    def __init__(self, content: Content) -> None:
        self._html: dict[str, Markup] = {}
        self._places: dict[QuestionId, str] = {}
        if content.facts is None:
            return
        from readiness_kit.charts import figure_html, report_charts  # loads matplotlib
        from readiness_kit.report.chart_places import report_places

        for chart in report_charts(content.facts, content.assessment):
            self._html[chart.name] = Markup(figure_html(chart))  # noqa: S704 - SVG and escaped captions
        asked = {verdict.question.id for verdict in content.assessment.verdicts}
        self._places = {id: name for id, name in report_places().items() if id in asked}

    def of(self, id: QuestionId) -> Markup:
        """The chart of a question; empty where it has none."""
        return self._html.get(self._places.get(id, ""), Markup())

    def others(self) -> Markup:
        """The charts without a question, in their order."""
        placed = set(self._places.values())
        return Markup("").join(html for name, html in self._html.items() if name not in placed)


def chapter(figures: Figures) -> Markup:
    """The charts without a question; empty where there are none."""
    others = figures.others()
    return render("chapters/charts.html.j2", title=TITLE, figures=others) if others else Markup()


def key_charts(content: Content) -> Markup:
    """The charts of the executive report; empty without facts or where none can be drawn."""
    if content.facts is None:
        return Markup()
    from readiness_kit.charts import executive_charts, figure_html  # loads matplotlib

    charts = executive_charts(content.facts)
    figures = Markup("").join(Markup(figure_html(chart)) for chart in charts)  # noqa: S704 - SVG and escaped captions
    return render("chapters/charts.html.j2", title=KEY_TITLE, figures=figures) if figures else Markup()
