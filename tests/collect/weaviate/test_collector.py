"""A run against a made-up Weaviate: order, credentials, failures and progress."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from readiness_kit.collect.weaviate import client
from readiness_kit.collect.weaviate.collector import KEYS, collect_weaviate, with_weaviate
from readiness_kit.errors import UsageError
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.model import Reason
from readiness_kit.snapshot import Snapshot
from tests.collect.weaviate.conftest import KEY, PUBLIC, collected, reads
from tests.support.cluster import snapshot, weaviate
from tests.support.weaviate import FakeWeaviate, error, healthy, statistics, waits


def test_healthy_server_is_read_in_the_fixed_order() -> None:
    found, fake = collected()
    assert [read.reason for read in found.reads] == [None] * len(KEYS)
    assert set(found.answers) == set(KEYS)
    assert fake.asked == [
        *PUBLIC,
        "GET /v1/meta",
        "GET /v1/users/own-info",
        "GET /v1/nodes?output=minimal",
        "GET /v1/cluster/statistics",
        "GET /v1/schema",
        "GET /v1/nodes?output=verbose",
        "GET /v1/backups/s3?order=desc",
        "GET /v1/backups/s3/nightly-2/restore",
        "GET /v1/backups/s3/nightly-1/restore",
        "GET /v1/authz/roles",
        "GET /v1/authz/roles/admin/user-assignments",
        "GET /v1/users/db?includeLastUsedTime=true",
        "GET /v1/tasks",
    ]
    assert [f"{call.method} {call.path}" for call in found.calls] == fake.asked


def test_anonymous_access_is_probed_without_credentials() -> None:
    _, fake = collected()
    assert fake.signed_in == fake.asked[len(PUBLIC) :]
    assert [line for line, headers in zip(fake.asked, fake.headers, strict=True) if "Authorization" not in headers] == (
        PUBLIC
    )


def test_probe_names_authentication_schemes() -> None:
    found, _ = collected(schemes="API-keys, OIDC")
    probe = found.answers["weaviate/probe"]
    assert (probe.anonymous, probe.meta_status, probe.schema_status) == (False, 401, 0)
    assert probe.schemes == ("API-keys", "OIDC")


def test_probe_of_anonymous_access_includes_the_schema() -> None:
    found, fake = collected(key="", given="")
    probe = found.answers["weaviate/probe"]
    assert (probe.anonymous, probe.restricted, probe.collections) == (True, False, 1)
    assert (probe.meta_status, probe.schema_status, probe.nodes_status) == (200, 200, 200)
    assert fake.signed_in == []
    assert "GET /v1/users/own-info" not in fake.asked
    assert reads(found)["weaviate/own_info"].reason is Reason.ABSENT


def test_an_admin_list_keeps_anonymous_callers_out() -> None:
    """A newer server shows them an empty schema instead of refusing it; the nodes it does refuse."""
    answers = healthy()
    schema, nodes = answers["/v1/schema"], answers["/v1/nodes?output=minimal"]
    answers["/v1/schema"] = lambda headers: schema if "Authorization" in headers else {"classes": []}
    answers["/v1/nodes?output=minimal"] = lambda headers: (
        nodes if "Authorization" in headers else error(403, "forbidden: anonymous has no read on nodes")
    )
    found, _ = collected(answers, anonymous=True)
    probe = found.answers["weaviate/probe"]
    assert (probe.anonymous, probe.restricted, probe.collections) == (True, True, 0)
    assert (probe.schema_status, probe.nodes_status) == (200, 403)
    assert len(found.answers["weaviate/schema"].classes) == 1


def test_a_server_without_any_scheme_is_asked_again_without_the_token() -> None:
    found, fake = collected(key="", anonymous=True, given="a-token-nobody-asked-for")
    assert fake.signed_in == ["GET /v1/meta"]
    assert {key: read.reason for key, read in reads(found).items() if read.reason} == {
        "weaviate/own_info": Reason.ABSENT
    }


def test_missing_credentials_are_forbidden() -> None:
    found, fake = collected(given="")
    assert [line for line in fake.asked if line not in PUBLIC] == []
    reasons = {key: read.reason for key, read in reads(found).items()}
    public = {f"weaviate/{name}" for name in ("live", "ready", "probe", "oidc")}
    assert {key for key, reason in reasons.items() if reason is None} == public
    assert {reason for key, reason in reasons.items() if key not in public} == {Reason.FORBIDDEN}
    assert "asks for credentials (API-keys) and none were given" in reads(found)["weaviate/schema"].message


def test_two_credentials_are_refused() -> None:
    with pytest.raises(UsageError, match="an API key and an OIDC token"):
        collect_weaviate("http://127.0.0.1:1", api_key="a", oidc_token="b")


def test_refused_parts_are_forbidden_and_the_rest_is_read() -> None:
    answers = healthy()
    for path in ("/v1/nodes?output=verbose", "/v1/cluster/statistics", "/v1/authz/roles", "/v1/backups/s3?order=desc"):
        answers[path] = error(403, "authorization, forbidden action: user 'jane' has insufficient permissions")
    found, _ = collected(answers)
    reasons = {key for key, read in reads(found).items() if read.reason is Reason.FORBIDDEN}
    assert reasons == {f"weaviate/{name}" for name in ("nodes_verbose", "statistics", "roles", "backups")}
    assert found.answers["weaviate/backups"]["s3"].reason is Reason.FORBIDDEN
    assert "weaviate/statistics" not in found.answers
    assert found.answers["weaviate/tasks"]["reindex"][0].status == "FINISHED"


def test_old_servers_are_not_asked_for_what_came_later() -> None:
    found, fake = collected(healthy("1.24.1"))
    absent = {key for key, read in reads(found).items() if read.reason is Reason.ABSENT}
    late = ("own_info", "statistics", "nodes_verbose", "backups", "roles", "users", "tasks")
    assert absent == {f"weaviate/{name}" for name in late}
    assert fake.asked == [*PUBLIC, "GET /v1/meta", "GET /v1/nodes?output=minimal", "GET /v1/schema"]


def test_without_a_leader_the_schema_is_asked_of_the_node_itself() -> None:
    answers = healthy()
    answers["/v1/cluster/statistics"] = statistics(leader="", synchronized=False)
    whole = answers["/v1/schema"]
    answers["/v1/schema"] = lambda headers: (
        whole
        if headers.get("consistency") == "false"
        else error(500, "could not read from the leader: leader not found")
    )
    found, fake = collected(answers)
    schema = found.answers["weaviate/schema"]
    assert (len(schema.classes), schema.from_leader) == (1, False)
    assert [line for line in fake.asked if "schema" in line] == ["GET /v1/schema"]


def test_a_leader_that_is_lost_meanwhile_does_not_lose_the_schema() -> None:
    answers = healthy()
    whole = answers["/v1/schema"]
    answers["/v1/schema"] = lambda headers: (
        whole if headers.get("consistency") == "false" else error(500, "leader not found")
    )
    found, _ = collected(answers)
    assert found.answers["weaviate/schema"].from_leader is False


@pytest.mark.parametrize(("until", "polls", "synchronized"), [(1, 1, True), (3, 3, True), (9, 5, False)])
def test_trap_8_not_synchronized_is_believed_after_five_polls(until: int, polls: int, synchronized: bool) -> None:
    asked = iter(range(1, 100))
    answers = healthy()
    answers["/v1/cluster/statistics"] = lambda headers: statistics(synchronized=next(asked) >= until)
    found, _ = collected(answers)
    got = found.answers["weaviate/statistics"]
    assert (got.polls, got.synchronized) == (polls, synchronized)


def test_missing_response_is_unreachable_and_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "NODES_TIMEOUT", 0.2)
    monkeypatch.setattr("readiness_kit.collect.weaviate.collector.NODES_TIMEOUT", 0.2)
    monkeypatch.setattr("readiness_kit.collect.weaviate.shards.NODES_TIMEOUT", 0.2)
    answers = healthy()
    with FakeWeaviate(answers, key=KEY) as fake:
        answers["/v1/nodes?output=verbose"] = waits(lambda: fake)
        found = collect_weaviate(fake.url, api_key=KEY, pause=0.0)
    assert reads(found)["weaviate/nodes_verbose"].reason is Reason.UNREACHABLE
    assert {key for key, read in reads(found).items() if read.reason} == {"weaviate/nodes_verbose"}


def test_every_record_is_unreachable_without_a_server() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        found = collect_weaviate(f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert {read.reason for read in found.reads} == {Reason.UNREACHABLE}
    assert {read.key for read in found.reads} == set(KEYS) == {key for key in SOURCES if key.startswith("weaviate/")}
    assert found.answers == {}
    assert {call.path for call in found.calls} == {"/v1/.well-known/live"}


def test_server_that_is_not_weaviate_is_an_error() -> None:
    found, fake = collected({})
    assert {read.reason for read in found.reads} == {Reason.ERROR}
    assert "does not answer as Weaviate" in found.reads[0].message
    assert fake.asked == ["GET /v1/.well-known/live"]


@pytest.mark.parametrize("body", [[], "text", {"nodes": [{"name": 5}]}, {"nodes": "none"}])
def test_unexpected_answer_is_an_error_of_that_answer_alone(body: Any) -> None:
    found, _ = collected({**healthy(), "/v1/nodes?output=minimal": body})
    assert {key for key, read in reads(found).items() if read.reason} == {"weaviate/nodes"}
    assert reads(found)["weaviate/nodes"].reason is Reason.ERROR


def test_not_ready_is_an_answer() -> None:
    found, _ = collected({**healthy(), "/v1/.well-known/ready": (503, None)})
    ready = found.answers["weaviate/ready"]
    assert (ready.status, ready.ok, reads(found)["weaviate/ready"].reason) == (503, False, None)


def test_a_stop_keeps_what_was_read() -> None:
    stop = threading.Event()
    answers = healthy()
    whole = answers["/v1/nodes?output=minimal"]
    answers["/v1/nodes?output=minimal"] = lambda headers: stop.set() or whole
    found, _ = collected(answers, stop=stop)
    assert reads(found)["weaviate/meta"].reason is None
    assert reads(found)["weaviate/schema"].reason is Reason.NOT_COLLECTED


def test_progress_names_each_answer() -> None:
    events: list[Any] = []
    collected(progress=events.append)
    assert [event.key for event in events if event.state == "done"] == [
        *(f"weaviate/{name}" for name in "live ready probe oidc meta own_info nodes statistics schema".split()),
        *(f"weaviate/{name}" for name in "nodes_verbose backups roles users tasks".split()),
    ]
    assert events[-1].done_kinds == events[-1].all_kinds == len(KEYS)


EVERY_LIST = {f"weaviate/{name}" for name in ("schema", "nodes_verbose", "backups", "roles", "users")}


READS_ALL = [
    {"action": "read_collections", "collections": {"collection": "*"}},
    {"action": "read_nodes", "nodes": {"collection": "*", "verbosity": "verbose"}},
    {"action": "read_roles", "roles": {"role": "*", "scope": "all"}},
    {"action": "read_users", "users": {"users": "*"}},
]


@pytest.mark.parametrize(
    ("roles", "short"),
    [
        ([{"name": "viewer", "permissions": []}], set()),
        ([{"name": "kit", "permissions": READS_ALL}], {"weaviate/backups"}),
        (
            [{"name": "kit", "permissions": [{"action": "read_nodes", "nodes": {"verbosity": "minimal"}}]}],
            EVERY_LIST,
        ),
        (
            [{"name": "kit", "permissions": [{**READS_ALL[0], "collections": {"collection": "Products"}}]}],
            EVERY_LIST,
        ),
        ([], set()),
    ],
    ids=["built in", "reads everything", "minimal nodes", "one collection", "no roles at all"],
)
def test_trap_19_lists_that_a_key_may_see_in_part_are_not_taken_for_whole(roles: Any, short: set[str]) -> None:
    answers = healthy()
    answers["/v1/users/own-info"] = {"username": "kit", "roles": roles}
    found, _ = collected(answers)
    assert {key for key, read in reads(found).items() if read.reason is Reason.FORBIDDEN} == short
    assert {key for key, read in reads(found).items() if read.partial} == short
    assert set(found.answers) >= EVERY_LIST


def test_a_key_without_roles_that_is_refused_the_nodes_sees_shortened_lists() -> None:
    answers = healthy()
    answers["/v1/users/own-info"] = {"username": "kit", "roles": None}
    answers["/v1/nodes?output=minimal"] = error(403, "rbac: forbidden")
    found, _ = collected(answers)
    assert {key for key, read in reads(found).items() if read.partial} == EVERY_LIST


def test_where_the_own_rights_are_not_known_lists_are_not_taken_for_whole() -> None:
    found, _ = collected({**healthy(), "/v1/users/own-info": error(500, "leader not found")})
    assert {key for key, read in reads(found).items() if read.partial} == EVERY_LIST
    assert {reads(found)[key].reason for key in EVERY_LIST} == {Reason.UNREACHABLE}


def test_a_second_run_replaces_the_first_in_a_snapshot() -> None:
    base = snapshot(weaviate())
    with FakeWeaviate(healthy(), key=KEY) as fake:
        first = with_weaviate(base, fake.url, api_key=KEY, pause=0.0)
        again = with_weaviate(first, fake.url, pause=0.0)
    assert isinstance(again, Snapshot)
    assert first.missing("weaviate/schema") is None and first.missing("pods") is None
    assert again.missing("weaviate/schema") is Reason.FORBIDDEN and again.answer("weaviate/schema") is None
    assert len([read for read in again.manifest.reads if read.key == "weaviate/schema"]) == 1
    assert len(again.calls) == len(first.calls) + len(PUBLIC) + 1


def test_paths_that_were_requested_travel_with_the_reads() -> None:
    answers = healthy()
    answers["/v1/authz/roles"] = error(403, "no")
    queries = {key: read.queries for key, read in reads(collected(answers)[0]).items()}
    assert queries["weaviate/live"] == {"live": "/v1/.well-known/live"}
    assert queries["weaviate/nodes"] == {"nodes": "/v1/nodes?output=minimal"}
    assert next(iter(queries["weaviate/backups"].items())) == ("s3", "/v1/backups/s3?order=desc")
    assert queries["weaviate/roles"] == {"roles": "/v1/authz/roles"}
    assert queries["weaviate/users"] == {"db": "/v1/users/db?includeLastUsedTime=true"}
