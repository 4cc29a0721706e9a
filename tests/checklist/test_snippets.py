"""The snippets of the remedies: they parse, and they use only what the chart and Kubernetes know."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from readiness_kit.checklist import load_checklist
from readiness_kit.model import Question, Snippet
from tests.support.kubernetes_types import strange_fields


def snippets(*kinds: str) -> list[Any]:
    """Test cases (question, snippet), one for each snippet of these kinds."""
    return [
        pytest.param(question, snippet, id=f"{question.number}-{place}-{snippet.kind}")
        for question in load_checklist()
        for place, snippet in enumerate(question.remedy.snippets)
        if snippet.kind in kinds
    ]


HELM = snippets("helm")
MANIFESTS = snippets("manifest")
COMMANDS = snippets("kubectl", "shell")

# Values of the chart weaviate/weaviate 17.8.3 that the remedies may set. None: free below; else the keys below.
CHART: dict[str, Any] = {
    "image": {"tag": None},
    "replicas": None,
    "updateStrategy": None,
    "resources": None,
    "securityContext": None,
    "containerSecurityContext": None,
    "serviceAccountName": None,
    "initContainers": {"sysctlInitContainer": {"enabled": None}, "extraInitContainers": None},
    "storage": {"size": None, "storageClassName": None},
    "service": {"type": None, "loadBalancerSourceRanges": None},
    "grpcService": {"type": None, "loadBalancerSourceRanges": None},
    "serviceMonitor": {"enabled": None},
    "startupProbe": {"enabled": None, "initialDelaySeconds": None, "periodSeconds": None, "failureThreshold": None},
    "authentication": {"anonymous_access": {"enabled": None}},
    "authorization": {
        "rbac": {"enabled": None, "root_users": None},
        "admin_list": {"enabled": None, "users": None, "read_only_users": None},
    },
    "env": None,
    "envSecrets": None,
    "backups": {"s3": {"enabled": None, "envconfig": None, "envSecrets": None}},
    "offload": {"s3": {"enabled": None, "envconfig": None, "envSecrets": None}},
    "affinity": None,
    "podDisruptionBudgets": {"weaviate": {"enabled": None, "spec": None}},
    "extraVolumes": None,
    "extraVolumeMounts": None,
}

# What stands in the values verbatim as a part of a Kubernetes object.
PASSED_THROUGH = {
    "updateStrategy": "V1StatefulSetUpdateStrategy",
    "resources": "V1ResourceRequirements",
    "securityContext": "V1PodSecurityContext",
    "containerSecurityContext": "V1SecurityContext",
    "affinity": "V1Affinity",
    "extraVolumes": "list[V1Volume]",
    "extraVolumeMounts": "list[V1VolumeMount]",
}

ENV = {
    "ASYNC_INDEXING",
    "AUTHENTICATION_APIKEY_ENABLED",
    "AUTHENTICATION_APIKEY_USERS",
    "AUTHENTICATION_DB_USERS_ENABLED",
    "GOMEMLIMIT",
    "GO_PROFILING_DISABLE",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "MAXIMUM_ALLOWED_COLLECTIONS_COUNT",
    "MAXIMUM_CONCURRENT_GET_REQUESTS",
    "MAX_IMPORT_GOROUTINES_FACTOR",
    "OBJECTS_TTL_DELETE_SCHEDULE",
    "PROMETHEUS_MONITORING_ENABLED",
    "PROMETHEUS_MONITORING_GROUP",
    "QUERY_SLOW_LOG_ENABLED",
    "QUERY_SLOW_LOG_THRESHOLD",
    "REPLICATION_MINIMUM_FACTOR",
    "REPLICA_MOVEMENT_ENABLED",
    "TOMBSTONE_DELETION_CONCURRENCY",
    "TRACK_VECTOR_DIMENSIONS",
}

BUILT_IN = {
    ("v1", "ServiceAccount"): "V1ServiceAccount",
    ("batch/v1", "CronJob"): "V1CronJob",
    ("networking.k8s.io/v1", "Ingress"): "V1Ingress",
    ("networking.k8s.io/v1", "NetworkPolicy"): "V1NetworkPolicy",
    ("storage.k8s.io/v1", "StorageClass"): "V1StorageClass",
}
CUSTOM = {
    ("external-secrets.io/v1", "ExternalSecret"),
    ("karpenter.sh/v1", "NodePool"),
    ("monitoring.coreos.com/v1", "PrometheusRule"),
    ("remediation.medik8s.io/v1alpha1", "NodeHealthCheck"),
    ("security.istio.io/v1", "PeerAuthentication"),
    ("snapshot.storage.k8s.io/v1", "VolumeSnapshot"),
    ("velero.io/v1", "Schedule"),
}
CLUSTER_WIDE_CALL = re.compile(
    r" -A\b|^(get|label|patch|taint|drain|uncordon) (nodes?|namespace|pv|storageclass|\S*webhook|<node>)"
)
CLUSTER_WIDE = {"StorageClass", "NodePool", "NodeHealthCheck"}


def strange_keys(value: Any, allowed: Any, path: str = "") -> Iterator[str]:
    if allowed is None:
        return
    for key, inner in value.items():
        if key not in allowed:
            yield f"{path}.{key}"
        else:
            yield from strange_keys(inner, allowed[key], f"{path}.{key}")


def walk(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, (*path, str(key)))
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner, path)


def documents(snippet: Snippet) -> list[Any]:
    return list(yaml.safe_load_all(snippet.code))


@pytest.mark.parametrize(
    ("value", "kind", "found"),
    [
        ({"fsGroup": 1000, "privileged": False}, "V1SecurityContext", [".fsGroup is unknown to V1SecurityContext"]),
        (
            {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}},
            "V1StatefulSetUpdateStrategy",
            [".rollingUpdate.maxSurge is unknown to V1RollingUpdateStatefulSetStrategy"],
        ),
        (
            [{"name": "a", "volumeMounts": [{"name": "b", "path": "/c"}]}],
            "list[V1Container]",
            ["[0].volumeMounts[0].path is unknown to V1VolumeMount"],
        ),
        ({"name": "a"}, "list[V1Volume]", [" is no list"]),
        (
            {"spec": {"podSelector": {}, "ingress": [{"from": {"podSelector": {}}}]}},
            "V1NetworkPolicy",
            [
                ".spec.ingress[0].from is no list",
            ],
        ),
        ({"fsGroup": 1000, "seccompProfile": {"type": "RuntimeDefault"}}, "V1PodSecurityContext", []),
    ],
)
def test_the_check_of_kubernetes_fields_sees_wrong_ones(value: Any, kind: str, found: list[str]) -> None:
    assert list(strange_fields(value, kind)) == found


def test_the_check_of_chart_keys_sees_wrong_ones() -> None:
    wrong = {"replicaCount": 3, "service": {"kind": "ClusterIP"}, "authentication": {"apikey": {"enabled": True}}}
    assert list(strange_keys(wrong, CHART)) == [".replicaCount", ".service.kind", ".authentication.apikey"]


@pytest.mark.parametrize(("question", "snippet"), HELM)
def test_helm_values_are_keys_of_the_chart(question: Question, snippet: Snippet) -> None:
    (values,) = documents(snippet)
    assert list(strange_keys(values, CHART)) == []


@pytest.mark.parametrize(("question", "snippet"), HELM)
def test_helm_values_passed_through_are_valid_for_kubernetes(question: Question, snippet: Snippet) -> None:
    (values,) = documents(snippet)
    for key, kind in PASSED_THROUGH.items():
        if key in values:
            assert list(strange_fields(values[key], kind, key)) == []
    budget = values.get("podDisruptionBudgets", {}).get("weaviate", {}).get("spec", {})
    assert list(strange_fields(budget, "V1PodDisruptionBudgetSpec")) == []
    extra = values.get("initContainers", {}).get("extraInitContainers", [])
    assert list(strange_fields(extra, "list[V1Container]")) == []


@pytest.mark.parametrize(("question", "snippet"), HELM)
def test_environment_names_are_known_and_values_survive_helm(question: Question, snippet: Snippet) -> None:
    """Helm turns long numbers into 1e+06, so numbers are quoted; booleans are quoted by the chart itself."""
    (values,) = documents(snippet)
    env = values.get("env", {})
    assert set(env) <= ENV
    assert all(isinstance(value, (str, bool)) for value in env.values())
    if "PROMETHEUS_MONITORING_ENABLED" in env:
        assert env["PROMETHEUS_MONITORING_ENABLED"] is True


@pytest.mark.parametrize(("question", "snippet"), HELM)
def test_known_wrong_keys_are_nowhere(question: Question, snippet: Snippet) -> None:
    (values,) = documents(snippet)
    paths = {path for path, _ in walk(values)}
    words = {word for path in paths for word in path}
    assert words.isdisjoint({"replicaCount", "maxSurge", "readonly_users", "topologySpreadConstraints", "allowed_keys"})
    assert ("containerSecurityContext", "fsGroup") not in paths
    assert ("authentication", "apikey") not in paths
    assert "AUTHENTICATION_APIKEY_ALLOWED_KEYS" not in values.get("env", {})
    assert "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED" not in values.get("env", {})
    budget = values.get("podDisruptionBudgets", {}).get("weaviate", {}).get("spec", {})
    assert not {"minAvailable", "maxUnavailable"} <= set(budget)


@pytest.mark.parametrize(("question", "snippet"), HELM)
def test_gomemlimit_is_a_go_size_of_80_to_90_percent(question: Question, snippet: Snippet) -> None:
    (values,) = documents(snippet)
    limit = values.get("env", {}).get("GOMEMLIMIT")
    if limit is None:
        return
    memory = values["resources"]["limits"]["memory"]
    assert memory == values["resources"]["requests"]["memory"]
    if limit == "<gomemlimit>":  # filled with the recommended figures of the cluster, see report.remedies
        assert memory == "<memory>"
        return
    assert re.fullmatch(r"[0-9]+(MiB|GiB)", limit)
    assert 0.8 <= int(limit.removesuffix("GiB")) / int(memory.removesuffix("Gi")) <= 0.9


@pytest.mark.parametrize(("question", "snippet"), MANIFESTS)
def test_manifests_are_complete_and_valid(question: Question, snippet: Snippet) -> None:
    for document in documents(snippet):
        kind = (document["apiVersion"], document["kind"])
        assert document["metadata"]["name"]
        assert ("namespace" in document["metadata"]) == (document["kind"] not in CLUSTER_WIDE)
        if kind in BUILT_IN:
            assert list(strange_fields(document, BUILT_IN[kind])) == []
        else:
            assert kind in CUSTOM
            assert document["spec"]


@pytest.mark.parametrize(("question", "snippet"), COMMANDS)
def test_commands_are_valid_shell(question: Question, snippet: Snippet) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash here to check the syntax with")
    filled_in = re.sub(r"<([A-Za-z][A-Za-z-]*)>", r"\1", snippet.code)
    result = subprocess.run([bash, "-n"], input=filled_in, text=True, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(("question", "snippet"), COMMANDS)
def test_commands_carry_no_key_and_name_their_namespace(question: Question, snippet: Snippet) -> None:
    for line in snippet.code.replace("\\\n", " ").splitlines():
        kubectl = re.search(r"\bkubectl (?P<rest>.*)", line)
        if kubectl and not CLUSTER_WIDE_CALL.search(kubectl["rest"]):
            assert re.match(r"-n (<[a-z-]*namespace>|kube-system) ", kubectl["rest"]), line
    for key in re.findall(r"Bearer (\S+?)\"", snippet.code):
        assert key.startswith("$")
