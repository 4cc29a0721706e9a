"""Policies of network plug-ins and meshes, which apply next to NetworkPolicies: may they admit more?

Their selectors are matched as far as Kubernetes shows the labels; of their rules only those for everybody are judged.
"""

from __future__ import annotations

from collections.abc import Mapping

from readiness_kit.evidence.checks import weaviate_subject
from readiness_kit.evidence.conditions.network import plugin_rules
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.relevance import may_select_pods, relevance_to_weaviate
from readiness_kit.facts.kubernetes import cni
from readiness_kit.facts.kubernetes.network_policies import Direction
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.mesh import CalicoPolicy, CiliumPolicy
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
    if wide := open_to_all(facts, "Ingress"):
        message = f"{wide} admits everyone to the Weaviate pods, whatever the NetworkPolicies say."
        fix = "network.narrow"
        return [on.check(FIELD, wide, expected, False, message=message, on_failure=Outcome.PARTLY, fix=fix)]
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
    return [name for name, policy in _selecting(facts) if plugin_rules.limits(policy, "Egress")]


def may_widen_egress(facts: ClusterFacts) -> list[str]:
    """The policies that may let the pods connect to more than NetworkPolicies do, by rules that are not judged."""
    admin = [
        f"{KINDS[key].kind} {item.metadata.name}"
        for key in ("adminnetworkpolicies",)
        for item in facts.objects(key)
        if may_select_pods(facts, key, item) and plugin_rules.allows(item, "Egress")
    ]
    own = [name for name, policy in _selecting(facts) if plugin_rules.open_to_all([policy], "Egress")]
    return [*admin, *own]


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
        if may_select_pods(facts, READ[kind], item) and (not allowing or plugin_rules.allows(item, "Ingress"))
    ]
    if not not_read and not found:
        return "", None
    reasons = (facts.missing(READ[kind]) for kind in sorted(not_read) if kind in READ)
    why = next(filter(None, reasons), reason if not_read else None)
    return names([*not_read, *found]), why or Reason.NOT_OBSERVABLE


def _selecting(facts: ClusterFacts) -> list[tuple[str, object]]:
    """The policies of Cilium and Calico that may select the pods, with their kind and name."""
    return [
        (f"{KINDS[key].kind} {item.metadata.name}", item)
        for key in READ.values()
        for item in facts.objects(key)
        if isinstance(item, CiliumPolicy | CalicoPolicy) and may_select_pods(facts, key, item)
    ]


def open_to_all(facts: ClusterFacts, direction: Direction) -> str:
    """The policies that certainly select the pods and together allow everybody in a direction; "" for none."""
    selecting = _selecting(facts)
    certain = [
        (f"{KINDS[key].kind} {item.metadata.name}", item)
        for key in READ.values()
        for item in facts.objects(key)
        if isinstance(item, CiliumPolicy | CalicoPolicy) and relevance_to_weaviate(facts, key, item)
    ]
    if any(plugin_rules.denies(policy, direction) for _, policy in selecting):
        return ""
    alone = [name for name, policy in certain if plugin_rules.open_to_all([policy], direction)]
    together = plugin_rules.open_to_all([policy for _, policy in certain], direction)
    return names(alone or [name for name, _ in certain]) if together else ""


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
