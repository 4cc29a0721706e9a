"""The workload under assessment: what belongs to it, and what its settings come to. Traps by their number."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.errors import WorkloadError
from readiness_kit.facts import Workload
from readiness_kit.facts.weaviate import auth
from readiness_kit.facts.weaviate.config import config_file
from readiness_kit.kinds.pods import REDACTED, Container
from readiness_kit.model import Reason, Ref, Target
from tests.support.cluster import cluster, of, weaviate

OPEN = {"authentication": {"anonymous_access": {"enabled": True}}}
KEYS = {"authentication": {"anonymous_access": {"enabled": False}, "apikey": {"enabled": True}}}


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
    objects = [one for one in weaviate(conf=None) if one["kind"] != "StatefulSet"]
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


def test_a_sourced_file_has_the_last_word_on_authentication() -> None:
    command = {
        "command": ["sh", "-c"],
        "args": [". /vault/secrets/env; /bin/weaviate --config-file /weaviate-config/conf.yaml"],
    }
    assert auth.anonymous(_w(conf=KEYS, container=command)) is None
    assert auth.anonymous(_w(conf=OPEN, container=command)) is True


# --- variables ------------------------------------------------------------------------------------


def test_the_kinds_of_variables() -> None:
    w = _w(
        env={
            "GOMEMLIMIT": "7GiB",
            "OWN_SETTING": "abc",
            "CLUSTER_HOSTNAME": {"fieldRef": {"fieldPath": "metadata.name"}},
        }
    )
    assert (w.env("GOMEMLIMIT").state, w.env("GOMEMLIMIT").value, w.env("GOMEMLIMIT").known) == (
        "literal",
        "7GiB",
        True,
    )
    assert (w.env("OWN_SETTING").value, w.env("OWN_SETTING").known, w.env("OWN_SETTING").set) == (REDACTED, False, True)
    secret = w.env("CLUSTER_BASIC_AUTH_PASSWORD")
    assert (secret.state, secret.value, secret.known, secret.set) == ("secret", "", False, True)
    assert secret.origin == "Secret weaviate-cluster-api-basic-auth, key password"
    assert (w.env("CLUSTER_HOSTNAME").state, w.env("CLUSTER_HOSTNAME").origin) == ("field", "metadata.name")
    assert (w.env("LIMIT_RESOURCES").state, w.env("LIMIT_RESOURCES").set) == ("unset", False)


MAPS = """
    kind: ConfigMap
    metadata: {name: one}
    data: {GOMEMLIMIT: 1GiB, GOGC: '1', LOG_LEVEL: info, memory: 9GiB}
    ---
    kind: ConfigMap
    metadata: {name: two}
    data: {GOMEMLIMIT: 2GiB, LEVEL: debug}
    ---
    kind: ConfigMap
    metadata: {name: one, namespace: elsewhere}
    data: {GOMAXPROCS: '64'}
    """


def _from(*sources: dict[str, Any]) -> dict[str, Any]:
    return {"envFrom": list(sources)}


def test_env_beats_env_from_and_the_later_of_two_wins() -> None:
    both = _from({"configMapRef": {"name": "one"}}, {"configMapRef": {"name": "two"}})
    w = _w(MAPS, container=both)
    assert (w.env("GOMEMLIMIT").value, w.env("GOMEMLIMIT").state) == ("2GiB", "config_map")
    assert (w.env("LOG_LEVEL").value, w.env("GOGC").value) == ("info", "100")
    assert w.env("GOMAXPROCS").state == "unset"
    listed = {"env": [{"name": "GOGC", "value": "50"}, {"name": "GOGC", "value": "75"}], **both}
    assert _w(MAPS, container=listed).env("GOGC").value == "75"


def test_a_prefix_belongs_to_the_name() -> None:
    w = _w(MAPS, container=_from({"prefix": "LOG_", "configMapRef": {"name": "two"}}))
    assert w.env("GOMEMLIMIT").state == "unset"
    # The scrub keeps no key LEVEL, so whether LOG_LEVEL is set cannot be said.
    assert w.env("LOG_LEVEL").state == "unknown"


def test_a_name_that_only_an_env_from_secret_can_give_is_unknown_and_never_unset() -> None:
    w = _w(MAPS, container=_from({"configMapRef": {"name": "one"}}, {"secretRef": {"name": "vars"}}))
    for name in ("LIMIT_RESOURCES", "GOMEMLIMIT"):
        assert (w.env(name).state, w.env(name).reason, w.env(name).set) == ("unknown", Reason.NOT_OBSERVABLE, None)
        assert w.env(name).origin == "possibly Secret vars (envFrom)"
    assert w.env("GOGC").value == "100"
    prefixed = _w(container=_from({"prefix": "S3_", "secretRef": {"name": "vars"}}))
    assert prefixed.env("LIMIT_RESOURCES").state == "unset"


def test_config_maps_that_may_not_be_read_are_unknown_with_the_reason() -> None:
    w = _w(MAPS, container=_from({"configMapRef": {"name": "one"}}), forbidden=("configmaps",))
    assert (w.env("LOG_LEVEL").state, w.env("LOG_LEVEL").reason) == ("unknown", Reason.FORBIDDEN)
    assert w.is_enabled("LIMIT_RESOURCES") is None


@pytest.mark.parametrize(
    ("ref", "state", "value"),
    [
        ({"name": "one", "key": "GOMEMLIMIT"}, "config_map", "1GiB"),
        ({"name": "one", "key": "memory"}, "unknown", ""),
        ({"name": "none", "key": "GOMEMLIMIT", "optional": True}, "unset", ""),
        ({"name": "none", "key": "GOMEMLIMIT"}, "unknown", ""),
    ],
)
def test_a_key_of_a_config_map(ref: dict[str, Any], state: str, value: str) -> None:
    found = _w(MAPS, env={"GOMEMLIMIT": {"configMapKeyRef": ref}}).env("GOMEMLIMIT")
    assert (found.state, found.value) == (state, value)


def test_references_are_expanded_where_they_are_known() -> None:
    w = _w(env={"LOG_LEVEL": "info", "LOG_FORMAT": "$(LOG_LEVEL)", "GOMEMLIMIT": "$(OTHER)"})
    assert (w.env("LOG_FORMAT").value, w.env("LOG_FORMAT").known) == ("info", True)
    assert not w.env("GOMEMLIMIT").known


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


# --- runtime overrides ----------------------------------------------------------------------------

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


# --- configuration and anonymous access -----------------------------------------------------------


def test_the_configuration_is_found_through_flag_mount_and_key() -> None:
    w = _w(conf={**KEYS, "authorization": {"rbac": {"enabled": True, "root_users": ["admin"]}}})
    assert w.config is not None and w.config_missing is None
    assert w.config.origin == "ConfigMap weaviate-config, key conf.yaml"
    assert w.config.authentication.apikey.enabled is True
    assert w.config.authorization.rbac.root_users == ("admin",)


def test_keys_in_clear_text_are_counted_and_not_kept() -> None:
    conf = {"authentication": {"apikey": {"enabled": True, "allowed_keys": ["k1", "k2"]}}}
    w = _w(conf=conf)
    assert w.config is not None and w.config.authentication.apikey.allowed_keys_count == 2
    assert "k1" not in repr(w.config) and "k1" not in repr(cluster(weaviate(conf=conf)).objects("configmaps"))


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (("--config-file", "/a/b.yaml"), "/a/b.yaml"),
        (("--config-file=/a/b.yaml", "--host"), "/a/b.yaml"),
        (("-c", 'exec weaviate --config-file="/a/b.yaml"; true'), "/a/b.yaml"),
        (("--host", "0.0.0.0"), ""),
    ],
)
def test_the_flag(words: tuple[str, ...], path: str) -> None:
    assert config_file(Container(name="c", args=words)) == path


def test_why_the_configuration_is_not_known() -> None:
    assert _w(conf=None).config_missing is None and _w(conf=None).config is None
    assert _w(forbidden=("configmaps",)).config_missing is Reason.FORBIDDEN
    gone = [one for one in weaviate() if one["kind"] != "ConfigMap"]
    assert cluster(gone).weaviate.config_missing is Reason.NOT_OBSERVABLE
    assert _w(pod={"volumes": []}).config_missing is Reason.NOT_OBSERVABLE


SECRET = {"secretKeyRef": {"name": "s", "key": "k"}}
ANON, APIKEY = "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED", "AUTHENTICATION_APIKEY_ENABLED"


@pytest.mark.parametrize(
    ("conf", "env", "forbidden", "on"),
    [
        (OPEN, {}, (), True),
        (KEYS, {}, (), False),
        (KEYS, {ANON: "true"}, (), True),
        (KEYS, {ANON: "yes"}, (), False),
        (None, {}, (), True),
        (None, {APIKEY: "true"}, (), False),
        (None, {"AUTHENTICATION_OIDC_ENABLED": "true", ANON: "false"}, (), False),
        (None, {"AUTHENTICATION_DB_USERS_ENABLED": "true"}, (), False),
        (None, {ANON: "false"}, (), True),
        (KEYS, {APIKEY: "true"}, ("configmaps",), None),
        (KEYS, {ANON: "true"}, ("configmaps",), True),
        (KEYS, {ANON: SECRET}, (), None),
        (None, {APIKEY: SECRET}, (), None),
        (None, {APIKEY: SECRET, ANON: "true"}, (), True),
        (OPEN, {ANON: SECRET}, (), True),
    ],
)
def test_anonymous_access(conf: Any, env: dict[str, Any], forbidden: tuple[str, ...], on: bool | None) -> None:
    assert auth.anonymous(_w(conf=conf, env=env, forbidden=forbidden)) is on


def test_trap_25_the_variable_cannot_switch_off_what_the_file_switches_on() -> None:
    assert auth.anonymous(_w(conf=OPEN, env={ANON: "false", APIKEY: "true"})) is True


def test_users_in_the_database_are_no_method_before_they_existed() -> None:
    w = _w(conf=None, env={"AUTHENTICATION_DB_USERS_ENABLED": "true"}, image="semitechnologies/weaviate:1.29.0")
    assert auth.anonymous(w) is True


# --- the API token --------------------------------------------------------------------------------


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


# --- choosing -------------------------------------------------------------------------------------


def test_trap_2_one_of_two_is_chosen_by_namespace_and_name() -> None:
    both = (weaviate(), weaviate(namespace="staging", replicas=1))
    with pytest.raises(WorkloadError, match="2 Weaviate workloads"):
        cluster(*both)
    facts = cluster(*both, choose="staging/weaviate")
    assert facts.target == Target("staging", "weaviate") and len(facts.candidates) == 2
    assert [pod.metadata.namespace for pod in facts.weaviate.pods] == ["staging"]
    assert [claim.metadata.namespace for claim in facts.weaviate.claims] == ["staging"]


def test_what_could_not_be_read_is_named_when_nothing_is_found() -> None:
    with pytest.raises(WorkloadError, match=r"not everything could be read \(statefulsets: forbidden\)"):
        cluster(weaviate(), forbidden=("statefulsets",))


def test_pods_that_may_not_be_read_leave_the_workload() -> None:
    w = _w(forbidden=("pods",))
    assert (w.replicas, w.pods, len(w.claims)) == (3, (), 3)
