"""What can be read in a chart: its texts, where they are, and whether one is cut or covered."""

from __future__ import annotations

from itertools import combinations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from readiness_kit.charts import Chart, NoChart


def drawn(made: Chart | NoChart) -> Chart:
    assert isinstance(made, Chart), made
    return made


def texts(chart: Chart) -> list[str]:
    """All texts of the figure, legend and axis labels included."""
    return [text for text, _ in text_boxes(chart.figure)]


def text_boxes(figure: Figure) -> list[tuple[str, Bbox]]:
    """Each visible text with the pixels that it covers."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()
    found: list[Text] = [text for legend in figure.legends for text in legend.get_texts()]
    for axes in figure.axes:
        if axes.get_visible():
            found += axes.texts
            for axis in (axes.xaxis, axes.yaxis) if axes.axison else ():
                first, last = axis.get_view_interval()
                found += [tick.label1 for tick in axis.get_major_ticks() if first <= tick.get_loc() <= last]
    return [(text.get_text(), text.get_window_extent(renderer)) for text in found if text.get_text()]


def bar_boxes(figure: Figure) -> list[Bbox]:
    """The pixels of each bar that has a length."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    return [
        bar.get_window_extent(renderer)
        for axes in figure.axes
        for bar in axes.patches
        if isinstance(bar, Rectangle) and bar.get_width() > 0
    ]


def assert_readable(figure: Figure, bars: bool = True) -> None:
    """No text is cut by the edge of the figure, overlaps another text or, with `bars`, a bar."""
    page = figure.bbox
    found = text_boxes(figure)
    covering = bar_boxes(figure) if bars else []
    assert len(found) > 1
    for text, box in found:
        inside = (box.x0 - page.x0, page.x1 - box.x1, box.y0 - page.y0, page.y1 - box.y1)
        assert min(inside) >= -0.5, f"{text} is cut"
        assert not any(overlap(box, bar) for bar in covering), f"{text} lies on a bar"
    for (text, box), (next_text, next_box) in combinations(found, 2):
        assert not overlap(box, next_box), f"{text} overlaps {next_text}"


def overlap(left: Bbox, right: Bbox) -> bool:
    width = min(left.x1, right.x1) - max(left.x0, right.x0)
    height = min(left.y1, right.y1) - max(left.y0, right.y0)
    return width > 0.5 and height > 0.5
