"""Tools of the ecosystem that are found in the cluster, by the table `detectors.yaml`.

    facts.detections                     # all that is found, level and signs, in the order of the table
    facts.detected("logs")               # those of a group that run at least (level 2)
    facts.detected("logs", level=1)      # also those of which only the API is there
    facts.agents_on(nodes)               # which log agents' pods come to each of these nodes
    unseen(facts, "logs")                # which reads of the group are missing: then nothing found means nothing
    DETECTOR_READS["logs"]               # what evidence that asks for the group has to name in reads and tolerates

A detection never proves more than its `proves`; what it leaves open stands in `does_not`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.facts.detectors.matching import CRDS, AnyWorkload, Index, Sign, signs
from readiness_kit.facts.detectors.relevance import nodes_of_weaviate, schedules_on
from readiness_kit.facts.detectors.table import APIS, GROUPS, Detector, detectors, reads_of
from readiness_kit.kinds.cluster import Node
from readiness_kit.kinds.workloads import DaemonSet
from readiness_kit.model import Detection, Reason

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

__all__ = ["DETECTOR_READS", "GROUPS", "Coverage", "DetectorMatch", "agents_on", "found", "scan", "unseen"]

DETECTOR_READS: dict[str, tuple[str, ...]] = {group: reads_of(group) for group in GROUPS}
"""Group -> keys that its detectors read. None of them is required: evidence tolerates them all."""

LEVELS = {1: "its API is there", 2: "it runs", 3: "it has to do with this Weaviate"}


class DetectorMatch(msgspec.Struct, frozen=True):
    """A detection with the row it came from and the workloads that were recognised."""

    detection: Detection
    detector: Detector
    workloads: tuple[AnyWorkload, ...]


class Coverage(msgspec.Struct, frozen=True):
    """The agents on one node: `sure` have all their pods ready, `unsure` not all, `away` do not come to it."""

    node: str
    sure: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    away: tuple[str, ...] = ()


def scan(facts: ClusterFacts) -> tuple[DetectorMatch, ...]:
    """Every row of the table with a sign in this cluster, in the order of the table."""
    index = Index(facts)
    hits = []
    for detector in detectors():
        seen, workloads = signs(detector, index)
        if seen:
            hits.append(DetectorMatch(_detection(detector, seen), detector, tuple(workloads)))
    return tuple(hits)


def found(facts: ClusterFacts) -> list[Detection]:
    """What was found, for people: by group in the order of the table, the surest of each first."""
    return sorted(facts.detections, key=lambda tool: (GROUPS.index(tool.group), -tool.level))


def unseen(facts: ClusterFacts, group: str) -> dict[str, Reason]:
    """The reads of a group that are missing, with the reason; of APIs and CRDs either is enough."""
    lost = {key: reason for key in DETECTOR_READS[group] if (reason := facts.missing(key)) is not None}
    if APIS in lost and facts.missing(CRDS) is None:
        del lost[APIS]
    return lost


def agents_on(facts: ClusterFacts, nodes: Iterable[Node] | None = None, group: str = "logs") -> tuple[Coverage, ...]:
    """To which of the nodes (default: those with Weaviate) the DaemonSets of a group send a pod.

    Pods of other namespaces are not read, so this follows from node selector, affinity and tolerations of each
    DaemonSet, and from whether all of its pods are ready.
    """
    chosen = nodes_of_weaviate(facts) if nodes is None else tuple(nodes)
    sets = [
        (hit.detection.tool, workload)
        for hit in facts.detector_matches
        if hit.detector.group == group
        for workload in hit.workloads
        if isinstance(workload, DaemonSet) and workload.status.number_ready
    ]
    return tuple(_coverage(node, sets) for node in chosen)


def _coverage(node: Node, sets: list[tuple[str, DaemonSet]]) -> Coverage:
    scheduled = [(tool, daemonset) for tool, daemonset in sets if schedules_on(daemonset, node)]
    sure = {
        tool
        for tool, daemonset in scheduled
        if daemonset.status.number_ready >= daemonset.status.desired_number_scheduled
    }
    unsure = {tool for tool, _ in scheduled} - sure
    away = {tool for tool, _ in sets} - sure - unsure
    return Coverage(node.metadata.name, tuple(sorted(sure)), tuple(sorted(unsure)), tuple(sorted(away)))


def _detection(detector: Detector, seen: list[Sign]) -> Detection:
    level, first = seen[0]
    where = f"{first.ref.kind} {'/'.join(filter(None, (first.ref.namespace, first.ref.name)))}"
    return Detection(
        tool=detector.tool,
        group=detector.group,
        sign=f"{where}: {first.field} {first.seen}",
        proves=detector.proves,
        does_not=detector.does_not,
        level=level,
        grade=detector.grade,
        facts=tuple(fact for _, fact in seen),
    )
