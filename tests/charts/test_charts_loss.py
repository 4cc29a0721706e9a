"""The loss matrix and the what-if table of the demonstration, and what they say where they cannot know."""

from __future__ import annotations

import pytest

from readiness_kit.charts import Chart, NoChart, figure_html, loss_matrix, what_if
from readiness_kit.charts.whatif import drawn
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.analysis import sizing
from readiness_kit.facts.analysis import what_if as growth
from scripts.demo import make
from tests.charts.test_charts_time import texts
from tests.support.cluster import cluster, weaviate


@pytest.fixture(scope="module")
def demo() -> ClusterFacts:
    return ClusterFacts(make.build())


def test_the_single_copy_of_the_demonstration_is_what_breaks(demo: ClusterFacts) -> None:
    chart = loss_matrix(demo)
    assert isinstance(chart, Chart)
    assert chart.title == "Without zone eu-west-1a, 1 shard of Sessions loses its quorum"
    broken = chart.table[chart.table["without quorum"] > 0]
    assert set(broken["collection"]) == {"Sessions"} and len(broken) == 6
    assert set(chart.table["voters left"]) == {"2 of 3"}


def test_without_weaviates_answers_there_is_no_matrix() -> None:
    made = loss_matrix(cluster(weaviate()))
    assert isinstance(made, NoChart) and "placement of the shards: not collected" in made.sentence


def test_what_if_reads_all_it_needs_from_the_demonstration(demo: ClusterFacts) -> None:
    chart = what_if(demo)
    assert isinstance(chart, Chart)
    assert "given by hand" not in chart.note.lower() and "Not known" not in chart.note
    cases = chart.table.set_index("case")
    assert cases.loc[growth.CURRENT, "memory"] == "tight" and cases.loc["twice the objects", "memory"] == "does not fit"


def test_dimensions_given_by_hand_are_named_as_such() -> None:
    now = growth.Situation(loads=(sizing.Load("A", 1e6),), pods=3, limit=8 * 2.0**30)
    chart = drawn(growth.given(now, dimensions=1024), growth.SCENARIOS)
    assert isinstance(chart, Chart)
    assert "Given by hand: dimensions" in chart.note
    assert chart.table["case"].tolist() == [scenario.name for scenario in growth.SCENARIOS]


def test_where_nothing_is_known_of_memory_nothing_is_drawn() -> None:
    made = what_if(cluster(weaviate()))
    assert isinstance(made, NoChart) and "memory" in made.why


def test_both_can_be_read(demo: ClusterFacts) -> None:
    for chart in (
        loss_matrix(demo),
        drawn(growth.given(growth.situation(demo), dimensions=768), growth.SCENARIOS),
    ):
        assert isinstance(chart, Chart)
        page = chart.figure.bbox
        for text, box in texts(chart.figure):
            assert box.x0 >= page.x0 - 0.5 and box.x1 <= page.x1 + 0.5, text
        assert "<script" not in figure_html(chart)
