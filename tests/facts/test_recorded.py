"""The facts of two real clusters: what a made-up one could get wrong shows here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.kubernetes.topology import candidate_nodes, pod_zones
from readiness_kit.facts.weaviate import auth
from readiness_kit.kinds import KINDS
from tests.support.cluster import cluster


def _facts(folder: Path) -> ClusterFacts:
    lists: dict[str, list[dict[str, Any]]] = {}
    for kind in KINDS.values():
        file = folder / f"{kind.path()[1:]}.json"
        if file.is_file():
            lists[kind.kind] = json.loads(file.read_bytes())["items"]
    return cluster([{**one, "kind": kind} for kind, items in lists.items() for one in items])


def test_the_hardened_cluster(recordings: Path) -> None:
    facts = _facts(recordings / "good")
    w = facts.weaviate
    assert len(facts.candidates) == 1 and facts.candidates[0].accepted
    assert (w.namespace, w.replicas, len(w.pods), len(w.claims), str(w.version)) == ("weaviate", 3, 3, 3, "1.38.2")
    assert len(set(pod_zones(facts).values())) == 3 and None not in pod_zones(facts).values()
    assert len(candidate_nodes(facts)) == 3 and len(facts.nodes) == 6
    assert (auth.anonymous(w), w.modules(), w.is_enabled("LIMIT_RESOURCES")) == (False, ("backup-s3",), True)
    assert w.config is not None and w.config.authorization.rbac.enabled is True
    assert w.env("AUTHENTICATION_APIKEY_ALLOWED_KEYS").state == "secret"
    mine = facts.usage[facts.usage["weaviate"]]
    assert len(mine) == 3 and mine["memory"].notna().all() and (mine["memory_limit"] == 24 * 2**30).all()


def test_the_cluster_with_the_defaults_of_the_chart(recordings: Path) -> None:
    facts = _facts(recordings / "default")
    w = facts.weaviate
    assert (w.replicas, auth.anonymous(w), w.modules(), w.service_account) == (1, True, (), "default")
    assert w.config is not None and w.config.authentication.anonymous_access.enabled is True
    services = facts.services[facts.services["selects_weaviate"]].set_index("name")
    assert services["external"].to_dict() == {"weaviate": True, "weaviate-grpc": True, "weaviate-headless": False}
    assert facts.containers[facts.containers["weaviate"]]["memory_request"].isna().all()
