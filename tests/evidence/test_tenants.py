"""Tenants, as truth tables."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.model import Finding, Outcome, Reason, Section
from tests.support.answers import answered
from tests.support.asked import ask
from tests.support.cluster import cluster, weaviate
from tests.support.findings import assert_evidence_for_all, assert_never_better_without, described, reads

MET, PARTLY, NOT_MET, UNKNOWN = Outcome.MET, Outcome.PARTLY, Outcome.NOT_MET, Outcome.UNKNOWN
NOT_APPLICABLE = Outcome.NOT_APPLICABLE
MT, QUOTAS, OFFLOAD = "tenant.mt", "tenant.quotas", "tenant.offload"
SHOPS = {"class": "Shops", "multiTenancyConfig": {"enabled": True}, "shardingConfig": {"desiredCount": 0}}
BOOKS = {"class": "Books", "propertySet": "ab12"}


def alike(number: int) -> list[dict[str, Any]]:
    return [{"class": f"Shop{place}", "propertySet": "ab12"} for place in range(number)]


def states(**numbers: int) -> dict[str, Any]:
    return {"schema_shards": [{"value": number, "labels": {"status": name}} for name, number in numbers.items()]}


def tenants(question: str, classes: Any, shards: Any = Reason.NOT_COLLECTED, **env: str) -> Finding:
    schema = classes if isinstance(classes, Reason) else {"classes": classes}
    answers = {"weaviate/schema": schema, "prometheus/weaviate": shards}
    return ask(question, answered(cluster(weaviate(env=env)), answers))


@pytest.mark.parametrize(
    ("classes", "outcome", "text"),
    [
        pytest.param([SHOPS, BOOKS], MET, "Tenants are separated in Shops.", id="tenants"),
        pytest.param([BOOKS], UNKNOWN, "No collection has tenants", id="none: needs an answer"),
        pytest.param(alike(20), UNKNOWN, "No collection has tenants", id="twenty of one shape"),
        pytest.param(alike(21), PARTLY, "21 collections have the same properties", id="a collection for each tenant"),
        pytest.param([SHOPS, *alike(21)], PARTLY, "21 collections", id="both"),
        pytest.param(Reason.FORBIDDEN, UNKNOWN, "weaviate/schema", id="schema refused"),
    ],
)
def test_multi_tenancy(classes: Any, outcome: Outcome, text: str) -> None:
    finding = tenants(MT, classes)
    assert finding.outcome is outcome and text in finding.sentence, described(finding)


def test_automatic_tenant_creation_is_shown() -> None:
    shops = {**SHOPS, "multiTenancyConfig": {"enabled": True, "autoTenantCreation": True}}
    finding = tenants(MT, [shops])
    assert finding.outcome is MET and finding.facts[0].seen == "true, tenants created by the first write"


@pytest.mark.parametrize("question", [QUOTAS, OFFLOAD])
def test_questions_do_not_apply_without_tenants(question: str) -> None:
    finding = tenants(question, [BOOKS])
    assert finding.outcome is NOT_APPLICABLE and finding.sentence == "None of 1 collection has tenants."


@pytest.mark.parametrize("question", [QUOTAS, OFFLOAD])
def test_empty_schema_is_unknown(question: str) -> None:
    finding = tenants(question, [])
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)


@pytest.mark.parametrize("question", [MT, QUOTAS, OFFLOAD])
@pytest.mark.parametrize("reason", [Reason.FORBIDDEN, Reason.UNREACHABLE, Reason.NOT_COLLECTED])
def test_unread_schema_keeps_its_reason(question: str, reason: Reason) -> None:
    finding = tenants(question, reason)
    assert (finding.outcome, finding.reason) == (UNKNOWN, reason)


def test_limit_of_a_single_tenant_is_not_observable() -> None:
    finding = tenants(QUOTAS, [SHOPS], MAXIMUM_CONCURRENT_GET_REQUESTS="500")
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)
    assert "no limit for a single tenant" in finding.sentence


def test_limits_that_exclude_replication_are_shown() -> None:
    finding = tenants(QUOTAS, [SHOPS], MAXIMUM_ALLOWED_TENANTS_PER_COLLECTION="100")
    line = next(fact for fact in finding.facts if fact.field == "limits that exclude replication")
    assert (line.seen, line.ok) == ("MAXIMUM_ALLOWED_TENANTS_PER_COLLECTION", False)


ON = {"ENABLE_MODULES": "offload-s3,text2vec-openai"}


@pytest.mark.parametrize(
    ("shards", "env", "outcome", "text"),
    [
        pytest.param(states(HOT=50, FROZEN=900), ON, MET, "offloaded: 900 tenants now", id="offloaded"),
        pytest.param(states(HOT=50, COLD=900), {}, PARTLY, "900 idle tenants are inactive", id="inactive only"),
        pytest.param(states(HOT=1001), {}, NOT_MET, "1,001 tenants are active", id="many, and nothing"),
        pytest.param(states(HOT=1000), {}, UNKNOWN, "please answer", id="few, and nothing"),
        pytest.param(states(HOT=1001), ON, UNKNOWN, "please answer", id="many, the module is there"),
        pytest.param(Reason.UNREACHABLE, ON, UNKNOWN, "was not read from Prometheus", id="no Prometheus"),
        pytest.param({"schema_shards": []}, ON, UNKNOWN, "was not read", id="no series"),
    ],
)
def test_offloading(shards: Any, env: dict[str, str], outcome: Outcome, text: str) -> None:
    finding = tenants(OFFLOAD, [SHOPS], shards, **env)
    assert finding.outcome is outcome and text in finding.sentence, described(finding)


def test_offload_settings_are_shown() -> None:
    named = {"OFFLOAD_S3_BUCKET": "attic", "AWS_REGION": "eu-west-1", "OFFLOAD_S3_BUCKET_AUTO_CREATE": "true"}
    finding = tenants(OFFLOAD, [SHOPS], states(FROZEN=9), **ON, **named)
    shown = {fact.field.removeprefix("env "): fact.seen for fact in finding.facts}
    assert {name: shown[name] for name in named} == named


def test_failed_offloading_is_partly() -> None:
    failed = {"background_failures_7d": [{"value": 3, "labels": {"process": "offload"}}]}
    finding = tenants(OFFLOAD, [SHOPS], {**states(HOT=5, FROZEN=9), **failed}, **ON)
    assert finding.outcome is PARTLY and "Offloading failed 3 times" in finding.sentence


def test_offload_module_is_read_from_enable_modules() -> None:
    """`/v1/meta` does not list it: only ENABLE_MODULES counts."""
    answers = {"weaviate/schema": {"classes": [SHOPS]}, "weaviate/meta": {"version": "1.38.2", "modules": {}}}
    facts = answered(cluster(weaviate(env=ON)), {**answers, "prometheus/weaviate": states(FROZEN=9)})
    assert ask(OFFLOAD, facts).outcome is MET


# --- one read refused -----------------------------------------------------------------------------


def test_every_question_has_evidence() -> None:
    assert_evidence_for_all(Section.TENANTS)


@pytest.mark.parametrize("key", reads(Section.TENANTS))
def test_refused_read_is_never_better(key: str) -> None:
    assert_never_better_without(Section.TENANTS, key)
