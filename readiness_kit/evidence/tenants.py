"""Tenants: whether collections have them, what limits a single tenant, and what happens to idle ones."""

from __future__ import annotations

from collections import Counter

from readiness_kit.evidence.checks import Subject, answer_needed, to_finding, weaviate_subject
from readiness_kit.evidence.conditions.observability.metrics import SAMPLES, value, variables
from readiness_kit.evidence.registry import evidence
from readiness_kit.evidence.wording import names
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.weaviate.collections import Collection
from readiness_kit.labels import count
from readiness_kit.model import Check, Finding, Outcome, Reason, Ref, Settings

PARTLY = Outcome.PARTLY
SCHEMA = "weaviate/schema"
READS, TOLERATES = (SCHEMA, SAMPLES, "configmaps"), (SAMPLES, "configmaps")
OFFLOAD = "offload-s3"
STATUSES = ("HOT", "COLD", "FROZEN")
CAPS = (
    "MAXIMUM_ALLOWED_OBJECTS_COUNT",
    "MAXIMUM_ALLOWED_TENANTS_PER_COLLECTION",
    "MAXIMUM_ALLOWED_SHARDS_PER_COLLECTION",
)
"""Limits that the server accepts only together with a replication factor of 1."""


def tenanted(facts: ClusterFacts) -> list[Collection]:
    """The collections with multi-tenancy."""
    return [collection for collection in facts.collections if collection.multi_tenant]


def _without_tenants(question: str, facts: ClusterFacts) -> Finding | None:
    """The finding where no collection has tenants, None where one has. The key may not be able to see the schema."""
    on = weaviate_subject(facts, SCHEMA)
    if tenanted(facts):
        return None
    if facts.collections:
        number = count(len(facts.collections), "collection")
        check = on.info("multiTenancyConfig.enabled", f"false in each of {number}")
        return Finding(question, Outcome.NOT_APPLICABLE, f"None of {number} has tenants.", (check,))
    message = "Weaviate lists no collection: there is none, or the key has no permission to see it."
    check = on.unread("collections", "1 or more", Reason.NOT_OBSERVABLE, message=message)
    return to_finding(question, [check], met="")


def _shards_by_status(facts: ClusterFacts) -> list[Check]:
    """Informational: in collections with tenants each shard is a tenant."""
    numbers = {status: value(facts, "schema_shards", status=status) for status in STATUSES}
    seen = ", ".join(f"{number:,.0f} {status}" for status, number in numbers.items() if number is not None)
    return [weaviate_subject(facts, SAMPLES).info("schema_shards", seen)] if seen else []


# --- multi-tenancy --------------------------------------------------------------------------------


@evidence("tenant.mt", reads=(SCHEMA, SAMPLES), tolerates=(SAMPLES,))
def multi_tenancy(facts: ClusterFacts, settings: Settings) -> Finding:
    """Collections with tenants; many collections with the same properties show that tenants are missing."""
    collections = tenanted(facts)
    checks = [_enabled(collection) for collection in collections]
    checks += [*_same_properties(facts, settings), *_shards_by_status(facts)]
    met = f"Tenants are separated in {names(collection.name for collection in collections)}."
    if not collections:
        question = "Do you serve several customers or users?"
        checks.append(
            answer_needed(facts, "customers", question, "tenants, where there are several", fix="tenants.migrate")
        )
    unknown = "No collection has tenants. Whether you serve several customers or users cannot be read; please answer."
    return to_finding("tenant.mt", checks, met=met, failed={Outcome.UNKNOWN: unknown})


def _enabled(collection: Collection) -> Check:
    """Automatic tenant creation is a risk with untrusted clients, which are not visible."""
    automatic = ", tenants created by the first write" if collection.auto_tenant_creation else ""
    on = Subject(Ref("Collection", collection.name), SCHEMA)
    return on.check("multiTenancyConfig.enabled", f"true{automatic}", "true", True)


def _same_properties(facts: ClusterFacts, settings: Settings) -> list[Check]:
    maximum = settings.thresholds.collections_alike
    shapes = Counter(c.property_set for c in facts.collections if c.property_set and not c.multi_tenant)
    number = max(shapes.values(), default=0)
    if number <= maximum:
        return []
    message = f"{number} collections have the same properties: one with {number} tenants would use less memory."
    on, expected = weaviate_subject(facts, SCHEMA), f"{maximum} or fewer (kit default)"
    field = "collections with the same properties"
    fix = "tenants.migrate"
    return [on.check(field, number, expected, False, message=message, on_failure=PARTLY, fix=fix)]


# --- limits ---------------------------------------------------------------------------------------


@evidence("tenant.quotas", reads=READS, tolerates=TOLERATES)
def quotas(facts: ClusterFacts, settings: Settings) -> Finding:
    """The server has no limit for a single tenant; limits in front of it require an answer."""
    without = _without_tenants("tenant.quotas", facts)
    if without is not None:
        return without
    limits = ("MAXIMUM_CONCURRENT_GET_REQUESTS", "MAXIMUM_ALLOWED_COLLECTIONS_COUNT", *CAPS)
    checks = variables(facts, **dict.fromkeys(limits, "no limit"))
    checks += [*_excluding_replication(facts), *_shards_by_status(facts)]
    message = "Weaviate has no limit for a single tenant. Does a gateway or the application have one? Please answer."
    field, expected = "limit for a single tenant", "in front of Weaviate, or in the application"
    checks.append(answer_needed(facts, field, message, expected, fix="tenants.limit"))
    return to_finding("tenant.quotas", checks, met="")


def excluding_replication(facts: ClusterFacts) -> list[str]:
    """The limits in use that the server accepts only with a replication factor of 1."""
    values = {name: facts.weaviate.env(name) for name in CAPS}
    return [name for name, value in values.items() if value.known and value.value not in ("", "-1", "0")]


def _excluding_replication(facts: ClusterFacts) -> list[Check]:
    """Limits that require a replication factor of 1, so they cannot be used with three replicas."""
    used = names(excluding_replication(facts))
    if not used:
        return []
    message = f"{used} can only be used with a replication factor of 1, so the data is not replicated."
    field, expected, on = "limits that exclude replication", "none with replicated data", weaviate_subject(facts)
    fix = "settings.remove_limits"
    return [on.check(field, used, expected, False, message=message, on_failure=PARTLY, fix=fix)]


# --- offloading -----------------------------------------------------------------------------------


@evidence("tenant.offload", reads=READS, tolerates=TOLERATES)
def offload(facts: ClusterFacts, settings: Settings) -> Finding:
    """The module, and offloaded or deactivated tenants, whose number by status only Prometheus has."""
    without = _without_tenants("tenant.offload", facts)
    if without is not None:
        return without
    checks = [*_module(facts), *_shards_by_status(facts), _idle(facts, settings), *_failures(facts)]
    frozen = value(facts, "schema_shards", status="FROZEN") or 0
    return to_finding("tenant.offload", checks, met=f"Idle tenants are offloaded: {count(int(frozen), 'tenant')} now.")


def _has_module(facts: ClusterFacts) -> bool | None:
    """By ENABLE_MODULES only: the server never lists an offload module among its modules."""
    modules = facts.weaviate.modules()
    return None if modules is None else OFFLOAD in modules


def _module(facts: ClusterFacts) -> list[Check]:
    seen = {True: f"has {OFFLOAD}", False: f"without {OFFLOAD}", None: "not known"}[_has_module(facts)]
    module = weaviate_subject(facts).info("env ENABLE_MODULES", seen)
    if not _has_module(facts):
        return [module]
    defaults = {"OFFLOAD_S3_BUCKET": "weaviate-offload", "OFFLOAD_S3_BUCKET_AUTO_CREATE": "false"}
    return [module, *variables(facts, **defaults, OFFLOAD_TIMEOUT="120", AWS_REGION="set by the platform")]


def _idle(facts: ClusterFacts, settings: Settings) -> Check:
    """Offloaded is met, deactivated is partly met, many active tenants without the module are not met."""
    on, maximum = weaviate_subject(facts, SAMPLES), settings.thresholds.active_tenants
    field, expected = "schema_shards, idle tenants", f"offloaded by {OFFLOAD}"
    hot, cold, frozen = (value(facts, "schema_shards", status=status) for status in STATUSES)
    if hot is None and cold is None and frozen is None:
        message = "How many tenants are active, inactive or offloaded was not read from Prometheus."
        return on.unread(field, expected, facts.missing(SAMPLES) or Reason.NOT_OBSERVABLE, message=message)
    if frozen and _has_module(facts) is not False:
        return on.check(field, f"{frozen:,.0f} offloaded", expected, True)
    if cold:
        message = f"{count(int(cold), 'idle tenant')} are inactive, which frees memory but no disk; none is offloaded."
        seen, fix = f"{cold:,.0f} inactive", "tenants.offload"
        return on.check(field, seen, expected, False, message=message, on_failure=PARTLY, fix=fix)
    active = f"{hot or 0:,.0f}"
    if (hot or 0) > maximum and _has_module(facts) is False:
        message = f"{active} tenants are active, none is inactive or offloaded, and {OFFLOAD} is not enabled."
        expected = f"{expected}, above {maximum} (kit default)"
        return on.check(
            field, f"nothing, with {active} active", expected, False, message=message, fix="tenants.offload"
        )
    message = f"No tenant is inactive or offloaded ({active} are active). Your plan cannot be read; please answer."
    return on.unread(field, expected, Reason.NOT_OBSERVABLE, message=message, fix="tenants.plan")


def _failures(facts: ClusterFacts) -> list[Check]:
    failed = value(facts, "background_failures_7d", process="offload")
    if not failed:
        return []
    message = f"Offloading failed {failed:,.0f} times within a week."
    on, seen = weaviate_subject(facts, SAMPLES), f"{failed:,.0f} of offload"
    field, fix = "background_failures_7d", "tenants.repair_offloading"
    return [on.check(field, seen, "0", False, message=message, on_failure=PARTLY, fix=fix)]
