"""Weaviate over REST: what is asked, in which order, with which credentials, and what is kept of it."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest

from readiness_kit.collect.http.guards import check_weaviate
from readiness_kit.collect.http.transport import Transport
from readiness_kit.collect.weaviate import client
from readiness_kit.collect.weaviate.client import address
from readiness_kit.collect.weaviate.collector import KEYS, Collected, collect_weaviate, with_weaviate
from readiness_kit.errors import ForbiddenRequestError, UsageError
from readiness_kit.kinds.sources import SOURCES
from readiness_kit.kinds.weaviate import Permission
from readiness_kit.model import Read, Reason
from readiness_kit.snapshot import Snapshot, load
from tests.support.cluster import snapshot, weaviate
from tests.support.weaviate import FakeWeaviate, collection, error, healthy, shard, statistics, waits

KEY = "s3cret-key-of-this-test"
PUBLIC = [
    "GET /v1/.well-known/live",
    "GET /v1/.well-known/ready",
    "GET /v1/meta",
    "GET /v1/.well-known/openid-configuration",
]


def collected(answers: dict[str, Any] | None = None, *, given: str = KEY, **server: Any) -> tuple[Collected, Any]:
    """A run against a server that has a key, with that key."""
    more = {name: server.pop(name) for name in ("shards", "max_shards", "stop", "progress") if name in server}
    with FakeWeaviate(healthy() if answers is None else answers, **{"key": KEY, **server}) as fake:
        return collect_weaviate(fake.url, api_key=given, pause=0.0, **more), fake


def reads(found: Collected) -> dict[str, Read]:
    return {read.key: read for read in found.reads}


# --- order, credentials ---------------------------------------------------------------------------------


def test_a_healthy_server_gives_every_answer_in_the_fixed_order() -> None:
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


def test_what_decides_about_anonymous_access_goes_out_without_credentials() -> None:
    _, fake = collected()
    assert fake.signed_in == fake.asked[len(PUBLIC) :]
    assert [line for line, headers in zip(fake.asked, fake.headers, strict=True) if "Authorization" not in headers] == (
        PUBLIC
    )


def test_trap_9_public_addresses_are_asked_exactly_without_a_query() -> None:
    _, fake = collected()
    assert [line for line in fake.asked if ".well-known" in line and "?" in line] == []
    with pytest.raises(ForbiddenRequestError, match="its query has x"):
        check_weaviate("GET", "/v1/.well-known/live", {"x": "y"})


def test_anonymous_off_names_the_ways_to_sign_in() -> None:
    found, _ = collected(schemes="API-keys, OIDC")
    probe = found.answers["weaviate/probe"]
    assert (probe.anonymous, probe.meta_status, probe.schema_status) == (False, 401, 0)
    assert probe.schemes == ("API-keys", "OIDC")


def test_anonymous_on_looks_whether_the_schema_is_open_too() -> None:
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


def test_no_credentials_where_they_are_asked_for() -> None:
    found, fake = collected(given="")
    assert [line for line in fake.asked if line not in PUBLIC] == []
    reasons = {key: read.reason for key, read in reads(found).items()}
    public = {f"weaviate/{name}" for name in ("live", "ready", "probe", "oidc")}
    assert {key for key, reason in reasons.items() if reason is None} == public
    assert {reason for key, reason in reasons.items() if key not in public} == {Reason.FORBIDDEN}
    assert "asks for credentials (API-keys) and none were given" in reads(found)["weaviate/schema"].message


def test_a_wrong_key_is_tried_once_and_never_shown() -> None:
    wrong = "wrong-0123456789"
    found, fake = collected(given=wrong)
    assert fake.signed_in == ["GET /v1/meta"]
    assert "does not accept the key" in reads(found)["weaviate/nodes"].message
    assert wrong not in repr(found)


def test_the_key_is_in_nothing_that_is_kept(tmp_path: Path) -> None:
    answers = healthy()
    answers["/v1/tasks"] = error(500, f"while serving Bearer {KEY}: {KEY} is not good")
    with FakeWeaviate(answers, key=KEY) as fake:
        merged = with_weaviate(snapshot(weaviate()), fake.url, api_key=KEY, pause=0.0)
    assert KEY not in repr(merged)
    assert "[redacted]" in merged.read("weaviate/tasks").message
    merged.save(tmp_path / "s.zip")
    assert load(tmp_path / "s.zip").answers == merged.answers


@pytest.mark.parametrize(
    "url", ["http://user:pw@127.0.0.1:1", "http://token@127.0.0.1", "ftp://host", "127.0.0.1:8080", "http://h/?a=b", ""]
)
def test_an_address_with_credentials_or_none_at_all_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        collect_weaviate(url)
    assert "pw" not in str(refused.value) and "token@" not in str(refused.value)


def test_the_address_may_end_in_v1_and_have_a_path() -> None:
    assert address("https://w.example.com/v1/") == "https://w.example.com"
    assert address(" http://127.0.0.1:8080/weaviate/ ") == "http://127.0.0.1:8080/weaviate"


def test_two_credentials_are_one_too_many() -> None:
    with pytest.raises(UsageError, match="an API key and an OIDC token"):
        collect_weaviate("http://127.0.0.1:1", api_key="a", oidc_token="b")


# --- nothing but GET -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/backups/s3"),
        ("POST", "/v1/backups/s3/nightly/restore"),
        ("DELETE", "/v1/backups/s3/nightly"),
        ("DELETE", "/v1/schema/Products"),
        ("POST", "/v1/graphql"),
        ("PUT", "/v1/schema"),
        ("GET", "/v1/objects"),
        ("GET", "/v1/schema/Products/tenants"),
        ("GET", "/v1/backups/s3/../../objects/restore"),
        ("GET", "/debug/pprof/heap"),
        ("GET", "/v1/meta/"),
    ],
)
def test_everything_else_is_refused_before_a_socket_opens(method: str, path: str) -> None:
    class NoPool:
        def request(self, *_: Any, **__: Any) -> None:
            raise AssertionError("a request went out")

    transport = Transport("weaviate", "http://127.0.0.1:1", NoPool(), check_weaviate, dict)
    with pytest.raises(ForbiddenRequestError):
        transport._send(method, path, {}, b"{}")
    with pytest.raises(ForbiddenRequestError):
        transport.post(path, b"{}")
    assert transport.calls == ()


def test_no_run_sends_anything_but_get_nor_too_many_of_them() -> None:
    answers = healthy()
    answers["/v1/meta"]["modules"] = {f"backup-{name}": {} for name in ("s3", "gcs", "azure", "filesystem")}
    for name in ("s3", "gcs", "azure", "filesystem"):
        answers[f"/v1/backups/{name}?order=desc"] = [
            {"id": f"b{place:02}", "status": "SUCCESS", "startedAt": f"2026-11-{place + 1:02}T00:00:00Z"}
            for place in range(20)
        ]
    answers["/v1/cluster/statistics"] = statistics(synchronized=False)
    answers["/v1/schema"] = {"classes": [collection(f"C{place:03}", shards=90) for place in range(300)]}
    found, fake = collected(answers)
    assert {line.partition(" ")[0] for line in fake.asked} == {"GET"}
    assert len(fake.asked) < 100
    backups = found.answers["weaviate/backups"]
    assert [list(backups[name].restores) for name in sorted(backups)] == [[f"b{n:02}" for n in range(19, 9, -1)]] * 4


# --- what goes wrong ends nothing else -------------------------------------------------------------------


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


def test_trap_19_a_listing_that_the_server_does_not_implement_is_absent_not_empty() -> None:
    answers = healthy("1.30.0")
    answers["/v1/backups/s3"] = error(500, "not implemented")
    found, fake = collected(answers)
    assert reads(found)["weaviate/backups"].reason is Reason.ABSENT
    assert "not requested: the server is 1.30.0" in reads(found)["weaviate/backups"].message
    assert not [line for line in fake.asked if "backups" in line]

    found, _ = collected({**healthy(), "/v1/backups/s3?order=desc": error(500, "not implemented")})
    assert found.answers["weaviate/backups"]["s3"].reason is Reason.ABSENT


@pytest.mark.parametrize(
    ("version", "listed"),
    [
        ("1.30.11", None),
        ("1.30.12", "/v1/backups/s3"),
        ("1.31.4", None),
        ("1.31.5", "/v1/backups/s3"),
        ("1.32.0", "/v1/backups/s3"),
        ("1.32.14", "/v1/backups/s3?order=desc"),
        ("1.33.1", "/v1/backups/s3"),
        ("1.34.0", "/v1/backups/s3?order=desc"),
    ],
)
def test_backups_are_listed_from_the_versions_on_that_can(version: str, listed: str | None) -> None:
    answers = healthy(version)
    answers["/v1/backups/s3"] = answers["/v1/backups/s3?order=desc"]
    found, fake = collected(answers)
    asked = [line.removeprefix("GET ") for line in fake.asked if "/backups/s3" in line and "restore" not in line]
    assert asked == ([listed] if listed else [])
    entries = found.answers["weaviate/backups"]["s3"].entries if listed else ()
    assert [one.id for one in entries] == (["nightly-2", "nightly-1"] if listed else [])


def test_a_backend_that_is_not_switched_on_is_absent_and_the_other_is_read() -> None:
    answers = healthy()
    answers["/v1/meta"]["modules"]["backup-gcs"] = {"bucketName": "other"}
    answers["/v1/backups/gcs?order=desc"] = error(422, "backup backend gcs is not enabled")
    found, _ = collected(answers)
    backups, read = found.answers["weaviate/backups"], reads(found)["weaviate/backups"]
    assert (backups["gcs"].reason, backups["s3"].reason) == (Reason.ABSENT, None)
    assert (read.reason, read.partial, read.count) == (Reason.ABSENT, True, 2)


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


def test_trap_8_raft_numbers_stay_the_strings_they_are() -> None:
    raft = collected()[0].answers["weaviate/statistics"].statistics[1].raft
    assert (raft.state, raft.applied_index, raft.fsm_pending) == ("Follower", "91", "0")
    assert [(one.id, one.suffrage) for one in raft.latest_configuration] == [
        ("weaviate-0", 0),
        ("weaviate-1", 0),
        ("weaviate-2", 0),
    ]


def test_an_answer_that_does_not_come_is_unreachable_and_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "NODES_TIMEOUT", 0.2)
    monkeypatch.setattr("readiness_kit.collect.weaviate.collector.NODES_TIMEOUT", 0.2)
    monkeypatch.setattr("readiness_kit.collect.weaviate.shards.NODES_TIMEOUT", 0.2)
    answers = healthy()
    with FakeWeaviate(answers, key=KEY) as fake:
        answers["/v1/nodes?output=verbose"] = waits(lambda: fake)
        found = collect_weaviate(fake.url, api_key=KEY, pause=0.0)
    assert reads(found)["weaviate/nodes_verbose"].reason is Reason.UNREACHABLE
    assert {key for key, read in reads(found).items() if read.reason} == {"weaviate/nodes_verbose"}


def test_where_nothing_listens_every_record_says_so() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        found = collect_weaviate(f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert {read.reason for read in found.reads} == {Reason.UNREACHABLE}
    assert {read.key for read in found.reads} == set(KEYS) == {key for key in SOURCES if key.startswith("weaviate/")}
    assert found.answers == {}
    assert {call.path for call in found.calls} == {"/v1/.well-known/live"}


def test_what_is_no_weaviate_is_said_to_be_none() -> None:
    found, fake = collected({})
    assert {read.reason for read in found.reads} == {Reason.ERROR}
    assert "does not answer as Weaviate" in found.reads[0].message
    assert fake.asked == ["GET /v1/.well-known/live"]


@pytest.mark.parametrize("body", [[], "text", {"nodes": [{"name": 5}]}, {"nodes": "none"}])
def test_an_answer_of_another_shape_is_an_error_of_that_answer_alone(body: Any) -> None:
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


# --- few shards and many --------------------------------------------------------------------------------


def test_a_huge_schema_is_listed_by_collection_and_in_part() -> None:
    classes = [collection("Huge", shards=3000), collection("Big", shards=1000), collection("Small", shards=3)]
    answers = healthy(classes=classes)
    for name in ("Big", "Small"):
        answers[f"/v1/nodes/{name}?output=verbose"] = {
            "nodes": [{"name": "weaviate-0", "status": "HEALTHY", "shards": [shard("s", name), shard("x", "Other")]}]
        }
    found, fake = collected(answers)
    assert "GET /v1/nodes?output=verbose" not in fake.asked
    nodes, read = found.answers["weaviate/nodes_verbose"], reads(found)["weaviate/nodes_verbose"]
    assert nodes.sampled == ("Big", "Small")
    assert [(one.collection, one.name) for one in nodes.nodes[0].shards] == [("Big", "s"), ("Small", "s")]
    assert (read.reason, read.partial, read.count) == (Reason.NOT_COLLECTED, True, 1)
    assert "2 of 3 collections were listed" in read.message


TENANTS = {"multiTenancyConfig": {"enabled": True}, "shardingConfig": {"desiredCount": 0}}


def test_trap_ten_collections_with_a_thousand_tenants_each_are_not_listed() -> None:
    classes = [collection(f"T{place}", **TENANTS) for place in range(10)]
    found, fake = collected(healthy(classes=classes))
    assert not [line for line in fake.asked if "verbose" in line or "tenants" in line]
    read = reads(found)["weaviate/nodes_verbose"]
    assert (read.reason, read.count) == (Reason.NOT_COLLECTED, 0)
    assert "10 have tenants, whose number is not known" in read.message


@pytest.mark.parametrize(
    ("shards", "factor", "whole"), [(5000, 1, True), (5001, 1, False), (1666, 3, True), (1667, 3, False)]
)
def test_a_number_of_shards_from_elsewhere_decides_with_all_their_copies(shards: int, factor: int, whole: bool) -> None:
    tenants = collection("T", **TENANTS, replicationConfig={"factor": factor})
    found, fake = collected(healthy(classes=[tenants]), shards=shards)
    assert ("GET /v1/nodes?output=verbose" in fake.asked) is whole
    assert (reads(found)["weaviate/nodes_verbose"].reason is None) is whole


def test_a_number_below_what_the_schema_promises_decides_nothing() -> None:
    classes = [collection("Plain", shards=30), collection("T", **TENANTS)]
    _, fake = collected(healthy(classes=classes), shards=29)
    assert "GET /v1/nodes?output=verbose" not in fake.asked


@pytest.mark.parametrize("shards", [None, 5])
def test_without_the_schema_no_shards_are_asked_for(shards: int | None) -> None:
    found, fake = collected({**healthy(), "/v1/schema": error(403, "forbidden")}, shards=shards)
    assert not [line for line in fake.asked if "verbose" in line]
    assert reads(found)["weaviate/nodes_verbose"].reason is Reason.NOT_COLLECTED


# --- what is kept ---------------------------------------------------------------------------------------


def test_nothing_is_kept_that_no_evidence_needs() -> None:
    found, _ = collected()
    kept = msgspec.json.encode(found.answers).decode()
    for secret in ("jane", "joe", "abc", "diagnosis", "patient", "[::]", "do not tell", "secret-name", "s3://"):
        assert secret not in kept.replace("abc1234", ""), secret


def test_modules_say_where_backups_go_and_which_of_them_failed() -> None:
    meta = collected()[0].answers["weaviate/meta"]
    s3 = meta.modules["backup-s3"]
    assert (s3.bucket_name, s3.endpoint, s3.use_ssl, s3.failed) == ("backups", "s3.amazonaws.com", True, False)
    assert meta.modules["text2vec-transformers"].failed is True
    assert meta.version == "1.38.2"


def test_roles_say_what_is_wide_and_how_many_have_them() -> None:
    admin, reader = collected()[0].answers["weaviate/roles"]
    assert (admin.name, admin.users, admin.permissions) == ("admin", 2, (Permission("manage_backups", True),))
    assert (reader.name, reader.users) == ("reader", None)
    assert reader.permissions == (Permission("read_data", False), Permission("read_nodes", False))


def test_users_are_counted_with_roles_and_times_but_without_names() -> None:
    (user,) = collected()[0].answers["weaviate/users"]
    assert (user.kind, user.roles, user.active, user.created_at) == ("db_env_user", ("admin",), True, None)
    assert user.last_used_at is not None and user.last_used_at.isoformat() == "2026-11-20T00:00:00+00:00"


def test_backups_are_newest_first_with_the_status_of_their_last_restore() -> None:
    backend = collected()[0].answers["weaviate/backups"]["s3"]
    assert [one.id for one in backend.entries] == ["nightly-2", "nightly-1"]
    assert backend.restores == {"nightly-2": "SUCCESS", "nightly-1": ""}
    assert (backend.entries[0].size, backend.entries[1].completed_at) == (1.5, None)


def test_oidc_is_configured_or_not() -> None:
    assert collected()[0].answers["weaviate/oidc"].configured is False
    answers = {**healthy(), "/v1/.well-known/openid-configuration": {"href": "https://id.example.com", "clientId": "c"}}
    oidc = collected(answers)[0].answers["weaviate/oidc"]
    assert (oidc.configured, oidc.href) == (True, "https://id.example.com")


def test_equal_properties_have_equal_digests() -> None:
    classes = [collection("A"), collection("B"), collection("C", properties=[{"name": "x", "dataType": ["int"]}])]
    a, b, c = collected(healthy(classes=classes))[0].answers["weaviate/schema"].classes
    assert a.property_set == b.property_set != c.property_set
    assert (a.property_count, c.property_count) == (2, 1)


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
