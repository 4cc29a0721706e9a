"""Detect the tools of the ecosystem in a cluster, by the table `detectors.yaml`.

    facts.detections                     # all detections with level and indicators, in the order of the table
    facts.detected("logs")               # those of a group that are running (level 2 or 3)
    facts.detected("logs", level=1)      # also those of which only the API is installed
    agents_on(facts, nodes)              # the log agents on each of these nodes
    unseen(facts, "logs")                # the missing reads of the group; with any, "not found" is inconclusive
    DETECTOR_READS["logs"]               # the keys that evidence on the group names in `reads` and `tolerates`

A detection proves only its `proves`, which depends on its level; `not_proven` lists what remains unproven.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.facts.detectors.matching import CRDS, AnyWorkload, Index, Indicator, indicators
from readiness_kit.facts.detectors.relevance import nodes_of_weaviate, schedules_on
from readiness_kit.facts.detectors.table import APIS, GROUPS, Detector, detectors, reads_of
from readiness_kit.kinds.cluster import Node
from readiness_kit.kinds.workloads import DaemonSet
from readiness_kit.model import Detection, Reason

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

__all__ = ["DETECTOR_READS", "GROUPS", "Coverage", "DetectorMatch", "agents_on", "found", "scan", "unseen"]

DETECTOR_READS: dict[str, tuple[str, ...]] = {group: reads_of(group) for group in GROUPS}
"""Group -> keys that its detectors read. All of them are optional: evidence tolerates their absence."""

LEVELS = {1: "API installed", 2: "running", 3: "related to this Weaviate"}
PROVES = {
    1: "its API or an object of it exists; it was not seen running",
    2: "it runs in this cluster; no relation to this Weaviate was found",
}
"""What a detection below level 3 proves, whatever the tool could do for Weaviate."""


class DetectorMatch(msgspec.Struct, frozen=True):
    """A detection with its row of the table and the recognised workloads."""

    detection: Detection
    detector: Detector
    workloads: tuple[AnyWorkload, ...]


class Coverage(msgspec.Struct, frozen=True):
    """The agents of a node: `sure` (all pods of the agent are ready), `unsure` (not all), `away` (not scheduled)."""

    node: str
    sure: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    away: tuple[str, ...] = ()


def scan(facts: ClusterFacts) -> tuple[DetectorMatch, ...]:
    """Every row of the table with an indicator in this cluster, in the order of the table."""
    index = Index(facts)
    matches = []
    for detector in detectors():
        found, workloads = indicators(detector, index)
        if found:
            matches.append(DetectorMatch(_detection(detector, found), detector, tuple(workloads)))
    return tuple(matches)


def found(facts: ClusterFacts) -> list[Detection]:
    """The detections for display: by group in the order of the table, then by descending level."""
    return sorted(facts.detections, key=lambda tool: (GROUPS.index(tool.group), -tool.level))


def unseen(facts: ClusterFacts, group: str) -> dict[str, Reason]:
    """The missing reads of a group with the reason; one of API groups and CRDs suffices."""
    missing = {key: reason for key in DETECTOR_READS[group] if (reason := facts.missing(key)) is not None}
    if APIS in missing and facts.missing(CRDS) is None:
        del missing[APIS]
    return missing


def agents_on(facts: ClusterFacts, nodes: Iterable[Node] | None = None, group: str = "logs") -> tuple[Coverage, ...]:
    """The agents of a group on each of the nodes (default: those with Weaviate).

    Pods of other namespaces are not read. The result follows from the node selector, affinity and tolerations of each
    DaemonSet, and from whether all of its pods are ready.
    """
    selected = nodes_of_weaviate(facts) if nodes is None else tuple(nodes)
    sets = [
        (match.detection.tool, workload)
        for match in facts.detector_matches
        if match.detector.group == group
        for workload in match.workloads
        if isinstance(workload, DaemonSet) and workload.status.number_ready
    ]
    return tuple(_coverage(node, sets) for node in selected)


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


def _detection(detector: Detector, found: list[Indicator]) -> Detection:
    level, first = found[0]
    where = f"{first.ref.kind} {'/'.join(filter(None, (first.ref.namespace, first.ref.name)))}"
    return Detection(
        tool=detector.tool,
        group=detector.group,
        indicator=f"{where}: {first.field} {first.seen}",
        proves=PROVES.get(level, detector.proves),
        not_proven=detector.not_proven,
        level=level,
        grade=detector.grade,
        facts=tuple(observation for _, observation in found),
    )
