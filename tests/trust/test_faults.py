"""Every fault of a server, with everything collected: it ends, what could be read is kept, no verdict gets better."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from readiness_kit import paths
from readiness_kit.assessment import assess
from readiness_kit.checklist import load_checklist
from readiness_kit.collect import collect, connect, lists
from readiness_kit.collect.transport import Limits, Transport
from readiness_kit.demo import SNAPSHOT
from readiness_kit.errors import ReadinessError
from readiness_kit.evidence import evaluate, reads_for
from readiness_kit.facts import Facts
from readiness_kit.kinds import KINDS
from readiness_kit.model import Finding, Outcome, Read, Reason, Settings
from readiness_kit.serve import bodies
from readiness_kit.snapshot import Snapshot, load
from tests.support.served import Reply, Request, ServedCluster, status

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
    "the narrow kinds": ("services", "configmaps", "poddisruptionbudgets", "networkpolicies", "persistentvolumeclaims"),
    "the cluster": ("nodes", "persistentvolumes", "storageclasses", "clusterroles", "clusterrolebindings"),
}


def judged(snapshot: Snapshot) -> dict[str, Finding] | None:
    try:
        facts = Facts(snapshot)
    except ReadinessError:
        return None
    return evaluate(facts, Settings(), QUESTIONS)


def collected(folder: Path, broken: tuple[str, ...] = (), make: Make | None = None) -> Snapshot:
    plurals = {(KINDS[key].group, KINDS[key].plural) for key in broken}

    def fault(request: Request) -> Reply | None:
        parts = request.path.split("/")
        group = parts[2] if parts[1] == "apis" and len(parts) > 2 else ""
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
    after = judged(found)
    if after is None:
        return
    for name, finding in after.items():
        if finding.outcome in (Outcome.MET, Outcome.NOT_APPLICABLE):
            assert finding.outcome is findings[name].outcome, (name, finding)
        if finding.outcome is Outcome.PARTLY:
            assert findings[name].outcome in (Outcome.PARTLY, Outcome.MET), (name, finding)
    settings = Settings()
    old = assess(QUESTIONS, findings, {}, (), settings, before.manifest.taken_at)
    new = assess(QUESTIONS, after, {}, (), settings, before.manifest.taken_at)
    assert (new.total.score or 0) <= (old.total.score or 0)
    assert new.total.coverage <= old.total.coverage


def test_lists_of_null_are_empty_and_known(tmp_path: Path) -> None:
    found = collected(tmp_path, ("poddisruptionbudgets",), null_items)
    assert found.read("poddisruptionbudgets") == Read("poddisruptionbudgets", 0, found.read("services").namespaces)


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
