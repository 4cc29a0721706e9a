"""The traffic that NetworkPolicies allow to a set of pods, with the semantics of Kubernetes.

A pod is isolated in a direction as soon as one policy of its namespace selects it for that direction; the union of all
rules of those policies is allowed. There are no deny rules, so one open rule allows everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_address, ip_network
from itertools import pairwise
from typing import Literal

import msgspec

from readiness_kit.facts.kubernetes.address_ranges import admits_addresses, is_world
from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.kinds.network import (
    EgressPolicyRule,
    IngressPolicyRule,
    IPBlock,
    NetworkPolicy,
    NetworkPolicyPeer,
    NetworkPolicyPort,
)
from readiness_kit.kinds.pods import Pod, PodSpec

Direction = Literal["Ingress", "Egress"]
_NAME = "kubernetes.io/metadata.name"
_NEW_NAMESPACE = {_NAME: "a-namespace-that-does-not-exist-yet"}
_FEW = 2
_PORTS = 65535
_MOST = 0.5
"""Policies that allow everybody on more than this share of all ports do not count as a limit."""


class Port(msgspec.Struct, frozen=True, order=True):
    """A port number and its protocol."""

    number: int
    protocol: str = "TCP"

    def __str__(self) -> str:
        return f"{self.number}/{self.protocol}"


class Peer(msgspec.Struct, frozen=True):
    """A source that a policy allows; `peer` is None where the rule names no peer, which allows everybody."""

    policy: str
    peer: NetworkPolicyPeer | None

    @property
    def everybody(self) -> bool:
        """No peer, a peer without selectors, or selectors that any new pod in any new namespace passes.

        Address ranges: see `open_to_all`.
        """
        peer = self.peer
        if peer is None or (peer.pod_selector is None and peer.namespace_selector is None and peer.ip_block is None):
            return True
        if peer.namespace_selector is None or peer.ip_block is not None:
            return False
        new_pod = peer.pod_selector is None or matches(peer.pod_selector, {})
        return new_pod and matches(peer.namespace_selector, _NEW_NAMESPACE)

    def admits_all(self, namespaces: Mapping[str, Mapping[str, str]]) -> bool:
        """Whether every namespace that exists passes, and any new pod in them; needs more than two namespaces."""
        peer = self.peer
        if peer is None or peer.namespace_selector is None or len(namespaces) <= _FEW:
            return False
        new_pod = peer.pod_selector is None or matches(peer.pod_selector, {})
        return new_pod and all(
            matches(peer.namespace_selector, {_NAME: name, **labels}) for name, labels in namespaces.items()
        )


def directions(policy: NetworkPolicy) -> frozenset[str]:
    """`policyTypes`; the default is Ingress, and Egress where the policy has egress rules."""
    if policy.spec.policy_types:
        return frozenset(policy.spec.policy_types)
    return frozenset({"Ingress", "Egress"}) if policy.spec.egress else frozenset({"Ingress"})


def selecting(
    policies: Iterable[NetworkPolicy], namespace: str, labels: dict[str, str], direction: Direction
) -> tuple[NetworkPolicy, ...]:
    """The policies of a pod's namespace that isolate it in a direction; an empty podSelector selects all pods."""
    return tuple(
        policy
        for policy in policies
        if policy.metadata.namespace == namespace
        and direction in directions(policy)
        and matches(policy.spec.pod_selector, labels)
    )


def peers_on(
    policies: Sequence[NetworkPolicy], port: Port, spec: PodSpec, direction: Direction = "Ingress"
) -> tuple[Peer, ...]:
    """The peers that these policies allow on a port: the union of their rules for a direction.

    spec: the pod that has the port (for egress it is not known: an empty one, in which no port has a name)
    """
    found: list[Peer] = []
    for policy in policies:
        for rule, given in _rules(policy, direction):
            if not rule.ports or any(_covers(allowed, port, spec) for allowed in rule.ports):
                named: Sequence[NetworkPolicyPeer | None] = given or (None,)
                found += [Peer(policy.metadata.name, peer) for peer in named]
    return tuple(found)


def unlimited(
    policies: Sequence[NetworkPolicy], direction: Direction, namespaces: Mapping[str, Mapping[str, str]]
) -> tuple[str, ...]:
    """The names of the policies by which everybody is allowed on most TCP ports; empty where they are a limit.

    Rules for parts of the ports, or of the addresses, count together. namespaces: as in `open_to_all`
    """
    edges = {1, _PORTS + 1}
    for policy in policies:
        for rule, _ in _rules(policy, direction):
            for port in rule.ports:
                if isinstance(port.port, int):
                    edges |= {port.port, (port.end_port or port.port) + 1}
    inside = sorted(edge for edge in edges if 1 <= edge <= _PORTS + 1)
    wide, named = 0, set()
    for first, end in pairwise(inside):
        if found := open_to_all(peers_on(policies, Port(first), PodSpec(), direction), namespaces):
            wide += end - first
            named |= set(found)
    return tuple(sorted(named)) if wide > _PORTS * _MOST else ()


def open_to_all(peers: Iterable[Peer], namespaces: Mapping[str, Mapping[str, str]] | None = None) -> tuple[str, ...]:
    """The names of the policies that allow everybody, alone or (address ranges) combined; empty where none do.

    namespaces: the labels of the namespaces that exist, by name; a selector that all of them pass allows everybody
    """
    listed = tuple(peers)
    open_ones = {peer.policy for peer in listed if peer.everybody or peer.admits_all(namespaces or {})}
    blocks = [(peer.policy, peer.peer.ip_block) for peer in listed if peer.peer is not None and peer.peer.ip_block]
    if is_world(block for _, block in blocks):
        open_ones |= {policy for policy, block in blocks if admits_addresses(block)}
    return tuple(sorted(open_ones))


def allows(
    peer: Peer, namespace: str, namespace_labels: dict[str, str], labels: dict[str, str], policy_namespace: str
) -> bool:
    """Whether a peer of a policy in `policy_namespace` allows a pod with these labels in `namespace`."""
    rule = peer.peer
    if rule is None or peer.everybody:
        return True
    if rule.ip_block is not None:
        return False  # ranges are meant for addresses outside the cluster; pod addresses are not stable
    if rule.namespace_selector is None:
        return namespace == policy_namespace and matches(rule.pod_selector, labels)
    in_namespace = matches(rule.namespace_selector, {_NAME: namespace, **namespace_labels})
    return in_namespace and (rule.pod_selector is None or matches(rule.pod_selector, labels))


def whole_namespace(peer: Peer) -> bool:
    """Whether the peer is `podSelector: {}` alone: every pod of the policy's namespace, future pods included."""
    rule = peer.peer
    return (
        rule is not None
        and rule.namespace_selector is None
        and rule.pod_selector is not None
        and _empty(rule.pod_selector)
    )


def described(peer: Peer) -> str:
    """A peer as text: `pods {app: weaviate}`, `namespaces {team: search}`, `10.0.0.0/8`, `everybody`."""
    rule = peer.peer
    if rule is None or peer.everybody:
        return "everybody"
    if rule.ip_block is not None:
        excluded = f" except {', '.join(rule.ip_block.except_)}" if rule.ip_block.except_ else ""
        return f"{rule.ip_block.cidr}{excluded}"
    pods = f"pods {_text(rule.pod_selector)}" if rule.pod_selector is not None else ""
    namespaces = f"namespaces {_text(rule.namespace_selector)}" if rule.namespace_selector is not None else ""
    return " in ".join(part for part in (pods, namespaces) if part)


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


def _empty(selector: object) -> bool:
    return not getattr(selector, "match_labels", None) and not getattr(selector, "match_expressions", None)


def _text(selector: object) -> str:
    labels = getattr(selector, "match_labels", {})
    parts = [f"{key}: {value}" for key, value in sorted(labels.items())]
    for requirement in getattr(selector, "match_expressions", ()):
        parts.append(" ".join([requirement.key, requirement.operator, *requirement.values]))
    return "{" + ", ".join(parts) + "}"


class Connection(msgspec.Struct, frozen=True):
    """Whether the policies of the source let a connection out, and those of the destination let it in."""

    egress: bool
    ingress: bool

    @property
    def allowed(self) -> bool:
        """Whether the policies of both ends allow it."""
        return self.egress and self.ingress


def connection(
    policies: Sequence[NetworkPolicy],
    namespaces: Mapping[str, Mapping[str, str]],
    source: Pod | str,
    destination: Pod | str,
    port: Port,
) -> Connection:
    """What NetworkPolicies make of one connection.

    namespaces: the labels of the namespaces by name
    source, destination: a pod, or the address of something outside the cluster, which no policy protects
    port: the port at the destination; a named port of a rule is resolved in the destination pod
    """
    return Connection(
        _passes(policies, namespaces, source, destination, "Egress", destination, port),
        _passes(policies, namespaces, destination, source, "Ingress", destination, port),
    )


def _passes(
    policies: Sequence[NetworkPolicy],
    namespaces: Mapping[str, Mapping[str, str]],
    protected: Pod | str,
    peer: Pod | str,
    direction: Direction,
    destination: Pod | str,
    port: Port,
) -> bool:
    if isinstance(protected, str):
        return True
    meta = protected.metadata
    isolating = selecting(policies, meta.namespace, meta.labels, direction)
    spec = PodSpec() if isinstance(destination, str) else destination.spec
    return not isolating or any(
        (not rule.ports or any(_covers(allowed, port, spec) for allowed in rule.ports))
        and (not peers or any(_is_peer(allowed, peer, meta.namespace, namespaces) for allowed in peers))
        for policy in isolating
        for rule, peers in _rules(policy, direction)
    )


def _rules(
    policy: NetworkPolicy, direction: Direction
) -> Iterable[tuple[IngressPolicyRule | EgressPolicyRule, Sequence[NetworkPolicyPeer]]]:
    if direction == "Ingress":
        return [(rule, rule.from_) for rule in policy.spec.ingress]
    return [(rule, rule.to) for rule in policy.spec.egress]


def _is_peer(peer: NetworkPolicyPeer, other: Pod | str, own: str, namespaces: Mapping[str, Mapping[str, str]]) -> bool:
    if peer.ip_block is not None:
        address = other if isinstance(other, str) else other.status.pod_ip
        return bool(address) and _in_block(peer.ip_block, address)
    if isinstance(other, str):
        return False
    namespace = other.metadata.namespace
    labels = {_NAME: namespace, **namespaces.get(namespace, {})}
    in_scope = namespace == own if peer.namespace_selector is None else matches(peer.namespace_selector, labels)
    return in_scope and (peer.pod_selector is None or matches(peer.pod_selector, other.metadata.labels))


def _in_block(block: IPBlock, address: str) -> bool:
    host = ip_address(address)
    return host in ip_network(block.cidr, strict=False) and not any(
        host in ip_network(part, strict=False) for part in block.except_
    )
