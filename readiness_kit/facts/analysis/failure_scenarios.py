"""Failure scenarios: the effect of losing a node or a zone, from the placement of shards, voters and pods.

    facts.loss.losses                    # one for each node and each zone with Weaviate; nodes first, each by name
    facts.loss.zones                     # only the zones
    facts.loss.table()                   # one row for each loss and collection, for charts and the report
    facts.loss.shards_missing            # why the placement of the shards is unknown, None where it is known

A shard keeps its quorum where floor(n / 2) + 1 of its n desired replicas remain, the metadata store where a majority of
its configured voters remains. Failed replicas and voters count as desired, but not as remaining.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.facts.analysis import rescheduling
from readiness_kit.facts.analysis.rescheduling import Stranded
from readiness_kit.facts.kubernetes import topology
from readiness_kit.facts.weaviate.shards import Place, Raft, Shard
from readiness_kit.kinds.cluster import Node
from readiness_kit.model import Reason

if TYPE_CHECKING:
    import pandas as pd

    from readiness_kit.facts import ClusterFacts

NODE, ZONE = "node", "zone"
EXAMPLES = 5
"""Number of shards that are named for each collection and loss; the others are only counted."""


class Cell(msgspec.Struct, frozen=True):
    """One collection under one loss.

    below:    number of shards without quorum
    gone:     those of them without any replica
    already:  those of them that have no quorum before the loss
    examples: names of some of them
    """

    collection: str
    shards: int
    below: int = 0
    gone: int = 0
    already: int = 0
    examples: tuple[str, ...] = ()


class Loss(msgspec.Struct, frozen=True):
    """The loss of one node or one zone (`kind`).

    cells:    one a collection, by name; empty where the placement of shards is unknown
    voters:   configured voters of the metadata store (0 where unknown), `voters_left` the live ones that remain,
              `voters_needed` their majority
    stranded: the pods that cannot be rescheduled, with the reason; empty where there are none, or where
              `placing_missing` of the matrix is set
    """

    kind: str
    name: str
    pods: tuple[str, ...]
    cells: tuple[Cell, ...] = ()
    voters: int = 0
    voters_left: int = 0
    voters_needed: int = 0
    stranded: tuple[Stranded, ...] = ()

    @property
    def broken(self) -> tuple[Cell, ...]:
        """The collections with a shard without quorum."""
        return tuple(cell for cell in self.cells if cell.below)

    @property
    def below(self) -> int:
        """Number of shards without quorum."""
        return sum(cell.below for cell in self.cells)

    @property
    def voters_survive(self) -> bool | None:
        """Whether schema changes remain possible; None where the voters are unknown."""
        return self.voters_left >= self.voters_needed if self.voters else None


class LossMatrix(msgspec.Struct, frozen=True):
    """All losses, and the limits of what is known.

    shards_missing:  why the shards are unknown (there are no cells then); None where they are known
    voters_missing:  why the voters are unknown; None where they are known
    placing_missing: why rescheduling cannot be predicted; None where it can
    sampled:         the collections that were read individually because the complete list is too long; empty: all
    unlocated:       Weaviate nodes without a known pod: no loss includes their replicas
    unzoned:         Weaviate nodes without a known zone: no loss of a zone includes their replicas
    """

    losses: tuple[Loss, ...]
    shards_missing: Reason | None = None
    voters_missing: Reason | None = None
    placing_missing: Reason | None = None
    sampled: tuple[str, ...] = ()
    unlocated: tuple[str, ...] = ()
    unzoned: tuple[str, ...] = ()

    @property
    def nodes(self) -> tuple[Loss, ...]:
        return tuple(loss for loss in self.losses if loss.kind == NODE)

    @property
    def zones(self) -> tuple[Loss, ...]:
        return tuple(loss for loss in self.losses if loss.kind == ZONE)

    def of(self, kind: str, name: str) -> Loss | None:
        """The loss of a node or zone by name; None where it holds no Weaviate."""
        return next((loss for loss in self.losses if (loss.kind, loss.name) == (kind, name)), None)

    def table(self) -> pd.DataFrame:
        """One row a cell: kind, name, collection; shards, below, gone and already (numbers of shards, see `Cell`)."""
        import pandas as pd

        rows = [
            (loss.kind, loss.name, cell.collection, cell.shards, cell.below, cell.gone, cell.already)
            for loss in self.losses
            for cell in loss.cells
        ]
        types = dict.fromkeys(("kind", "name", "collection"), "object")
        types |= dict.fromkeys(("shards", "below", "gone", "already"), "int64")
        return pd.DataFrame(rows, columns=list(types)).astype(types)


def loss(facts: ClusterFacts) -> LossMatrix:
    """The losses of the nodes and zones on which Weaviate's pods run now."""
    zones = topology.pod_zones(facts)
    nodes = {pod.metadata.name: pod.spec.node_name for pod in facts.weaviate.pods if pod.spec.node_name}
    patterns = _patterns(facts.shards)
    why = rescheduling.missing(facts)
    losses = [_loss(facts, NODE, name, nodes, patterns, why) for name in sorted(set(nodes.values()))]
    placed = {pod: zone for pod, zone in zones.items() if zone}
    losses += [_loss(facts, ZONE, name, placed, patterns, why) for name in sorted(set(placed.values()))]
    verbose = facts.answer("weaviate/nodes_verbose")
    voters = facts.raft.voters if facts.raft else ()
    known = [replica.place for replica in facts.replicas] + [voter.place for voter in voters]
    return LossMatrix(
        tuple(losses),
        facts.missing("weaviate/nodes_verbose"),
        facts.missing("weaviate/statistics") or (None if facts.raft else Reason.NOT_OBSERVABLE),
        why,
        verbose.sampled if verbose else (),
        _named(place for place in known if not place.node),
        _named(place for place in known if place.zone is None),
    )


def _named(places: Iterable[Place]) -> tuple[str, ...]:
    return tuple(sorted({place.weaviate_node for place in places}))


Pattern = tuple[tuple[Place, ...], int]
"""The places of the replicas of a shard and its quorum; tens of thousands of tenants share a few patterns."""


def _patterns(shards: Iterable[Shard]) -> dict[str, dict[Pattern, list[str]]]:
    """Collection -> pattern -> the names of its shards."""
    found: dict[str, dict[Pattern, list[str]]] = defaultdict(lambda: defaultdict(list))
    for shard in shards:
        pattern = (tuple(sorted((replica.place for replica in shard.replicas), key=_by_name)), shard.needed)
        found[shard.collection][pattern].append(shard.name)
    return found


def _by_name(place: Place) -> str:
    return place.weaviate_node


def _loss(
    facts: ClusterFacts,
    kind: str,
    name: str,
    where: dict[str, str],
    patterns: dict[str, dict[Pattern, list[str]]],
    why: Reason | None,
) -> Loss:
    pods = tuple(pod for pod, place in where.items() if place == name)
    raft = facts.raft
    return Loss(
        kind,
        name,
        pods,
        tuple(_cell(collection, found, kind, name) for collection, found in sorted(patterns.items())),
        len(raft.voters) if raft else 0,
        _voters_left(raft, kind, name) if raft else 0,
        raft.needed if raft else 0,
        rescheduling.stranded(facts, pods, _is_lost(kind, name)) if why is None else (),
    )


def _is_lost(kind: str, name: str) -> Callable[[Node], bool]:
    if kind == NODE:
        return lambda node: node.metadata.name == name
    return lambda node: topology.zone_of_node(node) == name


def _voters_left(raft: Raft, kind: str, name: str) -> int:
    return sum(1 for voter in raft.voters if voter.live and not _gone(voter.place, kind, name))


def _gone(place: Place, kind: str, name: str) -> bool:
    return (place.node if kind == NODE else place.zone) == name


def _cell(collection: str, patterns: dict[Pattern, list[str]], kind: str, name: str) -> Cell:
    below: list[str] = []
    gone = already = 0
    for (places, needed), names in patterns.items():
        left = sum(1 for place in places if not _gone(place, kind, name))
        if left >= needed:
            continue
        below += names
        gone += 0 if left else len(names)
        already += len(names) if len(places) < needed else 0
    total = sum(map(len, patterns.values()))
    return Cell(collection, total, len(below), gone, already, tuple(sorted(below)[:EXAMPLES]))
