"""A Weaviate with RBAC: what its running server answers, for truth tables."""

from __future__ import annotations

from typing import Any

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Finding
from tests.support.answers import answered
from tests.support.asked import ask
from tests.support.cluster import CONF, cluster, weaviate

ACCOUNT = "{kind: ServiceAccount, metadata: {name: db}, automountServiceAccountToken: false}"
OWN = {"serviceAccountName": "db"}
ROLES = [
    {"name": "admin", "users": 1},
    {"name": "viewer", "users": 1},
    {"name": "shop", "permissions": [{"action": "read_data", "wide": False}]},
]
USERS = [{"kind": "db_user", "roles": ["shop"], "active": True}]
LIVE: dict[str, Any] = {
    "weaviate/probe": {"meta_status": 401, "schemes": ["API-keys"]},
    "weaviate/roles": ROLES,
    "weaviate/users": USERS,
    "weaviate/own_info": {"roles": ["viewer"]},
}


def scoped(
    *more: Any, answers: dict[str, Any] | None = None, pod: dict[str, Any] | None = None, **env: str
) -> ClusterFacts:
    """A Weaviate on which least privilege is met, changed by the arguments."""
    facts = cluster(weaviate(pod=OWN | (pod or {}), env=env), ACCOUNT, *more)
    return answered(facts, wire(LIVE | (answers or {})))


def wire(answers: dict[str, Any]) -> dict[str, Any]:
    """Names as on the wire, for the answers that are written with the Structs' names here."""
    names = {
        "meta_status": "metaStatus",
        "schema_status": "schemaStatus",
        "nodes_status": "nodesStatus",
        "created_at": "createdAt",
    }

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {names.get(key, key): renamed(item) for key, item in value.items()}
        return [renamed(item) for item in value] if isinstance(value, list) else value

    return {key: renamed(value) for key, value in answers.items()}


def rbac(answers: dict[str, Any] | None = None, conf: dict[str, Any] = CONF, **env: Any) -> Finding:
    return ask("sec.rbac", answered(cluster(weaviate(conf=conf, env=env)), wire(LIVE | (answers or {}))))
