"""From a snapshot to facts: tidy frames, and the Weaviate workload under assessment.

Everything is computed once and when first asked for, from the snapshot alone: no network, no clock.
"""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from readiness_kit.errors import WorkloadError
from readiness_kit.facts.weaviate.workload import Workload
from readiness_kit.locate import Candidate, choose, find
from readiness_kit.model import Detection, Reason, Target
from readiness_kit.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from readiness_kit.facts.analysis.failure_scenarios import LossMatrix
    from readiness_kit.facts.analysis.history import History
    from readiness_kit.facts.detectors.scan import Coverage, DetectorMatch
    from readiness_kit.facts.weaviate.collections import Collection
    from readiness_kit.facts.weaviate.shards import Raft, Replica, Shard
    from readiness_kit.kinds.cluster import Node
    from readiness_kit.kinds.versions import Version

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
"""The kinds that the frames are made of; views and charts need them whatever is asked."""


class ClusterFacts:
    """A snapshot, read for one Weaviate workload (`weaviate` is `namespace/name` where several are there).

    Raises WorkloadError where none is found, or several and none is chosen. Columns of the frames: `facts.frames`.
    """

    def __init__(self, snapshot: Snapshot, weaviate: str = "") -> None:
        self.snapshot = snapshot
        self.candidates: tuple[Candidate, ...] = find(
            snapshot.objects("statefulsets"), snapshot.objects("deployments"), snapshot.objects("pods")
        )
        self.target: Target = self._chosen(weaviate).target

    def _chosen(self, weaviate: str) -> Candidate:
        try:
            return choose(self.candidates, weaviate)
        except WorkloadError as problem:
            reasons = {key: self.missing(key) for key in ("statefulsets", "deployments", "pods")}
            said = ", ".join(f"{key}: {reason.value}" for key, reason in reasons.items() if reason)
            if self.candidates or not said:
                raise
            raise WorkloadError(
                f"no Weaviate workload was found, and not everything could be read ({said})", problem.hint
            ) from None

    @property
    def as_of(self) -> datetime:
        """When the snapshot was taken, in UTC: the only "now" there is."""
        return self.snapshot.manifest.taken_at

    def objects(self, key: str) -> tuple[Any, ...]:
        """The objects of a kind (a key of `kinds.KINDS`), empty where it was not read: ask `missing` first."""
        return self.snapshot.objects(key)

    def missing(self, key: str) -> Reason | None:
        """Why a kind is not wholly known, None where it is."""
        return self.snapshot.missing(key)

    def answer(self, key: str) -> Any | None:
        """What another source answered (a key of `kinds.sources.SOURCES`), None where it was not had: ask `missing`."""
        return self.snapshot.answer(key)

    @cached_property
    def weaviate(self) -> Workload:
        return Workload(self, self.target.kind, self.target.namespace, self.target.name)

    @cached_property
    def server_version(self) -> Version | None:
        """The version that the server itself gives, else that of the image tag; None where neither names one."""
        from readiness_kit.kinds.versions import Version

        meta = self.answer("weaviate/meta")
        return (Version.parse(meta.version) if meta else None) or self.weaviate.version

    @cached_property
    def collections(self) -> tuple[Collection, ...]:
        """The collections by name; see `collections.collections`. Read: `weaviate/schema`."""
        from readiness_kit.facts.weaviate import collections

        return collections.collections(self)

    @cached_property
    def replicas(self) -> tuple[Replica, ...]:
        """Every replica of every shard with its place; see `shards.replicas`. Read: `weaviate/nodes_verbose`."""
        from readiness_kit.facts.weaviate import shards

        return shards.replicas(self)

    @cached_property
    def shards(self) -> tuple[Shard, ...]:
        """The replicas by shard; see `shards.shards`. Read: `weaviate/nodes_verbose`."""
        from readiness_kit.facts.weaviate import shards

        return shards.shards(self)

    @cached_property
    def raft(self) -> Raft | None:
        """The metadata store; None where it was not had. Read: `weaviate/statistics`."""
        from readiness_kit.facts.weaviate import shards

        return shards.raft(self)

    @cached_property
    def loss(self) -> LossMatrix:
        """What breaks when each node and each zone with Weaviate goes; see `loss.LossMatrix`."""
        from readiness_kit.facts.analysis import failure_scenarios

        return failure_scenarios.loss(self)

    @cached_property
    def shard_replicas(self) -> pd.DataFrame:
        """One row a replica; see `shards.frame`."""
        from readiness_kit.facts.weaviate import shards

        return shards.frame(self)

    @cached_property
    def nodes(self) -> pd.DataFrame:
        """One row a node; see `frames.nodes`."""
        from readiness_kit.facts import frames

        return frames.nodes(self)

    @cached_property
    def pods(self) -> pd.DataFrame:
        """One row a pod; see `frames.pods`."""
        from readiness_kit.facts import frames

        return frames.pods(self)

    @cached_property
    def containers(self) -> pd.DataFrame:
        """One row a container, init containers included; see `frames.containers`."""
        from readiness_kit.facts import frames

        return frames.containers(self)

    @cached_property
    def usage(self) -> pd.DataFrame:
        """The containers with what the metrics API said of them; see `frames.usage`."""
        from readiness_kit.facts import frames

        return frames.usage(self)

    @cached_property
    def node_usage(self) -> pd.DataFrame:
        """The nodes with what the metrics API said of them; see `frames.node_usage`."""
        from readiness_kit.facts import frames

        return frames.node_usage(self)

    @cached_property
    def volumes(self) -> pd.DataFrame:
        """One row a claim; see `frames.volumes`."""
        from readiness_kit.facts import frames

        return frames.volumes(self)

    @cached_property
    def services(self) -> pd.DataFrame:
        """One row a Service; see `frames.services`."""
        from readiness_kit.facts import frames

        return frames.services(self)

    @cached_property
    def history(self) -> History:
        """What Prometheus remembers of use, volumes, traffic and alerts; see `history.History`."""
        from readiness_kit.facts.analysis.history import History

        return History(self)

    @cached_property
    def detector_matches(self) -> tuple[DetectorMatch, ...]:
        """The detections with the rows and workloads behind them; see `detectors.Hit`."""
        from readiness_kit.facts.detectors import scan

        return scan.scan(self)

    @property
    def detections(self) -> tuple[Detection, ...]:
        """The tools found in the cluster, in the order of the table `detectors.yaml`."""
        return tuple(hit.detection for hit in self.detector_matches)

    def detected(self, group: str, level: int = 2) -> tuple[Detection, ...]:
        """Those of a group that reach a level: 1 their API is there, 2 they run, 3 they concern this Weaviate."""
        return tuple(one for one in self.detections if one.group == group and one.level >= level)

    def agents_on(self, nodes: Iterable[Node] | None = None, group: str = "logs") -> tuple[Coverage, ...]:
        """Which agents of a group come to each node (default: the nodes with Weaviate); see `detectors.agents_on`."""
        from readiness_kit.facts.detectors import scan

        return scan.agents_on(self, nodes, group)
