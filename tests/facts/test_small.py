"""Quantities, versions, images, quorum, selectors and effective security: small rules, value by value."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest

from readiness_kit.facts.kubernetes.images import Image
from readiness_kit.facts.kubernetes.pod_security import effective, mounts_token
from readiness_kit.facts.kubernetes.quantities import quantity, quantity_of
from readiness_kit.facts.kubernetes.selectors import equals, matches
from readiness_kit.facts.weaviate.shards import quorum
from readiness_kit.kinds.cluster import ServiceAccount
from readiness_kit.kinds.meta import LabelSelector
from readiness_kit.kinds.pods import Container, PodSecurityContext, PodSpec
from readiness_kit.kinds.versions import Version

SUFFIXES = ["", "n", "u", "m", "k", "K", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("number", ["0", "1", "500", "1.5", "0.1", "123456789", "-2", "+3", "1e3", "12E2"])
def test_quantities_are_those_of_the_kubernetes_client(number: str, suffix: str) -> None:
    from kubernetes.utils.quantity import parse_quantity

    expected = parse_quantity(number + suffix)
    if suffix.endswith("i"):  # The API server caps binary suffixes, the client does not.
        expected = min(expected, 2**63 - 1)
    assert quantity(number + suffix) == pytest.approx(float(expected), abs=1e-9)


@pytest.mark.parametrize("text", ["", "Gi", "1mi", "1ki", "1ui", "8GB", "abc", "1 Gi i"])
def test_what_is_no_quantity_is_refused_as_the_client_does(text: str) -> None:
    from kubernetes.utils.quantity import parse_quantity

    with pytest.raises(ValueError, match=r".*"):
        parse_quantity(text)
    with pytest.raises(ValueError, match="is not a Kubernetes quantity"):
        quantity(text)


def test_an_amount_that_is_not_given_is_nan_and_not_zero() -> None:
    assert quantity_of({"cpu": "500m"}, "cpu") == 0.5
    assert math.isnan(quantity_of({"cpu": "500m"}, "memory"))
    assert math.isnan(quantity_of({"cpu": "many"}, "cpu"))


@pytest.mark.parametrize(("n", "majority"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (9, 5)])
def test_quorum(n: int, majority: int) -> None:
    assert quorum(n) == majority


@pytest.mark.parametrize(
    ("tag", "version"),
    [
        ("1.38.2", (1, 38, 2)),
        ("v1.38.2", (1, 38, 2)),
        ("1.36.5-0123abc.amd64", (1, 36, 5)),
        ("1.39.0-rc.0", (1, 39, 0)),
        ("1.40.0-dev", (1, 40, 0)),
        ("1.38", (1, 38, 0)),
        ("latest", None),
        ("preview-1.38.2", None),
        ("1", None),
        ("1.38.2x", None),
        ("", None),
    ],
)
def test_versions(tag: str, version: tuple[int, int, int] | None) -> None:
    assert Version.parse(tag) == (Version(*version) if version else None)


def test_versions_compare_as_numbers() -> None:
    assert Version(1, 9, 9) < Version(1, 30, 0) < Version(1, 30, 12) < Version(2, 0, 0)


@pytest.mark.parametrize(
    ("version", "has"),
    [
        ("1.36.17", False),
        ("1.36.18", True),
        ("1.37.0", False),
        ("1.37.9", True),
        ("1.38.0", False),
        ("1.38.1", True),
        ("1.39.0", True),
        ("1.35.99", False),
    ],
)
def test_back_ported_changes(version: str, has: bool) -> None:
    found = Version.parse(version)
    assert found is not None and found.since("1.36.18", "1.37.9", "1.38.1") is has


@pytest.mark.parametrize(
    ("text", "registry", "name", "tag", "pinned"),
    [
        ("cr.weaviate.io/semitechnologies/weaviate:1.38.2", "cr.weaviate.io", "weaviate", "1.38.2", True),
        ("host:5000/weaviate", "host:5000", "weaviate", "", False),
        ("alpine:latest", "docker.io", "alpine", "latest", False),
        ("alpine:latest@sha256:ab", "docker.io", "alpine", "latest", True),
    ],
)
def test_images(text: str, registry: str, name: str, tag: str, pinned: bool) -> None:
    image = Image.parse(text)
    assert (image.registry, image.name, image.tag, image.pinned) == (registry, name, tag, pinned)


LABELS = {"app": "weaviate", "tier": "db", "rank": "5"}


@pytest.mark.parametrize(
    ("selector", "selects"),
    [
        (None, False),
        ({}, True),
        ({"matchLabels": {"app": "weaviate"}}, True),
        ({"matchLabels": {"app": "weaviate", "tier": "web"}}, False),
        ({"matchLabels": {"app": "weaviate"}, "matchExpressions": [{"key": "tier", "operator": "Exists"}]}, True),
        (
            {"matchLabels": {"app": "weaviate"}, "matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]},
            False,
        ),
        ({"matchExpressions": [{"key": "app", "operator": "In", "values": ["x", "weaviate"]}]}, True),
        ({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["weaviate"]}]}, False),
        ({"matchExpressions": [{"key": "none", "operator": "NotIn", "values": ["weaviate"]}]}, True),
        ({"matchExpressions": [{"key": "none", "operator": "In", "values": [""]}]}, False),
        ({"matchExpressions": [{"key": "rank", "operator": "Gt", "values": ["4"]}]}, True),
        ({"matchExpressions": [{"key": "rank", "operator": "Lt", "values": ["5"]}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Gt", "values": ["4"]}]}, False),
        ({"matchExpressions": [{"key": "app", "operator": "Like", "values": ["weav*"]}]}, False),
    ],
)
def test_selectors(selector: dict[str, Any] | None, selects: bool) -> None:
    assert matches(msgspec.convert(selector, LabelSelector | None), LABELS) is selects


def test_an_empty_selector_of_a_service_selects_nothing() -> None:
    assert not equals({}, LABELS)
    assert equals({"app": "weaviate"}, LABELS) and not equals({"app": "other"}, LABELS)


def _secured(own: dict[str, Any], pod: dict[str, Any] | None = None) -> Any:
    container = msgspec.convert({"name": "c", "securityContext": own}, Container)
    return effective(container, msgspec.convert(pod, PodSecurityContext | None))


def test_trap_35_the_pod_level_counts_and_the_container_level_overrides_it() -> None:
    assert _secured({}, {"runAsNonRoot": True, "runAsUser": 1000}).non_root
    overridden = _secured({"runAsUser": 0}, {"runAsNonRoot": True, "runAsUser": 1000})
    assert overridden.run_as_user == 0 and not overridden.non_root
    assert _secured({"runAsNonRoot": False}, {"runAsNonRoot": True}).run_as_non_root is False
    assert _secured(
        {"seccompProfile": {"type": "Unconfined"}}, {"seccompProfile": {"type": "RuntimeDefault"}}
    ).seccomp == ("Unconfined")
    assert _secured({}, {"seccompProfile": {"type": "RuntimeDefault"}}).seccomp == "RuntimeDefault"


def test_nothing_said_is_none_and_not_a_pass() -> None:
    bare = effective(Container(name="c"), None)
    assert bare.run_as_non_root is None and bare.run_as_user is None and bare.seccomp is None
    assert not bare.non_root and bare.allow_privilege_escalation and not bare.read_only_root and not bare.drops_all


def test_privileges_and_capabilities() -> None:
    assert not _secured({"allowPrivilegeEscalation": False}).allow_privilege_escalation
    assert _secured({"allowPrivilegeEscalation": False, "privileged": True}).allow_privilege_escalation
    capable = _secured({"allowPrivilegeEscalation": False, "capabilities": {"add": ["CAP_SYS_ADMIN"], "drop": ["all"]}})
    assert capable.allow_privilege_escalation and capable.drops_all and capable.added == ("SYS_ADMIN",)


@pytest.mark.parametrize(
    ("pod", "account", "mounted"),
    [(None, None, True), (None, True, True), (None, False, False), (True, False, True), (False, True, False)],
)
def test_trap_34_the_pod_decides_about_the_token_before_its_account(
    pod: bool | None, account: bool | None, mounted: bool
) -> None:
    spec = PodSpec(automount_service_account_token=pod)
    assert mounts_token(spec, ServiceAccount(automount_service_account_token=account)) is mounted
