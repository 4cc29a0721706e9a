"""The workload under assessment: its pods, claims, settings and runtime overrides."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import Workload
from readiness_kit.facts.weaviate import auth
from readiness_kit.model import Reason, Ref
from tests.support.cluster import cluster, of, weaviate


def _w(*sources: Any, forbidden: tuple[str, ...] = (), **changes: Any) -> Workload:
    return cluster(weaviate(**changes), *sources, forbidden=forbidden).weaviate


def test_what_belongs_to_it() -> None:
    w = _w(replicas=12)
    assert (w.ref, w.kind, w.replicas) == (Ref("StatefulSet", "weaviate", "weaviate"), "StatefulSet", 12)
    assert [pod.metadata.name for pod in w.pods] == [f"weaviate-{index}" for index in range(12)]
    assert [claim.metadata.name for claim in w.claims] == [f"weaviate-data-weaviate-{index}" for index in range(12)]
    assert w.container.name == "weaviate" and w.pod_labels["app"] == "weaviate"
    assert (str(w.version), w.service_account, w.data_path) == ("1.38.2", "default", "/var/lib/weaviate")


def test_pods_that_only_look_like_its_own_are_not_its_own() -> None:
    impostor = """
        kind: Pod
        metadata: {name: weaviate-9, labels: {app: weaviate}}
        spec: {nodeName: node-0, containers: [{name: shell, image: alpine}]}
        """
    assert len(_w(impostor).pods) == 3


def test_trap_3_the_affinity_is_that_of_the_workload_and_not_of_a_module() -> None:
    module = """
        kind: Deployment
        metadata: {name: transformers-inference, labels: {app.kubernetes.io/name: weaviate}}
        spec:
          template:
            metadata: {labels: {app: transformers-inference}}
            spec:
              affinity: {podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1}]}}
              containers: [{name: c, image: 'semitechnologies/transformers-inference:x'}]
        """
    w = _w(module)
    assert w.name == "weaviate" and w.spec.affinity is None


def test_a_deployment_owns_its_pods_through_a_replica_set() -> None:
    objects = weaviate(replicas=1)
    of(objects, "StatefulSet")[0]["kind"] = "Deployment"
    of(objects, "Pod")[0]["metadata"]["ownerReferences"] = [
        {"kind": "ReplicaSet", "name": "weaviate-5d4f8c7b9", "controller": True}
    ]
    w = cluster(objects).weaviate
    assert w.kind == "Deployment" and w.stateful_set is None and [pod.metadata.name for pod in w.pods] == ["weaviate-0"]
    assert [claim.metadata.name for claim in w.claims] == ["weaviate-data-weaviate-0"]


def _kubeblocks(command: list[str]) -> Workload:
    objects = [obj for obj in weaviate(conf=None) if obj["kind"] != "StatefulSet"]
    for pod in of(objects, "Pod"):
        pod["metadata"]["ownerReferences"] = [{"kind": "InstanceSet", "name": "wv", "controller": True}]
        pod["spec"]["containers"][0] |= {"command": command, "args": [], "env": []}
    return cluster(objects).weaviate


def test_trap_6_variables_exported_from_a_file_are_unknown() -> None:
    w = _kubeblocks(["/bin/bash", "-c", "export $(cat /weaviate-env/envs | xargs) && exec /bin/weaviate"])
    assert (w.kind, w.name, w.replicas, len(w.pods)) == ("InstanceSet", "wv", 3, 3)
    assert w.env("AUTHENTICATION_APIKEY_ENABLED").state == "unknown"
    assert w.is_enabled("AUTHENTICATION_APIKEY_ENABLED") is None and w.modules() is None
    assert auth.anonymous(w) is None and w.config_missing is Reason.NOT_OBSERVABLE


def test_a_shell_that_exports_nothing_hides_nothing() -> None:
    w = _kubeblocks(["/bin/sh", "-c", "exec /bin/weaviate --host 0.0.0.0"])
    assert w.env("GOMEMLIMIT").state == "unset" and auth.anonymous(w) is True


@pytest.mark.parametrize(
    ("name", "value", "on"),
    [
        ("ASYNC_INDEXING", "true", True),
        ("ASYNC_INDEXING", "TRUE", True),
        ("ASYNC_INDEXING", "On", True),
        ("ASYNC_INDEXING", "enabled", True),
        ("ASYNC_INDEXING", "1", True),
        ("ASYNC_INDEXING", "yes", False),
        ("ASYNC_INDEXING", "false", False),
        ("ASYNC_INDEXING", "", False),
        ("ASYNC_INDEXING", None, False),
        ("LIMIT_RESOURCES", "true", True),
        ("LIMIT_RESOURCES", "True", False),
        ("LIMIT_RESOURCES", "1", False),
        ("LIMIT_RESOURCES", None, False),
        ("AUTOSCHEMA_ENABLED", None, True),
        ("AUTOSCHEMA_ENABLED", "no", True),
        ("AUTOSCHEMA_ENABLED", "False", False),
        ("BACKUP_S3_USE_SSL", None, True),
        ("BACKUP_S3_USE_SSL", "false", False),
        ("ASYNC_INDEXING", {"secretKeyRef": {"name": "s", "key": "k"}}, None),
    ],
)
def test_trap_26_what_the_server_takes_for_on(name: str, value: Any, on: bool | None) -> None:
    assert _w(env={name: value}).is_enabled(name) is on


@pytest.mark.parametrize(
    ("value", "modules"),
    [
        (None, ()),
        ("backup-s3", ("backup-s3",)),
        (" text2vec-openai, backup-s3,,", ("backup-s3", "text2vec-openai")),
        ({"secretKeyRef": {"name": "s", "key": "k"}}, None),
    ],
)
def test_modules(value: Any, modules: tuple[str, ...] | None) -> None:
    assert _w(env={"ENABLE_MODULES": value}).modules() == modules


OVERRIDES = """
    kind: ConfigMap
    metadata: {name: weaviate-runtime-overrides}
    data: {overrides.yaml: 'autoschema_enabled: false'}
    """


MOUNTED: dict[str, Any] = {
    "pod": {"volumes": [{"name": "overrides", "configMap": {"name": "weaviate-runtime-overrides"}}]},
    "container": {"volumeMounts": [{"name": "overrides", "mountPath": "/config"}]},
}


@pytest.mark.parametrize(
    ("switch", "image", "forbidden", "on"),
    [
        ("true", "weaviate:1.38.2", (), False),
        ("false", "weaviate:1.38.2", (), True),
        (None, "weaviate:1.38.2", (), True),
        ("true", "weaviate:1.29.0", (), True),
        ("true", "weaviate:1.38.2", ("configmaps",), None),
        ({"secretKeyRef": {"name": "s", "key": "k"}}, "weaviate:1.38.2", (), None),
    ],
)
def test_an_override_beats_the_variable_when_it_is_switched_on(
    switch: Any, image: str, forbidden: tuple[str, ...], on: bool | None
) -> None:
    env = {"AUTOSCHEMA_ENABLED": "true", "RUNTIME_OVERRIDES_ENABLED": switch}
    w = _w(OVERRIDES, env=env, image=f"semitechnologies/{image}", forbidden=forbidden, **MOUNTED)
    assert w.is_enabled("AUTOSCHEMA_ENABLED") is on


def test_an_override_touches_only_what_can_be_overridden() -> None:
    w = _w(OVERRIDES, env={"RUNTIME_OVERRIDES_ENABLED": "true"}, forbidden=("configmaps",), **MOUNTED)
    assert w.is_enabled("PROMETHEUS_MONITORING_ENABLED") is False
    assert w.env("AUTOSCHEMA_ENABLED").reason is Reason.FORBIDDEN


def test_trap_34_token_of_the_pod_then_of_the_account() -> None:
    account = """
        kind: ServiceAccount
        metadata: {name: default}
        automountServiceAccountToken: false
        """
    assert _w().mounts_token is True
    assert _w(account).mounts_token is False
    assert _w(account, pod={"automountServiceAccountToken": True}).mounts_token is True
    assert _w(account, forbidden=("serviceaccounts",)).mounts_token is None
    assert _w(pod={"automountServiceAccountToken": False}, forbidden=("serviceaccounts",)).mounts_token is False
