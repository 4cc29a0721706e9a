"""Security, as truth tables: what the cluster shows, and what follows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.checklist import load_checklist
from readiness_kit.evidence import REGISTRY, evaluate
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds import KINDS
from readiness_kit.model import Finding, Outcome, Reason, Settings
from tests.support.cluster import cluster, of, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
CONTAINERS, ACCESS, RBAC = "sec.container_defaults", "sec.access_limited", "sec.rbac"
POLICIES, SECRETS = "sec.network_policies", "sec.secrets"

HARD_POD = {"securityContext": {"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}}
HARD = {
    "securityContext": {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
}
ENFORCED = """
    kind: Namespace
    metadata: {name: weaviate, labels: {pod-security.kubernetes.io/enforce: restricted}}
"""
SYSCTL = {
    "name": "configure-sysctl",
    "image": "docker.io/alpine:latest",
    "securityContext": {"privileged": True, "runAsUser": 0},
}
CALICO = "{kind: DaemonSet, metadata: {name: calico-node, namespace: kube-system}, status: {numberReady: 3}}"


def judged(question: str, facts: ClusterFacts) -> Finding:
    return evaluate(facts, Settings(), [load_checklist().get(question)])[question]


def recorded(folder: Path) -> ClusterFacts:
    """The facts of a recorded cluster."""
    objects: list[dict[str, Any]] = []
    for kind in KINDS.values():
        file = folder / f"{kind.path()[1:]}.json"
        if file.is_file():
            objects += [{**one, "kind": kind.kind} for one in json.loads(file.read_bytes())["items"]]
    return cluster(objects)


# --- containers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pod", "container", "outcome", "said"),
    [
        pytest.param(HARD_POD, HARD, MET, "", id="restricted"),
        pytest.param({}, {}, NOT_MET, "runs as root, and nothing limits", id="the chart's default"),
        pytest.param({}, HARD, PARTLY, "runs as root, though without any capability", id="root without capabilities"),
        pytest.param({"runtimeClassName": "gvisor"}, {}, PARTLY, "gvisor contains it", id="root in a sandbox"),
        pytest.param(HARD_POD, {}, PARTLY, "lacks allowPrivilegeEscalation false", id="not root, capabilities left"),
        pytest.param({**HARD_POD, "hostNetwork": True}, HARD, NOT_MET, "hostNetwork", id="the node's network"),
        pytest.param({**HARD_POD, "hostPID": True}, HARD, NOT_MET, "hostPID", id="the node's processes"),
        pytest.param(
            {**HARD_POD, "volumes": [{"name": "v", "hostPath": {"path": "/data"}}]},
            HARD,
            NOT_MET,
            "/data",
            id="hostPath",
        ),
        pytest.param(HARD_POD, {"securityContext": {"privileged": True}}, NOT_MET, "is privileged", id="privileged"),
        pytest.param(
            HARD_POD,
            {
                "securityContext": {
                    **HARD["securityContext"],
                    "capabilities": {"drop": ["ALL"], "add": ["CAP_SYS_ADMIN"]},
                }
            },
            NOT_MET,
            "SYS_ADMIN",
            id="a dangerous capability, by its long name",
        ),
        pytest.param(
            HARD_POD,
            {
                "securityContext": {
                    **HARD["securityContext"],
                    "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
                }
            },
            MET,
            "",
            id="a harmless capability",
        ),
        pytest.param(
            {**HARD_POD, "initContainers": [SYSCTL]}, HARD, PARTLY, "configure-sysctl is privileged", id="sysctl"
        ),
        pytest.param(
            {**HARD_POD, "initContainers": [{**SYSCTL, "restartPolicy": "Always"}]},
            HARD,
            NOT_MET,
            "configure-sysctl is privileged",
            id="a privileged container that keeps running",
        ),
        pytest.param(
            HARD_POD,
            {**HARD, "image": "cr.weaviate.io/semitechnologies/weaviate:latest"},
            PARTLY,
            "a pinned image",
            id="latest",
        ),
        pytest.param(
            {**HARD_POD, "securityContext": {**HARD_POD["securityContext"], "seccompProfile": {"type": "Unconfined"}}},
            HARD,
            PARTLY,
            "seccompProfile RuntimeDefault",
            id="seccomp off",
        ),
        pytest.param(
            HARD_POD,
            {**HARD, "ports": [{"containerPort": 8080, "hostPort": 80}]},
            PARTLY,
            "ports of the node: 80",
            id="hostPort",
        ),
    ],
)
def test_containers(pod: dict[str, Any], container: dict[str, Any], outcome: Outcome, said: str) -> None:
    finding = judged(CONTAINERS, cluster(weaviate(pod=pod, container=container), ENFORCED))
    assert finding.outcome is outcome
    assert said in finding.sentence


@pytest.mark.parametrize(
    ("level", "outcome"), [("restricted", MET), ("baseline", MET), ("privileged", PARTLY), ("", PARTLY)]
)
def test_the_namespace_enforces_a_standard(level: str, outcome: Outcome) -> None:
    labels = (
        {"pod-security.kubernetes.io/enforce": level} if level else {"pod-security.kubernetes.io/warn": "restricted"}
    )
    space = {"kind": "Namespace", "metadata": {"name": "weaviate", "labels": labels}}
    assert judged(CONTAINERS, cluster(weaviate(pod=HARD_POD, container=HARD), space)).outcome is outcome


def test_trap_35_the_container_overrides_the_pod() -> None:
    root = {"securityContext": {**HARD["securityContext"], "runAsUser": 0, "runAsNonRoot": False}}
    finding = judged(CONTAINERS, cluster(weaviate(pod=HARD_POD, container=root), ENFORCED))
    assert finding.outcome is PARTLY and "runs as root" in finding.sentence


def test_trap_35_openshift_gives_a_user_that_the_template_does_not_show() -> None:
    objects = weaviate()
    for pod in of(objects, "Pod"):
        pod["metadata"]["annotations"] = {"openshift.io/scc": "restricted-v2"}
    assert judged(CONTAINERS, cluster(objects, ENFORCED)).outcome is PARTLY  # the rest is still missing
    for pod in of(objects, "Pod"):
        pod["metadata"]["annotations"] = {"openshift.io/scc": "anyuid"}
    assert judged(CONTAINERS, cluster(objects, ENFORCED)).outcome is NOT_MET


def test_the_pods_decide_and_not_a_template_that_did_not_reach_them_yet() -> None:
    objects = weaviate(pod=HARD_POD, container=HARD)
    last = of(objects, "Pod", "weaviate-2")[0]
    last["spec"]["containers"][0]["securityContext"] = {}
    last["spec"]["securityContext"] = {}
    finding = judged(CONTAINERS, cluster(objects, ENFORCED))
    assert finding.outcome is NOT_MET
    assert {fact.ref.name for fact in finding.facts if fact.ok is False} == {"weaviate-2"}


@pytest.mark.parametrize("refused", ["pods", "namespaces"])
def test_containers_without_a_permission(refused: str) -> None:
    hard = judged(CONTAINERS, cluster(weaviate(pod=HARD_POD, container=HARD), ENFORCED, forbidden=(refused,)))
    assert (hard.outcome, hard.reason, hard.missing) == (UNKNOWN, Reason.FORBIDDEN, (refused,))
    assert judged(CONTAINERS, cluster(weaviate(), forbidden=(refused,))).outcome is NOT_MET


def test_an_image_of_ones_own_may_bring_its_own_user() -> None:
    finding = judged(CONTAINERS, cluster(weaviate(image="registry.example.com/db/weaviate:1.38.2"), ENFORCED))
    assert finding.outcome is PARTLY and "its image decides" in finding.sentence


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
    ("conf", "extra", "outcome", "said"),
    [
        pytest.param(
            None, (POLICY,), UNKNOWN, "an answer has to say it", id="all in order: the API server is asked for"
        ),
        pytest.param(OPEN, (POLICY,), PARTLY, "Anonymous access is on", id="anonymous, inside only"),
        pytest.param(
            OPEN, (POLICY, balancer()), NOT_MET, "public load balancer at 203.0.113.7", id="anonymous, public"
        ),
        pytest.param(OPEN, (POLICY, INTERNAL), NOT_MET, "internal load balancer", id="anonymous, internal balancer"),
        pytest.param(OPEN, (POLICY, NODE_PORT), NOT_MET, "ports of the nodes", id="anonymous, node ports"),
        pytest.param(OPEN, (POLICY, INGRESS), NOT_MET, "db.example.com", id="anonymous, Ingress"),
        pytest.param(OPEN, (POLICY, LIMITED), NOT_MET, "203.0.113.7", id="anonymous, limited sources"),
        pytest.param(None, (POLICY, balancer()), PARTLY, "from any address", id="keys, public from anywhere"),
        pytest.param(None, (POLICY, LIMITED), UNKNOWN, "an answer", id="keys, public for some sources"),
        pytest.param(None, (POLICY, balancer(ranges=("0.0.0.0/0",))), PARTLY, "any address", id="sources: everybody"),
        pytest.param(None, (POLICY, INTERNAL), UNKNOWN, "an answer", id="keys, internal balancer"),
        pytest.param(None, (POLICY, balancer("10.1.2.3")), UNKNOWN, "an answer", id="keys, a private address"),
        pytest.param(None, (POLICY, NODE_PORT), PARTLY, "ports of the nodes", id="keys, node ports"),
        pytest.param(None, (POLICY, INGRESS), UNKNOWN, "an answer", id="keys, Ingress"),
        pytest.param(None, (), PARTLY, "No NetworkPolicy", id="keys, no policy"),
        pytest.param(None, (POLICY, METRICS_OUT), PARTLY, "port 2112", id="metrics to the outside"),
    ],
)
def test_access(conf: dict[str, Any] | None, extra: tuple[Any, ...], outcome: Outcome, said: str) -> None:
    objects = weaviate(conf=conf) if conf else weaviate()
    finding = judged(ACCESS, cluster(objects, *extra))
    assert finding.outcome is outcome
    assert said in finding.sentence


def test_trap_4_the_headless_service_is_no_entry_point() -> None:
    finding = judged(ACCESS, cluster(weaviate(), POLICY))
    lines = {fact.ref.name: fact for fact in finding.facts if fact.ref.kind == "Service" and fact.source == "services"}
    assert lines["weaviate-headless"].ok is True and "inside the cluster only" in lines["weaviate-headless"].seen


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
def test_trap_36_the_debug_port_is_open_though_undeclared(tag: str, env: dict[str, str], outcome: Outcome) -> None:
    image = f"cr.weaviate.io/semitechnologies/weaviate:{tag}"
    assert judged(ACCESS, cluster(weaviate(image=image, env=env), POLICY)).outcome is outcome


@pytest.mark.parametrize(
    ("role", "outcome"),
    [("system:public-info-viewer", UNKNOWN), ("log-reader", PARTLY), ("cluster-admin", NOT_MET)],
)
def test_rights_of_callers_without_credentials(role: str, outcome: Outcome) -> None:
    binding = {
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "open"},
        "roleRef": {"kind": "ClusterRole", "name": role},
        "subjects": [{"kind": "Group", "name": "system:unauthenticated"}],
    }
    assert judged(ACCESS, cluster(weaviate(), POLICY, binding)).outcome is outcome


@pytest.mark.parametrize("refused", REGISTRY[ACCESS].reads)
def test_access_is_no_better_without_a_permission(refused: str) -> None:
    fine = judged(ACCESS, cluster(weaviate(), POLICY, forbidden=(refused,)))
    assert fine.outcome is UNKNOWN and refused in fine.missing
    bad = judged(ACCESS, cluster(weaviate(conf=OPEN), balancer(), forbidden=(refused,)))
    assert bad.outcome is (UNKNOWN if refused in ("services", "configmaps") else NOT_MET)


# --- authorisation --------------------------------------------------------------------------------

KEYS = {"anonymous_access": {"enabled": False}, "apikey": {"enabled": True}}


@pytest.mark.parametrize(
    ("conf", "env", "outcome", "said"),
    [
        pytest.param(
            {"authentication": KEYS, "authorization": {"rbac": {"enabled": True}}}, {}, UNKNOWN, "roles", id="RBAC"
        ),
        pytest.param(
            {"authentication": KEYS}, {"AUTHORIZATION_RBAC_ENABLED": "enabled"}, UNKNOWN, "roles", id="RBAC by env"
        ),
        pytest.param(
            {"authentication": KEYS}, {"AUTHORIZATION_ENABLE_RBAC": "1"}, UNKNOWN, "roles", id="RBAC by the old name"
        ),
        pytest.param(
            {"authentication": KEYS, "authorization": {"admin_list": {"enabled": True}}},
            {},
            PARTLY,
            "admin list",
            id="list",
        ),
        pytest.param(
            {"authentication": KEYS}, {"AUTHORIZATION_ADMINLIST_ENABLED": "true"}, PARTLY, "admin list", id="list, env"
        ),
        pytest.param(
            {"authentication": KEYS, "authorization": {"rbac": {"enabled": True}}},
            {"AUTHENTICATION_APIKEY_USERS": "a,b", "AUTHORIZATION_RBAC_ROOT_USERS": "b, a"},
            PARTLY,
            "every user with a key is root: a and b",
            id="everybody is root",
        ),
        pytest.param(
            {"authentication": KEYS, "authorization": {"rbac": {"enabled": True}}},
            {
                "AUTHENTICATION_APIKEY_USERS": "a",
                "AUTHORIZATION_RBAC_ROOT_USERS": "a",
                "AUTHENTICATION_DB_USERS_ENABLED": "true",
            },
            UNKNOWN,
            "roles",
            id="only root by key, others may come from the database",
        ),
        pytest.param(
            {
                "authentication": {**KEYS, "apikey": {"enabled": True, "users": ["ada"]}},
                "authorization": {"rbac": {"enabled": True, "root_users": ["ada"]}},
            },
            {},
            PARTLY,
            "root: ada",
            id="everybody is root, by the file",
        ),
        pytest.param({"authentication": {}}, {}, NOT_MET, "no authentication method", id="no method is anonymous"),
        pytest.param(
            {"authentication": KEYS, "authorization": {"rbac": {"enabled": True}}},
            {"AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "true"},
            NOT_MET,
            "by AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED",
            id="anonymous by env",
        ),
    ],
)
def test_rbac(conf: dict[str, Any], env: dict[str, str], outcome: Outcome, said: str) -> None:
    finding = judged(RBAC, cluster(weaviate(conf=conf, env=env)))
    assert finding.outcome is outcome
    assert said in finding.sentence


def test_trap_25_the_variable_cannot_switch_anonymous_access_off() -> None:
    facts = cluster(weaviate(conf=OPEN, env={"AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "false"}))
    finding = judged(RBAC, facts)
    assert finding.outcome is NOT_MET
    assert "the variable set to false does not change that" in finding.sentence


def test_trap_27_a_key_without_an_authoriser_may_do_everything() -> None:
    finding = judged(RBAC, cluster(weaviate(conf={"authentication": KEYS})))
    assert finding.outcome is NOT_MET and "every key or login may do everything" in finding.sentence
    oidc = {"authentication": {"anonymous_access": {"enabled": False}, "oidc": {"enabled": True}}}
    assert judged(RBAC, cluster(weaviate(conf=oidc))).outcome is NOT_MET


def test_rbac_that_cannot_be_known() -> None:
    forbidden = judged(RBAC, cluster(weaviate(), forbidden=("configmaps",)))
    assert (forbidden.outcome, forbidden.reason) == (UNKNOWN, Reason.FORBIDDEN)
    secret = {"secretKeyRef": {"name": "auth", "key": "rbac"}}
    from_secret = judged(
        RBAC, cluster(weaviate(conf={"authentication": KEYS}, env={"AUTHORIZATION_RBAC_ENABLED": secret}))
    )
    assert (from_secret.outcome, from_secret.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)


def test_rbac_is_not_in_a_server_that_does_not_know_it() -> None:
    image = "semitechnologies/weaviate:1.27.3"
    assert judged(RBAC, cluster(weaviate(image=image))).outcome is NOT_MET


# --- network policies -----------------------------------------------------------------------------

FROM_PODS = "{podSelector: {matchLabels: {app: weaviate}}}"
GOOD_POLICY = f"""
    kind: NetworkPolicy
    metadata: {{name: weaviate}}
    spec:
      podSelector: {{matchLabels: {{app: weaviate}}}}
      policyTypes: [Ingress, Egress]
      ingress:
        - from: [{FROM_PODS}]
        - from: [{{namespaceSelector: {{matchLabels: {{team: search}}}}}}]
          ports: [{{port: 8080}}, {{port: grpc}}]
        - from: [{{namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: monitoring}}}}}}]
          ports: [{{port: 2112}}]
      egress: [{{}}]
"""


def policy(ingress: list[Any] | None = None, selector: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    body = {"podSelector": selector or {}, "ingress": ingress or [], **spec}
    return {"kind": "NetworkPolicy", "metadata": {"name": "extra"}, "spec": body}


@pytest.mark.parametrize(
    ("policies", "outcome", "said"),
    [
        pytest.param((GOOD_POLICY,), MET, "are enforced", id="restricted both ways"),
        pytest.param((), NOT_MET, "No NetworkPolicy limits who may connect", id="none"),
        pytest.param(
            (GOOD_POLICY, policy([{}])), PARTLY, "Port 8080/TCP is open to everybody by extra", id="union: open"
        ),
        pytest.param((GOOD_POLICY, policy([{"ports": [{"port": 9000}]}])), MET, "", id="open, but another port"),
        pytest.param(
            (GOOD_POLICY, policy([{"from": [{"namespaceSelector": {}}], "ports": [{"port": 8080}]}])),
            PARTLY,
            "Port 8080/TCP is open to everybody",
            id="every namespace",
        ),
        pytest.param(
            (GOOD_POLICY, policy([{"from": [{"ipBlock": {"cidr": "::/0"}}], "ports": [{"port": 50051}]}])),
            PARTLY,
            "Port 50051/TCP is open to everybody",
            id="all of IPv6",
        ),
        pytest.param(
            (GOOD_POLICY, policy([{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"port": 50051}]}])),
            MET,
            "",
            id="one range",
        ),
        pytest.param(
            (GOOD_POLICY, policy([{"from": [{"podSelector": {}}], "ports": [{"port": 7000, "endPort": 7001}]}])),
            PARTLY,
            "Port 7000/TCP, which the Weaviate pods use among themselves, is open to others",
            id="gossip for the whole namespace, by a range of ports",
        ),
        pytest.param(
            (GOOD_POLICY, policy([{"from": [{"podSelector": {}}], "ports": [{"port": 7000, "protocol": "UDP"}]}])),
            PARTLY,
            "Port 7000/UDP",
            id="gossip by UDP",
        ),
        pytest.param((policy(),), PARTLY, "for ingress only", id="default deny of ingress, without policyTypes"),
        pytest.param((policy(policyTypes=["Ingress", "Egress"]),), MET, "", id="default deny both ways"),
        pytest.param((policy(policyTypes=["Egress"]),), NOT_MET, "limits who may connect", id="egress alone"),
    ],
)
def test_network_policies(policies: tuple[Any, ...], outcome: Outcome, said: str) -> None:
    finding = judged(POLICIES, cluster(weaviate(), CALICO, *policies))
    assert finding.outcome is outcome
    assert said in finding.sentence


def test_trap_33_a_policy_that_selects_other_pods_is_no_coverage() -> None:
    other = policy([{}], {"matchLabels": {"app": "client"}}, policyTypes=["Ingress", "Egress"])
    finding = judged(POLICIES, cluster(weaviate(), CALICO, other))
    assert finding.outcome is NOT_MET
    assert "None of the NetworkPolicies in weaviate limits" in finding.sentence


def test_trap_33_a_policy_of_another_namespace_is_no_coverage() -> None:
    away = {**policy(policyTypes=["Ingress", "Egress"]), "metadata": {"name": "extra", "namespace": "other"}}
    assert judged(POLICIES, cluster(weaviate(), CALICO, away)).outcome is NOT_MET


def test_a_policy_for_one_pod_leaves_the_others_open() -> None:
    objects = weaviate()
    for pod in of(objects, "Pod"):
        pod["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] = pod["metadata"]["name"]
    one = policy(None, {"matchLabels": {"statefulset.kubernetes.io/pod-name": "weaviate-0"}})
    finding = judged(POLICIES, cluster(objects, CALICO, one))
    assert finding.outcome is NOT_MET and "the pods weaviate-1 and weaviate-2" in finding.sentence


@pytest.mark.parametrize(
    ("requirement", "outcome"),
    [
        ({"key": "app", "operator": "In", "values": ["weaviate", "db"]}, MET),
        ({"key": "app", "operator": "NotIn", "values": ["weaviate"]}, NOT_MET),
        ({"key": "tier", "operator": "DoesNotExist"}, MET),
        ({"key": "tier", "operator": "Exists"}, NOT_MET),
    ],
)
def test_policies_select_by_expressions_too(requirement: dict[str, Any], outcome: Outcome) -> None:
    one = policy(None, {"matchExpressions": [requirement]}, policyTypes=["Ingress", "Egress"])
    assert judged(POLICIES, cluster(weaviate(), CALICO, one)).outcome is outcome


def aws(*arguments: str) -> dict[str, Any]:
    containers: list[dict[str, Any]] = [{"name": "aws-node", "image": "eks/amazon-k8s-cni:v1.20.1"}]
    if arguments:
        containers.append(
            {"name": "aws-eks-nodeagent", "image": "eks/aws-network-policy-agent:v1.2", "args": arguments}
        )
    return daemonset("aws-node", containers)


def daemonset(name: str, containers: Any = None, ready: int = 3) -> dict[str, Any]:
    spec = {"template": {"spec": {"containers": containers or []}}}
    return {
        "kind": "DaemonSet",
        "metadata": {"name": name, "namespace": "kube-system"},
        "spec": spec,
        "status": {"numberReady": ready, "desiredNumberScheduled": ready},
    }


@pytest.mark.parametrize(
    ("plug_ins", "outcome"),
    [
        pytest.param(("cilium",), MET, id="Cilium"),
        pytest.param(("anetd",), MET, id="Dataplane V2"),
        pytest.param(("kube-flannel-ds",), NOT_MET, id="flannel alone"),
        pytest.param(("kube-flannel-ds", "calico-node"), MET, id="flannel with Calico for policies"),
        pytest.param(("kindnet",), PARTLY, id="kindnet: depends on its version"),
        pytest.param(("kube-proxy",), PARTLY, id="nothing recognised"),
        pytest.param((aws("--enable-network-policy=true"),), MET, id="VPC CNI with its agent on"),
        pytest.param((aws("--enable-network-policy=false"),), NOT_MET, id="VPC CNI with its agent off"),
        pytest.param((aws(),), PARTLY, id="VPC CNI without an agent to be seen"),
        pytest.param((aws("--enable-network-policy=false"), "cilium"), MET, id="VPC CNI with Cilium"),
        pytest.param((daemonset("calico-node", ready=0),), PARTLY, id="Calico without a ready pod"),
    ],
)
def test_trap_33_policies_without_a_plug_in_that_enforces_are_decoration(
    plug_ins: tuple[Any, ...], outcome: Outcome
) -> None:
    made = [daemonset(one) if isinstance(one, str) else one for one in plug_ins]
    assert judged(POLICIES, cluster(weaviate(), GOOD_POLICY, made)).outcome is outcome


OURS_IN_CILIUM = {"endpointSelector": {"matchLabels": {"k8s:app": "weaviate"}}, "ingress": [{}]}
OTHERS_IN_CILIUM = {"endpointSelector": {"matchLabels": {"app": "shop"}}, "ingress": [{}]}
UNCLEAR_IN_CILIUM = {"endpointSelector": {"matchLabels": {"io.cilium.k8s.policy.serviceaccount": "default"}}}


@pytest.mark.parametrize(
    ("extra", "refused", "outcome"),
    [
        pytest.param(("clusternetworkpolicies.crd.antrea.io",), (), UNKNOWN, id="kinds that are not read are there"),
        pytest.param(("ciliumnetworkpolicies.cilium.io",), (), NOT_MET, id="Cilium's own kinds, but no such policy"),
        pytest.param(
            ("ciliumnetworkpolicies.cilium.io",),
            ("ciliumnetworkpolicies",),
            UNKNOWN,
            id="Cilium's own kinds, whose objects were refused",
        ),
        pytest.param(("authorizationpolicies.security.istio.io",), (), NOT_MET, id="Istio, but no sidecar here"),
        pytest.param((), ("customresourcedefinitions",), NOT_MET, id="kinds not read, a plug-in without own policies"),
        pytest.param((), ("customresourcedefinitions", "daemonsets"), UNKNOWN, id="neither kinds nor plug-in read"),
    ],
)
def test_trap_33_policies_of_other_kinds_may_cover(
    extra: tuple[str, ...], refused: tuple[str, ...], outcome: Outcome
) -> None:
    kinds = [{"kind": "CustomResourceDefinition", "metadata": {"name": name}} for name in extra]
    finding = judged(POLICIES, cluster(weaviate(), daemonset("kube-flannel-ds"), kinds, forbidden=refused))
    assert finding.outcome is outcome


@pytest.mark.parametrize(
    ("kind", "definition", "namespace", "spec", "outcome"),
    [
        ("CiliumNetworkPolicy", "ciliumnetworkpolicies.cilium.io", "weaviate", OURS_IN_CILIUM, UNKNOWN),
        ("CiliumNetworkPolicy", "ciliumnetworkpolicies.cilium.io", "weaviate", OTHERS_IN_CILIUM, NOT_MET),
        ("CiliumNetworkPolicy", "ciliumnetworkpolicies.cilium.io", "shop", OURS_IN_CILIUM, NOT_MET),
        ("CiliumNetworkPolicy", "ciliumnetworkpolicies.cilium.io", "weaviate", UNCLEAR_IN_CILIUM, UNKNOWN),
        ("CiliumClusterwideNetworkPolicy", "ciliumclusterwidenetworkpolicies.cilium.io", "", OURS_IN_CILIUM, UNKNOWN),
        ("GlobalNetworkPolicy", "globalnetworkpolicies.crd.projectcalico.org", "", {"selector": "all()"}, UNKNOWN),
        ("GlobalNetworkPolicy", "globalnetworkpolicies.crd.projectcalico.org", "", {"selector": "a == 'b'"}, UNKNOWN),
    ],
)
def test_trap_33_policies_of_a_plug_in_are_looked_at_one_by_one(
    kind: str, definition: str, namespace: str, spec: dict[str, Any], outcome: Outcome
) -> None:
    there = {"kind": "CustomResourceDefinition", "metadata": {"name": definition}}
    one = {"kind": kind, "metadata": {"name": "own", **({"namespace": namespace} if namespace else {})}, "spec": spec}
    finding = judged(POLICIES, cluster(weaviate(), daemonset("kube-flannel-ds"), there, one))
    assert finding.outcome is outcome
    assert (f"{kind} own could" in finding.sentence) is (outcome is UNKNOWN)


@pytest.mark.parametrize("refused", ["networkpolicies", "pods", "daemonsets"])
def test_network_policies_without_a_permission(refused: str) -> None:
    finding = judged(POLICIES, cluster(weaviate(), GOOD_POLICY, CALICO, forbidden=(refused,)))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN)
    assert refused in finding.missing


def test_gossip_that_policies_shut_is_pointed_out() -> None:
    facts = cluster(weaviate(), CALICO, policy(policyTypes=["Ingress", "Egress"]))
    line = next(one for one in judged(POLICIES, facts).facts if one.field == "ports shut between the Weaviate pods")
    assert line.ok is False and "7000/UDP" in line.seen


# --- secrets --------------------------------------------------------------------------------------


def from_secret(name: str) -> dict[str, Any]:
    return {"secretKeyRef": {"name": name, "key": "key"}}


CSI_VOLUME = {"name": "keys", "csi": {"driver": "secrets-store.csi.k8s.io"}}


@pytest.mark.parametrize(
    ("arguments", "outcome", "said"),
    [
        pytest.param(
            {"env": {"OPENAI_APIKEY": from_secret("ai")}}, PARTLY, "Kubernetes Secrets ai and weaviate-cl", id="Secrets"
        ),
        pytest.param({"env": {"OPENAI_APIKEY": "sk-1"}}, NOT_MET, "OPENAI_APIKEY stands in clear text", id="a key"),
        pytest.param(
            {"env": {"AUTHENTICATION_APIKEY_ALLOWED_KEYS": "a,b"}}, NOT_MET, "ALLOWED_KEYS", id="Weaviate's keys"
        ),
        pytest.param({"env": {"AWS_SECRET_ACCESS_KEY": "x"}}, NOT_MET, "AWS_SECRET_ACCESS_KEY", id="a cloud key"),
        pytest.param({"env": {"AZURE_STORAGE_CONNECTION_STRING": "x"}}, NOT_MET, "AZURE", id="a connection string"),
        pytest.param({"env": {"CLUSTER_BASIC_AUTH_PASSWORD": "x"}}, NOT_MET, "PASSWORD", id="a password"),
        pytest.param({"env": {"OPENAI_APIKEY": ""}}, PARTLY, "at rest", id="an empty value"),
        pytest.param(
            {
                "conf": {
                    "authentication": {
                        "anonymous_access": {"enabled": False},
                        "apikey": {"enabled": True, "allowed_keys": ["k"]},
                    }
                }
            },
            NOT_MET,
            "API keys stand in clear text in ConfigMap weaviate-config",
            id="keys in the ConfigMap",
        ),
        pytest.param({"pod": {"volumes": [CSI_VOLUME]}, "conf": None}, MET, "", id="trap 29: Secrets Store CSI"),
        pytest.param(
            {"template_metadata": {"annotations": {"vault.hashicorp.com/agent-inject": "true"}}},
            MET,
            "",
            id="trap 29: Vault agent",
        ),
        pytest.param(
            {"pod": {"volumes": [CSI_VOLUME]}, "conf": None, "env": {"COHERE_APIKEY": "k"}},
            NOT_MET,
            "COHERE_APIKEY",
            id="a vault beside a key in clear text",
        ),
        pytest.param(
            {"env": {"CLUSTER_BASIC_AUTH_PASSWORD": None}}, MET, "", id="trap 29: workload identity needs none"
        ),
    ],
)
def test_secrets(arguments: dict[str, Any], outcome: Outcome, said: str) -> None:
    finding = judged(SECRETS, cluster(weaviate(**arguments)))
    assert finding.outcome is outcome
    assert said in finding.sentence
    assert "sk-1" not in repr(finding)


def test_a_secret_in_a_config_map_for_the_environment() -> None:
    given = {"envFrom": [{"configMapRef": {"name": "settings"}}]}
    clear = "{kind: ConfigMap, metadata: {name: settings}, data: {OPENAI_APIKEY: sk-1, GOGC: '90'}}"
    finding = judged(SECRETS, cluster(weaviate(container=given), clear))
    assert finding.outcome is NOT_MET and "OPENAI_APIKEY stands in clear text in a ConfigMap" in finding.sentence
    forbidden = judged(SECRETS, cluster(weaviate(container=given, conf=None), clear, forbidden=("configmaps",)))
    assert (forbidden.outcome, forbidden.reason) == (UNKNOWN, Reason.FORBIDDEN)


def test_trap_30_a_tool_that_is_only_installed_says_nothing_of_these_secrets() -> None:
    kind = "{kind: CustomResourceDefinition, metadata: {name: externalsecrets.external-secrets.io}}"
    finding = judged(SECRETS, cluster(weaviate(), kind))
    assert finding.outcome is PARTLY
    assert [fact.seen for fact in finding.facts if "installed" in fact.field] == ["External Secrets"]


def test_secrets_encrypted_at_rest_by_an_api_server_that_is_seen() -> None:
    server = """
        kind: Pod
        metadata: {name: kube-apiserver-a, namespace: kube-system}
        spec: {containers: [{name: kube-apiserver, command: [x, --encryption-provider-config=/etc/enc.yaml]}]}
    """
    assert judged(SECRETS, cluster(weaviate(), server)).outcome is MET


def test_secrets_that_cannot_be_known() -> None:
    forbidden = judged(SECRETS, cluster(weaviate(), forbidden=("configmaps",)))
    assert (forbidden.outcome, forbidden.reason) == (UNKNOWN, Reason.FORBIDDEN)
    shell = {"command": ["/bin/sh"], "args": ["-c", ". /env/envs && exec /bin/weaviate"]}
    assert judged(SECRETS, cluster(weaviate(container=shell))).reason is Reason.NOT_OBSERVABLE


# --- two recorded clusters ------------------------------------------------------------------------


def test_the_cluster_with_the_defaults_of_the_chart(recordings: Path) -> None:
    facts = recorded(recordings / "default")
    found = {id: judged(id, facts) for id in (CONTAINERS, ACCESS, RBAC, POLICIES, SECRETS)}
    assert [found[id].outcome for id in (CONTAINERS, ACCESS, RBAC, POLICIES)] == [NOT_MET] * 4
    assert found[SECRETS].outcome is PARTLY
    bad = {fact.field for fact in found[CONTAINERS].facts if fact.ok is False}
    assert {"container weaviate: user", "init container configure-sysctl: privileged"} <= bad
    services = {
        fact.ref.name: fact.seen for fact in found[ACCESS].facts if fact.ref.kind == "Service" and fact.ok is False
    }
    assert services == {
        "weaviate": "load balancer at 203.0.113.77, any source",
        "weaviate-grpc": "load balancer at 203.0.113.109, any source",
    }


def test_the_hardened_cluster(recordings: Path) -> None:
    facts = recorded(recordings / "good")
    found = {id: judged(id, facts) for id in (CONTAINERS, ACCESS, RBAC, POLICIES, SECRETS)}
    assert {id: finding.outcome for id, finding in found.items()} == {
        CONTAINERS: MET,
        ACCESS: UNKNOWN,
        RBAC: UNKNOWN,
        POLICIES: PARTLY,
        SECRETS: PARTLY,
    }
    assert [fact.field for fact in found[POLICIES].facts if fact.ok is False] == ["network plug-in"]
