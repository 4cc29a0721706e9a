"""The Weaviate workload to read metrics of, from the snapshot: pods, container, and how many rows to expect."""

from __future__ import annotations

from dataclasses import dataclass

from readiness_kit import locate
from readiness_kit.collect.prometheus import queries
from readiness_kit.collect.prometheus.queries import Scope
from readiness_kit.kinds.pods import Pod
from readiness_kit.kinds.prometheus import Labels
from readiness_kit.model import Settings, Target
from readiness_kit.snapshot import Snapshot


@dataclass(frozen=True)
class Subject:
    """`containers` counts those of the namespace, `others` those of other pods than Weaviate's. `end`: Unix seconds."""

    target: Target
    container: str
    mine: frozenset[str]
    replicas: int
    containers: int
    others: int
    nodes: frozenset[str]
    end: int
    selector: str

    @property
    def pattern(self) -> str:
        name = queries.literal(self.target.name)
        if self.target.kind == "StatefulSet":
            return f"{name}-[0-9]+"
        if self.target.kind == "Deployment":
            return f"{name}-[a-z0-9]+-[a-z0-9]+"
        return "|".join(sorted(map(queries.literal, self.mine))) or name

    @property
    def narrow(self) -> bool:
        return self.containers > queries.MAX_ROWS

    def scope(self, labels: Labels) -> Scope:
        return Scope(self.target.namespace, self.target.name, self.pattern, labels, self.narrow)


def subject_of(snapshot: Snapshot, settings: Settings, selector: str) -> Subject:
    """The workload that the settings choose. Raises WorkloadError where there is none, or several and none chosen."""
    sets, deployments = snapshot.objects("statefulsets"), snapshot.objects("deployments")
    every: tuple[Pod, ...] = snapshot.objects("pods")
    target = locate.choose(locate.find(sets, deployments, every), settings.cluster.weaviate).target
    there = [pod for pod in every if pod.metadata.namespace == target.namespace]
    mine = [pod for pod in there if _owned(pod, target)]
    workload = next(
        (
            found
            for found in (sets if target.kind == "StatefulSet" else deployments)
            if (found.metadata.namespace, found.metadata.name) == (target.namespace, target.name)
        ),
        None,
    )
    spec = workload.spec.template.spec if workload else mine[0].spec
    server = locate.server_container(spec) or spec.containers[0]
    total, own = (sum(len(pod.spec.containers) for pod in pods) for pods in (there, mine))
    return Subject(
        target,
        server.name,
        frozenset(pod.metadata.name for pod in mine),
        workload.spec.replicas if workload else len(mine),
        max(total, 1),
        total - own,
        frozenset(node.metadata.name for node in snapshot.objects("nodes")),
        int(snapshot.manifest.taken_at.timestamp() + snapshot.manifest.clock_skew),
        selector,
    )


def _owned(pod: Pod, target: Target) -> bool:
    kind, name = locate.pod_owner(pod)
    return (
        name.rpartition("-")[0] == target.name if kind == "ReplicaSet" else (kind, name) == (target.kind, target.name)
    )
