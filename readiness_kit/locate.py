"""Find the Weaviate workloads of a cluster by their pod templates, never by a name or a label alone.

Each indicator in a pod template has points. A workload with `ACCEPTED` points or more is taken for Weaviate; one with
`CANDIDATE` points or more is listed for a person to confirm.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from readiness_kit.errors import WorkloadError
from readiness_kit.kinds import KINDS
from readiness_kit.kinds.meta import KubeObject
from readiness_kit.kinds.pods import Container, Pod, PodSpec
from readiness_kit.kinds.workloads import Deployment, StatefulSet
from readiness_kit.model import Target

WORKLOAD_READS = ("statefulsets", "deployments", "pods")
"""The kinds that are needed to find Weaviate."""

ACCEPTED = 6
CANDIDATE = 3

FINGERPRINT = frozenset(
    {
        "PERSISTENCE_DATA_PATH",
        "CLUSTER_JOIN",
        "RAFT_JOIN",
        "RAFT_BOOTSTRAP_EXPECT",
        "CLUSTER_HOSTNAME",
        "CLUSTER_GOSSIP_BIND_PORT",
        "DEFAULT_VECTORIZER_MODULE",
        "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED",
    }
)
"""Two of these variables in one container indicate Weaviate."""

DENIED = (
    "transformers-inference",
    "contextionary",
    "multi2vec-*",
    "img2vec-*",
    "qna-*",
    "ner-*",
    "sum-*",
    "reranker-*",
    "text-spellcheck-model",
    "gpt4all-inference",
    "model2vec-inference",
    "weaviate-operator",
)
"""Last segments of the image repositories of inference modules and of the operator, which resemble the server."""

_SEMVER = re.compile(r"^v?\d+\.\d+(\.\d+)?([-+.].*)?$")
_PROBE = re.compile(r"^/v1/\.well-known/(ready|live)$")


class Candidate(msgspec.Struct, frozen=True):
    """A workload that may be Weaviate: its points, the indicators behind them, and the server's image reference."""

    target: Target
    score: int
    signals: tuple[str, ...]
    image: str
    accepted: bool


def split_image(image: str) -> tuple[str, str, str, str]:
    """(registry, repository, tag, digest) of an image reference, each "" where it is absent."""
    rest, _, digest = image.partition("@")
    head, slash, tail = rest.partition("/")
    named = "." in head or ":" in head or head == "localhost" or head != head.lower()
    registry = head if slash and named else ""
    path = tail if registry else rest
    folder, slash, last = path.rpartition("/")
    name, _, tag = last.partition(":")
    return registry, f"{folder}{slash}{name}", tag, digest


def find(
    statefulsets: Iterable[StatefulSet], deployments: Iterable[Deployment], pods: Iterable[Pod]
) -> tuple[Candidate, ...]:
    """All workloads with `CANDIDATE` points or more, by descending points, then by namespace and name.

    Pods of a controller that is not among them (a `kubectl cluster-info dump` has no StatefulSets; an InstanceSet of
    KubeBlocks) count as one workload of it, pods without a controller individually.
    """
    statefulsets, deployments = tuple(statefulsets), tuple(deployments)
    listed = {("StatefulSet", item.metadata.namespace, item.metadata.name) for item in statefulsets}
    listed |= {("Deployment", item.metadata.namespace, item.metadata.name) for item in deployments}
    found: dict[tuple[str, str, str], Candidate] = {}
    for kind, workloads in (("StatefulSet", statefulsets), ("Deployment", deployments)):
        for workload in workloads:
            template = workload.spec.template
            _keep(found, _candidate(kind, workload, template.spec, template.metadata.labels))
    for pod in pods:
        kind, name = workload_of(pod)
        if kind not in ("Job", "DaemonSet") and (kind, pod.metadata.namespace, name) not in listed:
            _keep(found, _candidate(kind, pod, pod.spec, pod.metadata.labels, name))
    return tuple(
        sorted(
            found.values(), key=lambda candidate: (-candidate.score, candidate.target.namespace, candidate.target.name)
        )
    )


def pod_owner(pod: Pod) -> tuple[str, str]:
    """(kind, name) of the controller of a pod, or of the pod where it has none."""
    for owner in pod.metadata.owner_references:
        if owner.controller:
            return owner.kind, owner.name
    return "Pod", pod.metadata.name


def workload_of(pod: Pod) -> tuple[str, str]:
    """As `pod_owner`, with the Deployment in place of its ReplicaSet, whose name adds a hash without a hyphen."""
    kind, name = pod_owner(pod)
    return ("Deployment", name.rpartition("-")[0]) if kind == "ReplicaSet" and "-" in name else (kind, name)


def choose(candidates: Sequence[Candidate], chosen: str = "") -> Candidate:
    """The workload to assess. `chosen` also confirms a candidate that was not accepted.

    `chosen` is `namespace/name`, or `namespace/kind/name` where workloads of two kinds have one name. Raises
    WorkloadError where there is no workload, more than one, or none under the chosen name.
    """
    if chosen:
        named = [candidate for candidate in candidates if _is_called(candidate.target, chosen)]
        if len(named) > 1:
            raise WorkloadError(f"{len(named)} workloads are called {chosen}: {_listed(named)}", _how(named))
        if named:
            return named[0]
        raise WorkloadError(
            f"no Weaviate workload {chosen} was found; "
            f"{_listed(candidates) or 'no other workload looks like Weaviate'}",
            _how(candidates) or "check the name and the permission to read its namespace",
        )
    accepted = [candidate for candidate in candidates if candidate.accepted]
    if len(accepted) == 1:
        return accepted[0]
    if accepted:
        raise WorkloadError(
            f"{len(accepted)} Weaviate workloads were found and none is selected: {_listed(accepted)}", _how(accepted)
        )
    if candidates:
        raise WorkloadError(
            f"no workload was identified with certainty as Weaviate; candidates: {_listed(candidates)}",
            f"confirm the correct one: {_how(candidates)}",
        )
    raise WorkloadError(
        "no Weaviate workload was found among the StatefulSets, Deployments and pods that could be read",
        "check the context, the namespaces, and the permission to list StatefulSets, Deployments and pods there",
    )


def server_container(template_spec: PodSpec) -> Container | None:
    """The container of the Weaviate server: the one with most points; None where no container has any."""
    scored = [(sum(_points(container).values()), -index) for index, container in enumerate(template_spec.containers)]
    best = max(scored, default=(0, 0))
    return template_spec.containers[-best[1]] if best[0] else None


def _candidate(kind: str, obj: KubeObject, spec: PodSpec, labels: dict[str, str], name: str = "") -> Candidate | None:
    container = server_container(spec)
    if container is None:
        return None
    points = _points(container)
    if labels.get("app") == "weaviate" or labels.get("app.kubernetes.io/name") == "weaviate":
        points["label"] = 2
    score = sum(points.values())
    if score < CANDIDATE:
        return None
    target = Target(obj.metadata.namespace, name or obj.metadata.name, kind)
    return Candidate(target, score, tuple(points), container.image, score >= ACCEPTED)


def _points(container: Container) -> dict[str, int]:
    """Indicator -> points of one container."""
    _, repository, tag, _ = split_image(container.image)
    last = repository.rpartition("/")[2]
    if any(fnmatchcase(last, pattern) for pattern in DENIED):
        return {}
    points: dict[str, int] = {}
    if f"/{repository}".endswith("/semitechnologies/weaviate"):
        points["image"] = 5
    elif last == "weaviate" and _SEMVER.match(tag):
        points["mirrored image"] = 3
    if len({variable.name for variable in container.env} & FINGERPRINT) >= 2:
        points["env"] = 4
    if _starts_weaviate(container):
        points["command"] = 4
    probes: tuple[Any, ...] = (container.liveness_probe, container.readiness_probe, container.startup_probe)
    if any(probe and probe.http_get and _PROBE.match(probe.http_get.path) for probe in probes):
        points["probe"] = 4
    if any(mount.mount_path.rstrip("/") == "/var/lib/weaviate" for mount in container.volume_mounts):
        points["mount"] = 2
    return points


def _starts_weaviate(container: Container) -> bool:
    command = " ".join((*container.command, *container.args)).replace("--config-file=", "--config-file ")
    return "/bin/weaviate" in command or "--config-file /weaviate-config/conf.yaml" in command


def _keep(found: dict[tuple[str, str, str], Candidate], candidate: Candidate | None) -> None:
    if candidate is None:
        return
    key = (candidate.target.kind, candidate.target.namespace, candidate.target.name)
    if key not in found or candidate.score > found[key].score:
        found[key] = candidate


_KINDS = {"sts": "statefulset", "deploy": "deployment", "po": "pod"}
"""Short names of kubectl."""


def _is_called(target: Target, chosen: str) -> bool:
    namespace, *kind, name = chosen.split("/") if chosen.count("/") in (1, 2) else ("", "")
    if (namespace, name) != (target.namespace, target.name):
        return False
    own = target.kind.lower()
    return not kind or _KINDS.get(kind[0].lower(), kind[0].lower()) in (own, f"{own}s")


def _listed(candidates: Sequence[Candidate]) -> str:
    return ", ".join(
        f"{candidate.target.kind} {candidate.target.namespace}/{candidate.target.name}"
        f" ({candidate.score} points: {', '.join(candidate.signals)})"
        for candidate in candidates
    )


def _how(candidates: Sequence[Candidate]) -> str:
    names = [(candidate.target.namespace, candidate.target.name) for candidate in candidates]
    choices = []
    for candidate in candidates:
        target = candidate.target
        kind = f"{target.kind}/" if names.count((target.namespace, target.name)) > 1 else ""
        choices.append(f"`--weaviate {target.namespace}/{kind}{target.name}`")
    return f"select with {' or '.join(choices)}" if choices else ""


def workload_key(kind: str) -> str:
    """The key of the list that holds a kind (`StatefulSet` -> `statefulsets`); pods for kinds that are not read."""
    return next((row.key for row in KINDS.values() if row.kind == kind), "pods")
