"""A made-up cluster of any size for the benchmarks, shaped and padded as a real API server sends it."""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]
ZONES = ("a", "b", "c")
PODS_PER_NODE = 10
NAMESPACE = "weaviate"
"""Everything stands in Weaviate's namespace, so that the kit's narrow lists are as long as the whole ones."""


def cluster(pods: int) -> dict[str, Body]:
    """Path -> list body: `pods` pods on a tenth as many nodes (5,000 at most), three of them a Weaviate."""
    nodes = min(5000, max(3, pods // PODS_PER_NODE))
    weaviate = [_pod(f"weaviate-{i}", "weaviate", i, "StatefulSet", "weaviate") for i in range(3)]
    others = [_pod(f"app-{i // 20}-{i:05x}", NAMESPACE, i % nodes, "ReplicaSet", "app") for i in range(pods - 3)]
    return {
        "/api/v1/pods": _list("v1", "PodList", weaviate + others),
        "/api/v1/nodes": _list("v1", "NodeList", [_node(i) for i in range(nodes)]),
        "/api/v1/namespaces": _list("v1", "NamespaceList", [_namespace("weaviate")]),
        "/apis/apps/v1/statefulsets": _list("apps/v1", "StatefulSetList", [_statefulset()]),
        "/apis/apps/v1/deployments": _list("apps/v1", "DeploymentList", []),
        "/apis/policy/v1/poddisruptionbudgets": _list("policy/v1", "PodDisruptionBudgetList", []),
        "/apis/networking.k8s.io/v1/networkpolicies": _list("networking.k8s.io/v1", "NetworkPolicyList", []),
        "/api/v1/services": _list("v1", "ServiceList", []),
        "/api/v1/persistentvolumeclaims": _list("v1", "PersistentVolumeClaimList", []),
        "/api/v1/persistentvolumes": _list("v1", "PersistentVolumeList", []),
    }


def _list(version: str, kind: str, items: list[Body]) -> Body:
    return {"kind": kind, "apiVersion": version, "metadata": {"resourceVersion": "1000"}, "items": items}


def _meta(name: str, namespace: str = "", **more: Any) -> Body:
    place = {"namespace": namespace} if namespace else {}
    uid = f"{abs(hash((name, namespace))):032x}"[:32]
    return {"name": name, **place, "uid": uid, "creationTimestamp": "2026-11-01T08:00:00Z", **more}


def _namespace(name: str) -> Body:
    return {"metadata": _meta(name, labels={"kubernetes.io/metadata.name": name}), "status": {"phase": "Active"}}


_NODE_INFO = (
    "architecture",
    "bootID",
    "containerRuntimeVersion",
    "kernelVersion",
    "kubeProxyVersion",
    "machineID",
    "operatingSystem",
    "osImage",
    "systemUUID",
)


def _node(number: int) -> Body:
    size = {"cpu": "16", "memory": "65536Mi", "pods": "110"}
    labels = {"topology.kubernetes.io/zone": ZONES[number % 3], "kubernetes.io/hostname": f"node-{number}"}
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady"}
    return {
        "metadata": _meta(f"node-{number}", labels=labels),
        "spec": {"providerID": f"made-up:///node-{number}"},
        "status": {
            "capacity": size,
            "allocatable": size,
            "conditions": [ready],
            "nodeInfo": {**dict.fromkeys(_NODE_INFO, "made-up"), "kubeletVersion": "v1.36.2"},
        },
    }


def _template(app: str) -> Body:
    image = (
        "cr.weaviate.io/semitechnologies/weaviate:1.38.2" if app == "weaviate" else "registry.example/team/app:1.2.3"
    )
    path, mounted = ("/v1/.well-known/ready", "/var/lib/weaviate") if app == "weaviate" else ("/healthz", "/data")
    probe = {"httpGet": {"path": path, "port": 8080}, "periodSeconds": 10, "failureThreshold": 3}
    container = {
        "name": app,
        "image": image,
        "env": [{"name": f"SETTING_{i}", "value": f"value-{i}"} for i in range(12)],
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        "resources": {"requests": {"cpu": "250m", "memory": "512Mi"}, "limits": {"cpu": "1", "memory": "1Gi"}},
        "readinessProbe": probe,
        "livenessProbe": probe,
        "volumeMounts": [{"name": "data", "mountPath": mounted}],
    }
    sidecar = {**container, "name": "proxy", "image": "registry.example/mesh/proxy:3.1.0"}
    return {"containers": [container, sidecar], "volumes": [{"name": "data", "emptyDir": {}}], "priority": 0}


def _statefulset() -> Body:
    template = {"metadata": {"labels": {"app": "weaviate"}}, "spec": _template("weaviate")}
    spec = {"replicas": 3, "selector": {"matchLabels": {"app": "weaviate"}}, "template": template}
    counts = {"replicas": 3, "readyReplicas": 3}
    return {
        "metadata": _meta("weaviate", "weaviate"),
        "spec": {**spec, "serviceName": "weaviate-headless"},
        "status": counts,
    }


def _pod(name: str, namespace: str, node: int, owner: str, app: str) -> Body:
    spec = {**_template(app), "nodeName": f"node-{node}", "serviceAccountName": "default"}
    # What field managers note is a third of a real pod's bytes.
    fields: Body = {f'k:{{"name":"SETTING_{i}"}}': {".": {}, "f:name": {}, "f:value": {}} for i in range(12)}
    managed = [{"manager": "controller", "operation": "Update", "fieldsV1": {"f:spec": {"f:containers": fields}}}]
    owners = [{"kind": owner, "name": app, "controller": True, "apiVersion": "apps/v1", "uid": f"{owner}-{app}"}]
    states = [
        {"name": one["name"], "ready": True, "restartCount": 0, "image": one["image"], "imageID": one["image"]}
        | {"state": {"running": {"startedAt": "2026-11-01T08:00:05Z"}}, "lastState": {}}
        for one in spec["containers"]
    ]
    conditions = [
        {"type": kind, "status": "True"} for kind in ("Initialized", "Ready", "ContainersReady", "PodScheduled")
    ]
    return {
        "metadata": _meta(name, namespace, labels={"app": app}, ownerReferences=owners, managedFields=managed),
        "spec": spec,
        "status": {"phase": "Running", "qosClass": "Burstable", "conditions": conditions, "containerStatuses": states},
    }
