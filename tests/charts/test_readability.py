"""No text of any chart is cut or covered, whatever the number of pods and the length of names."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from readiness_kit.charts import (
    Chart,
    NoChart,
    cpu_over_time,
    disk_projection,
    failure_scenarios,
    memory_over_time,
    node_packing,
    pods_by_zone,
    traffic,
    usage,
    what_if,
)
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds import KINDS
from scripts.demo import make
from tests.charts.clusters import awkward_cluster, measured_cluster
from tests.charts.history import with_history
from tests.charts.layout import assert_readable, drawn
from tests.support.cluster import Object, cluster

AT_ONE_INSTANT = (usage, node_packing, pods_by_zone)
OVER_TIME = (memory_over_time, cpu_over_time, disk_projection, traffic)
Draw = Callable[[ClusterFacts], Chart | NoChart]


@pytest.mark.parametrize("replicas", [1, 3, 20, 200])
@pytest.mark.parametrize("draw", AT_ONE_INSTANT, ids=lambda draw: draw.__name__)
def test_rows_at_one_instant(draw: Draw, replicas: int) -> None:
    assert_readable(drawn(draw(measured_cluster(replicas))).figure)


@pytest.mark.parametrize("pods", [1, 3, 20, 200])
@pytest.mark.parametrize("draw", OVER_TIME, ids=lambda draw: draw.__name__)
def test_panels_over_time(draw: Draw, pods: int) -> None:
    # A band of values lies behind its lines and labels, so bars are not looked at.
    assert_readable(drawn(draw(with_history(pods))).figure, bars=False)


@pytest.mark.parametrize("draw", AT_ONE_INSTANT, ids=lambda draw: draw.__name__)
def test_awkward_names(draw: Draw) -> None:
    assert_readable(drawn(draw(awkward_cluster())).figure)


@pytest.mark.parametrize("draw", [failure_scenarios, what_if], ids=lambda draw: draw.__name__)
def test_scenarios_of_the_demonstration(draw: Draw) -> None:
    assert_readable(drawn(draw(ClusterFacts(make.build()))).figure)


@pytest.mark.parametrize(
    ("folder", "titles"),
    [
        (
            "good",
            [
                "Memory is at 78 % of the limit on weaviate-2",
                "3 of 6 nodes have 54 % of their CPU requested, the highest share of all",
                "The 3 Weaviate pods run in 3 zones, no two on one node",
            ],
        ),
        (
            "default",
            [
                "weaviate-0 uses 39.9 MiB of memory and has neither request nor limit",
                "Node ip-192-168-64-41 has 15 % of its memory in use, the highest share of 3 nodes",
                "The only Weaviate pod runs in zone eu-central-1c",
            ],
        ),
    ],
)
def test_recorded_clusters(recordings: Path, folder: str, titles: list[str]) -> None:
    objects: list[Object] = []
    for kind in KINDS.values():
        listed = recordings / folder / f"{kind.path().lstrip('/')}.json"
        if listed.exists():
            objects += [{**found, "kind": kind.kind} for found in json.loads(listed.read_text("utf-8"))["items"]]
    facts = cluster(objects)
    charts = [drawn(draw(facts)) for draw in AT_ONE_INSTANT]
    assert [chart.title for chart in charts] == titles
    for chart in charts:
        assert_readable(chart.figure)
