"""Parameters of probes: what they ask, and on which port."""

from __future__ import annotations

from typing import Any

from readiness_kit.evidence.conditions.availability.probes import LIVE, PUBLIC, READY
from readiness_kit.fixes.model import OpenDecision, Value
from readiness_kit.fixes.parameters.registry import Context, parameter
from readiness_kit.kinds.pods import Container, Probe

PORT = 8080
LIVENESS = {"initialDelaySeconds": 900, "periodSeconds": 10, "failureThreshold": 30, "timeoutSeconds": 3}
READINESS = {"initialDelaySeconds": 3, "periodSeconds": 10, "failureThreshold": 3, "timeoutSeconds": 3}
"""The times of the chart, for a probe that is missing."""


def http_port(container: Container) -> int | str | None:
    """The port of Weaviate's HTTP server: as another probe has it, or the default where the container has it."""
    names = {port.name for port in container.ports}
    for probe in (container.readiness_probe, container.liveness_probe, container.startup_probe):
        if probe is not None and probe.http_get is not None and probe.http_get.path.startswith(PUBLIC):
            port = probe.http_get.port
            if isinstance(port, int) or port.isdigit() or port in names:
                return port
    return PORT if any(port.container_port == PORT for port in container.ports) or not container.ports else None


def _probe(context: Context, present: Probe | None, path: str, times: dict[str, int]) -> Value | OpenDecision:
    port = http_port(context.facts.weaviate.container)
    if port is None:
        return OpenDecision("port", "the port of Weaviate's HTTP server", "the flag --port in the pod template")
    found: dict[str, Any] = {"probeType": "httpGet", "probe": {"httpGet": {"path": path, "port": port}}}
    source = "the public health endpoints of Weaviate, which need no credentials"
    return Value(found if present is not None else {**found, **times}, source)


@parameter("liveness_probe")
def liveness_probe(context: Context) -> Value | OpenDecision:
    """A liveness probe of the process itself; the times that it has stay."""
    return _probe(context, context.facts.weaviate.container.liveness_probe, LIVE, LIVENESS)


@parameter("readiness_probe")
def readiness_probe(context: Context) -> Value | OpenDecision:
    """A readiness probe of the server; the times that it has stay."""
    return _probe(context, context.facts.weaviate.container.readiness_probe, READY, READINESS)


@parameter("startup_path")
def startup_path(context: Context) -> Value | OpenDecision:
    """A startup probe that asks a public endpoint; the times that it has stay."""
    found = _probe(context, context.facts.weaviate.container.startup_probe, READY, {})
    return Value({"enabled": True, **found.value}, found.source) if isinstance(found, Value) else found
