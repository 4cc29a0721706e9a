"""A server that fails in every way: the run ends, what could be read is kept, and the reason is right."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.collect import collect, connect
from readiness_kit.collect.http.transport import Limits, Transport
from readiness_kit.collect.kubernetes import lists
from readiness_kit.collect.kubernetes.collector import THREADS
from readiness_kit.kinds import KINDS
from readiness_kit.model import Reason
from readiness_kit.snapshot import Snapshot
from tests.collect.conftest import READS, listed, small
from tests.support.served import Fault, Reply, Request, ServedCluster, status

pytestmark = pytest.mark.usefixtures("pauses")
NODES = "/api/v1/nodes"


def run(folder: Path, fault: Fault | None = None, timeout: float = 5, **changes: Any) -> tuple[Snapshot, ServedCluster]:
    with (
        ServedCluster(small(**changes), fault=fault) as cluster,
        connect(str(cluster.kubeconfig(folder)), timeout=timeout) as connection,
    ):
        found = collect(connection, READS)
    assert cluster.violations == []
    return found, cluster


def on(path: str, *replies: Reply | None) -> Fault:
    """These replies to the first requests of a path; the last one for ever, unless it is None."""
    left = list(replies)

    def fault(request: Request) -> Reply | None:
        if request.path != path:
            return None
        return left.pop(0) if len(left) > 1 else left[0]

    return fault


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
def test_what_becomes_of_one_kind(tmp_path: Path, reply: Reply, reason: Reason, words: str) -> None:
    found, _ = run(tmp_path, on(NODES, reply))
    assert found.read("nodes").reason is reason
    assert words in found.read("nodes").message
    assert found.objects("nodes") == ()
    assert found.read("namespaces").count == 2 and found.read("pods").count == 1


def test_a_silent_kind_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Limits, "__new__", lambda cls, *limits, **named: tuple.__new__(cls, (0.2, 2, 10**9)))
    found, _ = run(tmp_path, on(NODES, Reply(200, b"{}", delay=20)))
    assert found.read("nodes").reason is Reason.UNREACHABLE
    assert found.read("pods").count == 1


def test_trouble_that_passes_leaves_no_trace_but_in_the_call_log(tmp_path: Path) -> None:
    found, _ = run(tmp_path, on(NODES, status(500, "X", "oops"), status(429, "X", "busy", Retry_After="1"), None))
    assert found.read("nodes").reason is None and found.read("nodes").count == 2
    assert [call.status for call in found.calls if call.path.startswith(NODES)] == [500, 429, 200]


def test_credentials_that_end_half_way(tmp_path: Path) -> None:
    def fault(request: Request) -> Reply | None:
        narrow = request.path.startswith("/api/v1/namespaces/db/")
        return status(401, "Unauthorized", "Unauthorized") if narrow else None

    found, _ = run(tmp_path, fault)
    assert found.read("nodes").count == 2 and len(found.objects("statefulsets")) == 1
    for key in ("pods", "services"):
        assert found.read(key).reason is Reason.FORBIDDEN
        assert "401" in found.read(key).message and "sign in" in found.read(key).message


def test_after_a_401_the_server_is_left_in_peace(tmp_path: Path) -> None:
    narrow = [kind for kind in KINDS.values() if kind.breadth == "weaviate"]
    lists_ = {kind.path(): listed(kind.kind, kind.api) for kind in narrow} | small()

    def fault(request: Request) -> Reply | None:
        return status(401, "Unauthorized", "no") if request.path.split("/")[-2:-1] == ["db"] else None

    with ServedCluster(lists_, fault=fault) as cluster, connect(str(cluster.kubeconfig(tmp_path))) as connection:
        found = collect(connection, [kind.key for kind in narrow])
    assert {found.read(kind.key).reason for kind in narrow} == {Reason.FORBIDDEN}
    # Those under way when the first came back are no fault.
    assert len([path for path in cluster.paths() if "/namespaces/db/" in path]) <= 2 * THREADS < len(narrow)


def many(count: int) -> dict[str, Any]:
    return {NODES: listed("Node", "v1", *({"metadata": {"name": f"n{number}"}} for number in range(count)))}


def test_a_forgotten_continue_token_begins_the_list_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PAGE", 4)
    gone = status(410, "Expired", "The provided continue parameter is too old")
    found, cluster = run(tmp_path, on(NODES, None, None, gone, None), **many(10))
    assert [item.metadata.name for item in found.objects("nodes")] == [f"n{number}" for number in range(10)]
    assert found.read("nodes").reason is None
    asked = ["continue" in request.query for request in cluster.requests if request.path == NODES]
    assert asked == [False, True, True, False, True, True]


def test_a_token_that_is_always_forgotten_ends(tmp_path: Path) -> None:
    found, cluster = run(tmp_path, on(NODES, status(410, "Expired", "too old")))
    assert found.read("nodes").reason is Reason.ERROR
    assert cluster.paths().count(NODES) == 1 + lists.RESTARTS


def test_a_server_that_repeats_itself_does_not_loop(tmp_path: Path) -> None:
    body = {"kind": "NodeList", "metadata": {"continue": "x"}, "items": []}
    found, cluster = run(tmp_path, on(NODES, Reply(200, body)))
    assert found.read("nodes").reason is Reason.ERROR
    assert "same continue token" in found.read("nodes").message
    assert cluster.paths().count(NODES) == 2


def test_a_page_too_large_is_asked_for_in_smaller_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = Transport.__init__

    def tight(self: Transport, *arguments: Any, **named: Any) -> None:
        original(self, *arguments, **{**named, "limits": Limits(5, 2, 200_000)})

    monkeypatch.setattr(Transport, "__init__", tight)
    nodes = [{"metadata": {"name": f"n{n}", "annotations": {"huge": "x" * 2000}}} for n in range(120)]
    found, cluster = run(tmp_path, **{NODES: listed("Node", "v1", *nodes)})
    assert found.read("nodes").count == 120 and found.read("nodes").reason is None
    asked = [request.query["limit"] for request in cluster.requests if request.path == NODES]
    assert asked == ["500", "50", "50", "50"]


@pytest.mark.parametrize(
    ("amiss", "where"),
    [
        ({"metadata": {"name": "n9", "labels": {"a": 5}}}, "labels"),
        ({"metadata": {"name": "n9"}, "spec": {"unschedulable": "yes"}}, "unschedulable"),
        ({"metadata": {"name": "n9"}, "status": []}, "status"),
        ({"metadata": "n9"}, "metadata"),
    ],
)
def test_one_object_of_wrong_types_costs_only_itself(tmp_path: Path, amiss: dict[str, Any], where: str) -> None:
    found, _ = run(tmp_path, **{NODES: listed("Node", "v1", {"metadata": {"name": "n1"}}, amiss)})
    record = found.read("nodes")
    assert (record.reason, record.partial, record.count) == (Reason.ERROR, True, 1)
    assert record.message.startswith("1 of 2 objects could not be read (") and where in record.message
    assert [item.metadata.name for item in found.objects("nodes")] == ["n1"]


def test_null_is_missing(tmp_path: Path) -> None:
    node = {
        "metadata": {"name": "n1", "labels": None, "annotations": {"checksum/config": None}, "ownerReferences": None},
        "spec": {"taints": None, "unschedulable": None},
        "status": {"conditions": [None, {"type": "Ready", "status": "True", "reason": None}]},
    }
    found, _ = run(tmp_path, **{NODES: listed("Node", "v1", node)})
    assert found.read("nodes").reason is None
    kept = found.objects("nodes")[0]
    assert kept.spec.taints == () and kept.metadata.labels == {}
    assert [condition.type for condition in kept.status.conditions] == ["Ready"]


@pytest.mark.parametrize("body", [b'{"kind":"NodeList","items":null}', b'{"kind":"NodeList","metadata":null}'])
def test_a_list_of_nothing(tmp_path: Path, body: bytes) -> None:
    found, _ = run(tmp_path, on(NODES, Reply(200, body)))
    assert found.read("nodes").reason is None and found.objects("nodes") == ()


def test_of_duplicate_keys_the_last_counts(tmp_path: Path) -> None:
    body = b'{"kind":"NodeList","items":[{"metadata":{"name":"a","name":"b"}}],"items":[{"metadata":{"name":"c"}}]}'
    found, _ = run(tmp_path, on(NODES, Reply(200, body)))
    assert [item.metadata.name for item in found.objects("nodes")] == ["c"]


def test_gigantic_annotations_are_not_kept(tmp_path: Path) -> None:
    node = {"metadata": {"name": "n1", "annotations": {"last": "x" * 1_000_000}, "managedFields": [{"a": "y" * 10**6}]}}
    found, _ = run(tmp_path, **{NODES: listed("Node", "v1", node)})
    path = tmp_path / "s.zip"
    found.save(path)
    assert path.stat().st_size < 5000
    assert found.objects("nodes")[0].metadata.annotations == {}


@pytest.mark.parametrize("pick", [lambda request: request.path == "/apis", lambda request: request.path != "/version"])
def test_everything_broken_still_gives_a_snapshot(tmp_path: Path, pick: Callable[[Request], bool]) -> None:
    found, _ = run(tmp_path, lambda request: status(500, "X", "oops") if pick(request) else None)
    assert {record.key for record in found.manifest.reads} == {*READS, "statefulsets", "deployments", "pods"}
    assert json.loads(json.dumps(found.manifest.context)) == "served"
