"""The Kubernetes kinds that are read: one row each, with the API path and the Struct that says what is kept.

To read a further kind: one Struct in this package, one row in the table below. Nothing is collected because
it stands here; the `reads` of the evidence functions (and `collect.workload_reads`) decide that.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from readiness_kit.kinds import access, backups, cluster, ecosystem, mesh, metrics, network, pods, storage, workloads
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


def _crd(
    key: str,
    api: str,
    kind: str,
    struct: type[KubeObject] = cluster.NameOnly,
    *,
    plural: str = "",
    versions: tuple[str, ...] = (),
    breadth: Breadth = "cluster",
) -> Kind:
    """A namespaced kind of a tool, which is there only where the tool is."""
    group, _, version = api.rpartition("/")
    return Kind(key, group, version, plural or key, kind, struct, True, breadth, True, versions)


def _cluster_crd(key: str, api: str, kind: str, struct: type[KubeObject], versions: tuple[str, ...] = ()) -> Kind:
    group, _, version = api.rpartition("/")
    return Kind(key, group, version, key, kind, struct, False, "cluster", True, versions)


_VELERO = "velero.io/v1"
_CHAOS = "chaos-mesh.org/v1alpha1"
_LITMUS = "litmuschaos.io/v1alpha1"
_ARGO = "argoproj.io/v1alpha1"
_VAULT = "secrets.hashicorp.com/v1beta1"
_CERTS = "cert-manager.io/v1"
_CALICO = "crd.projectcalico.org/v1"
_GATEWAY = "gateway.networking.k8s.io/v1"
_ADMIN = "policy.networking.k8s.io/v1alpha1"
_GRAFANA = "grafana.integreatly.org/v1beta1"
_BETA = ("v1beta1",)

_ECOSYSTEM = (
    # nodes
    _cluster_crd("nodepools", "karpenter.sh/v1", "NodePool", ecosystem.NodePool, _BETA),
    _cluster_crd("nodehealthchecks", "remediation.medik8s.io/v1alpha1", "NodeHealthCheck", ecosystem.WithSelector),
    _crd(
        "machinehealthchecks",
        "cluster.x-k8s.io/v1beta1",
        "MachineHealthCheck",
        ecosystem.WithSelector,
        versions=("v1beta2",),
    ),
    _crd(
        "openshiftmachinehealthchecks",
        "machine.openshift.io/v1beta1",
        "MachineHealthCheck",
        ecosystem.WithSelector,
        plural="machinehealthchecks",
    ),
    # backups
    _crd("veleroschedules", _VELERO, "Schedule", backups.VeleroSchedule, plural="schedules"),
    _crd("velerobackups", _VELERO, "Backup", backups.VeleroBackup, plural="backups"),
    _crd("velerorestores", _VELERO, "Restore", backups.VeleroRestore, plural="restores"),
    _crd("backupstoragelocations", _VELERO, "BackupStorageLocation", backups.BackupLocation),
    _crd("kastenpolicies", "config.kio.kasten.io/v1alpha1", "Policy", backups.KastenPolicy, plural="policies"),
    _crd("recurringjobs", "longhorn.io/v1beta2", "RecurringJob", backups.RecurringJob, versions=_BETA),
    _crd(
        "replicationsources",
        "volsync.backube/v1alpha1",
        "ReplicationSource",
        backups.ReplicationSource,
        breadth="weaviate",
    ),
    _crd(
        "snapshotschedules",
        "snapscheduler.backube/v1",
        "SnapshotSchedule",
        backups.SnapshotSchedule,
        breadth="weaviate",
    ),
    _crd(
        "protectedapplications",
        "gkebackup.gke.io/v1",
        "ProtectedApplication",
        versions=("v1alpha2",),
        breadth="weaviate",
    ),
    # trials
    _crd("podchaos", _CHAOS, "PodChaos", ecosystem.Chaos),
    _crd("networkchaos", _CHAOS, "NetworkChaos", ecosystem.Chaos),
    _crd("chaosschedules", _CHAOS, "Schedule", ecosystem.ChaosSchedule, plural="schedules"),
    _crd("chaosengines", _LITMUS, "ChaosEngine", ecosystem.LitmusEngine),
    _crd("chaosresults", _LITMUS, "ChaosResult", ecosystem.LitmusResult),
    _crd("testruns", "k6.io/v1alpha1", "TestRun", ecosystem.TestRun),
    _crd("rollouts", _ARGO, "Rollout", ecosystem.Rollout),
    _crd("canaries", "flagger.app/v1beta1", "Canary", ecosystem.Canary),
    _crd("cronworkflows", _ARGO, "CronWorkflow", ecosystem.CronWorkflow),
    # delivery
    _crd("applications", _ARGO, "Application", ecosystem.Application),
    _crd("helmreleases", "helm.toolkit.fluxcd.io/v2", "HelmRelease", ecosystem.Flux, versions=("v2beta2", "v2beta1")),
    _crd(
        "kustomizations",
        "kustomize.toolkit.fluxcd.io/v1",
        "Kustomization",
        ecosystem.Flux,
        versions=("v1beta2", "v1beta1"),
    ),
    # secrets and certificates
    _crd(
        "externalsecrets",
        "external-secrets.io/v1",
        "ExternalSecret",
        ecosystem.ExternalSecret,
        versions=_BETA,
        breadth="weaviate",
    ),
    _crd("vaultstaticsecrets", _VAULT, "VaultStaticSecret", ecosystem.VaultSecret, breadth="weaviate"),
    _crd("vaultdynamicsecrets", _VAULT, "VaultDynamicSecret", ecosystem.VaultSecret, breadth="weaviate"),
    _crd("vaultpkisecrets", _VAULT, "VaultPKISecret", ecosystem.VaultSecret, breadth="weaviate"),
    _crd("sealedsecrets", "bitnami.com/v1alpha1", "SealedSecret", ecosystem.WithConditions, breadth="weaviate"),
    _crd(
        "secretproviderclasses",
        "secrets-store.csi.x-k8s.io/v1",
        "SecretProviderClass",
        ecosystem.SecretProviderClass,
        breadth="weaviate",
    ),
    _crd("certificates", _CERTS, "Certificate", ecosystem.Certificate, breadth="weaviate"),
    _crd("issuers", _CERTS, "Issuer", ecosystem.Issuer, breadth="weaviate"),
    _cluster_crd("clusterissuers", _CERTS, "ClusterIssuer", ecosystem.Issuer),
    # meshes and network policies; those of Istio also in its root namespace
    _crd("peerauthentications", "security.istio.io/v1", "PeerAuthentication", mesh.PeerAuthentication, versions=_BETA),
    _crd(
        "authorizationpolicies", "security.istio.io/v1", "AuthorizationPolicy", mesh.AuthorizationPolicy, versions=_BETA
    ),
    _crd("ciliumnetworkpolicies", "cilium.io/v2", "CiliumNetworkPolicy", mesh.CiliumPolicy, breadth="weaviate"),
    _cluster_crd(
        "ciliumclusterwidenetworkpolicies", "cilium.io/v2", "CiliumClusterwideNetworkPolicy", mesh.CiliumPolicy
    ),
    _crd(
        "caliconetworkpolicies",
        _CALICO,
        "NetworkPolicy",
        mesh.CalicoPolicy,
        plural="networkpolicies",
        breadth="weaviate",
    ),
    _cluster_crd("globalnetworkpolicies", _CALICO, "GlobalNetworkPolicy", mesh.CalicoPolicy),
    _cluster_crd("felixconfigurations", _CALICO, "FelixConfiguration", mesh.FelixConfiguration),
    _cluster_crd("adminnetworkpolicies", _ADMIN, "AdminNetworkPolicy", mesh.AdminNetworkPolicy),
    _cluster_crd("baselineadminnetworkpolicies", _ADMIN, "BaselineAdminNetworkPolicy", mesh.AdminNetworkPolicy),
    # entry points; a Gateway can stand in any namespace
    _crd("gateways", _GATEWAY, "Gateway", mesh.Gateway, versions=_BETA),
    _crd("httproutes", _GATEWAY, "HTTPRoute", mesh.Route, versions=_BETA, breadth="weaviate"),
    _crd("grpcroutes", _GATEWAY, "GRPCRoute", mesh.Route, versions=("v1alpha2",), breadth="weaviate"),
    _crd("routes", "route.openshift.io/v1", "Route", mesh.OpenShiftRoute, breadth="weaviate"),
    # metrics, dashboards, alerts
    _crd("alertmanagers", _PROMETHEUS, "Alertmanager", metrics.Alertmanager),
    _crd(
        "alertmanagerconfigs",
        "monitoring.coreos.com/v1alpha1",
        "AlertmanagerConfig",
        metrics.AlertmanagerConfig,
        versions=("v1beta1", "v1"),
    ),
    # The group is often served as v1 alone: asking there too tells that there are none.
    _crd("scrapeconfigs", "monitoring.coreos.com/v1alpha1", "ScrapeConfig", versions=("v1beta1", "v1")),
    _crd("probes", _PROMETHEUS, "Probe"),
    _crd("vmrules", "operator.victoriametrics.com/v1beta1", "VMRule", metrics.PrometheusRule),
    _crd("gmprules", "monitoring.googleapis.com/v1", "Rules", metrics.PrometheusRule, plural="rules"),
    _crd("datadogmonitors", "datadoghq.com/v1alpha1", "DatadogMonitor", metrics.DatadogMonitor),
    _crd("grafanas", _GRAFANA, "Grafana"),
    _crd("grafanadashboards", _GRAFANA, "GrafanaDashboard"),
    _crd("grafanaalertrulegroups", _GRAFANA, "GrafanaAlertRuleGroup"),
    _crd("opentelemetrycollectors", "opentelemetry.io/v1beta1", "OpenTelemetryCollector", metrics.Collector),
    # scaling
    _crd(
        "verticalpodautoscalers",
        "autoscaling.k8s.io/v1",
        "VerticalPodAutoscaler",
        ecosystem.VerticalPodAutoscaler,
        breadth="weaviate",
    ),
    _crd("scaledobjects", "keda.sh/v1alpha1", "ScaledObject", ecosystem.ScaledObject, breadth="weaviate"),
)

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
    *_ECOSYSTEM,
)

KINDS: dict[str, Kind] = {row.key: row for row in _ROWS}

__all__ = ["KINDS", "Breadth", "Kind"]
