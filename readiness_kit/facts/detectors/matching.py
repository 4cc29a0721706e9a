"""The signs of one detector in a cluster, as facts: each says which object, which field and what was seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from readiness_kit.facts.detectors.relevance import nodes_of_weaviate, relevance_to_weaviate, schedules_on
from readiness_kit.facts.detectors.table import APIS, WORKLOAD_KEYS, Detector, OnNodes, OnWeaviate, Run
from readiness_kit.facts.kubernetes.images import Image
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.cluster import Node
from readiness_kit.kinds.pods import Container
from readiness_kit.kinds.workloads import DaemonSet, Deployment, StatefulSet
from readiness_kit.model import Observation, Ref

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

AnyWorkload = DaemonSet | Deployment | StatefulSet
NAME_LABELS = ("app.kubernetes.io/name", "k8s-app", "app")
CRDS = "customresourcedefinitions"
ANY = "*"
Sign = tuple[int, Observation]
"""Level and fact: 1 the API is known, 2 it runs, 3 it has to do with this Weaviate."""


class Index:
    """The workloads of the whole cluster by label value, object name and end of repository, made once."""

    def __init__(self, facts: ClusterFacts) -> None:
        self.facts = facts
        self._labels: dict[tuple[str, str], list[tuple[str, AnyWorkload]]] = {}
        self._called: dict[str, list[tuple[str, AnyWorkload]]] = {}
        self._images: dict[str, list[tuple[str, AnyWorkload]]] = {}
        for kind, key in WORKLOAD_KEYS.items():
            for one in facts.objects(key):
                self._add(kind, one)
        self.apis = frozenset(facts.snapshot.answer(APIS) or ())
        self.crds = frozenset(one.metadata.name for one in facts.objects(CRDS))

    def _add(self, kind: str, one: AnyWorkload) -> None:
        pair = (kind, one)
        for label in {**one.metadata.labels, **one.spec.template.metadata.labels}.items():
            self._labels.setdefault(label, []).append(pair)
        self._called.setdefault(one.metadata.name, []).append(pair)
        for container in one.spec.template.spec.containers:
            parts = Image.parse(container.image).repository.split("/")
            for start in range(len(parts)):
                self._images.setdefault("/".join(parts[start:]), []).append(pair)

    def workloads(self, run: Run) -> Iterator[tuple[str, AnyWorkload, str, str]]:
        """(kind, object, field, value) of each workload that has this sign, once each."""
        seen = set()
        for pair, field, value in self._candidates(run):
            kind, one = pair
            place = (kind, one.metadata.namespace, one.metadata.name)
            if place not in seen and kind in run.kinds and _has_all(one, run):
                seen.add(place)
                yield kind, one, field, value

    def _candidates(self, run: Run) -> Iterator[tuple[tuple[str, AnyWorkload], str, str]]:
        for name in run.images:
            for repository in _fitting(self._images, name):
                yield from ((pair, "image", repository) for pair in self._images[repository])
        for name in run.names:
            for label, value in self._fitting_labels(name):
                yield from ((pair, f"label {label}", value) for pair in self._labels[label, value])
        for name in run.called:
            yield from ((pair, "name", name) for pair in self._called.get(name, ()))
        if not (run.images or run.names or run.called):
            for item in run.labels.items():
                yield from ((pair, f"label {item[0]}", item[1]) for pair in self._labels.get(item, ()))

    def _fitting_labels(self, name: str) -> list[tuple[str, str]]:
        if name.startswith(ANY):
            return [one for one in self._labels if one[0] in NAME_LABELS and one[1].endswith(name[1:])]
        return [(label, name) for label in NAME_LABELS if (label, name) in self._labels]


def _fitting(index: Mapping[str, Any], name: str) -> list[str]:
    if name.endswith(ANY):
        return [one for one in index if one.startswith(name[:-1])]
    return [name] if name in index else []


def _has_all(one: AnyWorkload, run: Run) -> bool:
    labels = {**one.metadata.labels, **one.spec.template.metadata.labels}
    containers = one.spec.template.spec.containers
    return (
        all(labels.get(name) == value for name, value in run.labels.items())
        and all(_sets(containers, name, value) for name, value in run.env.items())
        and all(any(word in (*one.command, *one.args) for one in containers) for word in run.args)
        and not any(word in (*one.command, *one.args) for one in containers for word in run.lacks)
        and (not run.containers or any(container.name in run.containers for container in containers))
        and (not run.namespaces or one.metadata.namespace in run.namespaces)
    )


def _sets(containers: Iterable[Container], name: str, text: str) -> bool:
    """Whether a container has the literal variable with the text in it, case and blanks aside."""
    values = (one.value for container in containers for one in container.env if one.name == name)
    return any(text.lower() in value.lower().replace(" ", "") for value in values)


def ready(one: AnyWorkload) -> int:
    return one.status.number_ready if isinstance(one, DaemonSet) else one.status.ready_replicas


def signs(detector: Detector, index: Index) -> tuple[list[Sign], list[AnyWorkload]]:
    """All signs of a tool, strongest first, and the workloads among them; none where one of `all_of` is missing."""
    facts = index.facts
    ran = [found for run in detector.runs for found in index.workloads(run)]
    sorts: dict[str, list[Sign]] = {
        "runs": [_runs(facts, detector, *one) for one in ran],
        "nodes": list(_on_nodes(facts, detector.nodes)) if detector.nodes else [],
        "weaviate": list(_on_weaviate(facts, detector.weaviate)) if detector.weaviate else [],
    }
    if not all(sorts[one] for one in detector.all_of):
        return [], []
    found = [sign for signs_ in sorts.values() for sign in signs_]
    if detector.all_of:
        # Together they are as strong as the weakest of them, but that it runs is enough of a workload.
        weakest = min(max(level for level, _ in sorts[one]) + (one == "runs") for one in detector.all_of)
        found = [(min(level, weakest), fact) for level, fact in found]
    found += _drivers(facts, detector)
    for key in detector.objects:
        found += _objects(facts, key)
    found += _apis(detector, index)
    return sorted(found, key=lambda sign: -sign[0]), [one for _, one, _, _ in ran]


def _runs(facts: ClusterFacts, detector: Detector, kind: str, one: AnyWorkload, field: str, value: str) -> Sign:
    count = ready(one)
    ref = Ref(kind, one.metadata.name, one.metadata.namespace)
    seen = f"{value}, {count} ready" if count else f"{value}, none ready"
    level = 2 if count else 1
    ours = nodes_of_weaviate(facts) if detector.per_node and count and isinstance(one, DaemonSet) else ()
    if ours and isinstance(one, DaemonSet):
        reached = sum(schedules_on(one, node) for node in ours)
        seen += f", comes to {reached} of {len(ours)} nodes with Weaviate"
        level = 3 if reached == len(ours) and count >= one.status.desired_number_scheduled else 2
    return level, Observation(ref, field, seen, source=WORKLOAD_KEYS[kind])


def _on_nodes(facts: ClusterFacts, wanted: OnNodes) -> Iterator[Sign]:
    """One sign for all nodes that have it: about Weaviate where each of its nodes does."""
    ours = {node.metadata.name for node in nodes_of_weaviate(facts)}
    having = [(node, sign) for node in facts.objects("nodes") if (sign := _node_sign(node, wanted))]
    if not having:
        return
    names = {node.metadata.name for node, _ in having}
    node, (field, value) = next((one for one in having if one[0].metadata.name in ours), having[0])
    seen = f"{value}, on {len(names)} nodes, {len(names & ours)} of {len(ours)} with Weaviate"
    level = 3 if ours and ours <= names else 2
    yield level, Observation(Ref("Node", node.metadata.name), field, seen, source="nodes")


def _node_sign(node: Node, wanted: OnNodes) -> tuple[str, str] | None:
    for name, value in wanted.labels.items():
        if name in node.metadata.labels and value in (ANY, node.metadata.labels[name]):
            return f"label {name}", node.metadata.labels[name] or "present"
    if seen := sorted({one.type for one in node.status.conditions} & set(wanted.conditions)):
        return "status.conditions", ", ".join(seen)
    named = wanted.name and node.metadata.name.startswith(wanted.name)
    if named and node.spec.provider_id.startswith(wanted.provider):
        return "spec.providerID", node.spec.provider_id or node.metadata.name
    return None


def _on_weaviate(facts: ClusterFacts, wanted: OnWeaviate) -> Iterator[Sign]:
    weaviate = facts.weaviate
    pods = weaviate.pods
    for name in wanted.containers:
        having = [
            pod for pod in pods if any(name == one.name for one in (*pod.spec.containers, *pod.spec.init_containers))
        ]
        if having:
            ref = Ref("Pod", having[0].metadata.name, weaviate.namespace)
            seen = f"container {name} in {len(having)} of {len(pods)} pods"
            yield (3 if len(having) == len(pods) else 2), Observation(ref, "spec.containers", seen, source="pods")
    metadata = weaviate.object.metadata
    layers = [metadata.annotations, weaviate.pod_annotations, *(pod.metadata.annotations for pod in pods)]
    yield from _keys(weaviate.ref, "annotation", wanted.annotations, layers)
    labels = [metadata.labels, weaviate.pod_labels, *(pod.metadata.labels for pod in pods)]
    yield from _keys(weaviate.ref, "label", wanted.labels, labels)
    for volume in weaviate.spec.volumes:
        if volume.csi is not None and volume.csi.driver in wanted.csi:
            yield 3, Observation(weaviate.ref, f"volume {volume.name}", volume.csi.driver, source="statefulsets")
    for one in facts.objects("namespaces"):
        if one.metadata.name == weaviate.namespace:
            yield from _keys(Ref("Namespace", one.metadata.name), "label", wanted.namespace, [one.metadata.labels])


def _keys(ref: Ref, what: str, wanted: dict[str, str], layers: Iterable[Mapping[str, str]]) -> Iterator[Sign]:
    listed = list(layers)
    source = "namespaces" if ref.kind == "Namespace" else f"{ref.kind.lower()}s"
    for name, value in wanted.items():
        seen = next((layer[name] for layer in listed if name in layer and value in (ANY, layer[name])), None)
        if seen is not None:
            yield 3, Observation(ref, f"{what} {name}", seen or "present", source=source)


def _drivers(facts: ClusterFacts, detector: Detector) -> Iterator[Sign]:
    for one in facts.objects("csidrivers") if detector.csi_drivers else ():
        if one.metadata.name in detector.csi_drivers:
            yield 2, Observation(Ref("CSIDriver", one.metadata.name), "object", "registered", source="csidrivers")


def _objects(facts: ClusterFacts, key: str) -> Iterator[Sign]:
    """Each object that concerns Weaviate, and the rest of them as one sign."""
    rest = []
    for one in facts.objects(key):
        ref = Ref(KINDS[key].kind, one.metadata.name, one.metadata.namespace)
        if seen := relevance_to_weaviate(facts, key, one):
            yield 3, Observation(ref, KINDS[key].plural, seen, source=key)
        else:
            rest.append(ref)
    if rest:
        more = f" and {len(rest) - 1} more" if len(rest) > 1 else ""
        yield 1, Observation(rest[0], KINDS[key].plural, f"there{more}, not seen to concern Weaviate", source=key)


def _apis(detector: Detector, index: Index) -> Iterator[Sign]:
    for group in detector.api_groups:
        by_crd = next((name for name in sorted(index.crds) if name.endswith(f".{group}")), "")
        if group in index.apis:
            yield 1, Observation(Ref("APIGroup", group), "group", "served", source=APIS)
        elif by_crd:
            yield 1, Observation(Ref("CustomResourceDefinition", by_crd), "object", "installed", source=CRDS)
    for name in detector.crds:
        if name in index.crds:
            yield 1, Observation(Ref("CustomResourceDefinition", name), "object", "installed", source=CRDS)
