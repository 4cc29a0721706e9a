"""A served snapshot lists its content, refuses what it lacks, and accepts no writes."""

from __future__ import annotations

import base64
import json
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.bundles import load
from readiness_kit.collect import collect, connect
from readiness_kit.errors import UsageError
from readiness_kit.kinds.cluster import Node
from readiness_kit.kinds.meta import ObjectMeta, PodMeta
from readiness_kit.kinds.pods import Pod
from readiness_kit.model import Read, Reason
from readiness_kit.serve import ServedSnapshot
from readiness_kit.snapshot import Manifest, Snapshot
from tests.support.cluster import cluster, weaviate

TAKEN = datetime(2026, 11, 24, tzinfo=UTC)


def made() -> Snapshot:
    reads = (
        Read("nodes", 2),
        Read("pods", 1),
        Read("poddisruptionbudgets", 0),
        Read("services", reason=Reason.FORBIDDEN, message="no"),
        Read("ingresses", reason=Reason.NOT_COLLECTED),
    )
    kept: dict[str, Any] = {
        "nodes": (Node(ObjectMeta("n1")), Node(ObjectMeta("n2", labels={"zone": "a"}))),
        "pods": (Pod(PodMeta("weaviate-0", "db")),),
        "poddisruptionbudgets": (),
    }
    return Snapshot(Manifest(1, "0", TAKEN, "ctx", "v1.36.2", reads=reads), kept)


@pytest.fixture
def served() -> Iterator[ServedSnapshot]:
    with ServedSnapshot(made()) as server:
        yield server


def ask(url: str, method: str = "GET") -> tuple[int, Any]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read())


def test_it_is_on_loopback_and_its_kubeconfig_is_private(served: ServedSnapshot, tmp_path: Path) -> None:
    assert served.url.startswith("http://127.0.0.1:")
    assert served.kubeconfig(tmp_path).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("prefix", ["", "/guess"])
def test_without_the_secret_part_nothing_is_answered(served: ServedSnapshot, prefix: str) -> None:
    bare = served.url.rsplit("/", 1)[0] + prefix
    assert ask(f"{bare}/api/v1/nodes")[0] == 401
    assert ask(f"{bare}/version")[0] == 401


def test_what_the_snapshot_holds_and_lacks(served: ServedSnapshot) -> None:
    code, nodes = ask(served.url + "/api/v1/nodes?labelSelector=zone%3Da")
    assert code == 200 and [item["metadata"]["name"] for item in nodes["items"]] == ["n2"]
    assert ask(served.url + "/api/v1/namespaces/db/pods/weaviate-0")[1]["kind"] == "Pod"
    assert ask(served.url + "/apis/policy/v1/poddisruptionbudgets")[1]["items"] == []
    assert ask(served.url + "/api/v1/services")[0] == 403
    assert ask(served.url + "/apis/networking.k8s.io/v1/ingresses")[0] == 404
    assert ask(served.url + "/api/v1/secrets")[0] == 403
    assert ask(served.url + "/version")[1]["gitVersion"] == "v1.36.2"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_nothing_can_be_written(served: ServedSnapshot, method: str) -> None:
    assert ask(served.url + "/api/v1/namespaces/db/pods/weaviate-0", method)[0] == 405
    assert ask(served.url + "/api/v1/namespaces/db/pods/weaviate-0/exec")[0] == 405
    assert ask(served.url + "/api/v1/nodes")[1]["items"]


def token(**content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


HERE = {"list": "/api/v1/nodes", "in": ""}


@pytest.mark.parametrize(
    "query",
    [
        "limit=abc",
        "limit=-1",
        "limit=1.5",
        "limit=1e9",
        "limit=%D9%A3",
        "limit=" + "9" * 5000,
        "limit=1&continue=xyz",
        "continue=%FF%00",
        "continue=" + token(),
        "continue=" + token(**HERE),
        "continue=" + token(**HERE, start="x"),
        "continue=" + token(**HERE, start=None),
        "continue=" + token(**HERE, start=-1),
        "continue=" + token(**HERE, start=1.5),
        "continue=" + token(list="/api/v1/pods", start=1),
        "continue=" + base64.urlsafe_b64encode(b"[" * 5000).decode(),
        "labelSelector=%3D%3D",
        "fieldSelector=x",
    ],
)
def test_query_that_is_no_query_is_a_bad_request(
    served: ServedSnapshot, query: str, capfd: pytest.CaptureFixture[str]
) -> None:
    code, body = ask(f"{served.url}/api/v1/nodes?{query}")
    assert (code, body["kind"], body["reason"]) == (400, "Status", "BadRequest")
    assert ask(f"{served.url}/api/v1/nodes?limit=1")[1]["metadata"]["continue"]
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "line", ["OPTIONS * HTTP/1.1", "GET * HTTP/1.1", "GET  HTTP/1.1", "OPTIONS http: HTTP/1.1", "GET http://[ HTTP/1.1"]
)
def test_request_without_a_path_is_a_bad_request(
    served: ServedSnapshot, line: str, capfd: pytest.CaptureFixture[str]
) -> None:
    host = urllib.parse.urlsplit(served.url)
    with socket.create_connection((str(host.hostname), int(host.port or 0)), timeout=10) as connection:
        connection.sendall(f"{line}\r\nHost: x\r\n\r\n".encode())
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert b"400" in answer and b"Traceback" not in answer
    assert capfd.readouterr().err == ""


def test_port_in_use_is_named() -> None:
    with ServedSnapshot(made()) as served:
        port = int(urllib.parse.urlsplit(served.url).port or 0)
        with pytest.raises(UsageError, match=f"port {port} cannot be used: Address already in use"):
            ServedSnapshot(made(), port)


def test_the_kit_reads_from_it_what_it_once_read(tmp_path: Path) -> None:
    snapshot = made()
    with ServedSnapshot(snapshot) as served, connect(str(served.kubeconfig(tmp_path))) as connection:
        again = collect(connection, ["services", "poddisruptionbudgets"], namespaces=["db"], as_of=TAKEN)
        whole = collect(connection, ["nodes"], as_of=TAKEN)
    assert whole.objects("nodes") == snapshot.objects("nodes")
    assert again.missing("services") is Reason.FORBIDDEN and again.missing("poddisruptionbudgets") is None
    assert again.objects("pods") == snapshot.objects("pods")


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")
def test_kubectl_lists_from_it(served: ServedSnapshot, tmp_path: Path) -> None:
    config = served.kubeconfig(tmp_path)

    def kubectl(*words: str) -> subprocess.CompletedProcess[str]:
        command = ["kubectl", f"--kubeconfig={config}", f"--cache-dir={tmp_path / 'cache'}", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert [line.split()[0] for line in kubectl("get", "nodes", "--no-headers").stdout.splitlines()] == ["n1", "n2"]
    assert kubectl("get", "pods", "-A", "-o", "name").stdout.split() == ["pod/weaviate-0"]
    assert kubectl("get", "po", "-A", "-o", "name").stdout.split() == ["pod/weaviate-0"]
    # Known to be empty, and not in the snapshot.
    none = kubectl("get", "pdb", "-A")
    assert (none.returncode, none.stdout, none.stderr.strip()) == (0, "", "No resources found")
    assert "doesn't have a resource type" in kubectl("get", "ing", "-A").stderr
    assert "forbidden" in kubectl("get", "services", "-A").stderr
    assert kubectl("delete", "pod", "-n", "db", "weaviate-0", "--wait=false").returncode != 0


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")
def test_kubectl_dumps_from_it_and_the_dump_is_read_again(tmp_path: Path) -> None:
    snapshot = cluster(weaviate(replicas=2)).snapshot
    with ServedSnapshot(snapshot) as served:
        environment = {"KUBECONFIG": str(served.kubeconfig(tmp_path)), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
        namespace = snapshot.objects("pods")[0].metadata.namespace
        done = subprocess.run(
            ["kubectl", "cluster-info", "dump", "--namespaces", namespace, "--output-directory", str(tmp_path / "d")],
            capture_output=True, text=True, timeout=120, env=environment,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        sets = subprocess.run(
            ["kubectl", "get", "sts", "-A", "-o", "name"], capture_output=True, text=True, timeout=60, env=environment
        )
        assert sets.stdout.split() == ["statefulset.apps/weaviate"]
    again = load(tmp_path / "d")
    assert len(again.objects("pods")) == 2 and again.manifest.weaviate_namespaces == (namespace,)


def test_the_command_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "s.zip"
    made().save(path)
    command = [sys.executable, "-m", "readiness_kit.cli", "serve", "-f", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    config = Path(process.stdout.readline().strip().removeprefix("export KUBECONFIG="))
    server = json.loads(config.read_text())["clusters"][0]["cluster"]["server"]
    assert ask(f"{server}/api/v1/nodes")[1]["items"]
    process.send_signal(signal.SIGINT)
    _, output = process.communicate(timeout=30)
    assert process.returncode == 0, output
    assert not config.exists() and "Traceback" not in output
