"""The environment of the server's container."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import Workload
from readiness_kit.kinds.marks import REDACTED
from readiness_kit.model import Reason
from tests.support.cluster import cluster, weaviate


def _w(*sources: Any, forbidden: tuple[str, ...] = (), **changes: Any) -> Workload:
    return cluster(weaviate(**changes), *sources, forbidden=forbidden).weaviate


def test_the_kinds_of_variables() -> None:
    w = _w(
        env={
            "GOMEMLIMIT": "7GiB",
            "OWN_SETTING": "abc",
            "CLUSTER_HOSTNAME": {"fieldRef": {"fieldPath": "metadata.name"}},
        }
    )
    assert (w.env("GOMEMLIMIT").state, w.env("GOMEMLIMIT").value, w.env("GOMEMLIMIT").known) == (
        "literal",
        "7GiB",
        True,
    )
    assert (w.env("OWN_SETTING").value, w.env("OWN_SETTING").known, w.env("OWN_SETTING").set) == (REDACTED, False, True)
    secret = w.env("CLUSTER_BASIC_AUTH_PASSWORD")
    assert (secret.state, secret.value, secret.known, secret.set) == ("secret", "", False, True)
    assert secret.origin == "Secret weaviate-cluster-api-basic-auth, key password"
    assert (w.env("CLUSTER_HOSTNAME").state, w.env("CLUSTER_HOSTNAME").origin) == ("field", "metadata.name")
    assert (w.env("LIMIT_RESOURCES").state, w.env("LIMIT_RESOURCES").set) == ("unset", False)


MAPS = """
    kind: ConfigMap
    metadata: {name: one}
    data: {GOMEMLIMIT: 1GiB, GOGC: '1', LOG_LEVEL: info, memory: 9GiB}
    ---
    kind: ConfigMap
    metadata: {name: two}
    data: {GOMEMLIMIT: 2GiB, LEVEL: debug}
    ---
    kind: ConfigMap
    metadata: {name: one, namespace: elsewhere}
    data: {GOMAXPROCS: '64'}
    """


def _from(*sources: dict[str, Any]) -> dict[str, Any]:
    return {"envFrom": list(sources)}


def test_env_beats_env_from_and_the_later_of_two_wins() -> None:
    both = _from({"configMapRef": {"name": "one"}}, {"configMapRef": {"name": "two"}})
    w = _w(MAPS, container=both)
    assert (w.env("GOMEMLIMIT").value, w.env("GOMEMLIMIT").state) == ("2GiB", "config_map")
    assert (w.env("LOG_LEVEL").value, w.env("GOGC").value) == ("info", "100")
    assert w.env("GOMAXPROCS").state == "unset"
    listed = {"env": [{"name": "GOGC", "value": "50"}, {"name": "GOGC", "value": "75"}], **both}
    assert _w(MAPS, container=listed).env("GOGC").value == "75"


def test_a_prefix_belongs_to_the_name() -> None:
    w = _w(MAPS, container=_from({"prefix": "LOG_", "configMapRef": {"name": "two"}}))
    assert w.env("GOMEMLIMIT").state == "unset"
    # The scrub keeps no key LEVEL, so whether LOG_LEVEL is set cannot be said.
    assert w.env("LOG_LEVEL").state == "unknown"


def test_a_name_that_only_an_env_from_secret_can_give_is_unknown_and_never_unset() -> None:
    w = _w(MAPS, container=_from({"configMapRef": {"name": "one"}}, {"secretRef": {"name": "vars"}}))
    for name in ("LIMIT_RESOURCES", "GOMEMLIMIT"):
        assert (w.env(name).state, w.env(name).reason, w.env(name).set) == ("unknown", Reason.NOT_OBSERVABLE, None)
        assert w.env("LIMIT_RESOURCES").origin == "possibly Secret vars (envFrom)"
    assert w.env(name).origin == "ConfigMap one (envFrom) sets 1GiB, unless Secret vars (envFrom) replaces it"
    assert w.env("GOGC").value == "100"
    prefixed = _w(container=_from({"prefix": "S3_", "secretRef": {"name": "vars"}}))
    assert prefixed.env("LIMIT_RESOURCES").state == "unset"


def test_config_maps_that_may_not_be_read_are_unknown_with_the_reason() -> None:
    w = _w(MAPS, container=_from({"configMapRef": {"name": "one"}}), forbidden=("configmaps",))
    assert (w.env("LOG_LEVEL").state, w.env("LOG_LEVEL").reason) == ("unknown", Reason.FORBIDDEN)
    assert w.is_enabled("LIMIT_RESOURCES") is None


@pytest.mark.parametrize(
    ("ref", "state", "value"),
    [
        ({"name": "one", "key": "GOMEMLIMIT"}, "config_map", "1GiB"),
        ({"name": "one", "key": "memory"}, "unknown", ""),
        ({"name": "none", "key": "GOMEMLIMIT", "optional": True}, "unset", ""),
        ({"name": "none", "key": "GOMEMLIMIT"}, "unknown", ""),
    ],
)
def test_a_key_of_a_config_map(ref: dict[str, Any], state: str, value: str) -> None:
    found = _w(MAPS, env={"GOMEMLIMIT": {"configMapKeyRef": ref}}).env("GOMEMLIMIT")
    assert (found.state, found.value) == (state, value)


def test_references_are_expanded_where_they_are_known() -> None:
    w = _w(env={"LOG_LEVEL": "info", "LOG_FORMAT": "$(LOG_LEVEL)", "GOMEMLIMIT": "$(OTHER)"})
    assert (w.env("LOG_FORMAT").value, w.env("LOG_FORMAT").known) == ("info", True)
    assert not w.env("GOMEMLIMIT").known
