"""The indicators of a detector in a cluster, as observations of an object, a field and a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from readiness_kit.facts.detectors.relevance import nodes_of_weaviate, relevance_to_weaviate, schedules_on
from readiness_kit.facts.detectors.table import APIS, WORKLOAD_KEYS, Detector, OnNodes, OnWeaviate, Run
from readiness_kit.facts.kubernetes.images import Image
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.cluster import Node
from readiness_kit.kinds.pods import Container, Pod
from readiness_kit.kinds.workloads import DaemonSet, Deployment, StatefulSet
from readiness_kit.model import Observation, Ref

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

AnyWorkload = DaemonSet | Deployment | StatefulSet
NAME_LABELS = ("app.kubernetes.io/name", "k8s-app", "app")
CRDS = "customresourcedefinitions"
ANY = "*"
Indicator = tuple[int, Observation]
"""Level and observation: 1 the API is installed, 2 the tool runs, 3 it is related to this Weaviate."""


class Index:
    """The workloads of the cluster by label, by object name and by the end of the image repository."""

    def __init__(self, facts: ClusterFacts) -> None:
        self.facts = facts
        self._labels: dict[tuple[str, str], list[tuple[str, AnyWorkload]]] = {}
        self._called: dict[str, list[tuple[str, AnyWorkload]]] = {}
        self._images: dict[str, list[tuple[str, AnyWorkload]]] = {}
        for kind, key in WORKLOAD_KEYS.items():
            for workload in facts.objects(key):
                self._add(kind, workload)
        self.apis = frozenset(facts.snapshot.answer(APIS) or ())
        self.crds = frozenset(crd.metadata.name for crd in facts.objects(CRDS))

    def _add(self, kind: str, workload: AnyWorkload) -> None:
        pair = (kind, workload)
        for label in _labels(workload).items():
            self._labels.setdefault(label, []).append(pair)
        self._called.setdefault(workload.metadata.name, []).append(pair)
        for container in workload.spec.template.spec.containers:
            parts = Image.parse(container.image).repository.split("/")
            for start in range(len(parts)):
                self._images.setdefault("/".join(parts[start:]), []).append(pair)

    def workloads(self, run: Run) -> Iterator[tuple[str, AnyWorkload, str, str]]:
        """(kind, object, field, value) of each workload that matches, once each."""
        seen = set()
        for pair, field, value in self._candidates(run):
            kind, workload = pair
            key = (kind, workload.metadata.namespace, workload.metadata.name)
            if key not in seen and kind in run.kinds and _meets_all(workload, run):
                seen.add(key)
                yield kind, workload, field, value

    def _candidates(self, run: Run) -> Iterator[tuple[tuple[str, AnyWorkload], str, str]]:
        for name in run.images:
            for repository in _matching(self._images, name):
                yield from ((pair, "image", repository) for pair in self._images[repository])
        for name in run.names:
            for label, value in self._matching_labels(name):
                yield from ((pair, f"label {label}", value) for pair in self._labels[label, value])
        for name in run.called:
            yield from ((pair, "name", name) for pair in self._called.get(name, ()))
        if not (run.images or run.names or run.called):
            for item in run.labels.items():
                yield from ((pair, f"label {item[0]}", item[1]) for pair in self._labels.get(item, ()))

    def _matching_labels(self, name: str) -> list[tuple[str, str]]:
        if name.startswith(ANY):
            suffix = name.removeprefix(ANY)
            return [pair for pair in self._labels if pair[0] in NAME_LABELS and pair[1].endswith(suffix)]
        return [(label, name) for label in NAME_LABELS if (label, name) in self._labels]


def _matching(index: Mapping[str, Any], name: str) -> list[str]:
    if name.endswith(ANY):
        return [repository for repository in index if repository.startswith(name[:-1])]
    return [name] if name in index else []


def _labels(workload: AnyWorkload) -> dict[str, str]:
    return {**workload.metadata.labels, **workload.spec.template.metadata.labels}


def _meets_all(workload: AnyWorkload, run: Run) -> bool:
    labels = _labels(workload)
    containers = workload.spec.template.spec.containers
    arguments = {argument for container in containers for argument in (*container.command, *container.args)}
    return (
        all(labels.get(name) == value for name, value in run.labels.items())
        and all(_sets(containers, name, value) for name, value in run.env.items())
        and arguments.issuperset(run.args)
        and arguments.isdisjoint(run.lacks)
        and (not run.containers or any(container.name in run.containers for container in containers))
        and (not run.namespaces or workload.metadata.namespace in run.namespaces)
    )


def _sets(containers: Iterable[Container], name: str, text: str) -> bool:
    """Whether a container sets the variable to a literal with this text, ignoring case and spaces."""
    values = (variable.value for container in containers for variable in container.env if variable.name == name)
    return any(text.lower() in value.lower().replace(" ", "") for value in values)


def ready(workload: AnyWorkload) -> int:
    """Number of ready pods."""
    return workload.status.number_ready if isinstance(workload, DaemonSet) else workload.status.ready_replicas


def indicators(detector: Detector, index: Index) -> tuple[list[Indicator], list[AnyWorkload]]:
    """All indicators of a tool by descending level, and its workloads; empty where one of `all_of` is missing."""
    facts = index.facts
    running = [match for run in detector.runs for match in index.workloads(run)]
    by_type: dict[str, list[Indicator]] = {
        "runs": [_runs(facts, detector, *match) for match in running],
        "nodes": list(_on_nodes(facts, detector.nodes)) if detector.nodes else [],
        "weaviate": list(_on_weaviate(facts, detector.weaviate)) if detector.weaviate else [],
    }
    if not all(by_type[name] for name in detector.all_of):
        return [], []
    found = [indicator for matches in by_type.values() for indicator in matches]
    if detector.all_of:
        # Required together, indicators count as the weakest of them; a running workload counts one level more.
        weakest = min(max(level for level, _ in by_type[name]) + (name == "runs") for name in detector.all_of)
        found = [(min(level, weakest), fact) for level, fact in found]
    found += _drivers(facts, detector)
    for key in detector.objects:
        found += _objects(facts, key)
    found += _apis(detector, index)
    return sorted(found, key=lambda indicator: -indicator[0]), [workload for _, workload, _, _ in running]


def _runs(
    facts: ClusterFacts, detector: Detector, kind: str, workload: AnyWorkload, field: str, value: str
) -> Indicator:
    count = ready(workload)
    ref = Ref(kind, workload.metadata.name, workload.metadata.namespace)
    seen = f"{value}, {count} ready" if count else f"{value}, none ready"
    level = 2 if count else 1
    nodes = nodes_of_weaviate(facts) if detector.per_node and count else ()
    if nodes and isinstance(workload, DaemonSet):
        covered = sum(schedules_on(workload, node) for node in nodes)
        seen += f", runs on {covered} of {len(nodes)} nodes with Weaviate"
        level = 3 if covered == len(nodes) and count >= workload.status.desired_number_scheduled else 2
    return level, Observation(ref, field, seen, source=WORKLOAD_KEYS[kind])


def _on_nodes(facts: ClusterFacts, pattern: OnNodes) -> Iterator[Indicator]:
    """One indicator for all matching nodes, related to Weaviate where all of its nodes match."""
    weaviate_nodes = {node.metadata.name for node in nodes_of_weaviate(facts)}
    matching = [(node, match) for node in facts.objects("nodes") if (match := _node_match(node, pattern))]
    if not matching:
        return
    names = {node.metadata.name for node, _ in matching}
    node, (field, value) = next((pair for pair in matching if pair[0].metadata.name in weaviate_nodes), matching[0])
    seen = f"{value}, on {len(names)} nodes, {len(names & weaviate_nodes)} of {len(weaviate_nodes)} with Weaviate"
    level = 3 if weaviate_nodes and weaviate_nodes <= names else 2
    yield level, Observation(Ref("Node", node.metadata.name), field, seen, source="nodes")


def _node_match(node: Node, pattern: OnNodes) -> tuple[str, str] | None:
    for name, value in pattern.labels.items():
        if name in node.metadata.labels and value in (ANY, node.metadata.labels[name]):
            return f"label {name}", node.metadata.labels[name] or "present"
    if seen := sorted({condition.type for condition in node.status.conditions} & set(pattern.conditions)):
        return "status.conditions", ", ".join(seen)
    named = pattern.name and node.metadata.name.startswith(pattern.name)
    if named and node.spec.provider_id.startswith(pattern.provider):
        return "spec.providerID", node.spec.provider_id or node.metadata.name
    return None


def _on_weaviate(facts: ClusterFacts, pattern: OnWeaviate) -> Iterator[Indicator]:
    weaviate = facts.weaviate
    pods = weaviate.pods
    for name in pattern.containers:
        matching = [pod for pod in pods if name in _container_names(pod)]
        if matching:
            ref = Ref("Pod", matching[0].metadata.name, weaviate.namespace)
            seen = f"container {name} in {len(matching)} of {len(pods)} pods"
            yield (3 if len(matching) == len(pods) else 2), Observation(ref, "spec.containers", seen, source="pods")
    metadata = weaviate.object.metadata
    layers = [metadata.annotations, weaviate.pod_annotations, *(pod.metadata.annotations for pod in pods)]
    yield from _keys(weaviate.ref, "annotation", pattern.annotations, layers)
    labels = [metadata.labels, weaviate.pod_labels, *(pod.metadata.labels for pod in pods)]
    yield from _keys(weaviate.ref, "label", pattern.labels, labels)
    for volume in weaviate.spec.volumes:
        if volume.csi is not None and volume.csi.driver in pattern.csi:
            yield 3, Observation(weaviate.ref, f"volume {volume.name}", volume.csi.driver, source="statefulsets")
    for namespace in facts.objects("namespaces"):
        if namespace.metadata.name == weaviate.namespace:
            ref = Ref("Namespace", weaviate.namespace)
            yield from _keys(ref, "label", pattern.namespace, [namespace.metadata.labels])


def _container_names(pod: Pod) -> set[str]:
    return {container.name for container in (*pod.spec.containers, *pod.spec.init_containers)}


def _keys(ref: Ref, what: str, expected: dict[str, str], layers: Sequence[Mapping[str, str]]) -> Iterator[Indicator]:
    for name, value in expected.items():
        seen = next((layer[name] for layer in layers if name in layer and value in (ANY, layer[name])), None)
        if seen is not None:
            yield 3, Observation(ref, f"{what} {name}", seen or "present", source=f"{ref.kind.lower()}s")


def _drivers(facts: ClusterFacts, detector: Detector) -> Iterator[Indicator]:
    for driver in facts.objects("csidrivers") if detector.csi_drivers else ():
        if driver.metadata.name in detector.csi_drivers:
            yield 2, Observation(Ref("CSIDriver", driver.metadata.name), "object", "registered", source="csidrivers")


def _objects(facts: ClusterFacts, key: str) -> Iterator[Indicator]:
    """One indicator for each object that concerns Weaviate, and one for all others."""
    rest = []
    for obj in facts.objects(key):
        ref = Ref(KINDS[key].kind, obj.metadata.name, obj.metadata.namespace)
        if seen := relevance_to_weaviate(facts, key, obj):
            yield 3, Observation(ref, KINDS[key].plural, seen, source=key)
        else:
            rest.append(ref)
    if rest:
        more = f" and {len(rest) - 1} more" if len(rest) > 1 else ""
        yield 1, Observation(rest[0], KINDS[key].plural, f"present{more}, no relation to Weaviate found", source=key)


def _apis(detector: Detector, index: Index) -> Iterator[Indicator]:
    for group in detector.api_groups:
        by_crd = next((name for name in sorted(index.crds) if name.endswith(f".{group}")), "")
        if group in index.apis:
            yield 1, Observation(Ref("APIGroup", group), "group", "served", source=APIS)
        elif by_crd:
            yield 1, Observation(Ref("CustomResourceDefinition", by_crd), "object", "installed", source=CRDS)
    for name in detector.crds:
        if name in index.crds:
            yield 1, Observation(Ref("CustomResourceDefinition", name), "object", "installed", source=CRDS)
