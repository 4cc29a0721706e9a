"""Two steps, narrow lists, pages, failures, and the record of each kind."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from readiness_kit import snapshot
from readiness_kit.collect import Connection, Event, collect, connect
from readiness_kit.collect.http.transport import Limits
from readiness_kit.collect.kubernetes import lists
from readiness_kit.collect.kubernetes.collector import THREADS
from readiness_kit.errors import ConfigError, UsageError
from readiness_kit.kinds import KINDS
from readiness_kit.model import Read, Reason
from readiness_kit.snapshot import Snapshot
from tests.collect.conftest import READS, listed, pod, small, workload
from tests.collect.kubernetes.conftest import NODES, reply_to, run_with
from tests.support.served import Access, Reply, Request, ServedCluster, only_namespaces, status

pytestmark = pytest.mark.usefixtures("pauses")

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def run(cluster: ServedCluster, folder: Path, *reads: str, **named: Any) -> Snapshot:
    with connect(str(cluster.kubeconfig(folder)), timeout=5) as connection:
        return collect(connection, reads or READS, **named)


def names(found: Snapshot, key: str) -> list[str]:
    return [f"{item.metadata.namespace}/{item.metadata.name}" for item in found.objects(key)]


def test_workloads_first_then_narrow_lists(connection: Connection, served_small: ServedCluster) -> None:
    found = collect(connection, READS, as_of=NOW)
    assert found.manifest.weaviate_namespaces == ("db",)
    assert (found.manifest.taken_at, found.manifest.context) == (NOW, "served")
    assert found.manifest.server_version == "v1.36.2"
    assert names(found, "pods") == ["db/weaviate-0"]
    assert found.read("pods") == Read("pods", 1, ("db",))
    assert found.read("nodes") == Read("nodes", 2)
    paths = served_small.paths()
    assert "/api/v1/namespaces/db/pods" in paths and "/api/v1/pods" not in paths
    assert max(map(paths.index, ("/apis/apps/v1/statefulsets", "/apis/apps/v1/deployments"))) < paths.index(
        "/api/v1/namespaces/db/pods"
    )
    assert {call.path.split("?")[0] for call in found.calls} == set(paths)


def test_a_kind_whose_group_is_not_there_is_not_asked_for(connection: Connection, served_small: ServedCluster) -> None:
    found = collect(connection, READS)
    assert found.read("servicemonitors").reason is Reason.ABSENT
    assert found.missing("servicemonitors") is None
    assert not [path for path in served_small.paths() if "servicemonitors" in path]


def test_unreadable_group_version_is_not_absence(tmp_path: Path) -> None:
    lists_ = small(**{"/apis/monitoring.coreos.com/v1alpha1/servicemonitors": listed("ServiceMonitor", "x")})
    with ServedCluster(lists_) as cluster:
        found = run(cluster, tmp_path)
    assert found.missing("servicemonitors") is Reason.NOT_COLLECTED
    assert "v1alpha1" in found.read("servicemonitors").message


def test_without_discovery_every_list_is_requested(tmp_path: Path) -> None:
    with ServedCluster(small(), overlay={"/apis": None}) as cluster:
        found = run(cluster, tmp_path)
    assert found.read("servicemonitors").reason is Reason.ABSENT
    assert "/apis/monitoring.coreos.com/v1/servicemonitors" in cluster.paths()


def test_a_bare_pod_is_found_in_the_pods_of_the_whole_cluster(tmp_path: Path) -> None:
    with ServedCluster(small(**{"/apis/apps/v1/statefulsets": listed("StatefulSet", "apps/v1")})) as cluster:
        found = run(cluster, tmp_path)
    assert found.manifest.weaviate_namespaces == ("db",)
    assert names(found, "pods") == ["db/weaviate-0"]
    assert cluster.paths().count("/api/v1/pods") == 1


def test_with_no_weaviate_the_narrow_kinds_are_not_collected(tmp_path: Path) -> None:
    empty = {"/apis/apps/v1/statefulsets": listed("StatefulSet", "apps/v1"), "/api/v1/pods": listed("Pod", "v1")}
    with ServedCluster(small(**empty)) as cluster:
        found = run(cluster, tmp_path, *READS, "configmaps")
    assert found.manifest.weaviate_namespaces == ()
    assert found.read("configmaps").reason is Reason.NOT_COLLECTED
    assert "no Weaviate" in found.read("configmaps").message
    assert found.read("pods").reason is None and found.read("nodes").count == 2


def two() -> dict[str, Any]:
    both = listed("StatefulSet", "apps/v1", workload("weaviate", "db"), workload("weaviate", "test"))
    pods = listed("Pod", "v1", pod("weaviate-0", "db"), pod("weaviate-0", "test"), pod("weaviate-0", "other"))
    return small(**{"/apis/apps/v1/statefulsets": both, "/api/v1/pods": pods})


def test_two_workloads_are_both_read_and_a_chosen_one_alone(tmp_path: Path) -> None:
    with ServedCluster(two()) as cluster:
        both = run(cluster, tmp_path)
        chosen = run(cluster, tmp_path, weaviate="test/weaviate")
    assert names(both, "pods") == ["db/weaviate-0", "test/weaviate-0"]
    assert both.read("pods") == Read("pods", 2, ("db", "test"))
    assert names(chosen, "pods") == ["test/weaviate-0"]


def test_refused_in_one_of_two_namespaces_is_partial(tmp_path: Path) -> None:
    def forbidden(access: Access) -> bool:
        return (access.resource, access.namespace) == ("pods", "test")

    with ServedCluster(two(), forbidden=forbidden) as cluster:
        found = run(cluster, tmp_path)
    record = found.read("pods")
    assert (record.reason, record.partial, record.count) == (Reason.FORBIDDEN, True, 1)
    assert "in the namespace test" in record.message
    assert found.missing("pods") is Reason.FORBIDDEN


def test_namespace_only_mode_requests_nothing_cluster_wide(tmp_path: Path) -> None:
    with ServedCluster(small(), forbidden=only_namespaces("db")) as cluster:
        found = run(cluster, tmp_path, *READS, "leases", namespaces=["db"])
    assert found.manifest.namespaces == found.manifest.weaviate_namespaces == ("db",)
    assert names(found, "pods") == ["db/weaviate-0"]
    assert found.read("nodes").reason is Reason.NOT_COLLECTED
    assert "namespace-only mode" in found.read("nodes").message
    assert found.read("leases").reason is Reason.NOT_COLLECTED
    asked = [path for path in cluster.paths() if path not in ("/version", "/apis")]
    assert asked and all("/namespaces/db/" in path for path in asked)


def test_a_namespace_that_does_not_exist(tmp_path: Path) -> None:
    with ServedCluster(small()) as cluster, pytest.raises(ConfigError, match="no namespace 'dbb'") as raised:
        run(cluster, tmp_path, namespaces=["dbb"])
    assert "kubectl get namespaces" in raised.value.hint


def test_namespace_that_cannot_be_read_is_no_error(tmp_path: Path) -> None:
    with ServedCluster(small(), forbidden=only_namespaces("db")) as cluster:
        found = run(cluster, tmp_path, namespaces=["dbb"])
    assert found.read("statefulsets").reason is Reason.FORBIDDEN


@pytest.mark.parametrize("name", ["a/b", "../secrets", "UPPER", "-x", "a b", "a" * 64])
def test_impossible_namespaces(connection: Connection, served_small: ServedCluster, name: str) -> None:
    before = len(served_small.requests)
    with pytest.raises(UsageError):
        collect(connection, READS, namespaces=[name])
    assert len(served_small.requests) == before


def test_an_unknown_kind(connection: Connection) -> None:
    with pytest.raises(UsageError, match="secrets"):
        collect(connection, ["secrets"])


@pytest.mark.parametrize("key", sorted({*READS, "statefulsets", "deployments", "pods"} - {"servicemonitors"}))
def test_each_kind_refused_in_turn(tmp_path: Path, key: str) -> None:
    with ServedCluster(small(), forbidden={key}) as cluster:
        found = run(cluster, tmp_path)
    assert found.read(key).reason is Reason.FORBIDDEN
    assert "cannot list" in found.read(key).message
    assert found.objects(key) == ()
    others = {record.key for record in found.manifest.reads if record.reason is None} | {key, "servicemonitors"}
    assert others == {*READS, "statefulsets", "deployments", "pods"}


def test_pages_equal_one_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = listed("Node", "v1", *({"metadata": {"name": f"n{number}"}} for number in range(23)))
    with ServedCluster(small(**{"/api/v1/nodes": many})) as cluster:
        whole = run(cluster, tmp_path)
        monkeypatch.setattr(lists, "PAGE", 5)
        paged = run(cluster, tmp_path)
    assert names(paged, "nodes") == names(whole, "nodes") == [f"/n{number}" for number in range(23)]
    asked = [request.query for request in cluster.requests if request.path == "/api/v1/nodes"]
    assert [query["limit"] for query in asked] == ["500", *["5"] * 5]


def test_pages_grow_when_many_objects_remain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "BIG_FROM", 1000)
    many = listed("Node", "v1", *({"metadata": {"name": f"n{number}"}} for number in range(3100)))
    with ServedCluster(small(**{"/api/v1/nodes": many})) as cluster:
        assert len(run(cluster, tmp_path).objects("nodes")) == 3100
    asked = [request.query["limit"] for request in cluster.requests if request.path == "/api/v1/nodes"]
    assert asked == ["500", "2000", "2000"]


def test_progress_reports_each_step(connection: Connection) -> None:
    events: list[Event] = []
    collect(connection, READS, progress=events.append)
    assert {event.all_kinds for event in events} == {7}
    assert events[-1].done_kinds == 7
    assert [event.state for event in events if event.key == "nodes"] == ["start", "page", "done"]
    assert [event.state for event in events if event.key == "servicemonitors"] == ["start", "absent"]
    assert [event.objects for event in events if event.key == "nodes"] == [0, 2, 2]


def test_a_stop_keeps_what_was_read(tmp_path: Path) -> None:
    stop = threading.Event()

    def fault(request: Request) -> Reply | None:
        if request.path == "/api/v1/namespaces/db/pods":
            stop.set()
        return None

    with ServedCluster(small(), fault=fault) as cluster:
        config = cluster.kubeconfig(tmp_path)
        with connect(str(config)) as connection:
            found = collect(connection, READS, stop=stop)
            again = collect(connection, READS)
    assert len(found.objects("statefulsets")) == 1
    stopped = {record.key for record in found.manifest.reads if record.reason is Reason.NOT_COLLECTED}
    assert stopped <= {"services", "nodes", "namespaces"}
    assert all(found.read(key).message == "stopped before it was read" for key in stopped)
    assert again.read("nodes").reason is None


def test_collection_stopped_before_it_began_sends_nothing(connection: Connection, served_small: ServedCluster) -> None:
    stop = threading.Event()
    stop.set()
    before = len(served_small.requests)
    found = collect(connection, READS, stop=stop)
    assert {record.reason for record in found.manifest.reads} == {Reason.NOT_COLLECTED}
    assert len(served_small.requests) == before


def test_connection_has_context_and_server_version(connection: Connection) -> None:
    assert (connection.context, connection.server_version) == ("served", "v1.36.2")
    assert json.loads(connection.get("/api/v1/nodes", {"limit": "1"}))["kind"] == "NodeList"


# --- the recorded clusters --------------------------------------------------------------------------


def test_a_recorded_cluster_from_end_to_end(served_good: ServedCluster, tmp_path: Path) -> None:
    found = run(served_good, tmp_path, *KINDS)
    assert found.manifest.weaviate_namespaces == ("weaviate",)
    assert {request.method for request in served_good.requests} == {"GET"}
    assert not [path for path in served_good.paths() if "secrets" in path]
    failures = (Reason.FORBIDDEN, Reason.UNREACHABLE, Reason.ERROR)
    assert [record for record in found.manifest.reads if record.reason in failures or record.partial] == []
    assert found.read("pods").count == 4 and found.read("nodes").count == 6
    path = tmp_path / "s.zip"
    assert found.save(path) == ()
    assert snapshot.load(path) == found


def test_nothing_that_evidence_needs_is_lost(served_good: ServedCluster, tmp_path: Path) -> None:
    found = run(served_good, tmp_path, *KINDS)
    weaviate = next(item for item in found.objects("statefulsets") if item.metadata.name == "weaviate")
    assert len(weaviate.spec.template.metadata.annotations["checksum/config"]) == 64
    assert weaviate.metadata.annotations["meta.helm.sh/release-name"] == "weaviate"
    container = weaviate.spec.template.spec.containers[0]
    env = {variable.name: variable for variable in container.env}
    assert env["RAFT_JOIN"].value == "weaviate-0,weaviate-1,weaviate-2"
    assert env["AUTHENTICATION_APIKEY_ALLOWED_KEYS"].value_from is not None
    assert "--config-file" in container.args and "/weaviate-config/conf.yaml" in container.args
    conf = next(item for item in found.objects("configmaps") if item.metadata.name == "weaviate-config")
    assert json.loads(conf.data["conf.yaml"])["authorization"]["rbac"] == {
        "enabled": True,
        "root_users": ["weaviate-admin"],
    }
    backup = found.objects("cronjobs")[0].spec.job_template.spec.template.spec.containers[0]
    assert "http://weaviate/v1/backups/s3" in backup.args[0]
    assert all(status.image_id for item in found.objects("pods") for status in item.status.container_statuses)
    assert {item.metadata.labels["topology.kubernetes.io/zone"] for item in found.objects("nodes")} == {
        "eu-central-1a",
        "eu-central-1b",
        "eu-central-1c",
    }


@pytest.mark.parametrize(
    ("reply", "reason", "words"),
    [
        (status(403, "Forbidden", "nodes is forbidden"), Reason.FORBIDDEN, "nodes is forbidden"),
        (status(404, "NotFound", "no"), Reason.ABSENT, "does not know nodes"),
        (status(400, "BadRequest", "what?"), Reason.ERROR, "400: what?"),
        (status(429, "TooManyRequests", "busy"), Reason.UNREACHABLE, "429: busy"),
        (status(500, "InternalError", "oops"), Reason.UNREACHABLE, "500: oops"),
        (status(503, "ServiceUnavailable", "later"), Reason.UNREACHABLE, "503: later"),
        (Reply(200, b'{"kind": "NodeList", "items": [{"meta'), Reason.ERROR, "not the expected JSON"),
        (Reply(200, b"<html>sign in</html>"), Reason.ERROR, "not the expected JSON"),
        (Reply(200, b""), Reason.ERROR, "not the expected JSON"),
        (Reply(200, b"\xff\xfe\x00"), Reason.ERROR, "not the expected JSON"),
        (Reply(200, b"[]"), Reason.ERROR, "not the expected JSON"),
        (Reply(200, b"[" * 100_000), Reason.ERROR, "not the expected JSON"),
        (Reply(200, b'{"kind": "Status"}'), Reason.ERROR, "is no list"),
        (Reply(200, b'{"kind": "NodeList", "items": 5}'), Reason.ERROR, "not the expected JSON"),
        (Reply(200, b'{"items": []}', cut=4), Reason.UNREACHABLE, "does not answer"),
    ],
)
def test_failure_of_one_kind_has_its_reason_and_message(
    tmp_path: Path, reply: Reply, reason: Reason, words: str
) -> None:
    found, _ = run_with(tmp_path, reply_to(NODES, reply))
    assert found.read("nodes").reason is reason
    assert words in found.read("nodes").message
    assert found.objects("nodes") == ()
    assert found.read("namespaces").count == 2 and found.read("pods").count == 1


def test_list_without_a_response_is_unreachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Limits, "__new__", lambda cls, *limits, **named: tuple.__new__(cls, (0.2, 2, 10**9)))
    found, _ = run_with(tmp_path, reply_to(NODES, Reply(200, b"{}", delay=20)))
    assert found.read("nodes").reason is Reason.UNREACHABLE
    assert found.read("pods").count == 1


def test_transient_failure_is_only_in_the_call_log(tmp_path: Path) -> None:
    found, _ = run_with(
        tmp_path, reply_to(NODES, status(500, "X", "oops"), status(429, "X", "busy", Retry_After="1"), None)
    )
    assert found.read("nodes").reason is None and found.read("nodes").count == 2
    assert [call.status for call in found.calls if call.path.startswith(NODES)] == [500, 429, 200]


def test_credentials_that_expire_during_a_run_are_forbidden(tmp_path: Path) -> None:
    def fault(request: Request) -> Reply | None:
        narrow = request.path.startswith("/api/v1/namespaces/db/")
        return status(401, "Unauthorized", "Unauthorized") if narrow else None

    found, _ = run_with(tmp_path, fault)
    assert found.read("nodes").count == 2 and len(found.objects("statefulsets")) == 1
    for key in ("pods",):
        assert found.read(key).reason is Reason.FORBIDDEN
        assert "401" in found.read(key).message and "sign in" in found.read(key).message


def test_after_a_401_no_further_lists_are_requested(tmp_path: Path) -> None:
    narrow = [kind for kind in KINDS.values() if kind.breadth == "weaviate"]
    lists_ = {kind.path(): listed(kind.kind, kind.api) for kind in narrow} | small()

    def fault(request: Request) -> Reply | None:
        return status(401, "Unauthorized", "no") if request.path.split("/")[-2:-1] == ["db"] else None

    with ServedCluster(lists_, fault=fault) as cluster, connect(str(cluster.kubeconfig(tmp_path))) as connection:
        found = collect(connection, [kind.key for kind in narrow])
    assert {found.read(kind.key).reason for kind in narrow} == {Reason.FORBIDDEN}
    # Those under way when the first came back are no fault.
    assert len([path for path in cluster.paths() if "/namespaces/db/" in path]) <= 2 * THREADS < len(narrow)


@pytest.mark.parametrize("pick", [lambda request: request.path == "/apis", lambda request: request.path != "/version"])
def test_server_that_fails_everything_gives_a_snapshot(tmp_path: Path, pick: Callable[[Request], bool]) -> None:
    found, _ = run_with(tmp_path, lambda request: status(500, "X", "oops") if pick(request) else None)
    assert {record.key for record in found.manifest.reads} == {*READS, "statefulsets", "deployments", "pods"}
    assert json.loads(json.dumps(found.manifest.context)) == "served"
