"""Recorded answers of real servers (scripts/record_weaviate.py), read as from the servers themselves."""

from __future__ import annotations

import json
import re

import pytest

from readiness_kit.collect.weaviate.collector import Collected, collect_weaviate
from readiness_kit.model import Reason
from readiness_kit.redact import secret_shapes
from tests.support.weaviate import RECORDED, recorded, replayed

SCENARIOS = sorted(path.stem for path in RECORDED.glob("*.json"))


def read(scenario: str, shards: int | None = 20) -> Collected:
    with replayed(scenario) as server:
        found = collect_weaviate(server.url, api_key=server.key, shards=shards, pause=0.0)
    assert {line.partition(" ")[0] for line in server.asked} == {"GET"}
    return found


def reasons(found: Collected) -> dict[str, Reason]:
    return {read.key.removeprefix("weaviate/"): read.reason for read in found.reads if read.reason is not None}


ALL_BUT_PUBLIC = "meta own_info nodes statistics schema nodes_verbose backups roles users tasks".split()
LISTS = "schema nodes_verbose backups roles users".split()


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("three-root", {}),
        ("three-viewer", {}),
        ("one-dead", {}),
        ("three-no-key", dict.fromkeys(ALL_BUT_PUBLIC, Reason.FORBIDDEN)),
        ("three-app", dict.fromkeys(["nodes", "statistics", "tasks", *LISTS], Reason.FORBIDDEN)),
        ("single-open", {"own_info": Reason.ABSENT}),
        ("old", {"backups": Reason.ABSENT, "tasks": Reason.ABSENT}),
    ],
)
def test_reasons_for_a_recorded_server(scenario: str, expected: dict[str, Reason]) -> None:
    assert reasons(read(scenario)) == expected


@pytest.mark.parametrize(
    ("scenario", "anonymous", "restricted", "collections", "schemes"),
    [
        ("three-root", False, False, 0, ("API-keys",)),
        ("single-open", True, False, 4, ()),
        ("admin-list", True, False, 1, ()),
        ("old", False, False, 0, ("API-keys",)),
    ],
)
def test_anonymous_access_of_a_recorded_server(
    scenario: str, anonymous: bool, restricted: bool, collections: int, schemes: tuple[str, ...]
) -> None:
    """A replay knows one answer for an address: the admin list's refusals are in tests/live and in the made-up ones."""
    probe = read(scenario).answers["weaviate/probe"]
    assert (probe.anonymous, probe.restricted, probe.collections) == (anonymous, restricted, collections)
    assert probe.schemes == schemes


def test_two_dead_nodes_of_three_leave_no_leader_but_the_schema() -> None:
    answers = read("two-dead").answers
    assert [(node.name, node.status) for node in answers["weaviate/nodes"].nodes] == [("weaviate-0", "UNHEALTHY")]
    (node,) = answers["weaviate/statistics"].statistics
    assert (node.raft.state, node.leader_id, node.ready, len(node.raft.latest_configuration)) == (
        "Candidate",
        "",
        False,
        3,
    )
    assert (answers["weaviate/schema"].from_leader, len(answers["weaviate/schema"].classes)) == (False, 4)


def test_backups_and_a_restore_of_a_recorded_server() -> None:
    backend = read("single-open").answers["weaviate/backups"]["filesystem"]
    assert [(entry.id, entry.status, entry.classes) for entry in backend.entries] == [
        ("second", "SUCCESS", ("Products",)),
        ("first", "SUCCESS", ("Products",)),
    ]
    assert backend.restores == {"first": "SUCCESS", "second": ""}
    assert all(entry.started_at and entry.completed_at and entry.size is not None for entry in backend.entries)


def test_roles_of_a_recorded_server() -> None:
    roles = {role.name: role for role in read("three-root").answers["weaviate/roles"]}
    assert {name: role.users for name, role in roles.items() if role.users is not None} == {
        "admin": 0,
        "read-only": 0,
        "root": 1,
        "viewer": 1,
    }
    assert [(permission.action, permission.wide) for permission in roles["storefront"].permissions] == [
        ("read_data", False)
    ]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_recording_is_small_and_holds_nothing_of_the_machine(scenario: str) -> None:
    text = (RECORDED / f"{scenario}.json").read_text("utf-8")
    assert len(text) < 60_000
    assert secret_shapes(text) == []
    assert not re.search(r'"/(tmp|root|home|work)/', text)
    assert json.loads(text)["version"] == recorded(scenario)["version"]
