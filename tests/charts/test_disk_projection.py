"""Disk usage and its projection: the date in the title, and no date where none can be given."""

from __future__ import annotations

import numpy as np
import pytest

from readiness_kit.charts import NoChart, disk_projection
from tests.charts.history import with_history
from tests.charts.layout import drawn, texts
from tests.support.cluster import cluster, weaviate


def test_date_of_the_read_only_threshold() -> None:
    chart = drawn(disk_projection(with_history(1)))
    # 60 GiB that grow by 2 GiB per day reach 90 GiB 15 days after 20 November.
    assert chart.title == (
        "weaviate-data-weaviate-0 will reach 90 %, where Weaviate becomes read-only, about 5 December 2026"
    )
    assert chart.table.iloc[0]["days to read-only"] == pytest.approx(15, rel=0.05)
    assert chart.table.iloc[0]["days to warning"] == pytest.approx(10, rel=0.05)
    assert {"capacity 100 GiB", "read-only at 90 %", "warning at 80 %"} <= set(texts(chart))


def test_projection_ends_at_a_full_disk() -> None:
    axes = drawn(disk_projection(with_history(1))).figure.axes[0]
    projected = axes.lines[1]
    days, amounts = np.asarray(projected.get_xydata(), dtype=float).T
    assert amounts.max() == pytest.approx(100)
    assert days[-1] - days[0] == pytest.approx(60)


def test_disk_without_growth_has_no_date() -> None:
    chart = drawn(disk_projection(with_history(1, growth=0)))
    assert chart.title == "No volume is projected to reach 90 % at its current growth"


def test_two_days_of_history_are_not_projected() -> None:
    assert "not enough history" in drawn(disk_projection(with_history(1, hours=48))).title


def test_without_prometheus_the_reason_is_stated() -> None:
    made = disk_projection(cluster(weaviate()))
    assert isinstance(made, NoChart) and "not assessed, Prometheus: " in made.sentence


def test_the_crossing_of_the_title_is_in_the_picture() -> None:
    # 60 GiB that grow by 0.3 GiB per day reach 90 GiB after 100 days.
    chart = drawn(disk_projection(with_history(1, growth=0.3)))
    assert "28 February 2027" in chart.title and "28 Feb" in texts(chart)
    projected = chart.figure.axes[0].lines[1]
    days, amounts = np.asarray(projected.get_xydata(), dtype=float).T
    assert days[-1] - days[0] >= 100 and amounts.max() >= 90
