"""What the real servers of tests/live are filled with; scripts/record_weaviate.py writes down what they then answer."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.weaviate_cluster import WeaviateCluster

NEW, OLD = "v1.38.2", "v1.30.0"
ROOT_KEY, VIEWER_KEY, APP_KEY = "root-key-of-the-tests", "viewer-key-of-the-tests", "app-key-of-the-tests"

OPEN = {"AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "true"}
KEYS = {
    "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "false",
    "AUTHENTICATION_APIKEY_ENABLED": "true",
    "AUTHENTICATION_APIKEY_ALLOWED_KEYS": f"{ROOT_KEY},{VIEWER_KEY},{APP_KEY}",
    "AUTHENTICATION_APIKEY_USERS": "root-user,viewer-user,app-user",
}
RBAC = {**KEYS, "AUTHORIZATION_RBAC_ENABLED": "true", "AUTHORIZATION_RBAC_ROOT_USERS": "root-user"}
ADMIN_LIST = {
    **KEYS,
    "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "true",
    "AUTHORIZATION_ADMINLIST_ENABLED": "true",
    "AUTHORIZATION_ADMINLIST_USERS": "root-user",
    "AUTHORIZATION_ADMINLIST_READONLY_USERS": "viewer-user",
}
TENANTS = ("north", "south")


def server(version: str) -> Path:
    """The built server of a version. Raises RuntimeError where scripts/build_weaviate has not made it."""
    home = os.environ.get("READINESS_WEAVIATE", "")
    folder = Path(home) if home else Path(__file__).resolve().parent.parent.parent / ".cache" / "weaviate"
    program = folder / version / "weaviate-server"
    if not program.is_file():
        raise RuntimeError(f"{program} is not there: `make test-live` builds it, which takes Go and some minutes")
    return program


def backups(folder: Path) -> dict[str, str]:
    return {"ENABLE_MODULES": "backup-filesystem", "BACKUP_FILESYSTEM_PATH": str(folder / "backups")}


def collections(cluster: WeaviateCluster, copies: int) -> None:
    """Products (copies, quantised), Sessions (one copy), Shops (tenants), Notes (two named vectors) with objects."""
    title = [{"name": "title", "dataType": ["text"]}]
    hnsw = {"distance": "cosine", "rq": {"enabled": True, "bits": 8}}
    named = {
        "plain": {"vectorizer": {"none": {}}, "vectorIndexType": "hnsw"},
        "small": {
            "vectorizer": {"none": {}},
            "vectorIndexType": "flat",
            "vectorIndexConfig": {"bq": {"enabled": True, "cache": True}},
        },
    }
    replicated = {"replicationConfig": {"factor": copies}, "properties": title}
    if cluster.ask("GET", "/v1/meta")[1]["version"] < "1.32":
        hnsw = {"distance": "cosine", "bq": {"enabled": True}}
    none = {"vectorizer": "none"}
    cluster.post("/v1/schema", {"class": "Products", **none, **replicated, "vectorIndexConfig": hnsw})
    cluster.post("/v1/schema", {"class": "Sessions", **none, "replicationConfig": {"factor": 1}, "properties": title})
    cluster.post("/v1/schema", {"class": "Shops", **none, **replicated, "multiTenancyConfig": {"enabled": True}})
    cluster.post("/v1/schema", {"class": "Notes", **replicated, "vectorConfig": named})
    cluster.post("/v1/schema/Shops/tenants", [{"name": name} for name in TENANTS])
    cluster.fill("Products", 60, dimensions=64)
    cluster.fill("Sessions", 30)
    for name in TENANTS:
        cluster.fill("Shops", 10, tenant=name)


def roles(cluster: WeaviateCluster) -> None:
    """viewer-user gets `viewer`, app-user a role of its own for Products."""
    shop = {"collection": "Products", "tenant": "*", "object": "*"}
    permission = {"action": "read_data", "data": shop}
    cluster.post("/v1/authz/roles", {"name": "storefront", "permissions": [permission]})
    for user, role in (("viewer-user", "viewer"), ("app-user", "storefront")):
        cluster.post(f"/v1/authz/users/{user}/assign", {"roles": [role], "userType": "db"})


def backed_up(cluster: WeaviateCluster) -> None:
    """Backups `first` (restored once its collection was gone) and `second` of Products."""
    for name in ("first", "second"):
        cluster.post("/v1/backups/filesystem", {"id": name, "include": ["Products"]})
        succeeds(cluster, f"/v1/backups/filesystem/{name}")
    cluster.ask("DELETE", "/v1/schema/Products")
    cluster.post("/v1/backups/filesystem/first/restore", {"include": ["Products"]})
    succeeds(cluster, "/v1/backups/filesystem/first/restore")


def succeeds(cluster: WeaviateCluster, path: str) -> None:
    until(lambda: (cluster.ask("GET", path)[1] or {}).get("status") == "SUCCESS", f"success of {path}")


def counted(cluster: WeaviateCluster, objects: int) -> None:
    """Until the node list counts the objects of all replicas, which it does some seconds after they were written."""

    def total() -> int:
        found: Any = cluster.ask("GET", "/v1/nodes?output=verbose")[1]
        return sum((node.get("stats") or {}).get("objectCount", 0) for node in found["nodes"])

    until(lambda: total() >= objects, f"{objects} objects in the node list", 60)


def leaderless(cluster: WeaviateCluster) -> bool:
    """Whether the first node has noticed that nobody leads any longer."""
    answer = cluster.ask("GET", "/v1/cluster/statistics")[1]
    entries = (answer.get("statistics") or []) if isinstance(answer, dict) else []
    return bool(entries) and not any(one["raft"]["state"] == "Leader" for one in entries)


def until(holds: Callable[[], bool], what: str, seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise RuntimeError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.3)
