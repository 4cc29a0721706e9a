"""The pods of a StatefulSet after the rollout of a changed template.

What a snapshot cannot tell of the pods to come stays as it is, or is left out, so that evidence judges it as unknown:

- A replaced pod keeps its node, its claims, and its status: whether it starts, and whether a container still runs out
  of memory, is known only once it runs. Of the status, only the image follows the template, without its digest.
- A pod of a further replica has neither a node nor a status.
- Events, metrics, endpoints and claims are those of the snapshot.
"""

from __future__ import annotations

import re

import msgspec

from readiness_kit.fixes.merging import Objects, followed, plain
from readiness_kit.kinds.meta import KubeObject, OwnerReference, PodMeta
from readiness_kit.kinds.pods import (
    ClaimRef,
    ContainerStatus,
    Pod,
    PodSpec,
    PodStatus,
    PodTemplate,
    Toleration,
    Volume,
)
from readiness_kit.kinds.workloads import StatefulSet
from readiness_kit.locate import pod_owner

REVISION = "controller-revision-hash"
_ORDINAL = re.compile(r"-(\d+)$")
_IMMUTABLE = ("serviceName", "podManagementPolicy", "selector", "volumeClaimTemplates")


def pods_after(before: Objects, after: Objects, *, namespace: str, name: str) -> Objects:
    """`after` with the pods as the rollout from one state of the StatefulSet to the other leaves them.

    Pods are replaced where the template changed, except by the strategy OnDelete and below the partition of a rolling
    update, which wait for a person. Missing replicas are added without a node, superfluous ones removed from the
    highest ordinal on. Where the StatefulSet is not in both states, or pods were not read, nothing changes.
    """
    old, new = (_stateful_set(objects, namespace, name) for objects in (before, after))
    if old is None or new is None or "pods" not in after:
        return after
    pods, present = [], set()
    for pod in after["pods"]:
        ordinal = _ordinal(pod, new)
        if ordinal is None or not isinstance(pod, Pod):
            pods.append(pod)
        elif ordinal in _ordinals(new):
            present.add(ordinal)
            pods.append(_replaced(pod, old, new) if _is_replaced(ordinal, old, new) else pod)
    missing = [ordinal for ordinal in _ordinals(new) if ordinal not in (*_ordinals(old), *present)]
    return {**after, "pods": (*pods, *(_created(new, ordinal) for ordinal in missing))}


def immutable_changes(before: Objects, after: Objects, *, namespace: str, name: str) -> tuple[str, ...]:
    """The changed fields of a StatefulSet that the API server refuses to change; it has to be deleted and recreated.

    Such a change leaves the running pods and their claims as they are.
    """
    old, new = (_stateful_set(objects, namespace, name) for objects in (before, after))
    if old is None or new is None:
        return ()
    was, is_now = plain(old.spec), plain(new.spec)
    return tuple(field for field in _IMMUTABLE if was.get(field) != is_now.get(field))


def _stateful_set(objects: Objects, namespace: str, name: str) -> StatefulSet | None:
    for found in objects.get("statefulsets", ()):
        if isinstance(found, StatefulSet) and (found.metadata.namespace, found.metadata.name) == (namespace, name):
            return found
    return None


def _ordinals(owner: StatefulSet) -> range:
    first = owner.spec.ordinals.start
    return range(first, first + owner.spec.replicas)


def _ordinal(pod: KubeObject, owner: StatefulSet) -> int | None:
    """The ordinal of a pod; None where the StatefulSet does not own it."""
    named = _ORDINAL.search(pod.metadata.name)
    ours = isinstance(pod, Pod) and pod_owner(pod) == ("StatefulSet", owner.metadata.name)
    return int(named[1]) if named and ours and pod.metadata.namespace == owner.metadata.namespace else None


def _is_replaced(ordinal: int, old: StatefulSet, new: StatefulSet) -> bool:
    strategy = new.spec.update_strategy
    partition = strategy.rolling_update.partition if strategy.rolling_update else 0
    return (
        old.spec.template != new.spec.template
        and strategy.type != "OnDelete"
        and ordinal - new.spec.ordinals.start >= partition
    )


def _replaced(pod: Pod, old: StatefulSet, new: StatefulSet) -> Pod:
    """The pod with the changes of the template; what was added to it at admission (sidecars, defaults) stays."""
    was, is_now = old.spec.template, new.spec.template
    if _is_outdated(pod, old):
        was = PodTemplate()  # its own template is not known, so that every field of the new one counts as changed
    spec = msgspec.structs.replace(
        followed(pod.spec, was.spec, is_now.spec), tolerations=_tolerations(pod.spec, was.spec, is_now.spec)
    )
    metadata = followed(pod.metadata, was.metadata, is_now.metadata)
    replaced = msgspec.structs.replace(pod, metadata=metadata, spec=spec)
    return msgspec.structs.replace(replaced, status=_status(pod, replaced))


def _tolerations(pod: PodSpec, was: PodSpec, is_now: PodSpec) -> tuple[Toleration, ...]:
    """Those of the template, followed by those that admission added to the pod."""
    new = is_now.tolerations
    return (*new, *(found for found in pod.tolerations if found not in was.tolerations and found not in new))


def _status(before: Pod, after: Pod) -> PodStatus:
    """The status with the images of the template; the digest of a changed image is not known."""
    old = {container.name: container.image for container in (*before.spec.containers, *before.spec.init_containers)}
    new = {container.name: container.image for container in (*after.spec.containers, *after.spec.init_containers)}

    def follow(statuses: tuple[ContainerStatus, ...]) -> tuple[ContainerStatus, ...]:
        return tuple(
            msgspec.structs.replace(status, image=new[status.name], image_id="")
            if new.get(status.name, old.get(status.name)) != old.get(status.name)
            else status
            for status in statuses
            if status.name in new
        )

    status = before.status
    return msgspec.structs.replace(
        status,
        container_statuses=follow(status.container_statuses),
        init_container_statuses=follow(status.init_container_statuses),
    )


def _is_outdated(pod: Pod, owner: StatefulSet) -> bool:
    revision = owner.status.update_revision
    return bool(revision) and pod.metadata.labels.get(REVISION, revision) != revision


def _created(owner: StatefulSet, ordinal: int) -> Pod:
    """A pod as the controller creates it, before it is scheduled."""
    name, template = f"{owner.metadata.name}-{ordinal}", owner.spec.template
    own = {"statefulset.kubernetes.io/pod-name": name, "apps.kubernetes.io/pod-index": f"{ordinal}"}
    if revision := owner.status.update_revision:
        own[REVISION] = revision
    metadata = PodMeta(
        name,
        owner.metadata.namespace,
        labels={**template.metadata.labels, **own},
        annotations=template.metadata.annotations,
        owner_references=(OwnerReference("StatefulSet", owner.metadata.name, controller=True),),
    )
    claims = tuple(
        Volume(claim.metadata.name, persistent_volume_claim=ClaimRef(f"{claim.metadata.name}-{name}"))
        for claim in owner.spec.volume_claim_templates
    )
    return Pod(metadata, msgspec.structs.replace(template.spec, volumes=(*template.spec.volumes, *claims)))
