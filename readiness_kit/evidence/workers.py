"""The nodes that can take a Weaviate pod, by zone, and a second one wherever a volume cannot move."""

from __future__ import annotations

from collections import Counter

from readiness_kit.evidence.framework import Check, unread, want
from readiness_kit.evidence.placement import second_nodes
from readiness_kit.evidence.wording import names, spread_over
from readiness_kit.facts import Facts
from readiness_kit.facts.kubernetes.topology import candidate_nodes, zone_of_node
from readiness_kit.labels import count
from readiness_kit.model import Outcome, Reason, Ref, Settings

PARTLY = Outcome.PARTLY


def by_zone(facts: Facts) -> Counter[str]:
    """Zone -> number of nodes that can take a pod; nodes without a zone are left out."""
    return Counter(zone for node in candidate_nodes(facts) if (zone := zone_of_node(node)))


def spread(facts: Facts, settings: Settings) -> list[Check]:
    """Nodes that can take a Weaviate pod, by zone, and a second one wherever a volume cannot move."""
    weaviate = facts.weaviate
    candidates = candidate_nodes(facts)
    zones = by_zone(facts)
    bare = [node.metadata.name for node in candidates if not zone_of_node(node)]
    field = "nodes that can take a pod, by zone"
    if not candidates:
        say = "No ready, schedulable node can take a Weaviate pod at this moment."
        none = want(weaviate.ref, field, "none", "3 zones or more", False, "nodes", say=say)
        return [none]
    checks: list[Check] = []
    if bare:
        say = f"No zone label on {names(bare)}: ask which racks or rooms the nodes stand in."
        checks.append(
            unread(Ref("Node", min(bare)), "zone label", "on each node", Reason.NOT_OBSERVABLE, "nodes", say=say)
        )
    number = len(zones)
    if number > 1 or not bare:
        say = f"Weaviate can run in {count(number, 'zone')} only: {names(zones)}."
        outcome = PARTLY if number == 2 else Outcome.NOT_MET
        seen = spread_over(zones)
        checks.append(
            want(weaviate.ref, field, seen, "3 zones or more", number >= 3, "nodes", otherwise=outcome, say=say)
        )
    if number > 1:
        skew = max(zones.values()) - min(zones.values())
        limit = settings.thresholds.zone_skew_maximum
        say = f"The zones are uneven: {spread_over(zones)}."
        checks.append(
            want(
                weaviate.ref,
                "most minus fewest nodes",
                skew,
                f"{limit} or less",
                skew <= limit,
                "nodes",
                otherwise=PARTLY,
                say=say,
            )
        )
    checks += second_nodes(facts, candidates, zones)
    return checks
