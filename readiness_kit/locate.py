"""Finds the Weaviate workloads of a cluster by what they are made of, never by the name or a label alone.

Each sign in a pod template has points; a workload with `ACCEPTED` or more is taken for Weaviate, one with
`CANDIDATE` or more is listed for a person to confirm. Points and deny list: section 2.4 of the evidence map.
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
"""The kinds needed to find Weaviate."""

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
"""Two of these names in one container's env say Weaviate."""

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
"""Last segments of the repositories of inference modules and of the operator, which look like the server."""

_SEMVER = re.compile(r"^v?\d+\.\d+(\.\d+)?([-+.].*)?$")
_PROBE = re.compile(r"^/v1/\.well-known/(ready|live)$")


class Candidate(msgspec.Struct, frozen=True):
    """A workload that may be Weaviate: its points, the signs they are for, and the server's image as written."""

    target: Target
    score: int
    signals: tuple[str, ...]
    image: str
    accepted: bool


def split_image(image: str) -> tuple[str, str, str, str]:
    """(registry, repository, tag, digest) of an image reference, each "" where it is not written."""
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
    """All workloads with `CANDIDATE` points or more, best first, then by namespace and name.

    Pods count where neither a StatefulSet nor a Deployment (through its ReplicaSet) owns them: as one
    workload of their controller (KubeBlocks: InstanceSet), or each by itself.
    """
    found: dict[tuple[str, str, str], Candidate] = {}
    for kind, workloads in (("StatefulSet", statefulsets), ("Deployment", deployments)):
        for workload in workloads:
            template = workload.spec.template
            _keep(found, _candidate(kind, workload, template.spec, template.metadata.labels))
    for pod in pods:
        kind, name = pod_owner(pod)
        if kind not in ("StatefulSet", "ReplicaSet", "Job", "DaemonSet"):
            _keep(found, _candidate(kind, pod, pod.spec, pod.metadata.labels, name))
    return tuple(sorted(found.values(), key=lambda one: (-one.score, one.target.namespace, one.target.name)))


def pod_owner(pod: Pod) -> tuple[str, str]:
    """(kind, name) of the controller of a pod; the pod itself where it has none."""
    for owner in pod.metadata.owner_references:
        if owner.controller:
            return owner.kind, owner.name
    return "Pod", pod.metadata.name


def choose(candidates: Sequence[Candidate], wanted: str = "") -> Candidate:
    """The one workload to assess; WorkloadError where there is none, several, or not the one wanted.

    `wanted` is `namespace/name` and may also confirm a candidate that was not accepted by itself.
    """
    if wanted:
        for candidate in candidates:
            if wanted == f"{candidate.target.namespace}/{candidate.target.name}":
                return candidate
        raise WorkloadError(
            f"no Weaviate workload {wanted} was found; {_listed(candidates) or 'nothing that looks like Weaviate'}",
            _how(candidates) or "check the name and that its namespace may be read",
        )
    accepted = [candidate for candidate in candidates if candidate.accepted]
    if len(accepted) == 1:
        return accepted[0]
    if accepted:
        raise WorkloadError(
            f"{len(accepted)} Weaviate workloads were found and none is chosen: {_listed(accepted)}", _how(accepted)
        )
    if candidates:
        raise WorkloadError(
            f"nothing is surely Weaviate; what may be: {_listed(candidates)}",
            f"confirm the right one: {_how(candidates)}",
        )
    raise WorkloadError(
        "no Weaviate workload was found among the StatefulSets, Deployments and pods that could be read",
        "check the context and the namespaces, and that StatefulSets, Deployments and pods may be listed there",
    )


def server_container(template_spec: PodSpec) -> Container | None:
    """The Weaviate server among the containers of a pod template: the one with most signs, None without any."""
    scored = [(sum(_signs(container).values()), -place) for place, container in enumerate(template_spec.containers)]
    best = max(scored, default=(0, 0))
    return template_spec.containers[-best[1]] if best[0] else None


def _candidate(kind: str, obj: KubeObject, spec: PodSpec, labels: dict[str, str], name: str = "") -> Candidate | None:
    container = server_container(spec)
    if container is None:
        return None
    signs = _signs(container)
    if labels.get("app") == "weaviate" or labels.get("app.kubernetes.io/name") == "weaviate":
        signs["label"] = 2
    score = sum(signs.values())
    if score < CANDIDATE:
        return None
    target = Target(obj.metadata.namespace, name or obj.metadata.name, kind)
    return Candidate(target, score, tuple(signs), container.image, score >= ACCEPTED)


def _signs(container: Container) -> dict[str, int]:
    """The signs of one container and their points."""
    _, repository, tag, _ = split_image(container.image)
    last = repository.rpartition("/")[2]
    if any(fnmatchcase(last, pattern) for pattern in DENIED):
        return {}
    signs: dict[str, int] = {}
    if f"/{repository}".endswith("/semitechnologies/weaviate"):
        signs["image"] = 5
    elif last == "weaviate" and _SEMVER.match(tag):
        signs["mirrored image"] = 3
    if len({variable.name for variable in container.env} & FINGERPRINT) >= 2:
        signs["env"] = 4
    if _starts_weaviate(container):
        signs["command"] = 4
    probes: tuple[Any, ...] = (container.liveness_probe, container.readiness_probe, container.startup_probe)
    if any(probe and probe.http_get and _PROBE.match(probe.http_get.path) for probe in probes):
        signs["probe"] = 4
    if any(mount.mount_path.rstrip("/") == "/var/lib/weaviate" for mount in container.volume_mounts):
        signs["mount"] = 2
    return signs


def _starts_weaviate(container: Container) -> bool:
    words = " ".join((*container.command, *container.args)).replace("--config-file=", "--config-file ")
    return "/bin/weaviate" in words or "--config-file /weaviate-config/conf.yaml" in words


def _keep(found: dict[tuple[str, str, str], Candidate], candidate: Candidate | None) -> None:
    if candidate is None:
        return
    key = (candidate.target.kind, candidate.target.namespace, candidate.target.name)
    if key not in found or candidate.score > found[key].score:
        found[key] = candidate


def _listed(candidates: Sequence[Candidate]) -> str:
    return ", ".join(
        f"{one.target.kind} {one.target.namespace}/{one.target.name} ({one.score} points: {', '.join(one.signals)})"
        for one in candidates
    )


def _how(candidates: Sequence[Candidate]) -> str:
    choices = " or ".join(f"`--weaviate {one.target.namespace}/{one.target.name}`" for one in candidates)
    return f"choose with {choices}" if choices else ""


def workload_key(kind: str) -> str:
    """`StatefulSet` -> `statefulsets`: the list a workload came from; the pods, for a kind that is not listed."""
    return next((row.key for row in KINDS.values() if row.kind == kind), "pods")
