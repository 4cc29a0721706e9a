"""A collection from a made-up Weaviate that requires a key."""

from __future__ import annotations

from typing import Any

from readiness_kit.collect.weaviate.collector import Collected, collect_weaviate
from readiness_kit.model import Read
from tests.support.weaviate import FakeWeaviate, healthy

KEY = "s3cret-key-of-this-test"


PUBLIC = [
    "GET /v1/.well-known/live",
    "GET /v1/.well-known/ready",
    "GET /v1/meta",
    "GET /v1/.well-known/openid-configuration",
]


def collected(answers: dict[str, Any] | None = None, *, given: str = KEY, **server: Any) -> tuple[Collected, Any]:
    """A run against a server that has a key, with that key."""
    more = {name: server.pop(name) for name in ("shards", "max_shards", "stop", "progress") if name in server}
    with FakeWeaviate(healthy() if answers is None else answers, **{"key": KEY, **server}) as fake:
        return collect_weaviate(fake.url, api_key=given, pause=0.0, **more), fake


def reads(found: Collected) -> dict[str, Read]:
    return {read.key: read for read in found.reads}
