"""Where the Weaviate pods run and where they could run: zones, nodes, volumes, anti-affinity and spread constraints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from msgspec.structs import replace

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.availability import repair
from readiness_kit.evidence.wording import agree, names, spread_over
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes.scheduling import Situation, admitted, feasible
from readiness_kit.facts.kubernetes.topology import (
    HOSTNAME,
    LEGACY_ZONE,
    WIDE_KEYS,
    ZONE,
    pod_zones,
    region_of_node,
    zone_of_node,
    zone_of_volume,
)
from readiness_kit.kinds.cluster import Node
from readiness_kit.kinds.meta import ObjectMeta
from readiness_kit.kinds.pods import Affinity, Pod, PodAffinity, PodAffinityTerm, PodSpec
from readiness_kit.labels import count
from readiness_kit.model import Check, Outcome, Reason, Ref, Settings

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET


def several_replicas(facts: ClusterFacts, least: int = 2) -> Check:
    """The condition that several rules begin with: not met by one replica and by none, partly below `least`."""
    replicas = facts.weaviate.replicas
    message = "Weaviate is scaled to zero replicas."
    if replicas:
        message = "Weaviate has one replica: a restart or the loss of its node stops it."
    if replicas > 1:
        message = "Two replicas have no majority when one is lost."
    on, expected, outcome = weaviate_subject(facts), f"{least} or more", PARTLY if replicas > 1 else NOT_MET
    return on.check(
        "spec.replicas",
        replicas,
        expected,
        replicas >= least,
        message=message,
        on_failure=outcome,
        fix="replicas.three",
    )


def _is_ready(pod: Pod) -> bool:
    """Ready and not being deleted: the condition of a pod on a lost node stays at its last value for some time."""
    conditions = {condition.type: condition.status for condition in pod.status.conditions}
    return conditions.get("Ready") == "True" and pod.metadata.deletion_timestamp is None


def zones_of_pods(facts: ClusterFacts) -> list[Check]:
    """Q1: the zones that the pods run in, and the raft voters by zone."""
    zones = pod_zones(facts)
    unknown = sorted(name for name, zone in zones.items() if zone is None)
    counts = Counter(zone for zone in zones.values() if zone is not None)
    used = {pod.spec.node_name for pod in facts.weaviate.pods if pod.spec.node_name}
    nodes = [node for node in facts.objects("nodes") if node.metadata.name in used]
    regions = [region for node in nodes if (region := region_of_node(node))]
    on = weaviate_subject(facts, "nodes")
    checks = [on.info("regions of the pods", names(regions) or "no region label")]
    if unknown or not counts:
        message = "No pod is scheduled, so there is no zone to check."
        if unknown:
            message = (
                f"The zone of {names(unknown)} is not known: neither the node nor the volume has a zone label. "
                "Which racks or rooms are the nodes in?"
            )
        # The volumes may have had the zone, so a refused list of volumes is the reason.
        reason = facts.missing("persistentvolumes") or facts.missing("persistentvolumeclaims") or Reason.NOT_OBSERVABLE
        checks.append(on.unread("zones of the pods", "a zone for each pod", reason, message=message))
    if not counts:
        return checks
    return [*checks, *_zone_counts(facts, counts, complete=not unknown), *_voters(facts, zones)]


def _zone_counts(facts: ClusterFacts, counts: Counter[str], *, complete: bool) -> list[Check]:
    """The number of zones, and whether one has the majority. One zone decides nothing unless `complete`."""
    number, most, replicas = len(counts), max(counts.values()), facts.weaviate.replicas
    on, checks = weaviate_subject(facts, "nodes"), []
    if number > 1 or complete:
        message = f"All {count(sum(counts.values()), 'pod')} run in one zone, {names(counts)}."
        if number > 1:
            message = "The pods run in two zones: one of them always has the majority, and losing it stops writes."
        field, expected, outcome = "zones of the pods", "3 zones or more", PARTLY if number > 1 else NOT_MET
        seen = spread_over(counts)
        fix = "replicas.three" if replicas < 3 else "placement.zones"
        checks.append(on.check(field, seen, expected, number >= 3, message=message, on_failure=outcome, fix=fix))
    if number >= 3:
        message = f"One zone has {most} of {replicas} pods, so losing it loses the majority."
        ok = 2 * most <= replicas
        field, fix = "most pods in one zone", "placement.zones"
        checks.append(on.check(field, most, "no majority", ok, message=message, on_failure=PARTLY, fix=fix))
    return checks


def _voters(facts: ClusterFacts, zones: dict[str, str | None]) -> list[Check]:
    """The configured raft voters by zone: always the first pods, whatever the number of replicas."""
    declared = facts.weaviate.env("RAFT_JOIN")
    voters = [entry.partition(":")[0].strip() for entry in declared.value.split(",")] if declared.known else []
    placed = Counter(zones[name] or "no zone" for name in voters if name in zones)
    if not placed:
        return []
    seen, ok = f"{spread_over(placed)} ({count(len(voters), 'voter')})", 2 * max(placed.values()) < len(voters)
    message = f"One zone has the majority of the raft voters ({seen}), so losing it stops changes of the schema."
    field, expected = "env RAFT_JOIN, by zone", "no majority in one zone"
    on, fix = weaviate_subject(facts), "replicas.three" if facts.weaviate.replicas < 3 else "placement.zones"
    return [on.check(field, seen, expected, ok, message=message, on_failure=PARTLY, fix=fix)]


def pods_by_node(facts: ClusterFacts) -> list[Check]:
    """Q2: one pod on each node, all of them ready."""
    replicas = facts.weaviate.replicas
    pods = [pod for pod in facts.weaviate.pods if pod.spec.node_name and pod.metadata.deletion_timestamp is None]
    checks = []
    for node, number in sorted(Counter(pod.spec.node_name for pod in pods).items()):
        if number > 1:
            listed = names(pod.metadata.name for pod in pods if pod.spec.node_name == node)
            message = f"{listed} share the node {node}: losing it loses {number} of {replicas} replicas."
            on, fix = Subject(Ref("Node", node), "pods"), "placement.nodes"
            checks.append(on.check("Weaviate pods", number, "1", False, message=message, fix=fix))
    ready = len({pod.spec.node_name for pod in pods if _is_ready(pod)})
    message = f"{ready} of {count(replicas, 'replica')} {agree(ready, 'is', 'are')} ready on a separate node."
    field, ok = "nodes with a ready pod", ready == replicas > 0
    on = weaviate_subject(facts, "pods")
    fix = "members.restore" if sum(map(_is_ready, pods)) < replicas else "placement.nodes"
    checks.append(on.check(field, ready, str(replicas), ok, message=message, on_failure=PARTLY, fix=fix))
    return checks


# --- nodes that can take a pod --------------------------------------------------------------------


def nodes_by_zone(facts: ClusterFacts) -> Counter[str]:
    """Zone -> number of nodes that can take a Weaviate pod; nodes without a zone are left out."""
    return Counter(zone for node in facts.candidate_nodes if (zone := zone_of_node(node)))


def candidates(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """Q5: the nodes that can take a Weaviate pod by zone, and a second one wherever a volume cannot move."""
    zones, limit = nodes_by_zone(facts), settings.thresholds.zone_skew_maximum
    without_zone = [node.metadata.name for node in facts.candidate_nodes if not zone_of_node(node)]
    on, field, expected = weaviate_subject(facts, "nodes"), "nodes that can take a pod, by zone", "3 zones or more"
    if not zones and not without_zone:
        message = "No ready, schedulable node can take a Weaviate pod at this moment."
        return [on.check(field, "none", expected, False, message=message, fix="nodes.by_zone")]
    checks = []
    if namespaces := facts.snapshot.read("pods").namespaces:
        checks.append(weaviate_subject(facts, "pods").info("pods that take room", f"only those of {names(namespaces)}"))
    if without_zone:
        message = f"{names(without_zone)} has no zone label. Which racks or rooms are the nodes in?"
        on_node = Subject(Ref("Node", min(without_zone)), "nodes")
        checks.append(on_node.unread("zone label", "on each node", Reason.NOT_OBSERVABLE, message=message))
    if len(zones) > 1 or not without_zone:
        message = f"Weaviate can run in {count(len(zones), 'zone')} only: {names(zones)}."
        outcome = PARTLY if len(zones) == 2 else NOT_MET
        seen, ok = spread_over(zones), len(zones) >= 3
        fix = "nodes.by_zone"
        checks.append(on.check(field, seen, expected, ok, message=message, on_failure=outcome, fix=fix))
    if len(zones) > 1:
        skew = max(zones.values()) - min(zones.values())
        message = f"The nodes are unevenly distributed over the zones: {spread_over(zones)}."
        field, expected, ok = "most minus fewest nodes", f"{limit} or less", skew <= limit
        fix = "nodes.by_zone"
        checks.append(on.check(field, skew, expected, ok, message=message, on_failure=PARTLY, fix=fix))
    return [*checks, *_second_nodes(facts, zones)]


def _second_nodes(facts: ClusterFacts, zones: Counter[str]) -> list[Check]:
    """A zonal volume cannot leave its zone, so a second node in that zone has to be able to take its pod.

    A zone in which nodes are created on demand needs no second node.
    """
    reason = facts.missing("persistentvolumeclaims") or facts.missing("persistentvolumes")
    if reason is not None:
        message, on = "The zones of the volumes could not be read.", weaviate_subject(facts, "persistentvolumes")
        return [on.unread("volumes by zone", "2 nodes for each", reason, message=message)]
    on_demand = {zone_of_node(node) for node in facts.candidate_nodes if repair.made_on_demand(node)}
    held = _volumes_by_zone(facts)
    stuck = {zone for loss in facts.loss.nodes if loss.stranded for zone in _zones_of(facts, loss.name)}
    short = [zone for zone in held if (zones[zone] < 2 or zone in stuck) and zone not in on_demand]
    message = f"A volume cannot leave its zone, and {names(short)} {agree(len(short), 'has', 'have')} no second node."
    field, expected = "zone of the volume", "2 nodes or more in that zone"
    checks = []
    for zone, volumes in sorted(held.items()):
        seen = f"{zone}: {count(zones[zone], 'node')}{', more on demand' if zone in on_demand else ''}"
        on, ok = Subject(Ref("PersistentVolume", volumes[0]), "persistentvolumes"), zone not in short
        fix = "nodes.by_zone"
        checks.append(on.check(field, seen, expected, ok, message=message, on_failure=PARTLY, fix=fix))
    return checks


def _zones_of(facts: ClusterFacts, node: str) -> list[str]:
    zones = (zone_of_node(each) for each in facts.objects("nodes") if each.metadata.name == node)
    return [zone for zone in zones if zone]


def _volumes_by_zone(facts: ClusterFacts) -> dict[str, list[str]]:
    bound = {claim.spec.volume_name for claim in facts.weaviate.claims}
    found: dict[str, list[str]] = {}
    for volume in facts.objects("persistentvolumes"):
        zone = zone_of_volume(volume) if volume.metadata.name in bound else None
        if zone:
            found.setdefault(zone, []).append(volume.metadata.name)
    return found


# --- anti-affinity and spread constraints ---------------------------------------------------------

NODES, ZONES = "nodes", "zones"
OWN_KEYS = {NODES: frozenset({HOSTNAME}), ZONES: frozenset({ZONE, LEGACY_ZONE})}
REQUIRED, PREFERRED, NONE = 2, 1, 0
NO_RULE = "none that selects its own pods"
MAX_COMPARED = 5
"""Pods that are compared with one another; a template treats all of its pods alike, unless it names some."""
_AFFINITY, _SPREAD = "affinity.podAntiAffinity", "topologySpreadConstraints"


@dataclass(frozen=True)
class Rule:
    """The strongest rule found. `strength` is REQUIRED, PREFERRED or NONE; `text` is the rule in short.

    `key` is the label of nodes without which the rule has no effect, empty where it holds without any.
    """

    strength: int
    field: str
    text: str
    key: str = ""

    @property
    def required(self) -> bool:
        """Whether the scheduler must obey the rule."""
        return self.strength == REQUIRED

    @property
    def weakness(self) -> str:
        """Half a sentence on a rule that is not required."""
        if self.strength == NONE and self.text != NO_RULE:
            return f"the anti-affinity has no effect ({self.text})"
        if self.strength == NONE:
            return "no anti-affinity or spread constraint selects them"
        what = "the anti-affinity" if self.field == _AFFINITY else "the spread constraint"
        return f"{what} is only preferred, not required ({self.text})"


def separation(facts: ClusterFacts, what: str) -> Check:
    """Whether a required rule keeps the pods on separate NODES or in separate ZONES (`what`)."""
    rule = strongest(facts, what)
    message = f"Nothing forces the pods onto separate {what}: {rule.weakness}."
    expected, on = f"a required rule over {what}", weaviate_subject(facts)
    fix = "separation.nodes" if what == NODES else "separation.zones"
    reason = facts.missing("nodes")
    if rule.required and rule.key not in ("", HOSTNAME) and reason is not None:
        message = f"Whether every node has the label {rule.key}, without which the rule has no effect, was not read."
        return on.unread(rule.field, expected, reason, message=message, on_failure=PARTLY, fix=fix)
    return on.check(rule.field, rule.text, expected, rule.required, message=message, on_failure=PARTLY, fix=fix)


def strongest(facts: ClusterFacts, what: str) -> Rule:
    """The strongest rule that keeps the workload's own pods on separate NODES or in separate ZONES.

    A rule counts where the scheduler, with this rule alone, would refuse to put a second pod next to the first.
    """
    found = [*_anti_affinity(facts, what), *_constraints(facts, what)]
    return max(found, key=lambda rule: rule.strength, default=Rule(NONE, _AFFINITY, NO_RULE))


def _anti_affinity(facts: ClusterFacts, what: str) -> Iterator[Rule]:
    affinity = facts.weaviate.spec.affinity
    anti = affinity.pod_anti_affinity if affinity else None
    if anti is None:
        return
    for term in anti.required_during_scheduling_ignored_during_execution:
        if _separates(facts, what, _only_term(term)):
            text, without = f"required on {term.topology_key}", _without_label(facts, term.topology_key)
            if without:
                yield Rule(NONE, _AFFINITY, f"{text}, a label that {without} lacks")
            else:
                yield Rule(REQUIRED, _AFFINITY, text, term.topology_key)
    for weighted in anti.preferred_during_scheduling_ignored_during_execution:
        if _separates(facts, what, _only_term(weighted.pod_affinity_term)):
            yield Rule(PREFERRED, _AFFINITY, f"preferred, weight {weighted.weight}")


def _constraints(facts: ClusterFacts, what: str) -> Iterator[Rule]:
    for constraint in facts.weaviate.spec.topology_spread_constraints:
        key = constraint.topology_key
        # More pods than domains share domains, and a domain that is wider than a node (or zone) may share that too.
        domains = {node.metadata.labels.get(key) for node in facts.objects("nodes")} - {None}
        if key not in OWN_KEYS[what] and len(domains) < facts.weaviate.replicas:
            continue
        text = f"{constraint.when_unsatisfiable} on {constraint.topology_key}, maxSkew {constraint.max_skew}"
        # With a skew of more than one, two of three pods may share a domain: no guarantee.
        strict = replace(constraint, when_unsatisfiable="DoNotSchedule", max_skew=1)
        if _separates(facts, what, PodSpec(topology_spread_constraints=(strict,))):
            required = constraint.when_unsatisfiable == "DoNotSchedule" and constraint.max_skew == 1
            yield Rule(REQUIRED if required else PREFERRED, _SPREAD, text)


def _without_label(facts: ClusterFacts, key: str) -> str:
    """The first node for Weaviate that lacks a label: there the scheduler puts pods next to each other."""
    used = {pod.spec.node_name for pod in facts.weaviate.pods}
    nodes = {node.metadata.name: node for node in facts.candidate_nodes}
    nodes |= {node.metadata.name: node for node in facts.objects("nodes") if node.metadata.name in used}
    return min((name for name, node in nodes.items() if key not in node.metadata.labels), default="")


def _only_term(term: PodAffinityTerm) -> PodSpec:
    rules = PodAffinity(required_during_scheduling_ignored_during_execution=(term,))
    return PodSpec(affinity=Affinity(pod_anti_affinity=rules))


def _separates(facts: ClusterFacts, what: str, spec: PodSpec) -> bool:
    """Whether the rules of `spec` keep each pod off the node (or zone) on which another one runs."""
    pods = [admitted(replace(pod, spec=spec)) for pod in facts.weaviate.created_pods[:MAX_COMPARED]]
    affinity = spec.affinity.pod_anti_affinity if spec.affinity else None
    terms = affinity.required_during_scheduling_ignored_during_execution if affinity else ()
    keys = {rule.topology_key for rule in spec.topology_spread_constraints} | {term.topology_key for term in terms}
    nodes = _sample_nodes(keys - WIDE_KEYS, ("zone-1", "zone-1", "zone-2"))
    beside = {node.metadata.name for node in (nodes[:1] if what == NODES else nodes[:2])}
    empty = Situation(nodes, (), facts.situation.namespaces)
    pairs = list(combinations(pods, 2))
    return bool(pairs) and all(
        beside.isdisjoint(feasible(second, empty.place(first, nodes[0].metadata.name))) for first, second in pairs
    )


def _sample_nodes(keys: set[str], zones: tuple[str, ...]) -> tuple[Node, ...]:
    """A node in each of the zones; every one of the further `keys` differs from node to node."""
    return tuple(
        Node(
            ObjectMeta(
                f"node-{number}",
                labels={**dict.fromkeys(WIDE_KEYS, zone), **dict.fromkeys(keys, f"node-{number}")},
            )
        )
        for number, zone in enumerate(zones)
    )
