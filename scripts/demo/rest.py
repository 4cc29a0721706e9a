"""The answers of the demonstration's Weaviate: invented as JSON, reduced by the same functions as in a collection.

Three healthy nodes and four collections; comments with "gap" mark the weaknesses.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from readiness_kit.collect.weaviate import parsing as keep
from readiness_kit.collect.weaviate.collector import KEYS
from readiness_kit.kinds import weaviate as kinds
from readiness_kit.model import Call, Read
from scripts.demo.names import NAMESPACE, VERSION

_NODES = ("weaviate-0", "weaviate-1", "weaviate-2")
_LEADER = "weaviate-1"
_LAST_NIGHT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
_GOOD_UNTIL = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)
_TENANTS = ("aurora", "birch", "cobalt", "delta", "ember", "fern", "granite", "harbour")
_BACKED_UP = ["Products", "Reviews", "Shops"]
_RESTORED = "nightly-20261108"
_OBJECTS = {"Products": 1_840_000, "Reviews": 6_320_000, "Sessions": 410_000}


def answers() -> dict[str, Any]:
    """Key of `kinds.sources.SOURCES` -> answer."""
    return {
        "weaviate/live": kinds.Health(200),
        "weaviate/ready": kinds.Health(200),
        "weaviate/probe": kinds.Probe(401, schemes=("API-keys",)),
        "weaviate/oidc": kinds.OpenIdConfiguration(),
        "weaviate/meta": keep.meta(_meta()),
        "weaviate/own_info": keep.own_info({"username": "readiness", "roles": [{"name": "viewer"}]}),
        "weaviate/nodes": keep.nodes({"nodes": [_node(name) for name in _NODES]}),
        "weaviate/statistics": keep.statistics(_statistics(), polls=1),
        "weaviate/schema": keep.schema({"classes": _classes()}, from_leader=True),
        "weaviate/nodes_verbose": keep.nodes({"nodes": [_node(name) | _shards(name) for name in _NODES]}),
        "weaviate/backups": {"s3": kinds.Backend(keep.backups(_backups()), _restores())},
        "weaviate/roles": _roles(),
        "weaviate/users": (),
        "weaviate/tasks": {},
    }


def reads() -> tuple[Read, ...]:
    """The read records of the answers."""
    found = answers()
    return tuple(Read(key, count=len(found[key]) if isinstance(found[key], (tuple, dict)) else 1) for key in KEYS)


def calls() -> tuple[Call, ...]:
    """The requests of a corresponding collection."""
    paths = (
        "/v1/.well-known/live /v1/.well-known/ready /v1/meta /v1/.well-known/openid-configuration /v1/meta"
        " /v1/users/own-info /v1/nodes?output=minimal /v1/cluster/statistics /v1/schema /v1/nodes?output=verbose"
        " /v1/backups/s3?order=desc"
    ).split()
    paths += [f"/v1/backups/s3/{name}/restore" for name in _restores()]
    paths += ["/v1/authz/roles", *(f"/v1/authz/roles/{name}/user-assignments" for name in ("admin", "viewer"))]
    paths += ["/v1/users/db?includeLastUsedTime=true", "/v1/tasks"]
    refused = {2: 401, 3: 404}
    restored = {path: 200 if _RESTORED in path else 404 for path in paths if path.endswith("/restore")}
    return tuple(
        Call("weaviate", "GET", path, refused.get(place, restored.get(path, 200)), 0.012, 480)
        for place, path in enumerate(paths)
    )


def _meta() -> dict[str, Any]:
    bucket = {"bucketName": "weaviate-backups-prod", "endpoint": "s3.amazonaws.com", "rootName": "", "useSSL": True}
    return {
        "version": VERSION,
        "grpcMaxMessageSize": 104858000,
        "modules": {"backup-s3": bucket, "text2vec-openai": {"name": "OpenAI Module"}},
    }


def _node(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "status": "HEALTHY",
        "version": VERSION,
        "gitHash": "d4f19be",
        "operationalMode": "ReadWrite",
        "batchStats": {"queueLength": 0, "ratePerSecond": 0},
    }


def _statistics() -> dict[str, Any]:
    servers = [
        {"id": name, "address": f"{name}.weaviate-headless.{NAMESPACE}.svc.cluster.local:8300", "suffrage": 0}
        for name in _NODES
    ]
    raft = {
        "appliedIndex": "20417",
        "commitIndex": "20417",
        "fsmPending": "0",
        "numPeers": "2",
        "term": "9",
        "latestConfiguration": servers,
    }
    well = {"status": "HEALTHY", "isVoter": True, "bootstrapped": True, "dbLoaded": True, "open": True, "ready": True}
    nodes = [
        {"name": name, "leaderId": _LEADER, **well}
        | {"raft": {**raft, "state": "Leader" if name == _LEADER else "Follower"}}
        for name in _NODES
    ]
    return {"statistics": nodes, "synchronized": True}


def _classes() -> list[dict[str, Any]]:
    def collection(name: str, factor: int, quantised: bool, properties: str, **more: Any) -> dict[str, Any]:
        hnsw = {
            "distance": "cosine",
            "cleanupIntervalSeconds": 300,
            "maxConnections": 32,
            "efConstruction": 128,
            "vectorCacheMaxObjects": 10**12,
            "rq": {"enabled": quantised, "bits": 8, "rescoreLimit": 20},
        }
        vector = {"vectorizer": {"text2vec-openai": {}}, "vectorIndexType": "hnsw", "vectorIndexConfig": hnsw}
        return {
            "class": name,
            "vectorConfig": {"default": vector},
            "replicationConfig": {
                "factor": factor,
                "asyncEnabled": factor > 1,
                "deletionStrategy": "TimeBasedResolution",
            },
            "shardingConfig": {"desiredCount": 3, "actualCount": 3, "virtualPerPhysical": 128},
            "multiTenancyConfig": {"enabled": False},
            "objectTtlConfig": None,
            "properties": [{"name": name, "dataType": ["text"]} for name in properties.split()],
            **more,
        }

    tenants = {"enabled": True, "autoTenantCreation": False, "autoTenantActivation": True}
    # gap: objects should expire after two weeks, but the server has no OBJECTS_TTL_DELETE_SCHEDULE
    ttl = {"enabled": True, "defaultTtl": 1_209_600, "deleteOn": "_creationTimeUnix", "filterExpiredObjects": False}
    return [
        collection("Products", 3, False, "name text price category"),  # gap: not quantised, and large
        collection("Reviews", 3, True, "text stars product"),
        collection("Sessions", 1, True, "clicks", objectTtlConfig=ttl),  # gap: one replica only
        collection("Shops", 3, True, "name", multiTenancyConfig=tenants, shardingConfig={}),
    ]


def _shards(node: str) -> dict[str, Any]:
    """The replicas on a node: every shard with replication factor 3, one in three with factor 1."""
    found = []
    for name, objects in _OBJECTS.items():
        for place in range(3):
            if name != "Sessions" or _NODES[place] == node:
                factor = 1 if name == "Sessions" else 3
                found.append(_shard(name, _shard_name(name, place), objects // 3 + 17 * place, factor, node))
    found += [_shard("Shops", name, 1200 + 310 * place, 3, node) for place, name in enumerate(_TENANTS)]
    return {
        "shards": found,
        "stats": {"objectCount": sum(shard["objectCount"] for shard in found), "shardCount": len(found)},
    }


def _shard(collection: str, name: str, objects: int, factor: int, node: str) -> dict[str, Any]:
    others = [other_node for other_node in _NODES if other_node != node] if factor > 1 else []
    return {
        "name": name,
        "class": collection,
        "objectCount": objects,
        "loaded": True,
        "compressed": collection != "Products",
        "vectorIndexingStatus": "READY",
        "vectorQueueLength": 0,
        "numberOfReplicas": factor,
        "replicationFactor": factor,
        "asyncReplicationStatus": [{"targetNode": target, "objectsPropagated": 0} for target in others],
    }


def _shard_name(collection: str, place: int) -> str:
    return hashlib.sha256(f"{collection} {place}".encode()).hexdigest()[:12]


def _backups() -> list[dict[str, Any]]:
    """Gap: the nightly job only requests backups and does not notice that the last four failed."""
    found = []
    for days in range(18):
        began = _LAST_NIGHT - timedelta(days=days)
        good = began <= _GOOD_UNTIL
        took = timedelta(minutes=38) if good else timedelta(minutes=2)
        found.append(
            {
                "id": f"nightly-{began:%Y%m%d}",
                "status": "SUCCESS" if good else "FAILED",
                "classes": _BACKED_UP,  # gap: does not include the newest collection
                "startedAt": began.isoformat(),
                "completedAt": (began + took).isoformat(),
                "size": round(41.8 - days * 0.12, 2) if good else 0,
            }
        )
    return found


def _restores() -> dict[str, str]:
    newest = [backup["id"] for backup in _backups() if backup["status"] == "SUCCESS"][:10]
    return {name: "SUCCESS" if name == _RESTORED else "" for name in newest}


def _roles() -> tuple[kinds.Role, ...]:
    everything = {"collection": "*", "tenant": "*", "object": "*"}
    shop = {"collection": "Products", "tenant": "*", "object": "*"}
    raw = [
        {"name": "admin", "permissions": [{"action": f"{verb}_data", "data": everything} for verb in _VERBS]},
        {"name": "viewer", "permissions": [{"action": "read_data", "data": everything}, {"action": "read_cluster"}]},
        {"name": "storefront", "permissions": [{"action": "read_data", "data": shop}]},
    ]
    users = {"admin": 1, "viewer": 1}
    return tuple(
        kinds.Role(role.name, role.permissions, users.get(role.name))
        for role in keep.roles(json.loads(json.dumps(raw)))
    )


_VERBS = ("create", "read", "update", "delete")
