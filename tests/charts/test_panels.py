"""Small multiples: labels that do not overlap, marks without a value, shared scales."""

from __future__ import annotations

import math

import numpy as np
import pytest

from readiness_kit.charts.panels import Line, Mark, Panel, panel_figure, spread
from tests.charts.layout import text_boxes

TIMES = np.datetime64("2026-11-06") + np.arange(14 * 24) * np.timedelta64(1, "h")


def panel(name: str, largest: float, *marks: Mark) -> Panel:
    return Panel(name, "", (Line("used", "#000000", TIMES, np.linspace(0, largest, len(TIMES))),), marks)


def test_close_labels_are_moved_apart_in_their_order() -> None:
    moved = spread([1.0, 1.02, 0.5], 0.1)
    assert moved[0] < moved[1] and moved[1] - moved[0] == pytest.approx(0.1) and moved[2] == 0.5


def test_panels_share_the_scale_of_the_largest_value() -> None:
    figure = panel_figure([panel("a", 10), panel("b", 20, Mark(50, "limit"))], " GiB")
    assert [axes.get_ylim() for axes in figure.axes] == [(0, 54), (0, 54)]
    labels = [text for text, _ in text_boxes(figure) if text.endswith("GiB")]
    assert labels == ["20 GiB", "40 GiB"] * 2


def test_mark_without_a_value_is_not_drawn() -> None:
    figure = panel_figure([panel("a", 10, Mark(math.nan, "limit"), Mark(math.inf, "request"))])
    assert {text.get_text() for text in figure.axes[0].texts} == {"a", ""}
    assert len(figure.axes[0].lines) == 1


def test_more_than_three_panels_take_two_columns() -> None:
    figure = panel_figure([panel(str(n), 1) for n in range(5)])
    lefts = [axes.get_position().x0 for axes in figure.axes if axes.get_visible()]
    assert len(lefts) == 5 and len(set(lefts)) == 2
