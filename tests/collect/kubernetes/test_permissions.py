"""The permission pre-flight."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from readiness_kit.collect import Connection, collect, connect, permissions
from readiness_kit.model import Reason
from tests.collect.conftest import READS, small
from tests.support.served import ServedCluster, only_namespaces, status


def test_pre_flight_with_all_permissions_is_empty(connection: Connection, served_small: ServedCluster) -> None:
    assert permissions(connection, READS) == []
    assert set(served_small.paths("POST")) == {"/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"}


def test_pre_flight_names_refused_kinds(tmp_path: Path) -> None:
    with (
        ServedCluster(small(), forbidden={"nodes", "apps/deployments"}) as cluster,
        connect(str(cluster.kubeconfig(tmp_path))) as connection,
    ):
        found = permissions(connection, READS)
        collected = collect(connection, READS)
    assert [(record.key, record.reason) for record in found] == [
        ("nodes", Reason.FORBIDDEN),
        ("deployments", Reason.FORBIDDEN),
    ]
    assert found[1].message == "may not list deployments in apps/v1 in the whole cluster"
    assert {record.key for record in found} == {
        record.key for record in collected.manifest.reads if record.reason is Reason.FORBIDDEN
    }


def test_pre_flight_of_namespaces(tmp_path: Path) -> None:
    with (
        ServedCluster(small(), forbidden=only_namespaces("db")) as cluster,
        connect(str(cluster.kubeconfig(tmp_path))) as connection,
    ):
        found = permissions(connection, ["services", "nodes"], ["db", "web"])
    assert {record.key for record in found} == {"pods", "statefulsets", "deployments", "services"}
    assert all(record.partial and "in web" in record.message for record in found)


@pytest.mark.usefixtures("pauses")
def test_failed_review_is_an_error_of_its_kind(tmp_path: Path) -> None:
    def fault(request: Any) -> Any:
        return status(500, "X", "oops") if request.method == "POST" else None

    with (
        ServedCluster(small(), fault=fault) as cluster,
        connect(str(cluster.kubeconfig(tmp_path))) as connection,
    ):
        found = permissions(connection, ["nodes"])
    assert {record.reason for record in found} == {Reason.ERROR}
