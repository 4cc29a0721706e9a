"""What a workload's own rules promise about where its pods go: hard, only preferred, or nothing.

A rule counts only where it applies to the workload's own pods: its selector must match their labels and its
namespaces must include theirs. A chart may hand one global anti-affinity to many workloads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from readiness_kit.facts.kubernetes.selectors import matches
from readiness_kit.kinds.pods import PodAffinityTerm, TopologySpreadConstraint

if TYPE_CHECKING:
    from readiness_kit.facts.weaviate.workload import Workload

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
