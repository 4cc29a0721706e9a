"""The kit against a real Kubernetes API server, whose audit log is the witness of what was asked."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from benchmarks.cluster import NAMESPACE
from benchmarks.real import fill
from readiness_kit import bundles
from readiness_kit.checklist import load_checklist
from readiness_kit.cli import main
from readiness_kit.collect import connect, permissions
from readiness_kit.evidence import reads_for
from readiness_kit.kinds import KINDS
from readiness_kit.model import Reason
from readiness_kit.snapshot import Snapshot, load
from tests.support.apiserver import ASSESSOR, ApiServer
from tests.support.parts import find_program, need

PLURALS = {
    "ClusterRole": "clusterroles",
    "ClusterRoleBinding": "clusterrolebindings",
    "Role": "roles",
    "RoleBinding": "rolebindings",
}
RBAC = "/apis/rbac.authorization.k8s.io/v1"
REVIEWS = "selfsubjectaccessreviews"
READS = reads_for(load_checklist().questions)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Weaviate on three of thirty nodes in one namespace, beside some hundred other pods."""
    with ApiServer(tmp_path_factory.mktemp("kubernetes")) as server:
        fill(server, 300)
        yield server


@pytest.fixture
def granted(server: ApiServer, request: pytest.FixtureRequest) -> Iterator[ApiServer]:
    """The server, with the role that `readiness rbac` prints for the parameters, bound to the assessor."""
    done = run("rbac", "--user", ASSESSOR, *request.param)
    made = [apply(server, document) for document in yaml.safe_load_all(done.output)]
    yield server
    for path in made:
        server.send("DELETE", path)


def run(*arguments: str | Path) -> Result:
    done = CliRunner().invoke(main, [str(word) for word in arguments])
    assert done.exit_code == 0, done.output
    return done


def apply(server: ApiServer, document: dict[str, Any]) -> str:
    """Creates a role or binding; the path of it."""
    namespace = document["metadata"].get("namespace", "")
    path = f"{RBAC}/namespaces/{namespace}" if namespace else RBAC
    server.send("POST", f"{path}/{PLURALS[document['kind']]}", document)
    return f"{path}/{PLURALS[document['kind']]}/{document['metadata']['name']}"


def collected(server: ApiServer, folder: Path, *options: str) -> Snapshot:
    out = folder / "snapshot.zip"
    run("collect", "--quiet", "--kubeconfig", server.kubeconfig(ASSESSOR), "-o", f"snapshot={out}", *options)
    return load(out)


def refused(snapshot: Snapshot) -> list[str]:
    return [read.key for read in snapshot.manifest.reads if read.reason is Reason.FORBIDDEN]


@pytest.mark.parametrize("granted", [()], indirect=True, ids=["the whole cluster"])
def test_with_the_printed_role_nothing_is_refused(granted: ApiServer, tmp_path: Path) -> None:
    snapshot = collected(granted, tmp_path)
    assert refused(snapshot) == []
    assert {read.reason for read in snapshot.manifest.reads if read.key not in snapshot.answers} <= {
        None, Reason.ABSENT, Reason.NOT_COLLECTED
    }  # fmt: skip
    assert len(snapshot.objects("pods")) == 300 and len(snapshot.objects("nodes")) == 30
    with connect(str(granted.kubeconfig(ASSESSOR))) as connection:
        assert permissions(connection, READS) == []


@pytest.mark.parametrize("granted", [("--namespace", NAMESPACE)], indirect=True, ids=["one namespace"])
def test_with_the_role_of_a_namespace_nothing_in_it_is_refused(granted: ApiServer, tmp_path: Path) -> None:
    snapshot = collected(granted, tmp_path, "--namespace", NAMESPACE)
    assert refused(snapshot) == [] and len(snapshot.objects("pods")) == 300
    assert snapshot.missing("nodes") is Reason.NOT_COLLECTED


@pytest.mark.parametrize("granted", [()], indirect=True, ids=["the whole cluster"])
def test_every_line_of_the_role_that_the_server_knows_was_used(granted: ApiServer, tmp_path: Path) -> None:
    """No more than is needed: each group and resource of the role appears among the lists of the audit log."""
    snapshot = collected(granted, tmp_path)
    events = granted.asked_by(ASSESSOR)
    listed = {
        (one["objectRef"].get("apiGroup", ""), one["objectRef"]["resource"]) for one in events if one["verb"] == "list"
    }
    absent = {read.key for read in snapshot.manifest.reads if read.reason is Reason.ABSENT}
    role = next(yaml.safe_load_all(run("rbac").output))
    allowed = {(group, name) for rule in role["rules"] for group in rule["apiGroups"] for name in rule["resources"]}
    unknown = {(kind.group, kind.plural) for key, kind in KINDS.items() if key in absent}
    assert allowed - listed - unknown == set()
    assert listed - allowed == set()


@pytest.mark.parametrize("granted", [()], indirect=True, ids=["the whole cluster"])
def test_the_server_noted_lists_and_reviews_and_nothing_else(granted: ApiServer, tmp_path: Path) -> None:
    collected(granted, tmp_path)
    with connect(str(granted.kubeconfig(ASSESSOR))) as connection:
        permissions(connection, READS)
    seen = {(one["verb"], one.get("objectRef", {}).get("resource", "")) for one in granted.asked_by(ASSESSOR)}
    assert {verb for verb, _ in seen} == {"get", "list", "create"}
    assert {resource for verb, resource in seen if verb == "create"} == {REVIEWS}
    assert "secrets" not in {resource for _, resource in seen}


def test_without_a_role_everything_is_refused_and_said(server: ApiServer, tmp_path: Path) -> None:
    out = tmp_path / "snapshot.zip"
    arguments = ["collect", "--quiet", "--kubeconfig", str(server.kubeconfig(ASSESSOR)), "-o", f"snapshot={out}"]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code != 0 and "pods: not permitted" in done.output
    assert {"pods", "statefulsets", "nodes"} <= set(refused(load(out)))
    with connect(str(server.kubeconfig(ASSESSOR))) as connection:
        missing = {read.key for read in permissions(connection, READS)}
    assert {"pods", "statefulsets", "nodes", "services"} <= missing


@pytest.mark.parametrize("lost", ["pods", "services", "poddisruptionbudgets"])
def test_a_role_without_one_resource_is_told_by_the_review_and_by_the_list(
    server: ApiServer, tmp_path: Path, lost: str
) -> None:
    role, binding = yaml.safe_load_all(run("rbac", "--user", ASSESSOR).output)
    for rule in role["rules"]:
        rule["resources"] = [name for name in rule["resources"] if name != lost]
    role["rules"] = [rule for rule in role["rules"] if rule["resources"]]
    made = [apply(server, document) for document in (role, binding)]
    try:
        with connect(str(server.kubeconfig(ASSESSOR))) as connection:
            assert [read.key for read in permissions(connection, READS)] == [lost]
        assert refused(collected(server, tmp_path)) == [lost]
    finally:
        for path in made:
            server.send("DELETE", path)


@pytest.mark.parametrize("granted", [()], indirect=True, ids=["the whole cluster"])
def test_the_script_lists_the_same_with_kubectl(granted: ApiServer, tmp_path: Path) -> None:
    """The printed role is enough for the customer who runs the script, and his folder says what the snapshot says."""
    need(find_program("kubectl"), "kubectl")
    (tmp_path / "script.sh").write_text(run("collect", "--script").output)
    environment = {"PATH": os.environ["PATH"], "KUBECONFIG": str(granted.kubeconfig(ASSESSOR)), "HOME": str(tmp_path)}
    subprocess.run(["sh", "script.sh", "out"], cwd=tmp_path, env=environment, check=True, capture_output=True)
    bundle, snapshot = bundles.load(tmp_path / "out"), collected(granted, tmp_path)
    assert [one.metadata.name for one in bundle.objects("pods")] == [
        one.metadata.name for one in snapshot.objects("pods")
    ]
    assert refused(bundle) == []
    for read in snapshot.manifest.reads:
        if read.key in KINDS and read.reason is None:
            assert (bundle.read(read.key).reason, bundle.read(read.key).count) == (None, read.count), read.key
