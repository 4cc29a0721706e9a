"""Parameters of the data: collections."""

from __future__ import annotations

from readiness_kit.evidence.conditions.data.replication import with_data
from readiness_kit.fixes.model import OpenDecision, Value
from readiness_kit.fixes.parameters.availability import REPLICAS
from readiness_kit.fixes.parameters.registry import Context, parameter
from readiness_kit.kinds.versions import Version

SCALE_SINCE = Version(1, 38, 3)
"""The first release in which copying a replica loses no concurrent write."""


@parameter("few_replicas")
def few_replicas(context: Context) -> Value | OpenDecision:
    """The collections with data whose replication factor is even or below three."""
    found = [item.name for item in with_data(context.facts) if item.factor < REPLICAS or item.factor % 2 == 0]
    if not found:
        return OpenDecision("collections", "the collections with fewer than three replicas", "GET /v1/schema")
    return Value(found, "the schema of Weaviate")


@parameter("scale_version")
def scale_version(context: Context) -> Value | OpenDecision:
    """The version that has to run before replicas are added: the present one where it is new enough."""
    version = context.facts.server_version
    if version is None:
        return OpenDecision("version", "the version of Weaviate, which was not read", "GET /v1/meta")
    if version >= SCALE_SINCE:
        return Value(str(version), "the version of the server")
    return Value(str(SCALE_SINCE), f"earlier releases, such as {version} here, can lose writes while copying")
