"""Reading as another user, as `kubectl --as` does."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from readiness_kit.collect import connect
from readiness_kit.collect.http.transport import _header_lines
from readiness_kit.collect.kubernetes.impersonation import Impersonation
from readiness_kit.errors import ConfigError
from tests.support.served import ServedCluster


def test_each_group_is_a_header_line_of_its_own() -> None:
    lines = _header_lines(Impersonation("ann", ("dev", "ops")).headers())
    assert list(lines.iteritems()) == [
        ("Impersonate-User", "ann"),
        ("Impersonate-Group", "dev"),
        ("Impersonate-Group", "ops"),
    ]


def test_nobody_is_impersonated_without_a_user() -> None:
    assert Impersonation(groups=("dev",)).headers() == {}


@pytest.mark.parametrize("name", ["a\r\nX: y", "größe", " a"])
def test_name_that_no_header_carries_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be impersonated"):
        Impersonation("ann", (name,)).headers()


def test_user_of_the_kubeconfig_is_impersonated(served_good: ServedCluster, tmp_path: Path) -> None:
    config = served_good.kubeconfig(tmp_path)
    document = yaml.safe_load(config.read_text())
    document["users"][0]["user"] |= {"as": "viewer", "as-groups": ["readers"]}
    config.write_text(yaml.safe_dump(document))
    seen = len(served_good.requests)
    with connect(str(config)):
        pass
    (sent,) = served_good.requests[seen:]
    assert (sent.headers["impersonate-user"], sent.headers["impersonate-group"]) == ("viewer", "readers")
