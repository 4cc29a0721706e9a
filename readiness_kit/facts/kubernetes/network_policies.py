"""What NetworkPolicies let through to a set of pods, with the semantics of Kubernetes.

A pod is isolated in a direction as soon as one policy of its namespace selects it for that direction; what is
allowed is the union of all rules of those policies. There is no deny rule, so an open rule anywhere is open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Literal

import msgspec

from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.kinds.network import IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort
from readiness_kit.kinds.pods import PodSpec

Direction = Literal["Ingress", "Egress"]


class Port(msgspec.Struct, frozen=True, order=True):
    number: int
    protocol: str = "TCP"

    def __str__(self) -> str:
        return f"{self.number}/{self.protocol}"


class Peer(msgspec.Struct, frozen=True):
    """One source that a policy allows; `peer` None where the rule names nobody, which allows everybody."""

    policy: str
    peer: NetworkPolicyPeer | None

    @property
    def everybody(self) -> bool:
        """No peer, one without any selector, or every pod of every namespace. For address ranges see `open_to_all`."""
        peer = self.peer
        if peer is None or (peer.pod_selector is None and peer.namespace_selector is None and peer.ip_block is None):
            return True
        return (
            peer.namespace_selector is not None
            and _empty(peer.namespace_selector)
            and (peer.pod_selector is None or _empty(peer.pod_selector))
        )


def directions(policy: NetworkPolicy) -> frozenset[str]:
    """`policyTypes`; without them Ingress, and Egress where the policy has egress rules."""
    if policy.spec.policy_types:
        return frozenset(policy.spec.policy_types)
    return frozenset({"Ingress", "Egress"}) if policy.spec.egress else frozenset({"Ingress"})


def selecting(
    policies: Iterable[NetworkPolicy], namespace: str, labels: dict[str, str], direction: Direction
) -> tuple[NetworkPolicy, ...]:
    """The policies of the pod's own namespace that isolate it in a direction; an empty podSelector selects all."""
    return tuple(
        policy
        for policy in policies
        if policy.metadata.namespace == namespace
        and direction in directions(policy)
        and matches(policy.spec.pod_selector, labels)
    )


def sources(policies: Sequence[NetworkPolicy], port: Port, spec: PodSpec) -> tuple[Peer, ...]:
    """Whom these policies let in to a port of a pod: the union of their ingress rules for it."""
    found: list[Peer] = []
    for policy in policies:
        for rule in policy.spec.ingress:
            if not rule.ports or any(_covers(one, port, spec) for one in rule.ports):
                peers: Sequence[NetworkPolicyPeer | None] = rule.from_ or (None,)
                found += [Peer(policy.metadata.name, peer) for peer in peers]
    return tuple(found)


def open_to_all(peers: Iterable[Peer]) -> tuple[str, ...]:
    """The names of the policies that let everybody in, alone or (address ranges) all together; empty where none do."""
    listed = tuple(peers)
    open_ones = {one.policy for one in listed if one.everybody}
    blocks = [(one.policy, one.peer.ip_block) for one in listed if one.peer is not None and one.peer.ip_block]
    if _whole(block for _, block in blocks):
        open_ones |= {policy for policy, _ in blocks}
    return tuple(sorted(open_ones))


def allows(peer: Peer, namespace: str, namespace_labels: dict[str, str], labels: dict[str, str], own: str) -> bool:
    """Whether a peer rule of a policy in namespace `own` lets a pod with these labels in `namespace` through."""
    one = peer.peer
    if one is None or peer.everybody:
        return True
    if one.ip_block is not None:
        return False  # ranges are for addresses outside; pod addresses are nobody's to count on
    if one.namespace_selector is None:
        return namespace == own and matches(one.pod_selector, labels)
    in_namespace = matches(one.namespace_selector, {"kubernetes.io/metadata.name": namespace, **namespace_labels})
    return in_namespace and (one.pod_selector is None or matches(one.pod_selector, labels))


def whole_namespace(peer: Peer) -> bool:
    """`podSelector: {}` alone: every pod of the policy's namespace, those to come included."""
    one = peer.peer
    return (
        one is not None and one.namespace_selector is None and one.pod_selector is not None and _empty(one.pod_selector)
    )


def described(peer: Peer) -> str:
    """`pods {app: weaviate}`, `namespaces {team: search}`, `10.0.0.0/8`, `everybody`."""
    one = peer.peer
    if one is None or peer.everybody:
        return "everybody"
    if one.ip_block is not None:
        left_out = f" except {', '.join(one.ip_block.except_)}" if one.ip_block.except_ else ""
        return f"{one.ip_block.cidr}{left_out}"
    pods = f"pods {_text(one.pod_selector)}" if one.pod_selector is not None else ""
    spaces = f"namespaces {_text(one.namespace_selector)}" if one.namespace_selector is not None else ""
    return " in ".join(part for part in (pods, spaces) if part)


def _covers(allowed: NetworkPolicyPort, port: Port, spec: PodSpec) -> bool:
    if (allowed.protocol or "TCP") != port.protocol:
        return False
    if allowed.port is None:
        return True
    if isinstance(allowed.port, str):
        return port in _named(spec, allowed.port, port.protocol)
    return allowed.port <= port.number <= (allowed.end_port or allowed.port)


def _named(spec: PodSpec, name: str, protocol: str) -> set[Port]:
    return {
        Port(port.container_port, port.protocol or "TCP")
        for container in spec.containers
        for port in container.ports
        if port.name == name and (port.protocol or "TCP") == protocol
    }


def _whole(blocks: Iterable[IPBlock]) -> bool:
    """Whether address ranges together hold all of IPv4 or IPv6; what a block leaves out by `except` is not weighed."""
    four: list[IPv4Network] = []
    six: list[IPv6Network] = []
    for block in blocks:
        try:
            network = ip_network(block.cidr, strict=False)
        except ValueError:
            continue
        if isinstance(network, IPv4Network):
            four.append(network)
        else:
            six.append(network)
    merged = [*(one.prefixlen for one in collapse_addresses(four)), *(one.prefixlen for one in collapse_addresses(six))]
    return 0 in merged


def _empty(selector: object) -> bool:
    return not getattr(selector, "match_labels", None) and not getattr(selector, "match_expressions", None)


def _text(selector: object) -> str:
    labels = getattr(selector, "match_labels", {})
    parts = [f"{key}: {value}" for key, value in sorted(labels.items())]
    for one in getattr(selector, "match_expressions", ()):
        parts.append(" ".join([one.key, one.operator, *one.values]))
    return "{" + ", ".join(parts) + "}"
