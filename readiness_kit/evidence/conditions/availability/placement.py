"""Where the pods of Weaviate are, and where they could go: conditions that several questions share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.availability import repair
from readiness_kit.evidence.wording import agree, names, spread_over
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.facts.kubernetes.topology import (
    candidate_nodes,
    pod_zones,
    region_of_node,
    zone_of_node,
    zone_of_volume,
)
from readiness_kit.facts.weaviate.workload import Workload
from readiness_kit.kinds.cluster import Node
from readiness_kit.kinds.pods import Pod, PodAffinityTerm, TopologySpreadConstraint
from readiness_kit.labels import count
from readiness_kit.locate import workload_key
from readiness_kit.model import Check, Outcome, Reason, Ref, Settings

if TYPE_CHECKING:
    from readiness_kit.facts.weaviate.workload import Workload

PARTLY = Outcome.PARTLY
ONE_REPLICA = "One replica: a restart or the loss of its node stops Weaviate."


def one_replica(weaviate: Workload) -> Check:
    """The condition that several rules begin with; it fails at one replica and at none."""
    message = ONE_REPLICA if weaviate.replicas else "Weaviate is scaled to no replica at all."
    source = workload_key(weaviate.kind)
    return Subject(weaviate.ref, source).check(
        "spec.replicas", weaviate.replicas, "3 or more", weaviate.replicas > 1, message=message
    )


def is_ready(pod: Pod) -> bool:
    """Ready by its condition, and not on its way out (a pod of a lost node keeps its last words for long)."""
    conditions = {condition.type: condition.status for condition in pod.status.conditions}
    return conditions.get("Ready") == "True" and pod.metadata.deletion_timestamp is None


def nodes_of(facts: ClusterFacts) -> list[Node]:
    placed = {pod.spec.node_name for pod in facts.weaviate.pods if pod.spec.node_name}
    return [node for node in facts.objects("nodes") if node.metadata.name in placed]


def zones_of_pods(facts: ClusterFacts) -> list[Check]:
    weaviate = facts.weaviate
    by_pod = pod_zones(facts)
    lost = sorted(name for name, zone in by_pod.items() if zone is None)
    counts = Counter(zone for zone in by_pod.values() if zone is not None)
    regions = {region_of_node(node) for node in nodes_of(facts)} - {None, ""}
    on = weaviate_subject(facts, "nodes")
    checks = [on.info("regions of the pods", names(str(one) for one in regions) or "no region label")]
    if lost or not counts:
        message = (
            f"No zone is known for {names(lost)}: neither the node nor the volume names one. "
            "Ask which racks or rooms the nodes stand in."
            if lost
            else "No pod has been placed, so there is no zone to look at."
        )
        checks.append(on.unread("zones of the pods", "a zone for each pod", _why_no_zone(facts), message=message))
        if not counts:
            return checks
    checks += _zones_judged(weaviate, counts, bool(lost))
    return [*checks, *_voters(weaviate, by_pod)]


def _zones_judged(weaviate: Workload, counts: Counter[str], lacking: bool) -> list[Check]:
    """How many zones, and whether one has the majority; one zone is no verdict while pods of unknown zone are left."""
    number, most, source = len(counts), max(counts.values()), "nodes"
    checks = []
    on = Subject(weaviate.ref, source)
    if number > 1 or not lacking:
        message = f"All {count(sum(counts.values()), 'pod')} run in one zone, {names(counts)}."
        if number > 1:
            message = "The pods run in two zones: one of them always holds the majority, and its loss stops writes."
        outcome = PARTLY if number > 1 else Outcome.NOT_MET
        field, expected, ok = "zones of the pods", "3 zones or more", number >= 3
        checks.append(on.check(field, spread_over(counts), expected, ok, message=message, on_failure=outcome))
    if number >= 3:
        message = f"One zone holds {most} of {weaviate.replicas} pods, so its loss takes the majority."
        half = 2 * most <= weaviate.replicas
        field = "most pods in one zone"
        checks.append(on.check(field, most, "no majority", half, message=message, on_failure=PARTLY))
    return checks


def _why_no_zone(facts: ClusterFacts) -> Reason:
    """A refused list of volumes might have told; else nothing in the cluster does."""
    return facts.missing("persistentvolumes") or facts.missing("persistentvolumeclaims") or Reason.NOT_OBSERVABLE


def _voters(weaviate: Workload, by_pod: dict[str, str | None]) -> list[Check]:
    """The declared raft voters by zone: they are always the first pods, however many there are."""
    declared = weaviate.env("RAFT_JOIN")
    voters = [one.partition(":")[0].strip() for one in declared.value.split(",")] if declared.known else []
    placed = Counter(by_pod[name] or "no zone" for name in voters if name in by_pod)
    if not placed:
        return []
    fine = 2 * max(placed.values()) < len(voters)
    seen = f"{spread_over(placed)} ({count(len(voters), 'voter')})"
    return [
        Subject(weaviate.ref, workload_key(weaviate.kind)).info(
            "env RAFT_JOIN, by zone", seen, "no majority in one zone", fine
        )
    ]


def pods_by_node(weaviate: Workload) -> list[Check]:
    replicas = weaviate.replicas
    alive = [pod for pod in weaviate.pods if pod.spec.node_name and pod.metadata.deletion_timestamp is None]
    placed = Counter(pod.spec.node_name for pod in alive)
    shared = {node: number for node, number in placed.items() if number > 1}
    checks = []
    for node, number in sorted(shared.items()):
        together = names(pod.metadata.name for pod in alive if pod.spec.node_name == node)
        message = f"{together} share the node {node}: one node loss takes {number} of {replicas} replicas."
        checks.append(Subject(Ref("Node", node), "pods").check("Weaviate pods", number, "1", False, message=message))
    ready = {pod.spec.node_name for pod in alive if is_ready(pod)}
    message = (
        f"{len(ready)} of {count(replicas, 'replica')} {agree(len(ready), 'is', 'are')} ready on a node of its own."
    )
    field = "nodes with a ready pod"
    checks.append(
        Subject(weaviate.ref, "pods").check(
            field, len(ready), str(replicas), len(ready) == replicas > 0, message=message, on_failure=PARTLY
        )
    )
    if replicas == 2:
        message = "Two replicas have no majority once one is lost."
        key = workload_key(weaviate.kind)
        checks.append(
            Subject(weaviate.ref, key).check("spec.replicas", 2, "3 or more", False, message=message, on_failure=PARTLY)
        )
    return checks


def second_nodes(facts: ClusterFacts, candidates: tuple[Node, ...], by_zone: Counter[str]) -> list[Check]:
    """A zonal volume cannot leave its zone: there, a second node has to be able to take its pod.

    Nodes that are made when a pod needs one count as a second one in their zone: none need stand by.
    """
    why = facts.missing("persistentvolumeclaims") or facts.missing("persistentvolumes")
    if why is not None:
        message = "Whether the volumes are bound to zones with a single node could not be read."
        return [
            weaviate_subject(facts, "persistentvolumes").unread(
                "volumes by zone", "2 nodes for each", why, message=message
            )
        ]
    on_demand = {zone_of_node(node) for node in candidates if repair.made_on_demand(node)}
    held = _volume_zones(facts)
    lacking = [zone for zone in held if by_zone[zone] < 2 and zone not in on_demand]
    verb = agree(len(lacking), "has", "have")
    message = f"A volume cannot leave its zone, and {names(lacking)} {verb} no second node for its pod."
    field, expected = "zone of the volume", "2 nodes or more in that zone"
    checks = []
    for zone, volumes in sorted(held.items()):
        seen = f"{zone}: {count(by_zone[zone], 'node')}{', more on demand' if zone in on_demand else ''}"
        ref, ok = Ref("PersistentVolume", volumes[0]), zone not in lacking
        checks.append(
            Subject(ref, "persistentvolumes").check(field, seen, expected, ok, message=message, on_failure=PARTLY)
        )
    return checks


def _volume_zones(facts: ClusterFacts) -> dict[str, list[str]]:
    """The zones that hold a volume of Weaviate, each with the names of these volumes."""
    bound = {claim.spec.volume_name for claim in facts.weaviate.claims}
    found: dict[str, list[str]] = {}
    for volume in facts.objects("persistentvolumes"):
        zone = zone_of_volume(volume) if volume.metadata.name in bound else None
        if zone:
            found.setdefault(zone, []).append(volume.metadata.name)
    return found


def by_zone(facts: ClusterFacts) -> Counter[str]:
    """Zone -> number of nodes that can take a pod; nodes without a zone are left out."""
    return Counter(zone for node in candidate_nodes(facts) if (zone := zone_of_node(node)))


def spread(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """Nodes that can take a Weaviate pod, by zone, and a second one wherever a volume cannot move."""
    candidates = candidate_nodes(facts)
    zones = by_zone(facts)
    bare = [node.metadata.name for node in candidates if not zone_of_node(node)]
    field = "nodes that can take a pod, by zone"
    on = weaviate_subject(facts, "nodes")
    if not candidates:
        message = "No ready, schedulable node can take a Weaviate pod at this moment."
        none = on.check(field, "none", "3 zones or more", False, message=message)
        return [none]
    checks: list[Check] = []
    if bare:
        message = f"No zone label on {names(bare)}: ask which racks or rooms the nodes stand in."
        checks.append(
            Subject(Ref("Node", min(bare)), "nodes").unread(
                "zone label", "on each node", Reason.NOT_OBSERVABLE, message=message
            )
        )
    number = len(zones)
    if number > 1 or not bare:
        message = f"Weaviate can run in {count(number, 'zone')} only: {names(zones)}."
        outcome = PARTLY if number == 2 else Outcome.NOT_MET
        seen = spread_over(zones)
        checks.append(on.check(field, seen, "3 zones or more", number >= 3, message=message, on_failure=outcome))
    if number > 1:
        skew = max(zones.values()) - min(zones.values())
        limit = settings.thresholds.zone_skew_maximum
        message = f"The zones are uneven: {spread_over(zones)}."
        checks.append(
            on.check(
                "most minus fewest nodes", skew, f"{limit} or less", skew <= limit, message=message, on_failure=PARTLY
            )
        )
    checks += second_nodes(facts, candidates, zones)
    return checks


HOSTNAME = frozenset({"kubernetes.io/hostname"})
ZONE = frozenset({"topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"})

HARD, PREFERRED, NONE = 2, 1, 0


@dataclass(frozen=True)
class Rule:
    """The strongest rule found: `strength` HARD, PREFERRED or NONE, `field` where it stands, `text` what it says."""

    strength: int
    field: str
    text: str

    @property
    def hard(self) -> bool:
        return self.strength == HARD

    @property
    def say(self) -> str:
        """The half sentence for a rule that is not hard."""
        if self.strength == NONE:
            return "no anti-affinity or spread constraint selects its pods"
        what = "the anti-affinity" if self.field == "affinity.podAntiAffinity" else "the spread constraint"
        return f"{what} is only a wish ({self.text})"


def strongest(workload: Workload, keys: frozenset[str]) -> Rule:
    """The strongest rule over one of the topology `keys` that applies to the workload's own pods."""
    found = [*_anti_affinity(workload, keys), *_constraints(workload, keys)]
    nothing = Rule(NONE, "affinity.podAntiAffinity", "none that selects its own pods")
    return max(found, key=lambda rule: rule.strength, default=nothing)


def _anti_affinity(workload: Workload, keys: frozenset[str]) -> list[Rule]:
    affinity = workload.spec.affinity
    anti = affinity.pod_anti_affinity if affinity else None
    if anti is None:
        return []
    hard = [
        Rule(HARD, "affinity.podAntiAffinity", f"required on {term.topology_key}")
        for term in anti.required_during_scheduling_ignored_during_execution
        if _applies(term, workload, keys)
    ]
    soft = [
        Rule(PREFERRED, "affinity.podAntiAffinity", f"preferred, weight {weighted.weight}")
        for weighted in anti.preferred_during_scheduling_ignored_during_execution
        if _applies(weighted.pod_affinity_term, workload, keys)
    ]
    return [*hard, *soft]


def _applies(term: PodAffinityTerm, workload: Workload, keys: frozenset[str]) -> bool:
    if term.topology_key not in keys or not matches(term.label_selector, workload.pod_labels):
        return False
    if not term.namespaces and term.namespace_selector is None:
        return True  # neither given means the pod's own namespace
    if workload.namespace in term.namespaces:
        return True
    # Of a namespace's labels only this one is certain: Kubernetes sets it on every namespace.
    certain = {"kubernetes.io/metadata.name": workload.namespace}
    return term.namespace_selector is not None and matches(term.namespace_selector, certain)


def _constraints(workload: Workload, keys: frozenset[str]) -> list[Rule]:
    return [
        _constraint(one)
        for one in workload.spec.topology_spread_constraints
        if one.topology_key in keys and matches(one.label_selector, workload.pod_labels)
    ]


def _constraint(one: TopologySpreadConstraint) -> Rule:
    # A skew of more than one lets two of three pods share a domain: a wish, not a promise.
    hard = one.when_unsatisfiable == "DoNotSchedule" and one.max_skew == 1
    text = f"{one.when_unsatisfiable} on {one.topology_key}, maxSkew {one.max_skew}"
    return Rule(HARD if hard else PREFERRED, "topologySpreadConstraints", text)
