"""How a person reaches Weaviate's REST port from outside the cluster; the kit itself opens no tunnel."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from readiness_kit.facts.kubernetes.selectors import equals

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts
    from readiness_kit.kinds.network import Service

REST_PORT = 8080


def port_forward_command(facts: ClusterFacts, local: int = 8080) -> str:
    """The `kubectl port-forward` line after which Weaviate answers at http://127.0.0.1:<local>.

    To the Service whose port leads to the REST port of the workload's pods, else to its first pod.
    """
    workload = facts.weaviate
    words = ["kubectl"]
    if facts.snapshot.manifest.context:
        words += ["--context", facts.snapshot.manifest.context]
    words += ["-n", workload.namespace, "port-forward", "--address", "127.0.0.1"]
    return shlex.join([*words, *_target(facts, local)])


def _target(facts: ClusterFacts, local: int) -> list[str]:
    workload = facts.weaviate
    rest = _rest_port(facts)
    for service in facts.objects("services"):
        mine = service.metadata.namespace == workload.namespace and service.spec.cluster_ip != "None"
        if mine and service.spec.selector and equals(service.spec.selector, workload.pod_labels):
            port = _port_to(service, facts, rest)
            if port:
                return [f"svc/{service.metadata.name}", f"{local}:{port}"]
    pod = workload.pods[0].metadata.name if workload.pods else f"{workload.name}-0"
    return [f"pod/{pod}", f"{local}:{rest}"]


def _port_to(service: Service, facts: ClusterFacts, rest: int) -> int:
    named = {port.name: port.container_port for port in facts.weaviate.container.ports if port.name}
    for port in service.spec.ports:
        target = port.target_port if port.target_port not in (None, "", 0) else port.port
        if target == rest or str(target) == str(rest) or named.get(str(target)) == rest:
            return port.port
    return 0


def _rest_port(facts: ClusterFacts) -> int:
    """The server's `--port`, 8080 where it has none."""
    words = [*facts.weaviate.container.command, *facts.weaviate.container.args]
    for place, word in enumerate(words):
        value = word.partition("=")[2] if word.startswith("--port=") else ""
        if word == "--port" and place + 1 < len(words):
            value = words[place + 1]
        if value.isdigit():
            return int(value)
    return REST_PORT
