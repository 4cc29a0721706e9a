"""The frames of `ClusterFacts`, one function each: one row an object, cores and bytes as floats (NaN where not set).

Frames always have all columns, also when empty; `facts.missing(key)` tells whether a kind could be read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from readiness_kit.facts.kubernetes import topology
from readiness_kit.facts.kubernetes.pod_requests import actual
from readiness_kit.facts.kubernetes.quantities import quantity_of
from readiness_kit.facts.weaviate import exposure
from readiness_kit.kinds.network import Service
from readiness_kit.kinds.pods import ContainerStatus, Pod
from readiness_kit.kinds.storage import PersistentVolume, StorageClass
from readiness_kit.locate import pod_owner

if TYPE_CHECKING:
    from readiness_kit.facts import ClusterFacts

INSTANCE_TYPES = ("node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type")


class _Columns:
    """Rows collected by column. `spec` names the columns with their types: `name:type`, by default `object`."""

    def __init__(self, spec: str) -> None:
        columns = (column.partition(":") for column in spec.split())
        self._types = {name: dtype or "object" for name, _, dtype in columns}
        self._lists: list[list[Any]] = [[] for _ in self._types]

    def add(self, *values: Any) -> None:
        for column, value in zip(self._lists, values, strict=True):
            column.append(value)

    def frame(self) -> pd.DataFrame:
        columns = zip(self._types.items(), self._lists, strict=True)
        return pd.DataFrame({name: pd.Series(values, dtype=dtype) for (name, dtype), values in columns})


def nodes(facts: ClusterFacts) -> pd.DataFrame:
    """One row a node.

    name; zone, region, instance_type (None without a label); ready; schedulable (not cordoned);
    candidate: can take a Weaviate pod; cpu (cores) and memory (bytes), both allocatable; kubelet (version).
    """
    rows = _Columns(
        "name zone region instance_type ready:bool schedulable:bool candidate:bool cpu:float64 memory:float64 kubelet"
    )
    candidates = {node.metadata.name for node in facts.candidate_nodes}
    for node in facts.objects("nodes"):
        labels = node.metadata.labels
        rows.add(
            node.metadata.name,
            topology.zone_of_node(node),
            topology.region_of_node(node),
            next((labels[key] for key in INSTANCE_TYPES if key in labels), None),
            topology.is_ready(node),
            not node.spec.unschedulable,
            node.metadata.name in candidates,
            quantity_of(node.status.allocatable, "cpu"),
            quantity_of(node.status.allocatable, "memory"),
            node.status.node_info.kubelet_version,
        )
    return rows.frame()


def pods(facts: ClusterFacts) -> pd.DataFrame:
    """One row a pod.

    Columns: namespace, name; node ("" where not scheduled); zone of the node, for Weaviate's pods else of a
    volume (None where unknown); phase; ready; qos; owner_kind, owner (the pod itself where it has none); weaviate.
    """
    rows = _Columns("namespace name node zone phase ready:bool qos owner_kind owner weaviate:bool")
    zones = {node.metadata.name: topology.zone_of_node(node) for node in facts.objects("nodes")}
    weaviate_pods = _weaviate_pods(facts)
    own_zones = topology.pod_zones(facts)
    for pod in facts.objects("pods"):
        namespace, name = pod.metadata.namespace, pod.metadata.name
        weaviate = (namespace, name) in weaviate_pods
        kind, owner = pod_owner(pod)
        rows.add(
            namespace,
            name,
            pod.spec.node_name,
            own_zones[name] if weaviate else zones.get(pod.spec.node_name),
            pod.status.phase,
            is_ready(pod),
            pod.status.qos_class,
            kind,
            owner,
            weaviate,
        )
    return rows.frame()


def containers(facts: ClusterFacts) -> pd.DataFrame:
    """One row a container, init containers included.

    Columns: namespace, pod, container; init; node; image; cpu_request,
    cpu_limit (cores), memory_request, memory_limit (bytes); ready; restarts; last_reason of a termination ("" for
    none); qos of the pod; weaviate.
    """
    rows = _Columns(
        "namespace pod container init:bool node image cpu_request:float64 cpu_limit:float64 "
        "memory_request:float64 memory_limit:float64 ready:bool restarts:int64 last_reason qos weaviate:bool"
    )
    weaviate_pods = _weaviate_pods(facts)
    for pod in facts.objects("pods"):
        namespace, name = pod.metadata.namespace, pod.metadata.name
        weaviate = (namespace, name) in weaviate_pods
        groups = (
            (True, pod.spec.init_containers, pod.status.init_container_statuses),
            (False, pod.spec.containers, pod.status.container_statuses),
        )
        for init, listed, statuses in groups:
            by_name = {status.name: status for status in statuses}
            for container in listed:
                status = by_name.get(container.name)
                resources = actual(container, statuses)
                requests, limits = resources.requests, resources.limits
                if pod.spec.resources is not None and not init:  # shared by the containers without their own
                    requests = {**pod.spec.resources.requests, **requests}
                    limits = {**pod.spec.resources.limits, **limits}
                rows.add(
                    namespace,
                    name,
                    container.name,
                    init,
                    pod.spec.node_name,
                    container.image,
                    quantity_of(requests, "cpu"),
                    quantity_of(limits, "cpu"),
                    quantity_of(requests, "memory"),
                    quantity_of(limits, "memory"),
                    status.ready if status else False,
                    status.restart_count if status else 0,
                    _last_reason(status),
                    pod.status.qos_class,
                    weaviate,
                )
    return rows.frame()


def usage(facts: ClusterFacts) -> pd.DataFrame:
    """The rows of `containers` without init containers, with the used cpu (cores) and memory (bytes).

    One sample of the metrics API; NaN where it has none. Its memory is the working set, which includes pages of mapped
    files and therefore does not measure the need of Weaviate.
    """
    rows = _Columns("namespace pod container cpu:float64 memory:float64")
    for metrics in facts.objects("podmetrics"):
        for container in metrics.containers:
            rows.add(
                metrics.metadata.namespace,
                metrics.metadata.name,
                container.name,
                quantity_of(container.usage, "cpu"),
                quantity_of(container.usage, "memory"),
            )
    measured = rows.frame().drop_duplicates(["namespace", "pod", "container"])
    frame = facts.containers
    running = frame[~frame["init"]].reset_index(drop=True)
    return running.merge(measured, how="left", on=["namespace", "pod", "container"])


def node_usage(facts: ClusterFacts) -> pd.DataFrame:
    """The rows of `nodes` with cpu_used (cores) and memory_used (bytes), one sample; NaN where there is none."""
    rows = _Columns("name cpu_used:float64 memory_used:float64")
    for metrics in facts.objects("nodemetrics"):
        rows.add(metrics.metadata.name, quantity_of(metrics.usage, "cpu"), quantity_of(metrics.usage, "memory"))
    return facts.nodes.merge(rows.frame().drop_duplicates("name"), how="left", on="name")


def volumes(facts: ClusterFacts) -> pd.DataFrame:
    """One row a claim.

    Columns: namespace, claim; pod that mounts it ("" for none); storage_class (of the volume, otherwise of the
    claim; "" static, None the default); capacity, requested (bytes); phase; provisioner (CSI driver of the volume, or
    of the class); zone (None if not zonal); reclaim; expandable (None where the class is unknown); weaviate.

    A bound volume takes precedence, because a class can be changed or deleted after binding.
    """
    rows = _Columns(
        "namespace claim pod storage_class capacity:float64 requested:float64 phase provisioner zone reclaim "
        "expandable weaviate:bool"
    )
    bound = {volume.metadata.name: volume for volume in facts.objects("persistentvolumes")}
    classes = {storage_class.metadata.name: storage_class for storage_class in facts.objects("storageclasses")}
    mounted = _mounts(facts)
    weaviate_claims = {claim.metadata.name for claim in facts.weaviate.claims}
    for claim in facts.objects("persistentvolumeclaims"):
        namespace, name = claim.metadata.namespace, claim.metadata.name
        volume: PersistentVolume | None = bound.get(claim.spec.volume_name)
        class_name = volume.spec.storage_class_name if volume else claim.spec.storage_class_name
        chosen: StorageClass | None = classes.get(class_name or "")
        rows.add(
            namespace,
            name,
            mounted.get((namespace, name), ""),
            class_name,
            quantity_of(claim.status.capacity or (volume.spec.capacity if volume else {}), "storage"),
            quantity_of(claim.spec.resources.requests, "storage"),
            claim.status.phase,
            _provisioner(volume, chosen),
            topology.zone_of_volume(volume) if volume else None,
            volume.spec.persistent_volume_reclaim_policy if volume else chosen.reclaim_policy if chosen else "",
            chosen.allow_volume_expansion if chosen else None,
            namespace == facts.weaviate.namespace and name in weaviate_claims,
        )
    return rows.frame()


def services(facts: ClusterFacts) -> pd.DataFrame:
    """One row a Service.

    Columns: namespace, name; type; headless; ports (`80/TCP`, comma-separated); selects_weaviate: selects
    Weaviate's pods; external: reachable from outside the cluster by its type or an external IP.
    """
    rows = _Columns("namespace name type headless:bool ports selects_weaviate:bool external:bool")
    weaviate = facts.weaviate
    for service in facts.objects("services"):
        if service.metadata.namespace != weaviate.namespace:
            continue
        spec = service.spec
        rows.add(
            service.metadata.namespace,
            service.metadata.name,
            spec.type,
            spec.cluster_ip == "None",
            ", ".join(f"{port.port}/{port.protocol}" for port in spec.ports),
            exposure.leads_to_weaviate(facts, service),
            is_external(service),
        )
    return rows.frame()


def shard_replicas(facts: ClusterFacts) -> pd.DataFrame:
    """One row a replica of a shard.

    Columns: collection, shard; weaviate_node, pod, node ("" where unknown), zone (None where
    unknown); objects, loaded, status, queue, compressed; replicas (listed), factor (desired, 0 where unknown).
    """
    rows = _Columns(
        "collection shard weaviate_node pod node zone objects:int64 loaded:bool status queue:int64 "
        "compressed:bool replicas:int64 factor:int64"
    )
    for shard in facts.shards:
        for replica in shard.replicas:
            rows.add(
                replica.collection,
                replica.shard,
                replica.place.weaviate_node,
                replica.place.pod,
                replica.place.node,
                replica.place.zone,
                replica.objects,
                replica.loaded,
                replica.status,
                replica.queue,
                replica.compressed,
                len(shard.replicas),
                replica.factor,
            )
    return rows.frame()


def is_external(service: Service) -> bool:
    """Whether a Service is a LoadBalancer or NodePort, or has an external IP; internal load balancers included."""
    return service.spec.type in ("LoadBalancer", "NodePort") or bool(service.spec.external_ips)


def is_ready(pod: Pod) -> bool:
    """Whether the condition Ready of a pod is True."""
    return any(condition.type == "Ready" and condition.status == "True" for condition in pod.status.conditions)


def _weaviate_pods(facts: ClusterFacts) -> set[tuple[str, str]]:
    return {(pod.metadata.namespace, pod.metadata.name) for pod in facts.weaviate.pods}


def _last_reason(status: ContainerStatus | None) -> str:
    """The reason of the last termination, of the previous state if there is one, otherwise of the current state."""
    if status is None:
        return ""
    ended = status.last_state.terminated or status.state.terminated
    return ended.reason if ended else ""


def _mounts(facts: ClusterFacts) -> dict[tuple[str, str], str]:
    """(namespace, claim) -> the first pod that mounts it."""
    found: dict[tuple[str, str], str] = {}
    for pod in facts.objects("pods"):
        for volume in pod.spec.volumes:
            if volume.persistent_volume_claim:
                key = (pod.metadata.namespace, volume.persistent_volume_claim.claim_name)
                found.setdefault(key, pod.metadata.name)
    return found


def _provisioner(volume: PersistentVolume | None, chosen: StorageClass | None) -> str:
    if volume is not None and volume.spec.csi is not None:
        return volume.spec.csi.driver
    return chosen.provisioner if chosen else ""
