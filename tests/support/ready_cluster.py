"""The demonstration with every gap closed, as a snapshot: a cluster on which everything is right.

Self-managed with kubeadm, Calico and a repair of nodes in place of EKS. All data has three replicas; the versions are
the newest of the advisory tables that no known fault applies to.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import msgspec

from readiness_kit.kinds.sources import SOURCES
from readiness_kit.snapshot import Snapshot
from scripts.demo import cluster, make
from scripts.demo.names import NAMESPACE, ZONES, Object, named

VERSION, KUBERNETES = "1.40.2", "v1.36.2"
_SINGLE, _OLD = "Sessions", "1.38.2"
_CRDS = (
    "felixconfigurations.crd.projectcalico.org",
    "globalnetworkpolicies.crd.projectcalico.org",
    "networkpolicies.crd.projectcalico.org",
    "nodehealthchecks.remediation.medik8s.io",
)
_RULES = {
    "WeaviateDown": 'up{namespace="search",pod=~"weaviate-.*"} == 0',
    "WeaviateMemoryHigh": 'go_memstats_heap_inuse_bytes{namespace="search",pod=~"weaviate-.*"} > 30e9',
    "WeaviateErrors": 'rate(requests_total{namespace="search",status="server_error"}[5m]) > 0',
    "WeaviateBackupFailed": 'kube_job_status_failed{namespace="search",job_name=~"weaviate-backup.*"} > 0',
    "WeaviateQueriesSlow": "histogram_quantile(0.95, sum(rate(queries_durations_ms_bucket[5m])) by (le)) > 500",
}


def build(change: Callable[[dict[str, list[Object]]], None] | None = None) -> Snapshot:
    """The snapshot, made of raw objects and answers as that of the demonstration.

    `change` is applied to the raw objects (key of `kinds.KINDS` -> objects) before they are decoded.
    """

    def objects() -> dict[str, list[Object]]:
        raw = _objects()
        if change is not None:
            change(raw)
        return raw

    groups = (*cluster.GROUPS, "crd.projectcalico.org", "remediation.medik8s.io")
    with patch.multiple(cluster, objects=objects, REFUSED=(), GROUPS=groups):
        changed = make.build()
    text = msgspec.json.encode({key: _answer(key, value) for key, value in changed.answers.items()}).decode()
    plain = json.loads(text.replace(_OLD, VERSION))
    answers = {key: msgspec.convert(value, SOURCES[key]) for key, value in plain.items()}
    manifest = msgspec.structs.replace(changed.manifest, server_version=KUBERNETES)
    return msgspec.structs.replace(changed, answers=answers, manifest=manifest)


# --- objects --------------------------------------------------------------------------------------

_demonstration = cluster.objects


def _objects() -> dict[str, list[Object]]:
    """Key of `kinds.KINDS` -> raw objects of its list."""
    raw: dict[str, list[Object]] = json.loads(json.dumps(_demonstration()).replace(_OLD, VERSION))
    (weaviate,) = (item for item in raw["statefulsets"] if item["metadata"]["name"] == "weaviate")
    for owner in (weaviate["spec"]["template"], *raw["pods"]):
        _harden(owner["spec"])
    for pod in raw["pods"]:
        status = pod["status"]
        status |= {"initContainerStatuses": [], "qosClass": "Guaranteed"}
        status["containerStatuses"][0] |= {"restartCount": 0, "lastState": {}}
    for volume in raw["persistentvolumes"]:
        volume["spec"]["persistentVolumeReclaimPolicy"] = "Retain"
    for account in raw["serviceaccounts"]:
        account["automountServiceAccountToken"] = False
    for item in raw["namespaces"]:
        if item["metadata"]["name"] == NAMESPACE:
            item["metadata"]["labels"] |= {"pod-security.kubernetes.io/enforce": "restricted"}
    for service in raw["services"]:
        service["spec"]["type"] = "ClusterIP"
        service.pop("status", None)
    for policy in raw["networkpolicies"]:
        policy["spec"] |= _policy()
    raw["nodes"] = [*_nodes(raw["nodes"]), *_control_plane_nodes(raw["nodes"][0])]
    raw["pods"] += list(_api_servers())
    raw["daemonsets"] = [item for item in raw["daemonsets"] if item["metadata"]["name"] != "aws-node"]
    raw["daemonsets"] += [_calico(len(raw["nodes"]))]
    raw["customresourcedefinitions"] += [named(name) for name in _CRDS]
    raw |= {"caliconetworkpolicies": [], "globalnetworkpolicies": []}
    board = named("weaviate-overview", "observability", labels={"grafana_dashboard": "1"})
    raw["dashboardconfigmaps"] = [board]
    raw["leases"] = list(_api_server_leases())
    raw["felixconfigurations"] = [{**named("default"), "spec": {"wireguardEnabled": True}}]
    raw["nodehealthchecks"] = [{**named("all"), "spec": {"selector": {}}, "status": {"phase": "Enabled"}}]
    raw["poddisruptionbudgets"] = [
        {
            **named("weaviate", NAMESPACE),
            "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "weaviate"}}},
            "status": {"disruptionsAllowed": 1, "currentHealthy": 3, "desiredHealthy": 2, "expectedPods": 3},
        }
    ]
    return raw


def _harden(spec: Object) -> None:
    """The pod specification of Weaviate, on separate zones and nodes and within the restricted standard."""
    term = {"topologyKey": "topology.kubernetes.io/zone", "labelSelector": {"matchLabels": {"app": "weaviate"}}}
    spec["affinity"] = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    spec["initContainers"] = []
    spec["securityContext"]["seccompProfile"] = {"type": "RuntimeDefault"}
    spec["automountServiceAccountToken"] = False
    server = spec["containers"][0]
    server["securityContext"]["readOnlyRootFilesystem"] = True
    server["resources"] = {place: {"cpu": "6", "memory": "48Gi"} for place in ("requests", "limits")}
    changed = {"LOG_LEVEL": "info", "MEMORY_READONLY_PERCENTAGE": "90"}
    env = [item for item in server["env"] if item["name"] not in (*changed, "OPENAI_APIKEY")]
    key = {"secretKeyRef": {"name": "weaviate-openai", "key": "key"}}
    server["env"] = [
        *env,
        *({"name": name, "value": value} for name, value in changed.items()),
        {"name": "OPENAI_APIKEY", "valueFrom": key},
    ]


def _policy() -> Object:
    """Who may connect to the pods of Weaviate, and where they may connect to."""
    return {
        "podSelector": {"matchLabels": {"app": "weaviate"}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [
            {
                "from": [{"namespaceSelector": {"matchLabels": {"team": "storefront"}}}],
                "ports": [{"port": 8080, "protocol": "TCP"}, {"port": 50051, "protocol": "TCP"}],
            },
            {"from": [{"podSelector": {"matchLabels": {"app": "weaviate"}}}]},
        ],
        "egress": [{"to": [{"podSelector": {"matchLabels": {"app": "weaviate"}}}]}],
    }


def _nodes(raw: list[Object]) -> Iterator[Object]:
    """A second node for Weaviate in every zone, like the first."""
    for position, node in enumerate(raw):
        made = copy.deepcopy(raw[position - 1] if position % 3 == 1 else node)
        labels = made["metadata"]["labels"]
        labels.pop("eks.amazonaws.com/nodegroup", None)
        made["metadata"]["name"] = labels["kubernetes.io/hostname"] = node["metadata"]["name"]
        made["spec"]["providerID"] = f"baremetal://{position}"
        made["status"]["nodeInfo"] |= {"kubeletVersion": KUBERNETES, "osImage": "Debian GNU/Linux 13"}
        yield made


def _control_plane_nodes(like: Object) -> Iterator[Object]:
    for place, zone in enumerate(ZONES):
        made = copy.deepcopy(like)
        name = made["metadata"]["name"] = f"control-{place}"
        made["metadata"]["labels"] = {
            "kubernetes.io/hostname": name,
            "topology.kubernetes.io/zone": zone,
            "node-role.kubernetes.io/control-plane": "",
        }
        taint = {"key": "node-role.kubernetes.io/control-plane", "effect": "NoSchedule"}
        made["spec"] = {"providerID": f"baremetal://c{place}", "taints": [taint]}
        made["status"]["nodeInfo"]["kubeletVersion"] = KUBERNETES
        yield made


def _api_servers() -> Iterator[Object]:
    """API servers that encrypt Secrets at rest."""
    for place in range(len(ZONES)):
        command = ["kube-apiserver", "--encryption-provider-config=/etc/kubernetes/encryption.yaml"]
        container = {"name": "kube-apiserver", "image": "registry.k8s.io/kube-apiserver", "command": command}
        yield {
            **named(f"kube-apiserver-control-{place}", "kube-system", labels={"component": "kube-apiserver"}),
            "spec": {"nodeName": f"control-{place}", "containers": [container]},
            "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
        }


def _api_server_leases() -> Iterator[Object]:
    for place in range(len(ZONES)):
        labels = {"apiserver.kubernetes.io/identity": "kube-apiserver", "kubernetes.io/hostname": f"control-{place}"}
        times = {"renewTime": "2026-11-20T09:29:55.000000Z", "leaseDurationSeconds": 3600}
        yield {
            **named(f"apiserver-{place}", "kube-system", labels=labels),
            "spec": {"holderIdentity": f"apiserver-{place}_1", **times},
        }


def _calico(nodes: int) -> Object:
    labels = {"k8s-app": "calico-node"}
    spec = {
        "containers": [{"name": "calico-node", "image": "quay.io/calico/node:v3.31.2"}],
        "tolerations": [{"operator": "Exists"}],
    }
    return {
        **named("calico-node", "kube-system", labels=labels),
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}},
        "status": {"desiredNumberScheduled": nodes, "numberReady": nodes},
    }


# --- answers --------------------------------------------------------------------------------------


def _answer(key: str, value: Any) -> Any:
    """An answer as plain data, without the collection of one replica, a failed backup or a pod under pressure."""
    plain = msgspec.to_builtins(value)
    change = _CHANGES.get(key)
    return change(plain) if change else plain


def _schema(plain: Any) -> Any:
    kept = [item for item in plain["classes"] if item["class"] != _SINGLE]
    for item in kept:
        item["vectorConfig"]["default"]["vectorIndexConfig"]["rq"]["enabled"] = True
    return {**plain, "classes": kept}


def _backups(plain: Any) -> Any:
    for backup in plain["s3"]["entries"]:
        backup |= {"status": "SUCCESS"}
    return plain


def _nodes_verbose(plain: Any) -> Any:
    for node in plain["nodes"]:
        node["shards"] = [shard | {"compressed": True} for shard in node["shards"] if shard["class"] != _SINGLE]
    return plain


def _quiet(plain: Any) -> Any:
    """Every pod uses what the quietest one uses."""
    for name, column in plain.items():
        if isinstance(column, tuple) and len(column) == 3 and name != "pod":
            plain[name] = (column[2],) * 3
    plain["series"] = {name: [rows[2]] * 3 for name, rows in plain["series"].items()}
    return plain


def _samples(plain: Any) -> Any:
    kept = {
        name: [sample for sample in samples if sample.get("labels", {}).get("class_name") != _SINGLE]
        for name, samples in plain.items()
    }
    kept["heap_peak_7d"] = [sample | {"value": kept["heap_peak_7d"][2]["value"]} for sample in kept["heap_peak_7d"]]
    return kept


def _history(plain: Any) -> Any:
    """Nothing was restarted or killed."""
    return {**plain, "oom_last": (), "restarts_7d": [sample | {"value": 0.0} for sample in plain["restarts_7d"]]}


def _rules(plain: Any) -> Any:
    return [
        *plain,
        *({**plain[0], "name": name, "query": query, "group": "weaviate"} for name, query in _RULES.items()),
    ]


_CHANGES: dict[str, Any] = {
    "weaviate/schema": _schema,
    "weaviate/backups": _backups,
    "weaviate/nodes_verbose": _nodes_verbose,
    "prometheus/usage": _quiet,
    "prometheus/weaviate": _samples,
    "prometheus/history": _history,
    "prometheus/rules": _rules,
}
