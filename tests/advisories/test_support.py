"""Support windows, judged on a date; an old table proves no support."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from readiness_kit import advisories
from readiness_kit.advisories import loading
from readiness_kit.advisories.support import Status, kubernetes_window, newest_patch, weaviate_window
from readiness_kit.advisories.tables import MAX_AGE_DAYS
from readiness_kit.kinds.versions import Version
from readiness_kit.model import Applicability
from tests.support.cluster import cluster, weaviate

SUPPORTED, ENDS_SOON, EXTENDED, ENDED, UNKNOWN = (
    Status.SUPPORTED,
    Status.ENDS_SOON,
    Status.EXTENDED,
    Status.ENDED,
    Status.UNKNOWN,
)


def release(text: str) -> Version:
    found = Version.parse(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("minor", "on", "status"),
    [
        ("1.40", "2026-11-28", SUPPORTED),
        ("1.38", "2026-11-28", SUPPORTED),
        ("1.37", "2026-11-28", ENDED),
        ("1.37", "2026-10-26", ENDED),
        ("1.37", "2026-10-25", SUPPORTED),
        ("1.20", "2026-11-28", ENDED),
        ("1.15", "2026-11-28", ENDED),
        ("1.41", "2026-11-28", UNKNOWN),
        ("1.40", "2027-03-28", SUPPORTED),
        ("1.40", "2027-03-29", UNKNOWN),
        ("1.37", "2027-03-29", ENDED),
    ],
)
def test_weaviate(minor: str, on: str, status: Status) -> None:
    window = weaviate_window(loading.support(), release(f"{minor}.1"), date.fromisoformat(on))
    assert window.status is status
    assert minor in window.sentence and (status is ENDED or "2026-11-28" in window.sentence)


@pytest.mark.parametrize(
    ("minor", "provider", "on", "status"),
    [
        ("1.36", "", "2026-11-28", SUPPORTED),
        ("1.35", "", "2026-11-28", SUPPORTED),
        ("1.35", "", "2026-11-30", ENDS_SOON),
        ("1.34", "", "2026-10-27", ENDS_SOON),
        ("1.34", "", "2026-10-28", ENDED),
        ("1.34", "EKS", "2026-11-28", ENDS_SOON),
        ("1.34", "EKS", "2026-12-02", ENDS_SOON),
        ("1.34", "EKS", "2026-12-03", EXTENDED),
        ("1.34", "GKE", "2026-11-28", ENDED),
        ("1.34", "AKS", "2026-12-01", EXTENDED),
        ("1.30", "EKS", "2026-11-28", ENDED),
        ("1.20", "", "2026-11-28", ENDED),
        ("1.37", "EKS", "2026-11-28", UNKNOWN),
        ("1.36", "EKS", "2027-03-29", UNKNOWN),
        ("1.34", "EKS", "2027-03-29", EXTENDED),
        ("1.35", "", "2027-03-29", ENDED),
    ],
)
def test_kubernetes(minor: str, provider: str, on: str, status: Status) -> None:
    window = kubernetes_window(loading.support(), release(f"{minor}.2"), provider, date.fromisoformat(on))
    assert window.status is status and minor in window.sentence


def test_no_date_is_ever_supported_by_an_old_table() -> None:
    table = loading.support()
    on = table.as_of + timedelta(days=MAX_AGE_DAYS + 1)
    windows = [weaviate_window(table, release(f"{row.minor}.0"), on) for row in table.weaviate]
    for name, rows in table.kubernetes.items():
        windows += [kubernetes_window(table, release(f"{row.minor}.0"), name, on) for row in rows]
    assert {window.status for window in windows} <= {UNKNOWN, ENDED, EXTENDED}


def test_newest_patch_of_the_running_minor() -> None:
    assert newest_patch(loading.support(), release("1.38.2")) == "1.38.11"
    assert newest_patch(loading.support(), release("1.41.0")) == ""


def test_the_end_of_support_is_an_advisory() -> None:
    image = "weaviate:1.37.14"
    facts = cluster(weaviate(image=image), as_of="2026-11-28T00:00:00Z", server_version="v1.34.2-eks-1a2b3c")
    found = {one.id: one for one in advisories.match(facts)}
    assert found["SUP-WEAVIATE"].severity.value == "high" and "1.40, 1.39, 1.38" in found["SUP-WEAVIATE"].happens
    kubernetes = found["SUP-KUBERNETES"]
    assert kubernetes.severity.value == "medium" and "2 December 2026, in 4 days" in kubernetes.happens
    assert "eks" in kubernetes.source.url


def test_a_private_server_on_aws_is_not_eks() -> None:
    nodes = "{kind: Node, metadata: {name: n}, spec: {providerID: 'aws:///eu-1a/i-1'}}"
    facts = cluster(weaviate(), nodes, as_of="2026-11-28T00:00:00Z", server_version="v1.34.2")
    found = {one.id: one for one in advisories.match(facts)}["SUP-KUBERNETES"]
    assert found.severity.value == "high" and "27 October 2026" in found.happens


def test_an_old_table_is_labelled_and_its_support_may_have_ended() -> None:
    facts = cluster(weaviate(image="weaviate:1.40.2"), as_of="2027-04-01T00:00:00Z", server_version="v1.36.2")
    found = {one.id: one for one in advisories.match(facts)}
    assert found["SUP-WEAVIATE"].applicability is Applicability.MAY_APPLY
    assert all(one.old for one in found.values())
