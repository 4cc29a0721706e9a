"""What-if scenarios for memory and disk: more objects, quantised vectors, more replicas or pods, the loss of a zone.

    now = situation(facts)                              # values from the snapshot; the rest is 0, listed in `unknown`
    outcome(now, Scenario("objects × 2", objects=2.0))  # memory and disk a pod, against limit and capacity

Memory is estimated by the model of `sizing`, and by the measured peak scaled with the model's ratio. An engineer can
enter values that the snapshot lacks: `given(now, dimensions=1536)`; `sources` records where each value comes from.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from readiness_kit.facts.analysis import sizing
from readiness_kit.facts.analysis.sizing import Load, Need
from readiness_kit.facts.weaviate.shards import quorum

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

COMFORT = 0.8
"""Share of the memory limit up to which the upper estimate fits; above it, memory is tight."""
DISK_TIGHT, DISK_FULL = 0.8, 0.9
"""Shares of a volume: Weaviate's default warning and read-only thresholds."""
CLUSTER, ENGINEER = "from the cluster", "entered manually"
IMPOSSIBLE = "not possible"
CURRENT = "current state"
"""Name of the scenario without changes."""


class Situation(msgspec.Struct, frozen=True):
    """The current state. Bytes a pod: `limit`, `measured` (peak RSS), `disk_used`, `disk`; 0 where unknown.

    allocatable: memory of the largest node that Weaviate may run on
    zones:       number of pods in each zone
    sources:     input -> CLUSTER or ENGINEER
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
        """Names of the inputs without a value."""
        names = {
            "limit": "memory limit",
            "measured": "measured memory",
            "disk_used": "disk used",
            "allocatable": "size of the nodes",
        }
        missing = [name for field, name in names.items() if not getattr(self, field)]
        collections = [load.name for load in self.loads if load.objects and not load.dimensions]
        return (*missing, *(f"dimensions of {name}" for name in collections))


class Scenario(msgspec.Struct, frozen=True):
    """Changes to a situation: multipliers for objects and dimensions, and new values (0: unchanged).

    A negative `factor` or `pods` is added to the current number. The changes come first, then the loss of a zone.
    """

    name: str
    objects: float = 1.0
    dimensions: float = 1.0
    quantise: bool = False
    factor: int = 0
    pods: int = 0
    zone_lost: bool = False


class Outcome(msgspec.Struct, frozen=True):
    """Bytes a pod under a scenario. `memory` and `disk_word` are "fits", "tight", "does not fit" or "not known".

    projected: the measured peak scaled with the model's ratio; 0 where unknown
    change:    the changes that are needed; "" for none
    refused:   why the scenario is impossible; `memory` and `disk_word` are then IMPOSSIBLE, and all numbers 0
    """

    scenario: Scenario
    pods: int
    need: Need
    projected: float
    disk_used: float
    memory: str
    disk_word: str
    change: str
    refused: str = ""


SCENARIOS = (
    Scenario(CURRENT),
    Scenario("twice the objects", objects=2.0),
    Scenario("twice the dimensions", dimensions=2.0),
    Scenario("RQ quantisation (8 bits)", quantise=True),
    Scenario("twice the objects, RQ quantisation", objects=2.0, quantise=True),
    Scenario("one more replica where pods allow it", factor=-1),
    Scenario("two more pods", pods=-2),
    Scenario("one zone lost", zone_lost=True),
)
"""The scenarios of the report."""


def situation(facts: ClusterFacts) -> Situation:
    """The current state, from the snapshot."""
    workload = facts.weaviate
    containers = facts.containers
    servers = containers[
        containers["weaviate"] & ~containers["init"] & (containers["container"] == workload.container.name)
    ]
    history = facts.history.containers
    measured = history[history["weaviate"]]["rss_max"].max() if len(history) else math.nan
    volumes = facts.history.volumes
    claims = volumes[volumes["weaviate"]] if len(volumes) else volumes
    nodes = facts.nodes
    large = nodes[nodes["candidate"]]["memory"].max() if "candidate" in nodes and "memory" in nodes else math.nan
    zones = facts.pods[facts.pods["weaviate"]].groupby("zone").size().tolist()
    found = {
        "limit": _known(servers["memory_limit"].min()),
        "measured": _known(measured),
        "disk_used": _known(claims["used"].max() if len(claims) else math.nan),
        "disk": _known(claims["capacity"].min() if len(claims) else math.nan),
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
    """The situation with an engineer's values where the snapshot has none."""
    entered = {
        name: value
        for name, value in (("limit", limit), ("measured", measured), ("disk_used", disk_used), ("disk", disk))
        if value and not getattr(now, name)
    }
    filled = tuple(
        msgspec.structs.replace(load, dimensions=dimensions) if dimensions and not load.dimensions else load
        for load in now.loads
    )
    sources = {**now.sources, **dict.fromkeys(entered, ENGINEER)}
    if filled != now.loads:
        sources["dimensions"] = ENGINEER
    return msgspec.structs.replace(now, loads=filled, sources=sources, **entered)


def outcome(now: Situation, scenario: Scenario) -> Outcome:
    """Memory and disk a pod under a scenario; an impossible one is refused with the reason."""
    pods = now.pods - scenario.pods if scenario.pods < 0 else scenario.pods or now.pods
    if refused := _refused(now, scenario, pods):
        return Outcome(scenario, pods, Need(0, 0), 0, 0, IMPOSSIBLE, IMPOSSIBLE, refused, refused)
    loads = tuple(_changed(load, scenario, pods) for load in now.loads)
    need = sizing.need(loads, pods)
    before = sizing.need(now.loads, now.pods)
    known = not need.unknown and before.high > 0
    ratio = need.high / before.high if known else _objects(loads, pods) / max(_objects(now.loads, now.pods), 1e-9)
    copies = _objects(loads, pods) / max(_objects(now.loads, now.pods), 1e-9)
    projected = now.measured * ratio
    disk_used = now.disk_used * copies * (scenario.dimensions if scenario.dimensions > 1 else 1)
    memory = _memory_word(need, known, projected, now.limit)
    disk = "not known" if not now.disk_used or not now.disk else _disk_word(disk_used / now.disk)
    change = "; ".join([*_lost(now, scenario, pods), *_required(now, scenario, need, memory, disk)])
    return Outcome(scenario, pods, need, projected, disk_used, memory, disk, change)


def _refused(now: Situation, scenario: Scenario, pods: int) -> str:
    """Why a scenario cannot exist; "" where it can."""
    if scenario.objects < 0 or scenario.dimensions <= 0:
        return "the multipliers of objects and dimensions must be positive"
    if pods < 1:
        return "at least one pod is needed"
    factors = {load.name: _factor(load, scenario) for load in now.loads}
    raised = scenario.factor < 0 and scenario.pods == 0
    # Of collections that get more replicas, those with one on each pod stay as they are.
    factor = min(factors.values(), default=0) if raised else max([*factors.values(), scenario.factor])
    if (scenario.factor or scenario.pods) and factor > pods:
        which = next((f" ({name})" for name, value in factors.items() if value == factor), "")
        return f"a replication factor of {factor}{which} needs {factor} pods; there are {pods}"
    return ""


def _factor(load: Load, scenario: Scenario) -> int:
    return load.factor - scenario.factor if scenario.factor < 0 else scenario.factor or load.factor


def _changed(load: Load, scenario: Scenario, pods: int) -> Load:
    """A collection with the changes. A lost zone changes none: each remaining pod keeps its data."""
    quantise = scenario.quantise and load.kind == "hnsw" and not load.quantisation
    return msgspec.structs.replace(
        load,
        objects=load.objects * scenario.objects,
        dimensions=load.dimensions * scenario.dimensions,
        factor=min(_factor(load, scenario), pods),
        quantisation=sizing.QUANTISED if quantise else load.quantisation,
        bits=8 if quantise else load.bits,
    )


def _zones(now: Situation, pods: int) -> list[int]:
    """The pods in each zone after a change of their number: added to the emptiest zones, taken from the fullest."""
    zones = list(now.zones)
    for _ in range(abs(pods - sum(zones)) if zones else 0):
        step = 1 if sum(zones) < pods else -1
        zones[zones.index(min(zones) if step > 0 else max(zones))] += step
    return zones


def _lost(now: Situation, scenario: Scenario, pods: int) -> list[str]:
    """What the loss of the fullest zone needs."""
    if not scenario.zone_lost:
        return []
    zones = _zones(now, pods)
    if not zones:
        return ["find out the zones of the pods: what remains without one is not known"]
    remaining, needed = pods - max(zones), quorum(pods)
    return [f"spread the pods: {remaining} of {pods} remain, a quorum needs {needed}"] if remaining < needed else []


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
    return "does not fit" if share > DISK_FULL else "tight" if share > DISK_TIGHT else "fits"


def _required(now: Situation, scenario: Scenario, need: Need, memory: str, disk: str) -> list[str]:
    parts = []
    if memory in ("tight", "does not fit"):
        limit = need.high / COMFORT
        parts.append(f"raise the memory limit to about {limit / 2**30:.0f} GiB" if limit else "raise the memory limit")
        if now.allocatable and limit > now.allocatable:
            parts[-1] += ", which needs larger nodes, or add pods"
        if not scenario.quantise and any(load.kind == "hnsw" and not load.quantisation for load in now.loads):
            parts.append("or quantise the vectors")
    if disk in ("tight", "does not fit"):
        parts.append("resize the volumes")
    return parts


def _known(value: float) -> float:
    return float(value) if value == value and math.isfinite(value) else 0.0
