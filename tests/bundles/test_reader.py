"""Snapshots from the bundles of other tools."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.bundles import load
from readiness_kit.errors import UnreadableFileError
from readiness_kit.model import Reason
from tests.collect.conftest import listed, workload
from tests.collect.test_privacy import RANDOM, TOKEN, WORD, planted
from tests.support.bundles import LISTS, PODS, SETS, names, of_kubectl, tarred, troubleshoot, write


@pytest.mark.parametrize("bare", [False, True], ids=["lists", "bare arrays"])
@pytest.mark.parametrize("packed", [False, True], ids=["folder", "tar.gz"])
def test_a_support_bundle(tmp_path: Path, bare: bool, packed: bool) -> None:
    path = troubleshoot(tmp_path / "support-bundle-2026-03-01T10_11_12", bare=bare)
    if packed:
        path = tarred(path, tmp_path / "bundle.tar.gz", path.name)
    found = load(path)
    assert names(found, "statefulsets") == ["weaviate"] and names(found, "nodes") == ["n1", "n2"]
    # As a collection: of the narrow kinds those in Weaviate's namespaces.
    assert names(found, "pods") == ["weaviate-0"] and found.manifest.weaviate_namespaces == ("db",)
    assert found.manifest.server_version == "v1.31.2"
    assert found.manifest.taken_at == datetime(2026, 3, 1, 10, 11, 12, tzinfo=UTC)
    assert [found.missing(key) for key in ("pods", "statefulsets", "nodes", "namespaces")] == [None] * 4
    assert names(found, "veleroschedules") == ["daily"]
    # In some namespaces only; with an error; not there; of a group that is not there.
    assert found.missing("veleroschedules") is Reason.NOT_COLLECTED
    assert found.missing("persistentvolumeclaims") is Reason.NOT_COLLECTED
    assert found.missing("storageclasses") is Reason.FORBIDDEN
    assert found.missing("services") is Reason.NOT_COLLECTED
    assert found.missing("deployments") is Reason.NOT_COLLECTED
    assert found.read("podmetrics").reason is Reason.ABSENT and found.missing("podmonitors") is None


def test_without_the_list_of_groups_a_tool_is_not_said_to_be_missing(tmp_path: Path) -> None:
    path = troubleshoot(tmp_path / "bundle", bare=False)
    (path / "cluster-resources/groups.json").unlink()
    assert load(path).missing("podmonitors") is Reason.NOT_COLLECTED


def test_a_cluster_info_dump(tmp_path: Path) -> None:
    deployments = {**listed("Deployment", "apps/v1"), "items": None}
    path = write(
        tmp_path / "dump",
        nodes__json=b"",
        **{
            "nodes.json": LISTS["/api/v1/nodes"],
            "db__pods.json": {**LISTS["/api/v1/pods"], "items": PODS[:1]},
            "db__services.json": LISTS["/api/v1/services"],
            "db__deployments.json": deployments,
            "db__weaviate-0__logs.txt": b"{}",
        },
    )
    found = load(path)
    assert names(found, "nodes") == ["n1", "n2"] and names(found, "pods") == ["weaviate-0"]
    assert found.manifest.namespaces == ("db",)
    assert found.missing("pods") is None and found.missing("services") is None
    # A dump never has StatefulSets, and those are the first thing to look for.
    assert found.missing("statefulsets") is Reason.NOT_COLLECTED


def test_a_dump_of_two_namespaces_is_not_the_whole_cluster(tmp_path: Path) -> None:
    empty = listed("Deployment", "apps/v1")
    found = load(
        write(
            tmp_path,
            **{
                "db__pods.json": {**LISTS["/api/v1/pods"], "items": PODS[:1]},
                "kube-system__pods.json": listed("Pod", "v1"),
                "db__deployments.json": empty,
                "kube-system__deployments.json": empty,
            },
        )
    )
    assert found.missing("pods") is None
    assert found.missing("deployments") is Reason.NOT_COLLECTED
    assert found.read("deployments").message == "covers the namespaces db, kube-system only"


def test_one_list_of_several_kinds(tmp_path: Path) -> None:
    path = tmp_path / "all.json"
    mixed = of_kubectl(
        *({"kind": "Pod", "apiVersion": "v1", **item} for item in PODS),
        *({"kind": "StatefulSet", "apiVersion": "apps/v1", **item} for item in SETS),
        {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "s"}, "data": {"a": WORD}},
        {"kind": "Deployment", "apiVersion": "apps/v1beta1", "metadata": {"name": "old"}},
        {"kind": "Mystery"},
    )
    path.write_text(json.dumps(mixed))
    found = load(path)
    assert names(found, "pods") == ["weaviate-0"] and names(found, "statefulsets") == ["weaviate"]
    assert found.missing("statefulsets") is None
    assert found.missing("nodes") is found.missing("deployments") is Reason.NOT_COLLECTED
    assert WORD not in repr(found)


def test_files_of_kubectl_by_kind(tmp_path: Path) -> None:
    path = write(
        tmp_path / "out",
        **{
            "pods.json": of_kubectl(*PODS, kind="Pod"),
            "sts.json": of_kubectl(*SETS, kind="StatefulSet", api="apps/v1"),
            "pdb.json": of_kubectl(),
            "nodes.json": of_kubectl(*LISTS["/api/v1/nodes"]["items"], kind="Node"),
            "metrics.json": of_kubectl(
                {"metadata": {"name": "weaviate-0", "namespace": "db"}}, kind="PodMetrics", api="metrics.k8s.io/v1beta1"
            ),
        },
    )
    found = load(path)
    assert found.missing("poddisruptionbudgets") is None and found.objects("poddisruptionbudgets") == ()
    assert names(found, "podmetrics") == ["weaviate-0"] and names(found, "pods") == ["weaviate-0"]
    assert found.manifest.namespaces == ()


def test_a_single_object_is_no_list(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"kind": "StatefulSet", "apiVersion": "apps/v1", **SETS[0]}))
    found = load(path)
    assert names(found, "statefulsets") == ["weaviate"]
    assert found.read("statefulsets").partial and found.missing("statefulsets") is Reason.NOT_COLLECTED


def test_the_same_object_in_two_files_counts_once(tmp_path: Path) -> None:
    body = of_kubectl(*PODS, kind="Pod")
    assert load(write(tmp_path, **{"pods.json": body, "a__pods.json": body})).read("pods").count == 1


def test_an_object_of_wrong_types_costs_only_itself(tmp_path: Path) -> None:
    bad = {"metadata": {"name": "x", "namespace": "db"}, "spec": {"containers": 5}}
    found = load(write(tmp_path, **{"pods.json": of_kubectl(*PODS, bad, kind="Pod")}))
    assert names(found, "pods") == ["weaviate-0"]
    assert found.missing("pods") is Reason.ERROR and "db/x" in found.read("pods").message


def test_no_canary_comes_in(tmp_path: Path) -> None:
    contents: dict[str, Any] = {
        f"cluster-resources__{path.rsplit('/', 1)[1]}.json": body for path, body in planted().items()
    }
    contents["cluster-resources__nodes-errors.json"] = [f"forbidden: https://u:{WORD}@h Bearer {WORD} {TOKEN}"]
    contents["cluster-resources__secrets__db.json"] = [{"metadata": {"name": WORD}}]
    found = load(write(tmp_path / "bundle", **contents))
    saved = tmp_path / "s.zip"
    found.save(saved)
    with zipfile.ZipFile(saved) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist()) + repr(found).encode()
    assert found.read("statefulsets").count == 1 and found.read("configmaps").count == 1
    for secret in (WORD, TOKEN, RANDOM):
        assert secret.encode() not in everything


def test_a_snapshot_is_still_a_snapshot(tmp_path: Path) -> None:
    found = load(write(tmp_path / "b", **{"pods.json": of_kubectl(*PODS, kind="Pod")}))
    found.save(tmp_path / "s.zip")
    assert load(tmp_path / "s.zip") == found


@pytest.mark.parametrize("body", [b"", b"{", b"[[[", b"null", b"5", b"[1, null]", b"[" * 100_000, b"\xff\xfe"])
def test_files_that_are_no_objects(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(UnreadableFileError, match="no Kubernetes object"):
        load(write(tmp_path / "b", **{"pods.json": body, "x.json": body, "cluster_version.json": body}))


def test_yaml_that_explodes_is_passed_over(tmp_path: Path) -> None:
    bomb = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
        b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(9)
    )
    found = load(
        write(tmp_path, **{"pods.json": of_kubectl(*PODS, kind="Pod"), "pods.yaml": bomb, "nodes.yaml": b"[" * 100_000})
    )
    assert names(found, "pods") == ["weaviate-0"]


def test_an_image_alone_makes_no_cluster(tmp_path: Path) -> None:
    found = load(write(tmp_path, **{"pods.json": of_kubectl(*PODS[1:], kind="Pod")}))
    assert found.manifest.weaviate_namespaces == () and names(found, "pods") == ["shop"]


def test_two_weaviates(tmp_path: Path) -> None:
    both = [workload("weaviate", "db"), workload("weaviate", "web")]
    found = load(write(tmp_path, **{"statefulsets.json": of_kubectl(*both, kind="StatefulSet", api="apps/v1")}))
    assert found.manifest.weaviate_namespaces == ("db", "web")
