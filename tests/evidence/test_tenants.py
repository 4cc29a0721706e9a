"""Tenants, as truth tables."""

from __future__ import annotations

from typing import Any

import pytest

from readiness_kit.model import Finding, Outcome, Reason
from tests.evidence.test_security import judged
from tests.support.answers import answered
from tests.support.cluster import cluster, weaviate

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
    return judged(question, answered(cluster(weaviate(env=env)), answers))


def said(finding: Finding) -> str:
    return f"{finding.outcome.value} {finding.reason}: {finding.sentence}"


@pytest.mark.parametrize(
    ("classes", "outcome", "word"),
    [
        pytest.param([SHOPS, BOOKS], MET, "Tenants are separated in Shops.", id="tenants"),
        pytest.param([BOOKS], UNKNOWN, "No collection has tenants", id="none: for an answer to say"),
        pytest.param(alike(20), UNKNOWN, "No collection has tenants", id="twenty of one shape"),
        pytest.param(alike(21), PARTLY, "21 collections have the same properties", id="a collection for each tenant"),
        pytest.param([SHOPS, *alike(21)], PARTLY, "21 collections", id="both"),
        pytest.param(Reason.FORBIDDEN, UNKNOWN, "weaviate/schema", id="schema refused"),
    ],
)
def test_multi_tenancy(classes: Any, outcome: Outcome, word: str) -> None:
    finding = tenants(MT, classes)
    assert finding.outcome is outcome and word in finding.sentence, said(finding)


def test_tenants_made_by_any_write_are_shown() -> None:
    shops = {**SHOPS, "multiTenancyConfig": {"enabled": True, "autoTenantCreation": True}}
    finding = tenants(MT, [shops])
    assert finding.outcome is MET and finding.facts[0].seen == "true, tenants made by the first write"


@pytest.mark.parametrize("question", [QUOTAS, OFFLOAD])
def test_without_tenants_their_questions_do_not_apply(question: str) -> None:
    finding = tenants(question, [BOOKS])
    assert finding.outcome is NOT_APPLICABLE and finding.sentence == "None of 1 collection has tenants."


@pytest.mark.parametrize("question", [QUOTAS, OFFLOAD])
def test_an_empty_schema_may_be_one_that_the_key_is_not_shown(question: str) -> None:
    finding = tenants(question, [])
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)


@pytest.mark.parametrize("question", [MT, QUOTAS, OFFLOAD])
@pytest.mark.parametrize("reason", [Reason.FORBIDDEN, Reason.UNREACHABLE, Reason.NOT_COLLECTED])
def test_without_a_schema_nothing_is_said_of_tenants(question: str, reason: Reason) -> None:
    finding = tenants(question, reason)
    assert (finding.outcome, finding.reason) == (UNKNOWN, reason)


def test_a_limit_for_one_tenant_is_never_seen() -> None:
    finding = tenants(QUOTAS, [SHOPS], MAXIMUM_CONCURRENT_GET_REQUESTS="500")
    assert (finding.outcome, finding.reason) == (UNKNOWN, Reason.NOT_OBSERVABLE)
    assert "no limit for a single tenant" in finding.sentence


def test_the_servers_caps_and_replication_exclude_each_other() -> None:
    finding = tenants(QUOTAS, [SHOPS], MAXIMUM_ALLOWED_TENANTS_PER_COLLECTION="100")
    line = next(fact for fact in finding.facts if fact.field == "limits that exclude replication")
    assert (line.seen, line.ok) == ("MAXIMUM_ALLOWED_TENANTS_PER_COLLECTION", False)


ON = {"ENABLE_MODULES": "offload-s3,text2vec-openai"}


@pytest.mark.parametrize(
    ("shards", "env", "outcome", "word"),
    [
        pytest.param(states(HOT=50, FROZEN=900), ON, MET, "offloaded: 900 tenants now", id="offloaded"),
        pytest.param(states(HOT=50, COLD=900), {}, PARTLY, "900 idle tenants are switched off", id="switched off only"),
        pytest.param(states(HOT=1001), {}, NOT_MET, "1,001 tenants are active", id="many, and nothing"),
        pytest.param(states(HOT=1000), {}, UNKNOWN, "an answer has to say", id="few, and nothing"),
        pytest.param(states(HOT=1001), ON, UNKNOWN, "an answer has to say", id="many, the module is there"),
        pytest.param(Reason.UNREACHABLE, ON, UNKNOWN, "was not read from Prometheus", id="no Prometheus"),
        pytest.param({"schema_shards": []}, ON, UNKNOWN, "was not read", id="no series"),
    ],
)
def test_offloading(shards: Any, env: dict[str, str], outcome: Outcome, word: str) -> None:
    finding = tenants(OFFLOAD, [SHOPS], shards, **env)
    assert finding.outcome is outcome and word in finding.sentence, said(finding)


def test_where_idle_tenants_go_is_shown() -> None:
    named = {"OFFLOAD_S3_BUCKET": "attic", "AWS_REGION": "eu-west-1", "OFFLOAD_S3_BUCKET_AUTO_CREATE": "true"}
    finding = tenants(OFFLOAD, [SHOPS], states(FROZEN=9), **ON, **named)
    shown = {fact.field.removeprefix("env "): fact.seen for fact in finding.facts}
    assert {name: shown[name] for name in named} == named


def test_offloading_that_fails_is_half_a_gap() -> None:
    failed = {"background_failures_7d": [{"value": 3, "labels": {"process": "offload"}}]}
    finding = tenants(OFFLOAD, [SHOPS], {**states(HOT=5, FROZEN=9), **failed}, **ON)
    assert finding.outcome is PARTLY and "Offloading failed 3 times" in finding.sentence


def test_an_offload_module_is_never_among_the_servers_modules() -> None:
    """`/v1/meta` does not list it: only ENABLE_MODULES counts."""
    answers = {"weaviate/schema": {"classes": [SHOPS]}, "weaviate/meta": {"version": "1.38.2", "modules": {}}}
    facts = answered(cluster(weaviate(env=ON)), {**answers, "prometheus/weaviate": states(FROZEN=9)})
    assert judged(OFFLOAD, facts).outcome is MET
