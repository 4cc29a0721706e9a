"""Charts over time: the numbers they state, what they say where they cannot know, and that all of it can be read."""

from __future__ import annotations

from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from readiness_kit.charts import (
    Chart,
    NoChart,
    cpu_over_time,
    disk_projection,
    figure_html,
    memory_over_time,
    report_charts,
    traffic,
)
from readiness_kit.charts.panels import spread
from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Assessment, Level, Profile, Score
from tests.charts.remembered import remembered
from tests.support.cluster import cluster, weaviate

DRAW = (memory_over_time, cpu_over_time, disk_projection, traffic)


def drawn(made: Chart | NoChart) -> Chart:
    assert isinstance(made, Chart)
    return made


def texts(figure: Figure) -> list[tuple[str, Bbox]]:
    """Every text of a picture, labels of axes included, with the pixels it covers."""
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw_without_rendering()
    found = [text for axes in figure.axes for text in axes.texts]
    for axes in figure.axes:
        if axes.axison:
            found += [tick.label1 for axis in (axes.xaxis, axes.yaxis) for tick in axis.get_major_ticks()]
    return [(text.get_text(), text.get_window_extent(renderer)) for text in found if text.get_text()]


@pytest.mark.parametrize("pods", [1, 3, 20, 200])
@pytest.mark.parametrize("draw", DRAW, ids=lambda draw: draw.__name__)
def test_no_text_is_cut_or_covered_by_another(draw: object, pods: int) -> None:
    figure = drawn(draw(remembered(pods))).figure  # type: ignore[operator]
    page = figure.bbox
    found = texts(figure)
    assert len(found) > 4
    for text, box in found:
        assert box.x0 >= page.x0 - 0.5 and box.x1 <= page.x1 + 0.5, f"{text} is cut"
        assert box.y0 >= page.y0 - 0.5 and box.y1 <= page.y1 + 0.5, f"{text} is cut"
    for (one, first), (other, second) in combinations(found, 2):
        wide = min(first.x1, second.x1) - max(first.x0, second.x0)
        high = min(first.y1, second.y1) - max(first.y0, second.y0)
        assert wide <= 1 or high <= 1, f"{one} overlaps {other}"


def test_memory_is_told_by_its_peak_against_the_limit() -> None:
    chart = drawn(memory_over_time(remembered(3)))
    assert chart.title == "Memory peaked at 88 % of the limit on weaviate-2"
    first = chart.table.iloc[0]
    assert first["pod"] == "weaviate-2"
    assert first["RSS peak (GiB)"] == pytest.approx(30 + 16 / 3)
    assert (first["limit (GiB)"], first["GOMEMLIMIT (GiB)"]) == (40, 35)
    assert "14 of 14 days" in chart.note


def test_cpu_is_told_by_its_95th_percentile_and_by_throttling() -> None:
    assert drawn(cpu_over_time(remembered(2))).title == (
        "The 95th percentile of CPU is 62 % of the limit on weaviate-1"
    )
    assert drawn(cpu_over_time(remembered(2, throttled=0.4))).title == (
        "weaviate-1 was throttled in 40 % of its CPU periods"
    )


def test_the_day_on_which_a_disk_is_full_is_named() -> None:
    chart = drawn(disk_projection(remembered(1)))
    # 60 GiB, 2 GiB a day, read-only at 90 GiB: 15 days after 20 November.
    assert chart.title == "weaviate-data-weaviate-0 reaches 90 %, where Weaviate stops writing, about 5 December 2026"
    assert chart.table.iloc[0]["days to read-only"] == pytest.approx(15, rel=0.05)
    assert chart.table.iloc[0]["days to warning"] == pytest.approx(10, rel=0.05)


def test_a_disk_that_does_not_grow_is_not_given_a_day() -> None:
    chart = drawn(disk_projection(remembered(1, growth=0)))
    assert chart.title == "No volume comes near 90 % at the present growth"


def test_two_days_of_history_are_drawn_but_not_judged() -> None:
    disk = drawn(disk_projection(remembered(1, hours=48)))
    assert "not enough history" in disk.title
    memory = drawn(memory_over_time(remembered(1, hours=48)))
    assert "Not enough history to judge 1 of 1 containers" in memory.note


def test_twenty_of_two_hundred_are_shown_and_the_rest_is_counted() -> None:
    chart = drawn(memory_over_time(remembered(200)))
    assert "The 20 worst of 200 are shown" in chart.note and len(chart.table) == 200


def test_traffic_is_the_sum_of_all_pods() -> None:
    chart = drawn(traffic(remembered(3)))
    assert chart.table.set_index("what").loc["Queries a second", "peak (1/s)"] == pytest.approx(300)
    assert chart.table.set_index("what").loc["Objects written a second", "peak (1/s)"] == pytest.approx(30)


@pytest.mark.parametrize("draw", DRAW, ids=lambda draw: draw.__name__)
def test_without_prometheus_nothing_is_drawn_and_the_reason_is_given(draw: object) -> None:
    made = draw(cluster(weaviate()))  # type: ignore[operator]
    assert isinstance(made, NoChart) and "not assessed, Prometheus: " in made.sentence


def test_the_same_history_gives_the_same_bytes() -> None:
    for draw in DRAW:
        assert figure_html(draw(remembered(3))) == figure_html(draw(remembered(3)))


def nothing_judged() -> Assessment:
    total = Score(None, 0, 0, 0, 0, {})
    return Assessment(Profile.CORE, Level.NOT_ENOUGH_KNOWN, "", total, {}, (), (), (), (), None)


def names(facts: ClusterFacts) -> list[str]:
    return [chart.name for chart in report_charts(facts, nothing_judged())]


def test_the_report_says_once_that_there_is_no_history() -> None:
    assert names(cluster(weaviate()))[3:] == ["usage", "over_time", "what_if", "node_packing"]
    assert names(remembered(3))[4:-2] == ["memory_over_time", "cpu_over_time", "disk_projection", "traffic"]


def test_labels_that_would_lie_on_each_other_are_moved_apart_in_their_order() -> None:
    moved = spread([1.0, 1.02, 0.5], 0.1)
    assert moved[0] < moved[1] and moved[1] - moved[0] == pytest.approx(0.1) and moved[2] == 0.5
