"""A real Prometheus with known samples: the figures that are read from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from readiness_kit.collect.prometheus.collector import KEYS, with_prometheus
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.analysis.history import History
from readiness_kit.model import Reason
from readiness_kit.snapshot import Snapshot, load
from tests.support import metrics as made
from tests.support.cluster import cluster, snapshot, weaviate
from tests.support.metrics import GIB, cadvisor, claim, counter, kube, noisy, own, steady
from tests.support.prometheus import Prometheus, Series, times

STEP = 60
SNAPSHOT = snapshot(weaviate())
END = int(SNAPSHOT.manifest.taken_at.timestamp())
AT = times(END, 14, STEP)
N = len(AT)
PEAK = 21.5 * GIB
RULES = """
groups:
- name: weaviate
  rules:
  - {alert: WeaviateDown, expr: 'up{namespace="weaviate"} == 0', for: 5m, labels: {severity: critical, team: search}}
  - {record: weaviate:up, expr: 'count(up{namespace="weaviate"})'}
"""

RSS = {pod: noisy(pod, N, (8 + pod) * GIB, 0.3 * GIB) for pod in range(3)}
RSS[0][5_000] = PEAK  # sample sample, a minute long, off every five-minute step
CPU = {pod: np.abs(np.random.default_rng(10 + pod).normal(1 + pod, 0.2, N)) for pod in range(3)}
CUT = N - 3 * 1440  # weaviate-1's container was restarted three days before the end
GAP = slice(N - 6 * 1440, N - 4 * 1440)  # weaviate-2 was not scraped for two days
GROWTH = 3 * GIB  # a day


def _memory() -> Iterator[Series]:
    yield Series("container_memory_rss", cadvisor("weaviate-0"), AT, RSS[0])
    # The same container by a second scrape job, and the pod's own cgroup and pause container beside it.
    yield Series("container_memory_rss", cadvisor("weaviate-0", job="kubelet-cadvisor"), AT, RSS[0])
    yield Series("container_memory_rss", cadvisor("weaviate-0", "", cgroup="/kubepods/weaviate-0"), AT, RSS[0] + GIB)
    yield Series("container_memory_rss", cadvisor("weaviate-0", "POD"), AT, np.full(N, 30 * GIB))
    yield Series("container_memory_rss", cadvisor("weaviate-1", cgroup="/first"), AT[:CUT], RSS[1][:CUT])
    yield Series("container_memory_rss", cadvisor("weaviate-1", cgroup="/second"), AT[CUT:], RSS[1][CUT:])
    gapped = RSS[2].copy()
    gapped[GAP] = np.nan
    yield Series("container_memory_rss", cadvisor("weaviate-2"), AT, gapped)
    # A pod that was replaced by another of a new name.
    half = N // 2
    yield Series("container_memory_rss", cadvisor("loader-aaaaa", "loader"), AT[:half], np.full(half, 2 * GIB))
    yield Series("container_memory_rss", cadvisor("loader-bbbbb", "loader"), AT[half:], np.full(N - half, 3 * GIB))
    # Series of another namespace must not be read.
    yield Series("container_memory_rss", {**cadvisor("weaviate-0"), "namespace": "staging"}, AT, np.full(N, 90 * GIB))
    for pod in range(3):
        yield steady(END, "container_memory_working_set_bytes", cadvisor(f"weaviate-{pod}"), 20 * GIB)


def _processor() -> Iterator[Series]:
    used = {pod: counter(CPU[pod], STEP, 500) for pod in range(3)}
    used[1][CUT:] -= used[1][CUT - 1]  # the counter of the new container begins anew
    yield Series("container_cpu_usage_seconds_total", cadvisor("weaviate-0"), AT, used[0])
    yield Series("container_cpu_usage_seconds_total", cadvisor("weaviate-0", job="kubelet-cadvisor"), AT, used[0])
    yield Series("container_cpu_usage_seconds_total", cadvisor("weaviate-1"), AT, used[1])
    yield Series("container_cpu_usage_seconds_total", cadvisor("weaviate-2"), AT, used[2])
    periods, coarse = counter(np.full(N // 5, 10.0), 300), AT[4::5]
    for job in ("cadvisor", "kubelet-cadvisor"):
        labels = cadvisor("weaviate-2", job=job)
        yield Series("container_cpu_cfs_periods_total", labels, coarse, periods)
        yield Series("container_cpu_cfs_throttled_periods_total", labels, coarse, periods * 0.3)
    for node in ("node-0", "10.0.0.9"):
        labels = {"id": "/", "job": "cadvisor", "node": node, "instance": f"{node}:10250"}
        yield Series("container_cpu_usage_seconds_total", labels, coarse, counter(np.full(N // 5, 2.5), 300))


def _kube() -> Iterator[Series]:
    at = AT[4::5]
    n = len(at)
    restarts = np.where(at >= AT[CUT], 2.0, 1.0)
    yield Series("kube_pod_container_status_restarts_total", kube("weaviate-1", uid="1"), at, restarts)
    yield steady(END, "kube_pod_container_status_restarts_total", kube("weaviate-0", uid="0"), 4)
    # weaviate-2 was deleted and made anew under its name: its count began again.
    half = n // 2
    old, new = np.where(np.arange(half) > 100, 7.0, 6.0), np.where(np.arange(n - half) > 100, 2.0, 0.0)
    yield Series("kube_pod_container_status_restarts_total", kube("weaviate-2", uid="2a"), at[:half], old)
    yield Series("kube_pod_container_status_restarts_total", kube("weaviate-2", uid="2b"), at[half:], new)
    reason = "kube_pod_container_status_last_terminated_reason"
    killed = at >= AT[CUT]
    yield Series(reason, kube("weaviate-1", uid="1", reason="OOMKilled"), at[killed], np.ones(killed.sum()))
    # An OOM kill from before the window still is the last reason: it is no news.
    yield steady(END, reason, kube("weaviate-0", uid="0", reason="OOMKilled"), 1)
    ready = np.full(n, 3.0)
    ready[1000:1010] = 1
    sts = {"namespace": made.NAMESPACE, "statefulset": "weaviate", "job": "kube-state-metrics"}
    yield Series("kube_statefulset_status_replicas_ready", sts, at, ready)


def _volumes() -> Iterator[Series]:
    at = AT[4::5]
    days = (END - at) / 86_400
    name = "data-weaviate-0"
    # Full at 400 GiB; now at 300; three GiB a day, with a daily swing of four and one compaction.
    swing = 4 * GIB * np.sin(2 * np.pi * days)
    used = 300 * GIB - GROWTH * days + swing
    used[2000:2040] -= 40 * GIB
    yield Series("kubelet_volume_stats_used_bytes", claim(name), at, np.round(used))
    yield steady(END, "kubelet_volume_stats_capacity_bytes", claim(name), 400 * GIB)
    yield steady(END, "kubelet_volume_stats_inodes", claim(name), 1_000_000)
    yield steady(END, "kubelet_volume_stats_inodes_used", claim(name), 250_000)
    young = at[-3 * 288 :]
    yield Series("kubelet_volume_stats_used_bytes", claim("data-weaviate-1"), young, np.full(len(young), 50 * GIB))
    yield steady(END, "kubelet_volume_stats_capacity_bytes", claim("data-weaviate-1"), 400 * GIB)


def _own() -> Iterator[Series]:
    for pod in ("weaviate-0", "weaviate-1", "weaviate-2"):
        labels = own(pod)
        yield steady(END, "weaviate_build_info", {**labels, "version": "1.38.2"}, 1)
        yield steady(END, "up", labels, 0 if pod == "weaviate-2" else 1)
        yield steady(END, "go_memstats_heap_inuse_bytes", labels, 6 * GIB)
        # A sidecar's Go runtime, in the same pod by another job.
        yield steady(END, "go_memstats_heap_inuse_bytes", own(pod, job="sidecars"), 60 * GIB)
        yield steady(END, "go_gc_gomemlimit_bytes", labels, 9.223372036854776e18 if pod == "weaviate-2" else 20 * GIB)
        for name, objects in (("Products", 500), ("Reviews", 300)):
            yield steady(END, "object_count", own(pod, class_name=name), objects)
        at = AT[4::5]
        labels = own(pod, query_type="search")
        yield Series("queries_durations_ms_count", labels, at, counter(np.full(len(at), 2.0), 300))
        yield Series("requests_total", own(pod, status="ok"), at, counter(np.full(len(at), 4.0), 300))
    yield steady(END, "weaviate_index_shards_total", own("weaviate-0", status="READONLY"), 2)
    yield steady(END, "weaviate_index_shards_total", own("weaviate-0", status="READY"), 5)


@pytest.fixture(scope="module")
def server(prometheus: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    series = [*_memory(), *_processor(), *_kube(), *_volumes(), *_own()]
    with Prometheus.filled(tmp_path_factory.mktemp("prometheus"), series, RULES) as running:
        yield running


@pytest.fixture(scope="module")
def read(server: Prometheus) -> Snapshot:
    return with_prometheus(SNAPSHOT, server.url)


@pytest.fixture(scope="module")
def history(read: Snapshot) -> History:
    return ClusterFacts(read).history


def row(history: History, pod: str) -> dict[str, float]:
    frame = history.containers
    return frame[frame["pod"] == pod].iloc[0].to_dict()


def test_peak_of_one_minute_is_found(history: History) -> None:
    assert row(history, "weaviate-0")["rss_max"] == pytest.approx(PEAK, rel=1e-3)
    assert np.nanmax(history.series("weaviate-0", "rss")[1]) == pytest.approx(PEAK, rel=1e-3)


@pytest.mark.parametrize("pod", [0, 1])
def test_percentiles_are_those_of_the_raw_samples(history: History, pod: int) -> None:
    """Also over a restart, where the container's series is two."""
    found = row(history, f"weaviate-{pod}")
    assert found["rss_p50"] == pytest.approx(np.percentile(RSS[pod], 50), rel=0.01)
    assert found["rss_p95"] == pytest.approx(np.percentile(RSS[pod], 95), rel=0.01)
    five_minutes = CPU[pod].reshape(-1, 5).mean(axis=1)
    assert found["cpu_p50"] == pytest.approx(np.percentile(five_minutes, 50), rel=0.01)
    assert found["cpu_p95"] == pytest.approx(np.percentile(five_minutes, 95), rel=0.01)


def test_counter_reset_is_no_peak(history: History) -> None:
    assert row(history, "weaviate-1")["cpu_max"] < CPU[1].max()


def test_duplicates_count_once_and_other_cgroups_not_at_all(history: History) -> None:
    frame = history.containers
    assert sorted(frame["pod"]) == ["loader-aaaaa", "loader-bbbbb", "weaviate-0", "weaviate-1", "weaviate-2"]
    found = row(history, "weaviate-0")
    assert (found["container"], found["samples"]) == ("weaviate", N)
    assert row(history, "weaviate-1")["samples"] == N
    assert row(history, "weaviate-2")["throttled"] == pytest.approx(0.3, rel=1e-6)
    assert np.isnan(found["throttled"])


def test_a_replaced_pod_keeps_its_history_and_is_not_current(history: History) -> None:
    old, new = row(history, "loader-aaaaa"), row(history, "loader-bbbbb")
    assert (old["rss_max"], new["rss_max"]) == (2 * GIB, 3 * GIB)
    assert old["window_days"] == pytest.approx(7, abs=0.1)
    assert (old["current"], old["weaviate"], row(history, "weaviate-0")["current"]) == (False, False, True)


def test_gap_in_samples_stays_empty(history: History) -> None:
    found = row(history, "weaviate-2")
    assert found["samples"] == N - 2 * 1440
    assert found["window_days"] == pytest.approx(12, abs=0.05)
    values = history.series("weaviate-2", "rss")[1]
    assert np.isnan(values).sum() == pytest.approx(48, abs=1)
    times_, _ = history.series("weaviate-2", "rss")
    assert len(times_) == 336 and times_[-1] == np.datetime64(END, "s")


def test_restarts_over_restarts_and_replacements(history: History) -> None:
    counts = {pod: row(history, pod)["restarts"] for pod in ("weaviate-0", "weaviate-1", "weaviate-2")}
    assert counts == {"weaviate-0": 0, "weaviate-1": 1, "weaviate-2": 3}


def test_oom_kill_before_the_window_is_not_counted(history: History) -> None:
    kills = {pod: row(history, pod)["oom"] for pod in ("weaviate-0", "weaviate-1", "weaviate-2")}
    assert kills == {"weaviate-0": 0, "weaviate-1": 1, "weaviate-2": 0}


def test_go_runtime_of_a_sidecar_is_not_counted(history: History) -> None:
    found = row(history, "weaviate-0")
    assert (found["heap_max"], found["gomemlimit"]) == (6 * GIB, 20 * GIB)
    assert row(history, "weaviate-2")["gomemlimit"] == np.inf
    assert np.isnan(row(history, "loader-bbbbb")["heap_max"])


def test_a_volume_that_fills_at_a_known_rate(history: History) -> None:
    found = history.volumes.set_index("claim").loc["data-weaviate-0"]
    assert (found["used_share"], found["inodes_free_share"]) == (pytest.approx(0.75, rel=0.01), 0.75)
    assert found["slope"] == pytest.approx(GROWTH, rel=0.05)
    assert found["slope_low"] <= found["slope"] <= found["slope_high"]
    level = 300 * GIB + 4 * GIB * np.sin(np.pi / 2) * 0.95  # the 90th percentile of a day's swing
    assert found["readonly"] == pytest.approx((360 * GIB - level) / GROWTH, rel=0.05)
    assert found["readonly_low"] <= found["readonly"] <= found["readonly_high"]
    assert found["warning"] == pytest.approx((320 * GIB - level) / GROWTH, rel=0.05)
    days, values = history.volume_series("data-weaviate-0")
    assert len(days) == len(values) == 14 and days[-1] == np.datetime64(END, "s")


def test_three_days_are_not_enough_history(history: History) -> None:
    found = history.volumes.set_index("claim").loc["data-weaviate-1"]
    assert not found["enough"] and np.isnan(found["slope"]) and np.isnan(found["readonly"])
    assert found["used_share"] == 0.125


def test_nodes_of_another_cluster_are_left_out(read: Snapshot) -> None:
    found = read.answer("prometheus/nodes")
    assert found.node == ("node-0",) and found.cpu_p95[0] == pytest.approx(2.5, rel=1e-3)


def test_single_values(history: History) -> None:
    assert history.scalar("readonly_shards") == 2
    assert history.scalar("index_shards", status="READY") == 5
    assert history.scalar("objects") == 3 * 800
    assert history.scalar("objects_by_class", class_name="Reviews") == 900
    assert history.scalar("queries_1h") == pytest.approx(6, rel=1e-3)
    assert history.scalar("queries_by_pod", pod="weaviate-1") == pytest.approx(2, rel=1e-3)
    assert {sample.labels["version"] for sample in history.samples("build")} == {"1.38.2"}
    assert history.scalar("ready_least_90d") == 1 and history.scalar("ready_now") == 3
    assert history.labels.grouped is False


def test_error_ratio_is_zero_with_requests_and_unknown_without_series(history: History) -> None:
    assert history.scalar("error_ratio") == 0
    assert history.scalar("raft_lag") is None and history.samples("raft_lag") == ()
    assert history.scalar("allocation_rejected_7d") is None


def test_targets_that_are_down_are_seen(history: History) -> None:
    assert history.targets_up == {"weaviate-0": True, "weaviate-1": True, "weaviate-2": False}


def test_traffic(history: History) -> None:
    times_, values = history.traffic("queries")
    assert len(times_) == 336 and values[-1] == pytest.approx(6, rel=1e-3)
    assert history.traffic("queries", "weaviate-0")[1][-1] == pytest.approx(2, rel=1e-3)
    assert len(history.traffic("http_p95")[1]) == 0


def test_rules_keep_their_severity_and_no_other_label(history: History) -> None:
    (rule,) = history.rules
    assert (rule.name, rule.severity, rule.for_seconds, rule.group) == ("WeaviateDown", "critical", 300, "weaviate")
    assert history.missing("alertmanagers") is None and history.alertmanagers.active == ()


def test_what_is_read_comes_back_from_the_file(read: Snapshot, tmp_path: Path) -> None:
    assert read.save(tmp_path / "s.zip") == ()
    again = load(tmp_path / "s.zip")
    assert again.answers == read.answers and set(again.answers) - {"kubernetes/apis"} == set(KEYS)


def test_few_queries(read: Snapshot) -> None:
    posted = [call for call in read.calls if call.method == "POST"]
    assert {call.path for call in posted} == {"/api/v1/query", "/api/v1/query_range"}
    assert len(posted) < 40


def test_server_without_weaviate_series_is_absent(server: Prometheus) -> None:
    before = snapshot(weaviate(), as_of="2026-08-01T00:00:00Z")
    history = ClusterFacts(with_prometheus(before, server.url)).history
    for key in ("usage", "volumes", "weaviate", "traffic", "nodes", "history"):
        assert history.missing(key) is Reason.ABSENT, key
    assert len(history.containers) == 0 and len(history.volumes) == 0 and history.scalar("objects") is None


def test_without_prometheus_nothing_is_known() -> None:
    history = cluster(weaviate()).history
    assert {history.missing(key.partition("/")[2]) for key in KEYS} == {Reason.NOT_COLLECTED}
    assert len(history.containers) == 0
