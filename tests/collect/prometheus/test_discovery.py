"""Labels of different scrape configurations, each in its own namespace on one real Prometheus."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from readiness_kit.collect.prometheus.collector import with_prometheus
from readiness_kit.collect.prometheus.discovery import pod_of
from readiness_kit.errors import ConfigError
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.analysis.history import History
from readiness_kit.kinds.prometheus import Names
from tests.support.cluster import snapshot, weaviate
from tests.support.metrics import GIB, steady
from tests.support.prometheus import Prometheus, Series

SNAPSHOT = snapshot(weaviate())
END = int(SNAPSHOT.manifest.taken_at.timestamp())
RSS, RESTARTS = "container_memory_rss", "kube_pod_container_status_restarts_total"


def _steady(name: str, value: float, **labels: str) -> Series:
    return steady(END, name, labels, value, days=8)


def _renamed() -> Iterator[Series]:
    """kube-state-metrics without honorLabels: the plain labels are its own."""
    ksm = {"cluster": "renamed", "job": "ksm", "namespace": "weaviate", "pod": "ksm-abc", "container": "ksm"}
    for pod in range(3):
        of = {"exported_namespace": "weaviate", "exported_pod": f"weaviate-{pod}", "exported_container": "weaviate"}
        yield _steady(RESTARTS, pod, **ksm, **of)
    yield _steady(RSS, GIB, cluster="renamed", namespace="weaviate", pod="weaviate-0", container="weaviate", job="c")
    killed = {"exported_namespace": "weaviate", "exported_pod": "weaviate-0", "exported_container": "weaviate"}
    yield _steady("kube_pod_container_status_last_terminated_reason", 1, reason="OOMKilled", **ksm, **killed)


def _older() -> Iterator[Series]:
    """pod_name and container_name; a Weaviate before 1.27 and its grouped metrics."""
    for name, value in (("", 3 * GIB), ("POD", 9 * GIB), ("weaviate", 2 * GIB)):
        yield _steady(
            RSS, value, cluster="older", namespace="weaviate", pod_name="weaviate-0", container_name=name, job="c"
        )
    own = {"cluster": "older", "job": "w", "kubernetes_namespace": "weaviate", "instance": "10.0.0.4:2112"}
    for pod in range(3):
        named = {**own, "kubernetes_pod_name": f"weaviate-{pod}", "instance": f"10.0.0.{pod}:2112"}
        yield _steady("go_info", 1, **named)
        yield _steady("object_count", 7, class_name="n/a", shard_name="n/a", **named)
        yield _steady("go_memstats_heap_inuse_bytes", 5 * GIB, **named)
    # Something else written in Go holds no objects.
    yield _steady("go_info", 1, cluster="older", job="x", kubernetes_namespace="weaviate", kubernetes_pod_name="x")


def _bare() -> Iterator[Series]:
    """No container labels: only the cgroups of pods are known, and Weaviate by instance alone."""
    for cgroup, value in (("/pod1", 4 * GIB), ("/pod1/a", 3 * GIB), ("/pod1/pause", 0.1 * GIB)):
        yield _steady(RSS, value, cluster="bare", namespace="weaviate", pod="weaviate-0", id=cgroup, job="c")
    for pod in range(3):
        own = {"cluster": "bare", "job": "w", "instance": f"weaviate-{pod}.weaviate-headless:2112"}
        yield _steady("weaviate_build_info", 1, version="1.38.2", **own)
        yield _steady("go_memstats_heap_inuse_bytes", (pod + 1) * GIB, **own)
        yield _steady("up", 1, **own)


def _foreign() -> Iterator[Series]:
    """Another Weaviate, in another namespace, and only that one is scraped."""
    own = {"cluster": "foreign", "job": "w", "namespace": "elsewhere", "pod": "weaviate-0"}
    yield _steady("weaviate_build_info", 1, version="1.38.2", **own)
    mesh = {"cluster": "foreign", "job": "m", "namespace": "weaviate", "pod": "weaviate-0"}
    yield _steady("up", 1, instance="10.1.1.1:15020", **mesh)


@pytest.fixture(scope="module")
def server(prometheus: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    series = [*_renamed(), *_older(), *_bare(), *_foreign()]
    with Prometheus.filled(tmp_path_factory.mktemp("prometheus"), series) as running:
        yield running


def history(server: Prometheus, name: str) -> History:
    return ClusterFacts(with_prometheus(SNAPSHOT, server.url, selector=f'cluster="{name}"', days=7)).history


def test_several_clusters_on_one_server_need_a_selector(server: Prometheus) -> None:
    with pytest.raises(ConfigError, match=r"(?s)clusters.*--prometheus-selector 'cluster=\"\w+\"'"):
        with_prometheus(SNAPSHOT, server.url)


def test_renamed_labels_of_kube_state_metrics(server: Prometheus) -> None:
    found = history(server, "renamed")
    assert found.labels.kube_state == Names("exported_namespace", "exported_pod", "exported_container", ("ksm",))
    assert found.labels.cadvisor == Names("namespace", "pod", "container", ("c",))
    assert list(found.containers["restarts"]) == [0] and list(found.containers["oom"]) == [0]
    assert found.scalar("oom_last", pod="weaviate-0") == 1
    assert sorted(sample.pod for sample in found.samples("restarts_7d")) == ["weaviate-0", "weaviate-1", "weaviate-2"]


def test_older_labels_and_an_older_weaviate(server: Prometheus) -> None:
    found = history(server, "older")
    assert found.labels.cadvisor == Names("namespace", "pod_name", "container_name", ("c",))
    assert found.labels.weaviate == Names("kubernetes_namespace", "kubernetes_pod_name", "", ("w",))
    assert found.labels.grouped is True and found.samples("objects_by_class") == ()
    (row,) = found.containers.to_dict("records")
    assert (row["container"], row["rss_max"], row["heap_max"]) == ("weaviate", 2 * GIB, 5 * GIB)
    assert found.scalar("objects") == 21


def test_without_container_labels_the_pod_is_the_row(server: Prometheus) -> None:
    found = history(server, "bare")
    (row,) = found.containers.to_dict("records")
    assert (row["pod"], row["container"], row["rss_max"], row["heap_max"]) == ("weaviate-0", "", 4 * GIB, GIB)
    assert (row["weaviate"], row["current"], row["memory_limit"]) == (True, True, 24 * GIB)
    assert np.nanmax(found.series("weaviate-0", "heap")[1]) == pytest.approx(GIB, rel=1e-5)
    assert found.targets_up == {f"weaviate-{pod}": True for pod in range(3)}


def test_series_of_another_weaviate_are_ignored(server: Prometheus) -> None:
    found = history(server, "foreign")
    assert not found.labels.weaviate and found.missing("weaviate") is not None
    # A mesh's own target in the same pod proves nothing of Weaviate's.
    assert found.missing("up") is None and found.targets_up == {}


def test_instance_is_a_pod_where_its_host_is_one() -> None:
    pods = frozenset({"weaviate-0"})
    assert pod_of("weaviate-0.weaviate-headless.weaviate.svc:2112", pods) == "weaviate-0"
    assert pod_of("weaviate-0", pods) == "weaviate-0"
    assert pod_of("10.1.2.3:2112", pods) == "10.1.2.3:2112"
