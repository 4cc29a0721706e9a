"""The scheduler's filters: on which nodes a pod fits, and what turns it away from the others.

The filters of kube-scheduler 1.37, named as there; volumes, preemption and scores are not part of it.
Source: https://kubernetes.io/docs/concepts/scheduling-eviction/
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

import msgspec
from msgspec import structs

from readiness_kit.facts.kubernetes import topology
from readiness_kit.facts.kubernetes.pod_requests import requested
from readiness_kit.facts.kubernetes.quantities import quantity_of
from readiness_kit.facts.kubernetes.selectors import is_empty, matches
from readiness_kit.kinds.cluster import Node, Taint
from readiness_kit.kinds.meta import LabelSelector, Requirement
from readiness_kit.kinds.pods import Pod, PodAffinity, PodAffinityTerm, TopologySpreadConstraint

UNSCHEDULABLE = Taint(key="node.kubernetes.io/unschedulable", effect="NoSchedule")
RESOURCES = ("cpu", "memory")


class Situation(msgspec.Struct, frozen=True, dict=True):
    """The nodes, the pods that run on them, and the labels of the namespaces by name."""

    nodes: tuple[Node, ...]
    pods: tuple[Pod, ...] = ()
    namespaces: Mapping[str, Mapping[str, str]] = {}

    @cached_property
    def running(self) -> tuple[tuple[Pod, Node], ...]:
        """The pods on these nodes, finished ones left out, each with its node."""
        nodes = {node.metadata.name: node for node in self.nodes}
        return tuple(
            (pod, nodes[pod.spec.node_name])
            for pod in self.pods
            if pod.spec.node_name in nodes and pod.status.phase not in ("Succeeded", "Failed")
        )

    @cached_property
    def guarded(self) -> tuple[tuple[Pod, Node], ...]:
        """The running pods that have a required anti-affinity."""
        return tuple((pod, node) for pod, node in self.running if _terms(pod, anti=True))

    @cached_property
    def used(self) -> dict[str, Counter[str]]:
        """Node -> number of its pods (`pods`), and their requests in millicores and bytes (`RESOURCES`)."""
        found: dict[str, Counter[str]] = {node.metadata.name: Counter() for node in self.nodes}
        for pod, node in self.running:
            found[node.metadata.name].update(_asked(pod))
        return found

    def namespace_labels(self, name: str) -> dict[str, str]:
        return {"kubernetes.io/metadata.name": name, **self.namespaces.get(name, {})}

    def without(self, lost: Callable[[Node], bool]) -> Situation:
        """The situation after the loss of some nodes and of the pods on them."""
        nodes = tuple(node for node in self.nodes if not lost(node))
        names = {node.metadata.name for node in nodes}
        found = Situation(nodes, tuple(pod for pod in self.pods if pod.spec.node_name in names), self.namespaces)
        found.__dict__["used"] = {name: self.used[name] for name in names}
        return found

    def place(self, pod: Pod, node: str) -> Situation:
        """The situation with one more pod, on a node of these."""
        placed = structs.replace(pod, spec=structs.replace(pod.spec, node_name=node))
        found = Situation(self.nodes, (*self.pods, placed), self.namespaces)
        found.__dict__["used"] = {**self.used, node: self.used[node] + Counter(_asked(pod))}
        return found


Refused = Callable[[Node], bool]


def refusals(pod: Pod, situation: Situation) -> dict[str, tuple[str, ...]]:
    """For each node by name: all filters that turn the pod away, each asked by itself; empty where the pod fits."""
    filters: dict[str, Refused] = {
        "NodeUnschedulable": lambda node: _is_cordoned(pod, node),
        "TaintToleration": lambda node: not topology.tolerates(node.spec.taints, pod.spec.tolerations),
        "NodeAffinity": lambda node: not topology.selected(node, pod.spec),
        "PodTopologySpread": _spread(pod, situation),
        "InterPodAffinity": _affinity(pod, situation),
        "NodeResourcesFit": _resources(pod, situation),
    }
    return {
        node.metadata.name: tuple(name for name, refuses in filters.items() if refuses(node))
        for node in situation.nodes
    }


def feasible(pod: Pod, situation: Situation) -> tuple[str, ...]:
    """The names of the nodes on which the pod fits."""
    return tuple(name for name, reasons in refusals(pod, situation).items() if not reasons)


def _is_cordoned(pod: Pod, node: Node) -> bool:
    return node.spec.unschedulable and not topology.tolerates((UNSCHEDULABLE,), pod.spec.tolerations)


def admitted(pod: Pod) -> Pod:
    """A pod of a template as the API server stores it: selectors have the own values of its label keys."""
    affinity, labels = pod.spec.affinity, pod.metadata.labels
    if affinity is None:
        return pod
    own = {
        name: _with_own_labels(getattr(affinity, name), labels)
        for name in ("pod_affinity", "pod_anti_affinity")
        if getattr(affinity, name) is not None
    }
    return structs.replace(pod, spec=structs.replace(pod.spec, affinity=structs.replace(affinity, **own)))


def _with_own_labels(rules: PodAffinity, labels: Mapping[str, str]) -> PodAffinity:
    required = rules.required_during_scheduling_ignored_during_execution
    merged = tuple(_merged(term, labels) for term in required)
    return structs.replace(rules, required_during_scheduling_ignored_during_execution=merged)


def _merged(term: PodAffinityTerm, labels: Mapping[str, str]) -> PodAffinityTerm:
    selector = term.label_selector
    if selector is None:
        return term
    own = [Requirement(key, "In", (labels[key],)) for key in term.match_label_keys if key in labels]
    own += [Requirement(key, "NotIn", (labels[key],)) for key in term.mismatch_label_keys if key in labels]
    expressions = (*selector.match_expressions, *own)
    return structs.replace(term, label_selector=structs.replace(selector, match_expressions=expressions))


# --- resources ------------------------------------------------------------------------------------


def _resources(pod: Pod, situation: Situation) -> Refused:
    asked, used = _asked(pod), situation.used

    def refuses(node: Node) -> bool:
        allocatable, taken = node.status.allocatable, used[node.metadata.name]
        pods = quantity_of(allocatable, "pods")
        if not math.isnan(pods) and taken["pods"] + 1 > pods:
            return True
        return any(
            asked[resource] > 0
            and asked[resource] > _units(quantity_of(allocatable, resource), resource) - taken[resource]
            for resource in RESOURCES
        )

    return refuses


def _asked(pod: Pod) -> dict[str, int]:
    return {"pods": 1, **{name: _units(requested(pod.spec, name), name) for name in RESOURCES}}


def _units(amount: float, resource: str) -> int:
    """Millicores and bytes, rounded up as the scheduler does; an unknown amount counts as 0."""
    if math.isnan(amount):
        return 0
    return math.ceil(round(amount * 1000, 6)) if resource == "cpu" else math.ceil(amount)


# --- topology spread ------------------------------------------------------------------------------


def _spread(pod: Pod, situation: Situation) -> Refused:
    constraints = [one for one in pod.spec.topology_spread_constraints if one.when_unsatisfiable == "DoNotSchedule"]
    keys = {constraint.topology_key for constraint in constraints}
    checks = [_constraint(pod, constraint, keys, situation) for constraint in constraints]
    return lambda node: any(refuses(node) for refuses in checks)


def _constraint(pod: Pod, constraint: TopologySpreadConstraint, keys: set[str], situation: Situation) -> Refused:
    key, selector = constraint.topology_key, _own_selector(pod, constraint)
    counts: Counter[str] = Counter()
    eligible = {
        node.metadata.name: node.metadata.labels[key]
        for node in situation.nodes
        if keys <= node.metadata.labels.keys() and _counts_for(pod, constraint, node)
    }
    domains = set(eligible.values())
    # An empty selector counts no running pod, although it selects the new one.
    if selector is not None and not is_empty(selector):
        for other, node in situation.running:
            if (
                node.metadata.name in eligible
                and other.metadata.namespace == pod.metadata.namespace
                and other.metadata.deletion_timestamp is None
                and matches(selector, other.metadata.labels)
            ):
                counts[eligible[node.metadata.name]] += 1
    least = min((counts[domain] for domain in domains), default=None)
    if constraint.min_domains is not None and len(domains) < constraint.min_domains:
        least = 0
    own = 1 if matches(selector, pod.metadata.labels) else 0

    def refuses(node: Node) -> bool:
        domain = node.metadata.labels.get(key)
        if domain is None:
            return True
        return least is not None and counts[domain] + own - least > constraint.max_skew

    return refuses


def _own_selector(pod: Pod, constraint: TopologySpreadConstraint) -> LabelSelector | None:
    """The selector of a constraint with the pod's own values of `matchLabelKeys`."""
    selector, labels = constraint.label_selector, pod.metadata.labels
    own = {key: labels[key] for key in constraint.match_label_keys if key in labels}
    if selector is None or not own:
        return selector
    expressions = tuple(Requirement(key, "In", (value,)) for key, value in own.items())
    return structs.replace(selector, match_expressions=(*selector.match_expressions, *expressions))


def _counts_for(pod: Pod, constraint: TopologySpreadConstraint, node: Node) -> bool:
    """Whether a node is part of the spread: by the pod's own affinity and, with `Honor`, by its tolerations."""
    if constraint.node_affinity_policy != "Ignore" and not topology.selected(node, pod.spec):
        return False
    return constraint.node_taints_policy != "Honor" or topology.tolerates(node.spec.taints, pod.spec.tolerations)


# --- affinity between pods ------------------------------------------------------------------------


def _affinity(pod: Pod, situation: Situation) -> Refused:
    kept_away = _domains_kept_by_others(pod, situation)
    apart, together = _terms(pod, anti=True), _terms(pod, anti=False)
    running = situation.running
    taken = {
        (term.topology_key, node.metadata.labels[term.topology_key])
        for term in apart
        for other, node in running
        if term.topology_key in node.metadata.labels and _term_matches(term, pod, other, situation)
    }
    joined = {
        (term.topology_key, node.metadata.labels[term.topology_key])
        for other, node in running
        if together and all(_term_matches(term, pod, other, situation) for term in together)
        for term in together
        if term.topology_key in node.metadata.labels
    }
    # The first pod of a group may go anywhere if it matches its own terms.
    is_first = not joined and all(_term_matches(term, pod, pod, situation) for term in together)

    def refuses(node: Node) -> bool:
        labels = node.metadata.labels
        if any((key, value) in kept_away for key, value in labels.items()):
            return True
        if any((term.topology_key, labels.get(term.topology_key)) in taken for term in apart):
            return True
        if any(term.topology_key not in labels for term in together):
            return True
        return not is_first and any((term.topology_key, labels[term.topology_key]) not in joined for term in together)

    return refuses


def _domains_kept_by_others(pod: Pod, situation: Situation) -> set[tuple[str, str]]:
    """(key, value) of the domains from which the required anti-affinity of running pods keeps the new pod away."""
    return {
        (term.topology_key, node.metadata.labels[term.topology_key])
        for other, node in situation.guarded
        for term in _terms(other, anti=True)
        if term.topology_key in node.metadata.labels and _term_matches(term, other, pod, situation)
    }


def _terms(pod: Pod, *, anti: bool) -> Sequence[PodAffinityTerm]:
    affinity = pod.spec.affinity
    rules = None if affinity is None else (affinity.pod_anti_affinity if anti else affinity.pod_affinity)
    return rules.required_during_scheduling_ignored_during_execution if rules else ()


def _term_matches(term: PodAffinityTerm, owner: Pod, other: Pod, situation: Situation) -> bool:
    """Whether a term of `owner` selects `other`; without namespaces or a selector of them, in the owner's namespace."""
    namespace = other.metadata.namespace
    if not term.namespaces and term.namespace_selector is None:
        in_scope = namespace == owner.metadata.namespace
    else:
        labels = situation.namespace_labels(namespace)
        in_scope = namespace in term.namespaces or matches(term.namespace_selector, labels)
    return in_scope and matches(term.label_selector, other.metadata.labels)
