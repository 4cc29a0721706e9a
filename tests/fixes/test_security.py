"""Fixes of security: single faults of the ready cluster that the proof closes, and parameters that stay open."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes.network_policies import Port, connection
from readiness_kit.fixes.applying import applied
from readiness_kit.fixes.model import PreparedFix
from readiness_kit.kinds.weaviate import OwnInfo
from tests.deploy.test_manifests import faults as invalid
from tests.support.faults import (
    answer,
    config_file,
    faulty,
    of,
    template,
    variables,
    with_object,
    without,
)
from tests.support.findings import demonstration
from tests.support.fixes import assessed, checks_for, due, proved

PUBLIC = {"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}}
POD = {"app": "weaviate"}
CLIENTS = [{"namespaceSelector": {"matchLabels": {"team": "storefront"}}}]


def load_balancer(data: dict[str, Any]) -> None:
    data["spec"]["type"] = "LoadBalancer"
    data["status"] = PUBLIC


def policy(name: str, **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {"podSelector": {"matchLabels": POD}, **spec}}


def service(name: str, **spec: Any) -> dict[str, Any]:
    ports = [{"name": "http", "port": 80, "targetPort": 8080}]
    return {"metadata": {"name": name}, "spec": {"selector": POD, "ports": ports, **spec}}


NO_SECCOMP = template(lambda pod, _: pod["securityContext"].pop("seccompProfile"))
AS_ROOT = template(
    lambda pod, container: (
        pod.update(securityContext={"seccompProfile": {"type": "RuntimeDefault"}}),
        container.update(securityContext={}),
    )
)
WRITABLE = template(lambda _, container: container["securityContext"].pop("readOnlyRootFilesystem"))
ESCALATES = template(lambda _, container: container["securityContext"].pop("allowPrivilegeEscalation"))
SYSCTL = template(
    lambda pod, _: pod.update(
        initContainers=[
            {
                "name": "configure-sysctl",
                "image": "docker.io/alpine:latest",
                "command": ["sysctl", "-w", "vm.max_map_count=524288"],
                "securityContext": {"privileged": True, "runAsUser": 0, "runAsNonRoot": False},
            }
        ]
    )
)
WRONG_PODS = of(
    "networkpolicies", "weaviate-ingress", lambda data: data["spec"].update(podSelector={"matchLabels": {"app": "w"}})
)
NO_EGRESS = of(
    "networkpolicies",
    "weaviate-ingress",
    lambda data: (data["spec"].pop("egress", None), data["spec"].update(policyTypes=["Ingress"])),
)
ANONYMOUS = config_file(lambda conf: conf["authentication"].update(anonymous_access={"enabled": True}))
ACCEPTED = answer("weaviate/probe", lambda probe: replace(probe, meta_status=200, schema_status=200, nodes_status=200))
EDIT = {
    "metadata": {"name": "weaviate-edit"},
    "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"},
    "subjects": [{"kind": "ServiceAccount", "name": "weaviate", "namespace": "search"}],
}
NO_RBAC = (
    config_file(lambda conf: conf["authorization"].update(rbac={"enabled": False})),
    variables(AUTHORIZATION_RBAC_ENABLED=None, AUTHORIZATION_RBAC_ROOT_USERS=None),
    answer("weaviate/own_info", lambda _: OwnInfo()),
)
NO_TLS = (
    variables(BACKUP_S3_USE_SSL="false"),
    answer(
        "weaviate/meta",
        lambda meta: replace(
            meta, modules={**meta.modules, "backup-s3": replace(meta.modules["backup-s3"], use_ssl=False)}
        ),
    ),
)

FAULTS: dict[str, tuple[tuple[Any, ...], str, str]] = {
    "public gRPC": ((of("services", "weaviate-grpc", load_balancer),), "exposure.internal", "sec.tls"),
    "public REST": ((of("services", "weaviate", load_balancer),), "exposure.internal", "sec.access_limited"),
    "own node port": ((with_object("services", service("ours", type="NodePort")),), "exposure.services", "sec.tls"),
    "external IP": (
        (of("services", "weaviate", lambda data: data["spec"].update(externalIPs=["203.0.113.9"])),),
        "exposure.services",
        "sec.access_limited",
    ),
    "backups without TLS": (NO_TLS, "tls.backups", "sec.tls"),
    "mounted token": (
        (
            template(lambda pod, _: pod.pop("automountServiceAccountToken", None)),
            of("serviceaccounts", "weaviate", lambda data: data.update(automountServiceAccountToken=True)),
        ),
        "identity.token",
        "sec.least_privilege",
    ),
    "default account": (
        (template(lambda pod, _: pod.update(serviceAccountName="default")),),
        "identity.account",
        "sec.least_privilege",
    ),
    "full rights in the cluster": ((with_object("rolebindings", EDIT),), "identity.bindings", "sec.least_privilege"),
    "no RBAC": (NO_RBAC, "access.rbac", "sec.rbac"),
    "debug endpoints": ((variables(DEBUG_ENDPOINTS_ENABLED="true"),), "access.debug", "sec.access_limited"),
    "policy for other pods": ((WRONG_PODS,), "network.allow_list", "sec.network_policies"),
    "no policy for egress": ((NO_EGRESS,), "network.allow_list", "sec.network_policies"),
    "privileged init container": ((SYSCTL,), "containers.hardened", "sec.container_defaults"),
    "root": ((AS_ROOT,), "containers.hardened", "sec.container_defaults"),
    "no seccomp profile": ((NO_SECCOMP,), "containers.hardened", "sec.container_defaults"),
    "writable root file system": ((WRITABLE,), "containers.hardened", "sec.container_defaults"),
    "privilege escalation": ((ESCALATES,), "containers.hardened", "sec.container_defaults"),
    "image latest": (
        (template(lambda _, c: c.update(image="cr.weaviate.io/semitechnologies/weaviate:latest")),),
        "image.pin",
        "sec.container_defaults",
    ),
    "no standard": (
        (of("namespaces", "search", lambda data: data["metadata"].pop("labels", None)),),
        "containers.standard",
        "sec.container_defaults",
    ),
    "plain key": ((variables(OPENAI_APIKEY="[redacted]"),), "secrets.reference", "sec.secrets"),
    "keys in the ConfigMap": (
        (config_file(lambda conf: conf["authentication"].update(apikey={"enabled": True, "allowed_keys_count": 2})),),
        "secrets.api_keys",
        "sec.secrets",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_single_fault_is_closed_and_nothing_gets_worse(name: str) -> None:
    faults, fix, question = FAULTS[name]
    facts = faulty(*faults)
    found = due(facts)
    assert fix in found and question in [each.id for each in found[fix].questions]
    assert found[fix].decisions == ()
    proof = proved(facts, fix)
    assert checks_for(proof, fix) == []
    assert [step.id for step in proof.worse] == []
    assert proof.after.total.possible >= assessed(facts).total.possible


def test_the_ready_cluster_needs_no_fix() -> None:
    assert due(faulty()) == {}


def test_anonymous_access_ends_and_the_server_has_to_confirm_it() -> None:
    facts = faulty(ANONYMOUS, ACCEPTED, *NO_RBAC)
    proof = proved(facts, "access.authenticate", "access.rbac")
    assert checks_for(proof, "access.authenticate") == checks_for(proof, "access.rbac") == []
    assert due(facts)["access.authenticate"].values == {"authentication": {"anonymous_access": {"enabled": False}}}


def test_an_installation_without_users_gets_keys_before_anonymous_access_ends() -> None:
    facts = faulty(
        ANONYMOUS,
        ACCEPTED,
        *NO_RBAC,
        variables(AUTHENTICATION_APIKEY_ENABLED=None, AUTHENTICATION_APIKEY_USERS=None),
        variables(AUTHENTICATION_APIKEY_ALLOWED_KEYS=None),
    )
    fix = due(facts)["access.authenticate"]
    assert fix.values["envSecrets"] == {"AUTHENTICATION_APIKEY_ALLOWED_KEYS": "weaviate-apikeys"}
    assert fix.values["env"]["AUTHENTICATION_APIKEY_USERS"] == "admin"
    assert "kubectl -n search create secret generic weaviate-apikeys" in fix.before[0]


def test_the_administrator_of_rbac_is_one_of_the_users_that_exist() -> None:
    fix = due(faulty(*NO_RBAC))["access.rbac"]
    assert fix.values["authorization"]["rbac"] == {"enabled": True, "root_users": ["search-admin"]}
    assert "search-app" in fix.risk


def test_no_administrator_is_chosen_among_equals() -> None:
    facts = faulty(*NO_RBAC, variables(AUTHENTICATION_APIKEY_USERS="red,blue"))
    fix = due(facts)["access.rbac"]
    assert [decision.name for decision in fix.decisions] == ["root_users"]


# --- entry points ---------------------------------------------------------------------------------


def test_only_the_open_service_is_closed_and_its_recorded_state_is_named() -> None:
    facts = faulty(
        of("services", "weaviate-grpc", load_balancer),
        of(
            "services",
            "weaviate-grpc",
            lambda data: (
                data["spec"].update(loadBalancerSourceRanges=["198.51.100.0/24"]),
                data["metadata"]["annotations"].update({"service.beta.kubernetes.io/aws-load-balancer-type": "nlb"}),
            ),
        ),
    )
    fix = due(facts)["exposure.internal"]
    assert fix.values == {"grpcService": {"type": "ClusterIP"}}
    assert "type LoadBalancer, source ranges 198.51.100.0/24" in fix.rollback
    assert "service.beta.kubernetes.io/aws-load-balancer-type=nlb" in fix.rollback
    recorded = {change.path: change.before for change in fix.recorded}
    assert recorded["spec.type"] == "LoadBalancer"


def test_both_services_of_the_chart_are_closed_by_one_fix() -> None:
    facts = faulty(of("services", "weaviate", load_balancer), of("services", "weaviate-grpc", load_balancer))
    fix = due(facts)["exposure.internal"]
    assert fix.values == {"service": {"type": "ClusterIP"}, "grpcService": {"type": "ClusterIP"}}
    assert fix.title == "Close weaviate and weaviate-grpc to the outside"


def test_what_remains_reachable_is_said_for_each_protocol() -> None:
    fix = due(faulty(of("services", "weaviate-grpc", load_balancer)))["exposure.internal"]
    assert "for REST by Ingress weaviate (weaviate.shop.example.com); for gRPC by nothing" in fix.before[1]


def test_a_storage_that_may_not_serve_tls_leaves_the_decision_open() -> None:
    facts = faulty(*NO_TLS, variables(BACKUP_S3_ENDPOINT="minio.storage.svc:9000"))
    assert [decision.name for decision in due(facts)["tls.backups"].decisions] == ["endpoint"]


# --- network policies -----------------------------------------------------------------------------


def manifest_of(fix: PreparedFix) -> dict[str, Any]:
    (manifest,) = fix.manifests
    return manifest


@pytest.mark.parametrize("fault", [WRONG_PODS, NO_EGRESS], ids=["other pods", "no egress"])
def test_the_policy_is_valid_and_cuts_neither_raft_nor_gossip(fault: Any) -> None:
    facts = faulty(fault)
    fix = due(facts)["network.allow_list"]
    assert invalid(manifest_of(fix), "V1NetworkPolicy", "NetworkPolicy") == []
    after = applied(facts, [fix])
    policies = after.objects("networkpolicies")
    labels = {each.metadata.name: each.metadata.labels for each in after.objects("namespaces")}
    first, second, *_ = after.weaviate.pods
    ports = [Port(7000), Port(7000, "UDP"), Port(7001), Port(8300), Port(8301)]
    assert all(connection(policies, labels, first, second, port).allowed for port in ports)
    assert connection(policies, labels, first, "198.51.100.9", Port(443)).allowed


def test_the_policy_admits_the_recorded_clients_the_ingress_and_prometheus() -> None:
    ingress = manifest_of(due(faulty(WRONG_PODS))["network.allow_list"])["spec"]["ingress"]
    api, metrics, own = ingress
    assert CLIENTS[0] in api["from"]
    assert {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress"}}} in api["from"]
    assert metrics["from"] == [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "observability"}}}]
    assert [port["port"] for port in metrics["ports"]] == [2112]
    assert own["from"] == [{"podSelector": {"matchLabels": POD}}]


def test_other_cluster_ports_are_those_of_the_environment() -> None:
    facts = faulty(
        WRONG_PODS,
        variables(CLUSTER_GOSSIP_BIND_PORT="7100", CLUSTER_DATA_BIND_PORT="7101", RAFT_PORT="8400"),
    )
    own = manifest_of(due(facts)["network.allow_list"])["spec"]["ingress"][-1]
    assert [(port["port"], port["protocol"]) for port in own["ports"]] == [
        (7100, "TCP"),
        (7100, "UDP"),
        (7101, "TCP"),
        (8400, "TCP"),
        (8301, "TCP"),
    ]


def test_clients_that_nobody_named_are_not_cut_off() -> None:
    fix = due(faulty(without("networkpolicies")))["network.allow_list"]
    assert [decision.name for decision in fix.decisions] == ["clients"]
    assert not fix.applicable


def test_a_policy_that_only_adds_egress_admits_no_further_client() -> None:
    spec = manifest_of(due(faulty(NO_EGRESS))["network.allow_list"])["spec"]
    assert [rule["from"] for rule in spec["ingress"]] == [[{"podSelector": {"matchLabels": POD}}]]


def test_modules_and_the_backup_storage_stay_reachable() -> None:
    facts = faulty(
        WRONG_PODS,
        variables(TRANSFORMERS_INFERENCE_API="http://models.ml.svc:8080", BACKUP_S3_ENDPOINT="s3.example.com:9000"),
    )
    egress = manifest_of(due(facts)["network.allow_list"])["spec"]["egress"]
    assert {"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ml"}}}]} in egress
    outside = next(rule for rule in egress if "ipBlock" in rule.get("to", [{}])[0])
    assert [port["port"] for port in outside["ports"]] == [443, 9000]


# --- identity, containers, secrets ----------------------------------------------------------------


def test_a_binding_that_serves_others_is_not_deleted() -> None:
    other = {"kind": "ServiceAccount", "name": "other", "namespace": "search"}
    facts = faulty(with_object("rolebindings", {**EDIT, "subjects": [*EDIT["subjects"], other]}))  # type: ignore[misc]
    assert [decision.name for decision in due(facts)["identity.bindings"].decisions] == ["bindings"]


def test_a_cloud_identity_of_the_default_account_is_not_lost() -> None:
    facts = faulty(
        template(lambda pod, _: pod.update(serviceAccountName="default")),
        of(
            "serviceaccounts",
            "default",
            lambda data: data["metadata"].update(annotations={"eks.amazonaws.com/role-arn": "[redacted]"}),
        ),
    )
    assert [decision.name for decision in due(facts)["identity.account"].decisions] == ["account"]


def test_hardening_sets_only_what_is_missing() -> None:
    assert due(faulty(NO_SECCOMP))["containers.hardened"].values == {
        "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}
    }


def test_the_leaked_key_and_the_users_that_keep_access_are_named() -> None:
    fix = due(ClusterFacts(demonstration()))["secrets.reference"]
    assert fix.title == "Move OPENAI_APIKEY to a Secret, and replace the exposed keys"
    assert "search-admin and search-app keep access" in fix.risk
    assert fix.values == {"env": {"OPENAI_APIKEY": None}, "envSecrets": {"OPENAI_APIKEY": "weaviate-credentials"}}
    assert any("--from-file=OPENAI_APIKEY" in command for command in fix.before)
    assert fix.commands[0].startswith("# Revoke the former OPENAI_APIKEY")


def test_manifests_of_service_accounts_are_valid() -> None:
    facts = faulty(template(lambda pod, _: pod.update(serviceAccountName="default")))
    manifest = manifest_of(due(facts)["identity.account"])
    assert invalid(manifest, "V1ServiceAccount", "ServiceAccount") == []
    assert manifest["metadata"] == {"name": "weaviate", "namespace": "search"}


# --- further parameters ---------------------------------------------------------------------------


def test_an_internal_load_balancer_is_not_closed_but_gets_tls() -> None:
    internal = {"service.beta.kubernetes.io/aws-load-balancer-internal": "true"}
    facts = faulty(
        of("services", "weaviate-grpc", load_balancer),
        of("services", "weaviate-grpc", lambda data: data["metadata"]["annotations"].update(internal)),
        of(
            "services",
            "weaviate-grpc",
            lambda data: data.update(status={"loadBalancer": {"ingress": [{"ip": "10.1.2.3"}]}}),
        ),
    )
    found = due(facts)
    assert "tls.load_balancer" in found and "exposure.internal" not in found


def test_a_port_that_is_not_known_leaves_the_policy_open() -> None:
    fix = due(faulty(WRONG_PODS, variables(RAFT_PORT="[redacted]")))["network.allow_list"]
    assert {decision.name for decision in fix.decisions} == {"ports"}


def test_a_policy_for_other_pods_does_not_name_the_clients_of_weaviate() -> None:
    web = {"metadata": {"name": "web-0", "labels": {"app": "web"}}, "spec": {"containers": [{"name": "web"}]}}
    spec = {
        "podSelector": {"matchLabels": {"app": "web"}},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": CLIENTS, "ports": [{"port": 8080}]}],
    }
    facts = faulty(
        without("networkpolicies"),
        with_object("pods", web),
        with_object("networkpolicies", {"metadata": {"name": "web"}, "spec": spec}),
    )
    assert [decision.name for decision in due(facts)["network.allow_list"].decisions] == ["clients"]


def test_leaked_api_keys_move_before_they_are_replaced() -> None:
    fix = due(faulty(variables(AUTHENTICATION_APIKEY_ALLOWED_KEYS="[redacted]")))["secrets.reference"]
    assert "in the order of search-admin and search-app: no user loses access" in fix.before[1]
    assert "replace them afterwards, one user at a time" in fix.risk


def test_a_standard_is_not_enforced_on_a_privileged_container_that_stays() -> None:
    facts = faulty(
        SYSCTL,
        of("statefulsets", "weaviate", lambda data: data["metadata"].update(labels={"app": "weaviate"})),
        of("namespaces", "search", lambda data: data["metadata"].pop("labels", None)),
    )
    found = due(facts)
    assert not found["containers.hardened"].applicable
    assert [decision.name for decision in found["containers.standard"].decisions] == ["standard"]


def test_the_namespace_of_other_privileged_pods_is_a_decision() -> None:
    agent = {
        "metadata": {"name": "agent"},
        "spec": {"containers": [{"name": "agent", "securityContext": {"privileged": True}}]},
    }
    facts = faulty(
        with_object("pods", agent), of("namespaces", "search", lambda data: data["metadata"].pop("labels", None))
    )
    (decision,) = due(facts)["containers.standard"].decisions
    assert "agent" in decision.what


def test_offloading_is_encrypted_by_the_values_of_the_module() -> None:
    facts = faulty(
        variables(ENABLE_MODULES="backup-s3,offload-s3,text2vec-openai", OFFLOAD_S3_USE_SSL="false"),
    )
    fix = due(facts)["tls.offload"]
    assert fix.values == {"offload": {"s3": {"envconfig": {"OFFLOAD_S3_USE_SSL": "true"}}}}
    assert checks_for(proved(facts, "tls.offload"), "tls.offload") == []


def test_an_expired_certificate_is_renewed_by_name() -> None:
    fault = of("certificates", "weaviate-tls", lambda data: data["status"].update(notAfter="2026-01-01T00:00:00Z"))
    fix = due(faulty(fault))["certificates.renew"]
    assert fix.commands == ("cmctl renew --namespace search weaviate-tls",)


def test_installations_of_other_origin_get_the_same_changes_on_their_own_objects() -> None:
    own = of("statefulsets", "weaviate", lambda data: data["metadata"].update(labels={"app": "weaviate"}))
    facts = faulty(own, WRITABLE, variables(OPENAI_APIKEY="[redacted]"))
    found = due(facts)
    for fix in ("containers.hardened", "secrets.reference"):
        assert found[fix].decisions == ()
        assert checks_for(proved(facts, fix), fix) == []


def test_services_of_other_origin_are_closed_by_a_command() -> None:
    own = of("statefulsets", "weaviate", lambda data: data["metadata"].update(labels={"app": "weaviate"}))
    facts = faulty(own, of("services", "weaviate-grpc", load_balancer))
    (command,) = due(facts)["exposure.services"].commands
    assert command.startswith("kubectl -n search patch service weaviate-grpc --type merge")
