"""What a made-up Weaviate and Prometheus answered, as a few words: for truth tables that need more than Kubernetes.

says({"Products": 3})                          # healthy: three nodes, every shard on as many as its factor
says({"Products": 1}, healthy=2, synchronized=False, objects=5_000_000)
backed_up(hours=5)                             # the newest backup succeeded so long before AS_OF
facts = answered(cluster(weaviate()), says() | backed_up() | measured(queries_by_pod={"weaviate-0": 2.0}))
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from readiness_kit.checklist import load_checklist
from readiness_kit.evidence import evaluate
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.model import Finding, Read, Reason, Settings
from readiness_kit.snapshot import Snapshot
from tests.support.cluster import AS_OF

Answers = dict[str, Any]
NOW = datetime.fromisoformat(AS_OF)
PODS = ("weaviate-0", "weaviate-1", "weaviate-2")


def ask(id: str, facts: ClusterFacts, settings: Settings | None = None) -> Finding:
    return evaluate(facts, settings or Settings(), [load_checklist().get(id)])[id]


def bad(finding: Finding) -> list[str]:
    """The fields of the lines that are not as they should be, each once."""
    return list(dict.fromkeys(one.field for one in finding.facts if one.ok is False))


def seen(finding: Finding, field: str) -> list[str]:
    return [one.seen for one in finding.facts if field in one.field]


def says(
    factors: Mapping[str, int] | None = None,
    *,
    nodes: Sequence[str] = PODS,
    healthy: int | None = None,
    synchronized: bool = True,
    voters: Sequence[str] | None = None,
    versions: Sequence[str] = ("1.38.2",),
    objects: int = 1000,
    shards: int = 3,
    place: Mapping[str, Sequence[Sequence[str]]] | None = None,
    more: Mapping[str, Answers] | None = None,
    each: Answers | None = None,
) -> Answers:
    """Meta, nodes, statistics, schema and the verbose list. `place`: collection -> the nodes of each shard;
    `more`: collection -> fields of its definition; `each`: fields of every shard."""
    factors = {"Products": 3} if factors is None else factors
    members = voters if voters is not None else nodes
    alive = len(nodes) if healthy is None else healthy
    listed = [
        {"name": name, "status": "HEALTHY" if at < alive else "UNHEALTHY", "version": versions[at % len(versions)]}
        for at, name in enumerate(nodes)
    ]
    servers = [{"id": name, "address": f"{name}:8300", "suffrage": 0} for name in members]
    raft = {"appliedIndex": "7", "fsmPending": "0", "latestConfiguration": servers}
    well = {"status": "HEALTHY", "isVoter": True, "leaderId": members[0], "dbLoaded": True, "open": True, "ready": True}
    statistics = [
        {"name": name, **well, "raft": {**raft, "state": "Leader" if name == members[0] else "Follower"}}
        for name in nodes
    ]
    homes = {name: _homes(nodes, factor, shards) for name, factor in factors.items()} | dict(place or {})
    held: dict[str, list[Answers]] = {name: [] for name in nodes}
    for collection, spread in homes.items():
        for at, homes_of_shard in enumerate(spread):
            for node in homes_of_shard:
                held[node].append(_shard(collection, f"s{at}", objects, factors.get(collection, 0), each or {}))
    return {
        "weaviate/meta": {"version": versions[0], "modules": {}},
        "weaviate/nodes": {"nodes": listed},
        "weaviate/statistics": {"statistics": statistics, "synchronized": synchronized, "polls": 5},
        "weaviate/schema": {
            "classes": [
                _collection(name, factor, shards) | dict((more or {}).get(name, {})) for name, factor in factors.items()
            ]
        },
        "weaviate/nodes_verbose": {"nodes": [{**one, "shards": held[one["name"]]} for one in listed]},
    }


def _homes(nodes: Sequence[str], factor: int, shards: int) -> list[list[str]]:
    return [[nodes[(at + copy) % len(nodes)] for copy in range(min(factor, len(nodes)))] for at in range(shards)]


def _shard(collection: str, name: str, objects: int, factor: int, each: Answers) -> Answers:
    return {
        "name": name,
        "class": collection,
        "objectCount": objects,
        "loaded": True,
        "compressed": True,
        "vectorIndexingStatus": "READY",
        "replicationFactor": factor,
        **each,
    }


def _collection(name: str, factor: int, shards: int) -> Answers:
    return {
        "class": name,
        "vectorIndexType": "hnsw",
        "vectorIndexConfig": {"distance": "cosine", "maxConnections": 32, "rq": {"enabled": True, "bits": 8}},
        "replicationConfig": {"factor": factor, "asyncEnabled": factor > 1},
        "shardingConfig": {"desiredCount": shards, "actualCount": shards},
        "multiTenancyConfig": {"enabled": False},
    }


def backup(id: str, hours: float, status: str = "SUCCESS", classes: Sequence[str] = ("Products",)) -> Answers:
    """A backup that ended so many hours before the snapshot."""
    moment = (NOW - timedelta(hours=hours)).isoformat()
    return {
        "id": id,
        "status": status,
        "classes": list(classes),
        "startedAt": moment,
        "completedAt": moment,
        "size": 2.0,
    }


def stored(*entries: Answers, restores: Mapping[str, str] | None = None, backend: str = "s3", **more: Any) -> Answers:
    """The list of one backend, and a meta that knows its module."""
    return {
        "weaviate/backups": {backend: {"entries": list(entries), "restores": dict(restores or {}), **more}},
        "weaviate/own_info": {"roles": ["viewer"], "groups": 0},
        "weaviate/roles": [],
    }


def backed_up(hours: float = 5, **more: Any) -> Answers:
    return stored(*(backup(f"b{at}", hours + 24 * at) for at in range(7)), **more)


def measured(**scalars: float | Mapping[str, float]) -> Answers:
    """Single values of Prometheus: a number, or pod -> number; names of `history` go where they belong."""
    historic = ("ready_least_90d", "ready_now", "pods_seen_90d", "restarts_7d", "oom_last", "oom_events_7d")
    found: Answers = {"prometheus/weaviate": {}, "prometheus/history": {}}
    for name, value in scalars.items():
        samples = (
            [{"value": one, "pod": pod} for pod, one in value.items()]
            if isinstance(value, Mapping)
            else [{"value": value}]
        )
        found["prometheus/history" if name in historic else "prometheus/weaviate"][name] = samples
    return found


def used(
    rss_share: float = 0.6, cpu_share: float = 0.5, throttled: float | None = None, pods: Sequence[str] = PODS
) -> Answers:
    """Two weeks of use, as shares of the limits and requests that `cluster.weaviate` sets (24 GiB, 4 cores)."""
    rows = len(pods)
    return {
        "prometheus/usage": {
            "end": int(NOW.timestamp()),
            "namespace": ["weaviate"] * rows,
            "pod": list(pods),
            "container": ["weaviate"] * rows,
            "cpu_p95": [4 * cpu_share] * rows,
            "cpu_max": [4 * cpu_share] * rows,
            "rss_max": [24 * 2**30 * rss_share] * rows,
            "throttled": [throttled] * rows,
            "samples": [100_000] * rows,
            "hours": [14 * 24] * rows,
        }
    }


def filled(share: float = 0.4, growth: float = 0.0, claims: Sequence[str] = ()) -> Answers:
    """Volumes that are so full, and grew by so much of their size each day for two weeks."""
    names = list(claims) or [f"weaviate-data-{pod}" for pod in PODS]
    size = 256 * 2**30
    daily = [size * (share - growth * (13 - day)) for day in range(14)]
    return {
        "prometheus/volumes": {
            "end": int(NOW.timestamp()),
            "namespace": ["weaviate"] * len(names),
            "claim": names,
            "used": [size * share] * len(names),
            "capacity": [size] * len(names),
            "grid": {"start": int((NOW - timedelta(days=13)).timestamp()), "step": 86_400, "count": 14},
            "daily": [daily] * len(names),
        }
    }


def without(answers: Answers, *keys: str, reason: Reason = Reason.FORBIDDEN) -> Answers:
    """The same answers, some of them refused."""
    assert all(key in SOURCES for key in keys)
    return {**answers, **dict.fromkeys(keys, reason)}


def has_failures(made: Snapshot, keys: Iterable[str], reason: Reason) -> Snapshot:
    """The same snapshot without these reads (keys of `KINDS` and `SOURCES` alike), for this reason."""
    gone = set(keys)
    reads = [read for read in made.manifest.reads if read.key not in gone]
    reads += [Read(key, reason=reason, message=f"{key}: {reason.value}") for key in sorted(gone)]
    return msgspec.structs.replace(
        made,
        manifest=msgspec.structs.replace(made.manifest, reads=tuple(reads)),
        kept={key: value for key, value in made.kept.items() if key not in gone},
        answers={key: value for key, value in made.answers.items() if key not in gone},
    )
