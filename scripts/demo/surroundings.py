"""The environment of Weaviate in the demonstration cluster: nodes, classes, other workloads, agents."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.demo.names import BORN, NAMESPACE, READ_AT, REGION, ZONES, Object, named, node_name

_REGISTRY = "602401143452.dkr.ecr.eu-west-1.amazonaws.com"

NAMESPACES = {
    "default": {},
    "kube-system": {},
    NAMESPACE: {"kubernetes.io/metadata.name": NAMESPACE, "team": "search"},  # gap: no Pod Security label
    "shop": {"kubernetes.io/metadata.name": "shop", "team": "storefront"},
    "observability": {"kubernetes.io/metadata.name": "observability"},
    "ingress": {"kubernetes.io/metadata.name": "ingress"},
}
CRDS = (
    "servicemonitors.monitoring.coreos.com",
    "podmonitors.monitoring.coreos.com",
    "prometheuses.monitoring.coreos.com",
    "prometheusrules.monitoring.coreos.com",
    "volumesnapshots.snapshot.storage.k8s.io",
    "volumesnapshotclasses.snapshot.storage.k8s.io",
    "certificates.cert-manager.io",
)


def nodes() -> Iterator[Object]:
    for zone, name in enumerate(ZONES):
        for place in range(3):
            dedicated = place == 0
            cpu, memory, kind = ("7910m", "63Gi", "r6i.2xlarge") if dedicated else ("3920m", "15Gi", "m6i.xlarge")
            labels = {
                "kubernetes.io/hostname": node_name(zone, place),
                "topology.kubernetes.io/zone": name,
                "topology.kubernetes.io/region": REGION,
                "node.kubernetes.io/instance-type": kind,
                "eks.amazonaws.com/nodegroup": "weaviate" if dedicated else "general",
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/os": "linux",
            }
            size = ("8", "64Gi") if dedicated else ("4", "16Gi")
            taints = [{"key": "dedicated", "value": "weaviate", "effect": "NoSchedule"}] if dedicated else []
            if dedicated:
                labels["workload"] = "weaviate"
            yield {
                **named(node_name(zone, place), labels=labels),
                "spec": {"providerID": f"aws:///{name}/i-0{zone}{place}d3c5a7e91f4b{zone}{place}", "taints": taints},
                "status": {
                    "capacity": {"cpu": size[0], "memory": size[1], "pods": "58"},
                    "allocatable": {"cpu": cpu, "memory": memory, "pods": "58"},
                    "conditions": [
                        {"type": kind, "status": status, "lastTransitionTime": BORN}
                        for kind, status in (("Ready", "True"), ("MemoryPressure", "False"), ("DiskPressure", "False"))
                    ],
                    "nodeInfo": {
                        "kubeletVersion": "v1.34.2-eks-113cf36",
                        "osImage": "Amazon Linux 2023",
                        "architecture": "amd64",
                        "containerRuntimeVersion": "containerd://2.1.4",
                    },
                },
            }


_WORKERS = (
    # namespace, name, replicas, image, cpu, memory, labels
    ("shop", "storefront", 3, "registry.example.com/shop/storefront:4.18.0", "500m", "768Mi"),
    ("shop", "search-api", 3, "registry.example.com/shop/search-api:2.7.3", "1", "1Gi"),
    ("observability", "grafana", 1, "docker.io/grafana/grafana:12.3.0", "200m", "512Mi"),
    ("ingress", "ingress-nginx-controller", 2, "registry.k8s.io/ingress-nginx/controller:v1.14.0", "300m", "512Mi"),
    ("kube-system", "coredns", 2, "registry.k8s.io/coredns/coredns:v1.12.4", "100m", "170Mi"),
    ("kube-system", "cluster-autoscaler", 1, "registry.k8s.io/autoscaling/cluster-autoscaler:v1.34.1", "100m", "600Mi"),
)


def _worker_spec(name: str, image: str, cpu: str, memory: str) -> Object:
    resources = {"requests": {"cpu": cpu, "memory": memory}, "limits": {"memory": memory}}
    return {"containers": [{"name": name, "image": image, "resources": resources}]}


def deployments() -> Iterator[Object]:
    for namespace, name, replicas, image, cpu, memory in _WORKERS:
        labels = {"app.kubernetes.io/name": name}
        yield {
            **named(name, namespace, labels=labels),
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": _worker_spec(name, image, cpu, memory)},
            },
            "status": {"replicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas},
        }


def loki() -> Object:
    labels = {"app.kubernetes.io/name": "loki"}
    spec = _worker_spec("loki", "docker.io/grafana/loki:3.6.0", "500m", "2Gi")
    return {
        **named("loki", "observability", labels=labels),
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
        "status": {"replicas": 1, "readyReplicas": 1},
    }


def daemonsets() -> Iterator[Object]:
    node_agent = {
        "name": "aws-eks-nodeagent",
        "image": f"{_REGISTRY}/amazon/aws-network-policy-agent:v1.2.7",
        "args": ["--enable-network-policy=true"],
    }
    rows: tuple[tuple[str, str, str, dict[str, str], list[Object]], ...] = (
        ("kube-system", "aws-node", f"{_REGISTRY}/amazon-k8s-cni:v1.20.4", {"k8s-app": "aws-node"}, [node_agent]),
        (
            "kube-system",
            "ebs-csi-node",
            "public.ecr.aws/ebs-csi-driver/aws-ebs-csi-driver:v1.52.1",
            {"app": "ebs-csi-node"},
            [],
        ),
        ("observability", "alloy", "docker.io/grafana/alloy:v1.11.3", {"app.kubernetes.io/name": "alloy"}, []),
    )
    for namespace, name, image, labels, more in rows:
        spec: Object = {"containers": [{"name": name, "image": image}, *more]}
        if namespace == "kube-system":
            spec["tolerations"] = [{"operator": "Exists"}]
        # gap: the log agent does not tolerate the taint of the Weaviate nodes
        reach = 9 if namespace == "kube-system" else 6
        yield {
            **named(name, namespace, labels=labels),
            "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}},
            "status": {"desiredNumberScheduled": reach, "numberReady": reach},
        }


def storage_classes() -> Iterator[Object]:
    for name, default, encrypted in (("gp3-encrypted", False, True), ("gp2", True, False)):
        yield {
            **named(name, annotations={"storageclass.kubernetes.io/is-default-class": "true"} if default else {}),
            "provisioner": "ebs.csi.aws.com",
            "parameters": {"type": "gp3" if encrypted else "gp2", **({"encrypted": "true"} if encrypted else {})},
            "reclaimPolicy": "Delete",
            "volumeBindingMode": "WaitForFirstConsumer",
            "allowVolumeExpansion": encrypted,
        }


def prometheus() -> Object:
    # gap: it selects only objects with its release label, which the chart's ServiceMonitor cannot carry
    selector = {"matchLabels": {"release": "kube-prometheus-stack"}}
    return {
        **named("kube-prometheus-stack", "observability"),
        "spec": {
            "replicas": 2,
            "serviceMonitorSelector": selector,
            "serviceMonitorNamespaceSelector": {},
            "podMonitorSelector": selector,
            "ruleSelector": selector,
        },
    }


def node_metrics() -> Iterator[Object]:
    used = (("2310m", "41Gi"), ("1420m", "7Gi"), ("980m", "6Gi"))
    for zone in range(3):
        for place, (cpu, memory) in enumerate(used):
            yield {
                **named(node_name(zone, place)),
                "timestamp": READ_AT,
                "window": "20s",
                "usage": {"cpu": cpu, "memory": memory},
            }


def cluster_role_bindings() -> Iterator[Object]:
    """The two groups of cluster administrators."""
    for name, group in (("cluster-admin", "system:masters"), ("platform-admins", "platform-admins")):
        yield {
            **named(name),
            "subjects": [{"kind": "Group", "name": group}],
            "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"},
        }
    yield {
        **named("system:discovery"),
        "subjects": [{"kind": "Group", "name": "system:authenticated"}],
        "roleRef": {"kind": "ClusterRole", "name": "system:discovery"},
    }


def webhook() -> Object:
    """The identity webhook of EKS: it ignores failures, so pods start without it."""
    rule = {"apiGroups": [""], "resources": ["pods"], "operations": ["CREATE"]}
    webhook = {
        "name": "iam-for-pods.amazonaws.com",
        "failurePolicy": "Ignore",
        "rules": [rule],
        "namespaceSelector": {},
    }
    return {**named("pod-identity-webhook"), "webhooks": [webhook]}


def issuer() -> Object:
    """The issuer for a public certificate authority."""
    ready = [{"type": "Ready", "status": "True", "reason": "ACMEAccountRegistered"}]
    return {**named("public-ca"), "spec": {"acme": {}}, "status": {"conditions": ready}}


def prometheus_rule() -> Object:
    """The generic rules of the monitoring stack; gap: none of them concerns Weaviate."""
    generic = ("KubePodCrashLooping", "KubeStatefulSetReplicasMismatch", "KubePersistentVolumeFillingUp", "TargetDown")
    rules = [{"alert": name, "expr": "vector(1)", "labels": {"severity": "warning"}} for name in generic]
    return {
        **named("kube-prometheus-stack-kubernetes", "observability", labels={"release": "kube-prometheus-stack"}),
        "spec": {"groups": [{"name": "kubernetes", "rules": rules}]},
    }
