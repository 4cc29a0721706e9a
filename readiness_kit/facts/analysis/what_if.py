"""What if: objects doubled, vectors quantised, more copies, more pods, a zone lost. Does it still fit, and what not?

    now = situation(facts)                              # what can be read; the rest is 0 and named in `unknown`
    outcome(now, Scenario("objects × 2", objects=2.0))  # memory and disk a node, against limit and capacity

Memory is the model of `sizing`, and beside it the measured peak grown by the model's ratio. An input that the cluster
does not tell can be given by the engineer: `given(now, dimensions=1536)`; `sources` says which is which.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.facts.analysis import sizing
from readiness_kit.facts.analysis.sizing import Load, Need

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

COMFORT = 0.8
"""Share of the memory limit up to which the upper estimate is called fitting (evidence map 4.1)."""
CLUSTER, ENGINEER = "from the cluster", "given by hand"


class Situation(msgspec.Struct, frozen=True):
    """What is there. Bytes a pod: `limit`, `measured` (peak RSS), `disk_used`, `disk`; 0 where it is not known.

    `allocatable`: memory of the largest node that Weaviate may run on; `zones`: pods in each zone.
    """

    loads: tuple[Load, ...]
    pods: int
    limit: float = 0
    measured: float = 0
    disk_used: float = 0
    disk: float = 0
    allocatable: float = 0
    zones: tuple[int, ...] = ()
    sources: dict[str, str] = {}

    @property
    def unknown(self) -> tuple[str, ...]:
        """Inputs that nobody gave, in words."""
        words = {
            "limit": "memory limit",
            "measured": "measured memory",
            "disk_used": "disk used",
            "allocatable": "size of the nodes",
        }
        missing = [word for name, word in words.items() if not getattr(self, name)]
        dims = [load.name for load in self.loads if load.objects and not load.dimensions]
        return (*missing, *(f"dimensions of {name}" for name in dims))


class Scenario(msgspec.Struct, frozen=True):
    """Changes to a situation: factors for objects and dimensions, and what is set to a value (0: as it is)."""

    name: str
    objects: float = 1.0
    dimensions: float = 1.0
    quantise: bool = False
    factor: int = 0
    pods: int = 0
    zone_lost: bool = False


class Outcome(msgspec.Struct, frozen=True):
    """Bytes a pod under a scenario. `memory` is "fits", "tight", "does not fit" or "not known"; `disk_word` likewise.

    `projected`: the measured peak, grown as the model grows; 0: not known. `change`: what has to change, "" if nothing.
    """

    scenario: Scenario
    pods: int
    need: Need
    projected: float
    disk_used: float
    memory: str
    disk_word: str
    change: str


SCENARIOS = (
    Scenario("as it is"),
    Scenario("twice the objects", objects=2.0),
    Scenario("twice the dimensions", dimensions=2.0),
    Scenario("quantised (RQ, 8 bits)", quantise=True),
    Scenario("twice the objects and quantised", objects=2.0, quantise=True),
    Scenario("one copy more", factor=-1),
    Scenario("two pods more", pods=-2),
    Scenario("one zone lost", zone_lost=True),
)
"""The fixed table of the report; a negative factor or number of pods is added to what is there."""


def situation(facts: ClusterFacts) -> Situation:
    """What the snapshot tells."""
    workload = facts.weaviate
    containers = facts.containers
    mine = containers[
        containers["weaviate"] & ~containers["init"] & (containers["container"] == workload.container.name)
    ]
    history = facts.history.containers
    measured = history[history["weaviate"]]["rss_max"].max() if len(history) else math.nan
    volumes = facts.history.volumes
    own = volumes[volumes["weaviate"]] if len(volumes) else volumes
    nodes = facts.nodes
    large = nodes[nodes["candidate"]]["memory"].max() if "candidate" in nodes and "memory" in nodes else math.nan
    zones = facts.pods[facts.pods["weaviate"]].groupby("zone").size().tolist()
    found = {
        "limit": _known(mine["memory_limit"].min()),
        "measured": _known(measured),
        "disk_used": _known(own["used"].max() if len(own) else math.nan),
        "disk": _known(own["capacity"].min() if len(own) else math.nan),
        "allocatable": _known(large),
    }
    sources = {name: CLUSTER for name, value in found.items() if value}
    return Situation(sizing.loads(facts), max(workload.replicas, 1), **found, zones=tuple(zones), sources=sources)


def given(
    now: Situation,
    *,
    dimensions: float = 0,
    limit: float = 0,
    measured: float = 0,
    disk_used: float = 0,
    disk: float = 0,
) -> Situation:
    """The situation with what an engineer says where the cluster does not."""
    said = {
        name: value
        for name, value in (("limit", limit), ("measured", measured), ("disk_used", disk_used), ("disk", disk))
        if value and not getattr(now, name)
    }
    filled = tuple(
        msgspec.structs.replace(load, dimensions=dimensions) if dimensions and not load.dimensions else load
        for load in now.loads
    )
    sources = {**now.sources, **dict.fromkeys(said, ENGINEER)}
    if filled != now.loads:
        sources["dimensions"] = ENGINEER
    return msgspec.structs.replace(now, loads=filled, sources=sources, **said)


def outcome(now: Situation, scenario: Scenario) -> Outcome:
    """The situation under a scenario."""
    pods, loads = _changed(now, scenario)
    need = sizing.need(loads, pods)
    before = sizing.need(now.loads, now.pods)
    known = not need.unknown and before.high > 0
    ratio = need.high / before.high if known else _objects(loads, pods) / max(_objects(now.loads, now.pods), 1e-9)
    copies = _objects(loads, pods) / max(_objects(now.loads, now.pods), 1e-9)
    projected = now.measured * ratio
    disk_used = now.disk_used * copies * (scenario.dimensions if scenario.dimensions > 1 else 1)
    memory = _memory_word(need, known, projected, now.limit)
    disk = "not known" if not now.disk_used or not now.disk else _disk_word(disk_used / now.disk)
    return Outcome(scenario, pods, need, projected, disk_used, memory, disk, _change(now, scenario, need, memory, disk))


def _changed(now: Situation, scenario: Scenario) -> tuple[int, tuple[Load, ...]]:
    pods = now.pods + -scenario.pods if scenario.pods < 0 else scenario.pods or now.pods
    if scenario.zone_lost:
        # The copies are not made anew elsewhere: each pod that is left keeps what it has.
        return pods, now.loads
    loads = []
    for load in now.loads:
        factor = load.factor + -scenario.factor if scenario.factor < 0 else scenario.factor or load.factor
        quantise = scenario.quantise and load.kind == "hnsw" and not load.quantisation
        loads.append(
            msgspec.structs.replace(
                load,
                objects=load.objects * scenario.objects,
                dimensions=load.dimensions * scenario.dimensions,
                factor=min(factor, pods),
                quantisation=sizing.QUANTISED if quantise else load.quantisation,
                bits=8 if quantise else load.bits,
            )
        )
    return pods, tuple(loads)


def _objects(loads: tuple[Load, ...], pods: int) -> float:
    return sum(load.objects * load.factor for load in loads) / pods


def _memory_word(need: Need, known: bool, projected: float, limit: float) -> str:
    if not limit or (not known and not projected):
        return "not known"
    high = max(need.high if known else 0, projected)
    low = max(need.low if known else 0, projected)
    if low > limit:
        return "does not fit"
    return "fits" if high <= COMFORT * limit else "tight"


def _disk_word(share: float) -> str:
    return "does not fit" if share > 0.9 else "tight" if share > 0.8 else "fits"


def _change(now: Situation, scenario: Scenario, need: Need, memory: str, disk: str) -> str:
    parts = []
    if scenario.zone_lost and now.zones:
        left = sum(now.zones) - max(now.zones)
        needed = sum(now.zones) // 2 + 1
        if left < needed:
            parts.append(f"spread the pods: {left} of {sum(now.zones)} are left, {needed} are a quorum")
    if memory in ("tight", "does not fit"):
        limit = need.high / COMFORT
        parts.append(f"raise the memory limit to about {limit / 2**30:.0f} GiB" if limit else "raise the memory limit")
        if now.allocatable and limit > now.allocatable:
            parts[-1] += ", which needs larger nodes, or add pods"
        if not scenario.quantise and any(load.kind == "hnsw" and not load.quantisation for load in now.loads):
            parts.append("or quantise the vectors")
    if disk in ("tight", "does not fit"):
        parts.append("grow the volumes")
    return "; ".join(parts)


def _known(value: float) -> float:
    return float(value) if value == value and math.isfinite(value) else 0.0
