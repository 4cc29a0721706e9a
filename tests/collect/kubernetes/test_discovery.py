"""Versions of an API that the server has, and the names of its groups."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.collect import cluster_role, collect, connect
from readiness_kit.collect.http.transport import StatusError
from readiness_kit.collect.kubernetes.discovery import APIS, Groups
from readiness_kit.errors import UnreachableError
from readiness_kit.kinds import KINDS
from readiness_kit.model import Reason
from tests.collect.conftest import listed, small
from tests.support.served import ServedCluster


def group(name: str, *versions: str, preferred: str = "") -> dict[str, Any]:
    return {
        "name": name,
        "versions": [{"version": version} for version in versions],
        "preferredVersion": {"version": preferred or versions[0]},
    }


def groups(*listed_: dict[str, Any]) -> Groups:
    return Groups.read(lambda path, params: json.dumps({"groups": list(listed_)}).encode())


@pytest.mark.parametrize(
    ("versions", "preferred", "tried"),
    [
        (("v2", "v2beta2"), "v2", ("v2", "v2beta2")),
        (("v2beta1", "v2beta2"), "v2beta2", ("v2beta2", "v2beta1")),
        (("v2beta1", "v2beta2"), "v2beta1", ("v2beta1", "v2beta2")),
        (("v2beta1", "v2"), "v2beta1", ("v2", "v2beta1")),
        (("v3", "v2beta1"), "v3", ("v2beta1",)),
    ],
)
def test_versions_are_tried_own_first_then_preferred_then_rest(
    versions: tuple[str, ...], preferred: str, tried: tuple[str, ...]
) -> None:
    found = groups(group("helm.toolkit.fluxcd.io", *versions, preferred=preferred))
    assert found.unavailable_reason(KINDS["helmreleases"]) is None
    assert tuple(kind.version for kind in found.as_served(KINDS["helmreleases"])) == tried


def test_unreadable_version_is_named() -> None:
    found = groups(group("helm.toolkit.fluxcd.io", "v9")).unavailable_reason(KINDS["helmreleases"])
    assert found is not None
    assert found[0] is Reason.NOT_COLLECTED
    assert "as v9; this kit reads v2 and v2beta2 and v2beta1" in found[1]


def test_kinds_of_the_core_group_need_no_discovery() -> None:
    assert groups().unavailable_reason(KINDS["pods"]) is None
    assert groups().as_served(KINDS["pods"]) == (KINDS["pods"],)


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (StatusError(403, "no", "/apis"), Reason.FORBIDDEN),
        (StatusError(500, "oops", "/apis"), Reason.UNREACHABLE),
        (UnreachableError("gone", "look"), Reason.UNREACHABLE),
    ],
)
def test_failed_discovery_is_recorded_and_every_kind_is_requested(problem: Exception, reason: Reason) -> None:
    def refuse(path: str, params: Mapping[str, str]) -> bytes:
        raise problem

    found = Groups.read(refuse)
    assert found.record.reason is reason and found.names == ()
    assert found.unavailable_reason(KINDS["helmreleases"]) is None
    assert found.as_served(KINDS["helmreleases"]) == (KINDS["helmreleases"],)


def test_discovery_that_is_not_json_is_an_error() -> None:
    assert Groups.read(lambda path, params: b"<html>").record.reason is Reason.ERROR


def run(cluster: ServedCluster, folder: Path, *reads: str) -> Any:
    with connect(str(cluster.kubeconfig(folder)), timeout=5) as connection:
        return collect(connection, reads)


def test_a_kind_is_read_in_the_version_that_the_server_has(tmp_path: Path) -> None:
    path = "/apis/external-secrets.io/v1beta1/externalsecrets"
    item = {"metadata": {"name": "keys", "namespace": "db"}, "spec": {"refreshInterval": "1h"}}
    with ServedCluster(small(**{path: listed("ExternalSecret", "external-secrets.io/v1beta1", item)})) as cluster:
        found = run(cluster, tmp_path, "externalsecrets")
    assert [secret.spec.refresh_interval for secret in found.objects("externalsecrets")] == ["1h"]
    assert found.read("externalsecrets").reason is None


def test_a_group_can_serve_a_version_without_the_kind_in_it(tmp_path: Path) -> None:
    old = "/apis/gateway.networking.k8s.io/v1alpha2/grpcroutes"
    new = "/apis/gateway.networking.k8s.io/v1/httproutes"
    route = {"metadata": {"name": "r", "namespace": "db"}}
    lists = small(
        **{
            old: listed("GRPCRoute", "gateway.networking.k8s.io/v1alpha2", route),
            new: listed("HTTPRoute", "gateway.networking.k8s.io/v1"),
            "/apis": {
                "kind": "APIGroupList",
                "groups": [group("apps", "v1"), group("gateway.networking.k8s.io", "v1", "v1alpha2")],
            },
        }
    )  # fmt: skip
    with ServedCluster(lists) as cluster:
        found = run(cluster, tmp_path, "grpcroutes", "httproutes")
    assert [route.metadata.name for route in found.objects("grpcroutes")] == ["r"]
    assert found.read("httproutes").count == 0 and found.read("httproutes").reason is None


@pytest.mark.parametrize("key", ["scrapeconfigs", "alertmanagerconfigs"])
@pytest.mark.parametrize(
    ("served", "there", "count"),
    [
        (("v1",), "", 0),
        (("v1", "v1alpha1"), "", 0),
        (("v1", "v1alpha1"), "v1alpha1", 1),
        (("v1", "v1beta1"), "v1beta1", 1),
        (("v1", "v1alpha1", "v1beta1"), "v1beta1", 1),
        (("v1",), "v1", 1),
    ],
)
def test_kinds_of_a_group_whose_older_versions_may_be_missing(
    tmp_path: Path, key: str, served: tuple[str, ...], there: str, count: int
) -> None:
    name = "monitoring.coreos.com"
    lists = small(**{"/apis": {"kind": "APIGroupList", "groups": [group("apps", "v1"), group(name, *served)]}})
    if there:
        item = {"metadata": {"name": "one", "namespace": "db"}}
        lists[f"/apis/{name}/{there}/{key}"] = listed(KINDS[key].kind, f"{name}/{there}", item)
    with ServedCluster(lists) as cluster:
        found = run(cluster, tmp_path, key)
    assert len(found.objects(key)) == count
    assert found.missing(key) is None, "none in any version that is served: known to be none"
    assert found.read(key).reason is (None if count else Reason.ABSENT)


def test_the_names_of_the_groups_are_kept_where_they_are_asked_for(tmp_path: Path) -> None:
    with ServedCluster(small()) as cluster:
        found = run(cluster, tmp_path, APIS, "veleroschedules")
        without = run(cluster, tmp_path, "nodes")
    assert found.answer(APIS) == ("apps",)
    assert (found.read(APIS).count, found.missing(APIS)) == (1, None)
    assert without.answer(APIS) is None and without.missing(APIS) is Reason.NOT_COLLECTED
    assert found.missing("veleroschedules") is None
    assert not [call for call in found.calls if "velero" in call.path], "an absent group costs no request"
    found.save(tmp_path / "s.zip")
    from readiness_kit.snapshot import load

    assert load(tmp_path / "s.zip").answer(APIS) == ("apps",)


def test_other_sources_need_no_kubernetes_permission() -> None:
    assert "kubernetes/apis" not in cluster_role([APIS, "weaviate/meta", "nodes"])
