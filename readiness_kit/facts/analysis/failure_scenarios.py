"""What breaks when a node or a zone goes: the placement of the data joined to pods, nodes and zones.

    facts.loss.losses                    # one a node with Weaviate, one a zone; nodes first, each by name
    facts.loss.zones                     # only the zones
    facts.loss.table()                   # one row a loss and collection, for charts and the report
    facts.loss.shards_missing            # why the placement of the shards is not known, None where it is

A shard keeps its quorum where floor(n / 2) + 1 of its n wanted replicas are left, the metadata store where a majority
of its configured voters is: dead ones count among those that are wanted, and not among those that are left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.facts.analysis import rescheduling
from readiness_kit.facts.analysis.rescheduling import Stranded
from readiness_kit.facts.kubernetes import topology
from readiness_kit.facts.weaviate.shards import Place, Raft, Shard
from readiness_kit.model import Reason

if TYPE_CHECKING:
    import pandas as pd

    from readiness_kit.facts import ClusterFacts

NODE, ZONE = "node", "zone"
EXAMPLES = 5
"""Shards named for each collection and loss; the rest is counted."""


class Cell(msgspec.Struct, frozen=True):
    """One collection under one loss. `below`: shards that lose their quorum; `gone`: those of them with no replica
    left; `already`: those of `below` that have no quorum even now; `examples`: some of `below`, by name."""

    collection: str
    shards: int
    below: int = 0
    gone: int = 0
    already: int = 0
    examples: tuple[str, ...] = ()


class Loss(msgspec.Struct, frozen=True):
    """One node or one zone gone. `kind`: node or zone.

    cells:          one a collection, by name; empty where the placement of shards is not known
    voters:         configured voters of the metadata store (0: not known), `voters_left` the live ones that are left,
                    `voters_needed` their majority
    stranded:       the pods that could not be placed again, each with the reason; empty where none, or where
                    `placing_missing` of the matrix says that it is not known
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
        """The collections of which a shard loses its quorum."""
        return tuple(one for one in self.cells if one.below)

    @property
    def below(self) -> int:
        return sum(one.below for one in self.cells)

    @property
    def voters_survive(self) -> bool | None:
        """Whether schema changes stay possible; None where the voters are not known."""
        return self.voters_left >= self.voters_needed if self.voters else None


class LossMatrix(msgspec.Struct, frozen=True):
    """All losses, with what could not be known.

    shards_missing:  why the shards are not known (then no cell), None where they are
    voters_missing:  why the voters are not known, None where they are
    placing_missing: why it is not known whether pods could be placed again, None where it is
    sampled:         collections that were asked one by one, because the whole list is too long; empty: all were
    unlocated:       Weaviate nodes whose pod is not known: their replicas are lost with no node and no zone
    unzoned:         Weaviate nodes in no known zone: their replicas are lost with no zone
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
        return tuple(one for one in self.losses if one.kind == NODE)

    @property
    def zones(self) -> tuple[Loss, ...]:
        return tuple(one for one in self.losses if one.kind == ZONE)

    def of(self, kind: str, name: str) -> Loss | None:
        return next((one for one in self.losses if (one.kind, one.name) == (kind, name)), None)

    def table(self) -> pd.DataFrame:
        """kind, name, collection; shards, below (lost quorum), gone (no replica left), already: one row a cell."""
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
    """The matrix of the pods there are now: one loss for each of their nodes and zones."""
    zones = topology.pod_zones(facts)
    nodes = {pod.metadata.name: pod.spec.node_name for pod in facts.weaviate.pods if pod.spec.node_name}
    patterns = _patterns(facts.shards)
    why = rescheduling.missing(facts)
    losses = [_loss(facts, NODE, name, nodes, patterns, why) for name in sorted(set(nodes.values()))]
    placed = {pod: zone for pod, zone in zones.items() if zone}
    losses += [_loss(facts, ZONE, name, placed, patterns, why) for name in sorted(set(placed.values()))]
    verbose = facts.answer("weaviate/nodes_verbose")
    known = [one.place for one in facts.replicas] + [one.place for one in (facts.raft.voters if facts.raft else ())]
    return LossMatrix(
        tuple(losses),
        facts.missing("weaviate/nodes_verbose"),
        facts.missing("weaviate/statistics") or (None if facts.raft else Reason.NOT_OBSERVABLE),
        why,
        verbose.sampled if verbose else (),
        _named(one for one in known if not one.node),
        _named(one for one in known if one.zone is None),
    )


def _named(places: Iterable[Place]) -> tuple[str, ...]:
    return tuple(sorted({one.weaviate_node for one in places}))


Pattern = tuple[tuple[Place, ...], int]
"""Where the replicas of a shard are, and how many it needs: tens of thousands of tenants share a few of these."""


def _patterns(shards: Iterable[Shard]) -> dict[str, dict[Pattern, list[str]]]:
    """Collection -> pattern -> the names of its shards."""
    found: dict[str, dict[Pattern, list[str]]] = defaultdict(lambda: defaultdict(list))
    for shard in shards:
        pattern = (tuple(sorted((one.place for one in shard.replicas), key=_by_name)), shard.needed)
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
        rescheduling.stranded(facts, pods, **{kind: name}) if why is None else (),
    )


def _voters_left(raft: Raft, kind: str, name: str) -> int:
    return sum(1 for one in raft.voters if one.live and not _gone(one.place, kind, name))


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
