"""The charts of the facts, each a picture with alternative text and its table of data."""

from __future__ import annotations

from markupsafe import Markup

from readiness_kit.markup import render
from readiness_kit.report.content import Content

ID = "charts"
TITLE = "Charts"
KEY_TITLE = "Failure, memory, disk and growth"


def chapter(content: Content) -> Markup:
    """The charts; empty without facts or where none can be drawn."""
    if content.facts is None:
        return Markup()
    from readiness_kit.charts import figure_html, report_charts  # loads matplotlib

    charts = report_charts(content.facts, content.assessment)
    figures = Markup("").join(Markup(figure_html(chart)) for chart in charts)  # noqa: S704 - SVG and escaped captions
    return render("chapters/charts.html.j2", title=TITLE, figures=figures) if figures else Markup()


def key_charts(content: Content) -> Markup:
    """The charts of the executive report; empty without facts or where none can be drawn."""
    if content.facts is None:
        return Markup()
    from readiness_kit.charts import executive_charts, figure_html  # loads matplotlib

    charts = executive_charts(content.facts)
    figures = Markup("").join(Markup(figure_html(chart)) for chart in charts)  # noqa: S704 - SVG and escaped captions
    return render("chapters/charts.html.j2", title=KEY_TITLE, figures=figures) if figures else Markup()
