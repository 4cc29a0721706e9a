"""What is kept of the answers."""

from __future__ import annotations

import msgspec

from readiness_kit.kinds.weaviate import Permission
from tests.collect.weaviate.conftest import collected
from tests.support.weaviate import collection, healthy


def test_trap_8_raft_numbers_stay_the_strings_they_are() -> None:
    raft = collected()[0].answers["weaviate/statistics"].statistics[1].raft
    assert (raft.state, raft.applied_index, raft.fsm_pending) == ("Follower", "91", "0")
    assert [(server.id, server.suffrage) for server in raft.latest_configuration] == [
        ("weaviate-0", 0),
        ("weaviate-1", 0),
        ("weaviate-2", 0),
    ]


def test_nothing_is_kept_that_no_evidence_needs() -> None:
    found, _ = collected()
    kept = msgspec.json.encode(found.answers).decode()
    for secret in ("jane", "joe", "abc", "diagnosis", "patient", "[::]", "do not tell", "secret-name", "s3://"):
        assert secret not in kept.replace("abc1234", ""), secret


def test_modules_have_backup_locations_and_failures() -> None:
    meta = collected()[0].answers["weaviate/meta"]
    s3 = meta.modules["backup-s3"]
    assert (s3.bucket_name, s3.endpoint, s3.use_ssl, s3.failed) == ("backups", "s3.amazonaws.com", True, False)
    assert meta.modules["text2vec-transformers"].failed is True
    assert meta.version == "1.38.2"


def test_roles_have_wide_permissions_and_user_counts() -> None:
    admin, reader = collected()[0].answers["weaviate/roles"]
    assert (admin.name, admin.users, admin.permissions) == ("admin", 2, (Permission("manage_backups", True),))
    assert (reader.name, reader.users) == ("reader", None)
    assert reader.permissions == (Permission("read_data", False), Permission("read_nodes", False))


def test_users_are_counted_with_roles_and_times_but_without_names() -> None:
    (user,) = collected()[0].answers["weaviate/users"]
    assert (user.kind, user.roles, user.active, user.created_at) == ("db_env_user", ("admin",), True, None)
    assert user.last_used_at is not None and user.last_used_at.isoformat() == "2026-11-20T00:00:00+00:00"


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
