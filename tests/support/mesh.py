"""Weaviate in an Istio mesh, for truth tables of encryption in transit."""

from __future__ import annotations

from typing import Any

from readiness_kit.facts import ClusterFacts
from readiness_kit.model import Finding
from tests.support.cluster import cluster, of, weaviate

STRICT = """
    apiVersion: security.istio.io/v1
    kind: PeerAuthentication
    metadata: {name: default}
    spec: {mtls: {mode: STRICT}}
"""
PROXY = {"name": "istio-proxy", "image": "docker.io/istio/proxyv2:1.27.0"}


def meshed(container: dict[str, Any] = PROXY, native: bool = False, **keywords: Any) -> list[dict[str, Any]]:
    """A Weaviate whose running pods have the proxy; the template knows nothing of it, as with an injector."""
    objects = weaviate(**keywords)
    for pod in of(objects, "Pod"):
        place = "initContainers" if native else "containers"
        pod["spec"][place] = [*pod["spec"].get(place, []), dict(container)]
    return objects


def encrypted(*more: Any, **keywords: Any) -> ClusterFacts:
    return cluster(meshed(**keywords), STRICT, *more)


def fields(finding: Finding, outcome: bool | None) -> list[str]:
    return [fact.field for fact in finding.facts if fact.ok is outcome]
