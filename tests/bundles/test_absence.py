"""What proves that a kind has no objects: CRDs, `kubectl api-resources`, and lists of every namespace."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness_kit.bundles import load
from readiness_kit.errors import WorkloadError
from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Reason
from readiness_kit.snapshot import Snapshot
from tests.collect.conftest import listed
from tests.support.bundles import PODS, of_kubectl, write

PODS_FILE = of_kubectl(*PODS, kind="Pod")
TABLE = """NAME              SHORTNAMES   APIVERSION                     NAMESPACED   KIND
nodes             no           v1                             false        Node
pods              po           v1                             true         Pod
servicemonitors   smon         monitoring.coreos.com/v1       true         ServiceMonitor
statefulsets      sts          apps/v1                        true         StatefulSet
"""
NAMES = "nodes\npods\nservicemonitors.monitoring.coreos.com\nstatefulsets.apps\n"


def crds(*names: str) -> dict[str, object]:
    items = [{"metadata": {"name": name}} for name in names]
    return of_kubectl(*items, kind="CustomResourceDefinition", api="apiextensions.k8s.io/v1")


def reason(found: Snapshot, key: str) -> Reason | None:
    return found.read(key).reason


def test_complete_list_of_crds_proves_that_a_kind_is_absent(tmp_path: Path) -> None:
    found = load(
        write(tmp_path, **{"pods.json": PODS_FILE, "crds.json": crds("servicemonitors.monitoring.coreos.com")})
    )
    assert reason(found, "podmonitors") is Reason.ABSENT and found.missing("podmonitors") is None
    assert reason(found, "servicemonitors") is Reason.NOT_COLLECTED
    # These have no CRD: they belong to Kubernetes itself.
    assert reason(found, "networkpolicies") is reason(found, "podmetrics") is Reason.NOT_COLLECTED


def test_openshift_serves_routes_without_a_crd(tmp_path: Path) -> None:
    found = load(write(tmp_path, **{"pods.json": PODS_FILE, "crds.json": crds("ingresses.config.openshift.io")}))
    assert reason(found, "routes") is Reason.NOT_COLLECTED


def test_part_of_the_crds_proves_nothing(tmp_path: Path) -> None:
    page = {**crds("a.example.com"), "metadata": {"continue": "x"}}
    found = load(write(tmp_path, **{"pods.json": PODS_FILE, "crds.json": page}))
    assert reason(found, "podmonitors") is Reason.NOT_COLLECTED and reason(found, "customresourcedefinitions")


@pytest.mark.parametrize("name", ["api-resources.txt", "api-resources", "api_resources.txt"])
@pytest.mark.parametrize("text", [TABLE, NAMES])
def test_api_resources_prove_that_a_kind_is_absent(tmp_path: Path, name: str, text: str) -> None:
    found = load(write(tmp_path, **{"pods.json": PODS_FILE, name: text.encode()}))
    assert reason(found, "podmonitors") is Reason.ABSENT
    assert reason(found, "servicemonitors") is Reason.NOT_COLLECTED


@pytest.mark.parametrize(
    "text",
    [
        TABLE + "error: unable to retrieve the complete list of server APIs: velero.io/v1: stale GroupVersion\n",
        "\n".join(line for line in TABLE.splitlines() if "false" not in line),
        "statefulsets.apps\n",
        "",
    ],
)
def test_filtered_or_failed_api_resources_prove_nothing(tmp_path: Path, text: str) -> None:
    found = load(write(tmp_path, **{"pods.json": PODS_FILE, "api-resources.txt": text.encode()}))
    assert reason(found, "podmonitors") is Reason.NOT_COLLECTED


def complete(folder: Path, *namespaces: str) -> Path:
    contents = {
        f"cluster-resources__{name}__{namespace}.json": listed(kind, api)
        for name, kind, api in (
            ("pods", "Pod", "v1"),
            ("statefulsets", "StatefulSet", "apps/v1"),
            ("deployments", "Deployment", "apps/v1"),
        )
        for namespace in namespaces
    }
    everywhere = listed("Namespace", "v1", {"metadata": {"name": "a"}}, {"metadata": {"name": "b"}})
    node = listed("Node", "v1", {"metadata": {"name": "n1"}})
    return write(folder, **contents, **{"cluster-resources__namespaces.json": everywhere,
                                        "cluster-resources__nodes.json": node})  # fmt: skip


def test_in_a_complete_bundle_no_weaviate_means_none(tmp_path: Path) -> None:
    with pytest.raises(WorkloadError) as raised:
        ClusterFacts(load(complete(tmp_path, "a", "b")))
    assert raised.value.exit_code == 5 and "not everything could be read" not in raised.value.what


def test_in_a_bundle_of_some_namespaces_weaviate_may_be_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(WorkloadError, match="not everything could be read"):
        ClusterFacts(load(complete(tmp_path, "a")))


def test_list_of_another_kind_under_a_name_proves_nothing(tmp_path: Path) -> None:
    found = load(write(tmp_path, **{"pods.json": PODS_FILE, "services.json": listed("ConfigMap", "v1")}))
    assert reason(found, "services") is reason(found, "configmaps") is Reason.NOT_COLLECTED
