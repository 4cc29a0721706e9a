"""Security on recorded clusters, and with single reads refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from readiness_kit.model import Outcome, Section
from tests.support.asked import ask
from tests.support.findings import assert_evidence_for_all, assert_never_better_without, reads, recorded

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
CONTAINERS, ACCESS, RBAC = "sec.container_defaults", "sec.access_limited", "sec.rbac"
POLICIES, SECRETS = "sec.network_policies", "sec.secrets"


# --- two recorded clusters ------------------------------------------------------------------------


def test_cluster_with_chart_defaults(recordings: Path) -> None:
    facts = recorded(recordings / "default")
    found = {id: ask(id, facts) for id in (CONTAINERS, ACCESS, RBAC, POLICIES, SECRETS)}
    assert [found[id].outcome for id in (CONTAINERS, ACCESS, RBAC, POLICIES)] == [NOT_MET] * 4
    assert found[SECRETS].outcome is PARTLY
    bad = {fact.field for fact in found[CONTAINERS].facts if fact.ok is False}
    assert {"container weaviate: user", "baseline: Privileged Containers"} <= bad
    services = {
        fact.ref.name: fact.seen for fact in found[ACCESS].facts if fact.ref.kind == "Service" and fact.ok is False
    }
    assert services == {
        "weaviate": "load balancer at 203.0.113.77, any source, node ports 30416",
        "weaviate-grpc": "load balancer at 203.0.113.109, any source, node ports 32178",
    }


def test_hardened_cluster(recordings: Path) -> None:
    facts = recorded(recordings / "good")
    found = {id: ask(id, facts) for id in (CONTAINERS, ACCESS, RBAC, POLICIES, SECRETS)}
    assert {id: finding.outcome for id, finding in found.items()} == {
        CONTAINERS: MET,
        ACCESS: UNKNOWN,
        RBAC: UNKNOWN,
        POLICIES: PARTLY,
        SECRETS: PARTLY,
    }
    assert [fact.field for fact in found[POLICIES].facts if fact.ok is False] == ["network plug-in"]


# --- one read refused -----------------------------------------------------------------------------


def test_every_question_has_evidence() -> None:
    assert_evidence_for_all(Section.SECURITY)


@pytest.mark.parametrize("key", reads(Section.SECURITY))
def test_refused_read_is_never_better(key: str) -> None:
    assert_never_better_without(Section.SECURITY, key)
