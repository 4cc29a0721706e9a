"""Every fault of a server, with everything collected: it ends, what could be read is kept, no verdict gets better."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from readiness_kit import paths
from readiness_kit.assessment import assess
from readiness_kit.checklist import load_checklist
from readiness_kit.collect import collect, connect
from readiness_kit.collect.http.transport import Limits, Transport
from readiness_kit.collect.kubernetes import lists
from readiness_kit.collect.prometheus import terms
from readiness_kit.collect.prometheus.collector import KEYS as PROMETHEUS_KEYS
from readiness_kit.collect.prometheus.collector import with_prometheus, without_prometheus
from readiness_kit.collect.weaviate.collector import KEYS as WEAVIATE_KEYS
from readiness_kit.collect.weaviate.collector import with_weaviate
from readiness_kit.demo import SNAPSHOT
from readiness_kit.errors import ConfigError, ReadinessError, UnreachableError
from readiness_kit.evidence import evaluate, reads_for
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds import KINDS
from readiness_kit.model import Finding, Outcome, Reason, Settings
from readiness_kit.serve import bodies
from readiness_kit.serve.server import Loopback
from readiness_kit.snapshot import Snapshot, load
from tests.support.served import Reply, Request, ServedCluster, status
from tests.support.weaviate import FakeWeaviate, collection, healthy

QUESTIONS = load_checklist().questions
READS = reads_for(QUESTIONS)
DEMO = load(paths.demo() / SNAPSHOT)
LISTS = bodies(DEMO)
SECONDS = 20

Make = Callable[[Request], Reply]


def answer(request: Request) -> dict[str, Any]:
    body = LISTS.get("/" + request.path.strip("/"))
    if body is None:
        parts = request.path.split("/")
        at = parts.index("namespaces")
        whole = LISTS["/".join(parts[:at] + parts[at + 2 :])]
        body = {**whole, "items": [one for one in whole["items"] if one["metadata"]["namespace"] == parts[at + 1]]}
    return json.loads(json.dumps(body))


def wrong_types(request: Request) -> Reply:
    body = answer(request)
    for item in body["items"]:
        item["metadata"]["labels"] = ["not", "a", "map"]
    return Reply(200, body)


def gigantic(request: Request) -> Reply:
    body = answer(request)
    for item in body["items"][:3]:
        item["metadata"].setdefault("annotations", {})["last-applied"] = "x" * 300_000
    return Reply(200, body)


def doubled_keys(request: Request) -> Reply:
    return Reply(200, json.dumps(answer(request)).replace('"items":', '"items": [], "items":', 1))


def half(request: Request) -> Reply:
    body = json.dumps(answer(request)).encode()
    return Reply(200, body[: len(body) // 2])


def cut(request: Request) -> Reply:
    body = json.dumps(answer(request)).encode()
    return Reply(200, body, cut=len(body) // 2)


def null_items(request: Request) -> Reply:
    return Reply(200, {**answer(request), "items": None})


def html(request: Request) -> Reply:
    return Reply(200, "<html><body>Sign in</body></html>", {"Content-Type": "text/html"})


def redirect(request: Request) -> Reply:
    return Reply(302, b"", {"Location": "http://127.0.0.1:9/elsewhere"})


def says(code: int, **headers: str) -> Make:
    return lambda request: status(code, "Fault", f"fault {code}", **headers)


TABLE: list[tuple[str, Make, Reason | None]] = [
    ("401", says(401), Reason.FORBIDDEN),
    ("403", says(403), Reason.FORBIDDEN),
    ("404", says(404), Reason.ABSENT),
    ("410", says(410), Reason.ERROR),
    ("429", says(429, Retry_After="1"), Reason.UNREACHABLE),
    ("429 for long", says(429, Retry_After="3600"), Reason.UNREACHABLE),
    ("500", says(500), Reason.UNREACHABLE),
    ("503", says(503), Reason.UNREACHABLE),
    ("redirect", redirect, Reason.ERROR),
    ("a page of HTML", html, Reason.ERROR),
    ("truncated JSON", half, Reason.ERROR),
    ("connection cut", cut, Reason.UNREACHABLE),
    ("slow", lambda request: Reply(200, b"{}", delay=30), Reason.UNREACHABLE),
    ("wrong types", wrong_types, Reason.ERROR),
    ("brackets without end", lambda request: Reply(200, b"[" * 200_000), Reason.ERROR),
    ("doubled keys", doubled_keys, None),
    ("gigantic annotations", gigantic, None),
]
GROUPS = {
    "the first kinds": ("statefulsets", "pods"),
    "the narrow kinds": (
        *("endpointslices", "configmaps", "poddisruptionbudgets", "networkpolicies", "persistentvolumeclaims"),
    ),
    "the cluster": ("nodes", "persistentvolumes", "storageclasses", "clusterroles", "clusterrolebindings"),
}


def judged(snapshot: Snapshot) -> dict[str, Finding] | None:
    try:
        facts = ClusterFacts(snapshot)
    except ReadinessError:
        return None
    return evaluate(facts, Settings(), QUESTIONS)


def collected(folder: Path, broken: tuple[str, ...] = (), make: Make | None = None) -> Snapshot:
    plurals = {(KINDS[key].group, KINDS[key].plural) for key in broken}

    def fault(request: Request) -> Reply | None:
        parts = request.path.split("/")
        group = parts[2] if parts[1] == "apis" and len(parts) > 2 else ""
        if "labelSelector" in request.query:  # a narrower list of the same path, which the faulty answer would not be
            return None
        return make(request) if make and (group, request.plural) in plurals else None

    with (
        ServedCluster(LISTS, fault=fault) as cluster,
        connect(str(cluster.kubeconfig(folder)), timeout=0.5) as connection,
    ):
        found = collect(connection, READS)
    assert cluster.violations == []
    # What Weaviate and Prometheus answered is the same in all runs, so that the questions they decide are judged too.
    other = tuple(one for one in DEMO.manifest.reads if "/" in one.key)
    manifest = msgspec.structs.replace(found.manifest, reads=(*found.manifest.reads, *other))
    return msgspec.structs.replace(found, manifest=manifest, answers=DEMO.answers)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Snapshot, dict[str, Finding]]:
    found = collected(tmp_path_factory.mktemp("whole"))
    findings = judged(found)
    assert findings is not None and sum(one.outcome is Outcome.MET for one in findings.values()) >= 5
    return found, findings


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Transport, "wait", lambda self, seconds: None)
    monkeypatch.setattr(Limits, "__new__", lambda cls, *limits, **named: tuple.__new__(cls, (0.5, 2, 10**9)))


@pytest.mark.parametrize("keys", GROUPS.values(), ids=GROUPS)
@pytest.mark.parametrize(("make", "reason"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_fault_costs_what_it_hits_and_nothing_gets_better(
    tmp_path: Path,
    whole: tuple[Snapshot, dict[str, Finding]],
    keys: tuple[str, ...],
    make: Make,
    reason: Reason | None,
) -> None:
    before, findings = whole
    began = time.monotonic()
    found = collected(tmp_path, keys, make)
    assert time.monotonic() - began < SECONDS
    lost_all = {record.key for record in found.manifest.reads if record.reason is not None}
    for key in keys:
        record = found.read(key)
        if before.objects(key) or reason is not Reason.ERROR:
            assert record.reason is reason, (key, record)
    if reason is None:
        assert found.kept == before.kept
    # What was not hit, and does not hang on what was, is as it was.
    hangs = lost_all if "statefulsets" in keys or make.__name__ == "<lambda>" else set(keys)
    for key in before.kept.keys() - lost_all - hangs - set(keys):
        if KINDS[key].breadth == "cluster":
            assert found.objects(key) == before.objects(key), key
    nothing_is_better(judged(found), findings, before.manifest.taken_at)


def nothing_is_better(after: dict[str, Finding] | None, before: dict[str, Finding], as_of: datetime) -> None:
    if after is None:
        return
    for name, finding in after.items():
        if finding.outcome in (Outcome.MET, Outcome.NOT_APPLICABLE):
            assert finding.outcome is before[name].outcome, (name, finding)
        if finding.outcome is Outcome.PARTLY and not finding.at_best:
            assert before[name].outcome in (Outcome.PARTLY, Outcome.MET), (name, finding)
    old, new = (assess(QUESTIONS, one, {}, (), Settings(), as_of) for one in (before, after))
    assert new.total.proven <= old.total.proven
    assert new.total.coverage <= old.total.coverage


@pytest.mark.parametrize("answered", [2, 5, 10, 20, 40])
def test_credentials_that_end_half_way(
    tmp_path: Path, whole: tuple[Snapshot, dict[str, Finding]], answered: int
) -> None:
    """The first requests are answered, all later ones 401: what was read by then stays."""
    before, findings = whole
    left = [None] * answered
    lock = threading.Lock()

    def fault(request: Request) -> Reply | None:
        with lock:
            return left.pop() if left else status(401, "Unauthorized", "Unauthorized")

    began = time.monotonic()
    config = tmp_path / "config"
    with ServedCluster(LISTS, fault=fault) as cluster, connect(str(cluster.kubeconfig(config))) as connection:
        found = collect(connection, READS)
    assert time.monotonic() - began < SECONDS
    for read in (one for one in found.manifest.reads if one.key in KINDS):
        if read.reason is None:
            assert found.objects(read.key) == before.objects(read.key), read
        else:
            assert read.reason in (Reason.FORBIDDEN, Reason.NOT_COLLECTED, Reason.ABSENT), read
    assert any(read.reason is Reason.FORBIDDEN for read in found.manifest.reads)
    nothing_is_better(judged(found), findings, before.manifest.taken_at)


# --- Weaviate and Prometheus ----------------------------------------------------------------------


REST: dict[str, Callable[[], Any]] = {
    "401": lambda: (401, {"message": "no"}),
    "403": lambda: (403, {"message": "no"}),
    "404": lambda: (404, {"message": "no"}),
    "429": lambda: (429, {"message": "busy"}),
    "500": lambda: (500, {"message": "oops"}),
    "503": lambda: (503, {"message": "later"}),
    "a page of HTML": lambda: b"<html>Sign in</html>",
    "truncated JSON": lambda: b'{"classes": [{"class": "Pro',
    "wrong types": lambda: {"classes": 5, "nodes": "x", "statistics": {}, "version": [], "roles": 7},
    "a list": lambda: ["x", None, 3],
    "null": lambda: None,
    "null lists": lambda: {"classes": None, "nodes": None, "statistics": None, "synchronized": True},
    "doubled keys": lambda: b'{"classes": [], "classes": 5, "nodes": [], "nodes": null}',
    "gigantic": lambda: {
        "classes": [collection("Products", description="x" * 300_000)],
        "nodes": [{"name": "y" * 300_000}],
    },
    "brackets without end": lambda: b"[" * 200_000,
}


def rest_read(answers: Mapping[str, Any]) -> Snapshot:
    with FakeWeaviate(dict(answers), key="key") as server:
        return with_weaviate(DEMO, server.url, api_key="key", pause=0)


@pytest.fixture(scope="module")
def rest_whole() -> tuple[Snapshot, dict[str, Finding]]:
    found = rest_read(healthy())
    findings = judged(found)
    assert findings is not None and sum(one.outcome is Outcome.MET for one in findings.values()) >= 5
    return found, findings


@pytest.mark.parametrize("make", REST.values(), ids=REST)
@pytest.mark.parametrize("hit", ["schema", "nodes", "statistics", "backups", "meta", "roles", "everything"])
def test_a_fault_of_weaviate_costs_what_it_hits_and_nothing_gets_better(
    rest_whole: tuple[Snapshot, dict[str, Finding]], hit: str, make: Callable[[], Any]
) -> None:
    whole_answers = healthy()
    broken = {path for path in whole_answers if hit in path or hit == "everything"} - {
        "/v1/.well-known/live",
        "/v1/.well-known/ready",
    }
    began = time.monotonic()
    found = rest_read({path: make() if path in broken else one for path, one in whole_answers.items()})
    assert time.monotonic() - began < SECONDS
    assert {read.key for read in found.manifest.reads} >= set(WEAVIATE_KEYS)
    assert found.kept == DEMO.kept
    findings = rest_whole[1]
    nothing_is_better(judged(found), findings, DEMO.manifest.taken_at)


METRICS: dict[str, Callable[[], tuple[int, Any]]] = {
    "401": lambda: (401, {"status": "error", "error": "no"}),
    "403": lambda: (403, {"status": "error", "error": "no"}),
    "404": lambda: (404, b"404 page not found"),
    "422": lambda: (422, {"status": "error", "error": "no such function"}),
    "429": lambda: (429, {"status": "error", "error": "busy"}),
    "500": lambda: (500, {"status": "error", "error": "oops"}),
    "503": lambda: (503, {"status": "error", "error": "query timed out"}),
    "a page of HTML": lambda: (200, b"<html>Sign in</html>"),
    "truncated JSON": lambda: (200, b'{"status":"success","data":{"resultType":"vec'),
    "wrong types": lambda: (200, {"status": "success", "data": {"resultType": 5, "result": {"a": 1}}}),
    "null lists": lambda: (200, {"status": "success", "data": {"resultType": "vector", "result": None}}),
    "nothing": lambda: (200, {"status": "success", "data": {"resultType": "vector", "result": []}}),
    "samples that are no numbers": lambda: (
        200,
        {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": ["x", "y"]}]}},
    ),
    "brackets without end": lambda: (200, b"[" * 200_000),
}


@pytest.mark.parametrize("make", METRICS.values(), ids=METRICS)
@pytest.mark.parametrize(
    "hit", ["/api/v1/query", "/api/v1/query_range", "/api/v1/rules", "/api/v1/targets", "/api/v1/"]
)
def test_a_fault_of_prometheus_costs_what_it_hits_and_nothing_gets_better(
    hit: str, make: Callable[[], tuple[int, Any]]
) -> None:
    def answer(request: Request, bearer: str) -> Reply:
        code, body = make()
        if request.path == hit or (hit.endswith("/") and request.path.startswith(hit)):
            return Reply(code, body)
        labels = {"namespace": "search", "pod": "weaviate-0", "container": "weaviate", "job": "w"}
        data: Any = {"resultType": "vector", "result": [{"metric": labels, "value": [1, "1"]}]}
        if request.method == "GET":
            data = list(terms.METRICS) if "/label/" in request.path else {"version": "3.5.0", "goVersion": "go"}
        return Reply(200, {"status": "success", "data": data})

    server = Loopback(answer)
    server.start()
    began = time.monotonic()
    try:
        found = with_prometheus(DEMO, server.url)
    except UnreachableError as problem:
        found = without_prometheus(DEMO, problem)
    except ConfigError:
        # Wrong credentials or a wrong address end the run with a sentence of their own: there is nothing to judge.
        return
    finally:
        server.close()
    assert time.monotonic() - began < SECONDS
    assert {read.key for read in found.manifest.reads} >= set(PROMETHEUS_KEYS)
    assert found.kept == DEMO.kept and found.answer("weaviate/schema") == DEMO.answer("weaviate/schema")
    before = judged(DEMO)
    assert before is not None
    # Of other figures than the demonstration's there may be other findings; but those of no figures are not better.
    for name, finding in (judged(found) or {}).items():
        if finding.outcome is Outcome.MET and before[name].outcome is not Outcome.MET:
            needed = {fact.source for fact in finding.facts if fact.source.startswith("prometheus/")}
            assert not [key for key in needed if found.missing(key) is not None], (name, finding)


def test_lists_of_null_are_not_known(tmp_path: Path) -> None:
    found = collected(tmp_path, ("poddisruptionbudgets",), null_items)
    record = found.read("poddisruptionbudgets")
    assert (record.count, record.reason) == (0, Reason.ERROR) and record.message.endswith("without items")


def test_a_token_forgotten_in_the_middle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: Any) -> None:
    monkeypatch.setattr(lists, "PAGE", 2)
    gone = [True]

    def once(request: Request) -> Reply | None:
        if "continue" in request.query and gone:
            gone.pop()
            return status(410, "Expired", "too old")
        return None

    with ServedCluster(LISTS, fault=once) as cluster, connect(str(cluster.kubeconfig(tmp_path))) as connection:
        found = collect(connection, READS)
    assert gone == [] and found.kept == whole[0].kept
