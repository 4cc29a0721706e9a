"""Signs of secret rotation."""

from __future__ import annotations

from readiness_kit.model import Outcome, Reason
from tests.support.answers import answered
from tests.support.asked import ask
from tests.support.cluster import cluster, weaviate
from tests.support.rbac import wire

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
PROCESS = "sec.secret_process"


def test_process_is_unknown_and_rotation_facts_are_shown() -> None:
    synced = """
        apiVersion: external-secrets.io/v1
        kind: ExternalSecret
        metadata: {name: weaviate-apikeys}
        spec: {refreshInterval: 1h}
        status: {refreshTime: "2026-11-24T05:00:00Z"}
        """
    users = [{"kind": "db_user", "roles": ["shop"], "created_at": "2026-11-14T06:00:00Z"}]
    facts = answered(cluster(weaviate(), synced), wire({"weaviate/users": users}))
    finding = ask(PROCESS, facts)
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)
    seen = {fact.field: fact.seen for fact in finding.facts}
    assert seen["spec.refreshInterval"] == "1h, last on 2026-11-24 05:00 UTC"
    assert seen["database users"] == "1 user, the oldest 10 days old, 1 without a recorded use"


def test_process_without_facts_is_unknown() -> None:
    finding = ask(PROCESS, cluster(weaviate(), forbidden=("externalsecrets",)))
    assert finding.outcome is UNKNOWN and "externalsecrets" in finding.missing
