"""Versions as the projects write them, and ranges of versions."""

from __future__ import annotations

import pytest

from readiness_kit.advisories.versions import Span, parse_kubernetes, parse_server, running, spans
from readiness_kit.kinds.versions import Version
from tests.support.answers import answered
from tests.support.cluster import cluster, weaviate

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v1.34.2-eks-113cf36", "1.34.2"),
        ("v1.34.2-gke.1640000", "1.34.2"),
        ("v1.36.2", "1.36.2"),
        ("1.30+", "1.30.0"),
        ("v1.30.5+k3s1", "1.30.5"),
        ("v1.33.1+rke2r1", "1.33.1"),
        ("", None),
        ("latest", None),
    ],
)
def test_kubernetes_versions(text: str, expected: str | None) -> None:
    found = parse_kubernetes(text)
    assert (str(found) if found else None) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.38.2", "1.38.2"),
        ("v1.38.2", "1.38.2"),
        ("1.38.2-a1b2c3d.amd64", "1.38.2"),
        ("1.39.0-rc.1", "1.39.0"),
        ("1.38", "1.38 (patch unknown)"),
        ("2026.11", None),
        ("24.3.1", None),
        ("latest", None),
        ("company-1.38.2", None),
        (DIGEST, None),
        ("", None),
    ],
)
def test_server_versions(text: str, expected: str | None) -> None:
    found = parse_server(text)
    assert (str(found) if found else None) == expected


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("1.37.0-1.37.13", "1.37.0 1.37.13", "1.36.99 1.37.14"),
        ("-1.36", "1.0.0 1.36.0 1.36.99", "1.37.0"),
        ("-1.36.5", "1.0.0 1.36.5", "1.36.6"),
        ("1.25.0-", "1.25.0 1.99.0", "1.24.99"),
        ("1.28.0-1.28", "1.28.0 1.28.99", "1.27.27 1.29.0"),
        ("1.38.0", "1.38.0", "1.37.99 1.38.1"),
        ("-", "1.0.0 1.99.0", ""),
    ],
)
def test_ranges_hold_both_ends(text: str, inside: str, outside: str) -> None:
    span = Span.parse(text)
    assert span is not None
    assert all(Version.parse(release) in span for release in inside.split())
    assert not any(Version.parse(release) in span for release in outside.split())


@pytest.mark.parametrize("text", ["", "1", "1.38.0-1.37.0", "1.38.x", "<=1.38", "1.38.0 - 1.38.2", "1.38.0-1.38.2,"])
def test_what_is_no_range_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="is not a range of versions"):
        spans(text)


def test_running_versions_come_from_servers_pods_and_workload() -> None:
    facts = answered(
        cluster(weaviate(image="registry.example/weaviate:1.38.7")),
        {"weaviate/nodes": {"nodes": [{"version": "1.38.2"}, {"version": "1.38.7"}]}},
    )
    assert [str(found) for found in running(facts)] == ["1.38.2", "1.38.7"]


def test_a_floating_tag_yields_to_what_the_server_reports() -> None:
    facts = answered(cluster(weaviate(image="weaviate:1.38")), {"weaviate/meta": {"version": "1.38.5"}})
    assert [str(found) for found in running(facts)] == ["1.38.5"]


def test_nothing_names_a_version() -> None:
    assert running(cluster(weaviate(image=f"weaviate@{DIGEST}"))) == ()
