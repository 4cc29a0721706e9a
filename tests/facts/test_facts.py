"""Facts of a snapshot: the workload is selected, and facts of recorded clusters are as they were."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from readiness_kit.errors import WorkloadError
from readiness_kit.facts import ClusterFacts, Workload
from readiness_kit.facts.kubernetes.topology import pod_zones
from readiness_kit.facts.weaviate import auth
from readiness_kit.kinds import KINDS
from readiness_kit.model import Target
from tests.support.answers import answered
from tests.support.cluster import cluster, weaviate

ZONES = ("a", "b", "c")


def facts(answers: dict[str, Any], **how: Any) -> ClusterFacts:
    return answered(cluster(weaviate(**{"zones": ZONES, **how})), answers)


def test_the_server_knows_its_version_better_than_the_image() -> None:
    mirrored = "registry.example/mirror/weaviate:0.0.4"
    of_mirror = facts({"weaviate/meta": {"version": "1.36.5-abc1234.amd64"}}, image=mirrored)
    assert str(of_mirror.server_version) == "1.36.5"
    assert str(facts({"weaviate/meta": {"version": ""}}).server_version) == "1.38.2"
    assert str(facts({}).server_version) == "1.38.2"


def _w(*sources: Any, forbidden: tuple[str, ...] = (), **changes: Any) -> Workload:
    return cluster(weaviate(**changes), *sources, forbidden=forbidden).weaviate


def test_trap_2_one_of_two_is_chosen_by_namespace_and_name() -> None:
    both = (weaviate(), weaviate(namespace="staging", replicas=1))
    with pytest.raises(WorkloadError, match="2 Weaviate workloads"):
        cluster(*both)
    facts = cluster(*both, choose="staging/weaviate")
    assert facts.target == Target("staging", "weaviate") and len(facts.candidates) == 2
    assert [pod.metadata.namespace for pod in facts.weaviate.pods] == ["staging"]
    assert [claim.metadata.namespace for claim in facts.weaviate.claims] == ["staging"]


def test_what_could_not_be_read_is_named_when_nothing_is_found() -> None:
    with pytest.raises(WorkloadError, match=r"not everything could be read \(statefulsets: forbidden\)"):
        cluster(weaviate(), forbidden=("statefulsets",))


def test_pods_that_may_not_be_read_leave_the_workload() -> None:
    w = _w(forbidden=("pods",))
    assert (w.replicas, w.pods, len(w.claims)) == (3, (), 3)


def _facts(folder: Path) -> ClusterFacts:
    lists: dict[str, list[dict[str, Any]]] = {}
    for kind in KINDS.values():
        file = folder / f"{kind.path()[1:]}.json"
        if file.is_file():
            lists[kind.kind] = json.loads(file.read_bytes())["items"]
    return cluster([{**item, "kind": kind} for kind, items in lists.items() for item in items])


def test_the_hardened_cluster(recordings: Path) -> None:
    facts = _facts(recordings / "good")
    w = facts.weaviate
    assert len(facts.candidates) == 1 and facts.candidates[0].accepted
    assert (w.namespace, w.replicas, len(w.pods), len(w.claims), str(w.version)) == ("weaviate", 3, 3, 3, "1.38.2")
    assert len(set(pod_zones(facts).values())) == 3 and None not in pod_zones(facts).values()
    assert len(facts.candidate_nodes) == 3 and len(facts.nodes) == 6
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


def test_a_frame_is_made_once() -> None:
    facts = cluster(weaviate())
    assert facts.containers is facts.containers


def test_as_of_is_the_time_of_the_snapshot() -> None:
    assert cluster(weaviate(), as_of="2026-01-02T03:04:05Z").as_of.isoformat() == "2026-01-02T03:04:05+00:00"
