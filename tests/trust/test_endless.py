"""Brackets without end, wherever something is decoded: one source, file or entry fails by name, never the process.

A decoder that recurses answers them with RecursionError, which is none of its own errors, or with a segmentation fault.
"""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from readiness_kit import bundles, paths
from readiness_kit.checklist import load_checklist
from readiness_kit.collect import collect, connect
from readiness_kit.collect.http.guards import METADATA, QUERIES
from readiness_kit.collect.http.transport import Transport
from readiness_kit.collect.kubernetes.credentials import _expiry
from readiness_kit.collect.prometheus import collector as asking
from readiness_kit.collect.prometheus.collector import with_prometheus
from readiness_kit.collect.weaviate.collector import KEYS, collect_weaviate
from readiness_kit.demo import SNAPSHOT
from readiness_kit.errors import ReadinessError
from readiness_kit.evidence import reads_for
from readiness_kit.kinds import KINDS
from readiness_kit.model import Answer, Choice, Reason
from readiness_kit.report.privacy import reverse_list
from readiness_kit.serve.server import Loopback, Reply, Request
from readiness_kit.snapshot import load
from readiness_kit.workspace import exchange, milestones
from readiness_kit.workspace.events import EventLog
from readiness_kit.workspace.folder import Folder
from tests.support.cluster import snapshot, weaviate
from tests.support.served import ServedCluster
from tests.support.weaviate import FakeWeaviate, healthy
from tests.trust.outside import demo_lists
from tests.trust.strategies import JSON

ENDLESS = b"[" * 100_000
SHAPES = {"lists": ENDLESS, "maps": b'{"a":' * 100_000, "inside": b'{"data":{"result":[{"value":' + ENDLESS}
few = settings(max_examples=25, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Transport, "wait", lambda self, seconds: None)


# --- servers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", SHAPES.values(), ids=SHAPES)
def test_of_kubernetes(tmp_path: Path, body: bytes) -> None:
    def fault(request: Request) -> Reply | None:
        return Reply(200, body) if request.plural in ("nodes", "services") else None

    reads = reads_for(load_checklist().questions)
    with ServedCluster(demo_lists(), fault=fault) as cluster, connect(str(cluster.kubeconfig(tmp_path))) as connection:
        found = collect(connection, reads)
    assert found.read("nodes").reason is Reason.ERROR and found.read("services").reason is Reason.ERROR
    assert len(found.objects("statefulsets")) > 0


@pytest.mark.parametrize("body", SHAPES.values(), ids=SHAPES)
def test_of_kubernetes_in_all_answers(tmp_path: Path, body: bytes) -> None:
    def everything() -> set[Reason | None]:
        with connect(config) as connection:
            return {read.reason for read in collect(connection, ("pods", "nodes")).manifest.reads}

    with ServedCluster(demo_lists(), fault=lambda request: Reply(200, body)) as cluster:
        config = str(cluster.kubeconfig(tmp_path))
        assert told(everything) in ({Reason.ERROR}, None)


def told(use: Callable[[], Any], name: str = "") -> Any:
    """What it gives, None where it ends in an error of the kit that names `name`. Any other error goes through."""
    try:
        return use()
    except ReadinessError as problem:
        if name not in str(problem):
            raise
    return None


@pytest.mark.parametrize("body", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("path", sorted(healthy()))
def test_of_weaviate(path: str, body: bytes) -> None:
    whole = {read.key: read.reason for read in _weaviate(healthy())}
    found = {read.key: read.reason for read in _weaviate({**healthy(), path: (200, body)})}
    assert found.keys() == set(KEYS)
    assert all(reason is not None or whole[key] is None for key, reason in found.items())


def _weaviate(answers: dict[str, Any]) -> list[Any]:
    with FakeWeaviate(answers) as server:
        return collect_weaviate(server.url, pause=0).reads


def test_of_weaviates_backups_each_backend_for_itself() -> None:
    answers = healthy()
    broken = {path: (200, ENDLESS) if "/backups/" in path else one for path, one in answers.items()}
    with FakeWeaviate(broken) as server:
        found = collect_weaviate(server.url, pause=0)
    backends = found.answers["weaviate/backups"]
    assert backends and {one.reason for one in backends.values()} == {Reason.ERROR}


PROMETHEUS = (*sorted(QUERIES), *sorted(METADATA))
FAMILIES = (b"weaviate_build_info", b"topk", b"kubernetes_io_hostname", b"class_name")
"""In the queries by which the kit finds out how the series are called; without an answer it asks for nothing more."""


def read_from(answer: Callable[[Request], bytes | None]) -> dict[str, Reason | None] | None:
    """Key -> reason of a run against a Prometheus that says this; None where the run ends with an error of its own."""
    found = {"namespace": "weaviate", "pod": "weaviate-0", "container": "weaviate", "job": "w"}

    def reply(request: Request, bearer: str) -> Reply:
        if (body := answer(request)) is not None:
            return Reply(200, body)
        data: Any = {"resultType": "vector", "result": [{"metric": found, "value": [1, "1"]}]}
        if request.path not in QUERIES:
            data = [] if "/label/" in request.path else {"version": "3.5.0", "goVersion": "go"}
        return Reply(200, {"status": "success", "data": data})

    server = Loopback(reply)
    server.start()
    try:
        made = told(lambda: with_prometheus(snapshot(weaviate()), server.url))
    finally:
        server.close()
    records = {read.key: read.reason for read in made.manifest.reads} if made else None
    return {key: records[key] for key in asking.KEYS} if records else None


@pytest.mark.parametrize("body", [*SHAPES.values(), b"{" * 100_000], ids=[*SHAPES, "braces"])
@pytest.mark.parametrize("path", PROMETHEUS)
def test_of_prometheus(path: str, body: bytes) -> None:
    def broken(request: Request) -> bytes | None:
        discovery = any(word in request.body for word in FAMILIES)
        return body if request.path == path and not discovery else None

    found = read_from(broken)
    assert found is not None
    keys = {
        "/api/v1/query": "up",
        "/api/v1/query_range": "usage",
        "/api/v1/label/__name__/values": "labels",
        "/api/v1/status/buildinfo": "buildinfo",
    }
    reason = found[f"prometheus/{keys.get(path, path.rpartition('/')[2])}"]
    assert reason in (Reason.ERROR, Reason.ABSENT) or path.endswith("values")


@pytest.mark.parametrize("body", SHAPES.values(), ids=SHAPES)
def test_of_prometheus_in_all_answers(body: bytes) -> None:
    assert read_from(lambda request: body) is None


VALUES = ('[1, "one"]', '["x", "y"]', "[[1, 2], 3]", '[1, "0x10"]', '[1, ";"]', '{"a": 1}', "null", "5", '["NaN"]')


@pytest.mark.parametrize("value", VALUES)
def test_samples_of_prometheus_that_are_no_numbers(value: str) -> None:
    said = '{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":VALUE}]}}'
    assert read_from(
        lambda request: (
            None
            if request.path not in QUERIES or any(word in request.body for word in FAMILIES)
            else said.replace("VALUE", value).encode()
        )
    )


@few
@given(st.sampled_from(sorted(healthy())), JSON)
def test_any_json_as_an_answer_of_weaviate(path: str, body: Any) -> None:
    assert {read.key for read in _weaviate({**healthy(), path: (200, body)})} == set(KEYS)


# --- files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "member",
    ["manifest.json", "calls.json", "objects/pods.json", "answers/weaviate/meta.json", "answers/weaviate/schema.json"],
)
def test_of_a_snapshot_file(tmp_path: Path, member: str) -> None:
    bad = tmp_path / "bad.zip"
    with zipfile.ZipFile(paths.demo() / SNAPSHOT) as archive, zipfile.ZipFile(bad, "w") as out:
        assert member in archive.namelist()
        for name in archive.namelist():
            out.writestr(name, ENDLESS if name == member else archive.read(name))
    with pytest.raises(ReadinessError, match=r"bad\.zip"):
        load(bad)


@pytest.mark.parametrize(
    "name", ["pods.json", "pods.yaml", "cluster-info/version.json", "taken_at", "nodes-errors.json"]
)
@pytest.mark.parametrize("body", [*SHAPES.values(), b"- " * 100_000], ids=[*SHAPES, "dashes"])
def test_of_a_bundle(tmp_path: Path, name: str, body: bytes) -> None:
    folder = tmp_path / "bundle"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_bytes(body)
    (folder / "statefulsets.json").write_text(json.dumps(demo_lists()["/apis/apps/v1/statefulsets"]))
    found = bundles.load(folder)
    assert found.objects("statefulsets") and not found.objects("pods") and set(found.kept) <= set(KINDS)


def test_of_a_bundle_in_one_file(tmp_path: Path) -> None:
    for name in ("one.json", "one.yaml"):
        (tmp_path / name).write_bytes(ENDLESS)
        with pytest.raises(ReadinessError, match=name):
            bundles.load(tmp_path / name)


def _imported(folder: Folder, path: Path) -> object:
    return exchange.import_answers(path.read_text(), folder.answers, load_checklist().questions, source=path.name)


FILES: dict[str, Callable[[Folder], object]] = {
    "readiness.yaml": lambda folder: folder.settings,
    "answers.json": lambda folder: folder.answers.all(),
    "waivers.json": lambda folder: folder.waivers,
    "milestones/kick-off.json": lambda folder: milestones.load(folder.milestones / "kick-off.json"),
    "private/pseudonyms.json": lambda folder: reverse_list.of_folder(folder.private),
    "own.yaml": lambda folder: load_checklist([folder.path / "own.yaml"]),
    "team.yaml": lambda folder: _imported(folder, folder.path / "team.yaml"),
}


@pytest.mark.parametrize("body", [*SHAPES.values(), b"- " * 100_000], ids=[*SHAPES, "dashes"])
@pytest.mark.parametrize("name", FILES)
def test_of_a_file_of_the_assessment(tmp_path: Path, name: str, body: bytes) -> None:
    folder = Folder(tmp_path / "home").create()
    (folder.path / name).parent.mkdir(exist_ok=True)
    (folder.path / name).write_bytes(body)
    with pytest.raises(ReadinessError, match=Path(name).name):
        FILES[name](folder)


def test_of_files_that_can_be_done_without(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "home").create()
    folder.answers.put(Answer("ha.multi_az", Choice.YES))
    (folder.path / "state.json").write_bytes(ENDLESS)
    events = folder.path / "events.jsonl"
    events.write_bytes(ENDLESS + b"\n" + events.read_bytes())
    assert folder.state["position"] == ""
    assert [one["question"] for one in EventLog(events)] == ["ha.multi_az"]


def test_of_a_token_with_a_time_in_it() -> None:
    for claims in (ENDLESS, b'{"exp": 1e999}', b'{"exp": 1e18}', b'{"exp": []}', b"[]"):
        assert _expiry(f"head.{base64.urlsafe_b64encode(claims).decode()}.tail", "") is None


def test_of_a_page_token_that_is_served(tmp_path: Path) -> None:
    with ServedCluster(demo_lists()) as cluster:
        token = base64.urlsafe_b64encode(ENDLESS[:30_000]).decode()
        with pytest.raises(HTTPError) as refused:
            urlopen(f"{cluster.url}/api/v1/pods?continue={token}", timeout=5)
    assert refused.value.code == 400
