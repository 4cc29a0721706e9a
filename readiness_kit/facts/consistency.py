"""Do the answers belong together: Weaviate's and Prometheus' with the cluster, and the clocks with each other.

An address can lead to another cluster (a port-forward of yesterday, a shared Prometheus). Answers that do not fit the
cluster count as not read, with the reason `error`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from readiness_kit.kinds import KINDS
from readiness_kit.kinds.pods import Pod
from readiness_kit.kinds.versions import Version
from readiness_kit.locate import server_container, split_image, workload_of
from readiness_kit.model import Read, Reason, Target
from readiness_kit.snapshot import Snapshot

MAX_SKEW = timedelta(minutes=5)
_SHOWN = 5
_OFFICIAL = "semitechnologies/weaviate"
_NODE_NAME = "CLUSTER_HOSTNAME"


class Mismatch(msgspec.Struct, frozen=True):
    """Answers of a source (the first part of its keys) that do not fit the cluster, in a sentence."""

    source: str
    sentence: str


def consistent(snapshot: Snapshot, target: Target) -> tuple[Snapshot, tuple[Mismatch, ...]]:
    """The snapshot without the answers that do not fit the workload, and what does not fit."""
    found = tuple(filter(None, (_weaviate(snapshot, target), _prometheus(snapshot, target))))
    for mismatch in found:
        snapshot = _without(snapshot, mismatch)
    return snapshot, found


def _without(snapshot: Snapshot, mismatch: Mismatch) -> Snapshot:
    def unread(read: Read) -> Read:
        if not read.key.startswith(f"{mismatch.source}/") or read.reason not in (None, Reason.ABSENT):
            return read
        return msgspec.structs.replace(read, reason=Reason.ERROR, message=mismatch.sentence, partial=False)

    manifest = msgspec.structs.replace(snapshot.manifest, reads=tuple(map(unread, snapshot.manifest.reads)))
    answers = {key: answer for key, answer in snapshot.answers.items() if not key.startswith(f"{mismatch.source}/")}
    return msgspec.structs.replace(snapshot, manifest=manifest, answers=answers)


def _pods(snapshot: Snapshot, target: Target) -> dict[str, Pod]:
    return {
        pod.metadata.name: pod
        for pod in snapshot.objects("pods")
        if pod.metadata.namespace == target.namespace
        and (target.kind, target.name) in (workload_of(pod), ("Pod", pod.metadata.name))
    }


# --- Weaviate -------------------------------------------------------------------------------------


def _weaviate(snapshot: Snapshot, target: Target) -> Mismatch | None:
    pods = _pods(snapshot, target)
    if problem := _nodes_problem(snapshot, target, pods) or _version_problem(snapshot, pods):
        return Mismatch(
            "weaviate", f"Weaviate's answers seem to come from another cluster: {problem}. Check its address."
        )
    return None


def _nodes_problem(snapshot: Snapshot, target: Target, pods: Mapping[str, Pod]) -> str:
    """Nodes that answer as healthy members and are none of the pods; a node is named after its pod by default."""
    live = snapshot.answer("weaviate/nodes") or snapshot.answer("weaviate/nodes_verbose")
    if (
        live is None
        or not pods
        or snapshot.missing("pods") is not None
        or not all(map(_named_after_pod, pods.values()))
    ):
        return ""
    names = {node.name for node in live.nodes if node.status == "HEALTHY"}
    if not (strange := sorted(names - pods.keys() - _desired(snapshot, target))):
        return ""
    return f"it names the nodes {_listed(strange)}, which are none of the {len(pods)} pods"


def _desired(snapshot: Snapshot, target: Target) -> set[str]:
    """The names of the pods that a StatefulSet should have: one may just be missing while Weaviate still lists it."""
    for item in snapshot.objects("statefulsets"):
        if (target.kind, target.namespace, target.name) == ("StatefulSet", item.metadata.namespace, item.metadata.name):
            start = item.spec.ordinals.start if item.spec.ordinals else 0
            return {f"{target.name}-{start + ordinal}" for ordinal in range(item.spec.replicas)}
    return set()


def _named_after_pod(pod: Pod) -> bool:
    """Whether the node has the name of its pod: by CLUSTER_HOSTNAME from metadata.name, or the host's name."""
    container = server_container(pod.spec)
    if container is None or container.env_from:
        return False
    for variable in container.env:
        if variable.name == _NODE_NAME:
            field = variable.value_from.field_ref if variable.value_from else None
            return field is not None and field.field_path == "metadata.name"
    return not pod.spec.host_network


def _version_problem(snapshot: Snapshot, pods: Mapping[str, Pod]) -> str:
    """A server of another version than every pod of an official image, whose tag is the version."""
    meta = snapshot.answer("weaviate/meta")
    answered = Version.parse(meta.version) if meta else None
    containers = [server_container(pod.spec) for pod in pods.values()]
    images = [split_image(container.image) for container in containers if container]
    if answered is None or not images or not all(f"/{image[1]}".endswith(f"/{_OFFICIAL}") for image in images):
        return ""
    running = [image[2] for image in images]
    if any((parsed := Version.parse(tag)) is None or _fits(answered, parsed, tag) for tag in running):
        return ""
    return f"it answers as version {answered}, the pods run {_listed(sorted(set(running)))}"


def _fits(answered: Version, parsed: Version, tag: str) -> bool:
    """Whether a version is that of a tag; `1.38` is any patch of it."""
    if tag.count(".") < 2:
        return (answered.major, answered.minor) == (parsed.major, parsed.minor)
    return answered == parsed


# --- Prometheus -----------------------------------------------------------------------------------


def _prometheus(snapshot: Snapshot, target: Target) -> Mismatch | None:
    labels, pods = snapshot.answer("prometheus/labels"), _pods(snapshot, target)
    if labels is None or not labels.placed or not pods or snapshot.missing("pods") is not None:
        return None
    shared = [(name, node) for name, node in labels.placed if name in pods]
    compared = [(node, pods[name].spec.node_name) for name, node in shared if node and pods[name].spec.node_name]
    own = {(name, pod.metadata.uid) for name, pod in pods.items() if pod.metadata.uid}
    by_uid = {name for name, _ in own} & {name for name, _ in labels.uids}
    if by_uid and own & set(labels.uids):
        return None
    if by_uid:
        problem = f"its series know {_listed(sorted(by_uid))} by other uids than the pods have"
    elif not shared:
        problem = f"its series name the pods {_listed(sorted({name for name, _ in labels.placed}))}"
    elif compared and not any(seen == real for seen, real in compared):
        problem = f"its series have the pods on {_listed(sorted({node for node, _ in compared}))}"
        problem += f", they run on {_listed(sorted({node for _, node in compared}))}"
    else:
        return None
    return Mismatch(
        "prometheus",
        f"The answers of Prometheus seem to come from another cluster: {problem}. Check its address, or choose the"
        " cluster with --prometheus-selector.",
    )


def same_cluster(one: Snapshot, other: Snapshot) -> bool:
    """Whether two snapshots are of one cluster: by the age of its kube-system, otherwise by the kubeconfig context."""
    created = [_created(snapshot) for snapshot in (one, other)]
    if None not in created:
        return created[0] == created[1]
    contexts = {snapshot.manifest.context for snapshot in (one, other)} - {""}
    return len(contexts) < 2


def _created(snapshot: Snapshot) -> datetime | None:
    """When the cluster was created: kube-system is made once, with the cluster."""
    names = (item.metadata for item in snapshot.objects("namespaces") if item.metadata.name == "kube-system")
    return next((metadata.creation_timestamp for metadata in names), None)


# --- clocks ---------------------------------------------------------------------------------------


def clock_skew(snapshot: Snapshot) -> timedelta:
    """How far the cluster's clock is ahead of the snapshot's time; zero up to five minutes.

    By the `Date` header of the API server; without it by the newest time in an object, which cannot lie ahead.
    """
    manifest = snapshot.manifest
    skew = timedelta(seconds=manifest.clock_skew)
    if not skew:
        newest = newest_time(snapshot) or manifest.taken_at
        skew = max(newest - manifest.taken_at, timedelta())
    return skew if abs(skew) > MAX_SKEW else timedelta()


def clock_sentence(skew: timedelta) -> str:
    """The skew in a sentence; "" for none."""
    if not skew:
        return ""
    minutes = abs(skew) // timedelta(minutes=1)
    size = f"{minutes} minutes" if minutes < 180 else f"{minutes // 60} hours"
    size = size if minutes < 72 * 60 else f"{minutes // 1440} days"
    way = "behind" if skew > timedelta() else "ahead of"
    return (
        f"The clock of the machine that collected is {size} {way} the cluster's: ages cannot be judged. Correct the"
        " clock and collect again."
    )


def newest_time(snapshot: Snapshot) -> datetime | None:
    """The newest time in an object, None without any."""
    return max(_times(snapshot), default=None)


def _times(snapshot: Snapshot) -> Iterable[datetime]:
    for key in KINDS:
        for item in snapshot.objects(key):
            if item.metadata.creation_timestamp is not None:
                yield item.metadata.creation_timestamp
    for lease in snapshot.objects("leases"):
        if lease.spec.renew_time is not None:
            yield lease.spec.renew_time


def _listed(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
