"""The effective authentication of a server."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import Workload
from readiness_kit.facts.weaviate import auth
from tests.support.cluster import cluster, weaviate

OPEN = {"authentication": {"anonymous_access": {"enabled": True}}}


KEYS = {"authentication": {"anonymous_access": {"enabled": False}, "apikey": {"enabled": True}}}


def _w(*sources: Any, forbidden: tuple[str, ...] = (), **changes: Any) -> Workload:
    return cluster(weaviate(**changes), *sources, forbidden=forbidden).weaviate


def test_a_sourced_file_has_the_last_word_on_authentication() -> None:
    command = {
        "command": ["sh", "-c"],
        "args": [". /vault/secrets/env; /bin/weaviate --config-file /weaviate-config/conf.yaml"],
    }
    assert auth.anonymous(_w(conf=KEYS, container=command)) is None
    assert auth.anonymous(_w(conf=OPEN, container=command)) is True


SECRET = {"secretKeyRef": {"name": "s", "key": "k"}}


ANON, APIKEY = "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED", "AUTHENTICATION_APIKEY_ENABLED"


@pytest.mark.parametrize(
    ("conf", "env", "forbidden", "on"),
    [
        (OPEN, {}, (), True),
        (KEYS, {}, (), False),
        (KEYS, {ANON: "true"}, (), True),
        (KEYS, {ANON: "yes"}, (), False),
        (None, {}, (), True),
        (None, {APIKEY: "true"}, (), False),
        (None, {"AUTHENTICATION_OIDC_ENABLED": "true", ANON: "false"}, (), False),
        (None, {"AUTHENTICATION_DB_USERS_ENABLED": "true"}, (), False),
        (None, {ANON: "false"}, (), True),
        (KEYS, {APIKEY: "true"}, ("configmaps",), None),
        (KEYS, {ANON: "true"}, ("configmaps",), True),
        (KEYS, {ANON: SECRET}, (), None),
        (None, {APIKEY: SECRET}, (), None),
        (None, {APIKEY: SECRET, ANON: "true"}, (), True),
        (OPEN, {ANON: SECRET}, (), True),
    ],
)
def test_anonymous_access(conf: Any, env: dict[str, Any], forbidden: tuple[str, ...], on: bool | None) -> None:
    assert auth.anonymous(_w(conf=conf, env=env, forbidden=forbidden)) is on


def test_trap_25_the_variable_cannot_switch_off_what_the_file_switches_on() -> None:
    assert auth.anonymous(_w(conf=OPEN, env={ANON: "false", APIKEY: "true"})) is True


def test_users_in_the_database_are_no_method_before_they_existed() -> None:
    w = _w(conf=None, env={"AUTHENTICATION_DB_USERS_ENABLED": "true"}, image="semitechnologies/weaviate:1.29.0")
    assert auth.anonymous(w) is True
