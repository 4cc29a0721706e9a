"""The table of kinds, and the fields that their Structs keep."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from readiness_kit.kinds import KINDS

CLUSTER_SCOPED = {
    "nodes",
    "namespaces",
    "persistentvolumes",
    "storageclasses",
    "csidrivers",
    "volumeattachments",
    "volumesnapshotclasses",
    "clusterroles",
    "clusterrolebindings",
    "mutatingwebhookconfigurations",
    "validatingwebhookconfigurations",
    "customresourcedefinitions",
    "nodemetrics",
    "nodepools",
    "nodehealthchecks",
    "clusterissuers",
    "ciliumclusterwidenetworkpolicies",
    "globalnetworkpolicies",
    "felixconfigurations",
    "adminnetworkpolicies",
    "baselineadminnetworkpolicies",
}


def test_no_two_rows_read_the_same_and_secrets_are_in_none() -> None:
    places = [(kind.group, kind.plural, kind.label, kind.only) for kind in KINDS.values()]
    assert len(set(places)) == len(places)
    assert not any(kind.plural == "secrets" for kind in KINDS.values())
    assert all(key == kind.key and key.isidentifier() for key, kind in KINDS.items())


def test_which_kinds_belong_to_the_cluster_as_a_whole() -> None:
    assert {key for key, kind in KINDS.items() if not kind.namespaced} == CLUSTER_SCOPED


def test_kinds_of_tools_are_known_to_be_none_where_their_api_is_missing() -> None:
    own = ("apps", "batch", "autoscaling", "policy", "")
    for key, kind in KINDS.items():
        native = kind.group in own or kind.group.endswith(".k8s.io")
        assert kind.installable or native, key
        assert not (kind.installable and kind.group in own), key


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("veleroschedules", "/apis/velero.io/v1/schedules"),
        ("chaosschedules", "/apis/chaos-mesh.org/v1alpha1/schedules"),
        ("kastenpolicies", "/apis/config.kio.kasten.io/v1alpha1/policies"),
        ("caliconetworkpolicies", "/apis/crd.projectcalico.org/v1/networkpolicies"),
        ("openshiftmachinehealthchecks", "/apis/machine.openshift.io/v1beta1/machinehealthchecks"),
        ("gmprules", "/apis/monitoring.googleapis.com/v1/rules"),
        ("podchaos", "/apis/chaos-mesh.org/v1alpha1/podchaos"),
        ("httproutes", "/apis/gateway.networking.k8s.io/v1/httproutes"),
    ],
)
def test_kinds_with_a_key_of_their_own_keep_the_path_of_the_api(key: str, path: str) -> None:
    assert KINDS[key].path() == path


def test_the_versions_that_a_kind_can_be_read_in() -> None:
    assert KINDS["helmreleases"].versions == ("v2beta2", "v2beta1")
    assert KINDS["externalsecrets"].versions == ("v1beta1",)
    assert KINDS["opentelemetrycollectors"].versions == ()
    assert all(kind.version not in kind.versions for kind in KINDS.values())


PRIVATE = "BLUE-HORSE"
"""Stands wherever something must not be kept."""
OBJECTS: dict[str, dict[str, Any]] = {
    "sealedsecrets": {"spec": {"encryptedData": {"key": PRIVATE}, "template": {"data": {"a": PRIVATE}}}},
    "externalsecrets": {"spec": {"target": {"name": "keys", "template": {"data": {"a": PRIVATE}}}}},
    "secretproviderclasses": {
        "spec": {
            "provider": "vault",
            "parameters": {"objects": PRIVATE},
            "secretObjects": [{"secretName": "keys", "data": [{"key": PRIVATE}]}],
        }
    },
    "routes": {"spec": {"host": "w.example.com", "tls": {"key": PRIVATE, "certificate": PRIVATE}}},
    "issuers": {"spec": {"acme": {"email": PRIVATE, "server": PRIVATE}}},
    "applications": {"spec": {"source": {"repoURL": PRIVATE, "helm": {"values": PRIVATE}}}},
    "helmreleases": {"spec": {"values": {"apiKey": PRIVATE}, "targetNamespace": "weaviate"}},
    "opentelemetrycollectors": {
        "spec": {"mode": "daemonset", "config": {"receivers": {"filelog": {"password": PRIVATE}, "otlp": None}}}
    },
    "alertmanagerconfigs": {
        "spec": {"receivers": [{"name": "team", "slackConfigs": [{"channel": PRIVATE, "apiURL": {"key": PRIVATE}}]}]}
    },
    "rollouts": {"spec": {"strategy": {"canary": {"steps": [{"name": PRIVATE}]}}, "template": {"a": PRIVATE}}},
    "ciliumnetworkpolicies": {"spec": {"endpointSelector": {}, "ingress": [{"toPorts": [{"a": PRIVATE}]}]}},
    "authorizationpolicies": {"spec": {"rules": [{"from": [{"source": {"principals": [PRIVATE]}}]}]}},
    "testruns": {"spec": {"script": {"configMap": {"name": PRIVATE}}, "arguments": PRIVATE}},
    "grafanadashboards": {"spec": {"json": PRIVATE}},
    "veleroschedules": {"spec": {"template": {"hooks": {"resources": [{"name": PRIVATE}]}}}},
}  # fmt: skip


@pytest.mark.parametrize("key", OBJECTS)
def test_of_an_object_only_what_the_struct_names_is_kept(key: str) -> None:
    obj = msgspec.convert({"metadata": {"name": "x"}, **OBJECTS[key]}, KINDS[key].struct)
    assert PRIVATE not in msgspec.json.encode(obj).decode()
    assert obj.metadata.name == "x"


def test_the_presence_of_what_is_dropped_is_kept_where_it_counts() -> None:
    def made(key: str) -> Any:
        return msgspec.convert({"metadata": {"name": "x"}, **OBJECTS[key]}, KINDS[key].struct)

    assert set(made("opentelemetrycollectors").spec.config.receivers) == {"filelog", "otlp"}
    assert len(made("alertmanagerconfigs").spec.receivers[0].slack_configs) == 1
    assert made("issuers").spec.acme is not None and made("issuers").spec.ca is None
    assert made("rollouts").spec.strategy.canary is not None
    assert made("ciliumnetworkpolicies").spec.egress is None


@pytest.mark.parametrize("key", [key for key, kind in KINDS.items() if kind.installable])
def test_an_object_with_nothing_in_it_can_be_read(key: str) -> None:
    obj = msgspec.convert({"metadata": {"name": "x"}, "spec": {}, "status": {}}, KINDS[key].struct)
    assert msgspec.json.decode(msgspec.json.encode(obj), type=KINDS[key].struct) == obj
