"""From a snapshot to facts: tidy frames, and the Weaviate workload under assessment.

Facts are computed from the snapshot alone (no network, no clock), each on first use and once.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

import msgspec

from readiness_kit.errors import WorkloadError
from readiness_kit.facts.consistency import clock_sentence, clock_skew, consistent
from readiness_kit.facts.weaviate.workload import Workload
from readiness_kit.kinds.versions import Version
from readiness_kit.locate import Candidate, choose, find, workload_key
from readiness_kit.model import Detection, Reason, RunningState, Target
from readiness_kit.snapshot import MANIFESTS, Snapshot

if TYPE_CHECKING:
    import pandas as pd

    from readiness_kit.facts.analysis.failure_scenarios import LossMatrix
    from readiness_kit.facts.analysis.history import History
    from readiness_kit.facts.detectors.scan import DetectorMatch
    from readiness_kit.facts.kubernetes.scheduling import Situation
    from readiness_kit.facts.weaviate.collections import Collection
    from readiness_kit.facts.weaviate.shards import Raft, Replica, Shard
    from readiness_kit.kinds.cluster import Node

__all__ = ["FRAME_READS", "ClusterFacts", "Workload"]

FRAME_READS = (
    "nodemetrics",
    "nodes",
    "persistentvolumeclaims",
    "persistentvolumes",
    "podmetrics",
    "pods",
    "services",
    "storageclasses",
)
"""The kinds that the frames are built from; views and charts need them in every profile."""

FROM_MANIFESTS = (
    "This is a judgement of manifests, not of a running cluster: what only a running cluster can show counts as not "
    "collected."
)

T = TypeVar("T")


class _Derived(Generic[T]):
    """An attribute of `ClusterFacts` that `readiness_kit.facts.<module>.<function>(facts)` computes on first use.

    The module is imported on first use as well, because several of them need pandas.
    """

    def __init__(self, function: str) -> None:
        self._module, _, self._function = f"readiness_kit.facts.{function}".rpartition(".")

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, facts: None, owner: type) -> _Derived[T]: ...
    @overload
    def __get__(self, facts: ClusterFacts, owner: type) -> T: ...
    def __get__(self, facts: ClusterFacts | None, owner: type) -> T | _Derived[T]:
        if facts is None:
            return self
        value: T = getattr(import_module(self._module), self._function)(facts)
        facts.__dict__[self._name] = value
        return value


class ClusterFacts:
    """The facts of a snapshot for one Weaviate workload (`weaviate`: `namespace/name`, where there are several).

    Raises WorkloadError where no workload is found, or several are found and none is chosen. Everything is empty or
    None where the answer behind it could not be read: check `missing` first. Columns, units and the kinds that are
    read are documented at the function that computes an attribute.
    """

    nodes: _Derived[pd.DataFrame] = _Derived("frames.nodes")
    pods: _Derived[pd.DataFrame] = _Derived("frames.pods")
    containers: _Derived[pd.DataFrame] = _Derived("frames.containers")
    usage: _Derived[pd.DataFrame] = _Derived("frames.usage")
    node_usage: _Derived[pd.DataFrame] = _Derived("frames.node_usage")
    volumes: _Derived[pd.DataFrame] = _Derived("frames.volumes")
    services: _Derived[pd.DataFrame] = _Derived("frames.services")
    shard_replicas: _Derived[pd.DataFrame] = _Derived("frames.shard_replicas")
    collections: _Derived[tuple[Collection, ...]] = _Derived("weaviate.collections.collections")
    replicas: _Derived[tuple[Replica, ...]] = _Derived("weaviate.shards.replicas")
    shards: _Derived[tuple[Shard, ...]] = _Derived("weaviate.shards.shards")
    raft: _Derived[Raft | None] = _Derived("weaviate.shards.raft")
    history: _Derived[History] = _Derived("analysis.history.History")
    running: _Derived[RunningState] = _Derived("weaviate.running.running")
    situation: _Derived[Situation] = _Derived("analysis.rescheduling.situation")
    candidate_nodes: _Derived[tuple[Node, ...]] = _Derived("analysis.rescheduling.candidate_nodes")
    loss: _Derived[LossMatrix] = _Derived("analysis.failure_scenarios.loss")
    detector_matches: _Derived[tuple[DetectorMatch, ...]] = _Derived("detectors.scan.scan")

    def __init__(self, snapshot: Snapshot, weaviate: str = "") -> None:
        self.snapshot = snapshot
        self.candidates: tuple[Candidate, ...] = find(
            snapshot.objects("statefulsets"), snapshot.objects("deployments"), snapshot.objects("pods")
        )
        self.target: Target = self._chosen(weaviate).target
        self.snapshot, self.mismatches = consistent(snapshot, self.target)

    def _chosen(self, weaviate: str) -> Candidate:
        try:
            found = choose(self.candidates, weaviate)
            if self.missing(workload_key(found.target.kind)) is Reason.FORBIDDEN and not self._is_listed(found.target):
                # Its pods alone show less than a workload that may hold a fault.
                raise WorkloadError(f"the {found.target.kind} of the pods could not be read", "give the permission")
            return found
        except WorkloadError as problem:
            reasons = {key: self.missing(key) for key in ("statefulsets", "deployments", "pods")}
            unread = ", ".join(f"{key}: {reason.value}" for key, reason in reasons.items() if reason)
            if not unread or any(self._is_listed(candidate.target) for candidate in self.candidates):
                raise
            raise WorkloadError(
                f"no Weaviate workload was found, and not everything could be read ({unread})", problem.hint
            ) from None

    def _is_listed(self, target: Target) -> bool:
        """Whether the object of a workload itself was read, or has no list."""
        key = workload_key(target.kind)
        named = (target.namespace, target.name)
        listed = ((item.metadata.namespace, item.metadata.name) for item in self.objects(key))
        return key == "pods" or named in listed

    @cached_property
    def clock_skew(self) -> timedelta:
        """How far the cluster's clock is ahead of `as_of`, where by more than five minutes; else zero."""
        return clock_skew(self.snapshot)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What limits the facts as a whole, and what does not belong together, one sentence each."""
        sentences = (
            FROM_MANIFESTS if self.from_manifests else "",
            *(mismatch.sentence for mismatch in self.mismatches),
            clock_sentence(self.clock_skew),
        )
        return tuple(filter(None, sentences))

    def by_the_cluster_clock(self) -> ClusterFacts:
        """The same facts, with `as_of` by the clock of the cluster."""
        manifest = self.snapshot.manifest
        corrected = msgspec.structs.replace(manifest, taken_at=manifest.taken_at + self.clock_skew)
        chosen = f"{self.target.namespace}/{self.target.kind}/{self.target.name}"
        return ClusterFacts(msgspec.structs.replace(self.snapshot, manifest=corrected), chosen)

    def after(self, snapshot: Snapshot) -> ClusterFacts:
        """The facts of a changed snapshot of the same cluster; the workload is that of these facts."""
        changed = ClusterFacts.__new__(ClusterFacts)
        changed.snapshot, changed.candidates, changed.target = snapshot, self.candidates, self.target
        changed.mismatches = self.mismatches
        return changed

    @property
    def from_manifests(self) -> bool:
        """Whether the objects are manifests that are not applied yet: none of them has a status."""
        return self.snapshot.manifest.source == MANIFESTS

    @property
    def as_of(self) -> datetime:
        """When the snapshot was taken, in UTC; no rule uses any other clock."""
        return self.snapshot.manifest.taken_at

    def objects(self, key: str) -> tuple[Any, ...]:
        """The objects of a kind (a key of `kinds.KINDS`); empty where it was not read."""
        return self.snapshot.objects(key)

    def missing(self, key: str) -> Reason | None:
        """Why a kind or another answer is not completely known; None where it is."""
        return self.snapshot.missing(key)

    def answer(self, key: str) -> Any | None:
        """The answer of another source (a key of `kinds.sources.SOURCES`); None where there is none."""
        return self.snapshot.answer(key)

    @cached_property
    def weaviate(self) -> Workload:
        """The workload under assessment."""
        return Workload(self, self.target.kind, self.target.namespace, self.target.name)

    @cached_property
    def server_version(self) -> Version | None:
        """The version that the server reports, or that of the image tag; None where neither names one."""
        meta = self.answer("weaviate/meta")
        return (Version.parse(meta.version) if meta else None) or self.weaviate.version

    @property
    def detections(self) -> tuple[Detection, ...]:
        """The tools found in the cluster, in the order of `detectors.yaml`."""
        return tuple(match.detection for match in self.detector_matches)

    def detected(self, group: str, level: int = 2) -> tuple[Detection, ...]:
        """The tools of a group that reach a level: 1 API installed, 2 running, 3 related to this Weaviate."""
        return tuple(tool for tool in self.detections if tool.group == group and tool.level >= level)
