"""Whether Weaviate runs properly now, from its pods, the status of its workload, and events.

A configuration that the server refuses, fewer ready pods than desired for ten minutes, CrashLoopBackOff, an image that
cannot be pulled and a pod that cannot be scheduled block. Past restarts, OOM kills and replaced pods are only shown.
Where the pods were not read, or objects have no status as in rendered manifests, it is not known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

from readiness_kit.facts.weaviate import startup
from readiness_kit.kinds.pods import ContainerStatus, Pod
from readiness_kit.kinds.workloads import Deployment, StatefulSet, WorkloadStatus
from readiness_kit.labels import REASON_WORDS, count
from readiness_kit.locate import workload_key
from readiness_kit.model import Observation, Reason, Ref, RunningState

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

TOLERATED = timedelta(minutes=10)
"""How long fewer pods than desired may be ready, as during an update."""
REPLACED_AFTER, REPLACED_WITHIN = timedelta(hours=1), timedelta(days=7)
MAX_NAMES = 5
IMAGE_REASONS = {
    "ErrImagePull": "cannot be pulled",
    "ImagePullBackOff": "cannot be pulled",
    "ErrImageNeverPull": "is not on the node, and its pull policy is Never",
    "InvalidImageName": "has an invalid name",
    "ImageInspectError": "cannot be inspected",
    "RegistryUnavailable": "cannot be pulled: the registry is not available",
    "SignatureValidationFailed": "has no valid signature",
}
CREATE_REASONS = {
    "CreateContainerConfigError": "a Secret, ConfigMap or key that it refers to is missing",
    "CreateContainerError": "the container cannot be created",
    "RunContainerError": "the container cannot be started",
}
SCHEDULER_WORDS = {
    "unbound immediate PersistentVolumeClaims": "its PersistentVolumeClaim is not bound",
    "didn't find available persistent volumes to bind": "no PersistentVolume fits its claim",
    "persistentvolumeclaim not found": "its PersistentVolumeClaim does not exist",
    "volume node affinity conflict": "its volume is in a zone or on a node that cannot take the pod",
    "exceed max volume count": "the nodes have no room for another volume",
    "Insufficient memory": "not enough free memory",
    "Insufficient cpu": "not enough free CPU",
    "Insufficient ephemeral-storage": "not enough free ephemeral storage",
    "Too many pods": "the nodes are full (maximum number of pods)",
    "untolerated taint": "taints that the pod does not tolerate",
    "didn't match Pod's node affinity/selector": "its node selector or node affinity",
    "didn't match pod affinity rules": "its pod affinity",
    "didn't match pod anti-affinity rules": "its pod anti-affinity",
    "didn't satisfy existing pods anti-affinity rules": "the anti-affinity of other pods",
    "didn't match pod topology spread constraints": "its topology spread constraints",
    "didn't have free ports": "host ports that are in use",
    "were unschedulable": "cordoned nodes",
    "no nodes available": "there is no node",
}
"""Phrase of the scheduler (`kinds.allowed`) -> the same in words."""
EVENT_WORDS = {
    "Unhealthy": "its probes fail",
    "FailedMount": "a volume cannot be mounted",
    "FailedAttachVolume": "a volume cannot be attached",
    "FailedCreatePodSandBox": "its network cannot be set up",
    "NetworkNotReady": "the network of the node is not ready",
    "FailedScheduling": "it cannot be scheduled",
    "ProvisioningFailed": "its volume cannot be provisioned",
}

Weight = Literal["blocks", "shown"]


class Problem(msgspec.Struct, frozen=True):
    """One thing about one pod. Problems of several pods with the same `text` become one sentence."""

    weight: Weight
    pod: str
    text: str
    field: str
    seen: str
    expected: str


def running(facts: ClusterFacts) -> RunningState:
    """The state of the workload at the time of the snapshot."""
    refused = startup.refusals(facts.weaviate)
    blocking = [startup.sentence(refused)] if refused else []
    key = workload_key(facts.weaviate.kind)
    lines = [
        Observation(facts.weaviate.ref, item.field, item.seen, "a configuration that starts", False, key)
        for item in refused
    ]
    if not has_status(facts):
        reason = facts.missing("pods") or Reason.NOT_COLLECTED
        shown = () if facts.from_manifests else (_not_known(facts, reason),)
        return RunningState(tuple(blocking), shown, tuple(lines), reason)
    problems = [problem for pod in facts.weaviate.pods for problem in _of_pod(facts, pod)]
    ready_block, ready_shown, ready_lines = _readiness(facts)
    blocking += [*ready_block, *_sentences(problem for problem in problems if problem.weight == "blocks")]
    notes = [*ready_shown, *_sentences(problem for problem in problems if problem.weight == "shown")]
    lines += [*ready_lines, *(_line(facts, problem) for problem in problems)]
    unread = facts.missing("pods")
    notes += [_not_known(facts, unread)] if unread else []
    return RunningState(tuple(blocking), tuple(notes), tuple(lines), unread)


def _not_known(facts: ClusterFacts, reason: Reason) -> str:
    """Why the state of the pods is not known, with the number that the workload reports as ready."""
    if facts.missing("pods") is None:
        return "The objects have no status, so they do not show whether the pods are ready."
    text = f"The pods could not be read in full ({REASON_WORDS[reason]}): crashes and restarts are not known."
    status, weaviate = _status(facts), facts.weaviate
    if status == WorkloadStatus():
        return text
    return f"{text} The {weaviate.kind} reports {status.ready_replicas} of {weaviate.replicas} ready."


def has_status(facts: ClusterFacts) -> bool:
    """Whether the workload or one of its pods reports a status; its controller writes one at once."""
    pods = any(pod.status.phase or pod.status.conditions for pod in facts.weaviate.pods)
    return pods or _status(facts) != WorkloadStatus()


def _status(facts: ClusterFacts) -> WorkloadStatus:
    workload = facts.weaviate.object
    return workload.status if isinstance(workload, StatefulSet | Deployment) else WorkloadStatus()


# --- ready pods -----------------------------------------------------------------------------------


def is_ready(pod: Pod) -> bool:
    """Running, ready and not being deleted."""
    ready = any(condition.type == "Ready" and condition.status == "True" for condition in pod.status.conditions)
    return ready and pod.status.phase in ("Running", "") and pod.metadata.deletion_timestamp is None


def _readiness(facts: ClusterFacts) -> tuple[list[str], list[str], list[Observation]]:
    """(sentences that block, sentences that are shown, lines) on the number of ready pods."""
    weaviate, status = facts.weaviate, _status(facts)
    desired, source = weaviate.replicas, workload_key(weaviate.kind)
    if desired == 0:
        line = Observation(weaviate.ref, "spec.replicas", "0", "1 or more", False, source)
        return ["Weaviate is scaled to zero replicas: no pod runs."], [], [line]
    if facts.missing("pods") is not None:
        ready = status.ready_replicas
    else:
        ready, source = sum(map(is_ready, weaviate.pods)), "pods"
        if not weaviate.pods and facts.snapshot.manifest.source != "cluster":
            ready, source = status.ready_replicas, workload_key(weaviate.kind)
    if ready >= desired:
        return [], [], []
    line = Observation(weaviate.ref, "ready pods", str(ready), str(desired), False, source)
    since = _not_ready_for(facts, desired)
    duration = "" if since is None else f", for {_minutes(since)}"
    sentence = f"{ready} of {desired} pods {'is' if ready == 1 else 'are'} ready{duration}."
    short = since is not None and since < TOLERATED
    return ([], [sentence], [line]) if short else ([sentence], [], [line])


def _not_ready_for(facts: ClusterFacts, desired: int) -> timedelta | None:
    """How long fewer pods than desired have been ready; None where that is not known.

    A pod that is not there at all counts from now on while an update replaces the pods.
    """
    pods = facts.weaviate.pods
    spans = []
    for pod in pods:
        if is_ready(pod):
            continue
        since = _changed(pod, "Ready") or pod.metadata.creation_timestamp
        if since is None:
            return None
        spans.append(max(facts.as_of - since, timedelta()))
    status = _status(facts)
    updating = status.update_revision != status.current_revision or status.updated_replicas < desired
    if len(pods) < desired and not (spans and max(spans) >= TOLERATED):
        return timedelta() if pods and updating and status.update_revision else None
    return max(spans, default=None)


def _changed(pod: Pod, kind: str) -> datetime | None:
    return next((item.last_transition_time for item in pod.status.conditions if item.type == kind), None)


# --- one pod --------------------------------------------------------------------------------------


def _of_pod(facts: ClusterFacts, pod: Pod) -> Iterator[Problem]:
    statuses = (*pod.status.init_container_statuses, *pod.status.container_statuses)
    for status in statuses:
        yield from _waiting(pod, status)
        yield from _past(facts, pod, status)
    yield from _scheduling(pod)
    yield from _phase(facts, pod, any(status.state.waiting for status in statuses))
    yield from _replaced(facts, pod)


def _waiting(pod: Pod, status: ContainerStatus) -> Iterator[Problem]:
    reason = status.state.waiting.reason if status.state.waiting else ""
    field, name = f"{status.name}, state.waiting.reason", pod.metadata.name
    if reason == "CrashLoopBackOff":
        last = status.last_state.terminated
        ended = f", the last one with exit code {last.exit_code} ({last.reason or 'no reason'})" if last else ""
        text = f"the container {status.name} is in CrashLoopBackOff: {count(status.restart_count, 'restart')}{ended}"
        yield Problem("blocks", name, text, field, reason, "running")
    elif reason in IMAGE_REASONS:
        image = next(
            (item.image for item in (*pod.spec.init_containers, *pod.spec.containers) if item.name == status.name),
            status.image,
        )
        text = f"the image {image} {IMAGE_REASONS[reason]} ({reason})"
        yield Problem("blocks", name, text, field, reason, "running")
    elif reason in CREATE_REASONS:
        yield Problem("shown", name, f"{CREATE_REASONS[reason]} ({reason})", field, reason, "running")


def _past(facts: ClusterFacts, pod: Pod, status: ContainerStatus) -> Iterator[Problem]:
    """Restarts, and the OOM kill of the present or the last run."""
    name, waiting = pod.metadata.name, status.state.waiting
    ended = status.state.terminated or status.last_state.terminated
    if ended is not None and ended.reason == "OOMKilled":
        on = f" on {_day(ended.finished_at)}" if ended.finished_at else ""
        text = f"the container {status.name} ran out of memory (OOM-killed{on})"
        yield Problem("shown", name, text, f"{status.name}, terminated.reason", "OOMKilled", "no OOM kill")
    elif status.restart_count and not (waiting and waiting.reason == "CrashLoopBackOff"):
        last = f", the last time with exit code {ended.exit_code}" if ended else ""
        on = f" on {_day(ended.finished_at)}" if ended and ended.finished_at else ""
        text = f"the container {status.name} restarted {count(status.restart_count, 'time')}{last}{on}"
        yield Problem("shown", name, text, f"{status.name}, restartCount", str(status.restart_count), "0")


def _scheduling(pod: Pod) -> Iterator[Problem]:
    for condition in pod.status.conditions:
        if condition.type != "PodScheduled" or condition.status != "False":
            continue
        reasons = [words for phrase, words in SCHEDULER_WORDS.items() if phrase in condition.message]
        because = f": {', '.join(reasons)}" if reasons else ""
        field = "status.conditions PodScheduled"
        if condition.reason == "SchedulingGated":
            text = "it waits for a scheduling gate to be removed"
            yield Problem("shown", pod.metadata.name, text, field, condition.reason, "True")
        else:
            text, seen = f"it cannot be scheduled{because}", condition.reason or "False"
            yield Problem("blocks", pod.metadata.name, text, field, seen, "True")


def _phase(facts: ClusterFacts, pod: Pod, waits: bool) -> Iterator[Problem]:
    """What a pod that is not ready is doing, and what its events report."""
    name, status = pod.metadata.name, pod.status
    if status.phase == "Succeeded":
        yield Problem(
            "shown", name, "it has ended (Completed) and serves nothing", "status.phase", "Succeeded", "Running"
        )
    elif status.phase == "Failed":
        text = "it was evicted from its node" if status.reason == "Evicted" else "it has failed"
        seen = f"Failed ({status.reason})" if status.reason else "Failed"
        yield Problem("shown", name, text, "status.phase", seen, "Running")
    elif pod.metadata.deletion_timestamp is not None:
        yield Problem("shown", name, "it is being deleted", "metadata.deletionTimestamp", "set", "not set")
    elif status.phase == "Unknown":
        yield Problem("shown", name, "its node does not answer", "status.phase", "Unknown", "Running")
    elif status.phase in ("Pending", "Running") and not is_ready(pod):
        yield from _not_ready(facts, pod, waits)


def _not_ready(facts: ClusterFacts, pod: Pod, waits: bool) -> Iterator[Problem]:
    name, phase = pod.metadata.name, pod.status.phase
    events = _events(facts, pod)
    for reason, number in events.items():
        text = f"{EVENT_WORDS[reason]} ({count(number, 'event')} {reason})"
        yield Problem("shown", name, text, f"events {reason}", str(number), "none")
    if phase == "Pending":
        yield Problem("shown", name, "it is Pending", "status.phase", phase, "Running")
    elif not waits and not events:
        yield Problem("shown", name, "it runs but is not ready", "status.conditions Ready", "False", "True")


def _events(facts: ClusterFacts, pod: Pod) -> dict[str, int]:
    """Reason of the pod's events -> number of times, for those that explain why it is not ready."""
    found: dict[str, int] = defaultdict(int)
    for event in facts.objects("events"):
        about = event.involved_object
        same = (about.kind, about.name, about.namespace) == ("Pod", pod.metadata.name, pod.metadata.namespace)
        if same and event.reason in EVENT_WORDS:
            found[event.reason] += max(event.count, 1)
    return dict(sorted(found.items()))


def _replaced(facts: ClusterFacts, pod: Pod) -> Iterator[Problem]:
    """A pod that is much younger than the oldest of its siblings with the same template."""
    created = pod.metadata.creation_timestamp
    revision = pod.metadata.labels.get("controller-revision-hash")
    siblings = [
        item.metadata.creation_timestamp
        for item in facts.weaviate.pods
        if item.metadata.creation_timestamp and item.metadata.labels.get("controller-revision-hash") == revision
    ]
    if created is None or not siblings or facts.as_of - created > REPLACED_WITHIN:
        return
    if created - min(siblings) > REPLACED_AFTER:
        text = f"it was replaced on {_day(created)}"
        yield Problem("shown", pod.metadata.name, text, "metadata.creationTimestamp", f"{created:%Y-%m-%d %H:%M}", "")


# --- words ----------------------------------------------------------------------------------------


def _sentences(problems: Iterable[Problem]) -> list[str]:
    """One sentence for all pods with the same problem."""
    pods: dict[str, list[str]] = defaultdict(list)
    for problem in problems:
        pods[problem.text].append(problem.pod)
    return [f"{_listed(names)}: {text}." for text, names in pods.items()]


def _listed(names: list[str]) -> str:
    unique = list(dict.fromkeys(names))
    more = f" and {len(unique) - MAX_NAMES} more" if len(unique) > MAX_NAMES else ""
    return ", ".join(unique[:MAX_NAMES]) + more


def _line(facts: ClusterFacts, problem: Problem) -> Observation:
    ref = Ref("Pod", problem.pod, facts.weaviate.namespace)
    ok = False if problem.weight == "blocks" else None
    return Observation(ref, problem.field, problem.seen, problem.expected, ok, "pods")


def _day(time: datetime) -> str:
    return f"{time.day} {time:%B %Y}"


def _minutes(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return count(minutes, "minute") if minutes < 120 else count(minutes // 60, "hour")
