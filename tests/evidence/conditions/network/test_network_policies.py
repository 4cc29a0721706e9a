"""NetworkPolicies: coverage, allowed peers, egress and enforcement."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.model import Outcome, Reason
from tests.support.asked import ask
from tests.support.cluster import cluster, of, weaviate

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
POLICIES = "sec.network_policies"
CALICO = "{kind: DaemonSet, metadata: {name: calico-node, namespace: kube-system}, status: {numberReady: 3}}"
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
      egress:
        - to: [{FROM_PODS}]
        - to: [{{namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: kube-system}}}}}}]
          ports: [{{port: 53}}, {{port: 53, protocol: UDP}}]
"""
INGRESS_ONLY = GOOD_POLICY.replace("[Ingress, Egress]", "[Ingress]").partition("      egress:")[0]


CILIUM_CONFIG = "{kind: ConfigMap, metadata: {name: cilium-config, namespace: kube-system}, data: %s}"


def policy(ingress: list[Any] | None = None, selector: dict[str, Any] | None = None, **spec: Any) -> dict[str, Any]:
    body = {"podSelector": selector or {}, "ingress": ingress or [], **spec}
    return {"kind": "NetworkPolicy", "metadata": {"name": "extra"}, "spec": body}


@pytest.mark.parametrize(
    ("policies", "outcome", "text"),
    [
        pytest.param((GOOD_POLICY,), MET, "are enforced", id="restricted both ways"),
        pytest.param((), NOT_MET, "No NetworkPolicy limits who may connect", id="none"),
        pytest.param(
            (GOOD_POLICY, policy([{}])), PARTLY, "Port 8080/TCP is open to everyone by extra", id="union: open"
        ),
        pytest.param((GOOD_POLICY, policy([{"ports": [{"port": 9000}]}])), MET, "", id="open, but another port"),
        pytest.param(
            (GOOD_POLICY, policy([{"from": [{"namespaceSelector": {}}], "ports": [{"port": 8080}]}])),
            PARTLY,
            "Port 8080/TCP is open to everyone",
            id="every namespace",
        ),
        pytest.param(
            (GOOD_POLICY, policy([{"from": [{"ipBlock": {"cidr": "::/0"}}], "ports": [{"port": 50051}]}])),
            PARTLY,
            "Port 50051/TCP is open to everyone",
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
        pytest.param(
            (policy(policyTypes=["Ingress", "Egress"]),), PARTLY, "among themselves: 7000", id="default deny both ways"
        ),
        pytest.param((policy(policyTypes=["Egress"]),), NOT_MET, "limits who may connect", id="egress alone"),
    ],
)
def test_network_policies(policies: tuple[Any, ...], outcome: Outcome, text: str) -> None:
    finding = ask(POLICIES, cluster(weaviate(), CALICO, *policies))
    assert finding.outcome is outcome
    assert text in finding.sentence


def test_trap_33_policy_for_other_pods_covers_nothing() -> None:
    other = policy([{}], {"matchLabels": {"app": "client"}}, policyTypes=["Ingress", "Egress"])
    finding = ask(POLICIES, cluster(weaviate(), CALICO, other))
    assert finding.outcome is NOT_MET
    assert "None of the NetworkPolicies in weaviate limits" in finding.sentence


def test_trap_33_policy_in_another_namespace_covers_nothing() -> None:
    away = {**policy(policyTypes=["Ingress", "Egress"]), "metadata": {"name": "extra", "namespace": "other"}}
    assert ask(POLICIES, cluster(weaviate(), CALICO, away)).outcome is NOT_MET


def test_policy_for_one_pod_leaves_the_others_uncovered() -> None:
    objects = weaviate()
    for pod in of(objects, "Pod"):
        pod["metadata"]["labels"]["statefulset.kubernetes.io/pod-name"] = pod["metadata"]["name"]
    selected = policy(None, {"matchLabels": {"statefulset.kubernetes.io/pod-name": "weaviate-0"}})
    finding = ask(POLICIES, cluster(objects, CALICO, selected))
    assert finding.outcome is NOT_MET and "the pods weaviate-1 and weaviate-2" in finding.sentence


@pytest.mark.parametrize(
    ("requirement", "outcome"),
    [
        ({"key": "app", "operator": "In", "values": ["weaviate", "db"]}, PARTLY),
        ({"key": "app", "operator": "NotIn", "values": ["weaviate"]}, NOT_MET),
        ({"key": "tier", "operator": "DoesNotExist"}, PARTLY),
        ({"key": "tier", "operator": "Exists"}, NOT_MET),
    ],
)
def test_match_expressions_select_pods(requirement: dict[str, Any], outcome: Outcome) -> None:
    selected = policy(None, {"matchExpressions": [requirement]}, policyTypes=["Ingress", "Egress"])
    assert ask(POLICIES, cluster(weaviate(), CALICO, selected)).outcome is outcome


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
def test_trap_33_policies_need_an_enforcing_network_plug_in(plug_ins: tuple[Any, ...], outcome: Outcome) -> None:
    made = [daemonset(item) if isinstance(item, str) else item for item in plug_ins]
    assert ask(POLICIES, cluster(weaviate(), GOOD_POLICY, CILIUM_CONFIG % "{}", made)).outcome is outcome


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
def test_trap_33_unread_policy_kinds_leave_coverage_unknown(
    extra: tuple[str, ...], refused: tuple[str, ...], outcome: Outcome
) -> None:
    kinds = [{"kind": "CustomResourceDefinition", "metadata": {"name": name}} for name in extra]
    finding = ask(POLICIES, cluster(weaviate(), daemonset("kube-flannel-ds"), kinds, forbidden=refused))
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
def test_trap_33_plug_in_policies_count_only_if_they_may_select_the_pods(
    kind: str, definition: str, namespace: str, spec: dict[str, Any], outcome: Outcome
) -> None:
    there = {"kind": "CustomResourceDefinition", "metadata": {"name": definition}}
    one = {"kind": kind, "metadata": {"name": "own", **({"namespace": namespace} if namespace else {})}, "spec": spec}
    finding = ask(POLICIES, cluster(weaviate(), daemonset("kube-flannel-ds"), there, one))
    assert finding.outcome is outcome
    assert (f"{kind} own could" in finding.sentence) is (outcome is UNKNOWN)


@pytest.mark.parametrize("refused", ["networkpolicies", "pods", "daemonsets"])
def test_network_policies_without_permission_are_unknown(refused: str) -> None:
    finding = ask(POLICIES, cluster(weaviate(), GOOD_POLICY, CALICO, forbidden=(refused,)))
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN)
    assert refused in finding.missing


def test_closed_gossip_ports_are_shown() -> None:
    facts = cluster(weaviate(), CALICO, policy(policyTypes=["Ingress", "Egress"]))
    line = next(one for one in ask(POLICIES, facts).facts if one.field == "ports closed between the Weaviate pods")
    assert line.ok is False and "7000/UDP" in line.seen


ADMIN_CRD = "{kind: CustomResourceDefinition, metadata: {name: adminnetworkpolicies.policy.networking.k8s.io}}"
CILIUM_CRD = "{kind: CustomResourceDefinition, metadata: {name: ciliumnetworkpolicies.cilium.io}}"
CALICO_CRD = "{kind: CustomResourceDefinition, metadata: {name: networkpolicies.crd.projectcalico.org}}"
CILIUM = """
    apiVersion: cilium.io/v2
    kind: CiliumNetworkPolicy
    metadata: {name: more}
    spec: {endpointSelector: {matchLabels: {app: %s}}, %s}
"""
ADMIN = """
    apiVersion: policy.networking.k8s.io/v1alpha1
    kind: AdminNetworkPolicy
    metadata: {name: more}
    spec: {subject: {namespaces: {}}, ingress: [{action: %s}]}
"""
CALICO_POLICY = """
    apiVersion: crd.projectcalico.org/v1
    kind: NetworkPolicy
    metadata: {name: more}
    spec: {selector: all(), ingress: [{action: %s}], types: [Ingress]}
"""


@pytest.mark.parametrize(
    ("crd", "policy", "outcome", "text"),
    [
        (CILIUM_CRD, CILIUM % ("weaviate", "ingress: [{fromEntities: [all]}]"), PARTLY, "admits everyone"),
        (CILIUM_CRD, CILIUM % ("weaviate", "ingress: [{fromEntities: [world]}]"), PARTLY, "admits everyone"),
        (CILIUM_CRD, CILIUM % ("weaviate", "ingress: [{toPorts: [{}]}]"), PARTLY, "admits everyone"),
        (CILIUM_CRD, CILIUM % ("weaviate", "ingress: [{fromEndpoints: [{}]}]"), UNKNOWN, "may admit more"),
        (CILIUM_CRD, CILIUM % ("weaviate", "ingress: [{fromCIDR: [10.0.0.0/8]}]"), UNKNOWN, "may admit more"),
        (CILIUM_CRD, CILIUM % ("weaviate", "ingress: [{}]"), MET, ""),
        (CILIUM_CRD, CILIUM % ("weaviate", "ingressDeny: [{fromEntities: [world]}]"), MET, ""),
        (CILIUM_CRD, CILIUM % ("other", "ingress: [{fromEntities: [all]}]"), MET, ""),
        (ADMIN_CRD, ADMIN % "Allow", UNKNOWN, "AdminNetworkPolicy more may admit more"),
        (ADMIN_CRD, ADMIN % "Deny", MET, ""),
        (CALICO_CRD, CALICO_POLICY % "Allow", PARTLY, "NetworkPolicy more admits everyone"),
        (CALICO_CRD, CALICO_POLICY % "Allow, protocol: TCP, source: {nets: [0.0.0.0/0]}", PARTLY, "admits everyone"),
        (CALICO_CRD, CALICO_POLICY % "Allow, source: {nets: [10.0.0.0/8]}", UNKNOWN, "may admit more"),
        (CALICO_CRD, CALICO_POLICY % "Allow, source: {selector: a == 'b'}", UNKNOWN, "may admit more"),
        (CALICO_CRD, CALICO_POLICY % "Allow, destination: {ports: [9000]}", UNKNOWN, "may admit more"),
        (CALICO_CRD, CALICO_POLICY % "Deny, source: {nets: [10.0.0.0/8]}}, {action: Allow", UNKNOWN, "may admit more"),
        (CALICO_CRD, (CALICO_POLICY % "Allow").replace("all()", "a == 'b'"), UNKNOWN, "may admit more"),
        (CILIUM_CRD, CILIUM % ("weaviate", "ingress: [{fromEntities: [world-ipv4]}]"), PARTLY, "admits everyone"),
        (CILIUM_CRD, CILIUM % ("weaviate", "ingress: [{fromCIDR: [0.0.0.0/0]}]"), PARTLY, "admits everyone"),
        (
            CILIUM_CRD,
            CILIUM % ("weaviate", "ingress: [{fromCIDR: [0.0.0.0/1]}, {fromCIDRSet: [{cidr: 128.0.0.0/1}]}]"),
            PARTLY,
            "admits everyone",
        ),
        (
            CILIUM_CRD,
            CILIUM % ("weaviate", "ingress: [{fromCIDRSet: [{cidr: 0.0.0.0/0, except: [0.0.0.0/0]}]}]"),
            UNKNOWN,
            "may admit more",
        ),
        (
            CILIUM_CRD,
            CILIUM % ("weaviate", "ingress: [{fromEntities: [all]}], ingressDeny: [{fromEntities: [world]}]"),
            UNKNOWN,
            "may admit more",
        ),
        (CALICO_CRD, CALICO_POLICY % "Deny", MET, ""),
    ],
)
def test_policies_of_other_kinds_beside_good_ones(crd: str, policy: str, outcome: Outcome, text: str) -> None:
    finding = ask(POLICIES, cluster(weaviate(), GOOD_POLICY, CALICO, crd, policy))
    assert finding.outcome is outcome and text in finding.sentence, finding.sentence


def test_refused_policies_of_a_plug_in_leave_good_ones_undecided() -> None:
    facts = cluster(weaviate(), GOOD_POLICY, CALICO, CILIUM_CRD, forbidden=("ciliumnetworkpolicies",))
    finding = ask(POLICIES, facts)
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.FORBIDDEN)


def test_egress_limited_by_cilium_alone_is_undecided() -> None:
    assert ask(POLICIES, cluster(weaviate(), INGRESS_ONLY, CALICO)).outcome is PARTLY
    facts = cluster(weaviate(), INGRESS_ONLY, CALICO, CILIUM_CRD, CILIUM % ("weaviate", "egress: [{}]"))
    finding = ask(POLICIES, facts)
    assert finding.outcome is UNKNOWN and "is limited by CiliumNetworkPolicy more" in finding.sentence


def test_policies_do_not_apply_to_the_network_of_the_nodes() -> None:
    finding = ask(POLICIES, cluster(weaviate(pod={"hostNetwork": True}), GOOD_POLICY, CALICO))
    assert finding.outcome is NOT_MET and "NetworkPolicies do not apply" in finding.sentence


@pytest.mark.parametrize("arguments", [["--enable-policy=never"], ["--enable-policy", "never"]])
def test_cilium_that_never_enforces_is_not_met(arguments: list[str]) -> None:
    cilium = {
        "kind": "DaemonSet",
        "metadata": {"name": "cilium", "namespace": "kube-system", "labels": {"k8s-app": "cilium"}},
        "spec": {
            "template": {
                "metadata": {"labels": {"k8s-app": "cilium"}},
                "spec": {
                    "containers": [
                        {"name": "cilium-agent", "image": "quay.io/cilium/cilium:v1.17.0", "args": arguments}
                    ]
                },
            }
        },
        "status": {"numberReady": 3},
    }
    finding = ask(POLICIES, cluster(weaviate(), GOOD_POLICY, cilium))
    assert finding.outcome is NOT_MET and "The policies have no effect: Cilium" in finding.sentence


def test_range_whose_exceptions_take_everything_away_admits_nobody() -> None:
    block = {"cidr": "10.0.0.0/8", "except": ["10.0.0.0/8"]}
    extra = policy([{"from": [{"ipBlock": block}], "ports": [{"port": 7000}]}])
    assert ask(POLICIES, cluster(weaviate(), GOOD_POLICY, extra, CALICO)).outcome is MET


# --- policies that allow everything are no limit --------------------------------------------------

TO = "egress: [{to: [%s]}]"
EVERY_NAMESPACE = "{namespaceSelector: {}}"
HALVES = "{ipBlock: {cidr: 0.0.0.0/1}}, {ipBlock: {cidr: 128.0.0.0/1}}"


def allowing(rules: str, types: str = "Egress") -> str:
    return f"""
    kind: NetworkPolicy
    metadata: {{name: wide}}
    spec: {{podSelector: {{}}, policyTypes: [{types}], {rules}}}
    """


@pytest.mark.parametrize(
    ("rules", "limited"),
    [
        pytest.param("egress: [{}]", False, id="an empty rule"),
        pytest.param(TO % "{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: '::/0'}}", False, id="both worlds"),
        pytest.param(TO % "{ipBlock: {cidr: '::/0'}}", False, id="all of IPv6"),
        pytest.param(TO % HALVES, False, id="halves of the world"),
        pytest.param(
            "egress: [{to: [{ipBlock: {cidr: 0.0.0.0/1}}]}, {to: [{ipBlock: {cidr: 128.0.0.0/1}}]}]",
            False,
            id="halves of the world in two rules",
        ),
        pytest.param(TO % EVERY_NAMESPACE, False, id="every namespace and port"),
        pytest.param("egress: [{ports: [{protocol: TCP}]}]", False, id="every TCP port"),
        pytest.param("egress: [{ports: [{port: 1, endPort: 65535}]}]", False, id="every TCP port, as a range"),
        pytest.param(
            "egress: [{ports: [{port: 1, endPort: 30000}]}, {ports: [{port: 30001, endPort: 65535}]}]",
            False,
            id="every TCP port, in two rules",
        ),
        pytest.param("egress: [{ports: [{port: 443}]}]", True, id="one port to everybody"),
        pytest.param("egress: [{ports: [{port: 53, protocol: UDP}, {port: https}]}]", True, id="names of ports"),
        pytest.param("egress: [{ports: [{protocol: UDP}]}]", True, id="UDP only"),
        pytest.param(TO % "{ipBlock: {cidr: 10.0.0.0/8}}", True, id="one range"),
        pytest.param(TO % "{ipBlock: {cidr: 0.0.0.0/0, except: [0.0.0.0/0]}}", True, id="all of it excepted"),
        pytest.param("egress: []", True, id="nothing allowed"),
    ],
)
def test_egress_to_everything_is_no_limit(rules: str, limited: bool) -> None:
    finding = ask(POLICIES, cluster(weaviate(), INGRESS_ONLY, CALICO, allowing(rules)))
    line = next(check for check in finding.facts if check.field == "NetworkPolicies for egress")
    assert line.outcome is (MET if limited else PARTLY)
    assert limited or "may connect to everything, by wide" in finding.sentence


@pytest.mark.parametrize(
    ("rules", "limited"),
    [
        ("ingress: [{}]", False),
        ("ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]", False),
        (f"ingress: [{{from: [{HALVES}]}}]", False),
        (f"ingress: [{{from: [{EVERY_NAMESPACE}]}}]", False),
        ("ingress: [{ports: [{port: 8080}]}]", True),
    ],
)
def test_ingress_from_everybody_is_no_limit_of_access(rules: str, limited: bool) -> None:
    facts = cluster(weaviate(), CALICO, allowing(rules, "Ingress"))
    line = next(
        check for check in ask("sec.access_limited", facts).facts if check.field == "NetworkPolicies for ingress"
    )
    assert line.outcome is (MET if limited else PARTLY)
    finding = ask(POLICIES, facts)
    assert finding.outcome is PARTLY and "open to everyone by wide" in finding.sentence


CALICO_EGRESS = """
    apiVersion: crd.projectcalico.org/v1
    kind: NetworkPolicy
    metadata: {name: more}
    spec: {selector: all(), types: [Egress], egress: [%s]}
"""
ADMIN_EGRESS = ADMIN.replace("ingress: [{action: %s}]", "egress: [{action: %s}]")


@pytest.mark.parametrize("base", [GOOD_POLICY, INGRESS_ONLY])
@pytest.mark.parametrize(
    ("crd", "policy", "open_"),
    [
        (CILIUM_CRD, CILIUM % ("weaviate", "egress: [{toEntities: [all]}]"), True),
        (CILIUM_CRD, CILIUM % ("weaviate", "egress: [{toEntities: [world]}]"), True),
        (CILIUM_CRD, CILIUM % ("weaviate", "egress: [{toCIDR: [0.0.0.0/0]}]"), True),
        (CILIUM_CRD, CILIUM % ("weaviate", "egress: [{toCIDRSet: [{cidr: 0.0.0.0/1}, {cidr: 128.0.0.0/1}]}]"), True),
        (CILIUM_CRD, CILIUM % ("weaviate", "egress: [{toEntities: [all], toPorts: [{}]}]"), False),
        (CILIUM_CRD, CILIUM % ("weaviate", "egress: [{toEntities: [kube-apiserver]}]"), False),
        (CILIUM_CRD, CILIUM % ("weaviate", "egress: [{toFQDNs: [{matchName: a.example}]}]"), False),
        (CILIUM_CRD, CILIUM % ("weaviate", "egress: [{}]"), False),
        (CILIUM_CRD, CILIUM % ("other", "egress: [{toEntities: [all]}]"), False),
        (CALICO_CRD, CALICO_EGRESS % "{action: Allow}", True),
        (CALICO_CRD, CALICO_EGRESS % "{action: Allow, destination: {nets: [0.0.0.0/0]}}", True),
        (CALICO_CRD, CALICO_EGRESS % "{action: Allow, destination: {ports: [443]}}", False),
        (CALICO_CRD, CALICO_EGRESS % "{action: Deny}", False),
    ],
)
def test_a_policy_of_a_plug_in_that_opens_egress_is_no_limit(base: str, crd: str, policy: str, open_: bool) -> None:
    finding = ask(POLICIES, cluster(weaviate(), base, CALICO, crd, policy))
    line = next(check for check in finding.facts if check.field == "NetworkPolicies for egress")
    assert ("everything by" in line.seen) is open_ and (not open_ or line.outcome is PARTLY), line


def test_cilium_without_default_deny_limits_no_egress() -> None:
    rule = "enableDefaultDeny: {egress: false}, egress: [{toEntities: [kube-apiserver]}]"
    finding = ask(POLICIES, cluster(weaviate(), INGRESS_ONLY, CALICO, CILIUM_CRD, CILIUM % ("weaviate", rule)))
    assert finding.outcome is PARTLY and "Nothing limits what the Weaviate pods may connect to" in finding.sentence


def test_an_admin_policy_that_allows_egress_leaves_it_undecided() -> None:
    finding = ask(POLICIES, cluster(weaviate(), GOOD_POLICY, CALICO, ADMIN_CRD, ADMIN_EGRESS % "Allow"))
    assert finding.outcome is UNKNOWN and "AdminNetworkPolicy more may let" in finding.sentence


@pytest.mark.parametrize(
    ("config", "forbidden", "outcome", "reason"),
    [
        pytest.param(CILIUM_CONFIG % "{}", (), MET, None, id="the default"),
        pytest.param(CILIUM_CONFIG % "{enable-policy: always}", (), MET, None, id="always"),
        pytest.param(CILIUM_CONFIG % "{enable-policy: never}", (), NOT_MET, None, id="never"),
        pytest.param(CILIUM_CONFIG % "{enable-policy: new}", (), UNKNOWN, Reason.NOT_OBSERVABLE, id="another mode"),
        pytest.param("", (), UNKNOWN, Reason.NOT_OBSERVABLE, id="in another namespace"),
        pytest.param(CILIUM_CONFIG % "{}", ("ciliumconfigs",), UNKNOWN, Reason.FORBIDDEN, id="refused"),
    ],
)
def test_cilium_enforces_as_its_configmap_says(
    config: str, forbidden: tuple[str, ...], outcome: Outcome, reason: Reason | None
) -> None:
    sources = [source for source in (config,) if source]
    facts = cluster(weaviate(), GOOD_POLICY, daemonset("cilium"), *sources, forbidden=forbidden)
    finding = ask(POLICIES, facts)
    assert (finding.outcome, finding.reason) == (outcome, reason), finding.sentence


def test_of_the_configmap_of_cilium_one_setting_is_kept() -> None:
    text = CILIUM_CONFIG % "{enable-policy: BLUE-HORSE, other: BLUE-HORSE}"
    assert "BLUE-HORSE" not in repr(cluster(weaviate(), text).snapshot.kept)
