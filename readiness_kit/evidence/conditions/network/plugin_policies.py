"""Policies of network plug-ins and meshes, which apply next to NetworkPolicies: may they admit more?

Their selectors are matched as far as Kubernetes shows the labels; of their rules only those for everybody are judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from readiness_kit.evidence.checks import weaviate_subject
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.relevance import may_select_pods
from readiness_kit.facts.kubernetes import cni
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.mesh import ActionRule, AdminNetworkPolicy, CalicoPolicy, CiliumPolicy, CiliumTraffic
from readiness_kit.kinds.pods import Pod
from readiness_kit.model import Check, Outcome, Reason

CRDS = "customresourcedefinitions"
MESH_POLICIES = "authorizationpolicies.security.istio.io"
READ = {
    "ciliumnetworkpolicies.cilium.io": "ciliumnetworkpolicies",
    "ciliumclusterwidenetworkpolicies.cilium.io": "ciliumclusterwidenetworkpolicies",
    "networkpolicies.crd.projectcalico.org": "caliconetworkpolicies",
    "globalnetworkpolicies.crd.projectcalico.org": "globalnetworkpolicies",
    "adminnetworkpolicies.policy.networking.k8s.io": "adminnetworkpolicies",
    "baselineadminnetworkpolicies.policy.networking.k8s.io": "baselineadminnetworkpolicies",
}
"""Policies of network plug-ins whose objects are read: name of the CustomResourceDefinition -> source."""
_ALL_KINDS = frozenset({*(crd for crds in cni.OWN_POLICIES.values() for crd in crds), *READ, MESH_POLICIES})
_NEVER_WIDEN = frozenset({MESH_POLICIES, "baselineadminnetworkpolicies.policy.networking.k8s.io"})
"""Kinds that only narrow what NetworkPolicies admit, or only apply where no NetworkPolicy does."""
_EVERYBODY = frozenset({"all", "world", "cluster"})
"""Entities of Cilium that include callers of any kind."""
FIELD = "policies of other kinds"


def may_cover(facts: ClusterFacts) -> tuple[str, Reason | None]:
    """Policies of other kinds that may select the pods, and why they are not judged; ("", None) if there are none.

    Objects are read of most kinds: where none of them can select the pods, an installed plug-in is irrelevant.
    """
    kinds, reason = _installed(facts)
    if kinds is None:
        return "policies of a network plug-in or mesh", reason
    return _described(facts, kinds, reason)


def may_widen(facts: ClusterFacts) -> list[Check]:
    """One check for all policies of other kinds that admit more than the NetworkPolicies of the pods, or may do so."""
    on, expected = weaviate_subject(facts, CRDS), "none that admits more"
    wide = [named for key in READ.values() for named in _admitting_everybody(facts, key)]
    if wide:
        message = f"{names(wide)} admits everyone to the Weaviate pods, whatever the NetworkPolicies say."
        return [on.check(FIELD, names(wide), expected, False, message=message, on_failure=Outcome.PARTLY)]
    kinds, reason = _installed(facts)
    if kinds is None:
        return []  # the plug-in itself is unknown, which the check of enforcement shows
    other, why = _described(facts, kinds - _NEVER_WIDEN, reason, allowing=True)
    if why is None:
        return []
    message = f"{other} may admit more than the NetworkPolicies; the rules of these policies are not judged."
    return [on.unread(FIELD, expected, why, message=message)]


def limiting_egress(facts: ClusterFacts) -> list[str]:
    """The policies of Cilium and Calico that may limit egress of the pods, with their kind."""
    found = []
    for key in READ.values():
        for item in facts.objects(key):
            if may_select_pods(facts, key, item) and _limits_egress(item):
                found.append(f"{KINDS[key].kind} {item.metadata.name}")
    return found


def _installed(facts: ClusterFacts) -> tuple[set[str] | None, Reason | None]:
    """The kinds of policies that the cluster has, by name; None where neither CRDs nor the plug-in were read."""
    reason = facts.missing(CRDS)
    if reason is None:
        kinds = {crd.metadata.name for crd in facts.objects(CRDS)} & _ALL_KINDS
        return (kinds if in_mesh(facts) else kinds - {MESH_POLICIES}), None
    if facts.missing("daemonsets") is not None:
        return None, reason
    mesh = {MESH_POLICIES} if in_mesh(facts) else set()
    return {*cni.OWN_POLICIES.get(cni.plugin(facts).name, ()), *mesh}, reason


def _described(
    facts: ClusterFacts, kinds: set[str], reason: Reason | None, allowing: bool = False
) -> tuple[str, Reason | None]:
    """The kinds that were not read and the objects that may select the pods; with `allowing` only those that allow."""
    not_read = {kind for kind in kinds if kind not in READ or facts.missing(READ[kind])}
    found = [
        f"{KINDS[READ[kind]].kind} {item.metadata.name}"
        for kind in sorted(kinds - not_read)
        for item in facts.objects(READ[kind])
        if may_select_pods(facts, READ[kind], item) and (not allowing or _allows(item))
    ]
    if not not_read and not found:
        return "", None
    reasons = (facts.missing(READ[kind]) for kind in sorted(not_read) if kind in READ)
    why = next(filter(None, reasons), reason if not_read else None)
    return names([*not_read, *found]), why or Reason.NOT_OBSERVABLE


def _admitting_everybody(facts: ClusterFacts, key: str) -> list[str]:
    return [
        f"{KINDS[key].kind} {item.metadata.name}"
        for item in facts.objects(key)
        if isinstance(item, CiliumPolicy)
        and may_select_pods(facts, key, item)
        and any(_is_open(rule) for rule in _ingress(item))
    ]


def _ingress(policy: CiliumPolicy) -> list[CiliumTraffic]:
    rules = [rule for rule in (policy.spec, *policy.specs) if rule is not None]
    return [traffic for rule in rules for traffic in rule.ingress or ()]


def _is_open(rule: CiliumTraffic) -> bool:
    named = (rule.from_endpoints, rule.from_requires, rule.from_nodes, rule.from_groups)
    any_peer = rule.from_entities or rule.from_cidr or rule.from_cidr_set or any(peer is not None for peer in named)
    return bool(_EVERYBODY & set(rule.from_entities)) or (bool(rule.to_ports) and not any_peer)


def _allows(policy: object) -> bool:
    """Whether a policy has a rule for ingress that allows something; deny rules only narrow."""
    if isinstance(policy, CiliumPolicy):
        return any(rule != CiliumTraffic() for rule in _ingress(policy))
    if isinstance(policy, CalicoPolicy | AdminNetworkPolicy):
        return _has_allowing(policy.spec.ingress)
    return True


def _has_allowing(rules: Iterable[ActionRule]) -> bool:
    return any(rule.action in ("", "Allow") for rule in rules)


def _limits_egress(policy: object) -> bool:
    if isinstance(policy, CiliumPolicy):
        rules = [rule for rule in (policy.spec, *policy.specs) if rule is not None]
        return any(rule.egress is not None or rule.egress_deny is not None for rule in rules)
    return isinstance(policy, CalicoPolicy) and ("Egress" in policy.spec.types or bool(policy.spec.egress))


def in_mesh(facts: ClusterFacts) -> bool:
    """Whether Istio carries the traffic of a Weaviate pod, so that its policies apply."""

    def is_ambient(labels: Mapping[str, str]) -> bool:
        return labels.get("istio.io/dataplane-mode") == "ambient"

    def has_proxy(pod: Pod) -> bool:
        return any(c.name == "istio-proxy" for c in (*pod.spec.init_containers, *pod.spec.containers))

    namespace = facts.weaviate.namespace
    return any(has_proxy(pod) or is_ambient(pod.metadata.labels) for pod in facts.weaviate.pods) or any(
        is_ambient(item.metadata.labels) for item in facts.objects("namespaces") if item.metadata.name == namespace
    )
