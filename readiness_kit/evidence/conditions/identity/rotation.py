"""What the cluster shows of how secrets are renewed. A process it does not show, so all of this are hints."""

from __future__ import annotations

from collections.abc import Iterator

from readiness_kit.evidence.checks import Subject, weaviate_subject
from readiness_kit.evidence.conditions.observability.metrics import tool
from readiness_kit.facts import ClusterFacts
from readiness_kit.facts.detectors.scan import DETECTOR_READS
from readiness_kit.facts.weaviate import auth
from readiness_kit.kinds import KINDS
from readiness_kit.labels import count
from readiness_kit.model import Check, Ref

SYNCED = ("externalsecrets", "vaultstaticsecrets", "vaultdynamicsecrets", "vaultpkisecrets")
READS = tuple(
    sorted({*SYNCED, "certificates", "weaviate/users", *DETECTOR_READS["rotation"], *DETECTOR_READS["secrets"]})
)


def hints(facts: ClusterFacts) -> list[Check]:
    return [*_synced(facts), *_certificates(facts), *_users(facts), *_tools(facts)]


def _synced(facts: ClusterFacts) -> Iterator[Check]:
    """Secrets that a tool fills from a vault: how often it looks there, and when it last did."""
    namespace = facts.weaviate.namespace
    for key in SYNCED:
        for one in facts.objects(key):
            if one.metadata.namespace != namespace:
                continue
            ref = Ref(KINDS[key].kind, one.metadata.name, namespace)
            if key == "externalsecrets":
                last = one.status.refresh_time
                when = f", last on {last:%Y-%m-%d %H:%M} UTC" if last else ""
                yield Subject(ref, key).info("spec.refreshInterval", f"{one.spec.refresh_interval or 'not set'}{when}")
            else:
                yield Subject(ref, key).info("spec.refreshAfter", one.spec.refresh_after or "not set")


def _certificates(facts: ClusterFacts) -> Iterator[Check]:
    for one in facts.objects("certificates"):
        if one.metadata.namespace == facts.weaviate.namespace and one.status.renewal_time:
            ref = Ref("Certificate", one.metadata.name, one.metadata.namespace)
            yield Subject(ref, "certificates").info("status.renewalTime", f"{one.status.renewal_time:%Y-%m-%d}")


def _users(facts: ClusterFacts) -> Iterator[Check]:
    """Keys of users in the database can be rotated while the server runs; those of the environment take a rollout."""
    weaviate = facts.weaviate
    made = [one for one in facts.answer("weaviate/users") or () if one.kind == "db_user"]
    if made:
        ages = [(facts.as_of - one.created_at).days for one in made if one.created_at]
        unused = [one for one in made if one.active and one.last_used_at is None]
        oldest = f", the oldest {count(max(ages), 'day')} old" if ages else ""
        never = f", {len(unused)} without a recorded use" if unused else ""
        seen = f"{count(len(made), 'user')}{oldest}{never}"
        yield weaviate_subject(facts, "weaviate/users").info("users of the database", seen)
    on = auth.method(weaviate, "db_users")
    shown = {True: "on: keys are rotated while the server runs", False: "off: a new key takes a rollout"}
    if on is not None:
        yield weaviate_subject(facts).info("env AUTHENTICATION_DB_USERS_ENABLED", shown[on])


def _tools(facts: ClusterFacts) -> Iterator[Check]:
    for one in (*facts.detected("rotation"), *facts.detected("secrets")):
        yield tool(one)
