"""The generated roles, and that a collection needs no other permission."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from readiness_kit.collect import cluster_role, collect, connect, permissions
from readiness_kit.errors import UsageError
from readiness_kit.kinds import KINDS
from readiness_kit.model import Reason
from tests.collect.conftest import READS, listed, small
from tests.support.served import Access, ServedCluster


def documents(text: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(text))


def granted(role: dict[str, Any]) -> set[tuple[str, str]]:
    assert all(rule["verbs"] == ["list"] for rule in role["rules"])
    return {(group, plural) for rule in role["rules"] for group in rule["apiGroups"] for plural in rule["resources"]}


def used(cluster: ServedCluster) -> set[tuple[str, str]]:
    reached = [Access.of(path) for path in cluster.paths()]
    assert all(access.verb == "list" for access in reached if access.resource)
    return {(access.group, access.resource) for access in reached if access.resource}


def test_a_cluster_role_of_the_reads() -> None:
    role, binding = documents(cluster_role(["nodes", "podmetrics"], service_account="tools/kit", user="ada"))
    assert (role["apiVersion"], role["kind"]) == ("rbac.authorization.k8s.io/v1", "ClusterRole")
    assert role["rules"] == [
        {"apiGroups": [""], "resources": ["nodes", "pods"], "verbs": ["list"]},
        {"apiGroups": ["apps"], "resources": ["deployments", "statefulsets"], "verbs": ["list"]},
        {"apiGroups": ["metrics.k8s.io"], "resources": ["pods"], "verbs": ["list"]},
    ]
    assert binding["roleRef"] == {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "ClusterRole",
        "name": role["metadata"]["name"],
    }
    assert binding["subjects"] == [
        {"kind": "ServiceAccount", "name": "kit", "namespace": "tools"},
        {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "ada"},
    ]


def test_a_role_for_each_namespace() -> None:
    found = documents(cluster_role(["nodes", "services", "leases"], namespaces=["db", "kube-system"], group="sre"))
    assert [(document["kind"], document["metadata"]["namespace"]) for document in found] == [
        ("Role", "db"),
        ("RoleBinding", "db"),
        ("Role", "kube-system"),
        ("RoleBinding", "kube-system"),
    ]
    workloads = {("", "pods"), ("apps", "deployments"), ("apps", "statefulsets"), ("", "services")}
    assert granted(found[0]) == workloads
    assert granted(found[2]) == workloads | {("coordination.k8s.io", "leases")}


def test_role_without_subject_has_no_binding() -> None:
    assert [document["kind"] for document in documents(cluster_role(READS))] == ["ClusterRole"]


def test_no_role_ever_reaches_secrets_or_writes() -> None:
    text = cluster_role(KINDS)
    assert granted(documents(text)[0]) == {(kind.group, kind.plural) for kind in KINDS.values()}
    reached = {plural for _, plural in granted(documents(text)[0])}
    assert "secrets" not in reached and "*" not in text


@pytest.mark.parametrize("account", ["kit", "/kit", "tools/"])
def test_a_service_account_needs_its_namespace(account: str) -> None:
    with pytest.raises(UsageError):
        cluster_role(READS, service_account=account)


def test_an_unknown_kind() -> None:
    with pytest.raises(UsageError, match="secrets"):
        cluster_role(["secrets"])


def with_every_kind() -> dict[str, Any]:
    """A cluster that has each kind of the kit, with a Weaviate in it."""
    groups: dict[str, set[str]] = {}
    for kind in KINDS.values():
        groups.setdefault(kind.group, set()).add(kind.version)
    served = [
        {"name": name, "versions": [{"version": document} for document in sorted(versions)]}
        for name, versions in groups.items()
        if name
    ]
    lists = {kind.path(): listed(kind.kind, kind.api) for kind in KINDS.values()}
    return {**lists, **small(), "/apis": {"kind": "APIGroupList", "groups": served}}


def test_granted_permissions_equal_used_ones(tmp_path: Path) -> None:
    with ServedCluster(with_every_kind()) as cluster, connect(str(cluster.kubeconfig(tmp_path))) as connection:
        collect(connection, KINDS)
    assert used(cluster) == granted(documents(cluster_role(KINDS))[0])


def test_role_of_a_namespace_suffices_for_it(tmp_path: Path) -> None:
    role = documents(cluster_role(KINDS, namespaces=["db"]))[0]
    own = granted(role)

    def forbidden(access: Access) -> bool:
        return access.namespace != "db" or (access.group, access.resource) not in own

    with (
        ServedCluster(with_every_kind(), forbidden=forbidden) as cluster,
        connect(str(cluster.kubeconfig(tmp_path))) as connection,
    ):
        found = collect(connection, KINDS, namespaces=["db"])
        assert permissions(connection, KINDS, ["db"]) == []
    assert {record.reason for record in found.manifest.reads} == {None, Reason.NOT_COLLECTED}
    assert used(cluster) - {("authorization.k8s.io", "selfsubjectaccessreviews")} == own


def test_a_recorded_run_stays_inside_its_role(served_good: ServedCluster, tmp_path: Path) -> None:
    with connect(str(served_good.kubeconfig(tmp_path))) as connection:
        collect(connection, KINDS)
    assert used(served_good) <= granted(documents(cluster_role(KINDS))[0])
