"""Tenants: whether collections have them, what limits one of them, and what becomes of the idle ones."""

from __future__ import annotations

from collections import Counter

from readiness_kit.evidence.checks import Subject, to_finding, weaviate_subject
from readiness_kit.evidence.conditions.observability.metrics import SAMPLES, value, variables
from readiness_kit.evidence.registry import evidence
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate.collections import Collection
from readiness_kit.labels import count
from readiness_kit.locate import workload_key
from readiness_kit.model import Check, Finding, Outcome, Reason, Ref, Settings

PARTLY, NOT_MET = Outcome.PARTLY, Outcome.NOT_MET
SCHEMA = "weaviate/schema"
OFFLOAD = "offload-s3"
STATUSES = ("HOT", "COLD", "FROZEN")
CAPS = (
    "MAXIMUM_ALLOWED_OBJECTS_COUNT",
    "MAXIMUM_ALLOWED_TENANTS_PER_COLLECTION",
    "MAXIMUM_ALLOWED_SHARDS_PER_COLLECTION",
)
"""Limits that the server only takes together with a replication factor of 1."""


def tenanted(facts: ClusterFacts) -> list[Collection]:
    return [one for one in facts.collections if one.multi_tenant]


def _without(question: str, facts: ClusterFacts) -> Finding:
    """No collection has tenants, so there are none to limit or to offload."""
    number = count(len(facts.collections), "collection")
    shown = weaviate_subject(facts, SCHEMA).info("multiTenancyConfig.enabled", f"false in each of {number}")
    sentence = f"None of {number} has tenants." if facts.collections else "There is no collection, so no tenant either."
    return Finding(question, Outcome.NOT_APPLICABLE, sentence, (shown,))


def _none_seen(question: str, facts: ClusterFacts) -> Finding | None:
    """The finding where no tenants are; an empty schema may be one that the key is not shown."""
    if tenanted(facts):
        return None
    if facts.collections:
        return _without(question, facts)
    message = "Weaviate shows no collection: there is none, or the key may not see it."
    line = weaviate_subject(facts, SCHEMA).unread("collections", "1 or more", Reason.NOT_OBSERVABLE, message=message)
    return to_finding(question, [line], met="")


# --- E19 ------------------------------------------------------------------------------------------


@evidence("tenant.mt", reads=(SCHEMA, SAMPLES), tolerates=(SAMPLES,))
def multi_tenancy(facts: ClusterFacts, settings: Settings) -> Finding:
    """Collections with tenants; and the smell of those who would need them: many collections of one shape."""
    with_tenants = tenanted(facts)
    checks = [_enabled(one) for one in with_tenants]
    checks += [*_alike(facts, settings), *_numbers(facts)]
    met = f"Tenants are separated in {names(one.name for one in with_tenants)}."
    sentence = "No collection has tenants; whether you serve several customers or users, an answer has to say."
    return to_finding("tenant.mt", checks, met=met, failed={Outcome.UNKNOWN: sentence})


def _enabled(one: Collection) -> Check:
    """Tenants made by any write are a risk where clients are not trusted, which does not show."""
    made = ", tenants made by the first write" if one.auto_tenant_creation else ""
    ref = Ref("Collection", one.name)
    return Subject(ref, SCHEMA).check("multiTenancyConfig.enabled", f"true{made}", "true", True)


def _alike(facts: ClusterFacts, settings: Settings) -> list[Check]:
    most = settings.thresholds.collections_alike
    shapes = Counter(one.property_set for one in facts.collections if one.property_set and not one.multi_tenant)
    if not shapes or shapes.most_common(1)[0][1] <= most:
        return []
    number = shapes.most_common(1)[0][1]
    message = f"{number} collections have the same properties: one with {number} tenants would take less memory."
    expected = f"{most} or fewer (kit default)"
    return [
        weaviate_subject(facts, SCHEMA).check(
            "collections of one shape", number, expected, False, message=message, on_failure=PARTLY
        )
    ]


def _numbers(facts: ClusterFacts) -> list[Check]:
    """Shards by state: of collections with tenants each is one."""
    found = {status: value(facts, "schema_shards", status=status) for status in STATUSES}
    seen = ", ".join(f"{number:,.0f} {status}" for status, number in found.items() if number is not None)
    return [weaviate_subject(facts, SAMPLES).info("schema_shards", seen)] if seen else []


# --- E20 ------------------------------------------------------------------------------------------


@evidence("tenant.quotas", reads=(SCHEMA, SAMPLES, "configmaps"), tolerates=(SAMPLES, "configmaps"))
def quotas(facts: ClusterFacts, settings: Settings) -> Finding:
    """The server knows no limit for one tenant; what stands in front of it has to be told."""
    absent = _none_seen("tenant.quotas", facts)
    if absent is not None:
        return absent
    source = workload_key(facts.weaviate.kind)
    checks = variables(
        facts, source, MAXIMUM_CONCURRENT_GET_REQUESTS="no limit", MAXIMUM_ALLOWED_COLLECTIONS_COUNT="no limit",
        **dict.fromkeys(CAPS, "no limit"),
    )  # fmt: skip
    checks += [*_conflict(facts), *_numbers(facts)]
    message = "Weaviate has no limit for a single tenant; whether a gateway or the application has one has to be said."
    field, expected = "limit for a single tenant", "in front of Weaviate, or in the application"
    checks.append(weaviate_subject(facts, "").unread(field, expected, Reason.NOT_OBSERVABLE, message=message))
    return to_finding("tenant.quotas", checks, met="")


def _conflict(facts: ClusterFacts) -> list[Check]:
    """The server's caps need a replication factor of 1, so they and three copies exclude each other."""
    weaviate = facts.weaviate
    used = [name for name in CAPS if (known := weaviate.env(name)).known and known.value not in ("", "-1", "0")]
    if not used:
        return []
    field, expected = "limits that exclude replication", "none beside replicated data"
    return [weaviate_subject(facts).info(field, names(used), expected, False)]


# --- E21 ------------------------------------------------------------------------------------------


@evidence("tenant.offload", reads=(SCHEMA, SAMPLES, "configmaps"), tolerates=(SAMPLES, "configmaps"))
def offload(facts: ClusterFacts, settings: Settings) -> Finding:
    """The module, and tenants that are away or switched off: their number by state is Prometheus' to tell."""
    absent = _none_seen("tenant.offload", facts)
    if absent is not None:
        return absent
    checks = [_module(facts), *_bucket(facts), *_numbers(facts), *_states(facts, settings), *_failures(facts)]
    frozen = value(facts, "schema_shards", status="FROZEN") or 0
    return to_finding("tenant.offload", checks, met=f"Idle tenants are offloaded: {count(int(frozen), 'tenant')} now.")


def _on(facts: ClusterFacts) -> bool | None:
    """ENABLE_MODULES only: the server never lists an offload module among its modules."""
    modules = facts.weaviate.modules()
    return None if modules is None else OFFLOAD in modules


def _module(facts: ClusterFacts) -> Check:
    shown = {True: f"has {OFFLOAD}", False: f"without {OFFLOAD}", None: "not known"}[_on(facts)]
    return weaviate_subject(facts).info("env ENABLE_MODULES", shown)


def _bucket(facts: ClusterFacts) -> list[Check]:
    if not _on(facts):
        return []
    source = workload_key(facts.weaviate.kind)
    defaults = {"OFFLOAD_S3_BUCKET": "weaviate-offload", "OFFLOAD_S3_BUCKET_AUTO_CREATE": "false"}
    return variables(facts, source, **defaults, OFFLOAD_TIMEOUT="120", AWS_REGION="the platform's")


def _states(facts: ClusterFacts, settings: Settings) -> list[Check]:
    """Away is good, switched off is half, many active ones and nothing else is a gap."""
    field, expected = "schema_shards, idle tenants", f"offloaded by {OFFLOAD}"
    hot, cold, frozen = (value(facts, "schema_shards", status=status) for status in STATUSES)
    module, most = _on(facts), settings.thresholds.active_tenants
    reason = facts.missing(SAMPLES)
    on = weaviate_subject(facts, SAMPLES)
    if hot is None and cold is None and frozen is None:
        message = "How many tenants are active, switched off or offloaded was not read from Prometheus."
        return [on.unread(field, expected, reason or Reason.NOT_OBSERVABLE, message=message)]
    if frozen and module is not False:
        return [on.check(field, f"{frozen:,.0f} offloaded", expected, True)]
    if cold:
        message = (
            f"{count(int(cold), 'idle tenant')} are switched off, which frees memory but no disk; none is offloaded."
        )
        return [on.check(field, f"{cold:,.0f} switched off", expected, False, message=message, on_failure=PARTLY)]
    if (hot or 0) > most and module is False:
        message = f"{hot:,.0f} tenants are active, none is switched off or offloaded, and {OFFLOAD} is not there."
        seen = f"nothing, with {hot:,.0f} active"
        return [on.check(field, seen, f"{expected}, above {most} (kit default)", False, message=message)]
    message = (
        f"No tenant is switched off or offloaded ({hot or 0:,.0f} are active); what is planned, an answer has to say."
    )
    return [on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message)]


def _failures(facts: ClusterFacts) -> list[Check]:
    failed = value(facts, "background_failures_7d", process="offload")
    if not failed:
        return []
    message = f"Offloading failed {failed:,.0f} times within a week."
    return [
        weaviate_subject(facts, SAMPLES).check(
            "background_failures_7d", f"{failed:,.0f} of offload", "0", False, message=message, on_failure=PARTLY
        )
    ]
