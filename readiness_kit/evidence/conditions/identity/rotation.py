"""How the cluster renews secrets. The procedure itself is not visible, so all of this only informs."""

from __future__ import annotations

from collections.abc import Iterator

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.observability.metrics import tool
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import DETECTOR_READS
from readiness_kit.facts.weaviate import auth
from readiness_kit.labels import count
from readiness_kit.model import Check

SYNCED = ("externalsecrets", "vaultstaticsecrets", "vaultdynamicsecrets", "vaultpkisecrets")
READS = tuple(
    sorted({*SYNCED, "certificates", "weaviate/users", *DETECTOR_READS["rotation"], *DETECTOR_READS["secrets"]})
)


def hints(facts: ClusterFacts) -> list[Check]:
    """Synchronised Secrets, certificates, database users, and tools that renew secrets."""
    tools = (tool(detection) for group in ("rotation", "secrets") for detection in facts.detected(group))
    return [*_synced(facts), *_certificates(facts), *_users(facts), *tools]


def _synced(facts: ClusterFacts) -> Iterator[Check]:
    """Secrets that a tool fills from a vault: how often it reads the vault, and when it last did."""
    namespace = facts.weaviate.namespace
    for key in SYNCED:
        for item in facts.objects(key):
            if item.metadata.namespace != namespace:
                continue
            on = Subject.of(key, item)
            if key == "externalsecrets":
                last = item.status.refresh_time
                when = f", last on {last:%Y-%m-%d %H:%M} UTC" if last else ""
                yield on.info("spec.refreshInterval", f"{item.spec.refresh_interval or 'not set'}{when}")
            else:
                yield on.info("spec.refreshAfter", item.spec.refresh_after or "not set")


def _certificates(facts: ClusterFacts) -> Iterator[Check]:
    namespace = facts.weaviate.namespace
    for certificate in facts.objects("certificates"):
        if certificate.metadata.namespace == namespace and certificate.status.renewal_time:
            on = Subject.of("certificates", certificate)
            yield on.info("status.renewalTime", f"{certificate.status.renewal_time:%Y-%m-%d}")


def _users(facts: ClusterFacts) -> Iterator[Check]:
    """Keys of database users are rotated while the server runs; keys of the environment require a rollout."""
    users = [user for user in facts.answer("weaviate/users") or () if user.kind == "db_user"]
    if users:
        ages = [(facts.as_of - user.created_at).days for user in users if user.created_at]
        unused = sum(1 for user in users if user.active and user.last_used_at is None)
        oldest = f", the oldest {count(max(ages), 'day')} old" if ages else ""
        never = f", {unused} without a recorded use" if unused else ""
        yield weaviate_subject(facts, "weaviate/users").info(
            "database users", f"{count(len(users), 'user')}{oldest}{never}"
        )
    enabled = auth.method(facts.weaviate, "db_users")
    if enabled is not None:
        seen = "on: keys are rotated while the server runs" if enabled else "off: a new key requires a rollout"
        yield weaviate_subject(facts).info("env AUTHENTICATION_DB_USERS_ENABLED", seen)
