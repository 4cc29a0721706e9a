"""Frames of the usage history, from answers of Prometheus."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np
import pytest

from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.analysis.history import History
from readiness_kit.kinds.prometheus import Grid, NodeUsage, Sample, Track, Traffic, Usage, VolumeUsage
from readiness_kit.model import Read, Reason
from readiness_kit.snapshot import Snapshot
from tests.support.cluster import snapshot, weaviate

GIB = 2.0**30


DAY = 86_400


def remembered(answers: dict[str, Any], *sources: Any, failed: dict[str, Reason] | None = None) -> History:
    """The history of the usual cluster (or `sources`) with these answers, by key without `prometheus/`."""
    base = snapshot(*(sources or (weaviate(),)))
    reads = [Read(f"prometheus/{key}") for key in answers]
    reads += [Read(f"prometheus/{key}", reason=reason) for key, reason in (failed or {}).items()]
    manifest = msgspec.structs.replace(base.manifest, reads=(*base.manifest.reads, *reads))
    return ClusterFacts(
        Snapshot(manifest, base.kept, (), {f"prometheus/{key}": answer for key, answer in answers.items()})
    ).history


def used(**columns: Any) -> Usage:
    return Usage(namespace=("weaviate",), pod=("weaviate-0",), container=("weaviate",), rss_max=(8 * GIB,), **columns)


def filling(daily: list[float | None], *, used: float = 0, capacity: float = 100, **env: str) -> dict[str, Any]:
    answer = VolumeUsage(
        namespace=("weaviate",),
        claim=("weaviate-data-weaviate-0",),
        used=(used,),
        capacity=(capacity,),
        grid=Grid(0, DAY, len(daily)),
        daily=(tuple(daily),),
    )
    return remembered({"volumes": answer}, weaviate(env=env)).volumes.iloc[0].to_dict()


def test_a_young_container_has_figures_that_are_not_judged() -> None:
    frame = remembered({"usage": used(hours=(48.0,), samples=(2_880.0,))}).containers
    assert (frame["window_days"][0], frame["enough"][0], frame["rss_max"][0]) == (2, False, 8 * GIB)


def test_a_refused_read_keeps_its_reason_under_both_names() -> None:
    history = remembered({}, failed={"usage": Reason.FORBIDDEN, "rules": Reason.ABSENT})
    assert history.missing("usage") is history.missing("prometheus/usage") is Reason.FORBIDDEN
    assert history.missing("rules") is Reason.ABSENT and history.rules == ()
    assert history.missing("volumes") is Reason.NOT_COLLECTED


def test_limits_stand_beside_use() -> None:
    row = remembered({"usage": used(hours=(336.0,), samples=(20_000.0,))}).containers.iloc[0]
    assert (row["memory_limit"], row["cpu_request"], row["weaviate"], row["enough"]) == (24 * GIB, 4, True, True)
    assert math.isnan(row["cpu_limit"]) and math.isnan(row["throttled"])
    assert row["memory_needed"] == 10 * GIB


@pytest.mark.parametrize(
    ("reported", "seen"), [(20 * GIB, 20 * GIB), (9.223372036854776e18, math.inf), (None, math.nan)]
)
def test_the_go_memory_limit(reported: float | None, seen: float) -> None:
    row = remembered({"usage": used(gomemlimit=(reported,))}).containers.iloc[0]
    assert row["gomemlimit"] == pytest.approx(seen, nan_ok=True)


def test_series_by_pod_and_metric() -> None:
    answer = used(grid=Grid(3600, 3600, 3), series={"rss": ((1.0, None, 3.0),), "heap": ((),)})
    history = remembered({"usage": answer})
    times, values = history.series("weaviate-0", "rss")
    assert [str(time) for time in times] == ["1970-01-01T01:00:00", "1970-01-01T02:00:00", "1970-01-01T03:00:00"]
    assert str(values.tolist()) == "[1.0, nan, 3.0]"
    for pod, metric, container in (
        ("weaviate-0", "heap", ""),
        ("weaviate-0", "cpu", ""),
        ("weaviate-9", "rss", ""),
        ("weaviate-0", "rss", "other"),
    ):
        assert [len(values) for values in history.series(pod, metric, container)] == [0, 0], (pod, metric)
    with pytest.raises(KeyError):
        history.series("weaviate-0", "memory")


def test_a_straight_line_reaches_the_marks_when_it_does() -> None:
    found = filling([float(40 + 2 * day) for day in range(14)])
    assert (found["slope_low"], found["slope"], found["slope_high"]) == (2, 2, 2)
    assert (found["warning"], found["readonly"]) == (7, 12)  # from 66 to 80 and 90, two a day
    assert (found["window_days"], found["enough"]) == (14, True)


def test_the_marks_are_those_that_are_configured() -> None:
    env = {"DISK_USE_WARNING_PERCENTAGE": "70", "DISK_USE_READONLY_PERCENTAGE": "76"}
    found = filling([float(40 + 2 * day) for day in range(14)], **env)
    assert (found["warning"], found["readonly"]) == (2, 5)


def test_a_day_of_compaction_does_not_bend_the_trend() -> None:
    daily = [40.0 + 2 * day for day in range(14)]
    daily[11] -= 30
    assert np.polyfit(range(14), daily, 1)[0] < 1.5
    assert filling(daily)["slope"] == 2


def test_after_a_great_deletion_the_soonest_end_is_the_rate_of_the_days() -> None:
    daily = [40.0 + 2 * day - (15 if day >= 7 else 0) for day in range(14)]
    found = filling(daily)
    assert (found["slope_high"], found["readonly_low"]) == (2, (90 - daily[-1]) / 2)
    assert found["readonly_low"] < found["readonly"] < found["readonly_high"]


def test_a_volume_that_does_not_grow_never_fills() -> None:
    found = filling([50.0] * 14)
    assert (found["slope"], found["warning"], found["readonly_low"]) == (0, math.inf, math.inf)
    shrinking = filling([50.0 - day for day in range(14)])
    assert shrinking["readonly"] == math.inf


def test_a_mark_that_is_reached_is_now() -> None:
    found = filling([70.0 + day for day in range(14)])
    assert (found["warning"], found["readonly"]) == (0, 7)


def test_a_mark_beyond_ten_years_is_not_reached() -> None:
    assert filling([50 + day * 0.001 for day in range(14)])["readonly"] == math.inf


@pytest.mark.parametrize("there", [0, 3, 6])
def test_a_short_history_has_no_trend(there: int) -> None:
    daily: list[float | None] = [None] * (14 - there) + [50.0 + day for day in range(there)]
    found = filling(daily, used=60)
    assert (found["enough"], found["used_share"], found["window_days"]) == (False, 0.6, there)
    assert all(math.isnan(found[name]) for name in ("slope", "warning", "readonly", "readonly_low"))


def test_days_without_samples_are_left_out_of_the_trend() -> None:
    daily: list[float | None] = [40.0 + 2 * day for day in range(14)]
    daily[4:8] = [None] * 4
    found = filling(daily)
    assert (found["slope"], found["readonly"], found["window_days"]) == (2, 12, 10)


def test_a_volume_without_a_capacity_has_no_share() -> None:
    answer = VolumeUsage(namespace=("weaviate",), claim=("a",), used=(5.0,), grid=Grid(0, DAY, 14))
    row = remembered({"volumes": answer}).volumes.iloc[0]
    assert math.isnan(row["used_share"]) and math.isnan(row["readonly"]) and math.isnan(row["inodes_free_share"])


def test_a_scalar_is_none_where_there_is_no_series() -> None:
    by = {"by": (Sample(2.0, "a", {"kind": "x"}), Sample(3.0, "b", {"kind": "y"})), "empty": (), "zero": (Sample(0.0),)}
    history = remembered({"weaviate": by, "history": {"later": (Sample(9.0),)}})
    assert (history.scalar("by"), history.scalar("by", "a"), history.scalar("by", kind="y")) == (5, 2, 3)
    assert history.scalar("zero") == 0 and history.scalar("later") == 9
    assert history.scalar("empty") is history.scalar("never") is history.scalar("by", "c") is None


def test_a_target_that_is_up_by_one_job_is_up() -> None:
    up = (Sample(0.0, "a", {"job": "old"}), Sample(1.0, "a", {"job": "new"}), Sample(0.0, "b"))
    assert remembered({"up": up}).targets_up == {"a": True, "b": False}


def test_nodes_stand_beside_what_is_asked_of_them() -> None:
    node = remembered({}).nodes["name"][0]
    answer = NodeUsage(node=(node,), cpu_p95=(3.0,), memory_max=(30 * GIB,), hours=(336.0,))
    frame = remembered({"nodes": answer}).nodes.set_index("name")
    assert (frame.loc[node, "cpu_p95"], frame.loc[node, "window_days"], frame.loc[node, "cpu_requested"]) == (3, 14, 4)
    others = frame.drop(node)
    assert len(others) == 2 and others["cpu_p95"].isna().all() and others["cpu_requested"].eq(4).all()


def test_traffic_is_summed_and_a_gap_stays_one() -> None:
    tracks = {"queries": (Track("a", (1.0, None, None)), Track("b", (2.0, 5.0, None)))}
    history = remembered({"traffic": Traffic(Grid(0, 3600, 3), tracks)})
    assert str(history.traffic("queries")[1].tolist()) == "[3.0, 5.0, nan]"
    assert str(history.traffic("queries", "a")[1].tolist()) == "[1.0, nan, nan]"
    assert len(history.traffic("objects")[1]) == len(history.traffic("queries", "c")[1]) == 0
    with pytest.raises(KeyError):
        history.traffic("everything")
