"""The Kubernetes kinds that are read: one row each, with the API path and the Struct that says what is kept.

To read a further kind: one Struct in this package, one row in the table below. Nothing is collected because
it stands here; the `reads` of the evidence functions (and `collect.workload_reads`) decide that.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from readiness_kit.kinds import access, cluster, metrics, network, pods, storage, workloads
from readiness_kit.kinds.meta import KubeObject

Breadth = Literal["cluster", "weaviate", "kube-system"]
"""How far a list of a namespaced kind reaches: all namespaces, those with Weaviate in them, or kube-system."""


class Kind(msgspec.Struct, frozen=True):
    """One kind: `key` is its name in the kit, `group` "" for the core group.

    `installable` kinds come with a CRD: where the API does not know them, there are known to be none. `versions`
    are others, in order of preference, in which the fields that are kept are the same.
    """

    key: str
    group: str
    version: str
    plural: str
    kind: str
    struct: type[KubeObject]
    namespaced: bool = True
    breadth: Breadth = "cluster"
    installable: bool = False
    versions: tuple[str, ...] = ()

    @property
    def api(self) -> str:
        """`v1` or `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "") -> str:
        """The API path of the list, of all namespaces where none is given."""
        base = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        return f"{base}/namespaces/{namespace}/{self.plural}" if namespace else f"{base}/{self.plural}"


def _kind(
    key: str,
    api: str,
    kind: str,
    struct: type[KubeObject],
    *,
    plural: str = "",
    namespaced: bool = True,
    breadth: Breadth = "cluster",
    installable: bool = False,
) -> Kind:
    group, _, version = api.rpartition("/")
    return Kind(key, group, version, plural or key, kind, struct, namespaced, breadth, installable)


_RBAC = "rbac.authorization.k8s.io/v1"
_ADMISSION = "admissionregistration.k8s.io/v1"
_PROMETHEUS = "monitoring.coreos.com/v1"
_SNAPSHOT = "snapshot.storage.k8s.io/v1"

_ROWS = (
    _kind("nodes", "v1", "Node", cluster.Node, namespaced=False),
    _kind("namespaces", "v1", "Namespace", cluster.Namespace, namespaced=False),
    _kind("pods", "v1", "Pod", pods.Pod, breadth="weaviate"),
    _kind("services", "v1", "Service", network.Service, breadth="weaviate"),
    _kind("configmaps", "v1", "ConfigMap", cluster.ConfigMap, breadth="weaviate"),
    _kind("serviceaccounts", "v1", "ServiceAccount", cluster.ServiceAccount, breadth="weaviate"),
    _kind("persistentvolumeclaims", "v1", "PersistentVolumeClaim", storage.PersistentVolumeClaim, breadth="weaviate"),
    _kind("persistentvolumes", "v1", "PersistentVolume", storage.PersistentVolume, namespaced=False),
    _kind("events", "v1", "Event", cluster.Event, breadth="weaviate"),
    _kind("statefulsets", "apps/v1", "StatefulSet", workloads.StatefulSet),
    _kind("deployments", "apps/v1", "Deployment", workloads.Deployment),
    _kind("daemonsets", "apps/v1", "DaemonSet", workloads.DaemonSet),
    _kind("replicasets", "apps/v1", "ReplicaSet", workloads.ReplicaSet, breadth="weaviate"),
    _kind("controllerrevisions", "apps/v1", "ControllerRevision", workloads.ControllerRevision, breadth="weaviate"),
    _kind("cronjobs", "batch/v1", "CronJob", workloads.CronJob),
    _kind("jobs", "batch/v1", "Job", workloads.Job, breadth="weaviate"),
    _kind(
        "horizontalpodautoscalers",
        "autoscaling/v2",
        "HorizontalPodAutoscaler",
        workloads.HorizontalPodAutoscaler,
        breadth="weaviate",
    ),
    _kind("poddisruptionbudgets", "policy/v1", "PodDisruptionBudget", network.PodDisruptionBudget, breadth="weaviate"),
    _kind("networkpolicies", "networking.k8s.io/v1", "NetworkPolicy", network.NetworkPolicy, breadth="weaviate"),
    _kind("ingresses", "networking.k8s.io/v1", "Ingress", network.Ingress, breadth="weaviate"),
    _kind("endpointslices", "discovery.k8s.io/v1", "EndpointSlice", network.EndpointSlice, breadth="weaviate"),
    _kind("storageclasses", "storage.k8s.io/v1", "StorageClass", storage.StorageClass, namespaced=False),
    _kind("csidrivers", "storage.k8s.io/v1", "CSIDriver", cluster.NameOnly, namespaced=False),
    _kind("volumeattachments", "storage.k8s.io/v1", "VolumeAttachment", storage.VolumeAttachment, namespaced=False),
    _kind("volumesnapshots", _SNAPSHOT, "VolumeSnapshot", storage.VolumeSnapshot, breadth="weaviate", installable=True),
    _kind(
        "volumesnapshotclasses",
        _SNAPSHOT,
        "VolumeSnapshotClass",
        storage.VolumeSnapshotClass,
        namespaced=False,
        installable=True,
    ),
    _kind("roles", _RBAC, "Role", access.Role, breadth="weaviate"),
    _kind("rolebindings", _RBAC, "RoleBinding", access.RoleBinding, breadth="weaviate"),
    _kind("clusterroles", _RBAC, "ClusterRole", access.Role, namespaced=False),
    _kind("clusterrolebindings", _RBAC, "ClusterRoleBinding", access.RoleBinding, namespaced=False),
    _kind(
        "mutatingwebhookconfigurations",
        _ADMISSION,
        "MutatingWebhookConfiguration",
        access.WebhookConfiguration,
        namespaced=False,
    ),
    _kind(
        "validatingwebhookconfigurations",
        _ADMISSION,
        "ValidatingWebhookConfiguration",
        access.WebhookConfiguration,
        namespaced=False,
    ),
    _kind("leases", "coordination.k8s.io/v1", "Lease", cluster.Lease, breadth="kube-system"),
    _kind(
        "customresourcedefinitions",
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        cluster.NameOnly,
        namespaced=False,
    ),
    _kind("podmetrics", "metrics.k8s.io/v1beta1", "PodMetrics", metrics.PodMetrics, plural="pods", breadth="weaviate"),
    _kind(
        "nodemetrics", "metrics.k8s.io/v1beta1", "NodeMetrics", metrics.NodeMetrics, plural="nodes", namespaced=False
    ),
    _kind("servicemonitors", _PROMETHEUS, "ServiceMonitor", metrics.ServiceMonitor, installable=True),
    _kind("podmonitors", _PROMETHEUS, "PodMonitor", metrics.PodMonitor, installable=True),
    _kind("prometheuses", _PROMETHEUS, "Prometheus", metrics.Prometheus, installable=True),
    _kind("prometheusrules", _PROMETHEUS, "PrometheusRule", metrics.PrometheusRule, installable=True),
    _kind(
        "vmservicescrapes",
        "operator.victoriametrics.com/v1beta1",
        "VMServiceScrape",
        metrics.ServiceMonitor,
        installable=True,
    ),
    _kind("podmonitorings", "monitoring.googleapis.com/v1", "PodMonitoring", metrics.PodMonitoring, installable=True),
    _kind(
        "nodehealthchecks",
        "remediation.medik8s.io/v1alpha1",
        "NodeHealthCheck",
        cluster.NameOnly,
        namespaced=False,
        installable=True,
    ),
    _kind("machinehealthchecks", "cluster.x-k8s.io/v1beta1", "MachineHealthCheck", cluster.NameOnly, installable=True),
)

KINDS: dict[str, Kind] = {row.key: row for row in _ROWS}

__all__ = ["KINDS", "Breadth", "Kind"]
