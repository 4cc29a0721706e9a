"""The demonstration cluster as raw Kubernetes objects: invented and realistic, with deliberate gaps.

A retailer's production cluster on EKS: three zones, nine nodes, Weaviate from the official chart with three
replicas. Good: zones, dedicated nodes, resources, encrypted and expandable volumes, RBAC. Comments with
"gap" mark the weaknesses. Nothing is copied from a real cluster.
"""

from __future__ import annotations

from scripts.demo import surroundings, weaviate
from scripts.demo.names import NAMESPACE, Object, named


def objects() -> dict[str, list[Object]]:
    """Key of `kinds.KINDS` -> raw objects of its list."""
    return {
        "nodes": list(surroundings.nodes()),
        "namespaces": [named(name, labels=labels) for name, labels in surroundings.NAMESPACES.items()],
        "statefulsets": [weaviate.stateful_set(), surroundings.loki()],
        "deployments": list(surroundings.deployments()),
        "daemonsets": list(surroundings.daemonsets()),
        "pods": list(weaviate.pods()),
        "services": list(weaviate.services()),
        "configmaps": [weaviate.config()],
        "serviceaccounts": [named("weaviate", NAMESPACE), named("default", NAMESPACE)],
        "persistentvolumeclaims": list(weaviate.claims()),
        "persistentvolumes": list(weaviate.volumes()),
        "storageclasses": list(surroundings.storage_classes()),
        "networkpolicies": list(weaviate.network_policies()),
        "ingresses": [weaviate.ingress()],
        "endpointslices": list(weaviate.endpoint_slices()),
        "cronjobs": [weaviate.backup_job()],
        "servicemonitors": [weaviate.service_monitor()],
        "prometheuses": [surroundings.prometheus()],
        "podmetrics": list(weaviate.pod_metrics()),
        "nodemetrics": list(surroundings.node_metrics()),
        "clusterroles": [],
        "clusterrolebindings": list(surroundings.cluster_role_bindings()),
        "mutatingwebhookconfigurations": [surroundings.webhook()],
        "validatingwebhookconfigurations": [],
        "replicasets": [],
        "events": [],
        "roles": [],
        "rolebindings": [],
        "podmonitors": [],
        "horizontalpodautoscalers": [],
        "controllerrevisions": [
            weaviate.revision("weaviate-6d8f7c9b54", 7),
            weaviate.revision("weaviate-59d6bb87f", 6),
        ],
        "csidrivers": [named("ebs.csi.aws.com")],
        "customresourcedefinitions": [named(name) for name in surroundings.CRDS],
        "poddisruptionbudgets": [],
        "volumesnapshots": [],
        "volumesnapshotclasses": [],
        "prometheusrules": [surroundings.prometheus_rule()],
        "alertmanagers": [named("kube-prometheus-stack", "observability")],
        "alertmanagerconfigs": [],
        "dashboardconfigmaps": [],
        "ciliumconfigs": [],
        "certificates": [weaviate.certificate()],
        "issuers": [],
        "clusterissuers": [surroundings.issuer()],
        "volumeattachments": [],
        "jobs": [],
    }


GROUPS = (
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "autoscaling",
    "batch",
    "cert-manager.io",
    "coordination.k8s.io",
    "crd.k8s.amazonaws.com",
    "discovery.k8s.io",
    "events.k8s.io",
    "metrics.k8s.io",
    "monitoring.coreos.com",
    "networking.k8s.aws",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "scheduling.k8s.io",
    "snapshot.storage.k8s.io",
    "storage.k8s.io",
    "vpcresources.k8s.aws",
)
"""The API groups of the demonstration's API server."""

REFUSED = ("leases",)
"""Gap: the granted role does not include this list, so the control plane stays unknown (forbidden)."""
