"""Known faults of Weaviate: each row where it applies, at the edges of its ranges, and where its condition fails."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit import advisories
from readiness_kit.advisories import loading
from readiness_kit.advisories.matching import is_affected, load_faults, nearest_fix
from readiness_kit.advisories.versions import parse_server
from readiness_kit.facts import ClusterFacts
from readiness_kit.kinds.versions import Version
from readiness_kit.model import AdvisoryMatch, Applicability, Reason, Severity
from tests.support.answers import answered
from tests.support.cluster import cluster, weaviate

APPLIES, MAY_APPLY = Applicability.APPLIES, Applicability.MAY_APPLY
HNSW = {"vectorIndexType": "hnsw", "vectorIndexConfig": {"distance": "cosine"}}
RQ = {"vectorIndexType": "hnsw", "vectorIndexConfig": {"rq": {"enabled": True, "bits": 8}}}
FLAT = {"vectorIndexType": "flat", "vectorIndexConfig": {"distance": "cosine"}}
RBAC = {"authorization": {"rbac": {"enabled": True}}, "authentication": {"apikey": {"enabled": True}}}
NO_RBAC = {"authorization": {"rbac": {"enabled": False}}, "authentication": {"apikey": {"enabled": True}}}


def collection(factor: int = 1, index: dict[str, Any] = FLAT, **more: Any) -> dict[str, Any]:
    return {"class": "Books", "replicationConfig": {"factor": factor, **more.pop("replication", {})}, **index, **more}


def schema(*classes: dict[str, Any]) -> dict[str, Any]:
    return {"weaviate/schema": {"classes": list(classes)}}


def many(number: int) -> dict[str, Any]:
    return schema(*({**collection(), "class": f"C{place}"} for place in range(number)))


def shards(number: int, **fields: Any) -> dict[str, Any]:
    listed = [{"name": f"s{place}", "class": "Books", "loaded": True, **fields} for place in range(number)]
    return {"weaviate/nodes_verbose": {"nodes": [{"name": "weaviate-0", "shards": listed}]}}


def named(quantised: bool, number: int = 2) -> dict[str, Any]:
    vector = RQ if quantised else HNSW
    return schema({"class": "Books", "vectorConfig": {f"v{place}": vector for place in range(number)}})


def facts_of(release: str, answers: dict[str, Any] | None = None, **changes: Any) -> ClusterFacts:
    image = f"cr.weaviate.io/semitechnologies/weaviate:{release}"
    return answered(cluster(weaviate(image=image, **changes), as_of="2026-11-28T00:00:00Z"), answers or {})


def match(id: str, facts: ClusterFacts) -> AdvisoryMatch | None:
    return next((found for found in advisories.match(facts) if found.id == id), None)


def sysctl(limit: int) -> dict[str, Any]:
    command = ["sysctl", "-w", f"vm.max_map_count={limit}"]
    return {"name": "configure-sysctl", "image": "docker.io/alpine:latest", "command": command}


Setup = dict[str, Any]
"""Arguments of `facts_of`: `answers`, and changes of the workload."""
REPLICATED: Setup = {"answers": schema(collection(3))}
SINGLE: Setup = {"answers": schema(collection(1))}
BACKUP = {"BACKUP": {"entries": [{"id": "b", "status": "SUCCESS", "incremental_base_backup_id": "a"}]}}
FULL = {"BACKUP": {"entries": [{"id": "b", "status": "SUCCESS"}]}}
ROOT = {"weaviate/own_info": {"roles": ["root"]}}
MODULES = {"ENABLE_MODULES": "backup-s3"}

CONDITIONS: dict[str, tuple[Setup, Setup | None]] = {
    "KI-1": (REPLICATED, SINGLE),
    "KI-2": ({"replicas": 1}, {"replicas": 3}),
    "KI-3": ({}, None),
    "KI-4": ({"env": {"ENABLE_MODULES": "offload-s3"}}, {"env": {"ENABLE_MODULES": "backup-s3"}}),
    "KI-5": ({"answers": many(11)}, {"answers": many(10)}),
    "KI-6": (
        {"answers": many(101), "env": {"RAFT_TIMEOUTS_MULTIPLIER": "1"}},
        {"answers": many(101), "env": {"RAFT_TIMEOUTS_MULTIPLIER": "5"}},
    ),
    "KI-7": (
        {
            "answers": {"prometheus/weaviate": {"memory_maps": [{"value": 400_000}]}},
            "pod": {"initContainers": [sysctl(524_288)]},
        },
        {"answers": {"prometheus/weaviate": {"memory_maps": [{"value": 40_000}]}}},
    ),
    "KI-8": ({}, None),
    "KI-9": ({}, None),
    "G-1": ({"answers": schema(collection(1, HNSW))}, {"answers": schema(collection(1, FLAT))}),
    "G-2": (
        {"answers": schema(collection(3, replication={"asyncEnabled": True}))},
        {"answers": schema(collection(1, replication={"asyncEnabled": True}))},
    ),
    "G-3": ({"env": {"REPLICA_MOVEMENT_ENABLED": "true"}}, {"env": {"REPLICA_MOVEMENT_DISABLED": "true"}}),
    "G-4": (
        {"answers": {**schema(collection(3)), **shards(1, loaded=False)}},
        {"env": {"DISABLE_LAZY_LOAD_SHARDS": "true"}},
    ),
    "G-5": ({"answers": shards(1_001)}, {"answers": shards(1_000)}),
    "G-6": ({"answers": schema(collection(1, RQ))}, {"answers": schema(collection(1, HNSW))}),
    "G-7": (REPLICATED, SINGLE),
    "G-8": ({"answers": named(True)}, {"answers": named(False)}),
    "G-9": (REPLICATED, SINGLE),
    "G-10": (
        {"answers": {"weaviate/backups": BACKUP}, "env": MODULES},
        {"answers": {"weaviate/backups": FULL, **ROOT}, "env": MODULES},
    ),
    "G-11": (
        {"env": {"AUTHENTICATION_DB_USERS_ENABLED": "true"}},
        {"env": {"AUTHENTICATION_DB_USERS_ENABLED": "false"}},
    ),
    "G-12": ({"conf": RBAC}, {"conf": NO_RBAC}),
    "G-13": ({}, None),
    "S-1": ({}, None),
    "S-2": ({"env": {"AUTHENTICATION_APIKEY_USERS": "ann,ben"}}, {"env": {"AUTHENTICATION_APIKEY_USERS": "ann"}}),
    "S-3": ({}, {"env": {"GO_PROFILING_DISABLE": "true"}}),
    "S-4": ({"conf": RBAC}, {"conf": NO_RBAC}),
    "S-4b": ({"conf": RBAC}, {"conf": NO_RBAC}),
    "S-5": ({}, None),
}
"""Row -> (a cluster that it concerns, one that it does not concern although the version is affected)."""

EDGES: dict[str, tuple[str, str]] = {
    "KI-1": ("1.20.0 1.36.23 1.37.0 1.37.13 1.38.0 1.38.6", "1.37.14 1.38.7 1.39.0 1.40.2"),
    "KI-2": ("1.28.0 1.28.16 1.29.0 1.29.8 1.30.0 1.30.8 1.31.0 1.31.1", "1.27.27 1.29.9 1.30.9 1.31.2 1.32.0"),
    "KI-3": ("1.27.23 1.27.26 1.28.14 1.28.15 1.29.5 1.29.7 1.30.3",
             "1.27.22 1.27.27 1.28.13 1.28.16 1.29.4 1.29.8 1.30.2 1.30.4"),
    "KI-4": ("1.26.0 1.26.13 1.27.0 1.27.10 1.28.0 1.28.4", "1.25.34 1.26.14 1.27.11 1.28.5 1.29.0"),
    "KI-5": ("1.25.0 1.28.16", "1.24.26 1.29.0"),
    "KI-6": ("1.25.0 1.40.2", "1.24.26"),
    "KI-7": ("1.20.0 1.40.2", ""),
    "KI-8": ("1.25.0 1.29.11", "1.24.26 1.30.0"),
    "KI-9": ("1.25.0 1.28.16", "1.24.26 1.29.0"),
    "G-1": ("1.36.0 1.36.23 1.37.9 1.38.0 1.38.1", "1.33.18 1.37.10 1.38.2 1.39.0"),
    "G-2": ("1.36.23 1.37.11 1.38.0 1.38.2", "1.37.12 1.38.3 1.39.0"),
    "G-3": ("1.32.16 1.37.14 1.38.2", "1.31.22 1.38.3 1.39.0"),
    "G-4": ("1.36.23 1.37.13 1.38.0 1.38.5", "1.37.14 1.38.6 1.39.0"),
    "G-5": ("1.36.23 1.37.10 1.38.0 1.38.2", "1.37.11 1.38.3 1.39.0"),
    "G-6": ("1.34.20 1.35.16 1.36.0 1.36.10", "1.35.17 1.36.11 1.37.0"),
    "G-7": ("1.31.16 1.32.0 1.32.9", "1.31.17 1.32.10 1.33.0"),
    "G-8": ("1.30.18 1.31.0 1.31.16 1.32.0 1.32.11 1.33.0", "1.30.19 1.31.17 1.32.12 1.33.1 1.34.0"),
    "G-9": ("1.34.19 1.35.0 1.35.14 1.36.0 1.36.5", "1.34.20 1.35.15 1.36.6 1.37.0"),
    "G-10": ("1.37.6 1.37.11 1.38.0 1.38.2", "1.36.23 1.37.12 1.38.3 1.39.0"),
    "G-11": ("1.30.19 1.31.0 1.31.17 1.32.0 1.32.13 1.33.0 1.33.1", "1.30.20 1.31.18 1.32.14 1.33.2 1.34.0"),
    "G-12": ("1.37.14 1.38.11 1.39.0", "1.40.0 1.40.2"),
    "G-13": ("1.38.0 1.38.8 1.38.9 1.39.0", "1.37.14 1.38.10 1.40.0"),
    "S-1": ("1.30.23 1.31.18 1.32.0 1.32.15 1.33.0 1.33.3", "1.31.19 1.32.16 1.33.4 1.34.0"),
    "S-2": ("1.36.23 1.37.7 1.37.14", "1.38.0"),
    "S-3": ("1.36.17 1.37.0 1.37.8 1.38.0", "1.36.18 1.37.9 1.38.1 1.39.0"),
    "S-4": ("1.36.18 1.37.0 1.37.9 1.38.0 1.38.1", "1.36.19 1.37.10 1.38.2 1.39.0"),
    "S-4b": ("1.36.23 1.37.14 1.38.2", "1.38.3 1.39.0"),
    "S-5": ("1.18.5 1.19.0 1.19.12 1.20.0 1.20.5", "1.18.6 1.19.13 1.20.6 1.21.0"),
}  # fmt: skip
"""Row -> (releases at the inner edges of its ranges, releases at the outer edges)."""
FIRST_FIXED = {
    ("KI-1", "1.36.5"): "1.37.14",
    ("KI-1", "1.37.2"): "1.37.14",
    ("KI-1", "1.38.2"): "1.38.7",
    ("G-1", "1.35.3"): "1.37.10",
    ("G-3", "1.37.14"): "1.38.3",
    ("G-13", "1.38.2"): "1.38.10",
    ("G-13", "1.39.0"): "1.40.0",
    ("G-12", "1.38.11"): "1.40.0",
    ("S-2", "1.37.14"): "1.38.0",
    ("KI-6", "1.38.2"): "",
}


def cases(place: int) -> list[Any]:
    return [
        pytest.param(id, release, id=f"{id}-{release}")
        for id, edges in EDGES.items()
        for release in edges[place].split()
    ]


def test_every_row_is_proved() -> None:
    ids = {fault.id for fault in load_faults().faults}
    assert ids == CONDITIONS.keys() == EDGES.keys()
    unconditional = {fault.id for fault in load_faults().faults if not fault.when}
    assert unconditional == {id for id, (_, without) in CONDITIONS.items() if without is None}


@pytest.mark.parametrize(("id", "release"), cases(0))
def test_an_affected_release_with_the_condition_applies(id: str, release: str) -> None:
    found = match(id, facts_of(release, **CONDITIONS[id][0]))
    assert found is not None and found.applicability is APPLIES
    assert found.versions == (release,) and not found.settles


@pytest.mark.parametrize(("id", "release"), cases(1))
def test_a_release_outside_the_ranges_is_not_named(id: str, release: str) -> None:
    assert match(id, facts_of(release, **CONDITIONS[id][0])) is None


@pytest.mark.parametrize(("id", "release"), [pytest.param(*case.values, id=case.id) for case in cases(0)])
def test_without_the_condition_an_affected_release_is_not_named(id: str, release: str) -> None:
    without = CONDITIONS[id][1]
    assert (match(id, facts_of(release, **without)) is None) if without is not None else not fault(id).when


@pytest.mark.parametrize(("id", "release"), FIRST_FIXED)
def test_nearest_release_with_the_fix(id: str, release: str) -> None:
    assert nearest_fix(fault(id), version(release)) == FIRST_FIXED[id, release]


@pytest.mark.parametrize("id", [id for id, (_, without) in CONDITIONS.items() if without is not None])
def test_a_condition_that_cannot_be_read_makes_it_may_apply(id: str) -> None:
    release = EDGES[id][0].split()[0]
    secret = {"secretKeyRef": {"name": "settings", "key": "value"}}
    names = (
        "AUTHENTICATION_APIKEY_ENABLED ENABLE_MODULES "
        "REPLICA_MOVEMENT_ENABLED REPLICA_MOVEMENT_DISABLED AUTHENTICATION_DB_USERS_ENABLED "
        "AUTHENTICATION_APIKEY_USERS GO_PROFILING_DISABLE AUTHORIZATION_RBAC_ENABLED RAFT_BOOTSTRAP_TIMEOUT"
    ).split()
    replicas = 1 if id == "KI-2" else 3
    found = match(id, facts_of(release, env=dict.fromkeys(names, secret), conf=None, replicas=replicas))
    if id == "KI-2":  # the number of nodes is in the workload itself, which is always read
        assert found is not None and found.applicability is APPLIES
    else:
        assert found is not None and found.applicability is MAY_APPLY and found.settles


def test_a_refused_schema_is_named_as_what_would_settle() -> None:
    found = match("KI-1", facts_of("1.38.2", {"weaviate/schema": Reason.FORBIDDEN}))
    assert found is not None and "schema" in found.settles and found.because == ""


def test_a_release_after_the_inspected_tags_may_hold_a_back_port() -> None:
    found = match("G-12", facts_of("1.38.12", conf=RBAC))
    assert found is not None and found.applicability is MAY_APPLY and "1.38.12" in found.settles
    assert found.fixed_in == "1.40.0"


@pytest.mark.parametrize("tag", ["latest", "preview-a1b2c3", "2026.11", "", "sha-8f3c"])
def test_a_private_tag_is_judged_by_what_the_server_reports(tag: str) -> None:
    facts = facts_of(tag, {"weaviate/meta": {"version": "1.38.2"}, **schema(collection(3))})
    found = match("KI-1", facts)
    assert found is not None and found.versions == ("1.38.2",)


def test_without_any_version_the_unknown_version_may_matter() -> None:
    found = advisories.match(facts_of("latest"))
    assert [(one.id, one.severity, one.applicability) for one in found] == [("VERSION", Severity.CRITICAL, MAY_APPLY)]


def test_a_floating_tag_may_be_affected() -> None:
    found = match("KI-1", facts_of("1.38", schema(collection(3))))
    assert found is not None and found.applicability is MAY_APPLY and found.versions == ("1.38 (patch unknown)",)


def test_a_digest_beside_a_tag_does_not_hide_the_version() -> None:
    digest = "1.38.2@sha256:" + "0" * 64
    assert match("KI-1", facts_of(digest, schema(collection(3)))) is not None


def test_during_a_rollout_each_running_version_is_judged() -> None:
    nodes = {"nodes": [{"name": "weaviate-0", "version": "1.38.2"}, {"name": "weaviate-1", "version": "1.38.7"}]}
    found = match("KI-1", facts_of("1.38.7", {"weaviate/nodes": nodes, **schema(collection(3))}))
    assert found is not None and found.applicability is APPLIES and found.versions == ("1.38.2",)


def test_snapshots_of_hnsw_are_opt_in_before_1_36() -> None:
    answers = schema(collection(1, HNSW))
    assert match("G-1", facts_of("1.35.3", answers)) is None
    assert match("G-1", facts_of("1.35.3", answers, env={"PERSISTENCE_HNSW_DISABLE_SNAPSHOTS": "false"})) is not None
    assert match("G-1", facts_of("1.36.3", answers, env={"PERSISTENCE_HNSW_DISABLE_SNAPSHOTS": "true"})) is None


def test_replica_movement_was_opt_out_in_the_first_releases_of_1_32() -> None:
    assert match("G-3", facts_of("1.32.15")) is not None
    assert match("G-3", facts_of("1.32.15", env={"REPLICA_MOVEMENT_DISABLED": "true"})) is None
    assert match("G-3", facts_of("1.32.16")) is None


def test_a_schema_that_may_be_filtered_decides_nothing() -> None:
    found = match("KI-1", facts_of("1.38.2", schema()))
    assert found is not None and found.applicability is MAY_APPLY


def test_those_that_apply_come_first_and_critical_before_high() -> None:
    found = advisories.match(facts_of("1.38.2", {**schema(collection(3)), **shards(1_001)}, conf=RBAC))
    applying = [one for one in found if one.applicability is APPLIES]
    assert found[: len(applying)] == tuple(applying)
    assert [one.severity for one in applying] == sorted((one.severity for one in applying), key=list(Severity).index)
    assert {one.id for one in applying} == {"KI-1", "G-2", "G-5", "G-12", "G-13", "S-4b"}


def test_the_letters_of_a_row_give_its_severity() -> None:
    severities = {row.id: row.severity for row in load_faults().faults}
    assert severities["KI-1"] is severities["S-1"] is severities["G-3"] is Severity.CRITICAL
    assert severities["KI-3"] is severities["G-5"] is severities["G-10"] is Severity.HIGH
    assert severities["KI-8"] is Severity.LOW


def fault(id: str) -> Any:
    return next(row for row in loading.faults().faults if row.id == id)


def version(text: str) -> Version:
    found = parse_server(text)
    assert found is not None
    return found.version


def test_affected_ranges_hold_both_ends() -> None:
    row = fault("KI-1")
    assert is_affected(row, version("1.38.6")) and not is_affected(row, version("1.38.7"))
