"""Rules of Cilium and Calico that allow everybody, in one direction.

Sources: https://docs.cilium.io/en/stable/security/policy/ and
https://docs.tigera.io/calico/latest/reference/resources/networkpolicy
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeGuard

from readiness_kit.facts.kubernetes.address_ranges import is_world, texts_are_world
from readiness_kit.facts.kubernetes.network_policies import Direction
from readiness_kit.kinds.mesh import (
    ActionRule,
    CalicoEntity,
    CalicoPolicy,
    CalicoRule,
    CiliumPolicy,
    CiliumRule,
    CiliumTraffic,
)
from readiness_kit.kinds.network import IPBlock

EVERYBODY = frozenset({"all", "world", "world-ipv4", "world-ipv6", "cluster"})
"""Entities of Cilium that include callers of any kind."""
ALLOW = ("", "Allow")


def rules_of(policy: CiliumPolicy) -> list[CiliumRule]:
    """The rules of a policy, which has either `spec` or `specs`."""
    return [rule for rule in (policy.spec, *policy.specs) if rule is not None]


def traffic(policy: CiliumPolicy, direction: Direction) -> list[CiliumTraffic]:
    """What a policy of Cilium allows in a direction."""
    listed = (rule.ingress if direction == "Ingress" else rule.egress for rule in rules_of(policy))
    return [allowed for rules in listed for allowed in rules or ()]


def allows(policy: object, direction: Direction) -> bool:
    """Whether a policy has a rule that allows something; deny rules only narrow, and an empty rule allows no peer."""
    if isinstance(policy, CiliumPolicy):
        return any(rule != CiliumTraffic() for rule in traffic(policy, direction))
    return any(rule.action in ALLOW for rule in _actions(policy, direction))


def denies(policy: object, direction: Direction) -> bool:
    """Whether a policy has a rule that denies something or passes it on, before or instead of one that allows it."""
    if isinstance(policy, CiliumPolicy):
        return any(rule.ingress_deny if direction == "Ingress" else rule.egress_deny for rule in rules_of(policy))
    return any(rule.action not in ALLOW for rule in _actions(policy, direction))


def limits(policy: object, direction: Direction) -> bool:
    """Whether a policy of Cilium or Calico isolates the pods that it selects in a direction."""
    if isinstance(policy, CiliumPolicy):
        return any(_isolates(rule, direction) for rule in rules_of(policy))
    if not isinstance(policy, CalicoPolicy):
        return False
    return direction in policy.spec.types or (not policy.spec.types and bool(_actions(policy, direction)))


def _isolates(rule: CiliumRule, direction: Direction) -> bool:
    allowed, denied = (rule.ingress, rule.ingress_deny) if direction == "Ingress" else (rule.egress, rule.egress_deny)
    default = rule.enable_default_deny.ingress if direction == "Ingress" else rule.enable_default_deny.egress
    if allowed is None and denied is None:
        return False
    return default is not False or bool(denied)


def _actions(policy: object, direction: Direction) -> tuple[ActionRule, ...]:
    spec = getattr(policy, "spec", None)
    found: tuple[ActionRule, ...] = getattr(spec, direction.lower(), ())
    return found


def open_to_all(policies: Iterable[object], direction: Direction) -> bool:
    """Whether these policies together allow everybody: on some port (ingress), or on every port (egress).

    Address ranges of several rules count together. False where another rule of them may deny it.
    """
    listed = list(policies)
    if any(denies(policy, direction) for policy in listed):
        return False
    cilium = [rule for policy in listed if isinstance(policy, CiliumPolicy) for rule in traffic(policy, direction)]
    calico = [
        rule
        for policy in listed
        if isinstance(policy, CalicoPolicy)
        for rule in _actions(policy, direction)
        if _is_whole(rule)
    ]
    return _by_cilium(cilium, direction) or _by_calico(calico, direction)


# --- Cilium ---------------------------------------------------------------------------------------


def _by_cilium(rules: list[CiliumTraffic], direction: Direction) -> bool:
    if direction == "Egress":
        rules = [rule for rule in rules if not rule.to_ports]
    if any(EVERYBODY & set(_entities(rule, direction)) or _without_peer(rule, direction) for rule in rules):
        return True
    return is_world(block for rule in rules for block in _blocks(rule, direction))


def _entities(rule: CiliumTraffic, direction: Direction) -> tuple[str, ...]:
    return rule.from_entities if direction == "Ingress" else rule.to_entities


def _blocks(rule: CiliumTraffic, direction: Direction) -> Iterator[IPBlock]:
    texts, blocks = (rule.from_cidr, rule.from_cidr_set) if direction == "Ingress" else (rule.to_cidr, rule.to_cidr_set)
    yield from (IPBlock(cidr=text) for text in texts)
    yield from blocks


def _without_peer(rule: CiliumTraffic, direction: Direction) -> bool:
    """A rule with ports and without a peer allows everybody on them."""
    named = (rule.from_endpoints, rule.from_requires, rule.from_nodes, rule.from_groups)
    peers = rule.from_entities or rule.from_cidr or rule.from_cidr_set or any(peer is not None for peer in named)
    return direction == "Ingress" and bool(rule.to_ports) and not peers


# --- Calico ---------------------------------------------------------------------------------------


def _is_whole(rule: ActionRule) -> TypeGuard[CalicoRule]:
    """A rule that allows each protocol that Weaviate uses, without a condition on the request or a port."""
    if not isinstance(rule, CalicoRule) or rule.action not in ALLOW:
        return False
    narrowed = rule.protocol not in ("", "TCP", 6) or rule.http is not None or rule.not_protocol != ""
    return not narrowed and not rule.source.ports and not rule.destination.ports


def _by_calico(rules: list[CalicoRule], direction: Direction) -> bool:
    peers = [
        (rule.source, rule.destination) if direction == "Ingress" else (rule.destination, rule.source) for rule in rules
    ]
    # The other side is the pod itself, which a rule may narrow by a selector that is not evaluated.
    whole = [peer for peer, own in peers if own == CalicoEntity()]
    nets = [text for peer in whole for text in peer.nets if peer == CalicoEntity(nets=peer.nets)]
    return any(peer == CalicoEntity() for peer in whole) or texts_are_world(nets)
