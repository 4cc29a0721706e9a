"""What the official chart renders for a fragment of its values, projected onto the objects of a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from readiness_kit.kinds import KINDS
from readiness_kit.kinds.meta import KubeObject, LabelSelector, ObjectMeta
from readiness_kit.kinds.network import DisruptionBudgetSpec, PodDisruptionBudget
from readiness_kit.kinds.pods import Affinity, Container, EnvVar, Pod, Probe, Resources
from readiness_kit.kinds.workloads import StatefulSet
from readiness_kit.locate import pod_owner, server_container

Objects = Mapping[str, tuple[KubeObject, ...]]


def apply_values(objects: Objects, fragment: Mapping[str, Any]) -> dict[str, tuple[KubeObject, ...]]:
    """The objects after `helm upgrade --reuse-values` with the fragment."""
    kept = dict(objects)
    kept["statefulsets"] = tuple(_changed(item, fragment) for item in kept.get("statefulsets", ()))
    budget = fragment.get("podDisruptionBudgets", {}).get("weaviate")
    if budget:
        kept["poddisruptionbudgets"] = _budgets(kept, budget)
    return kept


def _changed(workload: KubeObject, fragment: Mapping[str, Any]) -> KubeObject:
    if not isinstance(workload, StatefulSet) or (container := server_container(workload.spec.template.spec)) is None:
        return workload
    template = workload.spec.template
    spec = template.spec
    changed = _container(container, fragment, workload.metadata.name)
    spec = replace(spec, containers=tuple(changed if item is container else item for item in spec.containers))
    if "affinity" in fragment:
        affinity = _merged(msgspec.to_builtins(spec.affinity or Affinity()), fragment["affinity"])
        spec = replace(spec, affinity=msgspec.convert(affinity, Affinity))
    if "terminationGracePeriodSeconds" in fragment:
        spec = replace(spec, termination_grace_period_seconds=fragment["terminationGracePeriodSeconds"])
    body = replace(workload.spec, template=replace(template, spec=spec))
    if "replicas" in fragment:
        body = replace(body, replicas=fragment["replicas"])
    return workload if body == workload.spec else replace(workload, spec=body)


def _container(container: Container, fragment: Mapping[str, Any], name: str) -> Container:
    env = {key: str(value) for key, value in fragment.get("env", {}).items()}
    if "replicas" in fragment:
        replicas = fragment["replicas"]
        voters = 1 if replicas < 3 else 3 if replicas < 10 else 5
        env |= {"RAFT_JOIN": ",".join(f"{name}-{n}" for n in range(voters)), "RAFT_BOOTSTRAP_EXPECT": str(voters)}
    present = [replace(item, value=env.pop(item.name)) if item.name in env else item for item in container.env]
    container = replace(container, env=(*present, *(EnvVar(key, value) for key, value in env.items())))
    if "resources" in fragment:
        resources = _merged(msgspec.to_builtins(container.resources), fragment["resources"])
        container = replace(container, resources=msgspec.convert(resources, Resources))
    probe = fragment.get("startupProbe", {})
    if probe.get("enabled"):
        handler = container.readiness_probe.http_get if container.readiness_probe else None
        container = replace(
            container,
            startup_probe=Probe(
                http_get=handler,
                initial_delay_seconds=probe.get("initialDelaySeconds", 300),
                period_seconds=probe.get("periodSeconds", 60),
                failure_threshold=probe.get("failureThreshold", 50),
                timeout_seconds=probe.get("timeoutSeconds", 3),
            ),
        )
    return container


def _budgets(kept: Objects, budget: Mapping[str, Any]) -> tuple[KubeObject, ...]:
    found = kept.get("poddisruptionbudgets", ())
    workload = next(
        item
        for item in kept["statefulsets"]
        if isinstance(item, StatefulSet) and server_container(item.spec.template.spec)
    )
    if not budget.get("enabled"):
        return found
    spec = DisruptionBudgetSpec(
        max_unavailable=budget["spec"].get("maxUnavailable"),
        min_available=budget["spec"].get("minAvailable"),
        selector=LabelSelector(match_labels={"app": "weaviate"}),
    )
    own = ObjectMeta(workload.metadata.name, workload.metadata.namespace)
    others = [item for item in found if (item.metadata.name, item.metadata.namespace) != (own.name, own.namespace)]
    present = next((item for item in found if item not in others), None)
    if isinstance(present, PodDisruptionBudget):
        return (*others, replace(present, spec=spec))
    return (*others, PodDisruptionBudget(own, spec))


def pods_after(objects: Objects) -> dict[str, tuple[KubeObject, ...]]:
    """The pods rebuilt from the changed templates, with the nodes and states that they have."""
    kept = dict(objects)
    workloads = {
        (item.metadata.namespace, item.metadata.name): item
        for item in kept.get("statefulsets", ())
        if isinstance(item, StatefulSet)
    }
    pods = []
    for pod in kept.get("pods", ()):
        owner = workloads.get((pod.metadata.namespace, pod_owner(pod)[1])) if isinstance(pod, Pod) else None
        if owner is not None and isinstance(pod, Pod):
            own = [item for item in pod.spec.volumes if item.persistent_volume_claim]
            spec = replace(
                owner.spec.template.spec,
                node_name=pod.spec.node_name,
                volumes=(*owner.spec.template.spec.volumes, *own),
            )
            pod = replace(pod, spec=spec)
        pods.append(pod)
    return {**kept, "pods": tuple(pods)}


def _merged(below: Any, above: Any) -> Any:
    if isinstance(below, dict) and isinstance(above, Mapping):
        merged = {**below, **{key: _merged(below.get(key), value) for key, value in above.items()}}
        return {key: value for key, value in merged.items() if value is not None}
    return above


__all__ = ["KINDS", "apply_values", "pods_after"]
