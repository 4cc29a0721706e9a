"""A list of the whole cluster that is refused: the namespaces of Weaviate are read, and the rest stays forbidden."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.collect import Event, collect, connect
from readiness_kit.model import Reason
from readiness_kit.serve import ServedSnapshot
from readiness_kit.snapshot import Snapshot
from tests.collect.conftest import READS, listed, pod, small, workload
from tests.support.served import Access, ServedCluster

pytestmark = pytest.mark.usefixtures("pauses")


def run(cluster: ServedCluster, folder: Path, *reads: str, **named: Any) -> Snapshot:
    with connect(str(cluster.kubeconfig(folder)), timeout=5) as connection:
        return collect(connection, reads or READS, **named)


def names(found: Snapshot, key: str) -> list[str]:
    return [f"{item.metadata.namespace}/{item.metadata.name}" for item in found.objects(key)]


def everywhere(*resources: str) -> Callable[[Access], bool]:
    """Refuses the lists of all namespaces of these resources, and permits those of one namespace."""
    return lambda access: access.resource in resources and not access.namespace


def in_two(kind: str, api: str) -> Any:
    return listed(kind, api, *({"metadata": {"name": kind.lower(), "namespace": place}} for place in ("db", "other")))


PATHS = {
    "services": ("/api/v1/services", "Service", "v1"),
    "rolebindings": ("/apis/rbac.authorization.k8s.io/v1/rolebindings", "RoleBinding", "rbac.authorization.k8s.io/v1"),
    "ingresses": ("/apis/networking.k8s.io/v1/ingresses", "Ingress", "networking.k8s.io/v1"),
    "httproutes": (
        "/apis/gateway.networking.k8s.io/v1/httproutes",
        "HTTPRoute",
        "gateway.networking.k8s.io/v1",
    ),
    "routes": ("/apis/route.openshift.io/v1/routes", "Route", "route.openshift.io/v1"),
}


@pytest.mark.parametrize("key", sorted(PATHS))
def test_the_namespace_of_weaviate_is_read_instead(tmp_path: Path, key: str) -> None:
    path, kind, api = PATHS[key]
    with ServedCluster(small(**{path: in_two(kind, api)}), forbidden=everywhere(key)) as cluster:
        found = run(cluster, tmp_path, key)
    record = found.read(key)
    assert names(found, key) == [f"db/{kind.lower()}"]
    assert (record.reason, record.partial, record.count, record.namespaces) == (Reason.FORBIDDEN, True, 1, ("db",))
    assert "cannot list" in record.message and "read only where Weaviate runs (db)" in record.message
    assert found.missing(key) is Reason.FORBIDDEN


def test_refused_there_as_well_nothing_is_kept(tmp_path: Path) -> None:
    path, kind, api = PATHS["services"]
    with ServedCluster(small(**{path: in_two(kind, api)}), forbidden={"services"}) as cluster:
        found = run(cluster, tmp_path, "services")
    record = found.read("services")
    assert (record.reason, record.partial, record.count, record.namespaces) == (Reason.FORBIDDEN, False, 0, ())
    assert found.objects("services") == ()


def test_workloads_refused_in_the_cluster_are_read_where_the_chosen_one_is(tmp_path: Path) -> None:
    refused = everywhere("statefulsets", "deployments", "pods")
    with ServedCluster(small(), forbidden=refused) as cluster:
        chosen = run(cluster, tmp_path, weaviate="db/weaviate")
        not_chosen = run(cluster, tmp_path)
    assert names(chosen, "statefulsets") == ["db/weaviate"] and names(chosen, "pods") == ["db/weaviate-0"]
    assert chosen.missing("statefulsets") is Reason.FORBIDDEN and chosen.missing("pods") is None
    assert not_chosen.objects("statefulsets") == () and not_chosen.manifest.weaviate_namespaces == ()


def test_progress_shows_the_second_attempt_and_its_objects(tmp_path: Path) -> None:
    events: list[Event] = []
    path, kind, api = PATHS["services"]
    with ServedCluster(small(**{path: in_two(kind, api)}), forbidden=everywhere("services")) as cluster:
        run(cluster, tmp_path, "services", progress=events.append)
    own = [(event.state, event.objects) for event in events if event.key == "services"]
    assert own == [("start", 0), ("refused", 0), ("start", 0), ("page", 1), ("refused", 1)]
    assert all(event.done_kinds <= event.all_kinds for event in events)


# --- dashboards -----------------------------------------------------------------------------------


def boards() -> dict[str, Any]:
    def board(name: str, namespace: str, **labels: str) -> dict[str, Any]:
        return {"metadata": {"name": name, "namespace": namespace, "labels": labels}, "data": {"x.json": "BLUE-HORSE"}}

    grafana = workload("grafana", "observability")
    grafana["spec"]["template"]["spec"]["containers"] = [{"name": "g", "image": "docker.io/grafana/grafana:12.3.0"}]
    maps = [
        board("weaviate", "observability", grafana_dashboard="1"),
        board("weaviate-too", "elsewhere", grafana_dashboard="yes"),
        board("weaviate-settings", "observability"),
    ]
    return small(
        **{
            "/api/v1/configmaps": listed("ConfigMap", "v1", *maps),
            "/apis/apps/v1/statefulsets": listed("StatefulSet", "apps/v1", workload("weaviate", "db"), grafana),
            "/api/v1/pods": listed("Pod", "v1", pod("weaviate-0", "db")),
        }
    )


def test_dashboards_are_the_labelled_configmaps_of_all_namespaces_without_their_content(tmp_path: Path) -> None:
    with ServedCluster(boards()) as cluster:
        found = run(cluster, tmp_path, "dashboardconfigmaps", "configmaps")
    assert sorted(names(found, "dashboardconfigmaps")) == ["elsewhere/weaviate-too", "observability/weaviate"]
    assert found.missing("dashboardconfigmaps") is None and found.objects("configmaps") == ()
    found.save(tmp_path / "s.zip")
    assert b"BLUE-HORSE" not in (tmp_path / "s.zip").read_bytes() and "BLUE-HORSE" not in repr(found.kept)
    asked = [request.path for request in cluster.requests if request.path.endswith("/configmaps")]
    assert sorted(asked) == ["/api/v1/configmaps", "/api/v1/namespaces/db/configmaps"]


def test_refused_in_the_cluster_the_dashboards_beside_grafana_are_read(tmp_path: Path) -> None:
    with ServedCluster(boards(), forbidden=everywhere("configmaps")) as cluster:
        found = run(cluster, tmp_path, "dashboardconfigmaps", "configmaps")
    assert names(found, "dashboardconfigmaps") == ["observability/weaviate"]
    assert found.missing("dashboardconfigmaps") is Reason.FORBIDDEN and found.missing("configmaps") is None
    with ServedSnapshot(found) as served, connect(str(served.kubeconfig(tmp_path)), timeout=5) as connection:
        again = collect(connection, ["dashboardconfigmaps", "configmaps"])
    assert again.kept == found.kept
    assert [again.missing(key) for key in again.kept] == [found.missing(key) for key in again.kept]
