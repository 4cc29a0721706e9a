"""Weaviate's configuration file."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.facts import Workload
from readiness_kit.facts.weaviate.config import config_file
from readiness_kit.kinds.pods import Container
from readiness_kit.model import Reason
from tests.support.cluster import cluster, weaviate

KEYS = {"authentication": {"anonymous_access": {"enabled": False}, "apikey": {"enabled": True}}}


def _w(*sources: Any, forbidden: tuple[str, ...] = (), **changes: Any) -> Workload:
    return cluster(weaviate(**changes), *sources, forbidden=forbidden).weaviate


def test_the_configuration_is_found_through_flag_mount_and_key() -> None:
    w = _w(conf={**KEYS, "authorization": {"rbac": {"enabled": True, "root_users": ["admin"]}}})
    assert w.config is not None and w.config_missing is None
    assert w.config.origin == "ConfigMap weaviate-config, key conf.yaml"
    assert w.config.authentication.apikey.enabled is True
    assert w.config.authorization.rbac.root_users == ("admin",)


def test_keys_in_clear_text_are_counted_and_not_kept() -> None:
    conf = {"authentication": {"apikey": {"enabled": True, "allowed_keys": ["k1", "k2"]}}}
    w = _w(conf=conf)
    assert w.config is not None and w.config.authentication.apikey.allowed_keys_count == 2
    assert "k1" not in repr(w.config) and "k1" not in repr(cluster(weaviate(conf=conf)).objects("configmaps"))


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (("--config-file", "/a/b.yaml"), "/a/b.yaml"),
        (("--config-file=/a/b.yaml", "--host"), "/a/b.yaml"),
        (("-c", 'exec weaviate --config-file="/a/b.yaml"; true'), "/a/b.yaml"),
        (("--host", "0.0.0.0"), ""),
    ],
)
def test_the_flag(words: tuple[str, ...], path: str) -> None:
    assert config_file(Container(name="c", args=words)) == path


def test_why_the_configuration_is_not_known() -> None:
    assert _w(conf=None).config_missing is None and _w(conf=None).config is None
    assert _w(forbidden=("configmaps",)).config_missing is Reason.FORBIDDEN
    gone = [obj for obj in weaviate() if obj["kind"] != "ConfigMap"]
    assert cluster(gone).weaviate.config_missing is Reason.NOT_OBSERVABLE
    assert _w(pod={"volumes": []}).config_missing is Reason.NOT_OBSERVABLE
