"""The Kubernetes kinds that are read: one row each, with the API and the Struct that lists the fields kept.

To read a further kind, add a Struct to this package and a row to `_TABLE`. A row alone collects nothing: the `reads`
of the evidence functions and `locate.WORKLOAD_READS` decide what is collected.
"""
# ruff: noqa: E501  (the table has one row a line)

from __future__ import annotations

from typing import Literal

import msgspec

from readiness_kit.kinds import (
    access,
    backups,
    cluster,
    ecosystem,
    mesh,
    metrics,
    network,
    pods,
    routing,
    storage,
    workloads,
)
from readiness_kit.kinds.meta import KubeObject, ObjectMeta

__all__ = ["KINDS", "Breadth", "Kind"]

Breadth = Literal["cluster", "weaviate", "kube-system"]
"""Namespaces in which a namespaced kind is listed: all, those with Weaviate, or kube-system."""


class Kind(msgspec.Struct, frozen=True):
    """One kind: `key` is its name in the kit, `group` is "" for the core group.

    installable: comes with a CRD; where the API does not serve it, the cluster is known to have none
    versions:    further API versions with the same kept fields, in order of preference
    label:       only the objects that have this label are listed
    only:        only the object of this name is listed
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
    label: str = ""
    only: str = ""

    @property
    def selective(self) -> bool:
        """Whether only some objects of the kind are listed; another row has all of them."""
        return bool(self.label or self.only)

    @property
    def selectors(self) -> dict[str, str]:
        """The parameters of a request that lists these objects only."""
        fields = {"fieldSelector": f"metadata.name={self.only}"} if self.only else {}
        return ({"labelSelector": self.label} if self.label else {}) | fields

    def selects(self, metadata: ObjectMeta) -> bool:
        """Whether an object of the kind is among those that are listed."""
        return (not self.label or self.label in metadata.labels) and self.only in ("", metadata.name)

    @property
    def api(self) -> str:
        """`v1` or `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "") -> str:
        """The API path of the list in one namespace, or in all of them."""
        base = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        return f"{base}/namespaces/{namespace}/{self.plural}" if namespace else f"{base}/{self.plural}"


_BUILT_IN = frozenset(
    """
    admissionregistration.k8s.io apiextensions.k8s.io apps autoscaling batch coordination.k8s.io discovery.k8s.io
    metrics.k8s.io networking.k8s.io policy rbac.authorization.k8s.io storage.k8s.io
    """.split()
)
"""API groups of Kubernetes itself, next to the core group; the kinds of all others come with a CRD."""

_PLURALS = {
    "podmetrics": "pods",
    "nodemetrics": "nodes",
    "istiogateways": "gateways",
    "openshiftmachinehealthchecks": "machinehealthchecks",
    "veleroschedules": "schedules",
    "velerobackups": "backups",
    "velerorestores": "restores",
    "kastenpolicies": "policies",
    "dashboardconfigmaps": "configmaps",
    "ciliumconfigs": "configmaps",
    "chaosschedules": "schedules",
    "caliconetworkpolicies": "networkpolicies",
    "gmprules": "rules",
}
"""Plural in the API, where the key differs from it."""

_LABELS = {"dashboardconfigmaps": "grafana_dashboard"}
"""Kinds of which only the objects with a label are listed: of the ConfigMaps those for the sidecar of Grafana."""
_ONLY = {"ciliumconfigs": "cilium-config"}
"""Kinds of which only the object of a name is listed."""

Row = tuple[str, str, str, type[KubeObject], Literal["global", Breadth]]

# fmt: off
_TABLE: tuple[Row, ...] = (
    # Key, API with further versions, kind, Struct, and where it is listed ("global": not namespaced).
    ("nodes", "v1", "Node", cluster.Node, "global"),
    ("namespaces", "v1", "Namespace", cluster.Namespace, "global"),
    ("pods", "v1", "Pod", pods.Pod, "weaviate"),
    ("services", "v1", "Service", network.Service, "cluster"),
    ("configmaps", "v1", "ConfigMap", cluster.ConfigMap, "weaviate"),
    ("serviceaccounts", "v1", "ServiceAccount", cluster.ServiceAccount, "weaviate"),
    ("persistentvolumeclaims", "v1", "PersistentVolumeClaim", storage.PersistentVolumeClaim, "weaviate"),
    ("persistentvolumes", "v1", "PersistentVolume", storage.PersistentVolume, "global"),
    ("events", "v1", "Event", cluster.Event, "weaviate"),
    ("statefulsets", "apps/v1", "StatefulSet", workloads.StatefulSet, "cluster"),
    ("deployments", "apps/v1", "Deployment", workloads.Deployment, "cluster"),
    ("daemonsets", "apps/v1", "DaemonSet", workloads.DaemonSet, "cluster"),
    ("replicasets", "apps/v1", "ReplicaSet", workloads.ReplicaSet, "weaviate"),
    ("controllerrevisions", "apps/v1", "ControllerRevision", workloads.ControllerRevision, "weaviate"),
    ("cronjobs", "batch/v1", "CronJob", workloads.CronJob, "cluster"),
    ("jobs", "batch/v1", "Job", workloads.Job, "weaviate"),
    ("horizontalpodautoscalers", "autoscaling/v2", "HorizontalPodAutoscaler", workloads.HorizontalPodAutoscaler, "weaviate"),
    ("poddisruptionbudgets", "policy/v1", "PodDisruptionBudget", network.PodDisruptionBudget, "weaviate"),
    ("networkpolicies", "networking.k8s.io/v1", "NetworkPolicy", network.NetworkPolicy, "weaviate"),
    ("ingresses", "networking.k8s.io/v1", "Ingress", network.Ingress, "cluster"),
    ("endpointslices", "discovery.k8s.io/v1", "EndpointSlice", network.EndpointSlice, "weaviate"),
    ("storageclasses", "storage.k8s.io/v1", "StorageClass", storage.StorageClass, "global"),
    ("csidrivers", "storage.k8s.io/v1", "CSIDriver", cluster.NameOnly, "global"),
    ("volumeattachments", "storage.k8s.io/v1", "VolumeAttachment", storage.VolumeAttachment, "global"),
    ("volumesnapshots", "snapshot.storage.k8s.io/v1", "VolumeSnapshot", storage.VolumeSnapshot, "weaviate"),
    ("volumesnapshotclasses", "snapshot.storage.k8s.io/v1", "VolumeSnapshotClass", storage.VolumeSnapshotClass, "global"),
    ("roles", "rbac.authorization.k8s.io/v1", "Role", access.Role, "cluster"),
    ("rolebindings", "rbac.authorization.k8s.io/v1", "RoleBinding", access.RoleBinding, "cluster"),
    ("clusterroles", "rbac.authorization.k8s.io/v1", "ClusterRole", access.Role, "global"),
    ("clusterrolebindings", "rbac.authorization.k8s.io/v1", "ClusterRoleBinding", access.RoleBinding, "global"),
    ("mutatingwebhookconfigurations", "admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", access.WebhookConfiguration, "global"),
    ("validatingwebhookconfigurations", "admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", access.WebhookConfiguration, "global"),
    ("leases", "coordination.k8s.io/v1", "Lease", cluster.Lease, "kube-system"),
    ("customresourcedefinitions", "apiextensions.k8s.io/v1", "CustomResourceDefinition", cluster.NameOnly, "global"),
    ("podmetrics", "metrics.k8s.io/v1beta1", "PodMetrics", metrics.PodMetrics, "weaviate"),
    ("nodemetrics", "metrics.k8s.io/v1beta1", "NodeMetrics", metrics.NodeMetrics, "global"),
    ("servicemonitors", "monitoring.coreos.com/v1", "ServiceMonitor", metrics.ServiceMonitor, "cluster"),
    ("podmonitors", "monitoring.coreos.com/v1", "PodMonitor", metrics.PodMonitor, "cluster"),
    ("prometheuses", "monitoring.coreos.com/v1", "Prometheus", metrics.Prometheus, "cluster"),
    ("prometheusrules", "monitoring.coreos.com/v1", "PrometheusRule", metrics.PrometheusRule, "cluster"),
    ("vmservicescrapes", "operator.victoriametrics.com/v1beta1", "VMServiceScrape", metrics.ServiceMonitor, "cluster"),
    ("podmonitorings", "monitoring.googleapis.com/v1", "PodMonitoring", metrics.PodMonitoring, "cluster"),
    # Nodes.
    ("nodepools", "karpenter.sh/v1 v1beta1", "NodePool", ecosystem.NodePool, "global"),
    ("nodehealthchecks", "remediation.medik8s.io/v1alpha1", "NodeHealthCheck", ecosystem.HealthCheck, "global"),
    ("machinehealthchecks", "cluster.x-k8s.io/v1beta1 v1beta2", "MachineHealthCheck", ecosystem.HealthCheck, "cluster"),
    ("openshiftmachinehealthchecks", "machine.openshift.io/v1beta1", "MachineHealthCheck", ecosystem.HealthCheck, "cluster"),
    # Backups.
    ("veleroschedules", "velero.io/v1", "Schedule", backups.VeleroSchedule, "cluster"),
    ("velerobackups", "velero.io/v1", "Backup", backups.VeleroBackup, "cluster"),
    ("velerorestores", "velero.io/v1", "Restore", backups.VeleroRestore, "cluster"),
    ("backupstoragelocations", "velero.io/v1", "BackupStorageLocation", backups.BackupLocation, "cluster"),
    ("kastenpolicies", "config.kio.kasten.io/v1alpha1", "Policy", backups.KastenPolicy, "cluster"),
    ("recurringjobs", "longhorn.io/v1beta2 v1beta1", "RecurringJob", backups.RecurringJob, "cluster"),
    ("replicationsources", "volsync.backube/v1alpha1", "ReplicationSource", backups.ReplicationSource, "weaviate"),
    ("snapshotschedules", "snapscheduler.backube/v1", "SnapshotSchedule", backups.SnapshotSchedule, "weaviate"),
    ("protectedapplications", "gkebackup.gke.io/v1 v1alpha2", "ProtectedApplication", cluster.NameOnly, "weaviate"),
    # Chaos experiments, load tests, progressive delivery.
    ("podchaos", "chaos-mesh.org/v1alpha1", "PodChaos", ecosystem.Chaos, "cluster"),
    ("networkchaos", "chaos-mesh.org/v1alpha1", "NetworkChaos", ecosystem.Chaos, "cluster"),
    ("chaosschedules", "chaos-mesh.org/v1alpha1", "Schedule", ecosystem.ChaosSchedule, "cluster"),
    ("chaosengines", "litmuschaos.io/v1alpha1", "ChaosEngine", ecosystem.LitmusEngine, "cluster"),
    ("chaosresults", "litmuschaos.io/v1alpha1", "ChaosResult", ecosystem.LitmusResult, "cluster"),
    ("testruns", "k6.io/v1alpha1", "TestRun", ecosystem.TestRun, "cluster"),
    ("rollouts", "argoproj.io/v1alpha1", "Rollout", ecosystem.Rollout, "cluster"),
    ("canaries", "flagger.app/v1beta1", "Canary", ecosystem.Canary, "cluster"),
    ("cronworkflows", "argoproj.io/v1alpha1", "CronWorkflow", ecosystem.CronWorkflow, "cluster"),
    # GitOps.
    ("applications", "argoproj.io/v1alpha1", "Application", ecosystem.Application, "cluster"),
    ("helmreleases", "helm.toolkit.fluxcd.io/v2 v2beta2 v2beta1", "HelmRelease", ecosystem.Flux, "cluster"),
    ("kustomizations", "kustomize.toolkit.fluxcd.io/v1 v1beta2 v1beta1", "Kustomization", ecosystem.Flux, "cluster"),
    # Secrets and certificates.
    ("externalsecrets", "external-secrets.io/v1 v1beta1", "ExternalSecret", ecosystem.ExternalSecret, "weaviate"),
    ("vaultstaticsecrets", "secrets.hashicorp.com/v1beta1", "VaultStaticSecret", ecosystem.VaultSecret, "weaviate"),
    ("vaultdynamicsecrets", "secrets.hashicorp.com/v1beta1", "VaultDynamicSecret", ecosystem.VaultSecret, "weaviate"),
    ("vaultpkisecrets", "secrets.hashicorp.com/v1beta1", "VaultPKISecret", ecosystem.VaultSecret, "weaviate"),
    ("sealedsecrets", "bitnami.com/v1alpha1", "SealedSecret", ecosystem.WithConditions, "weaviate"),
    ("secretproviderclasses", "secrets-store.csi.x-k8s.io/v1", "SecretProviderClass", ecosystem.SecretProviderClass, "weaviate"),
    ("certificates", "cert-manager.io/v1", "Certificate", ecosystem.Certificate, "weaviate"),
    ("issuers", "cert-manager.io/v1", "Issuer", ecosystem.Issuer, "weaviate"),
    ("clusterissuers", "cert-manager.io/v1", "ClusterIssuer", ecosystem.Issuer, "global"),
    # Service meshes and network policies; Istio also applies those of its root namespace.
    ("peerauthentications", "security.istio.io/v1 v1beta1", "PeerAuthentication", mesh.PeerAuthentication, "cluster"),
    ("authorizationpolicies", "security.istio.io/v1 v1beta1", "AuthorizationPolicy", mesh.AuthorizationPolicy, "cluster"),
    ("ciliumconfigs", "v1", "ConfigMap", cluster.CiliumConfig, "kube-system"),
    ("ciliumnetworkpolicies", "cilium.io/v2", "CiliumNetworkPolicy", mesh.CiliumPolicy, "weaviate"),
    ("ciliumclusterwidenetworkpolicies", "cilium.io/v2", "CiliumClusterwideNetworkPolicy", mesh.CiliumPolicy, "global"),
    ("caliconetworkpolicies", "crd.projectcalico.org/v1", "NetworkPolicy", mesh.CalicoPolicy, "weaviate"),
    ("globalnetworkpolicies", "crd.projectcalico.org/v1", "GlobalNetworkPolicy", mesh.CalicoPolicy, "global"),
    ("felixconfigurations", "crd.projectcalico.org/v1", "FelixConfiguration", mesh.FelixConfiguration, "global"),
    ("adminnetworkpolicies", "policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy", mesh.AdminNetworkPolicy, "global"),
    ("baselineadminnetworkpolicies", "policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy", mesh.AdminNetworkPolicy, "global"),
    # Entry points; a Gateway, and a route by another Service, may be in any namespace.
    ("gateways", "gateway.networking.k8s.io/v1 v1beta1", "Gateway", mesh.Gateway, "cluster"),
    ("httproutes", "gateway.networking.k8s.io/v1 v1beta1", "HTTPRoute", mesh.Route, "cluster"),
    ("grpcroutes", "gateway.networking.k8s.io/v1 v1alpha2", "GRPCRoute", mesh.Route, "cluster"),
    ("tcproutes", "gateway.networking.k8s.io/v1alpha2", "TCPRoute", mesh.Route, "cluster"),
    ("tlsroutes", "gateway.networking.k8s.io/v1alpha3 v1alpha2 v1", "TLSRoute", mesh.Route, "cluster"),
    ("routes", "route.openshift.io/v1", "Route", mesh.OpenShiftRoute, "cluster"),
    ("istiogateways", "networking.istio.io/v1 v1beta1 v1alpha3", "Gateway", routing.IstioGateway, "cluster"),
    ("virtualservices", "networking.istio.io/v1 v1beta1 v1alpha3", "VirtualService", routing.VirtualService, "cluster"),
    ("ingressroutes", "traefik.io/v1alpha1", "IngressRoute", routing.IngressRoute, "cluster"),
    ("ingressroutetcps", "traefik.io/v1alpha1", "IngressRouteTCP", routing.IngressRoute, "cluster"),
    ("httpproxies", "projectcontour.io/v1", "HTTPProxy", routing.HTTPProxy, "cluster"),
    ("targetgroupbindings", "elbv2.k8s.aws/v1beta1", "TargetGroupBinding", routing.TargetGroupBinding, "cluster"),
    # Metrics, dashboards and alerts.
    ("alertmanagers", "monitoring.coreos.com/v1", "Alertmanager", metrics.Alertmanager, "cluster"),
    ("alertmanagerconfigs", "monitoring.coreos.com/v1alpha1 v1beta1 v1", "AlertmanagerConfig", metrics.AlertmanagerConfig, "cluster"),
    # The group is often served as v1 only: a request there also shows that there are none.
    ("scrapeconfigs", "monitoring.coreos.com/v1alpha1 v1beta1 v1", "ScrapeConfig", cluster.NameOnly, "cluster"),
    ("probes", "monitoring.coreos.com/v1", "Probe", cluster.NameOnly, "cluster"),
    ("vmrules", "operator.victoriametrics.com/v1beta1", "VMRule", metrics.PrometheusRule, "cluster"),
    ("gmprules", "monitoring.googleapis.com/v1", "Rules", metrics.PrometheusRule, "cluster"),
    ("datadogmonitors", "datadoghq.com/v1alpha1", "DatadogMonitor", metrics.DatadogMonitor, "cluster"),
    ("dashboardconfigmaps", "v1", "ConfigMap", cluster.NameOnly, "cluster"),
    ("grafanas", "grafana.integreatly.org/v1beta1", "Grafana", cluster.NameOnly, "cluster"),
    ("grafanadashboards", "grafana.integreatly.org/v1beta1", "GrafanaDashboard", cluster.NameOnly, "cluster"),
    ("grafanaalertrulegroups", "grafana.integreatly.org/v1beta1", "GrafanaAlertRuleGroup", cluster.NameOnly, "cluster"),
    ("opentelemetrycollectors", "opentelemetry.io/v1beta1", "OpenTelemetryCollector", metrics.Collector, "cluster"),
    # Scaling.
    ("verticalpodautoscalers", "autoscaling.k8s.io/v1", "VerticalPodAutoscaler", ecosystem.VerticalPodAutoscaler, "weaviate"),
    ("scaledobjects", "keda.sh/v1alpha1", "ScaledObject", ecosystem.ScaledObject, "weaviate"),
)
# fmt: on


def _kind(key: str, api: str, kind: str, struct: type[KubeObject], where: Literal["global", Breadth]) -> Kind:
    first, *versions = api.split()
    group, _, version = first.rpartition("/")
    return Kind(
        key=key,
        group=group,
        version=version,
        plural=_PLURALS.get(key, key),
        kind=kind,
        struct=struct,
        namespaced=where != "global",
        breadth="cluster" if where == "global" else where,
        installable=bool(group) and group not in _BUILT_IN,
        versions=tuple(versions),
        label=_LABELS.get(key, ""),
        only=_ONLY.get(key, ""),
    )


KINDS: dict[str, Kind] = {row[0]: _kind(*row) for row in _TABLE}
"""Key -> kind, in the order in which they are collected."""
