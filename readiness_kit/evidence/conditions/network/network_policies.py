"""NetworkPolicies of the Weaviate pods: whether they cover every pod, whom they admit, and what enforces them."""

from __future__ import annotations

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.network import plugin_policies
from readiness_kit.evidence.wording import agree, names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes import cni, network_policies
from readiness_kit.facts.kubernetes.address_ranges import admits_addresses
from readiness_kit.facts.kubernetes.network_policies import Direction, Peer, Port, described, selecting
from readiness_kit.facts.weaviate import exposure
from readiness_kit.kinds.network import NetworkPolicy
from readiness_kit.model import Check, Outcome, Reason, Ref

PARTLY = Outcome.PARTLY
SOURCE, CRDS = "networkpolicies", plugin_policies.CRDS
MAX_PODS = 10
"""Pods that are tested against each other; pods of one workload rarely differ."""
SELECTED = "each pod selected by one"


def coverage(facts: ClusterFacts, *, on_failure: Outcome = Outcome.NOT_MET) -> Check:
    """Whether policies limit ingress to every pod; unknown where policies that are not judged may do so."""
    weaviate, on = facts.weaviate, weaviate_subject(facts, SOURCE)
    field, reason = "NetworkPolicies for ingress", facts.missing(SOURCE)
    if reason is not None:
        return on.unread(field, SELECTED, reason, message="NetworkPolicies were not read.")
    if weaviate.spec.host_network:
        message = "NetworkPolicies do not apply to the Weaviate pods, because they use the network of their nodes."
        expected = "false, so that NetworkPolicies apply"
        fix = "exposure.nodes"
        return on.check("spec.hostNetwork", "true", expected, False, message=message, on_failure=on_failure, fix=fix)
    bare = uncovered(facts, "Ingress")
    if not bare and (wide := names(_unlimited(facts, "Ingress"))):
        message = f"The NetworkPolicies of the Weaviate pods limit nothing: everyone may connect, by {wide}."
        seen, fix = f"everyone by {wide}", "network.narrow"
        return on.check(field, seen, SELECTED, False, message=message, on_failure=PARTLY, fix=fix)
    if not bare:
        return on.check(field, _names_selecting(facts, "Ingress"), SELECTED, True)
    pods = _pods(facts, bare)
    other, why = plugin_policies.may_cover(facts)
    if why is not None:
        message = f"No NetworkPolicy selects {pods}; {other} could, whose rules this kit does not judge."
        return weaviate_subject(facts, CRDS).unread(field, SELECTED, why, message=message)
    present = names(policy.metadata.name for policy in _of_namespace(facts))
    seen = f"{present}: not for {pods}" if present else "none in the namespace"
    policies = f"None of the NetworkPolicies in {weaviate.namespace}" if present else "No NetworkPolicy"
    message = f"{policies} limits who may connect to {pods}."
    return on.check(field, seen, SELECTED, False, message=message, on_failure=on_failure, fix="network.allow_list")


def rules(facts: ClusterFacts) -> list[Check]:
    """Whom the policies admit, port by port. Only for pods that are all isolated: `coverage` is met."""
    weaviate = facts.weaviate
    checks = [_not_open(facts, Port(port)) for port in dict.fromkeys(exposure.api_ports(weaviate))]
    if weaviate.is_enabled("PROMETHEUS_MONITORING_ENABLED") is not False:
        checks.append(_not_open(facts, Port(exposure.port_of(weaviate, "PROMETHEUS_MONITORING_PORT", 2112))))
    checks += [_among_pods(facts, port) for port in cluster_ports(facts)]
    return [*checks, *_closed_gossip(facts)]


def egress(facts: ClusterFacts) -> Check:
    """Whether policies limit egress of every pod; undecided where only policies of a plug-in do.

    A policy that allows every destination removes the limit, whatever else there is.
    """
    bare, on = uncovered(facts, "Egress"), weaviate_subject(facts, SOURCE)
    field = "NetworkPolicies for egress"
    by_plug_in = plugin_policies.open_to_all(facts, "Egress")
    if wide := by_plug_in or ("" if bare else names(_unlimited(facts, "Egress"))):
        message = f"The Weaviate pods may connect to everything, by {wide}: no limit is in effect."
        seen, fix = f"everything by {wide}", "network.narrow"
        return on.check(field, seen, SELECTED, False, message=message, on_failure=PARTLY, fix=fix)
    if not bare and (unclear := names(plugin_policies.may_widen_egress(facts))):
        message = f"{unclear} may let the Weaviate pods connect to more; the rules of these policies are not judged."
        return on.unread(field, SELECTED, Reason.NOT_OBSERVABLE, message=message, on_failure=PARTLY)
    if bare and (limiting := names(plugin_policies.limiting_egress(facts))):
        message = f"What the Weaviate pods may connect to is limited by {limiting}, whose rules are not judged."
        return on.unread(field, SELECTED, Reason.NOT_OBSERVABLE, message=message)
    message = f"Nothing limits what {_pods(facts, bare)} may connect to: the policies are for ingress only."
    seen, fix = "none" if bare else _names_selecting(facts, "Egress"), "network.allow_list"
    return on.check(field, seen, SELECTED, not bare, message=message, on_failure=PARTLY, fix=fix)


def enforcement(facts: ClusterFacts) -> Check:
    """Whether the network plug-in enforces policies: not met where it does not, partly met where it is unknown."""
    field, expected, key = "network plug-in", "enforces NetworkPolicies", "daemonsets"
    on, reason = weaviate_subject(facts, key), facts.missing(key)
    if reason is not None:
        message = "Which network plug-in runs was not read, so it is unknown whether anything enforces the policies."
        return on.unread(field, expected, reason, message=message)
    plug_in = cni.plugin(facts)
    if plug_in.daemonset:
        on = Subject(Ref("DaemonSet", plug_in.daemonset, plug_in.namespace), key)
    seen = f"{plug_in.name or 'not recognised'}: {plug_in.indicator}"
    if plug_in.reason is not None:
        message = f"Whether {plug_in.name} enforces the policies was not read (enable-policy in its ConfigMap)."
        source = "ciliumconfigs" if facts.missing("ciliumconfigs") is not None else key
        return Subject(on.ref, source).unread(field, expected, plug_in.reason, message=message)
    if plug_in.enforces is False:
        message = f"The policies have no effect: {plug_in.name} does not enforce them here ({plug_in.indicator})."
        return on.check(field, seen, expected, False, message=message, fix="network.enforce")
    doubt = "no network plug-in was recognised among the DaemonSets"
    if plug_in.name:
        doubt = f"the network plug-in is {plug_in.name} ({plug_in.indicator})"
    message = f"Nothing shows that the policies are enforced: {doubt}."
    ok, fix = bool(plug_in.enforces), "network.enforce"
    return on.check(field, seen, expected, ok, message=message, on_failure=PARTLY, fix=fix)


def default_deny(facts: ClusterFacts) -> Check:
    """Informational: a default-deny policy."""
    deny = names(policy.metadata.name for policy in _of_namespace(facts) if _is_default_deny(policy))
    on = Subject(Ref("Namespace", facts.weaviate.namespace), SOURCE)
    return on.info("default-deny policy", deny or "none")


# --- which policies select the pods ---------------------------------------------------------------


def labels_of_pods(facts: ClusterFacts) -> dict[str, dict[str, str]]:
    """Pod name -> labels of the Weaviate pods; without pods the workload's name -> labels of the template."""
    weaviate = facts.weaviate
    return {pod.metadata.name: pod.metadata.labels for pod in weaviate.pods} or {weaviate.name: weaviate.pod_labels}


def _selecting(facts: ClusterFacts, direction: Direction) -> dict[str, list[NetworkPolicy]]:
    """Pod name -> the NetworkPolicies that select it for a direction."""
    policies, namespace = facts.objects(SOURCE), facts.weaviate.namespace
    return {
        name: list(selecting(policies, namespace, labels, direction)) for name, labels in labels_of_pods(facts).items()
    }


def _unlimited(facts: ClusterFacts, direction: Direction) -> list[str]:
    """The policies by which a Weaviate pod is open to everybody, or may connect to everything."""
    labels = _namespace_labels(facts)
    found = _selecting(facts, direction).values()
    return sorted({name for own in found for name in network_policies.unlimited(own, direction, labels)})


def uncovered(facts: ClusterFacts, direction: Direction) -> list[str]:
    """The Weaviate pods that no NetworkPolicy selects for a direction."""
    return [name for name, policies in _selecting(facts, direction).items() if not policies]


def _names_selecting(facts: ClusterFacts, direction: Direction) -> str:
    return names(policy.metadata.name for found in _selecting(facts, direction).values() for policy in found)


def _of_namespace(facts: ClusterFacts) -> list[NetworkPolicy]:
    namespace = facts.weaviate.namespace
    return [policy for policy in facts.objects(SOURCE) if policy.metadata.namespace == namespace]


def _is_default_deny(policy: NetworkPolicy) -> bool:
    selector = policy.spec.pod_selector
    everything = not selector.match_labels and not selector.match_expressions
    return everything and "Ingress" in network_policies.directions(policy) and not policy.spec.ingress


# --- whom the policies admit ----------------------------------------------------------------------


def cluster_ports(facts: ClusterFacts) -> list[Port]:
    """Gossip (TCP and UDP), data, and Raft with its RPC port."""
    weaviate = facts.weaviate
    gossip = exposure.port_of(weaviate, "CLUSTER_GOSSIP_BIND_PORT", exposure.GOSSIP_PORT)
    data = exposure.port_of(weaviate, "CLUSTER_DATA_BIND_PORT", exposure.DATA_PORT)
    return [Port(gossip), Port(gossip, "UDP"), Port(data), *(Port(port) for port in exposure.raft_ports(weaviate))]


def _peers(facts: ClusterFacts, port: Port) -> list[Peer]:
    found = (
        peer
        for policies in _selecting(facts, "Ingress").values()
        for peer in network_policies.peers_on(policies, port, facts.weaviate.spec)
    )
    return list({(peer.policy, described(peer)): peer for peer in found}.values())


def _not_open(facts: ClusterFacts, port: Port) -> Check:
    peers = _peers(facts, port)
    open_by = network_policies.open_to_all(peers, _namespace_labels(facts))
    message = f"Port {port} is open to everyone by {names(open_by)}."
    return _admitted(facts, port, peers, "not everyone", not open_by, message)


def _among_pods(facts: ClusterFacts, port: Port) -> Check:
    """The ports between the Weaviate pods have no TLS and, for gossip and Raft, no password."""
    peers = _peers(facts, port)
    others = [peer for peer in peers if _includes_others(facts, peer)]
    message = f"Port {port}, which the Weaviate pods use among themselves, is open to others: "
    message += f"{names(map(described, others))}."
    return _admitted(facts, port, peers, "the Weaviate pods only", not others, message)


def _admitted(facts: ClusterFacts, port: Port, peers: list[Peer], expected: str, ok: bool, message: str) -> Check:
    on, seen = weaviate_subject(facts, SOURCE), names(map(described, peers), most=4) or "nobody"
    field, fix = f"who may reach {port}", "network.narrow"
    return on.check(field, seen, expected, ok, message=message, on_failure=PARTLY, fix=fix)


def _namespace_labels(facts: ClusterFacts) -> dict[str, dict[str, str]]:
    return {namespace.metadata.name: namespace.metadata.labels for namespace in facts.objects("namespaces")}


def _includes_others(facts: ClusterFacts, peer: Peer) -> bool:
    """Whether a peer admits more than the Weaviate pods: it has to select them, and no other existing pod."""
    weaviate, rule, namespaces = facts.weaviate, peer.peer, _namespace_labels(facts)
    if rule is not None and rule.ip_block is not None:
        return admits_addresses(rule.ip_block)
    if network_policies.whole_namespace(peer) or peer.everybody:
        return True

    def admits(namespace: str, labels: dict[str, str]) -> bool:
        return network_policies.allows(peer, namespace, namespaces.get(namespace, {}), labels, weaviate.namespace)

    if not all(admits(weaviate.namespace, labels) for labels in labels_of_pods(facts).values()):
        return True
    own = {(weaviate.namespace, pod.metadata.name) for pod in weaviate.pods}
    others = (p.metadata for p in facts.objects("pods") if (p.metadata.namespace, p.metadata.name) not in own)
    if any(admits(other.namespace, other.labels) for other in others):
        return True
    # Not all pods of other namespaces are known here: a namespace selector without a pod selector admits others.
    return rule is not None and rule.namespace_selector is not None and rule.pod_selector is None


def _closed_gossip(facts: ClusterFacts) -> list[Check]:
    """Ports on which a Weaviate pod cannot reach another, which splits the cluster once the policies are enforced."""
    pods, policies, labels = facts.weaviate.pods, facts.objects(SOURCE), _namespace_labels(facts)

    def is_open(port: Port) -> bool:
        return all(
            network_policies.connection(policies, labels, source, destination, port).allowed
            for source in pods[:MAX_PODS]
            for destination in pods[:MAX_PODS]
            if source is not destination
        )

    closed = names((str(port) for port in cluster_ports(facts) if not is_open(port)), most=5)
    on = weaviate_subject(facts, SOURCE)
    if not closed:
        return []
    message = f"The policies close ports that the Weaviate pods need among themselves: {closed}."
    field = "ports closed between the Weaviate pods"
    fix = "network.allow_list"
    return [on.check(field, closed, "none", False, message=message, on_failure=PARTLY, fix=fix)]


def _pods(facts: ClusterFacts, bare: list[str]) -> str:
    if len(bare) == len(labels_of_pods(facts)):
        return "the Weaviate pods"
    return f"{agree(len(bare), 'the pod', 'the pods')} {names(bare)}"
