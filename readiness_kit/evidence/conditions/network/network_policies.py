"""NetworkPolicies around the Weaviate pods: whether any selects them, whom they let in, and who enforces them."""

from __future__ import annotations

from collections.abc import Sequence

from readiness_kit.evidence.checks import Check, note, unread, want
from readiness_kit.evidence.wording import agree, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.relevance import may_select_pods
from readiness_kit.facts.kubernetes import cni, network_policies
from readiness_kit.facts.kubernetes.cni import Plugin
from readiness_kit.facts.kubernetes.network_policies import Direction, Peer, Port
from readiness_kit.facts.weaviate import exposure
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.network import NetworkPolicy
from readiness_kit.kinds.pods import Pod
from readiness_kit.model import Outcome, Reason, Ref

PARTLY = Outcome.PARTLY
SOURCE = "networkpolicies"
MESH_POLICIES = "authorizationpolicies.security.istio.io"
READ = {
    "ciliumnetworkpolicies.cilium.io": "ciliumnetworkpolicies",
    "ciliumclusterwidenetworkpolicies.cilium.io": "ciliumclusterwidenetworkpolicies",
    "networkpolicies.crd.projectcalico.org": "caliconetworkpolicies",
    "globalnetworkpolicies.crd.projectcalico.org": "globalnetworkpolicies",
}
"""The kinds of a plug-in's own policies of which the objects are read, by the name of their definition."""
OTHER_POLICIES = frozenset({name for names_ in cni.OWN_POLICIES.values() for name in names_} | {MESH_POLICIES})


def labels_of_pods(facts: ClusterFacts) -> dict[str, dict[str, str]]:
    """Pod name -> labels of the Weaviate pods; the template's under the workload's name where there are none."""
    weaviate = facts.weaviate
    return {pod.metadata.name: pod.metadata.labels for pod in weaviate.pods} or {weaviate.name: weaviate.pod_labels}


def uncovered(facts: ClusterFacts, direction: Direction) -> list[str]:
    """The Weaviate pods that no NetworkPolicy selects for a direction."""
    policies = facts.objects("networkpolicies")
    return [
        name
        for name, labels in labels_of_pods(facts).items()
        if not network_policies.selecting(policies, facts.weaviate.namespace, labels, direction)
    ]


def elsewhere(facts: ClusterFacts) -> tuple[str, Reason | None]:
    """What else could protect the pods, whose rules the kit does not judge; and why it is not known.

    ("", None) where there is surely nothing of the kind. Objects of Cilium and Calico are read: where none of them
    can select the pods, their being installed says nothing.
    """
    reason = facts.missing("customresourcedefinitions")
    if reason is None:
        there = {one.metadata.name for one in facts.objects("customresourcedefinitions")} & OTHER_POLICIES
        if not _meshed(facts):
            there.discard(MESH_POLICIES)
    elif facts.missing("daemonsets") is not None:
        return "policies of a network plug-in or mesh", reason
    else:
        there = set(cni.OWN_POLICIES.get(cni.plugin(facts).name, ())) | ({MESH_POLICIES} if _meshed(facts) else set())
    unread_ones = {name for name in there if name not in READ or facts.missing(READ[name]) is not None}
    seen = [one for name in sorted(there - unread_ones) for one in _may_select(facts, READ[name])]
    if not unread_ones and not seen:
        return "", None
    lost = (facts.missing(READ[name]) for name in sorted(unread_ones) if name in READ)
    why = next(filter(None, lost), reason if unread_ones else None)
    return names([*unread_ones, *seen]), why or Reason.NOT_OBSERVABLE


def _may_select(facts: ClusterFacts, key: str) -> list[str]:
    """The objects that select the pods, or of which it cannot be told: named with their kind."""
    kind = KINDS[key].kind
    return [f"{kind} {one.metadata.name}" for one in facts.objects(key) if may_select_pods(facts, key, one)]


def _meshed(facts: ClusterFacts) -> bool:
    def side(pod: Pod) -> bool:
        named = {one.name for one in (*pod.spec.init_containers, *pod.spec.containers)}
        return "istio-proxy" in named or pod.metadata.labels.get("istio.io/dataplane-mode") == "ambient"

    spaces = (one for one in facts.objects("namespaces") if one.metadata.name == facts.weaviate.namespace)
    return any(map(side, facts.weaviate.pods)) or any(
        one.metadata.labels.get("istio.io/dataplane-mode") == "ambient" for one in spaces
    )


def coverage(facts: ClusterFacts, *, otherwise: Outcome = Outcome.NOT_MET) -> Check:
    """Whether policies limit what reaches the pods; what might do so unseen keeps it undecided."""
    weaviate = facts.weaviate
    field, expected = "NetworkPolicies for ingress", "each pod selected by one"
    reason = facts.missing(SOURCE)
    if reason is not None:
        say = "NetworkPolicies were not read."
        return unread(weaviate.ref, field, expected, reason, SOURCE, say=say)
    bare = uncovered(facts, "Ingress")
    there = [one for one in facts.objects(SOURCE) if one.metadata.namespace == weaviate.namespace]
    if not bare:
        selecting = {one.metadata.name for one in _selecting_any(facts, "Ingress")}
        return want(weaviate.ref, field, names(selecting), expected, True, SOURCE)
    other, why = elsewhere(facts)
    if why is not None:
        say = f"No NetworkPolicy selects {_pods(facts, bare)}; {other} could, whose rules this kit does not judge."
        return unread(weaviate.ref, field, expected, why, "customresourcedefinitions", say=say)
    seen = (
        "none in the namespace"
        if not there
        else f"{names(one.metadata.name for one in there)}: not for {_pods(facts, bare)}"
    )
    some = "No NetworkPolicy" if not there else f"None of the NetworkPolicies in {weaviate.namespace}"
    say = f"{some} limits who may connect to {_pods(facts, bare)}."
    return want(weaviate.ref, field, seen, expected, False, SOURCE, otherwise=otherwise, say=say)


def rules(facts: ClusterFacts) -> list[Check]:
    """Port by port, whom the policies let in. Only for pods that all are isolated: `coverage` is met."""
    weaviate = facts.weaviate
    rest, grpc = exposure.api_ports(weaviate)
    checks = [_not_open(facts, Port(port)) for port in dict.fromkeys((rest, grpc))]
    if weaviate.is_enabled("PROMETHEUS_MONITORING_ENABLED") is not False:
        checks.append(_not_open(facts, Port(exposure.port_of(weaviate, "PROMETHEUS_MONITORING_PORT", 2112))))
    checks += [_among_themselves(facts, port) for port in cluster_ports(facts)]
    checks += _gossip_shut(facts)
    return checks


def cluster_ports(facts: ClusterFacts) -> list[Port]:
    """Gossip (TCP and UDP), data, and raft with its RPC port."""
    weaviate = facts.weaviate
    gossip = exposure.port_of(weaviate, "CLUSTER_GOSSIP_BIND_PORT", exposure.GOSSIP_PORT)
    data = exposure.port_of(weaviate, "CLUSTER_DATA_BIND_PORT", exposure.DATA_PORT)
    return [Port(gossip), Port(gossip, "UDP"), Port(data), *(Port(one) for one in exposure.RAFT_PORTS)]


def egress(facts: ClusterFacts) -> Check:
    bare = uncovered(facts, "Egress")
    say = f"Nothing limits what {_pods(facts, bare)} may connect to: the policies are for ingress only."
    seen = "none" if bare else names(one.metadata.name for one in _selecting_any(facts, "Egress"))
    expected = "each pod selected by one"
    return want(
        facts.weaviate.ref, "NetworkPolicies for egress", seen, expected, not bare, SOURCE, otherwise=PARTLY, say=say
    )


def enforcement(facts: ClusterFacts) -> Check:
    """A policy without a plug-in that enforces it is decoration; one that cannot be told keeps it partly met."""
    field, expected = "network plug-in", "enforces NetworkPolicies"
    reason = facts.missing("daemonsets")
    if reason is not None:
        say = "Which network plug-in runs was not read, so whether anything enforces the policies is open."
        return unread(facts.weaviate.ref, field, expected, reason, "daemonsets", say=say)
    plug_in = cni.plugin(facts)
    ref = Ref("DaemonSet", plug_in.daemonset, plug_in.namespace) if plug_in.daemonset else facts.weaviate.ref
    seen = f"{plug_in.name or 'not recognised'}: {plug_in.sign}"
    if plug_in.enforces is False:
        say = f"The policies have no effect: {plug_in.name} does not enforce them here ({plug_in.sign})."
        return want(ref, field, seen, expected, False, "daemonsets", say=say)
    say = f"Nothing shows that the policies are enforced: {_doubt(plug_in)}."
    return want(ref, field, seen, expected, bool(plug_in.enforces), "daemonsets", otherwise=PARTLY, say=say)


def further(facts: ClusterFacts) -> list[Check]:
    """For the reader: default deny, and kinds of policy that can let in more than is shown here."""
    weaviate = facts.weaviate
    policies = [one for one in facts.objects(SOURCE) if one.metadata.namespace == weaviate.namespace]
    deny = [one.metadata.name for one in policies if _default_deny(one)]
    checks = [
        note(
            Ref("Namespace", weaviate.namespace),
            "default-deny policy",
            names(deny) or "none",
            SOURCE,
            "one",
            bool(deny),
        )
    ]
    other, why = elsewhere(facts)
    if why is Reason.NOT_OBSERVABLE:
        checks.append(note(weaviate.ref, "policies of other kinds, not judged", other, "customresourcedefinitions"))
    return checks


def _default_deny(policy: NetworkPolicy) -> bool:
    selector = policy.spec.pod_selector
    everything = not selector.match_labels and not selector.match_expressions
    return everything and "Ingress" in network_policies.directions(policy) and not policy.spec.ingress


def _doubt(plug_in: Plugin) -> str:
    if not plug_in.name:
        return "no network plug-in was recognised among the DaemonSets"
    return f"the network plug-in is {plug_in.name} ({plug_in.sign})"


def _selecting_any(facts: ClusterFacts, direction: Direction) -> list[NetworkPolicy]:
    found: dict[str, NetworkPolicy] = {}
    for labels in labels_of_pods(facts).values():
        for one in network_policies.selecting(facts.objects(SOURCE), facts.weaviate.namespace, labels, direction):
            found[one.metadata.name] = one
    return list(found.values())


def _peers(facts: ClusterFacts, port: Port) -> list[Peer]:
    found: list[Peer] = []
    for labels in labels_of_pods(facts).values():
        policies = network_policies.selecting(facts.objects(SOURCE), facts.weaviate.namespace, labels, "Ingress")
        found += network_policies.sources(policies, port, facts.weaviate.spec)
    return list({(one.policy, network_policies.described(one)): one for one in found}.values())


def _not_open(facts: ClusterFacts, port: Port) -> Check:
    peers = _peers(facts, port)
    opened = network_policies.open_to_all(peers)
    say = f"Port {port} is open to everybody by {names(opened)}."
    return want(
        facts.weaviate.ref,
        f"who may reach {port}",
        _shown(peers),
        "not everybody",
        not opened,
        SOURCE,
        otherwise=PARTLY,
        say=say,
    )


def _among_themselves(facts: ClusterFacts, port: Port) -> Check:
    """The ports between the Weaviate pods carry neither TLS nor, for gossip and raft, a password."""
    peers = _peers(facts, port)
    strangers = [one for one in peers if _stranger(facts, one)]
    whom = names(map(network_policies.described, strangers))
    say = f"Port {port}, which the Weaviate pods use among themselves, is open to others: {whom}."
    expected = "the Weaviate pods only"
    return want(
        facts.weaviate.ref,
        f"who may reach {port}",
        _shown(peers),
        expected,
        not strangers,
        SOURCE,
        otherwise=PARTLY,
        say=say,
    )


def _stranger(facts: ClusterFacts, peer: Peer) -> bool:
    """Whether a peer takes in more than Weaviate's pods: it has to select them, and no other pod that is there."""
    weaviate = facts.weaviate
    own = list(labels_of_pods(facts).values())
    mine = {pod.metadata.name for pod in weaviate.pods}
    if (
        network_policies.whole_namespace(peer)
        or peer.everybody
        or (peer.peer is not None and peer.peer.ip_block is not None)
    ):
        return True
    spaces = {one.metadata.name: one.metadata.labels for one in facts.objects("namespaces")}

    def lets_in(namespace: str, labels: dict[str, str]) -> bool:
        return network_policies.allows(peer, namespace, spaces.get(namespace, {}), labels, weaviate.namespace)

    if not all(lets_in(weaviate.namespace, labels) for labels in own):
        return True
    others = (
        pod
        for pod in facts.objects("pods")
        if pod.metadata.name not in mine or pod.metadata.namespace != weaviate.namespace
    )
    if any(lets_in(pod.metadata.namespace, pod.metadata.labels) for pod in others):
        return True
    one = peer.peer
    # Pods of other namespaces are not all known here: a selector that reaches there and asks for no pod label is wide.
    return one is not None and one.namespace_selector is not None and one.pod_selector is None


def _gossip_shut(facts: ClusterFacts) -> list[Check]:
    """A warning line: policies that keep the pods from one another split the cluster once they are enforced."""
    weaviate = facts.weaviate
    if weaviate.replicas < 2:
        return []
    own = next(iter(labels_of_pods(facts).values()))
    spaces = {one.metadata.name: one.metadata.labels for one in facts.objects("namespaces")}
    labels = spaces.get(weaviate.namespace, {})
    shut = [
        str(port)
        for port in cluster_ports(facts)
        if not any(
            network_policies.allows(one, weaviate.namespace, labels, own, weaviate.namespace)
            for one in _peers(facts, port)
        )
    ]
    if not shut:
        return []
    return [note(weaviate.ref, "ports shut between the Weaviate pods", names(shut, most=5), SOURCE, "none", False)]


def _shown(peers: Sequence[Peer]) -> str:
    return names(map(network_policies.described, peers), most=4) or "nobody"


def _pods(facts: ClusterFacts, bare: Sequence[str]) -> str:
    if len(bare) == len(labels_of_pods(facts)):
        return "the Weaviate pods"
    return f"{agree(len(bare), 'the pod', 'the pods')} {names(bare)}"
