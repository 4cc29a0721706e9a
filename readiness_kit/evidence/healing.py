"""What brings a pod back: probes, an owner, and how often it was needed."""

from __future__ import annotations

from readiness_kit.evidence.framework import Check, note, want, workload_key
from readiness_kit.evidence.wording import duration
from readiness_kit.facts.weaviate.workload import Workload
from readiness_kit.kinds.pods import Pod
from readiness_kit.model import Ref


def self_healing(weaviate: Workload) -> list[Check]:
    """Probes that restart a hung pod and hold traffic back, and an owner that makes a lost one anew."""
    source = workload_key(weaviate.kind)
    container = weaviate.container
    checks = []
    for probe, field, effect in (
        (container.liveness_probe, "livenessProbe", "a hung Weaviate is never restarted"),
        (container.readiness_probe, "readinessProbe", "traffic reaches pods that cannot answer"),
    ):
        say = f"The container {container.name} has no {field}: {effect}."
        checks.append(want(weaviate.ref, field, _present(probe), "present", probe is not None, source, say=say))
    checks.append(note(weaviate.ref, "startupProbe", _present(container.startup_probe), source))
    if container.liveness_probe is not None:
        probe = container.liveness_probe
        wait = probe.initial_delay_seconds + probe.period_seconds * probe.failure_threshold
        checks.append(note(weaviate.ref, "livenessProbe, until a first restart", duration(wait), source))
    for pod in weaviate.pods:
        if not pod.metadata.owner_references:
            say = f"The pod {pod.metadata.name} belongs to no workload: nothing brings it back."
            ref = Ref("Pod", pod.metadata.name, pod.metadata.namespace)
            checks.append(want(ref, "ownerReferences", "none", "a workload", False, "pods", say=say))
        checks += _restarts(pod, container.name)
    return checks


def _present(probe: object) -> str:
    return "present" if probe is not None else "absent"


def _restarts(pod: Pod, container: str) -> list[Check]:
    for status in pod.status.container_statuses:
        if status.name == container and status.restart_count:
            last = status.last_state.terminated
            seen = f"{status.restart_count}{f', last {last.reason}' if last and last.reason else ''}"
            return [note(Ref("Pod", pod.metadata.name, pod.metadata.namespace), "restarts", seen, "pods")]
    return []
