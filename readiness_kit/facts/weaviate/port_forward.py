"""The `kubectl port-forward` command for Weaviate's REST port; the kit itself opens no tunnel."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from readiness_kit.facts.kubernetes.services import backends
from readiness_kit.facts.weaviate.exposure import api_ports

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts
    from readiness_kit.kinds.network import Service


def port_forward_command(facts: ClusterFacts, local: int = 8080) -> str:
    """The command that makes Weaviate reachable at http://127.0.0.1:<local>.

    It forwards to a Service with the REST port of the workload's pods, or to the first pod where there is none.
    """
    command = ["kubectl"]
    if facts.snapshot.manifest.context:
        command += ["--context", facts.snapshot.manifest.context]
    command += ["-n", facts.weaviate.namespace, "port-forward", "--address", "127.0.0.1"]
    return shlex.join([*command, *_target(facts, local)])


def _target(facts: ClusterFacts, local: int) -> list[str]:
    workload = facts.weaviate
    rest, _ = api_ports(workload)
    for service in facts.objects("services"):
        if service.spec.cluster_ip != "None" and backends(service, workload.desired_pods):
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
