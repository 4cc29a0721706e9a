"""Replicas of shards and voters of the metadata store, related to pods, nodes and zones.

Everything is empty or None where the answer could not be read: check `facts.missing("weaviate/nodes_verbose")` or
`facts.missing("weaviate/statistics")` first.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.facts.kubernetes import topology

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts


class Place(msgspec.Struct, frozen=True):
    """The location of a Weaviate node; pod and node are "" and zone is None where unknown."""

    weaviate_node: str
    pod: str = ""
    node: str = ""
    zone: str | None = None


class Replica(msgspec.Struct, frozen=True):
    """One replica of a shard (or tenant). While it is not `loaded`, `objects` is 0 and `compressed` is False.

    objects:        objects in segments on disk, without those in memory or in a small log (4 KiB)
    factor:         desired number of replicas; 0 where neither the node list nor the schema has it
    status:         READY, READONLY, INDEXING, LOADING, LAZY_LOADING or SHUTDOWN
    repair_targets: number of entries of asynchronous replication
    """

    collection: str
    shard: str
    place: Place
    objects: int = 0
    loaded: bool = False
    status: str = ""
    queue: int = 0
    compressed: bool = False
    factor: int = 0
    repair_targets: int = 0


class Shard(msgspec.Struct, frozen=True):
    """All replicas of a shard that the live nodes list. `wanted` is its replication factor (0 where unknown)."""

    collection: str
    name: str
    replicas: tuple[Replica, ...]
    wanted: int = 0

    @property
    def objects(self) -> int:
        """The highest count of a replica: a lower bound while replicas are not loaded."""
        return max((replica.objects for replica in self.replicas), default=0)

    @property
    def countable(self) -> bool:
        """Whether a replica is loaded, so that `objects` is meaningful."""
        return any(replica.loaded for replica in self.replicas)

    @property
    def difference(self) -> int | None:
        """Objects by which the loaded replicas differ; None where fewer than two are loaded."""
        counts = [replica.objects for replica in self.replicas if replica.loaded]
        return max(counts) - min(counts) if len(counts) > 1 else None

    @property
    def needed(self) -> int:
        """Number of replicas for the consistency level QUORUM."""
        return quorum(max(self.wanted, len(self.replicas)))

    def left_without(self, *, node: str = "", zone: str = "") -> int:
        """Number of replicas that remain without a Kubernetes node or a zone."""
        return sum(1 for replica in self.replicas if not _gone(replica.place, node, zone))

    def survives(self, *, node: str = "", zone: str = "") -> bool:
        """Whether the shard keeps its quorum without a Kubernetes node or a zone."""
        return self.left_without(node=node, zone=zone) >= self.needed


class Member(msgspec.Struct, frozen=True):
    """A configured member of the metadata store; `live` is False where no node answers under its name."""

    place: Place
    voter: bool
    live: bool
    leader: bool = False


class Raft(msgspec.Struct, frozen=True):
    """The metadata store (Raft). `members` are the configured ones, failed ones included; they define the quorum.

    leaders:      names of the nodes that report to be the leader (exactly one in a healthy cluster)
    leader_ids:   the distinct leaders that the nodes report, without ""
    lagging:      names of nodes with entries still to apply
    not_ready:    names of nodes that are not ready, not open, or without a loaded database
    synchronized: as the server reports it, after up to five requests
    """

    members: tuple[Member, ...]
    leaders: tuple[str, ...]
    leader_ids: tuple[str, ...]
    lagging: tuple[str, ...]
    not_ready: tuple[str, ...]
    synchronized: bool

    @property
    def voters(self) -> tuple[Member, ...]:
        """The members that vote."""
        return tuple(member for member in self.members if member.voter)

    @property
    def needed(self) -> int:
        """The number of voters that form a quorum."""
        return quorum(len(self.voters))

    def survives(self, *, node: str = "", zone: str = "") -> bool:
        """Whether the remaining live voters are a majority of all voters."""
        left = sum(1 for voter in self.voters if voter.live and not _gone(voter.place, node, zone))
        return bool(self.voters) and left >= self.needed


def _gone(place: Place, node: str, zone: str) -> bool:
    return bool((node and place.node == node) or (zone and place.zone == zone))


def places(facts: ClusterFacts) -> dict[str, Place]:
    """Weaviate node name -> place, for every pod of the workload.

    The server uses its host name, which is the pod's name, unless CLUSTER_HOSTNAME is set. A literal value names the
    only pod; with any other source the pods keep their names.
    """
    zones = topology.pod_zones(facts)
    pods = facts.weaviate.pods
    variable = facts.weaviate.env("CLUSTER_HOSTNAME")
    fixed = variable.state == "literal" and "$" not in variable.value and len(pods) == 1
    literal = variable.value if fixed else ""
    return {
        (literal or pod.metadata.name): Place(
            literal or pod.metadata.name, pod.metadata.name, pod.spec.node_name, zones.get(pod.metadata.name)
        )
        for pod in pods
    }


def place_of(known: dict[str, Place], name: str) -> Place:
    """The place of a Weaviate node name; a fully qualified host name is also looked up by its first label."""
    return known.get(name) or known.get(name.partition(".")[0]) or Place(name)


def replicas(facts: ClusterFacts) -> tuple[Replica, ...]:
    """Every replica in the verbose node list, by collection, shard and node."""
    nodes = facts.answer("weaviate/nodes_verbose")
    if nodes is None:
        return ()
    known = places(facts)
    factors = {collection.name: collection.factor for collection in facts.collections}
    found = [
        Replica(
            collection=shard.collection,
            shard=shard.name,
            place=place_of(known, node.name),
            objects=shard.object_count,
            loaded=shard.loaded,
            status=shard.vector_indexing_status,
            queue=shard.vector_queue_length,
            compressed=shard.compressed,
            factor=shard.replication_factor or factors.get(shard.collection, 0),
            repair_targets=len(shard.async_replication_status),
        )
        for node in nodes.nodes
        for shard in node.shards
    ]
    return tuple(sorted(found, key=lambda replica: (replica.collection, replica.shard, replica.place.weaviate_node)))


def shards(facts: ClusterFacts) -> tuple[Shard, ...]:
    """The shards with their replicas, by collection and name."""
    grouped: dict[tuple[str, str], list[Replica]] = defaultdict(list)
    for replica in facts.replicas:
        grouped[replica.collection, replica.shard].append(replica)
    return tuple(
        Shard(collection, name, tuple(members), max(replica.factor for replica in members))
        for (collection, name), members in grouped.items()
    )


def raft(facts: ClusterFacts) -> Raft | None:
    """The metadata store as the live nodes describe it; None where the statistics were not read."""
    statistics = facts.answer("weaviate/statistics")
    if statistics is None or not statistics.statistics:
        return None
    nodes = statistics.statistics
    known = places(facts)
    # The largest configuration: a starting node has none yet, and a failed member appears only in those of the others.
    configured = max((node.raft.latest_configuration for node in nodes), key=len)
    live = {node.name for node in nodes if node.status not in ("UNAVAILABLE", "TIMEOUT")}
    leaders = tuple(sorted(node.name for node in nodes if node.raft.state == "Leader"))
    if configured:
        members = [(server.id, server.suffrage == 0) for server in configured]
    else:
        members = [(node.name, node.is_voter) for node in nodes]
    return Raft(
        members=tuple(
            Member(place_of(known, name), voter, name in live, name in leaders) for name, voter in sorted(members)
        ),
        leaders=leaders,
        leader_ids=tuple(sorted({node.leader_id for node in nodes if node.leader_id})),
        lagging=tuple(sorted(node.name for node in nodes if node.raft.fsm_pending not in ("", "0"))),
        not_ready=tuple(sorted(node.name for node in nodes if not (node.ready and node.open and node.db_loaded))),
        synchronized=statistics.synchronized,
    )


def quorum(n: int) -> int:
    """The majority of `n` replicas or voters, floor(n / 2) + 1."""
    return n // 2 + 1
