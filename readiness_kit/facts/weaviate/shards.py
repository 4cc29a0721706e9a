"""Where the data is: replicas of shards and voters of the metadata store, joined to pods, nodes and zones.

Everything is empty or None where its answer was not had: ask `facts.missing("weaviate/nodes_verbose")` or
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
    """A Weaviate node in the cluster: pod and node are "" and zone is None where they are not known."""

    weaviate_node: str
    pod: str = ""
    node: str = ""
    zone: str | None = None


class Replica(msgspec.Struct, frozen=True):
    """One replica of a shard (or tenant). Not `loaded`: `objects` is 0 and `compressed` False whatever is true.

    `objects` counts what is in segments on disk: what waits in memory or in a small log (4 KiB) is not in it.

    `factor` is how many replicas are wanted (0: neither the node list nor the schema says it), `status` one of READY
    READONLY INDEXING LOADING LAZY_LOADING SHUTDOWN, `repair_targets` the entries of asynchronous repair.
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
    """All replicas of a shard that the live nodes list. `wanted` is its replication factor (0: not known)."""

    collection: str
    name: str
    replicas: tuple[Replica, ...]
    wanted: int = 0

    @property
    def objects(self) -> int:
        """The most that one replica counts: a lower bound while replicas are not loaded."""
        return max((one.objects for one in self.replicas), default=0)

    @property
    def countable(self) -> bool:
        """Whether a replica is loaded, so that `objects` means something."""
        return any(one.loaded for one in self.replicas)

    @property
    def needed(self) -> int:
        """How many replicas QUORUM takes."""
        return quorum(max(self.wanted, len(self.replicas)))

    def left_without(self, *, node: str = "", zone: str = "") -> int:
        """How many replicas are left when a Kubernetes node or a zone goes."""
        return sum(1 for one in self.replicas if not _gone(one.place, node, zone))

    def survives(self, *, node: str = "", zone: str = "") -> bool:
        return self.left_without(node=node, zone=zone) >= self.needed


class Member(msgspec.Struct, frozen=True):
    """A configured member of the metadata store; `live` False: no live node answers under its name."""

    place: Place
    voter: bool
    live: bool
    leader: bool = False


class Raft(msgspec.Struct, frozen=True):
    """The metadata store. `members` are the configured ones, dead ones included: the denominator of its quorum.

    leaders:      names of the nodes that say they lead (exactly one in health)
    leader_ids:   whom the nodes take for the leader, distinct and without ""
    lagging:      names of nodes with something still to apply
    not_ready:    names of nodes that are not ready, not open or have their database not loaded
    synchronized: as the server says, after up to five polls
    """

    members: tuple[Member, ...]
    leaders: tuple[str, ...]
    leader_ids: tuple[str, ...]
    lagging: tuple[str, ...]
    not_ready: tuple[str, ...]
    synchronized: bool

    @property
    def voters(self) -> tuple[Member, ...]:
        return tuple(one for one in self.members if one.voter)

    @property
    def needed(self) -> int:
        return quorum(len(self.voters))

    def survives(self, *, node: str = "", zone: str = "") -> bool:
        """Whether the live voters that are left still are a majority of all voters."""
        left = sum(1 for one in self.voters if one.live and not _gone(one.place, node, zone))
        return bool(self.voters) and left >= self.needed


def _gone(place: Place, node: str, zone: str) -> bool:
    return bool((node and place.node == node) or (zone and place.zone == zone))


def places(facts: ClusterFacts) -> dict[str, Place]:
    """Weaviate node name -> place, for every pod of the workload.

    The server takes its host name, which is the pod's name, unless CLUSTER_HOSTNAME says otherwise: a literal there
    is the name of the only pod, any other source leaves the pods' own names.
    """
    zones = topology.pod_zones(facts)
    pods = facts.weaviate.pods
    named = facts.weaviate.env("CLUSTER_HOSTNAME")
    literal = named.value if named.state == "literal" and "$" not in named.value and len(pods) == 1 else ""
    return {
        (literal or pod.metadata.name): Place(
            literal or pod.metadata.name, pod.metadata.name, pod.spec.node_name, zones.get(pod.metadata.name)
        )
        for pod in pods
    }


def place_of(known: dict[str, Place], name: str) -> Place:
    """The place of a Weaviate node name; a full host name is looked up by its first label too."""
    return known.get(name) or known.get(name.partition(".")[0]) or Place(name)


def replicas(facts: ClusterFacts) -> tuple[Replica, ...]:
    """Every replica that the verbose node list shows, by collection, shard and node."""
    nodes = facts.answer("weaviate/nodes_verbose")
    if nodes is None:
        return ()
    known = places(facts)
    factors = {one.name: one.factor for one in facts.collections}
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
    return tuple(sorted(found, key=lambda one: (one.collection, one.shard, one.place.weaviate_node)))


def shards(facts: ClusterFacts) -> tuple[Shard, ...]:
    """The replicas grouped by shard, by collection and name."""
    grouped: dict[tuple[str, str], list[Replica]] = defaultdict(list)
    for one in facts.replicas:
        grouped[one.collection, one.shard].append(one)
    return tuple(
        Shard(collection, name, tuple(members), max(one.factor for one in members))
        for (collection, name), members in grouped.items()
    )


def raft(facts: ClusterFacts) -> Raft | None:
    """The metadata store as the live nodes describe it; None where the statistics were not had."""
    statistics = facts.answer("weaviate/statistics")
    if statistics is None or not statistics.statistics:
        return None
    nodes = statistics.statistics
    known = places(facts)
    # The widest configuration: a node that starts knows none yet, and a dead member is only in the others'.
    configured = max((one.raft.latest_configuration for one in nodes), key=len)
    live = {one.name for one in nodes if one.status not in ("UNAVAILABLE", "TIMEOUT")}
    leaders = tuple(sorted(one.name for one in nodes if one.raft.state == "Leader"))
    if configured:
        members = [(one.id, one.suffrage == 0) for one in configured]
    else:
        members = [(one.name, one.is_voter) for one in nodes]
    return Raft(
        members=tuple(
            Member(place_of(known, name), voter, name in live, name in leaders) for name, voter in sorted(members)
        ),
        leaders=leaders,
        leader_ids=tuple(sorted({one.leader_id for one in nodes if one.leader_id})),
        lagging=tuple(sorted(one.name for one in nodes if one.raft.fsm_pending not in ("", "0"))),
        not_ready=tuple(sorted(one.name for one in nodes if not (one.ready and one.open and one.db_loaded))),
        synchronized=statistics.synchronized,
    )


def quorum(n: int) -> int:
    """The majority of `n` replicas or voters: floor(n / 2) + 1."""
    return n // 2 + 1
