"""The answers of Kubernetes' own code, case by case: `tests/data/vectors` and, where it is present, the full set.

Each file is JSON Lines of {"input", "expected"}; the full set lies outside the repository and is optional.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from readiness_kit.facts.kubernetes import disruption, network_policies, pod_standards, scheduling, selectors
from readiness_kit.facts.kubernetes.images import Image
from readiness_kit.facts.kubernetes.pod_requests import requested
from readiness_kit.facts.kubernetes.quantities import quantity
from readiness_kit.facts.kubernetes.rbac_rules import ResourceRequest, allows_path, allows_resource
from readiness_kit.facts.kubernetes.services import backends
from readiness_kit.kinds.access import PolicyRule
from readiness_kit.kinds.cluster import Namespace, Node
from readiness_kit.kinds.meta import LabelSelector
from readiness_kit.kinds.network import NetworkPolicy, PodDisruptionBudget, Service
from readiness_kit.kinds.pods import Pod
from readiness_kit.kinds.workloads import StatefulSet

ROOT = Path(__file__).resolve().parents[3]
CURATED = ROOT / "tests" / "data" / "vectors"
WHOLE = ROOT.parent / "shared" / "vectors"

Object = dict[str, Any]


def label_selectors(given: Object) -> Object:
    selector = msgspec.convert(given["selector"], LabelSelector | None)
    return {"matches": selectors.matches(selector, given["labels"] or {})}


def services(given: Object) -> Object:
    service = msgspec.convert(given["service"], Service)
    return {"pods": [pod.metadata.name for pod in backends(service, pods_of(given))]}


def pod_disruption_budget_selection(given: Object) -> Object:
    budget = msgspec.convert(given["podDisruptionBudget"], PodDisruptionBudget)
    return {"pods": [pod.metadata.name for pod in disruption.selected_pods(budget, pods_of(given))]}


def pod_disruption_budget_arithmetic(given: Object) -> Object:
    budget = msgspec.convert(given["podDisruptionBudget"], PodDisruptionBudget)
    found = disruption.disruptions(budget, given["replicas"], given["pods"], given["healthyPods"])
    return {
        "disruptionsAllowed": found.allowed,
        "desiredHealthy": found.desired_healthy,
        "currentHealthy": found.current_healthy,
        "expectedPods": found.expected,
    }


def stateful_set_max_unavailable(given: Object) -> Object:
    return {"podsAtOnce": disruption.pods_at_once(msgspec.convert(given["statefulSet"], StatefulSet).spec)}


def pod_security_standards(given: Object) -> Object:
    pod = msgspec.convert(given["pod"], Pod)
    return {
        level: {"allowed": not failing, "failing": sorted(failing)}
        for level in ("baseline", "restricted")
        for failing in [pod_standards.failing(pod.spec, pod.metadata, level=level)]
    }


def pod_requests(given: Object) -> Object:
    spec = msgspec.convert(given["pod"], Pod).spec
    return {name: pytest.approx(requested(spec, name), rel=1e-9, abs=1e-9) for name in ("cpu", "memory")}


def scheduled(given: Object) -> Object:
    situation = scheduling.Situation(
        tuple(msgspec.convert(node, Node) for node in given["nodes"]),
        tuple(pods_of(given)),
        {
            namespace.metadata.name: namespace.metadata.labels
            for namespace in msgspec.convert(given.get("namespaces", []), list[Namespace])
        },
    )
    found = scheduling.refusals(msgspec.convert(given["pod"], Pod), situation)
    return {
        "feasible": [name for name, reasons in found.items() if not reasons],
        "refused": {name: list(reasons) for name, reasons in found.items() if reasons},
    }


def rbac_rules(given: Object) -> Object:
    rules = msgspec.convert(given["rules"], list[PolicyRule])
    request = given["request"]
    if "nonResourceAttributes" in request:
        return {"allowed": allows_path(rules, **request["nonResourceAttributes"])}
    return {"allowed": allows_resource(rules, msgspec.convert(request["resourceAttributes"], ResourceRequest))}


def connections(given: Object) -> Object:
    spaces = {
        namespace.metadata.name: namespace.metadata.labels
        for namespace in msgspec.convert(given["namespaces"], list[Namespace])
    }
    ends = [
        msgspec.convert(given[f"{end}Pod"], Pod) if f"{end}Pod" in given else given[f"{end}IP"]
        for end in ("source", "destination")
    ]
    port = network_policies.Port(given["port"], given["protocol"])
    policies = msgspec.convert(given["policies"], list[NetworkPolicy])
    found = network_policies.connection(policies, spaces, *ends, port)
    return {"egress": found.egress, "ingress": found.ingress, "allowed": found.allowed}


def quantities(given: Object) -> Object:
    return {"value": pytest.approx(quantity(given["quantity"]), rel=1e-12)}


def image_references(given: Object) -> Object:
    image = Image.parse(given["image"])
    if not image.valid:
        return {"valid": False}
    return {
        "valid": True,
        "registry": image.registry,
        "repository": image.repository,
        "tag": image.tag,
        "digest": image.digest,
    }


def pods_of(given: Object) -> list[Pod]:
    return msgspec.convert(given.get("pods", []), list[Pod])


ANSWERS: dict[str, Callable[[Object], Object]] = {
    "image_references": image_references,
    "label_selectors": label_selectors,
    "network_policies": connections,
    "node_affinity": scheduled,
    "pod_disruption_budget_arithmetic": pod_disruption_budget_arithmetic,
    "pod_disruption_budget_selection": pod_disruption_budget_selection,
    "pod_requests": pod_requests,
    "pod_security_standards": pod_security_standards,
    "quantities": quantities,
    "rbac_rules": rbac_rules,
    "scheduling": scheduled,
    "services": services,
    "stateful_set_max_unavailable": stateful_set_max_unavailable,
    "taints_and_tolerations": scheduled,
}
NOT_COMPUTED = {"canonical"}
"""The kit compares quantities and never prints them in the form of the API."""


def disagreements(folder: Path, name: str) -> list[str]:
    found = []
    lines = (folder / f"{name}.jsonl").read_text("utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        case = json.loads(line)
        expected = {key: value for key, value in case["expected"].items() if key not in NOT_COMPUTED}
        answer = ANSWERS[name](case["input"])
        if answer != expected:
            found.append(f"{name}:{number}: {json.dumps(case['input'])}\n  Kubernetes: {expected}\n  kit: {answer}")
    assert lines
    return found


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_the_kit_agrees_with_kubernetes_on_the_curated_cases(name: str) -> None:
    assert disagreements(CURATED, name) == []


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_the_kit_agrees_with_kubernetes_on_every_recorded_case(name: str) -> None:
    if not WHOLE.is_dir():
        pytest.skip("the full set of recorded answers of Kubernetes is not beside the checkout")
    assert disagreements(WHOLE, name) == []


def test_every_curated_file_is_asked() -> None:
    assert {path.stem for path in CURATED.glob("*.jsonl")} == ANSWERS.keys()
