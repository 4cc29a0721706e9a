"""Entry points, anonymous access, the debug port and bindings of unauthenticated callers."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.evidence import REGISTRY
from readiness_kit.model import Outcome
from tests.support.answers import answered
from tests.support.asked import ask
from tests.support.cluster import CONF, cluster, weaviate
from tests.support.findings import described
from tests.support.rbac import rbac, wire

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
ACCESS = "sec.access_limited"


# --- entry points ---------------------------------------------------------------------------------

OPEN = {"authentication": {"anonymous_access": {"enabled": True}}}
POLICY = "{kind: NetworkPolicy, metadata: {name: all}, spec: {podSelector: {}}}"
INGRESS = """
    kind: Ingress
    metadata: {name: front}
    spec: {rules: [{host: db.example.com, http: {paths: [{backend: {service: {name: weaviate, port: {number: 80}}}}]}}]}
"""


def balancer(address: str = "203.0.113.7", ranges: tuple[str, ...] = (), **annotations: str) -> dict[str, Any]:
    return {
        "kind": "Service",
        "metadata": {"name": "weaviate", "annotations": annotations},
        "spec": {
            "type": "LoadBalancer",
            "selector": {"app": "weaviate"},
            "ports": [{"port": 80, "targetPort": 8080}],
            "loadBalancerSourceRanges": list(ranges),
        },
        "status": {"loadBalancer": {"ingress": [{"ip": address} if address[0].isdigit() else {"hostname": address}]}},
    }


NODE_PORT = {
    "kind": "Service",
    "metadata": {"name": "weaviate"},
    "spec": {"type": "NodePort", "selector": {"app": "weaviate"}, "ports": [{"port": 80, "targetPort": 8080}]},
}
METRICS_OUT = {
    "kind": "Service",
    "metadata": {"name": "metrics"},
    "spec": {
        "type": "LoadBalancer",
        "selector": {"app": "weaviate"},
        "ports": [{"port": 2112}],
        "loadBalancerSourceRanges": ["10.0.0.0/8"],
    },
}
INTERNAL = balancer("lb-1.example.com", (), **{"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"})
LIMITED = balancer(ranges=("198.51.100.0/24",))


@pytest.mark.parametrize(
    ("conf", "extra", "outcome", "text"),
    [
        pytest.param(None, (POLICY,), UNKNOWN, "please answer", id="no problem: the API server needs an answer"),
        pytest.param(OPEN, (POLICY,), PARTLY, "Anonymous access is on", id="anonymous, inside only"),
        pytest.param(
            OPEN, (POLICY, balancer()), NOT_MET, "public load balancer at 203.0.113.7", id="anonymous, public"
        ),
        pytest.param(OPEN, (POLICY, INTERNAL), NOT_MET, "internal load balancer", id="anonymous, internal balancer"),
        pytest.param(OPEN, (POLICY, NODE_PORT), NOT_MET, "ports of the nodes", id="anonymous, node ports"),
        pytest.param(OPEN, (POLICY, INGRESS), NOT_MET, "db.example.com", id="anonymous, Ingress"),
        pytest.param(OPEN, (POLICY, LIMITED), NOT_MET, "203.0.113.7", id="anonymous, limited sources"),
        pytest.param(None, (POLICY, balancer()), PARTLY, "from any address", id="keys, public from anywhere"),
        pytest.param(None, (POLICY, LIMITED), UNKNOWN, "please answer", id="keys, public for some sources"),
        pytest.param(None, (POLICY, balancer(ranges=("0.0.0.0/0",))), PARTLY, "any address", id="sources: everybody"),
        pytest.param(None, (POLICY, INTERNAL), UNKNOWN, "please answer", id="keys, internal balancer"),
        pytest.param(None, (POLICY, balancer("10.1.2.3")), UNKNOWN, "please answer", id="keys, a private address"),
        pytest.param(None, (POLICY, NODE_PORT), PARTLY, "ports of the nodes", id="keys, node ports"),
        pytest.param(None, (POLICY, INGRESS), UNKNOWN, "please answer", id="keys, Ingress"),
        pytest.param(None, (), PARTLY, "No NetworkPolicy", id="keys, no policy"),
        pytest.param(None, (POLICY, METRICS_OUT), PARTLY, "port 2112", id="metrics to the outside"),
    ],
)
def test_access(conf: dict[str, Any] | None, extra: tuple[Any, ...], outcome: Outcome, text: str) -> None:
    objects = weaviate(conf=conf) if conf else weaviate()
    finding = ask(ACCESS, cluster(objects, *extra))
    assert finding.outcome is outcome
    assert text in finding.sentence


def test_trap_4_headless_service_is_not_an_entry_point() -> None:
    finding = ask(ACCESS, cluster(weaviate(), POLICY))
    lines = {fact.ref.name: fact for fact in finding.facts if fact.ref.kind == "Service" and fact.source == "services"}
    assert lines["weaviate-headless"].ok is True and "inside the cluster only" in lines["weaviate-headless"].seen


def test_gateway_route_with_anonymous_access_is_not_met() -> None:
    route = """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: weaviate}
        spec: {hostnames: [db.example.org], parentRefs: [{name: edge}], rules: [{backendRefs: [{name: weaviate}]}]}
        """
    probe = wire({"weaviate/probe": {"meta_status": 200, "schema_status": 200}})
    finding = ask(ACCESS, answered(cluster(weaviate(), route), probe))
    assert finding.outcome is NOT_MET and "HTTPRoute weaviate accepts anonymous callers" in finding.sentence


# --- anonymous access -----------------------------------------------------------------------------


def test_trap_25_variable_cannot_disable_anonymous_access() -> None:
    facts = cluster(weaviate(conf=OPEN, env={"AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "false"}))
    finding = ask("sec.rbac", facts)
    assert finding.outcome is NOT_MET
    assert "the variable set to false does not change that" in finding.sentence


def test_probe_confirms_anonymous_access_of_the_configuration_file() -> None:
    conf = {**CONF, "authentication": {"anonymous_access": {"enabled": True}, "apikey": {"enabled": True}}}
    finding = rbac(
        {"weaviate/probe": {"meta_status": 200, "schema_status": 200}},
        conf=conf,
        AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED="false",
    )
    assert finding.outcome is NOT_MET and "the variable set to false does not change that" in finding.sentence


@pytest.mark.parametrize(
    ("schema", "nodes", "collections", "outcome", "text"),
    [
        (403, 403, 0, PARTLY, "authorisation denies them the schema"),
        # Newer servers show an empty schema to those who may see nothing of it.
        (200, 403, 0, PARTLY, "authorisation denies them the nodes"),
        (200, 403, 2, NOT_MET, "denies them the nodes, but shows 2 collections"),
        (200, 200, 0, NOT_MET, "answered a request without credentials"),
    ],
)
def test_anonymous_access_with_authorisation_is_partly_unless_collections_are_shown(
    schema: int, nodes: int, collections: int, outcome: Outcome, text: str
) -> None:
    probe = {"meta_status": 200, "schema_status": schema, "nodes_status": nodes, "collections": collections}
    finding = rbac({"weaviate/probe": probe})
    assert finding.outcome is outcome and text in finding.sentence, described(finding)


@pytest.mark.parametrize(("status", "outcome"), [(200, NOT_MET), (401, PARTLY)])
def test_probe_decides_on_anonymous_access_at_a_public_service(status: int, outcome: Outcome) -> None:
    probe = wire({"weaviate/probe": {"meta_status": status, "schema_status": 200 if status == 200 else 0}})
    finding = ask(ACCESS, answered(cluster(weaviate(service_type="LoadBalancer")), probe))
    assert finding.outcome is outcome, described(finding)
    line = next(
        fact for fact in finding.facts if "without credentials" in fact.field and fact.source == "weaviate/probe"
    )
    assert line.ok is (status == 401)


# --- the debug port, bindings, permissions --------------------------------------------------------


@pytest.mark.parametrize(
    ("tag", "env", "outcome"),
    [
        pytest.param("1.38.2", {}, UNKNOWN, id="gated: nothing wrong"),
        pytest.param("1.38.0", {}, PARTLY, id="before the gate of its minor"),
        pytest.param("1.37.9", {}, UNKNOWN, id="back-ported"),
        pytest.param("1.36.17", {}, PARTLY, id="before the back-port"),
        pytest.param("1.35.9", {"GO_PROFILING_DISABLE": "true"}, UNKNOWN, id="old, but closed"),
        pytest.param("1.38.2", {"DEBUG_ENDPOINTS_ENABLED": "on"}, NOT_MET, id="switched on"),
        pytest.param(
            "1.38.2", {"DEBUG_ENDPOINTS_ENABLED": "on", "GO_PROFILING_DISABLE": "1"}, UNKNOWN, id="on, but closed"
        ),
        pytest.param("1.38.2", {"DEBUG_ENDPOINTS_ENABLED": "yes"}, UNKNOWN, id="trap 26: yes is not on"),
    ],
)
def test_trap_36_debug_port_is_open_without_declaration(tag: str, env: dict[str, str], outcome: Outcome) -> None:
    image = f"cr.weaviate.io/semitechnologies/weaviate:{tag}"
    assert ask(ACCESS, cluster(weaviate(image=image, env=env), POLICY)).outcome is outcome


def test_debug_port_is_judged_by_the_running_version() -> None:
    def line(version: str) -> bool | None:
        facts = cluster(weaviate(image="mirror.example.org/weaviate@sha256:" + "0" * 64))
        finding = ask(ACCESS, answered(facts, {"weaviate/meta": {"version": version}}))
        return next(fact for fact in finding.facts if fact.field == "debug port 6060").ok

    assert (line("1.37.8"), line("1.37.9")) == (False, True)


@pytest.mark.parametrize(
    ("role", "outcome"),
    [("system:public-info-viewer", UNKNOWN), ("log-reader", PARTLY), ("cluster-admin", NOT_MET)],
)
def test_bindings_of_unauthenticated_callers(role: str, outcome: Outcome) -> None:
    binding = {
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "open"},
        "roleRef": {"kind": "ClusterRole", "name": role},
        "subjects": [{"kind": "Group", "name": "system:unauthenticated"}],
    }
    assert ask(ACCESS, cluster(weaviate(), POLICY, binding)).outcome is outcome


@pytest.mark.parametrize(
    ("kind", "name", "role", "outcome"),
    [
        ("User", "system:anonymous", {"kind": "ClusterRole", "name": "edit"}, NOT_MET),
        ("Group", "system:authenticated", {"kind": "ClusterRole", "name": "edit"}, NOT_MET),
        ("Group", "system:authenticated", {"kind": "Role", "name": "harmless"}, UNKNOWN),
        ("User", "system:anonymous", {"kind": "Role", "name": "harmless"}, UNKNOWN),
        ("User", "system:anonymous", {"kind": "Role", "name": "reader"}, PARTLY),
        ("Group", "system:authenticated", {"kind": "Role", "name": "reader"}, PARTLY),
        ("Group", "system:masters", {"kind": "ClusterRole", "name": "cluster-admin"}, UNKNOWN),
    ],
)
@pytest.mark.parametrize("namespace", ["weaviate", "kube-system"])
def test_role_bindings_of_everybody_count_in_every_namespace(
    kind: str, name: str, role: dict[str, str], outcome: Outcome, namespace: str
) -> None:
    def rules(name: str, resource: str, **more: Any) -> dict[str, Any]:
        rule = {"apiGroups": [""], "resources": [resource], "verbs": ["get"], **more}
        return {"kind": "Role", "metadata": {"name": name, "namespace": namespace}, "rules": [rule]}

    binding = {
        "kind": "RoleBinding",
        "metadata": {"name": "open", "namespace": namespace},
        "roleRef": role,
        "subjects": [{"kind": kind, "name": name}],
    }
    roles = [rules("harmless", "configmaps", resourceNames=["cluster-info"]), rules("reader", "secrets")]
    finding = ask(ACCESS, cluster(weaviate(), POLICY, binding, roles))
    assert finding.outcome is outcome
    assert ("RoleBinding open gives everybody with" in finding.sentence) is (outcome is not UNKNOWN)


@pytest.mark.parametrize("refused", REGISTRY[ACCESS].reads)
def test_refused_read_never_improves_access(refused: str) -> None:
    fine = ask(ACCESS, cluster(weaviate(), POLICY, forbidden=(refused,)))
    assert fine.outcome is UNKNOWN and refused in fine.missing
    bad = ask(ACCESS, cluster(weaviate(conf=OPEN), balancer(), forbidden=(refused,)))
    assert bad.outcome is (PARTLY if refused in ("services", "configmaps") else NOT_MET)


def test_beside_an_admin_list_anonymous_callers_are_refused() -> None:
    conf = {**OPEN, "authorization": {"admin_list": {"enabled": True, "users": ["ada"]}}}
    lines = [fact for fact in ask(ACCESS, cluster(weaviate(conf=conf))).facts if fact.field == "anonymous access"]
    assert [line.outcome for line in lines] == [PARTLY]
    assert "403" in lines[0].message and "read, change and delete" not in lines[0].message
